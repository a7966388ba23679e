"""What an import of places would change, compared with what is already there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from fangxian.base.errors import Finding
from fangxian.ground.places.rules.divisions import PlaceRow, duplicates
from fangxian.ground.places.rules.wording import Cell, finding


@dataclass(frozen=True, slots=True)
class KnownPlace:
    """A place as the system holds it."""

    id: int
    code: str
    name: str
    name_en: str
    level: int
    country: str
    parent_code: str | None
    population: int | None
    valid_from: date | None
    valid_to: date | None
    successor_code: str | None
    tree: tuple[int, int]


@dataclass
class Comparison:
    """Rows sorted by what they would do."""

    new: list[PlaceRow] = field(default_factory=list)
    changed: list[PlaceRow] = field(default_factory=list)
    unchanged: int = 0
    findings: list[Finding] = field(default_factory=list)


def compare(rows: Sequence[PlaceRow], known: Mapping[str, KnownPlace], country: str) -> Comparison:
    """Sort rows into new, changed and unchanged; what cannot be taken becomes a finding."""
    result = Comparison(findings=duplicates(rows))
    levels = {code: place.level for code, place in known.items()}
    levels.update((row.code, row.level) for row in rows)
    repeated = {(one.file, one.row) for one in result.findings}
    for row in rows:
        if (row.file, row.row) in repeated:
            continue
        wrong = _relations(row, levels)
        place = known.get(row.code)
        if place is not None and place.country != country:
            wrong.append(finding("country-clash", _cell(row, "code", row.code), country=place.country))
        if wrong:
            result.findings += wrong
        elif place is None:
            result.new.append(row)
        else:
            _compare_known(row, place, result)
    return result


def _cell(row: PlaceRow, column: str, value: str | None) -> Cell:
    return Cell(row.file, row.row, column, value)


def _relations(row: PlaceRow, levels: Mapping[str, int]) -> list[Finding]:
    if row.successor_code is not None and row.successor_code not in levels:
        return [finding("successor-unknown", _cell(row, "successor_code", row.successor_code))]
    if row.parent_code is None:
        return []
    parent = _cell(row, "parent_code", row.parent_code)
    if row.parent_code not in levels:
        return [finding("parent-unknown", parent)]
    if levels[row.parent_code] >= row.level and row.parent_code != row.successor_code:
        return [finding("parent-level", parent, parent_level=levels[row.parent_code], level=row.level)]
    return []


def _compare_known(row: PlaceRow, place: KnownPlace, result: Comparison) -> None:
    if place.successor_code is not None and row.successor_code != place.successor_code:
        result.unchanged += 1
        cell = _cell(row, "code", row.code)
        result.findings.append(
            finding("place-ended", cell, date=place.valid_to, successor=place.successor_code)
        )
        return
    same = (
        row.name == place.name
        and (place.successor_code is not None or row.parent_code == place.parent_code)
        and row.level == place.level
        and row.name_en in (None, place.name_en)
        and row.population in (None, place.population)
        and row.valid_from in (None, place.valid_from)
        and row.valid_to in (None, place.valid_to)
        and row.successor_code in (None, place.successor_code)
    )
    if same:
        result.unchanged += 1
    else:
        result.changed.append(row)
