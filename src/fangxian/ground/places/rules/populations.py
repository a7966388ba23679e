"""Tables of population by age."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from fangxian.base.errors import Finding
from fangxian.ground.places.rules.divisions import text_findings
from fangxian.ground.places.rules.tables import Table, plain, whole_number
from fangxian.ground.places.rules.wording import Cell, finding

REQUIRED = ("place_code", "year", "age_low", "age_high", "people", "source")


@dataclass(frozen=True, slots=True)
class PopulationRow:
    """People from ``age_low`` to ``age_high`` inclusive (None: and over) of a place in a year."""

    place_code: str
    year: int
    age_low: int
    age_high: int | None
    people: int
    source: str
    file: str
    row: int

    @property
    def key(self) -> tuple[str, int, int, int | None]:
        """What may be stated only once."""
        return self.place_code, self.year, self.age_low, self.age_high


@dataclass
class PopulationRows:
    """What a table of population says, and what is wrong with it."""

    rows: list[PopulationRow] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    read: int = 0


def read_populations(table: Table) -> PopulationRows:
    """Read a table of population; an empty ``age_high`` means "and over"."""
    result = PopulationRows(findings=list(table.findings), read=table.rows_read)
    missing = table.missing(REQUIRED) if table.columns else []
    if missing or not table.columns:
        result.findings += missing
        return result
    first: dict[tuple[str, int, int, int | None], int] = {}
    for number, values in table.rows:
        row, wrong = _population_row(table.name, number, dict(zip(table.columns, values, strict=True)))
        if row is not None and first.setdefault(row.key, number) != number:
            cell = Cell(table.name, number, "age_low", "/".join(map(str, row.key)))
            wrong, row = [finding("code-duplicate", cell, first=f"row {first[row.key]}")], None
        result.findings += wrong
        if row is not None:
            result.rows.append(row)
    return result


def _population_row(
    file: str, number: int, said: dict[str, str]
) -> tuple[PopulationRow | None, list[Finding]]:
    def cell(column: str) -> Cell:
        return Cell(file, number, column, said[column].strip())

    year, low = whole_number(cell("year"), 1900, 2200), whole_number(cell("age_low"), 0, 130)
    high, people = whole_number(cell("age_high"), 0, 130), whole_number(cell("people"))
    wrong = [one for one in (year, low, high, people) if isinstance(one, Finding)]
    required = {"year": year, "age_low": low, "people": people}
    wrong += [finding("value-missing", cell(column)) for column, value in required.items() if value is None]
    wrong += text_findings(cell("place_code"), 32) + text_findings(cell("source"), 200)
    if isinstance(low, int) and isinstance(high, int) and high < low:
        wrong.append(finding("age-reversed", cell("age_high"), low=low))
    if wrong or not (isinstance(year, int) and isinstance(low, int) and isinstance(people, int)):
        return None, wrong
    upper = high if isinstance(high, int) else None
    source = said["source"].strip()
    return PopulationRow(plain(said["place_code"]), year, low, upper, people, source, file, number), []


def total_people(bands: Iterable[tuple[int, int | None, int]]) -> int | None:
    """Return the total of (low, high, people): the band of all ages, or bands that cover every age once.

    Bands that overlap or leave a gap give None: part of a population is not a population.
    """
    ordered = sorted(bands, key=lambda band: (band[0], band[1] is not None, band[1] or 0))
    for low, high, people in ordered:
        if low == 0 and high is None:
            return people
    expected: int | None = 0
    for low, high, _ in ordered:
        if low != expected:
            return None
        expected = None if high is None else high + 1
    return sum(people for _, _, people in ordered) if ordered and expected is None else None
