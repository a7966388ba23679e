"""A problem handed over as a folder of CSV tables, read whole, every fault named by file, row and column.

The tables are declared (`Table`, `Column`) and then read through a `Folder`, which gathers the faults of all
its files before it refuses, so that a person mends them in one pass and not one by one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from typing import Literal, NamedTuple

import polars as pl

from fangxian.base.errors import Finding, InvalidInput

ROW = "_row"
MISSING = ("", "NA", "NaN", "nan", "null", "None")
MOST_FINDINGS = 50

Kind = Literal["text", "number", "whole", "date", "moment"]
Words = tuple[str, str]
"""A sentence in Chinese and the same in English."""


def cell_words(cell: str | None) -> list[str]:
    """Return the words of a cell that holds several, ``ventilator; dialysis``; none for an empty one."""
    return [word.strip() for word in (cell or "").replace("；", ";").split(";") if word.strip()]


class Wrong(NamedTuple):
    """A kind of fault: its code, what is wrong (``{value}`` stands for the value) and the remedy."""

    code: str
    words: Words
    remedy: Words


_TYPES: dict[Kind, type[pl.DataType]] = {
    "text": pl.String,
    "number": pl.Float64,
    "whole": pl.Int64,
    "date": pl.Date,
    "moment": pl.Datetime,
}
_NOT: dict[Kind, Wrong] = {
    "text": Wrong(
        "not-text", ("“{value}”不能用。", "'{value}' cannot be used."), ("请填写文字。", "Write a text.")
    ),
    "number": Wrong(
        "not-number",
        ("“{value}”不是数。", "'{value}' is not a number."),
        ("请填写一个数。", "Write a number."),
    ),
    "whole": Wrong(
        "not-whole",
        ("“{value}”不是整数。", "'{value}' is not a whole number."),
        ("请填写整数。", "Write a whole number."),
    ),
    "date": Wrong(
        "not-date",
        ("“{value}”不是日期。", "'{value}' is not a date."),
        ("请写成 2022-12-07。", "Write it as 2022-12-07."),
    ),
    "moment": Wrong(
        "not-moment",
        ("“{value}”不是日期和时刻。", "'{value}' is not a date with a time."),
        ("请写成 2022-12-07T08:30。", "Write it as 2022-12-07T08:30."),
    ),
}
_UNKNOWN: Words = ("请改正；未知的数留空。", "Correct it; leave a number that is not known empty.")
_EMPTY = Wrong("cell-empty", ("这一格空着。", "The cell is empty."), ("请填写这一格。", "Fill it in."))
_TWICE = Wrong(
    "row-twice",
    ("这一行重复：{value}。", "This row stands here twice: {value}."),
    ("请保留一行，或把两行相加。", "Keep one of them, or add them up."),
)
NEGATIVE_COUNT = Wrong(
    "value-negative",
    ("新增数为负（{value}）。", "A new count is negative ({value})."),
    (
        "请把订正记在它所订正的那一天；不知道是哪天时留空。",
        "Put a correction on the day that it corrects; where that is not known, leave the value empty.",
    ),
)
"""What is said of a count of new cases below 0."""


@dataclass(frozen=True)
class Column:
    """One column of a table: what its cells hold and which values are taken.

    Parameters
    ----------
    name : str
        As in the header; units stand in the name (``stay_days``).
    kind : {"text", "number", "whole", "date", "moment"}
    optional : bool
        The column may be missing and its cells empty; they are null, or ``default`` where one is given.
    default : str or float, optional
        Stands for an empty cell. Leave it out where unknown is not zero.
    may_be_empty : bool
        The column must be there, but its cells may be empty: null, the value is not known.
    least, most : float
        Bounds of a number, both allowed.
    outside : Wrong, optional
        What is said of a number beyond them, in place of a sentence that names the bounds.
    choices : tuple of str
        The words that are allowed; empty allows any.
    """

    name: str
    kind: Kind = "text"
    optional: bool = False
    default: str | float | None = None
    may_be_empty: bool = False
    least: float = -inf
    most: float = inf
    outside: Wrong | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """One file of the folder.

    Parameters
    ----------
    file : str
        Name of the file, ``points.csv``.
    columns : tuple of Column
    key : tuple of str
        Columns that together name a row; no two rows share them.
    optional : bool
        The file may be missing or hold no row.
    twice : Wrong
        What is said of a second row with the same key.
    """

    file: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    optional: bool = False
    twice: Wrong = _TWICE


@dataclass
class Folder:
    """Reads the tables of one folder and gathers what is wrong with them.

    Read every table, check them against each other (`refer`, `fault`), then call `refuse` once; until then
    the frames may hold nulls where a cell was faulty.

    Parameters
    ----------
    path : Path

    Raises
    ------
    InvalidInput
        If there is no such folder.
    """

    path: Path
    findings: list[Finding] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Refuse a folder that is not there: each of its tables would be told missing instead."""
        if not self.path.is_dir():
            raise InvalidInput(
                {"zh": f"没有这个文件夹：{self.path}", "en": f"There is no such folder: {self.path}"},
                {"zh": "请检查路径。", "en": "Check the path."},
            )

    def read(self, table: Table) -> pl.DataFrame:
        """Return the rows of a table.

        Parameters
        ----------
        table : Table

        Returns
        -------
        polars.DataFrame
            The declared columns with their types, in the order of the declaration, and ``_row``: the row as a
            spreadsheet counts it, the header being row 1. Rows without any cell are passed over; a header is
            known in capitals too. Empty where the file could not be read.
        """
        text = self._text(table)
        if text is None:
            return pl.DataFrame(schema={ROW: pl.UInt32, **{c.name: _TYPES[c.kind] for c in table.columns}})
        typed = text.select(ROW, *(_typed(column, text) for column in table.columns))
        for column in table.columns:
            self._check(table, column, text, typed)
        filling = [pl.col(c.name).fill_null(c.default) for c in table.columns if c.default is not None]
        typed = typed.with_columns(filling)
        if table.key:
            filled = typed.drop_nulls(list(table.key))
            twice = filled.filter(~pl.struct(table.key).is_first_distinct())
            named = [name for name in table.key if name in text.columns]
            for row in twice.head(MOST_FINDINGS).iter_rows(named=True):
                value = ", ".join(str(row[name]) for name in named)
                self.fault(table, row[ROW], ",".join(named), value, table.twice)
        return typed

    def refer(self, table: Table, rows: pl.DataFrame, column: str, known: Iterable[str], where: str) -> None:
        """Find every cell of a column that names something no other table declares.

        Parameters
        ----------
        table : Table
        rows : polars.DataFrame
            As `read` returned it.
        column : str
        known : iterable of str
            Nothing is found where it is empty: the table that declares the names is then at fault itself.
        where : str
            File that declares them, for the remedy.
        """
        names = list(known)
        if not names:
            return
        strays = rows.filter(pl.col(column).is_not_null() & ~pl.col(column).is_in(names))
        remedy = (f"请改正，或在 {where} 中加上。", f"Correct it, or add it to {where}.")
        wrong = Wrong("unknown-code", ("没有“{value}”。", "There is no '{value}'."), remedy)
        for row, value in strays.select(ROW, column).head(MOST_FINDINGS).iter_rows():
            self.fault(table, row, column, value, wrong)

    def fault(self, table: Table, row: int | None, column: str | None, value: object, wrong: Wrong) -> None:
        """Note one fault of a table; without row and column it is the file's."""
        shown = "" if value is None else str(value)
        chinese, english = (words.replace("{value}", shown) for words in wrong.words)
        found = Finding(
            wrong.code,
            {"zh": chinese, "en": english},
            {"zh": wrong.remedy[0], "en": wrong.remedy[1]},
            file=table.file,
            row=row,
            column=column,
            value=shown,
        )
        self.findings.append(found)

    def refuse(self) -> None:
        """Raise if anything was found.

        Raises
        ------
        InvalidInput
            Naming file, row, column, value and remedy of each fault, the first 50 of them.
        """
        if not self.findings:
            return
        count, files = len(self.findings), {fault.file for fault in self.findings}
        name = files.pop() if len(files) == 1 else self.path.name
        faults = "1 fault" if count == 1 else f"{count} faults"
        raise InvalidInput(
            {"zh": f"{name} 中有 {count} 处错误。", "en": f"{name} holds {faults}."},
            {"zh": "请逐条改正后再试。", "en": "Correct each of them and try again."},
            findings=sorted(self.findings, key=lambda fault: (fault.file or "", fault.row or 0))[
                :MOST_FINDINGS
            ],
        )

    def _text(self, table: Table) -> pl.DataFrame | None:
        """Return the file as text with numbered rows; None, and a finding unless it may be missing."""
        file = self.path / table.file
        if table.optional and not file.exists():
            return None
        wanted = [column.name for column in table.columns if not column.optional]
        header = ",".join(wanted)
        remedy = (f"请给出 UTF-8 的 CSV，表头含 {header}。", f"Give a UTF-8 CSV with the columns {header}.")
        try:
            # without header: a column named twice would be renamed, and read as if it stood there once
            text = pl.read_csv(file, has_header=False, infer_schema=False, encoding="utf8")
        except (OSError, pl.exceptions.PolarsError) as error:
            words = (
                "读不了：不是 UTF-8，或各行列数不一致。",
                f"It cannot be read: {str(error).splitlines()[0]}.",
            )
            if isinstance(error, pl.exceptions.NoDataError):
                words = ("文件是空的。", "The file is empty.")
            elif not file.exists():
                words = (f"没有这个文件：{file}。", f"There is no such file: {file}.")
            self.fault(table, None, None, None, Wrong("unreadable", words, remedy))
            return None
        given = [(name or "").strip().lstrip("\ufeff") for name in text.row(0)]
        named = [column for column, name in zip(text.columns, given, strict=True) if name]
        declared = {column.name.lower(): column.name for column in table.columns}
        names = [declared.get(name.lower(), name) for name in given if name]
        twice = ", ".join(dict.fromkeys(name for name in names if names.count(name) > 1))
        if twice:
            words = ("列 {value} 出现不止一次。", "The columns {value} stand there more than once.")
            self.fault(table, 1, None, twice, Wrong("column-twice", words, remedy))
            return None
        text = text.slice(1).select(pl.col(old).alias(new) for old, new in zip(named, names, strict=True))
        lacking = ", ".join(name for name in wanted if name not in text.columns)
        if lacking:
            held = ", ".join(names)
            words = (f"缺少列 {{value}}（现有 {held}）。", f"It lacks the columns {{value}} (it has {held}).")
            self.fault(table, 1, None, lacking, Wrong("column-missing", words, remedy))
            return None
        cells = pl.all().str.strip_chars()
        text = text.with_columns(cells.replace(list(MISSING), None)).with_row_index(ROW, offset=2)
        text = text.filter(~pl.all_horizontal(pl.exclude(ROW).is_null()))
        if text.is_empty() and not table.optional:
            self.fault(table, None, None, None, Wrong("no-row", ("没有数据行。", "It holds no row."), remedy))
        return text

    def _check(self, table: Table, column: Column, text: pl.DataFrame, typed: pl.DataFrame) -> None:
        name = column.name
        if name not in text.columns:
            return
        cells = pl.DataFrame({ROW: text[ROW], "text": text[name], "typed": typed[name]})
        given, read = pl.col("text").is_not_null(), pl.col("typed").is_not_null()
        not_such = _NOT[column.kind]
        if column.may_be_empty and column.kind in {"number", "whole"}:
            not_such = not_such._replace(remedy=_UNKNOWN)
        wrongs = [(given & ~read, not_such)]
        if not (column.optional or column.may_be_empty):
            wrongs.append((~given, _EMPTY))
        if column.kind in {"number", "whole"}:
            outside = ~pl.col("typed").is_between(column.least, column.most)
            words = ("{value} 超出范围。", "{value} is out of range.")
            wrongs.append((outside, column.outside or Wrong("out-of-range", words, _range(column))))
        if column.choices:
            allowed = ", ".join(column.choices)
            words = ("“{value}”不在可选的词中。", "'{value}' is not one of the words allowed.")
            stray = given & ~pl.col("text").is_in(list(column.choices))
            wrongs.append(
                (stray, Wrong("unknown-word", words, (f"可选：{allowed}。", f"Write one of: {allowed}.")))
            )
        for condition, wrong in wrongs:
            for row, value in cells.filter(condition).select(ROW, "text").head(MOST_FINDINGS).iter_rows():
                self.fault(table, row, name, value, wrong)


def _typed(column: Column, text: pl.DataFrame) -> pl.Expr:
    if column.name not in text.columns:
        return pl.lit(None, _TYPES[column.kind]).alias(column.name)
    cell = pl.col(column.name)
    if column.kind == "number":
        number = cell.cast(pl.Float64, strict=False)
        return pl.when(number.is_finite()).then(number).alias(column.name)
    if column.kind == "whole":
        number = cell.cast(pl.Float64, strict=False)
        whole = number.is_finite() & (number == number.round()) & (number.abs() < 2**53)
        return pl.when(whole).then(number).cast(pl.Int64).alias(column.name)
    if column.kind == "date":
        return cell.str.replace(r"[T ]\d\d:.*$", "").str.to_date("%Y-%m-%d", strict=False)
    if column.kind == "moment":
        same = cell.str.replace(" ", "T", literal=True).str.slice(0, 16)
        return same.str.to_datetime("%Y-%m-%dT%H:%M", strict=False)
    return cell


def _range(column: Column) -> Words:
    low, high = f"{column.least:g}", f"{column.most:g}"
    if column.most == inf:
        return f"应不小于 {low}。", f"It must be at least {low}."
    if column.least == -inf:
        return f"应不大于 {high}。", f"It must be at most {high}."
    return f"应在 {low} 与 {high} 之间。", f"It must lie between {low} and {high}."
