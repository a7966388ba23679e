"""Finding the files of a table and reading them as text, cell by cell, before anything is understood."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from fangxian.base.errors import InvalidDataset
from fangxian.plans.datasets.schema import Table

SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|", "whitespace": "\t"}
ROW = "_row"
FILE = "_file"


@dataclass(frozen=True)
class RaggedRow:
    """A row whose number of cells is not that of the header."""

    file: str
    row: int
    cells: int
    expected: int


@dataclass(frozen=True)
class RawTable:
    """The cells of a table as text, with ``_file`` and ``_row`` of each, and the rows that are not whole."""

    frame: pl.DataFrame
    ragged: tuple[RaggedRow, ...]


def find_files(patterns: Sequence[str], data: Path, *, table: str) -> list[Path]:
    """Return the files that fit the patterns, sorted by name.

    Looked for in the folder, and only if none is there, in the folders below it. When ``data`` is a file,
    it is taken whatever its name.

    Raises
    ------
    InvalidDataset
        When there is none.
    """
    if data.is_file():
        return [data]
    found: set[Path] = set()
    for pattern in patterns:
        here = [path for path in data.glob(pattern) if path.is_file()]
        found.update(here or (path for path in data.rglob(pattern) if path.is_file()))
    if found:
        return sorted(found)
    wanted = ", ".join(patterns)
    present = ", ".join(sorted(path.name for path in data.iterdir())[:12]) if data.is_dir() else "-"
    raise InvalidDataset(
        message={
            "zh": f"表 {table}：在 {data} 中找不到文件 {wanted}。",
            "en": f"Table {table}: no file {wanted} in {data}.",
        },
        remedy={
            "zh": f"请检查 --data 文件夹和描述中的 files；该处有：{present}。",
            "en": f"Check the --data folder and `files` of the descriptor; it holds: {present}.",
        },
        fields={"table": table, "files": wanted},
    )


def read_text(path: Path, encoding: str) -> str:
    """Return the text of a file, unpacked if it is gzip, without a byte-order mark.

    Raises
    ------
    InvalidDataset
        When it is not in that encoding; the byte is named.
    """
    content = path.read_bytes()
    if content[:2] == b"\x1f\x8b":
        content = gzip.decompress(content)
    try:
        return content.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeDecodeError as broken:
        raise InvalidDataset(
            message={
                "zh": f"{path.name} 第 {broken.start} 字节不是 {encoding} 编码。",
                "en": f"{path.name}: byte {broken.start} is not {encoding}.",
            },
            remedy={
                "zh": "请在描述中写明 encoding：中文旧系统多为 gb18030，西文多为 latin-1。",
                "en": "State `encoding` in the descriptor: older Chinese systems write gb18030, "
                "Western ones latin-1.",
            },
            fields={"file": path.name, "encoding": encoding},
        ) from None


def read_cells(path: Path, table: Table) -> RawTable:
    """Read one file of a table as text.

    Returns
    -------
    RawTable
        Columns of the file as text, blank cells null, plus ``_file`` and ``_row`` (from 1, as a
        spreadsheet shows it).
    """
    text = _normalised(read_text(path, table.encoding), table)
    lines = text.split("\n", table.header_row)
    if table.header_row and len(lines) <= table.header_row:
        lines.append("")
    body = lines[-1] if table.header_row else text
    separator = SEPARATORS[table.separator]
    header = _header(lines[table.header_row - 1] if table.header_row else "", table, separator)
    body, ragged = _whole_rows(body, len(header), separator)
    first_row = table.header_row + 1
    frame = (
        pl.read_csv(
            io.BytesIO(body.encode()),
            has_header=False,
            new_columns=header,
            schema=dict.fromkeys(header, pl.String),
            separator=separator,
            truncate_ragged_lines=True,
        )
        if body
        else pl.DataFrame(schema=dict.fromkeys(header, pl.String))
    )
    frame = frame.with_row_index(ROW, offset=first_row).with_columns(
        pl.col(ROW).cast(pl.Int64), pl.lit(path.name).alias(FILE)
    )
    bad_rows = [first_row + index for index, _ in ragged]
    keep = pl.col(ROW) >= first_row + table.skip_after_header
    frame = frame.filter(keep & ~pl.col(ROW).is_in(bad_rows)) if bad_rows else frame.filter(keep)
    blank = pl.all_horizontal(pl.col(name).is_null() for name in header)
    frame = frame.with_columns(pl.col(name).str.strip_chars().replace("", None) for name in header)
    if table.comment:
        frame = frame.filter(~pl.col(header[0]).fill_null("").str.starts_with(table.comment))
    faults = tuple(
        RaggedRow(file=path.name, row=first_row + index, cells=cells, expected=len(header))
        for index, cells in ragged
        if first_row + index >= first_row + table.skip_after_header
    )
    return RawTable(frame=frame.filter(~blank), ragged=faults)


def _normalised(text: str, table: Table) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if table.separator == "whitespace":
        text = "\n".join("\t".join(line.split()) for line in text.split("\n"))
    return text


def _header(line: str, table: Table, separator: str) -> list[str]:
    if table.columns:
        return list(table.columns)
    names = [name.strip() for name in next(csv.reader([line], delimiter=separator), [])]
    seen: dict[str, int] = {}
    for index, name in enumerate(names):
        seen[name] = seen.get(name, 0) + 1
        if seen[name] > 1 or not name:
            names[index] = f"{name}#{seen[name]}"
    return names


def _whole_rows(body: str, width: int, separator: str) -> tuple[str, list[tuple[int, int]]]:
    """Return the body and, of each row that is not whole, its index and number of cells."""
    body = body.rstrip("\n")
    if not body:
        return "", []
    if '"' not in body:
        content = np.frombuffer(body.encode(), dtype=np.uint8)
        ends = np.append(np.flatnonzero(content == ord("\n")), content.size)
        marks = np.searchsorted(np.flatnonzero(content == ord(separator)), ends)
        cells = np.diff(marks, prepend=0) + 1
        empty = np.diff(ends, prepend=-1) == 1
        wrong = np.flatnonzero((cells != width) & ~empty)
        return body, [(int(index), int(cells[index])) for index in wrong]
    counts = [len(row) for row in csv.reader(io.StringIO(body), delimiter=separator)]
    return body, [(index, cells) for index, cells in enumerate(counts) if cells != width and cells > 0]
