"""Where every unit of a place stands with the forms of a day, by columns: many units, few ways to stand."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray

from fangxian.ground.places.models import Place
from fangxian.plans.schema import Form
from fangxian.reporting.models import Report
from fangxian.reporting.rules import STATES, Arrival, Judge, Standing
from fangxian.reporting.selectors.coverage import UnitGroups, whole
from fangxian.reporting.selectors.units import MANY, facilities_in

SILENT_AND_OWING, SILENT_AND_FREE = 0, 1
_ARRIVED = 2
_WAYS = _ARRIVED + 16
_RANK = {state: rank for rank, state in enumerate(STATES)}


@dataclass(frozen=True)
class Counts:
    """How many units and forms are in each state, and how many carry a flag."""

    states: Mapping[str, int] = field(default_factory=dict)
    zero_declared: int = 0
    corrected: int = 0
    contradicted: int = 0

    @property
    def due(self) -> int:
        """All who owe a report, whatever became of it."""
        return sum(count for state, count in self.states.items() if state != "not_due")

    @property
    def reported(self) -> int:
        """Those whose report is here."""
        return self.states.get("in_time", 0) + self.states.get("late", 0)


@dataclass(frozen=True)
class UnitRoll:
    """The units of a place one by one, in tree order and then by code; ``groups`` has one entry for each."""

    pk: NDArray[np.int64]
    groups: UnitGroups

    @classmethod
    def read(cls, place: Place, forms: Iterable[Form]) -> UnitRoll:
        """Fetch what decides whether a unit owes, and nothing that a page shows of it."""
        units = facilities_in(place, forms).order_by("place__tree_left", "code")
        rows = units.values_list(
            "pk", "kind", "grade", "opened", "closed", "place__tree_left", "population_served", "synthetic"
        )
        pk, *said, people, synthetic = list(zip(*rows, strict=True)) or [()] * 8
        number, stating = [1] * len(pk), [one is not None for one in people]
        return cls(whole(pk), UnitGroups.of([*said, number, people, stating, synthetic]))

    def positions(self, pks: Sequence[int]) -> NDArray[np.int64]:
        """Return where in the roll units stand; -1 for those that are not in it."""
        if len(self.pk) == 0:
            return np.full(len(pks), -1, dtype=np.int64)
        order = np.argsort(self.pk)
        found = order[np.minimum(np.searchsorted(self.pk, pks, sorter=order), len(order) - 1)]
        return np.where(self.pk[found] == whole(pks), found, -1)


@dataclass(frozen=True)
class Standings:
    """One entry for each form and each unit of a kind that fills it in.

    ``unit`` is the position of the unit in the roll, ``way`` that of its standing in ``ways``: a state of one
    form with its flags, of which there are only a few however many units there are.
    """

    roll: UnitRoll
    forms: Sequence[Form]
    ways: Sequence[Standing]
    unit: NDArray[np.int64]
    way: NDArray[np.int64]

    @classmethod
    def read(
        cls,
        roll: UnitRoll,
        forms: Sequence[Form],
        day: date,
        *,
        now: datetime,
        contradicted: Collection[int] = (),
    ) -> Standings:
        """Fetch what came about a day, and judge it."""
        ways = [way for form in forms for way in _ways(Judge(form.deadline, day, now))]
        came = _arrivals(roll, forms, day)
        if contradicted:
            came += np.where(np.isin(roll.pk, list(contradicted)) & (came >= 0), 8, 0)
        silent = np.where(roll.groups.open_on(day), SILENT_AND_OWING, SILENT_AND_FREE)
        units, stands = [whole([])], [whole([])]
        for index, form in enumerate(forms):
            chosen = np.flatnonzero(roll.groups.reporters(form))
            arrived = came[index, chosen]
            units.append(chosen)
            stands.append(_WAYS * index + np.where(arrived < 0, silent[chosen], _ARRIVED + arrived))
        return cls(roll, forms, ways, np.concatenate(units), np.concatenate(stands))

    @property
    def tree_left(self) -> NDArray[np.int64]:
        """Return where in the tree the unit of each entry stands."""
        return self.roll.groups.tree_left[self.unit]

    def form(self, entry: int) -> Form:
        """Return the form of an entry."""
        return self.forms[int(self.way[entry]) // _WAYS]

    def standing(self, entry: int) -> Standing:
        """Return where the unit of an entry stands."""
        return self.ways[int(self.way[entry])]

    def pk(self, entry: int) -> int:
        """Return the key of the unit of an entry."""
        return int(self.roll.pk[self.unit[entry]])

    def counts(self) -> Counts:
        """Count all entries by state and flag."""
        return self._counts(np.bincount(self.way, minlength=len(self.ways)))

    def counts_by_form(self) -> list[Counts]:
        """Count the entries of each form."""
        numbers = np.bincount(self.way, minlength=len(self.ways))
        return [
            self._counts(np.where(np.arange(len(numbers)) // _WAYS == index, numbers, 0))
            for index in range(len(self.forms))
        ]

    def counts_by_part(self, part: NDArray[np.int64], parts: int) -> list[Counts]:
        """Count the entries of each part, ``part`` saying for each entry in which it is; -1 is in none."""
        inside = part >= 0
        numbers = np.bincount(
            part[inside] * len(self.ways) + self.way[inside], minlength=parts * len(self.ways)
        )
        return [self._counts(row) for row in numbers.reshape(parts, len(self.ways))]

    def worst_first(self, states: Collection[str]) -> NDArray[np.int64]:
        """Return the entries in some states: the worst state first, in tree order, by code, by form."""
        rank = whole([_RANK[way.state] for way in self.ways])[self.way]
        entries = np.flatnonzero(np.isin(rank, [_RANK[state] for state in states if state in _RANK]))
        names = {form_id: place for place, form_id in enumerate(sorted(form.id for form in self.forms))}
        by_name = whole([names[form.id] for form in self.forms])[self.way[entries] // _WAYS]
        return entries[np.lexsort((by_name, self.unit[entries], rank[entries]))]

    def in_tree_order(self, states: Collection[str]) -> NDArray[np.int64]:
        """Return the entries in some states in tree order, by code, in the order of the forms."""
        wanted = np.array([way.state in states for way in self.ways], dtype=np.bool_)
        entries = np.flatnonzero(wanted[self.way])
        return entries[np.argsort(self.unit[entries], kind="stable")]

    def _counts(self, numbers: NDArray[np.int64]) -> Counts:
        states: dict[str, int] = {}
        zero_declared = corrected = contradicted = 0
        for index in np.flatnonzero(numbers):
            way, number = self.ways[index], int(numbers[index])
            states[way.state] = states.get(way.state, 0) + number
            zero_declared += number * way.zero_declared
            corrected += number * way.corrected
            contradicted += number * way.contradicted
        return Counts(states, zero_declared, corrected, contradicted)


def below(children: Sequence[Place], tree_left: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return for positions in the tree the child in which each lies; -1 is the place itself."""
    return np.searchsorted(whole([child.tree_left for child in children]), tree_left, side="right") - 1


def _ways(judge: Judge) -> list[Standing]:
    """Return every way to stand with a form: silent and owing or not, then arrived by its four flags."""
    return [
        judge.standing(owes=True),
        judge.standing(owes=False),
        *(
            judge.standing(
                owes=True,
                arrival=Arrival(bool(flags & 4), 2 if flags & 2 else 1, bool(flags & 1)),
                contradicted=bool(flags & 8),
            )
            for flags in range(16)
        ),
    ]


def _arrivals(roll: UnitRoll, forms: Sequence[Form], day: date) -> NDArray[np.int64]:
    """Return what came, [form, unit]: late 4, corrected 2, zero declared 1, or -1 where nothing did.

    For many units the whole day is read, which needs no join.
    """
    query = Report.objects.filter(form__in=[form.id for form in forms], day=day, is_current=True)
    if len(roll.pk) <= MANY:
        query = query.filter(unit__in=roll.pk.tolist())
    came = np.full((len(forms), len(roll.pk)), -1, dtype=np.int64)
    rows = list(query.values_list("unit_id", "form", "late", "revision", "zero_declared"))
    if not rows:
        return came
    unit, form, late, revision, zero = zip(*rows, strict=True)
    at = roll.positions(unit)
    known = at >= 0
    position = {one.id: index for index, one in enumerate(forms)}
    said = 4 * whole(late) + 2 * (whole(revision) > 1) + whole(zero)
    came[whole([position[one] for one in form])[known], at[known]] = said[known]
    return came
