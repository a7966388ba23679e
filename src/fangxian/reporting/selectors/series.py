"""Figures of places over days, read from the kept totals, with coverage; absent stays absent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from fangxian.ground.places.models import Place
from fangxian.plans.schema import Form
from fangxian.reporting.rules import Number, local_day
from fangxian.reporting.rules.totals import figures
from fangxian.reporting.selectors.coverage import Coverage, DueTable, UnitGroups, groups_under
from fangxian.reporting.selectors.said import live_totals, said_later
from fangxian.reporting.selectors.timeliness import Period
from fangxian.reporting.selectors.totals import Kept, Key, kept_between, kept_of_forms, undo
from fangxian.reporting.selectors.units import keeps_totals


class SeriesPoint(NamedTuple):
    """One place, form and day: each field's figure or ``None``, and how much stands behind it."""

    values: Mapping[str, Number | None]
    given: Mapping[str, int]
    coverage: Coverage
    late: int = 0
    zero_declared: int = 0
    corrected: int = 0
    synthetic: int = 0


@dataclass(frozen=True)
class PlaceSeries:
    """A place over days; ``points[i]`` is about ``days[i]``."""

    place: Place
    form: Form
    days: Sequence[date]
    points: Sequence[SeriesPoint]

    def column(self, field_id: str) -> list[Number | None]:
        """Return one field over the days; ``None`` where nobody reported it."""
        return [point.values.get(field_id) for point in self.points]


def series(
    places: Sequence[Place],
    form: Form,
    period: Period,
    *,
    as_of: datetime | None = None,
    groups: UnitGroups | None = None,
) -> list[PlaceSeries]:
    """Return each place over a period.

    With ``as_of``, only what had been reported by then counts: later first reports are taken out and later
    corrections give way to the revision that stood. ``groups`` saves a query where the caller has them.
    """
    if not places:
        return []
    due = DueTable.of(form, groups_under(places, [form]) if groups is None else groups)
    kept = _kept(places, form, period, as_of)
    days = period.days()
    return [_place_series(place, form, days, due, kept) for place in places]


def series_of_forms(
    place: Place, forms: Sequence[Form], period: Period, *, groups: UnitGroups
) -> list[PlaceSeries]:
    """Return several forms of one place over a period, their totals read at once."""
    if not keeps_totals(place):
        return [series([place], form, period, groups=groups)[0] for form in forms]
    kept = kept_of_forms([form.id for form in forms], place, period.first, period.last)
    return [
        _place_series(place, form, period.days(), DueTable.of(form, groups), kept.get(form.id, {}))
        for form in forms
    ]


def _kept(places: Sequence[Place], form: Form, period: Period, as_of: datetime | None) -> dict[Key, Kept]:
    above = [place for place in places if keeps_totals(place)]
    villages = [place for place in places if not keeps_totals(place)]
    if as_of is not None:
        period = Period(period.first, min(period.last, local_day(form.deadline, as_of)))
    kept = kept_between(form.id, {place.pk for place in above}, period.first, period.last)
    if as_of is not None:
        for key, later in said_later(above, form, period, as_of).items():
            kept[key] = undo(kept[key], later)
    return kept | live_totals(villages, form, period, as_of)


_ABSENT = Kept({}, {}, {}, 0, 0, 0, 0, 0, 0)


def _place_series(
    place: Place, form: Form, days: Sequence[date], due: DueTable, kept: Mapping[Key, Kept]
) -> PlaceSeries:
    owing, people = due.count(place, days)
    points = []
    for day, owed, served in zip(days, owing, people, strict=True):
        one = kept.get((place.pk, day), _ABSENT)
        known = None if served is None else one.population_reported
        points.append(
            SeriesPoint(
                figures(form, one.sums, one.counts, one.maxima),
                one.counts,
                Coverage(one.reported, owed, known, served),
                one.late,
                one.zero_declared,
                one.corrected,
                one.synthetic,
            )
        )
    return PlaceSeries(place, form, days, points)
