"""Writing tables: CSV and Excel that office programs open well; a file given back with its errors."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime

import openpyxl
import python_calamine
from openpyxl.cell.cell import Cell
from openpyxl.cell.rich_text import CellRichText
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from fangxian.ground.exchange.rules.delimited import records_of, separator_of
from fangxian.ground.exchange.rules.files import Kind, decode

ERROR_COLUMN = "错误 Errors"
HEADER_FILL = PatternFill("solid", fgColor="1F4E79")
HEADER_FONT = Font(bold=True, color="FFFFFF")
_REFUSED_FILL = PatternFill("solid", fgColor="FDE2E2")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")

Row = Sequence[object]


@dataclass(frozen=True)
class SheetContent:
    """One sheet to write: a title, labels and rows."""

    title: str
    labels: Sequence[str]
    rows: Iterable[Row]


def safe_text(value: object) -> object:
    """Return a value that an office program shows and never runs as a formula."""
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return "'" + value
    return value


def write_csv(labels: Sequence[str], rows: Iterable[Row]) -> bytes:
    """Return CSV in UTF-8 with mark, which Excel and WPS open with Chinese intact."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(labels)
    for row in rows:
        writer.writerow(["" if cell is None else safe_text(_as_text(cell)) for cell in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _as_text(cell: object) -> object:
    if isinstance(cell, datetime):
        return cell.isoformat(" ", "seconds")
    return cell.isoformat() if isinstance(cell, date) else cell


def write_workbook(sheets: Iterable[SheetContent]) -> bytes:
    """Return an .xlsx with one styled sheet for each content."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for content in sheets:
        sheet = book.create_sheet(sheet_title(content.title))
        sheet.append(list(content.labels))
        style_header(sheet, 1)
        widths = [_width(label) for label in content.labels]
        for row in content.rows:
            sheet.append([_excel_value(cell) for cell in row])
            widths = [max(width, _width(cell)) for width, cell in zip(widths, row, strict=False)]
        for position, width in enumerate(widths, 1):
            sheet.column_dimensions[get_column_letter(position)].width = min(width + 2, 60)
        sheet.freeze_panes = "A2"
        sheet.auto_filter.ref = sheet.dimensions
    return book_bytes(book)


def _excel_value(cell: object) -> object:
    if isinstance(cell, datetime) and cell.tzinfo is not None:
        return cell.isoformat(" ", "seconds")
    return safe_text(cell)


def _width(cell: object) -> int:
    return sum(2 if ord(character) > 0x2E80 else 1 for character in str("" if cell is None else cell))


def sheet_title(text: str) -> str:
    """Return text that Excel takes as the name of a sheet."""
    return "".join("-" if character in "[]:*?/\\" else character for character in text)[:31] or "Sheet"


def style_header(sheet: Worksheet, row: int) -> None:
    """Make one row look like a header."""
    for cell in sheet[row]:
        cell.fill, cell.font = HEADER_FILL, HEADER_FONT
        cell.alignment = Alignment(wrap_text=True, vertical="center", horizontal="center")


def book_bytes(book: openpyxl.Workbook) -> bytes:
    """Return the bytes of a workbook."""
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_errors(
    content: bytes,
    kind: Kind,
    file: str,
    errors: Mapping[str | None, Mapping[int, str]],
    header: Mapping[str | None, int],
) -> bytes:
    """Return the file as it came with one more column that says what is wrong with each refused row.

    Parameters
    ----------
    errors
        For each sheet (``None`` for CSV), row number to text.
    header
        For each sheet, the row that gets the label of the column.
    """
    if kind is Kind.CSV:
        return _csv_with_errors(content, file, errors.get(None, {}), header.get(None, 1))
    book = (
        _old_book(content)
        if kind is Kind.XLS
        else openpyxl.load_workbook(io.BytesIO(content), rich_text=True)
    )
    for name, rows in errors.items():
        if name in book.sheetnames and rows:
            _mark(book[name], rows, header.get(name, 1))
    return book_bytes(book)


def _old_book(content: bytes) -> openpyxl.Workbook:
    """Return the cells of an .xls file, which cannot be written back, in a workbook of today."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    old = python_calamine.load_workbook(io.BytesIO(content))
    for name in old.sheet_names:
        sheet = book.create_sheet(name)
        for row in old.get_sheet_by_name(name).to_python(skip_empty_area=False):
            sheet.append([_excel_value(cell) for cell in row])
    return book


def _mark(sheet: Worksheet, rows: Mapping[int, str], header_row: int) -> None:
    column = _error_position(sheet, header_row)
    top = sheet.cell(header_row, column, ERROR_COLUMN)
    if column > 1:
        _copy_style(sheet.cell(header_row, column - 1), top)
    sheet.column_dimensions[get_column_letter(column)].width = 60
    sheet.column_dimensions[get_column_letter(column)].hidden = False
    for number in range(header_row + 1, sheet.max_row + 1):
        sheet.cell(number, column).value = None
    for number, text in rows.items():
        cell = sheet.cell(number, column, text)
        cell.fill, cell.alignment = _REFUSED_FILL, Alignment(wrap_text=True, vertical="top")
        cell.data_type = "s"


def _error_position(sheet: Worksheet, header_row: int) -> int:
    """Return the column of an earlier error column, or the first free one."""
    for cell in sheet[header_row]:
        if _plain(cell.value) == ERROR_COLUMN:
            return int(cell.column)
    return int(sheet.max_column) + 1


def _plain(value: object) -> object:
    return str(value) if isinstance(value, CellRichText) else value


def _copy_style(source: Cell, target: Cell) -> None:
    target.font, target.fill, target.alignment = copy(source.font), copy(source.fill), copy(source.alignment)


def _csv_with_errors(content: bytes, file: str, rows: Mapping[int, str], header_row: int) -> bytes:
    text, _ = decode(content, file)
    separator = separator_of(text)
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=separator)
    width, position = 0, None
    for number, record in enumerate(records_of(text, separator), 1):
        if number == header_row:
            position = record.index(ERROR_COLUMN) if ERROR_COLUMN in record else None
            width = len(record)
        said = ERROR_COLUMN if number == header_row else rows.get(number, "")
        if position is not None and position < len(record):
            record[position] = said
        elif said:
            record = [*record, *[""] * (width - len(record)), said]
        elif record:
            record = [*record, *[""] * (width - len(record)), ""]
        writer.writerow(record)
    return b"\xef\xbb\xbf" + out.getvalue().encode()
