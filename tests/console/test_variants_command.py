"""``fangxian variants``: growth advantages from a table of sequences."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fangxian.base.errors import InvalidInput
from fangxian.console.cli.variants import variants

TABLE = "date,lineage,count\n" + "".join(
    f"2026-01-{day:02},{name},{count}\n"
    for day, old, new in ((1, 100, 5), (8, 100, 10), (15, 100, 20))
    for name, count in (("A", old), ("B", new))
)


def test_odds_that_double_in_a_week(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """B against A doubles every seven days; with 5-day generations it spreads 1.6 times as fast."""
    path = tmp_path / "counts.csv"
    path.write_text(TABLE)
    variants(path, generation_days=5.0, json_=True)
    a, b = json.loads(capsys.readouterr().out)
    assert (a["lineage"], a["advantage_per_day"], a["odds_double_days"]) == ("A", 0, None)
    assert b["odds_double_days"] == pytest.approx(7, abs=0.1)
    assert b["lower"] < b["advantage_per_day"] < b["upper"]
    assert b["reproduction_ratio"] == pytest.approx(1.59, abs=0.02)
    variants(path, reference="B")
    assert "A: " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "reference", "message"),
    [
        (TABLE, "C", "Choose one of A, B"),
        ("date,lineage\n2026-01-01,A\n", None, "with the columns date,lineage,count"),
        ("date,lineage,count\n", None, "It holds no row"),
        (
            "date,lineage,count\n2026-01-01,A,-3\n",
            None,
            "counts.csv, row 2, column count: -3 is out of range",
        ),
        ("date,lineage,count\n1.1.2026,A,3\n", None, "row 2, column date: '1.1.2026' is not a date"),
        ("date,lineage,count\n2026-01-01,A,3\n2026-01-01,B,3\n", None, "sequences on two days or more"),
    ],
)
def test_a_wrong_table_is_answered(text: str, reference: str | None, message: str, tmp_path: Path) -> None:
    """Every refusal says what to give."""
    path = tmp_path / "counts.csv"
    path.write_text(text)
    with pytest.raises(InvalidInput) as caught:
        variants(path, reference=reference)
    assert message in str(caught.value)


def test_a_generation_takes_time(tmp_path: Path) -> None:
    """Refused in both languages before the table is read."""
    with pytest.raises(InvalidInput, match="--generation-days cannot be -1"):
        variants(tmp_path / "counts.csv", generation_days=-1.0)
