"""What a batch adds to the totals, by columns."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

import polars as pl

from fangxian.plans.schema import Form
from fangxian.reporting.rules import Counted, Number
from fangxian.reporting.rules.bulk import given_fields, thousandths
from fangxian.reporting.rules.totals import COUNTERS, Tally, add, negative, tally
from fangxian.reporting.rules.values import tidy
from fangxian.reporting.selectors.stored import ancestor_columns
from fangxian.reporting.selectors.totals import Key
from fangxian.reporting.services.totals import Gains

_KEY = ["_place", "day"]


def gains_of(form: Form, rows: pl.DataFrame, peak_fields: frozenset[str]) -> Gains:
    """Return what the written rows of a batch add at each place above their units, on each day."""
    names = [field.id for field in given_fields(form, rows)]
    base = _added(rows, names)
    chain, steps = ancestor_columns(rows["_place"].unique().to_list())
    tallies: dict[Key, Tally] = {}
    for step in steps:
        above = base.join(chain.select("_place", step), on="_place").drop("_place").rename({step: "_place"})
        summed = above.filter(pl.col("_place").is_not_null()).group_by(_KEY).sum()
        for key, one in _tallies(summed, names):
            tallies[key] = add([tallies[key], one]) if key in tallies else one
    corrected = rows.filter(pl.col("_stored").is_not_null())
    upper = {row[0]: [pk for pk in row[1:] if pk is not None] for row in chain.iter_rows()}
    lowered = set()
    for key, undo in _undone(corrected).items():
        for place_id in upper[key[0]]:
            tallies[place_id, key[1]] = add([tallies[place_id, key[1]], undo])
            lowered.add((place_id, key[1]))
    peaks = _peaks(rows, peak_fields & set(names), upper)
    return Gains(form.id, tallies, peak_fields, peaks, frozenset(lowered))


def _added(rows: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    """Sum the new revisions by the place of the unit and the day."""
    return rows.group_by(_KEY).agg(
        *(thousandths(name).sum().alias(f"sum {name}") for name in names),
        *(pl.col(name).is_not_null().sum().cast(pl.Int64).alias(f"count {name}") for name in names),
        pl.len().cast(pl.Int64).alias("reported"),
        pl.col("zero_declared").sum().cast(pl.Int64),
        pl.col("_late").sum().cast(pl.Int64).alias("late"),
        (pl.col("_revision") > 1).sum().cast(pl.Int64).alias("corrected"),
        pl.col("_population").fill_null(0).sum().alias("population_reported"),
        pl.col("synthetic").sum().cast(pl.Int64),
    )


def _tallies(summed: pl.DataFrame, names: list[str]) -> Iterator[tuple[Key, Tally]]:
    sums, counts = [f"sum {name}" for name in names], [f"count {name}" for name in names]
    width = len(names)
    for place_id, day, *row in summed.select(*_KEY, *sums, *counts, *COUNTERS).iter_rows():
        yield (
            (place_id, day),
            Tally(
                dict(zip(names, row[:width], strict=True)),
                dict(zip(names, row[width : 2 * width], strict=True)),
                dict(zip(COUNTERS, row[2 * width :], strict=True)),
            ),
        )


def _undone(corrected: pl.DataFrame) -> Mapping[Key, Tally]:
    """Return what the revisions that gave way had added, by the place of the unit and the day."""
    undone: dict[Key, list[Tally]] = {}
    columns = (
        "_place",
        "day",
        "_stored_values",
        "_stored_zero",
        "_stored_late",
        "_stored_revision",
        "_population",
        "_stored_synthetic",
    )
    for place_id, day, values, zero, late, revision, population, synthetic in corrected.select(
        columns
    ).iter_rows():
        old = Counted(json.loads(values), zero, late, revision, population or 0, synthetic)
        undone.setdefault((place_id, day), []).append(negative(tally(old)))
    return {key: add(parts) for key, parts in undone.items()}


def _peaks(
    rows: pl.DataFrame, fields: frozenset[str], upper: Mapping[int, list[int]]
) -> dict[Key, dict[str, Number]]:
    found: dict[Key, dict[str, Number]] = {}
    for name in sorted(fields):
        highest = rows.group_by(_KEY).agg(pl.col(name).max()).drop_nulls()
        for place_id, day, value in highest.iter_rows():
            number = tidy(value)
            for above in upper[place_id]:
                peaks = found.setdefault((above, day), {})
                peaks[name] = max(peaks.get(name, number), number)
    return found
