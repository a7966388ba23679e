"""``fangxian nowcast``: the published list, and what it says of input that it cannot use."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fangxian.base.errors import InvalidInput
from fangxian.console.cli import app

KEYS = ["date", "reported", "share", "mean", "sd", "lower", "lower50", "median", "upper50", "upper"]


def _run(*arguments: str) -> list[dict[str, float]]:
    result = CliRunner().invoke(app, ["nowcast", *arguments, "--json"], catch_exceptions=False)
    return list(json.loads(result.stdout))


def _file(folder: Path, text: str, name: str = "table.csv") -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def _people(folder: Path, head: str = "event,report") -> str:
    rows = [
        f"2024-01-{day:02d},2024-01-{day + delay:02d}"
        for day in range(1, 21)
        for delay in (0, 1, 1, 2, 2, 2, 3, 4)
    ]
    return _file(folder, "\n".join([head, *rows, "2024-01-20,", ",2024-01-20"]) + "\n")


def test_days_have_the_published_keys_and_reports_after_the_view_are_not_used(tmp_path: Path) -> None:
    """As of the 15th, each day is known in part; the 16th does not exist yet."""
    rows = _run(_people(tmp_path), "--as-of", "2024-01-15", "--days", "5")
    assert [list(row) for row in rows] == [KEYS] * 5
    assert [row["reported"] for row in rows] == [8, 7, 6, 3, 1]
    assert rows[-1]["date"] == "2024-01-15"
    for row in rows:
        assert row["reported"] <= row["lower"] <= row["lower50"] <= row["median"] <= row["upper"]
    assert rows[-2]["upper"] > 5


def test_sums_by_event_and_report_give_the_same_as_people(tmp_path: Path) -> None:
    """A table of sums is the same triangle."""
    people = _run(_people(tmp_path), "--as-of", "2024-01-15")
    sums = [
        f"2024-01-{day:02d},2024-01-{day + delay:02d},{number}"
        for day in range(1, 21)
        for delay, number in ((0, 1), (1, 2), (2, 3), (3, 1), (4, 1))
    ]
    table = _file(tmp_path, "onset,told,n\n" + "\n".join(sums), "sums.csv")
    options = ["--event-column", "onset", "--report-column", "told", "--count-column", "n"]
    assert _run(table, "--as-of", "2024-01-15", *options) == people


def test_counts_with_a_known_delay(tmp_path: Path) -> None:
    """A series and a delay replace the line list; a day without value is null and has an estimate."""
    days = [f"2024-01-{day:02d},{'' if day == 10 else 50}" for day in range(1, 20)]
    delay = _file(tmp_path, "lag,probability\n0,0.5\n1,0.5\n", "delay.csv")
    rows = _run(_file(tmp_path, "date,value\n" + "\n".join(days)), "--delay", delay)
    assert rows[9]["reported"] is None
    assert 25 < rows[9]["median"] < 80
    assert rows[-1]["share"] == 0.5
    assert rows[-1]["median"] > 60


def test_text_is_a_table(tmp_path: Path) -> None:
    """Without --json people can read it."""
    result = CliRunner().invoke(app, ["nowcast", _people(tmp_path), "--days", "2"], catch_exceptions=False)
    assert len(result.stdout.splitlines()) == 3


@pytest.mark.parametrize(
    ("text", "arguments", "message"),
    [
        (
            "event,report\n2024-01-02,2024-01-01\n",
            [],
            "row 2, column report: '2024-01-01' is before the event",
        ),
        (
            "event,report\n2.1.2024,2024-01-01\n",
            [],
            "row 2, column event: '2.1.2024' is not a date. Write it as",
        ),
        (
            "event,told\n2024-01-01,2024-01-01\n",
            [],
            "lacks the columns report (it has event, told). Name the columns with",
        ),
        ("event,report\n2024-01-01,2024-01-01\n", ["--as-of", "2023-01-01"], "has no record by that day"),
        ("event,report\n", [], "It holds no row"),
        (
            "event,report,n\n2024-01-01,2024-01-01,-1\n",
            ["--count-column", "n"],
            "column n: -1 is out of range. It must be at least 0",
        ),
        ("event,report,n\n2024-01-01,2024-01-01,x\n", ["--count-column", "n"], "'x' is not a number"),
    ],
)
def test_unusable_input_is_named_with_its_remedy(
    tmp_path: Path, text: str, arguments: list[str], message: str
) -> None:
    """File, row, column, value and what to do are said."""
    with pytest.raises(InvalidInput) as caught:
        _run(_file(tmp_path, text), *arguments)
    assert message in str(caught.value)
