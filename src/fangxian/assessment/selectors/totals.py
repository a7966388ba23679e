"""Kept totals of a place and those below as arrays; what was said after the moment of the brief is undone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
from django.db.models import Q, TextField
from django.db.models.functions import Cast
from numpy.typing import NDArray

from fangxian.ground.places.models import Place
from fangxian.plans.schema import Form
from fangxian.reporting.models import Report, Total
from fangxian.reporting.selectors.said import about, decoded, said, stood_before
from fangxian.reporting.selectors.units import keeps_totals

FloatArray = NDArray[np.float64]
UNDONE_AT_MOST = 20_000
COUNTED = timedelta(days=3)
COUNTERS = ("reported", "late", "population_reported", "synthetic")


@dataclass(frozen=True)
class Window:
    """What is asked for.

    ``places[0]`` is read from ``first`` on, those below from ``first_below`` on; nothing about a day after
    ``last[form]``, and nothing that was said at ``cut`` or later. Of forms without any wanted field only the
    last days are read, for their counters.
    """

    places: Sequence[Place]
    forms: Mapping[str, Form]
    first: date
    first_below: date
    last: Mapping[str, date]
    cut: datetime
    fields: Mapping[str, Sequence[str]]

    @property
    def days(self) -> int:
        """Return the length of the time axis."""
        return (max(self.last.values()) - self.first).days + 1

    def every_day(self) -> list[date]:
        """Return the days of the time axis."""
        return [self.first + timedelta(days=step) for step in range(self.days)]


class FormTotals:
    """Sums, numbers of units and counters of one form, [time, place] or [time, place, field]."""

    def __init__(self, window: Window, form: Form) -> None:
        wanted = window.fields.get(form.id, ())
        names = [field.id for field in form.fields if field.id in wanted]
        self.fields = {name: index for index, name in enumerate(names)}
        shape = (window.days, len(window.places))
        self.sums = np.zeros((*shape, len(self.fields)))
        self.counts = np.zeros((*shape, len(self.fields)))
        self.counters = {name: np.zeros(shape) for name in COUNTERS}

    def add(self, reports: pl.DataFrame, first: date, place: int, sign: int) -> None:
        """Add reports to a place, or take them from it, each on its day."""
        time = (reports["_day"] - first).dt.total_days().to_numpy()
        for name, field in self.fields.items():
            given = reports[name].is_not_null().to_numpy()
            np.add.at(self.counts[:, place, field], time, sign * given)
            np.add.at(self.sums[:, place, field], time, sign * reports[name].fill_null(0.0).to_numpy())
        counted = {"reported": pl.lit(1), **{name: pl.col(name).fill_null(0) for name in COUNTERS[1:]}}
        for name, weight in counted.items():
            weights = reports.select(weight.cast(pl.Float64).alias(name))[name].to_numpy()
            np.add.at(self.counters[name][:, place], time, sign * weights)

    def take(self, rows: Sequence[tuple[Any, ...]], first: date, position: Mapping[int, int]) -> None:
        """Enter rows of kept totals: form, day, place, counters, then sums and counts as JSON text."""
        _, day, place, *counters, sums, counts = zip(*rows, strict=True)
        time = [one.toordinal() - first.toordinal() for one in day]
        at = (time, [position[one] for one in place])
        for name, counter in zip(COUNTERS, counters, strict=True):
            self.counters[name][at] = counter
        if self.fields:
            given = np.nan_to_num(_numbers(counts, list(self.fields)))
            self.counts[at] = given
            self.sums[at] = np.where(given > 0, np.nan_to_num(_numbers(sums, list(self.fields))), 0.0)

    def figure(self, field: str, *, mean: bool = False) -> FloatArray:
        """Return a field [time, place]; NaN where no unit gave it."""
        index = self.fields[field]
        counts = self.counts[:, :, index]
        with np.errstate(invalid="ignore", divide="ignore"):
            total = np.round(self.sums[:, :, index], 3)
            return np.where(counts > 0, total / counts if mean else total, np.nan)


def _numbers(texts: Sequence[str], names: Sequence[str]) -> FloatArray:
    """Return the numbers of some keys of many JSON texts [text, key] in one pass; NaN where a key lacks."""
    read = pl.Series(texts, dtype=pl.String).str.json_decode(pl.Struct(dict.fromkeys(names, pl.Float64())))
    return read.struct.unnest().to_numpy()


def read_totals(window: Window) -> dict[str, FormTotals]:
    """Return the totals of each form as they stood at the moment of the brief."""
    found = {form_id: FormTotals(window, form) for form_id, form in window.forms.items()}
    kept = [place for place in window.places if keeps_totals(place)]
    live = [place for place in window.places if not keeps_totals(place)]
    if kept:
        later = _said_later(window)
        if later is None:
            _spread(window, found, kept, _stood(window), 1)
        else:
            _add_kept(window, found, kept)
            if not later.is_empty():
                _spread(window, found, kept, later, -1)
                _spread(
                    window, found, kept, stood_before(later, window.places[:1], reported_at__lt=window.cut), 1
                )
    if live:
        _spread(window, found, live, _stood(window, live), 1)
    return found


def _add_kept(window: Window, found: Mapping[str, FormTotals], kept: Sequence[Place]) -> None:
    position = {place.pk: index for index, place in enumerate(window.places)}
    own = Q(place_id=window.places[0].pk, day__gte=window.first)
    below = Q(place_id__in=[place.pk for place in kept], day__gte=window.first_below)
    with_fields = [form for form in window.forms if window.fields.get(form)]
    wanted = Q(form__in=with_fields) | Q(day__gte=min(window.last.values()) - COUNTED)
    rows = Total.objects.filter(
        own | below, wanted, form__in=window.forms, day__lte=max(window.last.values())
    )
    texts = (Cast("sums", TextField()), Cast("counts", TextField()))
    by_form: dict[str, list[tuple[Any, ...]]] = {form_id: [] for form_id in window.forms}
    for row in rows.values_list("form", "day", "place_id", *COUNTERS, *texts):
        if row[1] <= window.last[row[0]]:
            by_form[row[0]].append(row)
    for form_id, of_form in by_form.items():
        if of_form:
            found[form_id].take(of_form, window.first, position)


def _said_later(window: Window) -> pl.DataFrame | None:
    """Return the current reports of the window that were made at ``cut`` or later; None if too many.

    Of a brief as of now nothing was said later, and nothing is read.
    """
    later = about(list(window.forms), window.every_day()).filter(reported_at__gte=window.cut, is_current=True)
    rows = said(later, window.places[:1], UNDONE_AT_MOST + 1)
    return None if len(rows) > UNDONE_AT_MOST else rows


def _stood(window: Window, live: Sequence[Place] = ()) -> pl.DataFrame:
    """Return for each unit, form and day the revision that stood at the moment of the brief."""
    place = window.places[0]
    reports = Report.objects.filter(
        form__in=window.forms,
        day__range=(window.first, max(window.last.values())),
        unit__place__tree_left__range=(place.tree_left, place.tree_right),
        reported_at__lt=window.cut,
    )
    if live:
        reports = reports.filter(unit__place_id__in=[place.pk for place in live])
    return said(reports, window.places[:1]).sort("_revision").unique(["_unit", "_form", "_day"], keep="last")


def _spread(
    window: Window,
    found: Mapping[str, FormTotals],
    places: Sequence[Place],
    reports: pl.DataFrame,
    sign: int,
) -> None:
    """Add reports to, or take them from, every place of the window in which their units stand."""
    for form_id, form in window.forms.items():
        counted = (pl.col("_form") == form_id) & (pl.col("_day") <= window.last[form_id])
        rows = decoded(form, reports.filter(counted))
        for index, place in enumerate(window.places):
            if place not in places or rows.is_empty():
                continue
            begun = pl.col("_day") >= (window.first if index == 0 else window.first_below)
            here = rows.filter(begun & pl.col("_left").is_between(place.tree_left, place.tree_right))
            found[form_id].add(here, window.first, index, sign)
