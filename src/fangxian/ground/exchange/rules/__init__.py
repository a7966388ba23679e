"""Reading and writing tables: bytes in, tables with findings out; pure, with reasons."""

from __future__ import annotations

from dataclasses import replace

from fangxian.base.errors import Finding
from fangxian.ground.exchange.rules.cells import plain_text, problem, read_day, read_number, shorten
from fangxian.ground.exchange.rules.delimited import read_delimited
from fangxian.ground.exchange.rules.files import LIMITS, Kind, Limits, kind_of, refuse
from fangxian.ground.exchange.rules.headers import ROW, Column, Header, Recognise, Table
from fangxian.ground.exchange.rules.workbooks import read_workbook
from fangxian.ground.exchange.rules.writing import (
    ERROR_COLUMN,
    SheetContent,
    book_bytes,
    safe_text,
    sheet_title,
    style_header,
    with_errors,
    write_csv,
    write_workbook,
)

__all__ = [
    "ERROR_COLUMN",
    "LIMITS",
    "ROW",
    "Column",
    "Header",
    "Kind",
    "Limits",
    "Recognise",
    "SheetContent",
    "Table",
    "book_bytes",
    "kind_of",
    "plain_text",
    "problem",
    "read_day",
    "read_number",
    "read_tables",
    "refuse",
    "safe_text",
    "sheet_title",
    "shorten",
    "style_header",
    "with_errors",
    "write_csv",
    "write_workbook",
]


def read_tables(
    content: bytes,
    file: str,
    recognise: Recognise,
    *,
    filled: frozenset[str] = frozenset(),
    limits: Limits = LIMITS,
) -> list[Table]:
    """Return every table of an Excel or CSV file whose header is recognised.

    Parameters
    ----------
    recognise
        Says which column a header label stands for.
    filled
        Columns under which a merged cell stands for every row it spans.

    Raises
    ------
    InvalidInput
        The file as a whole cannot be read: empty, too big, broken, another kind, unknown encoding, or no
        header was recognised.
    """
    kind, misnamed = kind_of(content, file, limits)
    if kind is Kind.CSV:
        table = read_delimited(content, file, recognise, limits)
        tables = [table] if table is not None else []
    else:
        tables = read_workbook(content, file, kind, recognise, filled, limits)
    if not tables:
        raise refuse(file, _no_header(file))
    tables = [replace(table, findings=(*table.findings, *_repeated_columns(table))) for table in tables]
    if misnamed is not None:
        tables[0] = replace(tables[0], findings=(misnamed, *tables[0].findings))
    return tables


def _no_header(file: str) -> Finding:
    return problem(
        "header-not-found",
        file,
        (
            "前 20 行里没有找到认识的列名。",
            "No column name that is known was found in the first 20 rows.",
        ),
        ("请下载模板，或核对列名。", "Download the template, or check the column names."),
    )


def _repeated_columns(table: Table) -> list[Finding]:
    found = []
    seen: dict[str, Column] = {}
    for column in table.header.columns:
        if column.key is None:
            continue
        if column.key in seen:
            first = seen[column.key]
            finding = problem(
                "column-repeated",
                column.label,
                (
                    f"“{column.shown}”与“{first.shown}”是同一项目。",
                    f"Columns “{column.shown}” and “{first.shown}” are the same item.",
                ),
                ("请只保留一列。", "Keep one of the two columns."),
            )
            found.append(
                replace(
                    finding,
                    file=table.file,
                    sheet=table.sheet,
                    row=table.header.last_row,
                    column=column.shown,
                )
            )
        seen.setdefault(column.key, column)
    return found
