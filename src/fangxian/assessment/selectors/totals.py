"""Kept totals of a place and those below as arrays; what was said after the moment of the brief is undone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from django.db.models import Q, QuerySet
from numpy.typing import NDArray

from fangxian.ground.places.models import Place
from fangxian.plans.schema import Form
from fangxian.reporting.models import Report, Total
from fangxian.reporting.selectors.units import keeps_totals

FloatArray = NDArray[np.float64]
UNDONE_AT_MOST = 20_000
COUNTED = timedelta(days=3)
COUNTERS = ("reported", "late", "population_reported", "synthetic")
_SAID = (
    "unit_id",
    "form",
    "day",
    "unit__place__tree_left",
    "values",
    "late",
    "unit__population_served",
    "synthetic",
    "revision",
)


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

    def add(
        self, at: tuple[int, int], values: Mapping[str, Any], given: Mapping[str, int], sign: int
    ) -> None:
        """Add sums and numbers of units of one place and day."""
        for name, field in self.fields.items():
            count = given.get(name)
            if count:
                self.counts[*at, field] += sign * count
                self.sums[*at, field] += sign * values[name]

    def figure(self, field: str, *, mean: bool = False) -> FloatArray:
        """Return a field [time, place]; NaN where no unit gave it."""
        index = self.fields[field]
        counts = self.counts[:, :, index]
        with np.errstate(invalid="ignore", divide="ignore"):
            total = np.round(self.sums[:, :, index], 3)
            return np.where(counts > 0, total / counts if mean else total, np.nan)


def read_totals(window: Window) -> dict[str, FormTotals]:
    """Return the totals of each form as they stood at the moment of the brief."""
    found = {form_id: FormTotals(window, form) for form_id, form in window.forms.items()}
    kept = [place for place in window.places if keeps_totals(place)]
    live = [place for place in window.places if not keeps_totals(place)]
    if kept:
        later = _said_later(window)
        if len(later) > UNDONE_AT_MOST:
            _add_reports(window, found, kept, _stood(window))
        else:
            _add_kept(window, found, kept)
            _undo(window, found, kept, later)
    if live:
        _add_reports(window, found, live, _stood(window, live))
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
    columns = ("place_id", "form", "day", "sums", "counts", *COUNTERS)
    for place_id, form, day, sums, counts, *counters in rows.values_list(*columns):
        if day > window.last[form]:
            continue
        at = ((day - window.first).days, position[place_id])
        totals = found[form]
        totals.add(at, sums, counts, 1)
        for name, value in zip(COUNTERS, counters, strict=True):
            totals.counters[name][at] += value


def _reports(window: Window) -> QuerySet[Report]:
    place = window.places[0]
    return Report.objects.filter(
        form__in=window.forms,
        day__range=(window.first, max(window.last.values())),
        unit__place__tree_left__range=(place.tree_left, place.tree_right),
    )


def _said_later(window: Window) -> list[tuple[Any, ...]]:
    later = _reports(window).filter(reported_at__gte=window.cut, is_current=True)
    return list(later.values_list(*_SAID)[: UNDONE_AT_MOST + 1])


def _stood(window: Window, live: Sequence[Place] = ()) -> Iterable[tuple[Any, ...]]:
    """Return for each unit, form and day the revision that stood at the moment of the brief."""
    said = _reports(window).filter(reported_at__lt=window.cut)
    if live:
        said = said.filter(unit__place_id__in=[place.pk for place in live])
    newest: dict[tuple[int, str, date], tuple[Any, ...]] = {}
    for row in said.order_by("revision").values_list(*_SAID).iterator(chunk_size=10_000):
        newest[row[:3]] = row
    return newest.values()


def _undo(
    window: Window, found: Mapping[str, FormTotals], kept: Sequence[Place], later: Sequence[tuple[Any, ...]]
) -> None:
    for row in later:
        _spread(window, found, kept, row, -1)
    corrected = {row[:3] for row in later if row[8] > 1}
    if not corrected:
        return
    earlier = _reports(window).filter(
        reported_at__lt=window.cut,
        unit_id__in={unit for unit, _, _ in corrected},
        day__in={day for _, _, day in corrected},
    )
    newest = {row[:3]: row for row in earlier.order_by("revision").values_list(*_SAID)}
    for key in corrected & newest.keys():
        _spread(window, found, kept, newest[key], 1)


def _add_reports(
    window: Window,
    found: Mapping[str, FormTotals],
    places: Sequence[Place],
    reports: Iterable[tuple[Any, ...]],
) -> None:
    for row in reports:
        _spread(window, found, places, row, 1)


def _spread(
    window: Window,
    found: Mapping[str, FormTotals],
    places: Sequence[Place],
    row: tuple[Any, ...],
    sign: int,
) -> None:
    """Add one report to, or take it from, every place of the window in which its unit stands."""
    _, form, day, tree_left, values, late, population, synthetic, _ = row[:9]
    if day > window.last[form]:
        return
    given = {name: 1 for name, value in values.items() if value is not None}
    counters = (1, int(late), population or 0, int(synthetic))
    totals = found[form]
    for place in places:
        begun = day >= window.first_below or place is window.places[0]
        if begun and place.tree_left <= tree_left <= place.tree_right:
            at = ((day - window.first).days, window.places.index(place))
            totals.add(at, values, given, sign)
            for name, value in zip(COUNTERS, counters, strict=True):
                totals.counters[name][at] += sign * value
