"""From text to days, numbers and codes, as polars expressions over all rows at once."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import date

import polars as pl

from fangxian.plans.datasets.schema import NAMED_DATE_FORMATS, Day, Filter, Text

EARLIEST, LATEST = date(1900, 1, 1), date(2200, 1, 1)
FULL_WIDTH = {chr(code): unicodedata.normalize("NFKC", chr(code)) for code in range(0xFF01, 0xFF5F)}


def day_expression(rule: Day) -> pl.Expr:
    """Return the day of each row, null where no format fits or the year is beyond reason."""
    text = transformed(pl.col(rule.column), rule.transform)
    parsed = pl.coalesce([_day_in_format(text, named) for named in rule.formats])
    return pl.when(parsed.is_between(EARLIEST, LATEST)).then(parsed)


def _day_in_format(text: pl.Expr, named: str) -> pl.Expr:
    if named == "iso-time":
        return text.str.head(10).str.strptime(pl.Date, "%Y-%m-%d", strict=False)
    if named == "excel-serial":
        serial = text.cast(pl.Float64, strict=False).floor()
        sound = pl.when(serial.is_between(1, 100_000)).then(serial)
        return (pl.lit(date(1899, 12, 30)) + pl.duration(days=sound.cast(pl.Int64))).cast(pl.Date)
    return text.str.strptime(pl.Date, NAMED_DATE_FORMATS.get(named, named), strict=False)


def number_expression(text: pl.Expr, *, decimal: str, thousands: str, missing: Sequence[str]) -> pl.Expr:
    """Return the number in each cell, null where it is missing or no number."""
    cleaned = text.replace(list(missing), [None] * len(missing)) if missing else text
    if thousands:
        cleaned = cleaned.str.replace_all(thousands, "", literal=True)
        if thousands == " ":
            cleaned = cleaned.str.replace_all("[\u00a0\u202f]", "")
    if decimal == ",":
        cleaned = cleaned.str.replace(",", ".", literal=True)
    number = cleaned.cast(pl.Float64, strict=False)
    return pl.when(number.is_finite()).then(number)


def half_width(text: pl.Expr) -> pl.Expr:
    """Return the text with full-width digits and signs made plain."""
    return text.str.replace_many(FULL_WIDTH)


def text_expression(rule: Text, maps: Mapping[str, Mapping[str, str]]) -> pl.Expr:
    """Return the text that a rule takes from each row; null where the column is empty or the map lacks it."""
    origin = pl.col(rule.column) if rule.column is not None else pl.lit(rule.value)
    text = transformed(origin, rule.transform)
    if rule.map is None:
        return text
    entries = maps[rule.map]
    return text.replace_strict(list(entries), list(entries.values()), default=None, return_dtype=pl.String)


def transformed(text: pl.Expr, steps: Sequence[str]) -> pl.Expr:
    """Return the text after each transform step."""
    for step in steps:
        name, _, argument = step.partition(":")
        text = STEPS[name](text, argument)
    return text


STEPS: Mapping[str, Callable[[pl.Expr, str], pl.Expr]] = {
    "drop-trailing-00": lambda text, _: text.str.replace("(?:00)+$", ""),
    "lower": lambda text, _: text.str.to_lowercase(),
    "upper": lambda text, _: text.str.to_uppercase(),
    "strip-accents": lambda text, _: text.str.normalize("NFKD").str.replace_all(r"\p{M}", ""),
    "first": lambda text, length: text.str.head(int(length)),
    "last": lambda text, length: text.str.tail(int(length)),
    "pad": lambda text, length: text.str.zfill(int(length)),
    "prefix": lambda text, added: pl.lit(added) + text,
    "suffix": lambda text, added: text + pl.lit(added),
    "drop-prefix": lambda text, taken: text.str.strip_prefix(taken),
    "drop-suffix": lambda text, taken: text.str.strip_suffix(taken),
    "extract": lambda text, pattern: text.str.extract(pattern, 1),
}


def fits(condition: Filter) -> pl.Expr:
    """Return whether each named column has one of its texts; an empty text stands for an empty cell."""
    return pl.all_horizontal(
        [pl.lit(True), *(pl.col(name).fill_null("").is_in(list(texts)) for name, texts in condition.items())]
    )


def fits_any(condition: Filter) -> pl.Expr:
    """Return whether any of the named columns has one of its texts."""
    return pl.any_horizontal(
        [pl.lit(False), *(pl.col(name).fill_null("").is_in(list(texts)) for name, texts in condition.items())]
    )
