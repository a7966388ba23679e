"""Totals as they stood at an instant, and totals of places that keep none, from the reports by columns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import numpy as np
import polars as pl
from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from fangxian.ground.places.models import Facility, Place
from fangxian.plans.schema import Form
from fangxian.reporting.models import Report
from fangxian.reporting.rules.bulk import thousandths
from fangxian.reporting.rules.totals import COUNTERS, Tally, from_thousandths, settle
from fangxian.reporting.selectors.timeliness import Period
from fangxian.reporting.selectors.totals import Kept, Key
from fangxian.reporting.selectors.units import MANY, keep_named

SAID_SCHEMA = {
    "_unit": pl.Int64,
    "_form": pl.String,
    "_day": pl.Date,
    "_values": pl.String,
    "zero_declared": pl.Boolean,
    "late": pl.Boolean,
    "_revision": pl.Int64,
    "synthetic": pl.Boolean,
    "_left": pl.Int64,
    "population_reported": pl.Int64,
}
_OF_UNIT = ("place__tree_left", "population_served")


def said_later(places: Sequence[Place], form: Form, period: Period, as_of: datetime) -> dict[Key, Tally]:
    """Return what must be added to the totals of places and days to take back what was said after an instant.

    A first report that came later is taken out; a later correction gives way to the revision that stood.
    """
    if not places:
        return {}
    in_period = about([form.id], period.days())
    later = said(in_period.filter(is_current=True, reported_at__gt=as_of), places)
    if later.is_empty():
        return {}
    stood = stood_before(later, places, reported_at__lte=as_of)
    signed = [later.with_columns(_sign=pl.lit(-1)), stood.with_columns(_sign=pl.lit(1))]
    return _added(places, form, pl.concat(signed))


def about(forms: Sequence[str], days: Sequence[date]) -> QuerySet[Report]:
    """Return the reports on some forms about some days, to be read.

    The days are named one by one (in one bound value): with a moment beside them the index by form, day and
    moment opens right where each day's later reports begin, and of a view as of now it finds none at all.
    """
    return keep_named(Report.objects.filter(form__in=forms), "day", days)


def stood_before(corrected: pl.DataFrame, places: Sequence[Place], **before: datetime) -> pl.DataFrame:
    """Return for those that are corrections the revision that stood before."""
    keys = ["_unit", "_form", "_day"]
    wanted = corrected.filter(pl.col("_revision") > 1)
    if wanted.is_empty():
        return pl.DataFrame(schema=SAID_SCHEMA)
    forms, days = (wanted[name].unique().to_list() for name in ("_form", "_day"))
    of_units = about(forms, days).filter(unit__in=wanted["_unit"].unique().to_list())
    earlier = said(of_units.filter(**before), places)
    newest = earlier.sort("_revision").unique(keys, keep="last")
    return newest.join(wanted, on=keys, how="semi")


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
    newest = said(reports, places).sort("_revision").unique(["_unit", "_day"], keep="last")
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


def said(reports: QuerySet[Report], places: Sequence[Place], at_most: int | None = None) -> pl.DataFrame:
    """Return reports from the span of some places by columns, the values as JSON text.

    Each has beside it where its unit stands and whom it serves. The units are read apart, since a join leads
    a database to begin with the units.
    """
    rows = reports.annotate(text=Cast("values", TextField())).values_list(
        "unit_id", "form", "day", "text", "zero_declared", "late", "revision", "synthetic"
    )
    read = list(rows.order_by()[:at_most])
    if not read:
        return pl.DataFrame(schema=SAID_SCHEMA)
    found = pl.DataFrame(read, schema=dict(list(SAID_SCHEMA.items())[:8]), orient="row")
    pks = found["_unit"].unique()
    span = min(one.tree_left for one in places), max(one.tree_right for one in places)
    units = Facility.objects.filter(place__tree_left__range=span).order_by()
    if len(pks) <= MANY:
        units = units.filter(pk__in=pks.to_list())
    of_unit = {name: SAID_SCHEMA[name] for name in ("_unit", "_left", "population_reported")}
    where = pl.DataFrame(list(units.values_list("pk", *_OF_UNIT)), schema=of_unit, orient="row")
    return found.join(where, on="_unit", how="inner", maintain_order="left")


def decoded(form: Form, rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with a column of numbers for each field of a form; null where it was not said."""
    said = rows["_values"].str.json_decode(pl.Struct({field.id: pl.Float64 for field in form.fields}))
    return rows.drop("_values").hstack(said.struct.unnest())


def _within(places: Sequence[Place], rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of each place, one below the other, with the place that they are of."""
    left = rows["_left"].to_numpy()
    inside = [np.flatnonzero((left >= one.tree_left) & (left <= one.tree_right)) for one in places]
    place = np.repeat([one.pk for one in places], [len(each) for each in inside])
    return rows[np.concatenate(inside)].with_columns(_place=pl.Series(place, dtype=pl.Int64))


def _added(places: Sequence[Place], form: Form, rows: pl.DataFrame) -> dict[Key, Tally]:
    names = [field.id for field in form.fields]
    sign = pl.col("_sign").cast(pl.Int64)
    counters = {
        "reported": pl.lit(1, dtype=pl.Int64),
        "zero_declared": pl.col("zero_declared").cast(pl.Int64),
        "late": pl.col("late").cast(pl.Int64),
        "corrected": (pl.col("_revision") > 1).cast(pl.Int64),
        "population_reported": pl.col("population_reported").fill_null(0),
        "synthetic": pl.col("synthetic").cast(pl.Int64),
    }
    added = (
        _within(places, decoded(form, rows))
        .group_by("_place", "_day")
        .agg(
            *((thousandths(name) * sign).sum().alias(f"sum {name}") for name in names),
            *((pl.col(name).is_not_null() * sign).sum().alias(f"count {name}") for name in names),
            *((counters[name] * sign).sum().alias(f"all {name}") for name in COUNTERS),
        )
    )
    return {
        (row["_place"], row["_day"]): Tally(
            {name: row[f"sum {name}"] for name in names},
            {name: row[f"count {name}"] for name in names},
            {name: row[f"all {name}"] for name in COUNTERS},
        )
        for row in added.iter_rows(named=True)
    }


def _peaks(places: Sequence[Place], form: Form, rows: pl.DataFrame) -> dict[Key, dict[str, float]]:
    names = [field.id for field in form.fields]
    largest = (
        _within(places, decoded(form, rows))
        .group_by("_place", "_day")
        .agg(pl.col(name).max() for name in names)
    )
    return {
        (row["_place"], row["_day"]): {name: row[name] for name in names if row[name] is not None}
        for row in largest.iter_rows(named=True)
    }
