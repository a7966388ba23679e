"""Parameter records read from a table ``name,value`` beside the other tables of a problem."""

from __future__ import annotations

from dataclasses import MISSING, fields
from math import isnan
from typing import Any

from fangxian.base.tables import ROW, Column, Folder, Table, Wrong


def read_records(folder: Folder, file: str, *records: type) -> tuple[Any, ...]:
    """Return one record of each type, with the values of the table and defaults for the rest.

    Parameters
    ----------
    folder : Folder
        Where the table stands; what is wrong is added to its findings. The file may be missing.
    file : str
        Its name, e.g. ``"rules.csv"``. Rows name fields of the records; spaces part several numbers.
    *records : type
        Frozen dataclasses whose fields are numbers or tuples of whole numbers with defaults, and which refuse
        bad values with ``ValueError``.

    Returns
    -------
    tuple
        The records; the default one where its values were refused.
    """
    known = {
        each.name: each.default
        for record in records
        for each in fields(record)
        if each.default is not MISSING
    }
    named = [each.name for record in records for each in fields(record)]
    if len(set(named)) < len(named):
        twice = sorted({name for name in named if named.count(name) > 1})
        raise ValueError(f"no two records may share a name (got {twice}); rename a field")
    table = Table(file, (Column("name", choices=tuple(known)), Column("value")), ("name",), optional=True)
    values: dict[str, Any] = {}
    for row in folder.read(table).iter_rows(named=True):
        if row["name"] in known and row["value"] is not None:
            value = _read(row["value"], known[row["name"]])
            if value is None:
                folder.fault(table, row[ROW], "value", row["value"], _NOT_THIS)
            else:
                values[row["name"]] = value
    return tuple(_record(folder, table, record, values) for record in records)


def _record(folder: Folder, table: Table, record: type, values: dict[str, Any]) -> object:
    mine = {each.name: values[each.name] for each in fields(record) if each.name in values}
    try:
        return record(**mine)
    except ValueError as error:
        words = (f"数值不成立:{error}", f"The values do not hold: {error}.")
        remedy = ("请改正这张表。", "Correct this table.")
        folder.fault(table, None, "value", None, Wrong("values-refused", words, remedy))
        return record()


def _read(text: str, default: object) -> object | None:
    """Return the value as the type of the default, or None."""
    try:
        if isinstance(default, tuple):
            return tuple(int(part) for part in text.split())
        if isinstance(default, int):
            number = float(text)
            return int(number) if number == int(number) else None
        number = float(text)
        return None if isnan(number) else number
    except (ValueError, OverflowError):
        return None


_NOT_THIS = Wrong(
    "not-number",
    ("“{value}”不是这里要的数。", "'{value}' is not the number wanted here."),
    ("请填数字；几个整数用空格分开。", "Write a number; separate several whole numbers by spaces."),
)
