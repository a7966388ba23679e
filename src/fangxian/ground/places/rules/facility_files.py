"""A table of facilities out of an Excel or CSV file."""

from __future__ import annotations

from fangxian.base.errors import Finding
from fangxian.ground.exchange.rules import ROW, read_tables
from fangxian.ground.places.rules.facilities import column_of
from fangxian.ground.places.rules.tables import Table


def read_facility_file(name: str, content: bytes) -> Table:
    """Read the first sheet that holds facilities; rows keep the numbers that a spreadsheet shows."""
    table = read_tables(content, name, column_of)[0]
    held = [column for column in table.header.columns if column.key is not None]
    shown = table.frame.select(ROW, *(column.letter for column in held))
    spoilt = {one.row for one in table.findings if one.severity == "error" and one.row is not None}
    rows = [
        (number, [cell or "" for cell in cells])
        for number, *cells in shown.iter_rows()
        if number not in spoilt
    ]
    findings: list[Finding] = list(table.findings)
    read = len(rows) + len(spoilt)
    return Table(name, tuple(column.label for column in held), rows, findings, read)
