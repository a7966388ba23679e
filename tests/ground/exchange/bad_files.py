"""Files as they come from the field, each named for what is wrong with it; built here, byte by byte."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

KNOWN = {
    "机构代码": "unit",
    "unit": "unit",
    "日期": "day",
    "day": "day",
    "新增": "new_cases",
    "new_cases": "new_cases",
    "死亡": "deaths",
    "deaths": "deaths",
    "value": "value",
    "field": "field",
}


def recognise(label: str) -> str | None:
    """Know the few labels that these files use."""
    return KNOWN.get(label.strip())


def workbook(fill: Callable[[Worksheet], None]) -> bytes:
    """Return an .xlsx whose only sheet, 日报, was filled by a function."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "日报"
    fill(sheet)
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    """Return the bytes of a workbook."""
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_cached_values(content: bytes, values: dict[str, str]) -> bytes:
    """Return the workbook with results kept beside its formulas, as an office program writes them."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            if name.startswith("xl/worksheets/sheet"):
                for cell, value in values.items():
                    pattern = rf'(<c r="{cell}"[^>]*><f>[^<]*</f>)<v ?/?>(</v>)?'.encode()
                    data = re.sub(pattern, rb"\g<1><v>" + value.encode() + b"</v>", data)
            new.writestr(name, data)
    return out.getvalue()


def merged_headers() -> bytes:
    """A title over the whole table, 病例 merged over 新增 and 死亡, unit and day merged down."""

    def fill(sheet: Worksheet) -> None:
        sheet["A1"] = "某县疫情日报表"
        sheet.merge_cells("A1:D1")
        for cell, text in {"A2": "机构代码", "B2": "日期", "C2": "病例", "C3": "新增", "D3": "死亡"}.items():
            sheet[cell] = text
        sheet.merge_cells("A2:A3")
        sheet.merge_cells("B2:B3")
        sheet.merge_cells("C2:D2")
        sheet.append(["U1", date(2023, 1, 5), 3, 0])
        sheet.append(["U2", "2023年1月5日", "４", None])

    return workbook(fill)


def merged_unit_over_days() -> bytes:
    """One unit cell merged over two days, and one number merged over two rows."""

    def fill(sheet: Worksheet) -> None:
        for row in (
            ["机构代码", "日期", "新增", "死亡"],
            ["U1", "2023-01-05", 3, 0],
            [None, "2023-01-06", 4, 1],
            ["U2", "2023-01-05", 5, 0],
            ["U2", "2023-01-06", None, 0],
        ):
            sheet.append(row)
        sheet.merge_cells("A2:A3")
        sheet.merge_cells("C4:C5")

    return workbook(fill)


def formulas() -> bytes:
    """A formula with its result kept, one without, an error and an empty text as result."""

    def fill(sheet: Worksheet) -> None:
        sheet.append(["机构代码", "日期", "新增", "死亡"])
        sheet.append(["U1", "2023-01-05", "=1+2", 0])
        sheet.append(["U2", "2023-01-05", "=SUM(C2:C2)", 0])
        sheet.append(["U3", "2023-01-05", "#N/A", 0])

    return with_cached_values(workbook(fill), {"C2": "3"})


def one_stray_cell_in_the_last_corner() -> bytes:
    """A small table, and one forgotten cell at XFD1048576."""

    def fill(sheet: Worksheet) -> None:
        sheet.append(["机构代码", "日期", "新增"])
        sheet["XFD1048576"] = "x"

    return workbook(fill)


def zip_bomb() -> bytes:
    """A workbook that holds 300 million zeros."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 300_000_000)
    return out.getvalue()


def broken_archive() -> bytes:
    """An .xlsx of which only the first half arrived."""
    content = merged_headers()
    return content[: len(content) // 2]
