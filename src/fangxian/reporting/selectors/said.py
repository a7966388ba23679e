"""Totals as they stood at an instant, and totals of places that keep none, from the reports by columns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import polars as pl
from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from fangxian.ground.places.models import Place
from fangxian.plans.schema import Form
from fangxian.reporting.models import Report
from fangxian.reporting.rules.bulk import thousandths
from fangxian.reporting.rules.totals import COUNTERS, Tally, from_thousandths, settle
from fangxian.reporting.selectors.timeliness import Period
from fangxian.reporting.selectors.totals import Kept, Key

_SCHEMA = {
    "_unit": pl.Int64,
    "_left": pl.Int64,
    "_day": pl.Date,
    "_values": pl.String,
    "zero_declared": pl.Boolean,
    "late": pl.Boolean,
    "_revision": pl.Int64,
    "population_reported": pl.Int64,
    "synthetic": pl.Boolean,
}


def said_later(places: Sequence[Place], form: Form, period: Period, as_of: datetime) -> dict[Key, Tally]:
    """Return what must be added to the totals of places and days to take back what was said after an instant.

    A first report that came later is taken out; a later correction gives way to the revision that stood.
    """
    in_period = Report.objects.filter(form=form.id, day__range=(period.first, period.last))
    later = _columns(in_period.filter(is_current=True, reported_at__gt=as_of))
    if later.is_empty():
        return {}
    corrected = later.filter(pl.col("_revision") > 1)
    stood = pl.DataFrame(schema=_SCHEMA)
    if not corrected.is_empty():
        units = corrected["_unit"].unique().to_list()
        earlier = _columns(in_period.filter(unit__in=units, reported_at__lte=as_of))
        newest = earlier.sort("_revision").unique(["_unit", "_day"], keep="last")
        stood = newest.join(corrected, on=["_unit", "_day"], how="semi")
    signed = [later.with_columns(_sign=pl.lit(-1)), stood.with_columns(_sign=pl.lit(1))]
    return _added(places, form, pl.concat(signed))


def live_totals(
    places: Sequence[Place], form: Form, period: Period, as_of: datetime | None
) -> dict[Key, Kept]:
    """Add up the reports of places for which no totals are kept."""
    if not places:
        return {}
    reports = Report.objects.filter(
        form=form.id, day__range=(period.first, period.last), unit__place__in=[place.pk for place in places]
    )
    reports = reports.filter(is_current=True) if as_of is None else reports.filter(reported_at__lte=as_of)
    newest = _columns(reports).sort("_revision").unique(["_unit", "_day"], keep="last")
    rows = newest.with_columns(_sign=pl.lit(1))
    peaks = _peaks(places, form, rows)
    return {
        key: Kept(
            from_thousandths(one.sums),
            one.counts,
            peaks[key],
            *(one.counters[name] for name in COUNTERS),
        )
        for key, added in _added(places, form, rows).items()
        for one in [settle(added)]
    }


def _columns(reports: QuerySet[Report]) -> pl.DataFrame:
    rows = reports.annotate(text=Cast("values", TextField())).values_list(
        "unit_id",
        "unit__place__tree_left",
        "day",
        "text",
        "zero_declared",
        "late",
        "revision",
        "unit__population_served",
        "synthetic",
    )
    return pl.DataFrame(list(rows.order_by()), schema=_SCHEMA, orient="row")


def _decoded(form: Form, rows: pl.DataFrame) -> pl.DataFrame:
    said = rows["_values"].str.json_decode(pl.Struct({field.id: pl.Float64 for field in form.fields}))
    return rows.drop("_values").hstack(said.struct.unnest())


def _added(places: Sequence[Place], form: Form, rows: pl.DataFrame) -> dict[Key, Tally]:
    names = [field.id for field in form.fields]
    decoded = _decoded(form, rows)
    sign = pl.col("_sign").cast(pl.Int64)
    counters = {
        "reported": pl.lit(1, dtype=pl.Int64),
        "zero_declared": pl.col("zero_declared").cast(pl.Int64),
        "late": pl.col("late").cast(pl.Int64),
        "corrected": (pl.col("_revision") > 1).cast(pl.Int64),
        "population_reported": pl.col("population_reported").fill_null(0),
        "synthetic": pl.col("synthetic").cast(pl.Int64),
    }
    found: dict[Key, Tally] = {}
    for place in places:
        inside = decoded.filter(pl.col("_left").is_between(place.tree_left, place.tree_right))
        added = inside.group_by("_day").agg(
            *((thousandths(name) * sign).sum().alias(f"sum {name}") for name in names),
            *((pl.col(name).is_not_null() * sign).sum().alias(f"count {name}") for name in names),
            *((counters[name] * sign).sum().alias(f"all {name}") for name in COUNTERS),
        )
        for row in added.iter_rows(named=True):
            found[place.pk, row["_day"]] = Tally(
                {name: row[f"sum {name}"] for name in names},
                {name: row[f"count {name}"] for name in names},
                {name: row[f"all {name}"] for name in COUNTERS},
            )
    return found


def _peaks(places: Sequence[Place], form: Form, rows: pl.DataFrame) -> dict[Key, dict[str, float]]:
    names = [field.id for field in form.fields]
    decoded = _decoded(form, rows)
    found: dict[Key, dict[str, float]] = {}
    for place in places:
        inside = decoded.filter(pl.col("_left").is_between(place.tree_left, place.tree_right))
        for row in inside.group_by("_day").agg(pl.col(name).max() for name in names).iter_rows(named=True):
            found[place.pk, row["_day"]] = {name: row[name] for name in names if row[name] is not None}
    return found
