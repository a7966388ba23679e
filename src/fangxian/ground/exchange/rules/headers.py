"""Finding the header of a table: merged, in several rows, below a title, in another order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import polars as pl

from fangxian.base.errors import Finding

Recognise = Callable[[str], "str | None"]
"""Says which column a label stands for, or ``None``."""

SEARCHED_ROWS = 20
HEADER_ROWS = 3
ROW = "row"


@dataclass(frozen=True)
class Column:
    """One column of a table: where it is, what its header says, what the caller takes it for."""

    position: int
    label: str
    key: str | None

    @property
    def letter(self) -> str:
        """Return the letters a spreadsheet shows above the column."""
        return letters_of(self.position)

    @property
    def shown(self) -> str:
        """Return the column as a message names it: letters and label."""
        return f"{self.letter} {self.label}".strip()


@dataclass(frozen=True)
class Header:
    """Columns, and the last header row counted from 1."""

    columns: tuple[Column, ...]
    last_row: int

    @property
    def recognised(self) -> int:
        """Return how many columns have a key."""
        return sum(column.key is not None for column in self.columns)


@dataclass(frozen=True)
class Table:
    """One sheet or one CSV file: text cells under recognised columns.

    ``parts`` may be gone through again and again; each has the row number a spreadsheet shows in ``row`` and
    one text column for each letter. A blank cell is null and a blank row is left out. A row with an error in
    ``findings`` must not be taken.
    """

    file: str
    sheet: str | None
    header: Header
    parts: Iterable[pl.DataFrame]
    findings: tuple[Finding, ...] = field(default=())

    @property
    def frame(self) -> pl.DataFrame:
        """Return all rows at once: of a large file, more than the memory may hold beside other work."""
        return pl.concat(self.parts)

    def column(self, key: str) -> Column | None:
        """Return the first column recognised as this key."""
        return next((column for column in self.header.columns if column.key == key), None)

    @property
    def keys(self) -> frozenset[str]:
        """Return the keys of all recognised columns."""
        return frozenset(column.key for column in self.header.columns if column.key is not None)


def letters_of(position: int) -> str:
    """Return the letters of a column counted from 0: 0 is A, 26 is AA."""
    letters = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def find_header(rows: Sequence[Sequence[str | None]], recognise: Recognise) -> Header | None:
    """Return the header with the most recognised columns among the first rows; the lower one of equals.

    ``rows`` start at row 1 and have merged cells filled. A header of several rows is read with the lowest
    label first: under 病例 over 死亡, the column is 死亡.
    """
    best: Header | None = None
    for last in range(1, min(len(rows), SEARCHED_ROWS) + 1):
        for height in range(1, min(HEADER_ROWS, last) + 1):
            header = Header(_columns(rows[last - height : last], recognise), last)
            if height > 1 and not _mostly_labels(rows[last - 1], recognise):
                continue
            needed = 1 if best is None else best.recognised + (height > 1 or best.last_row == last)
            if header.recognised >= needed:
                best = header
    return best


def _mostly_labels(row: Sequence[str | None], recognise: Recognise) -> bool:
    cells = [cell for cell in row if cell]
    return 2 * sum(recognise(cell) is not None for cell in cells) >= len(cells) > 0


def _columns(block: Sequence[Sequence[str | None]], recognise: Recognise) -> tuple[Column, ...]:
    width = max(len(row) for row in block)
    columns = []
    for position in range(width):
        labels: list[str] = []
        for row in block:
            label = row[position] if position < len(row) else None
            if label and label not in labels:
                labels.append(label)
        candidates = ["/".join(labels), *reversed(labels)] if labels else []
        key = next((key for key in map(recognise, candidates) if key is not None), None)
        columns.append(Column(position, "/".join(labels), key))
    return tuple(columns)
