"""Tables of places: the Chinese statistical divisions by level, and the plain table for any country."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from fangxian.base.errors import Finding
from fangxian.ground.places.rules.tables import Table, day, plain, read_csv, whole_number
from fangxian.ground.places.rules.wording import Cell, finding

NAME_LIMIT = 100
CODE_LIMIT = 32
DIGITS: Final = {1: 2, 2: 4, 3: 6, 4: 9, 5: 12}
"""Digits of a Chinese statistical code at each level."""
ANCESTOR_COLUMNS: Final = {"provinceCode": 2, "cityCode": 4, "areaCode": 6, "streetCode": 9}


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """One place as a file states it; None means that the file says nothing about it."""

    code: str
    name: str
    parent_code: str | None
    level: int
    file: str
    row: int
    name_en: str | None = None
    population: int | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    successor_code: str | None = None


@dataclass
class PlaceRows:
    """What files of places say, and what is wrong with them."""

    rows: list[PlaceRow] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    read: int = 0


def read_divisions(files: Iterable[tuple[str, bytes]]) -> PlaceRows:
    """Read files of the Chinese divisions; the columns of a file tell its level."""
    result = PlaceRows()
    for name, content in files:
        table = read_csv(name, content)
        result.read += table.rows_read
        result.findings += table.findings
        if table.columns:
            _read_level(table, result)
    return result


def _read_level(table: Table, result: PlaceRows) -> None:
    missing = table.missing(["code", "name"])
    ancestors = [
        (column, digits, table.columns.index(column))
        for column, digits in ANCESTOR_COLUMNS.items()
        if column in table.columns
    ]
    level = 1 + max((list(ANCESTOR_COLUMNS).index(column) + 1 for column, _, _ in ancestors), default=0)
    if missing:
        result.findings += missing
        return
    code_at, name_at = table.columns.index("code"), table.columns.index("name")
    digits = DIGITS[level]
    parent_digits = DIGITS[level - 1] if level > 1 else 0
    for number, values in table.rows:
        code, name = values[code_at].strip(), values[name_at].strip()
        if len(code) != digits or not (code.isascii() and code.isdigit()):
            code = plain(code)
        wrong = [
            finding(
                "ancestor-mismatch",
                Cell(table.name, number, column, values[at]),
                place_code=code,
                expected=code[:n],
            )
            for column, n, at in ancestors
            if values[at] != code[:n] and plain(values[at]) != code[:n]
        ]
        if len(code) != digits or not code.isdigit():
            wrong = [finding("code-invalid", Cell(table.name, number, "code", code), digits=digits)]
        wrong += text_findings(Cell(table.name, number, "name", name), NAME_LIMIT)
        if wrong:
            result.findings += wrong
        else:
            result.rows.append(PlaceRow(code, name, code[:parent_digits] or None, level, table.name, number))


def text_findings(cell: Cell, limit: int, *, required: bool = True) -> list[Finding]:
    """Return what is wrong with a text: absent though required, or too long to keep."""
    length = len(cell.value or "")
    if required and not length:
        return [finding("value-missing", cell)]
    return [finding("value-too-long", cell, length=length, limit=limit)] if length > limit else []


def read_places(table: Table) -> PlaceRows:
    """Read the plain table of places that serves any country."""
    result = PlaceRows(findings=list(table.findings), read=table.rows_read)
    missing = table.missing(["code", "name", "parent_code", "level"]) if table.columns else []
    if missing or not table.columns:
        result.findings += missing
        return result
    for number, values in table.rows:
        row, wrong = _place_row(table, number, dict(zip(table.columns, values, strict=True)))
        result.findings += wrong
        if row is not None and not wrong:
            result.rows.append(row)
    return result


def _place_row(table: Table, number: int, said: dict[str, str]) -> tuple[PlaceRow | None, list[Finding]]:
    def cell(column: str) -> Cell:
        return Cell(table.name, number, column, said.get(column, "").strip())

    code, name, name_en = plain(said["code"]), said["name"].strip(), said.get("name_en", "").strip()
    parsed = {
        "level": whole_number(cell("level"), 0, 5),
        "population": whole_number(cell("population")),
        "valid_from": day(cell("valid_from")),
        "valid_to": day(cell("valid_to")),
    }
    wrong = [value for value in parsed.values() if isinstance(value, Finding)]
    wrong += [] if parsed["level"] is not None else [finding("value-missing", cell("level"))]
    wrong += text_findings(Cell(table.name, number, "code", code), CODE_LIMIT)
    wrong += text_findings(Cell(table.name, number, "name", name), NAME_LIMIT)
    wrong += text_findings(Cell(table.name, number, "name_en", name_en), NAME_LIMIT, required=False)
    start, end, successor = parsed["valid_from"], parsed["valid_to"], plain(said.get("successor_code", ""))
    if isinstance(start, date) and isinstance(end, date) and end <= start:
        wrong.append(finding("dates-reversed", cell("valid_to"), start=start))
    if successor and end is None:
        wrong.append(finding("successor-needs-end", cell("successor_code")))
    level, population = parsed["level"], parsed["population"]
    if wrong or not isinstance(level, int):
        return None, wrong
    row = PlaceRow(
        code=code,
        name=name,
        parent_code=plain(said["parent_code"]) or None,
        level=level,
        file=table.name,
        row=number,
        name_en=name_en or None,
        population=population if isinstance(population, int) else None,
        valid_from=start if isinstance(start, date) else None,
        valid_to=end if isinstance(end, date) else None,
        successor_code=successor or None,
    )
    return row, []


def duplicates(rows: Sequence[PlaceRow]) -> list[Finding]:
    """Return a finding for every row whose code has appeared before."""
    first: dict[str, PlaceRow] = {}
    found: list[Finding] = []
    for row in rows:
        before = first.setdefault(row.code, row)
        if before is not row:
            where = f"{before.file}, row {before.row}"
            found.append(finding("code-duplicate", Cell(row.file, row.row, "code", row.code), first=where))
    return found
