"""The file as it came, with one more column that says what is wrong with each refused row."""

from __future__ import annotations

from fangxian.base.errors import Finding
from fangxian.ground.exchange.rules import (
    ERROR_COLUMN,
    Kind,
    SheetContent,
    kind_of,
    with_errors,
    write_workbook,
)
from fangxian.reporting.selectors.import_reading import FileReading


def error_sheet(reading: FileReading, content: bytes) -> bytes:
    """Return the file with its column of errors, in both languages; cells are left as they came.

    The old .xls format cannot be written back cell by cell: its rows are given back as .xlsx.
    """
    kind, _ = kind_of(content, reading.file)
    errors: dict[str | None, dict[int, list[str]]] = {}
    for finding in reading.findings:
        if finding.severity == "error" and finding.row is not None:
            errors.setdefault(finding.sheet, {}).setdefault(finding.row, []).append(_said(finding))
    texts = {
        sheet: {row: "\n".join(dict.fromkeys(lines)) for row, lines in rows.items()}
        for sheet, rows in errors.items()
    }
    headers = {intake.table.sheet: intake.table.header.last_row for intake in reading.intakes}
    if kind is Kind.XLS:
        return write_workbook(_rewritten(reading, texts))
    return with_errors(content, kind, reading.file, texts, headers)


def _said(finding: Finding) -> str:
    where = f"[{finding.column}] " if finding.column else ""
    zh = f"{finding.message['zh']}{finding.remedy['zh']}"
    return f"{where}{zh} {finding.message['en']} {finding.remedy['en']}".strip()


def _rewritten(reading: FileReading, texts: dict[str | None, dict[int, str]]) -> list[SheetContent]:
    sheets = []
    for intake in reading.intakes:
        table = intake.table
        said = texts.get(table.sheet, {})
        labels = [*(column.label for column in table.header.columns), ERROR_COLUMN]
        rows = [[*cells, said.get(row)] for row, *cells in table.frame.rows()]
        sheets.append(SheetContent(table.sheet or "1", labels, rows))
    return sheets
