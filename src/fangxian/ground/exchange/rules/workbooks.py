"""Reading Excel workbooks: what calamine reads quickly, and what it would silently leave blank."""

from __future__ import annotations

import html
import io
import posixpath
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl
import python_calamine

from fangxian.base.errors import Finding
from fangxian.ground.exchange.rules.cells import error_cell, formula_without_value, problem, text_of
from fangxian.ground.exchange.rules.files import LIMITS, Kind, Limits, refuse
from fangxian.ground.exchange.rules.headers import (
    ROW,
    SEARCHED_ROWS,
    Column,
    Header,
    Recognise,
    Table,
    find_header,
    letters_of,
)

Merge = tuple[tuple[int, int], tuple[int, int]]
_TAG = r"<(?:\w+:)?{}\b([^>]*?)/?>"
_ATTRIBUTE = re.compile(r"([\w:]+)\s*=\s*[\"']([^\"']*)[\"']")
_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*?)(?:/>|>(.*?)</(?:\w+:)?c>)", re.DOTALL)
_REFERENCE = re.compile(rb"\br=[\"']([A-Z]+)(\d+)[\"']")
_FORMULA = re.compile(rb"<(?:\w+:)?f\b[^>]*?(?:/>|>(.*?)</(?:\w+:)?f>)", re.DOTALL)
_CACHED = re.compile(rb"<(?:\w+:)?v\b[^>]*>([^<]*)</(?:\w+:)?v>")
_FAR_COLUMN = re.compile(rb"\br=[\"']([A-Z]{2,})\d+[\"']")
_ROW_NUMBER = re.compile(rb"<(?:\w+:)?row\b[^>]*?\br=[\"'](\d+)[\"']")


@dataclass
class Sheet:
    """One worksheet as text, with the cells that must not be taken for blank."""

    file: str
    name: str
    rows: list[list[str | None]]
    merges: list[Merge] = field(default_factory=list)
    spoilt: Mapping[tuple[int, int], Finding] = field(default_factory=dict)


def read_workbook(
    content: bytes,
    file: str,
    kind: Kind,
    recognise: Recognise,
    filled: frozenset[str],
    limits: Limits = LIMITS,
) -> list[Table]:
    """Return the tables of all sheets whose header was recognised.

    ``filled`` are the keys under which a merged cell stands for every row it spans (a unit over its days);
    under any other key the rows below the first are refused.
    """
    tables = []
    for sheet in _sheets(content, file, kind, limits):
        filled_rows = _fill(sheet.rows[:SEARCHED_ROWS], sheet.merges)
        header = find_header(filled_rows, recognise)
        if header is None:
            continue
        if len(header.columns) > limits.columns:
            header = Header(_trimmed(header.columns), header.last_row)
        tables.append(_table(sheet, header, filled))
    if kind is Kind.XLS and tables:
        tables[0] = replace(tables[0], findings=(*tables[0].findings, _old_format(file)))
    return tables


def _sheets(content: bytes, file: str, kind: Kind, limits: Limits) -> Iterable[Sheet]:
    spoilt = _spoilt_cells(content, file, limits) if kind is Kind.XLSX else {}
    try:
        workbook = python_calamine.load_workbook(io.BytesIO(content))
        for name in workbook.sheet_names:
            grid = workbook.get_sheet_by_name(name)
            rows = [[text_of(cell) for cell in row] for row in grid.to_python(skip_empty_area=False)]
            yield Sheet(file, name, rows, list(grid.merged_cell_ranges or []), spoilt.get(name, {}))
    except python_calamine.PasswordError:
        raise refuse(file, _encrypted(file)) from None
    except python_calamine.CalamineError as error:
        raise refuse(file, _broken(file, str(error))) from None


def _fill(rows: Sequence[Sequence[str | None]], merges: Iterable[Merge]) -> list[list[str | None]]:
    filled = [list(row) for row in rows]
    for (top, left), (bottom, right) in merges:
        if top >= len(filled) or left >= len(filled[top]):
            continue
        value = filled[top][left]
        for row in filled[top : bottom + 1]:
            row[left : right + 1] = [value] * (min(right + 1, len(row)) - left)
    return filled


def _table(sheet: Sheet, header: Header, filled: frozenset[str]) -> Table:
    width = len(header.columns)
    findings: list[Finding] = []
    body = sheet.rows[header.last_row :]
    for (top, left), (bottom, right) in sheet.merges:
        if bottom < header.last_row or left >= width or (top, left) == (bottom, right):
            continue
        findings += _spread(sheet, header, filled, ((top, left), (bottom, right)))
    for (row, position), finding in sheet.spoilt.items():
        if row >= header.last_row and position < width and header.columns[position].key is not None:
            findings.append(_located(finding, sheet, row, header.columns[position]))
    rows = [[*row[:width], *[None] * (width - len(row))] for row in body]
    frame = pl.DataFrame(rows, schema={column.letter: pl.String for column in header.columns}, orient="row")
    numbers = pl.int_range(header.last_row + 1, header.last_row + 1 + len(rows), dtype=pl.Int64, eager=True)
    frame = frame.insert_column(0, numbers.alias(ROW))
    refused = [finding.row for finding in findings if finding.row is not None]
    frame = frame.filter(pl.any_horizontal(pl.exclude(ROW).is_not_null()) | pl.col(ROW).is_in(refused))
    return Table(sheet.file, sheet.name, header, (frame,), tuple(findings))


def _spread(sheet: Sheet, header: Header, filled: frozenset[str], merge: Merge) -> list[Finding]:
    """Fill a merged key over its rows; refuse rows that share one merged number."""
    (top, left), (bottom, right) = merge
    value = sheet.rows[top][left] if top < len(sheet.rows) and left < len(sheet.rows[top]) else None
    if value is None:
        return []
    column = header.columns[left]
    if left == right and column.key in filled:
        for row in range(max(top + 1, header.last_row), min(bottom + 1, len(sheet.rows))):
            sheet.rows[row][left] = value
        return []
    if all(one.key is None for one in header.columns[left : right + 1]):
        return []
    finding = problem(
        "value-merged-cells",
        value,
        (
            f"“{value}”写在跨 {bottom - top + 1} 行 {right - left + 1} 列的合并单元格里，不知道属于哪一格。",
            f"“{value}” stands in a cell merged over {bottom - top + 1} rows and {right - left + 1} columns: "
            "it is not certain which cell it belongs to.",
        ),
        ("请取消合并，每格单独填写。", "Unmerge the cells and fill in each one."),
    )
    first = max(top, header.last_row)
    return [_located(finding, sheet, row, column) for row in range(first, min(bottom + 1, len(sheet.rows)))]


def _located(finding: Finding, sheet: Sheet, row: int, column: Column) -> Finding:
    return replace(finding, file=sheet.file, sheet=sheet.name, row=row + 1, column=column.shown)


def _trimmed(columns: tuple[Column, ...]) -> tuple[Column, ...]:
    last = max(column.position for column in columns if column.key is not None)
    return columns[: last + 1]


def _spoilt_cells(content: bytes, file: str, limits: Limits) -> dict[str, dict[tuple[int, int], Finding]]:
    """Return, per sheet, errors and formulas without a kept result: calamine reads both as blank.

    The extent of each sheet is checked first, because one stray cell in the last corner of a sheet would
    make a dense grid of 17 thousand million cells.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        try:
            parts = _sheet_parts(archive)
            spoilt = {}
            for name, part in parts.items():
                xml = archive.read(part)
                _check_extent(xml, file, name, limits)
                spoilt[name] = _spoilt_in(xml) if b't="e"' in xml or b"<f" in xml or b":f" in xml else {}
        except (KeyError, zipfile.BadZipFile, EOFError, OSError, UnicodeDecodeError) as error:
            raise refuse(file, _broken(file, str(error))) from None
    return spoilt


def _sheet_parts(archive: zipfile.ZipFile) -> dict[str, str]:
    targets = {}
    for attributes in _tags(archive.read("xl/_rels/workbook.xml.rels"), "Relationship"):
        target = attributes.get("Target", "")
        path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
        targets[attributes.get("Id", "")] = path
    parts = {}
    for attributes in _tags(archive.read("xl/workbook.xml"), "sheet"):
        relation = next((value for key, value in attributes.items() if key.endswith(":id")), "")
        if relation in targets and "worksheets" in targets[relation]:
            parts[attributes.get("name", "")] = targets[relation]
    return parts


def _tags(xml: bytes, tag: str) -> list[dict[str, str]]:
    found = re.findall(_TAG.format(tag), xml.decode("utf-8"))
    return [{key: html.unescape(value) for key, value in _ATTRIBUTE.findall(one)} for one in found]


def _check_extent(xml: bytes, file: str, sheet: str, limits: Limits) -> None:
    far = {match.decode() for match in _FAR_COLUMN.findall(xml)}
    width = max((_position(letters) + 1 for letters in far), default=26)
    height = max((int(number) for number in _ROW_NUMBER.findall(xml)), default=0)
    if height > limits.rows or width * height > limits.cells:
        finding = problem(
            "sheet-too-big",
            f"{letters_of(width - 1)}{height}",
            (
                f"工作表“{sheet}”用到了第 {height:,} 行、第 {width:,} 列。",
                f"Sheet “{sheet}” reaches row {height:,} and column {width:,}.",
            ),
            (
                "请删除表格以外的零散单元格，或拆分文件。",
                "Delete stray cells outside the table, or split the file.",
            ),
        )
        raise refuse(file, replace(finding, sheet=sheet))


def _spoilt_in(xml: bytes) -> dict[tuple[int, int], Finding]:
    spoilt = {}
    for cell in _CELL.finditer(xml):
        attributes, inner = cell[1], cell[2] or b""
        is_error, formula = b't="e"' in attributes, _FORMULA.search(inner)
        reference = _REFERENCE.search(b" " + attributes)
        if reference is None or not (is_error or formula):
            continue
        cached = _CACHED.search(inner)
        place = int(reference[2]) - 1, _position(reference[1].decode())
        if is_error:
            spoilt[place] = error_cell(cached[1].decode() if cached else "#?")
        elif formula and not (cached and cached[1].strip()) and b't="str"' not in attributes:
            spoilt[place] = formula_without_value("=" + html.unescape((formula[1] or b"").decode()))
    return spoilt


def _position(letters: str) -> int:
    position = 0
    for letter in letters:
        position = position * 26 + ord(letter) - 64
    return position - 1


def _broken(file: str, detail: str) -> Finding:
    return problem(
        "file-broken",
        detail,
        ("Excel 文件损坏或没有传完。", "The Excel file is broken or was cut short."),
        ("请重新保存或重新取得文件。", "Save it again or ask for it again."),
    )


def _encrypted(file: str) -> Finding:
    return problem(
        "file-encrypted",
        file,
        ("文件设有打开密码。", "The file is protected by a password."),
        ("请去掉密码后另存，再导入。", "Save it without a password and import that."),
    )


def _old_format(file: str) -> Finding:
    finding = problem(
        "file-old-format",
        file,
        (
            "旧的 .xls 格式分不清空白与公式错误。",
            "In the old .xls format a blank cell and a failed formula look the same.",
        ),
        ("请核对空白格，最好另存为 .xlsx。", "Check the blank cells; better, save the file as .xlsx."),
    )
    return replace(finding, severity="warning", file=file)
