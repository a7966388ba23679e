"""``fangxian datasets`` says what a descriptor reads, and its exit status says whether something is wrong."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner, Result

from fangxian.console.cli.datasets import app
from plans.datasets.tiny import TABLE, descriptor_text


def _check(descriptor: Path, data: Path) -> Result:
    return CliRunner().invoke(app, ["check", str(descriptor), "--data", str(data), "--lang", "en"])


def test_check_prints_what_was_read_and_ends_with_1_on_an_error(tmp_path: Path) -> None:
    """A clean file ends with 0; one unreadable cell ends with 1 and is named by row and value."""
    (tmp_path / "mine.toml").write_text(descriptor_text(TABLE), encoding="utf-8")
    data = tmp_path / "counts.csv"
    data.write_text("day,place,cases\n2021-03-04,a,5\n2021-03-05,a,9\n")
    clean = _check(tmp_path / "mine.toml", tmp_path)
    assert clean.exit_code == 0
    assert "rows read 2 = used 2" in clean.output
    assert "places 2: 1 全国 Nation, 1 省 Province" in clean.output
    assert "days 2: 2021-03-04 to 2021-03-05" in clean.output
    data.write_text("day,place,cases\n2021-03-04,a,five\n")
    wrong = _check(tmp_path / "mine.toml", data)
    assert wrong.exit_code == 1
    assert "counts.csv, row 2, column cases: new_cases: 'five' is not a number" in wrong.output


def test_list_names_the_shipped_descriptors() -> None:
    """All four, with their licence."""
    output = CliRunner().invoke(app, ["list"]).output
    for name in ("china-cities-2020", "china-provinces", "italy-regions", "shanghai-districts-2022"):
        assert name in output
    assert "CC-BY-4.0" in output
