# ruff: noqa: E501 -- a row of a table on a page is one line
"""Write docs/reference/dataset-descriptor.md from the records of the schema, so that page and program agree."""

from __future__ import annotations

import re
import types
import typing
from pathlib import Path

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from fangxian.plans.datasets import schema
from fangxian.plans.schema import Wording

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "dataset-descriptor.md"
RECORDS: tuple[tuple[str, type[BaseModel]], ...] = (
    ("top of the file", schema.Descriptor),
    ("[dataset]", schema.DatasetIdentity),
    ("[[diseases]]", schema.DatedDisease),
    ("[places]", schema.Places),
    ("[[places.known]]", schema.KnownPlace),
    ("[[places.level_names]]", schema.LevelNames),
    ("[places.population]", schema.PopulationFile),
    ("[maps.NAME]", schema.CodeMap),
    ("[[tables]]", schema.Table),
    ("day and reported of a table", schema.Day),
    ("columns_to_rows of a table", schema.ColumnsToRows),
    ("[[tables.places]]", schema.PlaceRule),
    ("a text: code, name, name_en, parent, key", schema.Text),
    ("[[tables.fields]]", schema.FieldRule),
)
HEAD = """# Dataset descriptor: every key

Generated from `src/fangxian/plans/datasets/schema.py` by `scripts/dataset_descriptor_reference.py`; a test compares
the two. How to write one: [describe a dataset](../how-to/describe-a-dataset.md).

A descriptor is TOML. `[name]` is a table, `[[name]]` an entry of a list; the keys below a `[[tables.places]]` belong
to the last `[[tables]]` above it. Short tables may be written on one line: `day = { column = "date" }`. A key that is
not listed here is a mistake and is reported with its line. A *filter* is a table from a column to a list of texts:
`where = { kind = ["case", "death"] }`; the empty text `""` stands for an empty cell.
"""
TRANSFORMS = """
## Transforms

Steps on a text, in the order of the list; an empty cell stays empty.

| step | does | example |
| --- | --- | --- |
| `drop-trailing-00` | takes pairs of zeros off the end: six-digit Chinese codes to their level | 130400 -> 1304, 130000 -> 13 |
| `first:N`, `last:N` | keeps the first or last N characters | `first:4`: 130402 -> 1304 |
| `pad:N` | puts zeros before, up to N characters | `pad:2`: 3 -> 03 |
| `prefix:TEXT`, `suffix:TEXT` | puts a text before or after | `prefix:IT-`: 03 -> IT-03 |
| `drop-prefix:TEXT`, `drop-suffix:TEXT` | takes a text off where it stands there | `drop-suffix:区`: 浦东区 -> 浦东 |
| `lower`, `upper` | small or capital letters | Hebei -> hebei |
| `strip-accents` | letters without accents | Forlì -> Forli |
| `extract:REGEX` | keeps the one group of a regular expression; no match is an empty text | `extract:([0-9]{8})` on `cases_20210304.csv` |

## Date formats

| name | written |
| --- | --- |
| `iso` | 2021-03-04 |
| `iso-time` | 2021-03-04T18:00:00 or 2021-03-04 18:00; the date as written, no time zone is applied |
| `yyyy/mm/dd`, `yyyy.mm.dd`, `yyyymmdd`, `yyyy年mm月dd日` | 2021/03/04, 2021.03.04, 20210304, 2021年3月4日 |
| `dd/mm/yyyy`, `dd.mm.yyyy`, `dd-mm-yyyy`, `dd/mm/yy` | 04/03/2021, 04.03.2021, 04-03-2021, 04/03/21 |
| `mm/dd/yyyy`, `mm/dd/yy` | 03/04/2021, 3/4/21 |
| `excel-serial` | 44259 (days since 1899-12-30) |
| a pattern with `%` | `%d %b %Y`: 04 Mar 2021 |

Zeros before a day or month may be missing. Years before 1900 and after 2199 are not dates.

## Findings

| code | means | rows or cells taken? |
| --- | --- | --- |
| `row-not-whole` | the row has fewer or more cells than the headers | no |
| `date-unreadable` | no format fits | no |
| `place-unknown` | no code, or the map lacks the name | no |
| `place-skipped` | the same where the rule says `unknown = "skip"` | no |
| `value-unreadable` | neither a number nor a missing marker | the cell as not reported |
| `value-negative` | a stock or total below 0 | the cell as not reported |
| `total-revised-down` | a total fell, or a daily count is negative | as a correction; the day's count is not known |
| `count-after-gap` | a count follows days without a total; `days_covered` says how many | yes, on the day it became known |
| `days-apart` | the kind is `daily`, but the days lie whole weeks apart: weekly sums | yes, and they are wrong |
| `row-replaced` | several rows for one place, day and field; one won. An error where more than a tenth gave way and neither `repeated` nor `reported` is stated | one of them |
| `row-contradicts` | the same under `repeated = "refuse"` | none |
| `row-repeated` | the same number twice for one place, day and field | once |
| `parent-unknown` | a place hangs under one that does not exist | yes |
| `form-unknown`, `field-unknown`, `kind-differs` | the plan's form has no such field, or counts it otherwise | - |
"""


def page() -> str:
    """Return the whole page."""
    return HEAD + "".join(_section(title, record) for title, record in RECORDS) + TRANSFORMS


def _section(title: str, record: type[BaseModel]) -> str:
    lines = [
        f"\n## {title}\n",
        f"\n{_first_sentence(record)}\n",
        "\n| key | value | without it | meaning |\n| --- | --- | --- | --- |\n",
    ]
    lines += [_row(field.alias or name, field) for name, field in record.model_fields.items()]
    return "".join(lines)


def _first_sentence(record: type[BaseModel]) -> str:
    return " ".join((record.__doc__ or "").split())


def _row(name: str, field: FieldInfo) -> str:
    meaning = field.description or _first_sentence(typing.cast("type[BaseModel]", field.annotation))
    return f"| `{name}` | {_kind(field.annotation)} | {_default(field)} | {meaning.replace('|', '/')} |\n"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if value in (None, (), {}, ""):
        return "-"
    if isinstance(value, tuple):
        return ", ".join(f"`{part}`" for part in value)
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _kind(annotation: object) -> str:
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _kind(arguments[0])
    if origin is typing.Literal:
        return " or ".join(f"`{part}`" if part != "" else "empty" for part in arguments)
    if origin in (typing.Union, types.UnionType):
        return " or ".join(_kind(part) for part in arguments if part is not type(None))
    if origin is tuple:
        return f"list of {_kind(arguments[0])}"
    if origin is dict:
        return (
            "filter" if typing.get_origin(arguments[1]) is tuple else f"table: text = {_kind(arguments[1])}"
        )
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "`{ zh, en }`" if annotation is Wording else "table"
    plain = {str: "text", int: "whole number", float: "number", bool: "`true` or `false`"}
    return plain.get(
        typing.cast("type", annotation), re.sub(r"^.*\.", "", getattr(annotation, "__name__", "date"))
    )


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"written {PAGE.name}")
