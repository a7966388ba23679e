"""Files of reports for the small world, each named for what is in it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date

import openpyxl

DAY = date(2024, 3, 1)
HEADER = ("机构代码", "机构名称", "日期", "新增病例", "死亡", "在院")


def csv_file(*rows: str, header: str = "unit,day,new_cases,deaths") -> bytes:
    """Return a clean CSV."""
    return ("\n".join([header, *rows]) + "\n").encode()


def excel_file(
    rows: Sequence[Sequence[object]], header: Sequence[object] = HEADER, title: str = "日报"
) -> bytes:
    """Return an .xlsx of one sheet."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for row in (header, *rows):
        sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def bad_workbook() -> bytes:
    """Return a workbook in which every row is wrong in its own way; rows 2 and 3 are good."""
    return excel_file(
        [
            ["H11", "某H11", "2024年3月1日", "１２", 0, 5],
            ["H12", "某H12", 45352, 3, None, None],
            ["H13", "某H13", DAY, 1, 0, 0],
            ["V111", "某V111", DAY, 1, 0, 0],
            ["H21", "某H21", date(2999, 1, 1), 1, 0, 0],
            ["H21", "某H21", "1/3/2024", 1, 0, 0],
            ["H21", "某H21", date(2024, 2, 1), -1, 0, 0],
            ["H21", "某H21", date(2024, 2, 2), 10**12, 0, 0],
            ["H21", "某H21", date(2024, 2, 3), "无", 0, 0],
            ["H21", "某H21", date(2024, 2, 4), "=SUM(D2:D3)", 0, 0],
            ["H21", "某H21", date(2024, 2, 5), "#N/A", 0, 0],
            ["H21", "某H21", date(2024, 2, 6), None, 1, 0],
            ["H21", "某H21", date(2024, 2, 7), 2.5, 0, 0],
            ["H22", "某H22", DAY, 4, 0, 0],
            ["H22", "某H22", DAY, 5, 0, 0],
            ["H21", "某H21", date(2024, 2, 8), 1, 9, 0],
            [None, None, DAY, 1, 0, 0],
            ["T1111", "某village-111", DAY, 1, 0, 0],
        ]
    )
