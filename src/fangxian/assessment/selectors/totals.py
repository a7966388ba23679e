"""Kept totals of a place and those below as arrays; what was said after the moment of the brief is undone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast, Coalesce
from numpy.typing import NDArray

from fangxian.ground.places.models import Facility, Place
from fangxian.plans.schema import Form
from fangxian.reporting.models import Report, Total
from fangxian.reporting.selectors.units import keeps_totals

FloatArray = NDArray[np.float64]
UNDONE_AT_MOST = 20_000
COUNTED = timedelta(days=3)
COUNTERS = ("reported", "late", "population_reported", "synthetic")
_OF_REPORT = ("unit_id", "form", "day", "revision", "values", "late", "synthetic")
_OF_UNIT = ("place__tree_left", "population_served")
_SAID = (*_OF_REPORT, *(f"unit__{name}" for name in _OF_UNIT))


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
    texts = (Cast("sums", TextField()), Cast("counts", TextField()))
    by_form: dict[str, list[tuple[Any, ...]]] = {form_id: [] for form_id in window.forms}
    for row in rows.values_list("form", "day", "place_id", *COUNTERS, *texts):
        if row[1] <= window.last[row[0]]:
            by_form[row[0]].append(row)
    for form_id, of_form in by_form.items():
        if of_form:
            found[form_id].take(of_form, window.first, position)


def _reports(window: Window) -> QuerySet[Report]:
    place = window.places[0]
    return Report.objects.filter(
        form__in=window.forms,
        day__range=(window.first, max(window.last.values())),
        unit__place__tree_left__range=(place.tree_left, place.tree_right),
    )


def _said_later(window: Window) -> list[tuple[Any, ...]] | None:
    """Return the current reports of the window that were made at ``cut`` or later; None if too many.

    The day goes through a function so that the index of the moment is used, and not that of the day: of a
    brief as of now nothing was said later, and nothing is read.
    """
    later = Report.objects.alias(about=Coalesce("day", "day")).filter(
        form__in=window.forms,
        reported_at__gte=window.cut,
        about__range=(window.first, max(window.last.values())),
        is_current=True,
    )
    rows = list(later.values_list(*_OF_REPORT)[: UNDONE_AT_MOST + 1])
    if not rows or len(rows) > UNDONE_AT_MOST:
        return None if rows else []
    place = window.places[0]
    units = Facility.objects.filter(
        pk__in={row[0] for row in rows},
        place__tree_left__range=(place.tree_left, place.tree_right),
    ).order_by()
    here = {pk: of_unit for pk, *of_unit in units.values_list("pk", *_OF_UNIT)}
    return [(*row, *here[row[0]]) for row in rows if row[0] in here]


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
    corrected = {row[:3] for row in later if row[3] > 1}
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
    _, form, day, _, values, late, synthetic, tree_left, population = row
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
