"""The dataset descriptor, schema version 1: how the columns of a foreign table become fields of a form.

A descriptor is a TOML file. It holds no code: every key is one of the records below, and the reference page
docs/reference/dataset-descriptor.md is generated from them.
"""

from __future__ import annotations

import itertools
import re
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from fangxian.plans.schema import FieldIdentifier, Identifier, Record, Wording

Encoding = Literal["utf-8", "utf-8-sig", "gb18030", "gbk", "latin-1", "cp1252", "utf-16"]
Separator = Literal["comma", "semicolon", "tab", "pipe", "whitespace"]
FieldKind = Literal["daily", "cumulative", "stock"]
Name = Annotated[str, StringConstraints(min_length=1)]
Filter = dict[Name, tuple[str, ...]]
TRANSFORMS = ("drop-trailing-00", "lower", "upper", "strip-accents")
TRANSFORMS_WITH_ARGUMENT = (
    "first",
    "last",
    "pad",
    "prefix",
    "suffix",
    "drop-prefix",
    "drop-suffix",
    "extract",
)


def _known_transform(step: str) -> str:
    name, colon, argument = step.partition(":")
    if name in TRANSFORMS and not colon:
        return step
    if name not in TRANSFORMS_WITH_ARGUMENT or not argument:
        known = ", ".join((*TRANSFORMS, *(f"{known}:…" for known in TRANSFORMS_WITH_ARGUMENT)))
        raise ValueError(f"transform {step!r} is not known; use one of {known}")
    if name in {"first", "last", "pad"} and not argument.isdigit():
        raise ValueError(f"transform {step!r} needs a whole number after the colon")
    if name == "extract":
        _pattern_with_a_group(argument)
    return step


def _pattern_with_a_group(pattern: str) -> str:
    try:
        groups = re.compile(pattern).groups
    except re.error as broken:
        raise ValueError(f"the pattern {pattern!r} is not a regular expression: {broken}") from None
    if groups != 1:
        raise ValueError(f"the pattern {pattern!r} must have exactly one group in brackets, it has {groups}")
    return pattern


NAMED_DATE_FORMATS = {
    "iso": "%Y-%m-%d",
    "yyyy/mm/dd": "%Y/%m/%d",
    "yyyy.mm.dd": "%Y.%m.%d",
    "yyyymmdd": "%Y%m%d",
    "dd/mm/yyyy": "%d/%m/%Y",
    "dd.mm.yyyy": "%d.%m.%Y",
    "dd-mm-yyyy": "%d-%m-%Y",
    "mm/dd/yyyy": "%m/%d/%Y",
    "mm/dd/yy": "%m/%d/%y",
    "dd/mm/yy": "%d/%m/%y",
    "yyyy年mm月dd日": "%Y年%m月%d日",
}


def _known_date_format(text: str) -> str:
    if text in NAMED_DATE_FORMATS or text in {"iso-time", "excel-serial"} or "%" in text:
        return text
    known = ", ".join((*NAMED_DATE_FORMATS, "iso-time", "excel-serial"))
    raise ValueError(f"date format {text!r} is not known; use one of {known}, or a pattern such as %d %b %Y")


Transform = Annotated[str, AfterValidator(_known_transform)]
DateFormat = Annotated[str, AfterValidator(_known_date_format)]
OneGroupPattern = Annotated[str, AfterValidator(_pattern_with_a_group)]


class Text(Record):
    """A text taken from a column, or the same for every row: then changed, then looked up in a map."""

    column: Name | None = Field(
        default=None, description="Header of the column; `_file` is the name of the file itself"
    )
    value: Name | None = Field(default=None, description="The same text for every row, instead of a column")
    transform: tuple[Transform, ...] = Field(
        default=(), description="Steps in order: see the table of transforms"
    )
    map: Identifier | None = Field(
        default=None, description="Id of one of `maps`; a text that the map lacks is an unknown place"
    )

    @model_validator(mode="after")
    def _one_origin(self) -> Text:
        if (self.column is None) == (self.value is None):
            raise ValueError("give either `column` or `value`")
        return self


class CodeMap(Record):
    """A table from the text of the file to a code: written here, or read from a companion CSV."""

    entries: dict[Name, Name] = Field(default_factory=dict, description="Text of the file = code")
    file: Name | None = Field(default=None, description="Companion CSV, looked for like `files`")
    key: Name | None = Field(default=None, description="Column of the companion with the text of the file")
    code: Name | None = Field(default=None, description="Column of the companion with the code")
    encoding: Encoding = Field(default="utf-8", description="Encoding of the companion")
    separator: Separator = Field(default="comma", description="Separator of the companion")

    @model_validator(mode="after")
    def _entries_or_file(self) -> CodeMap:
        if self.file is None and not self.entries:
            raise ValueError("a map needs `entries`, or `file` with `key` and `code`")
        if self.file is not None and (self.key is None or self.code is None):
            raise ValueError("a map from a `file` needs `key` and `code`: the headers of its two columns")
        return self


class KnownPlace(Record):
    """A place written in the descriptor: one that no row speaks of, or whose name the file lacks."""

    code: Name = Field(description="Code as it stands after transform and map")
    name: Name = Field(description="Name in its own language")
    name_en: str = Field(default="", description="Name in English")
    level: int = Field(
        ge=0, le=5, description="0 nation, 1 province, 2 city, 3 county, 4 township, 5 village"
    )
    parent: Name | None = Field(default=None, description="Code of the place above; absent at the top")
    population: int | None = Field(default=None, gt=0, description="Number of people; absent is not known")


class LevelNames(Record):
    """What this country calls a level."""

    level: int = Field(ge=0, le=5, description="0 nation … 5 village")
    zh: Name = Field(description="In Chinese")
    en: Name = Field(description="In English, or the word of the country itself")


class PopulationFile(Record):
    """A companion CSV with the people of each place; rows of one place are added up (ages, sexes)."""

    file: Name = Field(description="Name or pattern, looked for like `files`")
    key: Text = Field(description="Where the code of the place stands")
    people: Name = Field(description="Column with the number of people")
    encoding: Encoding = Field(default="utf-8", description="Encoding of the companion")
    separator: Separator = Field(default="comma", description="Separator of the companion")
    leave_out: dict[Name, Name] = Field(
        default_factory=dict,
        description="Code = reason: places whose sum in this file is not their population",
    )
    source: str = Field(default="", description="Where the numbers come from")


class Places(Record):
    """The tree that the rows hang on."""

    country: str = Field(pattern=r"^[A-Z]{2}$", description="ISO 3166 code of two letters")
    level_names: tuple[LevelNames, ...] = Field(min_length=1, description="One entry for each level in use")
    known: tuple[KnownPlace, ...] = Field(
        default=(), description="Places written here; they win over the file"
    )
    population: PopulationFile | None = Field(default=None, description="Companion file with people")


class PlaceRule(Record):
    """Which rows speak of a place of which level. The first rule that fits a row is used."""

    level: int = Field(ge=0, le=5, description="Level of the place that such a row speaks of")
    filled: tuple[Name, ...] = Field(default=(), description="The rule fits rows in which these are filled")
    empty: tuple[Name, ...] = Field(default=(), description="… and in which these are empty")
    where: Filter = Field(default_factory=dict, description="… and in which each column has one of the texts")
    code: Text = Field(description="Code of the place")
    name: Text | None = Field(default=None, description="Its name; without one, the code")
    name_en: Text | None = Field(default=None, description="Its name in English")
    parent: Text | None = Field(default=None, description="Code of the place above it")
    unknown: Literal["refuse", "skip"] = Field(
        default="refuse",
        description="A row with no code: `refuse` makes it an error, `skip` leaves it out with a warning",
    )


class Day(Record):
    """Which day a row is about."""

    column: Name = Field(description="Header of the column; `_file` is the name of the file itself")
    formats: tuple[DateFormat, ...] = Field(
        default=("iso", "iso-time"), min_length=1, description="Tried in order: see the table of formats"
    )
    transform: tuple[Transform, ...] = Field(
        default=(), description="Steps before the date is read, e.g. `extract:`"
    )


class ColumnsToRows(Record):
    """Turns many columns (one a place, one a day, one a field) into rows with a header and a value."""

    columns: tuple[Name, ...] = Field(default=(), description="Headers of the columns to turn")
    pattern: OneGroupPattern | None = Field(
        default=None,
        description="… or a regular expression that such headers fit; its one group is the header kept",
    )
    header: Name = Field(default="_header", description="Name of the new column that holds the old header")
    value: Name = Field(default="_value", description="Name of the new column that holds the old cell")

    @model_validator(mode="after")
    def _columns_or_pattern(self) -> ColumnsToRows:
        if bool(self.columns) == (self.pattern is not None):
            raise ValueError("give either `columns` or `pattern`")
        return self


class FieldRule(Record):
    """One number of the form and where it stands."""

    field: FieldIdentifier = Field(description="Field id of the form")
    columns: tuple[Name, ...] = Field(
        min_length=1, description="Column with the number; several are added up"
    )
    minus: tuple[Name, ...] = Field(default=(), description="Columns to be taken off")
    kind: FieldKind = Field(
        description="`daily`: events of the day; `stock`: how many at a time; `cumulative`: since the start"
    )
    where: Filter = Field(
        default_factory=dict, description="Only rows in which each column has one of the texts"
    )
    leave_out: Filter = Field(
        default_factory=dict, description="Not the rows in which any of the columns has one of the texts"
    )
    first: Literal["count", "unknown"] = Field(
        default="unknown",
        description="First value of a cumulative series: `count` takes it as the count of that day (the "
        "series begins with the first case), `unknown` keeps it as an opening balance of no day",
    )
    on_fall: Literal["unknown", "zero"] = Field(
        default="unknown",
        description="Count of a day on which the total was revised down; the fall is kept as a correction",
    )
    multiply: float = Field(default=1.0, gt=0, description="Factor, e.g. 10000 for a column in 万")
    from_day: date | None = Field(default=None, description="The column means nothing before this day")
    to_day: date | None = Field(default=None, description="The column means nothing after this day")
    form: Identifier | None = Field(default=None, description="Another form than that of the dataset")


class Table(Record):
    """Files of one shape."""

    id: Identifier = Field(description="Short name, used in messages")
    files: tuple[Name, ...] = Field(
        min_length=1,
        description="Names or patterns (`*.csv`), also `.gz`; looked for in the data folder, then below it",
    )
    encoding: Encoding = Field(default="utf-8", description="`utf-8` also takes a byte-order mark")
    separator: Separator = Field(default="comma", description="What stands between two cells")
    header_row: int = Field(
        default=1, ge=0, description="Row of the headers, counted from 1; 0: there is none"
    )
    skip_after_header: int = Field(
        default=0, ge=0, description="Rows below the headers that hold no data (units, notes)"
    )
    columns: tuple[Name, ...] = Field(
        default=(),
        description="Headers by position: needed when `header_row = 0`, else they replace the file's",
    )
    comment: Name | None = Field(default=None, description="Rows that begin with this text are left out")
    missing: tuple[str, ...] = Field(
        default=("NA", "N/A", "NaN", "nan", "null", "NULL", "-", "--", "—", "…", "..."),
        description="Texts that mean: not reported; a list of yours replaces this one. An empty cell always "
        "does; 0 never does",
    )
    decimal: Literal[".", ","] = Field(default=".", description="Decimal mark")
    thousands: Literal["", ",", ".", " ", "'"] = Field(default="", description="Mark between thousands")
    where: Filter = Field(
        default_factory=dict, description="Only rows in which each column has one of the texts"
    )
    leave_out: Filter = Field(
        default_factory=dict, description="Not the rows in which any of the columns has one of the texts"
    )
    columns_to_rows: ColumnsToRows | None = Field(
        default=None, description="For tables with one column a place or a day"
    )
    day: Day = Field(description="Which day a row is about")
    reported: Day | None = Field(
        default=None, description="When a row was published: what an as-of view goes by; absent: its own day"
    )
    repeated: Literal["last", "first", "sum", "refuse"] = Field(
        default="last",
        description="Several rows for one place, day and field: the `last` published (then the lowest in the "
        "file) wins; a row without a number never does",
    )
    places: tuple[PlaceRule, ...] = Field(min_length=1, description="Rules tried in order")
    fields: tuple[FieldRule, ...] = Field(min_length=1, description="The numbers to be read")

    @model_validator(mode="after")
    def _headers_exist(self) -> Table:
        if self.header_row == 0 and not self.columns:
            raise ValueError("`header_row = 0` says that there are no headers: give `columns`, by position")
        return self


class DatasetIdentity(Record):
    """Which dataset this is, and what may be done with it."""

    id: Identifier = Field(description="Name by which the descriptor is called")
    title: Wording = Field(description="One line in both languages: `zh` and `en`")
    source: Name = Field(description="Who published it, where, which edition")
    licence: Name = Field(description="Licence of the data, or `not stated`")
    url: str | None = Field(default=None, description="Address")
    plan: Identifier = Field(description="Plan whose form the fields belong to")
    disease: Identifier | None = Field(
        default=None, description="Disease file with the serial interval; absent: that of the plan"
    )
    form: Identifier = Field(default="area-daily", description="Form that the fields belong to")
    synthetic: bool = Field(default=False, description="Made by a generator; labelled 模拟数据 everywhere")
    note: Wording | None = Field(default=None, description="What a reader of the figures must know")


class DatedDisease(Record):
    """From which day on a disease, or a strain with a serial interval of its own, is what spreads."""

    id: Identifier = Field(description="Disease file with the serial interval")
    from_day: date | None = Field(
        default=None, description="First day of a brief that uses it; absent only in the first entry"
    )


class Descriptor(Record):
    """A dataset descriptor."""

    schema_version: Literal[1] = Field(alias="schema", description="Version of this format")
    dataset: DatasetIdentity
    places: Places
    maps: dict[Identifier, CodeMap] = Field(default_factory=dict, description="Code tables, by id")
    tables: tuple[Table, ...] = Field(min_length=1, description="Files of one shape each")
    diseases: tuple[DatedDisease, ...] = Field(
        default=(), description="In place of `disease`, where it changes in the course of the data"
    )

    @model_validator(mode="after")
    def _diseases_follow_each_other(self) -> Descriptor:
        if self.diseases and self.dataset.disease is not None:
            raise ValueError("give either `disease` in [dataset] or [[diseases]] with their days")
        days = [one.from_day or date.min for one in self.diseases]
        if any(later <= earlier for earlier, later in itertools.pairwise(days)):
            raise ValueError("each of [[diseases]] but the first needs a `from_day` after the one before it")
        return self

    def disease_on(self, day: date) -> str | None:
        """Return the id of the disease whose serial interval holds on a day; None leaves it to the plan."""
        begun = [one.id for one in self.diseases if one.from_day is None or one.from_day <= day]
        return begun[-1] if begun else self.dataset.disease

    @model_validator(mode="after")
    def _maps_exist(self) -> Descriptor:
        missing = sorted({text.map for text in self.texts() if text.map} - set(self.maps))
        if missing:
            raise ValueError(
                f"no map is called {', '.join(missing)}; the descriptor has: {sorted(self.maps)}"
            )
        return self

    def texts(self) -> tuple[Text, ...]:
        """Return every text rule of the descriptor."""
        rules = [rule for table in self.tables for rule in table.places]
        found = [text for rule in rules for text in (rule.code, rule.name, rule.name_en, rule.parent)]
        if self.places.population is not None:
            found.append(self.places.population.key)
        return tuple(text for text in found if text is not None)

    def fields(self) -> tuple[str, ...]:
        """Return the field ids that the dataset gives, in order of mention and each once."""
        return tuple(dict.fromkeys(rule.field for table in self.tables for rule in table.fields))
