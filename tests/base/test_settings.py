"""Parameter records from a table of names and values."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from fangxian.base.errors import InvalidInput
from fangxian.base.settings import read_records
from fangxian.base.tables import Folder


@dataclass(frozen=True)
class Rules:
    """Numbers with defaults."""

    people: int = 10
    share: float = 0.5
    hours: tuple[int, ...] = (8, 17)

    def __post_init__(self) -> None:
        if self.share > 1.0:
            raise ValueError(f"Rules: share must be at most 1 (got {self.share}); give a share")


@dataclass(frozen=True)
class Prices:
    """Another record in the same table."""

    tube: float = 4.0


def read(path: Path, rows: str) -> tuple[Folder, Rules, Prices]:
    """Return the records of a table with these rows, and the folder with its findings."""
    (path / "rules.csv").write_text(f"name,value\n{rows}", encoding="utf-8")
    folder = Folder(path)
    rules, prices = read_records(folder, "rules.csv", Rules, Prices)
    return folder, rules, prices


def test_values_go_to_the_record_that_has_them_and_the_rest_keeps_its_defaults(tmp_path: Path) -> None:
    """Whole numbers stay whole, several stand in one cell."""
    folder, rules, prices = read(tmp_path, "people,12.0\ntube,3\nhours,7 12 19\n")
    folder.refuse()
    assert (rules, prices) == (Rules(12, 0.5, (7, 12, 19)), Prices(3.0))
    assert isinstance(rules.people, int) and isinstance(prices.tube, float)


def test_without_the_table_all_is_as_usual(tmp_path: Path) -> None:
    """It may be missing."""
    folder = Folder(tmp_path)
    assert read_records(folder, "rules.csv", Rules, Prices) == (Rules(), Prices())
    folder.refuse()


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("people,2.5", "rules.csv, row 2, column value: '2.5' is not the number wanted here."),
        ("people,inf", "rules.csv, row 2, column value: 'inf' is not the number wanted here."),
        ("share,half", "rules.csv, row 2, column value: 'half' is not the number wanted here."),
        ("share,NAN", "rules.csv, row 2, column value: 'NAN' is not the number wanted here."),
        ("hours,8-17", "rules.csv, row 2, column value: '8-17' is not the number wanted here."),
        ("share,2", "rules.csv, column value: The values do not hold: Rules: share must be at most 1"),
        ("colour,3", "rules.csv, row 2, column name: 'colour' is not one of the words allowed."),
    ],
)
def test_a_value_that_does_not_fit_is_named_and_the_default_stands(
    tmp_path: Path, row: str, message: str
) -> None:
    """The other tables can still be checked against the default."""
    folder, rules, _ = read(tmp_path, row + "\n")
    assert rules == Rules()
    with pytest.raises(InvalidInput) as caught:
        folder.refuse()
    (fault,) = caught.value.findings
    assert fault.sentence().startswith(message)


def test_a_name_given_twice_is_refused(tmp_path: Path) -> None:
    """Which of the two was meant nobody can tell."""
    folder, _, _ = read(tmp_path, "people,1\npeople,2\n")
    assert [fault.code for fault in folder.findings] == ["row-twice"]


def test_two_records_with_one_name_are_refused(tmp_path: Path) -> None:
    """One row of the table would go to both."""

    @dataclass(frozen=True)
    class Other:
        """Has a name that another record has."""

        doses: int = 1

    (tmp_path / "rules.csv").write_text("name,value\ndoses,3\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"no two records may share a name \(got \['doses'\]\)"):
        read_records(Folder(tmp_path), "rules.csv", Other, Other)
