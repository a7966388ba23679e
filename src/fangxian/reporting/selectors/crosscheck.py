"""The figures that cross-form rules compare: of one unit, or of a place in which every unit has reported."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from fangxian.ground.places.choices import Level
from fangxian.ground.places.models import Facility, Place
from fangxian.plans.schema import Form
from fangxian.reporting.models import Report
from fangxian.reporting.rules import Number, combine
from fangxian.reporting.rules.totals import Tally, from_thousandths
from fangxian.reporting.selectors.totals import Key, Whole, kept_totals
from fangxian.reporting.selectors.units import Unit, owes, units_in

CHECKED_LEVEL = Level.COUNTY
"""Totals are compared at this level: people cross town borders, and a city hides a county's silence."""


def checked_place(place: Place) -> Place | None:
    """Return the place whose totals are compared for a unit standing here."""
    if place.level < CHECKED_LEVEL:
        return place
    return Place.objects.filter(
        tree_left__lte=place.tree_left, tree_right__gte=place.tree_left, level=CHECKED_LEVEL
    ).last()


def unit_figures(
    named: Mapping[str, Form], units: Sequence[Facility], days: Sequence[date]
) -> dict[Key, dict[str, Number | None]]:
    """Return for units and days what their own reports say, by the names that rules use."""
    names = {form.id: name for name, form in named.items()}
    wanted = {*days, *(day - timedelta(days=1) for day in days)}
    found: dict[Key, dict[str, Number | None]] = {}
    rows = Report.objects.filter(
        unit__in=[unit.pk for unit in units], form__in=names, day__in=wanted, is_current=True
    ).values_list("unit_id", "form", "day", "values")
    for unit_id, form, day, values in rows:
        today = found.setdefault((unit_id, day), {})
        tomorrow = found.setdefault((unit_id, day + timedelta(days=1)), {})
        for field, value in values.items():
            today[f"{names[form]}.{field}"] = value
            tomorrow[f"previous({names[form]}.{field})"] = value
    return found


@dataclass(frozen=True)
class PlaceFigures:
    """Totals of several forms in places, only where every unit that owes the form has reported."""

    forms: Mapping[str, Form]
    totals: Mapping[str, Mapping[Key, Whole]]
    units: Mapping[int, Sequence[Unit]]

    @classmethod
    def read(cls, forms: Mapping[str, Form], places: Iterable[Place], days: Iterable[date]) -> PlaceFigures:
        """Fetch what is needed for places and days, and the days before."""
        places = list(places)
        wanted = {day - timedelta(days=back) for day in days for back in (0, 1)}
        keys = [(place.pk, day) for place in places for day in wanted]
        return cls(
            forms,
            {name: kept_totals(form.id, keys) for name, form in forms.items()},
            {place.pk: units_in(place, forms.values()) for place in places},
        )

    def of(self, place_id: int, day: date) -> dict[str, Number | None]:
        """Return the figures of a place by the names that rules use; what is incomplete is absent."""
        figures: dict[str, Number | None] = {}
        for name, form in self.forms.items():
            for key, value in self._complete(name, form, place_id, day).items():
                figures[f"{name}.{key}"] = value
            for key, value in self._complete(name, form, place_id, day - timedelta(days=1)).items():
                figures[f"previous({name}.{key})"] = value
        return figures

    def _complete(self, name: str, form: Form, place_id: int, day: date) -> dict[str, Number | None]:
        kept = self.totals[name].get((place_id, day))
        if kept is None:
            return {}
        tallied, maxima = kept
        due = sum(owes(form, unit, day) for unit in self.units[place_id])
        if tallied.counters.get("reported", 0) < due:
            return {}
        return figures_of(form, tallied, maxima)


def figures_of(form: Form, tallied: Tally, maxima: Mapping[str, Number]) -> dict[str, Number | None]:
    """Return the figure of each field of a form from a tally, each combined as the plan says."""
    sums = from_thousandths(tallied.sums)
    return {
        field.id: combine(
            field.aggregation, sums[field.id], tallied.counts.get(field.id, 0), maxima.get(field.id)
        )
        for field in form.fields
        if field.id in sums
    }
