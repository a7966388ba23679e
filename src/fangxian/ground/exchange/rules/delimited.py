"""Reading CSV: at full speed where the file is clean, record by record where it is not."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from fangxian.base.errors import Finding
from fangxian.ground.exchange.rules.cells import problem
from fangxian.ground.exchange.rules.files import LIMITS, Limits, decode, refuse
from fangxian.ground.exchange.rules.headers import (
    ROW,
    SEARCHED_ROWS,
    Header,
    Recognise,
    Table,
    find_header,
    letters_of,
)

BLANKS = " \t\u3000\u00a0"
SEARCHED_TEXT = 200_000
"""Characters in which the header must begin; a buffer over the whole text would hold it four times."""
SEPARATORS = ",\t;|，"
BLOCK_BYTES = 4 * 2**20


def read_delimited(content: bytes, file: str, recognise: Recognise, limits: Limits = LIMITS) -> Table | None:
    """Return the table of a CSV file, or ``None`` if no header was recognised."""
    text, ended = decode(content, file)
    separator = separator_of(text)
    head = _first_records(text, separator)
    header = find_header(head, recognise)
    if header is None:
        return None
    if len(header.columns) > limits.columns:
        raise refuse(file, _too_wide(len(header.columns), limits.columns))
    clean = None
    if ended is None and _may_be_clean(text, separator, header):
        plain = text.isascii() and len(content) == len(text)
        blanks = any(blank in text for blank in BLANKS)
        data = content if plain else text.encode()
        text = ""  # one copy of the file in memory is enough
        clean = CleanLines.of(data, separator, header, blanks=blanks)
    if clean is not None:
        table, height = Table(file, None, header, clean), clean.height
    else:
        table = _read_records(text or decode(content, file)[0], file, separator, header, ended)
        height = table.frame.height
    if height > limits.rows:
        raise refuse(file, _too_long(height, limits.rows))
    return table


def separator_of(text: str) -> str:
    """Return the separator that splits the first line with any of them most often."""
    for line in text[:SEARCHED_TEXT].splitlines()[:SEARCHED_ROWS]:
        outside = "".join(line.split('"')[::2])
        counts = {separator: outside.count(separator) for separator in SEPARATORS}
        best = max(counts, key=lambda separator: counts[separator])
        if counts[best]:
            return best
    return ","


def records_of(text: str, separator: str) -> Iterable[list[str]]:
    """Return the records of a delimited text; a quote never closed raises ``csv.Error``."""
    return csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)


def _first_records(text: str, separator: str) -> list[list[str | None]]:
    rows: list[list[str | None]] = []
    try:
        for record in itertools.islice(records_of(text[:SEARCHED_TEXT], separator), SEARCHED_ROWS):
            rows.append([cell.strip() or None for cell in record])  # noqa: PERF401 -- rows before an error count
    except csv.Error:
        pass  # reading the records reports it with its row
    return rows


def _may_be_clean(text: str, separator: str, header: Header) -> bool:
    """Say whether nothing is quoted or odd, and there are as many separators as rows of cells want."""
    if '"' in text or "\0" in text or not text.endswith("\n") or "\n\n" in text or "\r\n\r\n" in text:
        return False
    if text.count("\r") not in {0, text.count("\r\n")} or ord(separator) > 127:
        return False
    lines = text.count("\n")
    return text.count(separator) == lines * (len(header.columns) - 1) and lines > header.last_row


@dataclass(frozen=True)
class CleanLines:
    """The rows of a clean file, read by columns some megabytes at a time whenever they are gone through.

    ``blocks`` are places in ``data``: where a block of whole lines starts and ends, and its first row.
    """

    data: bytes
    separator: str
    names: Sequence[str]
    blocks: Sequence[tuple[int, int, int]]
    height: int
    blanks: bool

    @classmethod
    def of(cls, data: bytes, separator: str, header: Header, *, blanks: bool) -> CleanLines | None:
        """Return the rows below a header; ``None`` if one has more or fewer cells than the header."""
        start = 0
        for _ in range(header.last_row):
            start = data.index(b"\n", start) + 1
        row, blocks = header.last_row + 1, []
        while start < len(data):
            end = data.rfind(b"\n", start, start + BLOCK_BYTES) + 1 or data.index(b"\n", start) + 1
            lines = _even_lines(data, start, end, separator, len(header.columns))
            if lines is None:
                return None
            blocks.append((start, end, row))
            row, start = row + lines, end
        names = [column.letter for column in header.columns]
        return cls(data, separator, names, blocks, row - header.last_row - 1, blanks)

    def __iter__(self) -> Iterator[pl.DataFrame]:
        """Read one block after another."""
        for start, end, first_row in self.blocks:
            frame = pl.read_csv(
                self.data[start:end],
                has_header=False,
                schema=dict.fromkeys(self.names, pl.String()),
                separator=self.separator,
                quote_char=None,
            )
            yield (with_rows if self.blanks else numbered)(frame, first_row)


def _even_lines(data: bytes, start: int, end: int, separator: str, width: int) -> int | None:
    """Return how many lines there are, or ``None`` if one has another number of cells."""
    block = np.frombuffer(data, np.uint8, end - start, start)
    ends = np.flatnonzero(block == ord("\n"))
    separators = np.flatnonzero(block == ord(separator))
    expected = np.arange(1, len(ends) + 1) * (width - 1)
    return len(ends) if np.array_equal(np.searchsorted(separators, ends), expected) else None


def with_rows(frame: pl.DataFrame, first_row: int) -> pl.DataFrame:
    """Return text columns stripped, blanks as null, blank rows left out and row numbers put in front."""
    for name in frame.columns:  # one at a time: a million rows in all columns twice would not fit
        frame = frame.with_columns(stripped(name))
    return numbered(frame, first_row)


def numbered(frame: pl.DataFrame, first_row: int) -> pl.DataFrame:
    """Return the frame with row numbers in front and without blank rows."""
    frame = frame.with_row_index(ROW, first_row).with_columns(pl.col(ROW).cast(pl.Int64))
    said = pl.any_horizontal(pl.exclude(ROW).is_not_null())
    return frame if frame.select(said.all()).item() else frame.filter(said)


def stripped(name: str) -> pl.Expr:
    """Return a text column without outer blanks; what is then empty is null."""
    cell = pl.col(name).str.strip_chars()
    return pl.when(cell != "").then(cell).alias(name)


def _read_records(text: str, file: str, separator: str, header: Header, ended: Finding | None) -> Table:
    width = len(header.columns)
    rows: list[tuple[int, list[str]]] = []
    findings: list[Finding] = []
    number = 0
    try:
        for number, record in enumerate(records_of(text, separator), 1):
            if number <= header.last_row or not any(cell.strip() for cell in record):
                continue
            rows.append((number, record))
    except csv.Error:
        raise refuse(file, replace(_unclosed(number + 1), row=number + 1)) from None
    last = rows[-1][0] if rows else 0
    whole = text.endswith(("\n", "\r")) and ended is None
    kept: list[list[str | None]] = []
    for number, record in rows:
        finding = _shape_problem(record, width, separator, unfinished=number == last and not whole)
        if finding is None and number == last and not whole:
            finding = ended or _no_line_end()
        if finding is not None:
            findings.append(replace(finding, file=file, row=number))
        kept.append([*(cell.replace("\0", "�") for cell in record[:width]), *[None] * (width - len(record))])
    names = [column.letter for column in header.columns]
    frame = pl.DataFrame(kept, schema=dict.fromkeys(names, pl.String), orient="row")
    numbers = pl.Series(ROW, [number for number, _ in rows], dtype=pl.Int64)
    frame = frame.with_columns(stripped(name) for name in names)
    return Table(file, None, header, (frame.insert_column(0, numbers),), tuple(findings))


def _shape_problem(record: Sequence[str], width: int, separator: str, *, unfinished: bool) -> Finding | None:
    if any("\0" in cell for cell in record):
        return problem(
            "row-has-nul",
            separator.join(record),
            ("这一行有空字节（NUL），内容不可信。", "The row holds NUL bytes and cannot be trusted."),
            ("请从原系统重新导出文件。", "Export the file again from its source."),
        )
    if len(record) < width and unfinished:
        return problem(
            "file-cut-short",
            separator.join(record),
            ("文件在这一行的中间结束。", "The file ends in the middle of this row."),
            (
                "后面的行可能也没有传到，请重新取得完整的文件。",
                "Rows after it may be missing as well: ask for the complete file again.",
            ),
        )
    if len(record) < width:
        return problem(
            "row-too-short",
            separator.join(record),
            (
                f"这一行有 {len(record)} 格，表头有 {width} 格。",
                f"The row has {len(record)} cells, the header {width}.",
            ),
            ("请补齐缺少的分隔符。", "Put in the separators that are missing."),
        )
    if any(cell.strip() for cell in record[width:]):
        return problem(
            "row-too-long",
            separator.join(record),
            (
                f"这一行有 {len(record)} 格，表头只有 {width} 格。",
                f"The row has {len(record)} cells, the header {width}.",
            ),
            (
                "请检查多出的分隔符；带千位逗号的数字要加引号。",
                "Look for a separator too many; quote numbers with thousands separators.",
            ),
        )
    return None


def _no_line_end() -> Finding:
    finding = problem(
        "file-without-line-end",
        "",
        (
            "最后一行没有换行，文件可能没有传完。",
            "The last row has no line end: the file may have been cut short.",
        ),
        ("请核对最后一行的数字是否完整。", "Check that the last number is complete."),
    )
    return replace(finding, severity="warning")


def _unclosed(row: int) -> Finding:
    return problem(
        "quote-never-closed",
        "",
        (
            f"第 {row} 行起的引号没有正确结束。",
            f"A quote opened in row {row} is never closed as it should be.",
        ),
        ("请补上引号，或去掉多余的引号。", "Close the quote, or remove the one too many."),
    )


def _too_wide(width: int, limit: int) -> Finding:
    return problem(
        "file-too-wide",
        str(width),
        (f"表有 {width} 列，上限 {limit} 列。", f"The table has {width} columns, the limit is {limit}."),
        ("请删除多余的列，或改用长表。", "Remove columns that are not needed, or use the long form."),
    )


def _too_long(height: int, limit: int) -> Finding:
    return problem(
        "file-too-long",
        str(height),
        (
            f"表有 {height:,} 行，上限 {limit:,} 行。",
            f"The table has {height:,} rows, the limit is {limit:,}.",
        ),
        ("请拆分成几个文件。", "Split it into several files."),
    )


def column_names(width: int) -> list[str]:
    """Return the letters of the first columns of a sheet."""
    return [letters_of(position) for position in range(width)]
