"""Figures of places over days, read from the kept totals, with coverage; absent stays absent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from fangxian.ground.places.models import Place
from fangxian.plans.schema import Form
from fangxian.reporting.models import Report
from fangxian.reporting.rules import Counted, Number
from fangxian.reporting.rules.totals import Tally, add, negative, settle, tally
from fangxian.reporting.selectors.coverage import Coverage, DueTable
from fangxian.reporting.selectors.crosscheck import figures_of
from fangxian.reporting.selectors.timeliness import Period
from fangxian.reporting.selectors.totals import Key, Whole, kept_totals_between, kept_totals_of_forms
from fangxian.reporting.selectors.units import Unit, keeps_totals, units_under


@dataclass(frozen=True)
class SeriesPoint:
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
    units: Sequence[Unit] | None = None,
) -> list[PlaceSeries]:
    """Return each place over a period.

    With ``as_of``, only what had been reported by then counts: later first reports are taken out and later
    corrections give way to the revision that stood. ``units`` saves a query where the caller has them.
    """
    if not places:
        return []
    if units is None:
        units = units_under(places, [form])
    due = DueTable.of(form, units)
    wholes = _wholes(places, form, period, as_of)
    days = period.days()
    return [_place_series(place, form, days, due, wholes) for place in places]


def series_of_forms(
    place: Place, forms: Sequence[Form], period: Period, *, units: Sequence[Unit]
) -> list[PlaceSeries]:
    """Return several forms of one place over a period, their totals read at once."""
    if not keeps_totals(place):
        return [series([place], form, period, units=units)[0] for form in forms]
    wholes = kept_totals_of_forms([form.id for form in forms], place, period.first, period.last)
    return [
        _place_series(place, form, period.days(), DueTable.of(form, units), wholes.get(form.id, {}))
        for form in forms
    ]


def _wholes(places: Sequence[Place], form: Form, period: Period, as_of: datetime | None) -> dict[Key, Whole]:
    kept = [place for place in places if keeps_totals(place)]
    live = [place for place in places if not keeps_totals(place)]
    wholes = kept_totals_between(form.id, {place.pk for place in kept}, period.first, period.last)
    if as_of is not None:
        for key, undo in _said_later(kept, form, period, as_of).items():
            tallied, maxima = wholes.get(key, (Tally(), {}))
            wholes[key] = (settle(add([tallied, undo])), maxima)
    return wholes | _live(live, form, period, as_of)


def _place_series(
    place: Place, form: Form, days: Sequence[date], due: DueTable, wholes: Mapping[Key, Whole]
) -> PlaceSeries:
    owing, people = due.count(place, days)
    points = []
    for day, owed, served in zip(days, owing, people, strict=True):
        tallied, maxima = wholes.get((place.pk, day), (Tally(), {}))
        counters = tallied.counters
        figures = figures_of(form, tallied, maxima)
        points.append(
            SeriesPoint(
                values={field.id: figures.get(field.id) for field in form.fields},
                given=tallied.counts,
                coverage=Coverage(
                    counters.get("reported", 0),
                    owed,
                    counters.get("population_reported", 0) if served is not None else None,
                    served,
                ),
                **{
                    name: counters.get(name, 0)
                    for name in ("late", "zero_declared", "corrected", "synthetic")
                },
            )
        )
    return PlaceSeries(place, form, days, points)


_SAID = (
    "unit_id",
    "unit__place__tree_left",
    "day",
    "values",
    "zero_declared",
    "late",
    "revision",
    "unit__population_served",
    "synthetic",
)


def _said_later(places: Sequence[Place], form: Form, period: Period, as_of: datetime) -> dict[Key, Tally]:
    """Return for each place and day what must be added to its totals to take back what was said later."""
    in_period = Report.objects.filter(form=form.id, day__range=(period.first, period.last))
    later = list(in_period.filter(reported_at__gt=as_of, is_current=True).values_list(*_SAID))
    undone: dict[Key, list[Tally]] = {}
    for row in later:
        _spread(undone, places, row, negative(_tally(row)))
    corrected = {(row[0], row[2]) for row in later if row[6] > 1}
    if corrected:
        stood = in_period.filter(unit__in={unit for unit, _ in corrected}, reported_at__lte=as_of)
        newest = {(row[0], row[2]): row for row in stood.order_by("revision").values_list(*_SAID)}
        for key in corrected & newest.keys():
            _spread(undone, places, newest[key], _tally(newest[key]))
    return {key: add(tallies) for key, tallies in undone.items()}


def _tally(row: Sequence) -> Tally:
    values, zero_declared, late, revision, population, synthetic = row[3:9]
    return tally(Counted(values, zero_declared, late, revision, population or 0, synthetic))


def _spread(into: dict[Key, list[Tally]], places: Iterable[Place], row: Sequence, one: Tally) -> None:
    for place in places:
        if place.tree_left <= row[1] <= place.tree_right:
            into.setdefault((place.pk, row[2]), []).append(one)


def _live(places: Sequence[Place], form: Form, period: Period, as_of: datetime | None) -> dict[Key, Whole]:
    """Add up the reports of places for which no totals are kept."""
    if not places:
        return {}
    reports = Report.objects.filter(
        form=form.id, day__range=(period.first, period.last), unit__place__in=[place.pk for place in places]
    )
    reports = reports.filter(is_current=True) if as_of is None else reports.filter(reported_at__lte=as_of)
    newest = {(row[0], row[2]): row for row in reports.order_by("revision").values_list(*_SAID)}
    sums: dict[Key, list[Tally]] = {}
    peaks: dict[Key, dict[str, Number]] = {}
    for row in newest.values():
        _spread(sums, places, row, _tally(row))
        for place in places:
            if place.tree_left <= row[1] <= place.tree_right:
                highest = peaks.setdefault((place.pk, row[2]), {})
                for name, value in row[3].items():
                    if value is not None:
                        highest[name] = max(highest.get(name, value), value)
    return {key: (settle(add(parts)), peaks.get(key, {})) for key, parts in sums.items()}
