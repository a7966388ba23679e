"""``fangxian rt``: the published list, and what it says of input that it cannot use."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fangxian.base.errors import InvalidInput
from fangxian.console.cli import app
from shared_data import shared_path

INTERVAL = ["--si-mean", "2.6", "--si-sd", "1.5"]


def _run(*arguments: str) -> list[dict[str, object]]:
    result = CliRunner().invoke(app, ["rt", *arguments, "--json"], catch_exceptions=False)
    return list(json.loads(result.stdout))


def _file(folder: Path, text: str, name: str = "series.csv") -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def _flu(folder: Path) -> str:
    rows = shared_path("expected/flu2009_incidence.csv").read_text().splitlines()[1:]
    return _file(folder, "date,value\n" + "\n".join(rows) + "\n")


def test_windows_have_the_published_keys_and_the_reference_numbers(tmp_path: Path) -> None:
    """The first window of the influenza series is that of EpiEstim."""
    first = _run(_flu(tmp_path), *INTERVAL)[0]
    assert list(first) == ["start", "end", "mean", "sd", "lower", "median", "upper"]
    assert (first["start"], first["end"]) == ("2009-04-28", "2009-05-04")
    assert first["mean"] == pytest.approx(1.73579766369495, abs=1e-6)
    assert first["upper"] == pytest.approx(2.62478130844382, abs=1e-6)


def test_interval_from_a_file_and_window_length(tmp_path: Path) -> None:
    """A table of lags replaces mean and deviation, and the window may be one day."""
    interval = _file(tmp_path, "lag,probability\n0,0\n1,0.6\n2,0.4\n", "interval.csv")
    series = _file(tmp_path, "date,value\n2024-01-01,10\n2024-01-02,20\n2024-01-03,30\n")
    rows = _run(series, "--si", interval, "--window", "1")
    assert [row["start"] for row in rows] == ["2024-01-02", "2024-01-03"]
    # shape 1 + 20, scale 1 / (1/5 + 6)
    assert rows[0]["mean"] == pytest.approx(21 / 6.2)


def test_an_uncertain_interval_is_mixed_exactly_or_as_epiestim_samples_it(tmp_path: Path) -> None:
    """Sampled, the first window is the one that EpiEstim prints; computed, it is near."""
    uncertain = [*INTERVAL, "--si-mean-sd", "1", "--si-mean-min", "1", "--si-mean-max", "4.2"]
    uncertain += ["--si-sd-sd", "0.5", "--si-sd-min", "0.5", "--si-sd-max", "2.5"]
    sampled = ["--si-mixture", "sampled", "--n1", "100", "--n2", "100", "--seed", "1"]
    first = _run(_flu(tmp_path), *uncertain, *sampled)[0]
    assert first["mean"] == pytest.approx(1.88732414458065, abs=1e-6)
    assert first["sd"] == pytest.approx(0.697210483052277, abs=1e-6)
    assert first["upper"] == pytest.approx(3.61269491944056, abs=1e-6)
    exact = _run(_flu(tmp_path), *uncertain)[0]
    assert exact["median"] == pytest.approx(first["median"], rel=0.05)
    assert exact["median"] != first["median"]


@pytest.mark.parametrize("method", ["wallinga-teunis", "renewal"])
def test_every_method_answers_in_the_same_form(tmp_path: Path, method: str) -> None:
    """Numbers are ordered, and the days are those of the series."""
    rows = _run(_flu(tmp_path), *INTERVAL, "--method", method)
    assert rows[-1]["end"] == "2009-05-28"
    for row in rows:
        assert row["lower"] <= row["median"] <= row["upper"]  # type: ignore[operator]


def test_weekly_sums_with_a_delay_give_r_on_each_day_of_infection(tmp_path: Path) -> None:
    """Eight weeks of level counts: fifty-six days, and R near 1 in the middle."""
    days = [f"2024-{month:02d}-{day:02d},140" for month, day in ((1, 1), (1, 8), (1, 15), (1, 22), (1, 29))]
    days += [f"2024-02-{day:02d},140" for day in (5, 12, 19)]
    delay = _file(tmp_path, "lag,probability\n0,0.2\n1,0.5\n2,0.3\n", "delay.csv")
    series = _file(tmp_path, "date,value\n" + "\n".join(days))
    rows = _run(series, *INTERVAL, "--method", "renewal", "--delay", delay)
    assert (rows[0]["start"], rows[-1]["end"]) == ("2024-01-01", "2024-02-25")
    assert rows[28]["median"] == pytest.approx(1, abs=0.1)


def test_a_missing_day_is_null_and_not_a_number(tmp_path: Path) -> None:
    """An empty value and a date without row are unknown: their windows are null."""
    days = [f"2024-01-{day:02d},{10 + day}" for day in range(1, 21) if day != 12]
    rows = _run(_file(tmp_path, "date,value\n" + "\n".join(days)), *INTERVAL, "--window", "3")
    by_end = {row["end"]: row["mean"] for row in rows}
    assert by_end["2024-01-11"] is not None
    assert by_end["2024-01-12"] is None


def test_days_without_counts_are_bridged_by_the_level(tmp_path: Path) -> None:
    """Growth, a week unknown, a lower level and growth: R below 1 between, above on both sides."""
    level = [100 * 1.1**day for day in range(7)] + [30 * 1.1**day for day in range(7)]
    days = [f"2024-01-{day:02d}" for day in (*range(1, 8), *range(15, 22))]
    text = "date,value\n" + "".join(f"{day},{round(value)}\n" for day, value in zip(days, level, strict=True))
    rows = _run(_file(tmp_path, text), "--si-mean", "3", "--si-sd", "1.5", "--method", "renewal")
    before, between, after = (float(str(rows[day]["median"])) for day in (3, 10, 20))
    assert before > 1.1
    assert between < 0.8
    assert after > 1.1


def test_windows_whose_infectees_are_not_yet_ill_are_said_to_read_low(tmp_path: Path) -> None:
    """Wallinga-Teunis looks forward; the note stands beside the list, not in it."""
    result = CliRunner().invoke(
        app, ["rt", _flu(tmp_path), *INTERVAL, "--method", "wallinga-teunis", "--json"]
    )
    assert "Windows that end after 2009-05-22 read low" in result.stderr
    assert len(json.loads(result.stdout)) == 25


def test_text_shows_a_dash_where_nothing_is_known(tmp_path: Path) -> None:
    """Without --json a table is printed."""
    series = _file(tmp_path, "date,value\n2024-01-01,3\n2024-01-02,\n2024-01-03,4\n")
    result = CliRunner().invoke(app, ["rt", series, *INTERVAL, "--window", "1"], catch_exceptions=False)
    assert result.stdout.splitlines()[1].split() == ["2024-01-02", "2024-01-02", "-"]


@pytest.mark.parametrize(
    ("text", "arguments", "message"),
    [
        ("date,value\n2024-01-01,-3\n", INTERVAL, "series.csv, row 2, column value: A new count is negative"),
        ("date,value\n2024-01-01,3\n01/02/2024,4\n", INTERVAL, "row 3, column date: '01/02/2024' is not a"),
        (
            "date,value\n2024-01-01,3\n2024-01-01,4\n",
            INTERVAL,
            "row 3, column date: This row stands here twice",
        ),
        ("date,value\n2024-01-01,three\n", INTERVAL, "'three' is not a number. Correct it; leave a number"),
        ("day,value\n2024-01-01,3\n", INTERVAL, "lacks the columns date"),
        ("date,value\n", INTERVAL, "It holds no row"),
        ("date,value\n0001-01-01,3\n2024-01-02,3\n2024-01-03,3\n", INTERVAL, "lie too far apart"),
        ("date,value\n2024-01-01,3\n2024-01-08,4\n2024-01-15,4\n", INTERVAL, "a week apart"),
        ("date,value\n2024-01-01,3\n", [], "Give --si FILE, or both --si-mean and --si-sd"),
        ("date,value\n2024-01-01,3\n", ["--si-mean", "0.5", "--si-sd", "1"], "The mean must exceed 1 day"),
        ("date,value\n2024-01-01,3\n", [*INTERVAL, "--method", "magic"], "Use one of cori, wallinga-teunis"),
        ("date,value\n2024-01-01,3\n", [*INTERVAL, "--si-mean-sd", "1"], "uncertain in part only"),
        (
            "date,value\n2024-01-01,3\n",
            [*INTERVAL, "--si-mean-sd", "1", "--si-sd-sd", "1", "--si-mean-min", "3"],
            "the ends must hold the middle (got 3 and 5.6 for 2.6)",
        ),
        (
            "date,value\n2024-01-01,3\n",
            [*INTERVAL, "--si-mean-sd", "1", "--si-sd-sd", "1", "--method", "renewal"],
            "renewal takes no uncertain interval",
        ),
        ("date,value\n2024-01-01,3\n", [*INTERVAL, "--seed", "3"], "Add --si-mixture sampled"),
        ("date,value\n2024-01-01,3\n", [*INTERVAL, "--si-mixture", "some"], "Use one of exact, sampled"),
        ("date,value\n2024-01-01,3\n", [*INTERVAL, "--window", "0"], "window_days must be at least 1"),
    ],
)
def test_unusable_input_is_named_with_its_remedy(
    tmp_path: Path, text: str, arguments: list[str], message: str
) -> None:
    """File, row, column, value and what to do are said."""
    with pytest.raises(InvalidInput) as caught:
        _run(_file(tmp_path, text), *arguments)
    assert message in str(caught.value)


def test_an_interval_with_mass_at_zero_or_a_gap_is_refused(tmp_path: Path) -> None:
    """Lags start at 0 and leave none out; nobody infects on the day of onset."""
    series = _file(tmp_path, "date,value\n2024-01-01,3\n2024-01-02,3\n")
    gap = _file(tmp_path, "lag,probability\n0,0\n2,1\n", "interval.csv")
    with pytest.raises(InvalidInput, match="row 3, column lag: '2' should be 1"):
        _run(series, "--si", gap)
    mass = _file(tmp_path, "lag,probability\n0,0.5\n1,0.5\n", "interval.csv")
    with pytest.raises(InvalidInput, match="entry 0 equal to 0"):
        _run(series, "--si", mass)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((*INTERVAL, "--window", "40"), "A window has 40 days and the series 32"),
        (("--si-mean", "500", "--si-sd", "1"), "100% of the serial interval is longer than the 32 days"),
    ],
)
def test_a_series_too_short_is_refused_with_its_days(
    tmp_path: Path, options: tuple[str, ...], message: str
) -> None:
    """No empty list, and no number from an interval that the series cannot hold."""
    result = CliRunner().invoke(app, ["rt", _flu(tmp_path), *options])
    assert isinstance(result.exception, InvalidInput)
    assert message in result.exception.message["en"]


@pytest.mark.parametrize("method", ["cori", "wallinga-teunis", "renewal"])
def test_a_new_definition_is_no_transmission_when_it_is_told(tmp_path: Path, method: str) -> None:
    """Counts triple on the day of a new definition: R as if they had not, or null where it is unknown."""
    steady = [round(100 * 1.01**day) for day in range(60)]
    tripled = [value * (3 if day >= 40 else 1) for day, value in enumerate(steady)]
    days = [f"2024-{1 + day // 31:02}-{1 + day % 31:02}" for day in range(60)]
    plain, shifted = (
        _file(
            tmp_path, "date,value\n" + "".join(f"{d},{v}\n" for d, v in zip(days, values, strict=True)), name
        )
        for values, name in ((steady, "plain.csv"), (tripled, "shifted.csv"))
    )
    how = [*INTERVAL, "--method", method]
    rows, told = _run(plain, *how), _run(shifted, *how, "--level-shift", days[40])
    for row, one in zip(rows, told, strict=True):
        if one["median"] is not None and row["end"] < days[50]:  # Wallinga-Teunis sees no later days
            assert one["median"] == pytest.approx(row["median"], rel=0.1)
    assert one["median"] is not None
    numbers = ("mean", "sd", "lower", "median", "upper")
    assert all(len({one[name] is None for name in numbers}) == 1 for one in told)
    untold = max(float(str(row["median"])) for row in _run(shifted, *how))
    assert untold > 1.4 * max(float(str(row["median"])) for row in rows[-20:])


@pytest.mark.parametrize("day", ["2024-01-01", "2024-02-01"])
def test_a_new_definition_must_lie_within_the_series(tmp_path: Path, day: str) -> None:
    """The first day is no change, and a day after the series is none of it."""
    series = _file(tmp_path, "date,value\n" + "".join(f"2024-01-{day:02},5\n" for day in range(1, 21)))
    with pytest.raises(InvalidInput, match="level shift of"):
        _run(series, *INTERVAL, "--level-shift", day)
