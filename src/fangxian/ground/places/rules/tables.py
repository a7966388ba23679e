"""Reading a CSV table from bytes, and the values in its cells; whatever is wrong becomes a finding."""

from __future__ import annotations

import csv
import gzip
import io
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from fangxian.base.errors import Finding
from fangxian.ground.places.rules.wording import Cell, finding

_DATE = re.compile(r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T ]00:00(?::00)?)?$")
_WHOLE = re.compile(r"^\d+(?:\.0+)?$")
LARGEST = 2_147_483_647


@dataclass(frozen=True)
class Table:
    """A named table: its columns, and each row with the number that a spreadsheet shows."""

    name: str
    columns: tuple[str, ...]
    rows: list[tuple[int, list[str]]]
    findings: list[Finding] = field(default_factory=list)
    rows_read: int = 0

    def position(self, column: str) -> int | None:
        """Return where a column stands, or None if the table lacks it."""
        return self.columns.index(column) if column in self.columns else None

    def missing(self, wanted: Iterable[str]) -> list[Finding]:
        """Return a finding for each wanted column that the table lacks."""
        return [
            finding("column-missing", Cell(self.name, 1, column))
            for column in wanted
            if column not in self.columns
        ]


def read_csv(name: str, content: bytes) -> Table:
    """Read a CSV table (UTF-8 with or without BOM, or GBK; gzip too)."""
    if content[:2] == b"\x1f\x8b":
        try:
            content = gzip.decompress(content)
        except (OSError, EOFError) as error:
            return Table(name, (), [], [finding("file-unreadable", Cell(name), reason=error)])
    text = _decode(content)
    if text is None:
        return Table(name, (), [], [finding("file-not-text", Cell(name))])
    return _read_lines(name, text)


def table_from(name: str, rows: Sequence[Mapping[str, object]]) -> Table:
    """Return mappings as a table, numbered as if below a header row; None is an empty cell."""
    columns = tuple(dict.fromkeys(key for row in rows for key in row))
    listed = [
        (number, ["" if row.get(column) is None else str(row[column]) for column in columns])
        for number, row in enumerate(rows, start=2)
    ]
    return Table(name, columns, listed, [], len(listed))


def _decode(content: bytes) -> str | None:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if "\x00" in text else text
    return None


def _read_lines(name: str, text: str) -> Table:
    findings: list[Finding] = []
    rows: list[tuple[int, list[str]]] = []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    columns: tuple[str, ...] = ()
    read = 0
    number = 0
    try:
        columns = tuple(value.strip() for value in next(reader, []))
        findings += _header_findings(name, columns)
        width = len(columns)
        for number, values in enumerate(reader, start=2):
            if not any(values):
                continue
            read += 1
            if len(values) == width:
                rows.append((number, values))
            else:
                findings.append(
                    finding(
                        "row-cut", Cell(name, number, value=",".join(values)), got=len(values), expected=width
                    )
                )
    except csv.Error as error:
        read += 1
        cut = "unexpected end" in str(error)
        cell = Cell(name, number + 1 if columns else 1)
        findings.append(finding("file-cut", cell) if cut else finding("file-unreadable", cell, reason=error))
    return Table(name, columns, rows, findings, read)


def _header_findings(name: str, columns: tuple[str, ...]) -> list[Finding]:
    if not any(columns):
        return [finding("file-empty", Cell(name, 1))]
    twice = {column for column in columns if column and columns.count(column) > 1}
    return [finding("column-twice", Cell(name, 1, column)) for column in sorted(twice)]


def plain(value: str) -> str:
    """Return a code or number without surrounding space and with half-width characters."""
    return unicodedata.normalize("NFKC", value).strip()


def whole_number(cell: Cell, low: int = 0, high: int = LARGEST) -> int | Finding | None:
    """Return the number in a cell, None for an empty cell, or what is wrong with it."""
    text = plain(cell.value or "").replace(",", "")
    if not text:
        return None
    if _WHOLE.match(text) and low <= int(text.split(".")[0]) <= high:
        return int(text.split(".")[0])
    return finding("number-invalid", cell, low=low, high=high)


def degrees(cell: Cell, limit: int) -> float | Finding | None:
    """Return the degrees in a cell, None for an empty cell, or what is wrong with it."""
    text = plain(cell.value or "")
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    return value if -limit <= value <= limit else finding("degrees-invalid", cell, low=-limit, high=limit)


def day(cell: Cell) -> date | Finding | None:
    """Return the date in a cell, None for an empty cell, or what is wrong with it."""
    text = plain(cell.value or "")
    if not text:
        return None
    match = _DATE.match(text)
    if match is None:
        return finding("date-invalid", cell)
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return finding("date-invalid", cell)
