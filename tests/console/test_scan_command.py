"""``fangxian scan``: a cluster that was put in is found, quiet tables hold none, odd tables are refused."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from fangxian.base.errors import InvalidInput
from fangxian.console.cli.scan import scan

PLACES = [f"P{number}" for number in range(9)]


def tables(folder: Path, *, raised: int) -> tuple[Path, Path]:
    """Write forty days of nine places on a grid of 10 km; two neighbours are raised in the last four days."""
    rng = np.random.default_rng(8)
    rows = ["date,location,value"]
    for day in range(40):
        mean = np.full(9, 4.0)
        if day >= 36:
            mean[[0, 1]] += raised
        counts = rng.poisson(mean)
        when = date(2026, 1, 1) + timedelta(days=day)
        rows += [f"{when},{place},{count}" for place, count in zip(PLACES, counts, strict=True)]
    where = [f"{place},{114 + 0.1 * (n % 3)},{36 + 0.1 * (n // 3)}" for n, place in enumerate(PLACES)]
    files = folder / "counts.csv", folder / "places.csv"
    files[0].write_text("\n".join(rows))
    files[1].write_text("\n".join(["location,longitude,latitude", *where]))
    return files


def test_cluster_is_told_with_its_chance(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two neighbours with three times their cases, told again alike for the same seed."""
    counts, places = tables(tmp_path, raised=9)
    scan(counts, places, replicates=99, json_=True, lang="en")
    said = capsys.readouterr().out
    first = json.loads(said)["clusters"][0]
    assert set(first["locations"]) == {"P0", "P1"}
    assert (first["first"], first["last"], first["steps"]) == ("2026-02-05", "2026-02-09", 5)
    assert first["probability"] == pytest.approx(0.01)
    assert first["expected"] == pytest.approx(
        5 * 2 * 4, abs=6
    )  # as before the rise: the rise teaches nothing
    assert first["unusual"]
    assert f"{first['observed']:.0f} cases in the 5 days to 2026-02-09" in first["reason"]
    assert "可能性为 1.0%" in first["words"]["zh"]
    scan(counts, places, replicates=99, json_=True, lang="en")
    assert capsys.readouterr().out == said


def test_what_comes_later_is_not_seen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As of a day before the rise there is nothing unusual, and the table's later rows change nothing."""
    counts, places = tables(tmp_path, raised=9)
    scan(counts, places, as_of="2026-02-05", replicates=99, level=0.01)
    said = capsys.readouterr().out
    assert "没有不寻常的聚集" in said
    lines = counts.read_text().splitlines()
    counts.write_text("\n".join(lines[: 1 + 9 * 36]))
    scan(counts, places, replicates=99, level=0.01)
    assert capsys.readouterr().out == said


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        (("P3,", "Q3,"), {}, "places.csv, column location: P3 have no coordinates"),
        (("36.1\nP4", "x\nP4"), {}, "places.csv, row 5, column latitude: 'x' is not a number"),
        (("", ""), {"steps": 20}, "There are 40 steps; a scan of 20 needs 100"),
        (("", ""), {"replicates": 5}, "--replicates cannot be 5. Write a whole number of at least 19"),
        (("", ""), {"largest_share": 2.0}, "--largest-share cannot be 2. Write a number from 0.01 to 1"),
        (("", ""), {"level": float("nan")}, "--level cannot be nan"),
        (("", ""), {"as_of": "2025-01-01"}, "There is nothing from"),
        (("", ""), {"lang": "fr"}, "There is no language fr"),
    ],
)
def test_odd_input_is_named_with_its_remedy(
    tmp_path: Path, change: tuple[str, str], options: dict[str, object], message: str
) -> None:
    """A place without coordinates, a cell that is no number, too little past, options out of range."""
    counts, places = tables(tmp_path, raised=0)
    places.write_text(places.read_text().replace(*change) if change[0] else places.read_text())
    with pytest.raises(InvalidInput, match=message):
        scan(counts, places, **options)  # type: ignore[arg-type]
