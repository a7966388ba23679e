"""The figures that cross-form rules compare: of one unit, or of a place in which every unit has reported."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from fangxian.ground.places.choices import Level
from fangxian.ground.places.models import Facility, Place
from fangxian.plans.schema import Form
from fangxian.reporting.models import Report
from fangxian.reporting.rules import Number
from fangxian.reporting.rules.totals import figures
from fangxian.reporting.selectors.coverage import DueTable, groups_under
from fangxian.reporting.selectors.totals import Kept, Key, kept_totals

CHECKED_LEVEL = Level.COUNTY
"""Totals are compared at this level: people cross town borders, and a city hides a county's silence."""


def checked_place(place: Place) -> Place | None:
    """Return the place whose totals are compared for a unit standing here."""
    if place.level < CHECKED_LEVEL:
        return place
    return Place.objects.filter(
        tree_left__lte=place.tree_left, tree_right__gte=place.tree_left, level=CHECKED_LEVEL
    ).last()


def checked_places(tree_lefts: Sequence[int]) -> list[Place]:
    """Return the places whose totals are compared for units standing at many places."""
    level = list(Place.objects.filter(level=CHECKED_LEVEL).order_by("tree_left"))
    starts = [place.tree_left for place in level]
    found: dict[int, Place] = {}
    above = []
    for left in tree_lefts:
        index = bisect_right(starts, left) - 1
        if index >= 0 and left <= level[index].tree_right:
            found[level[index].pk] = level[index]
        else:
            above.append(left)
    upper = Place.objects.filter(tree_left__in=above, level__lt=CHECKED_LEVEL)
    return [*found.values(), *upper]


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
    totals: Mapping[str, Mapping[Key, Kept]]
    due: Mapping[tuple[str, int, date], int]

    @classmethod
    def read(cls, forms: Mapping[str, Form], places: Iterable[Place], days: Iterable[date]) -> PlaceFigures:
        """Fetch what is needed for places and days, and the days before."""
        places = list(places)
        wanted = sorted({day - timedelta(days=back) for day in days for back in (0, 1)})
        keys = [(place.pk, day) for place in places for day in wanted]
        groups = groups_under(places, forms.values())
        due: dict[tuple[str, int, date], int] = {}
        for name, form in forms.items():
            table = DueTable.of(form, groups)
            for place in places:
                counts, _ = table.count(place, wanted)
                due |= {(name, place.pk, day): count for day, count in zip(wanted, counts, strict=True)}
        return cls(forms, {name: kept_totals(form.id, keys) for name, form in forms.items()}, due)

    def of(self, keys: Iterable[str], place_id: int, day: date) -> dict[str, Number | None]:
        """Return figures of a place by the keys that a rule uses; what is incomplete is absent."""
        return {key: self._figure(key, place_id, day) for key in sorted(keys)}

    def _figure(self, key: str, place_id: int, day: date) -> Number | None:
        bare = key.removeprefix("previous(").removesuffix(")")
        name, _, field_id = bare.partition(".")
        if bare != key:
            day -= timedelta(days=1)
        kept = self.totals[name].get((place_id, day))
        if kept is None or kept.reported < self.due[name, place_id, day]:
            return None
        return figures(self.forms[name], kept.sums, kept.counts, kept.maxima).get(field_id)
