"""People under each measure, and what each costs a day, in yuan, from what was done and what happened."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fangxian.plans.schema import (
    AnyEffect,
    CaseIsolation,
    ContactQuarantine,
    ContactReduction,
    Masks,
    ScreeningRounds,
    TravelReduction,
)
from fangxian.science.agents.outcome import Flow, Outcome, Stock
from fangxian.studies.rehearsal.controller import Diary
from fangxian.studies.rehearsal.in_force import Applied
from fangxian.studies.rehearsal.town import Town

FloatArray = NDArray[np.float64]
OLDEST_NAMED = 130


@dataclass(frozen=True, eq=False)
class MeasureDays:
    """Two numbers of each measure by day.

    Parameters
    ----------
    measures : tuple of str
        Ids, M, in the order of the plan; those that were never taken included.
    people : float array [D, M]
        People of the places and ages whom it concerned.
    cost : float array [D, M]
        Yuan.
    """

    measures: tuple[str, ...]
    people: FloatArray
    cost: FloatArray


@dataclass(frozen=True, eq=False)
class MeasureCells:
    """The same on one day by place and age.

    Parameters
    ----------
    day : int
        Of the run.
    people, cost : float arrays [M, P, A]
        People concerned, where it was in force; yuan.
    """

    day: int
    people: FloatArray
    cost: FloatArray


def measure_days(measures: tuple[str, ...], town: Town, diary: Diary, outcome: Outcome) -> MeasureDays:
    """Return people under each measure and its cost by day, of the whole city.

    Parameters
    ----------
    measures : tuple of str
        Ids of the plan's measures.
    town : Town
        Of the run.
    diary : Diary
        What was done.
    outcome : Outcome
        What happened.

    Returns
    -------
    MeasureDays
        D days, M measures: the sums of `measure_cells`.
    """
    people = np.zeros((outcome.days, len(measures)))
    cost = np.zeros_like(people)
    for cells in measure_cells(measures, town, diary, outcome):
        people[cells.day] = cells.people.sum(axis=(1, 2))
        cost[cells.day] = cells.cost.sum(axis=(1, 2))
    return MeasureDays(measures, people, cost)


def measure_cells(
    measures: tuple[str, ...], town: Town, diary: Diary, outcome: Outcome
) -> Iterator[MeasureCells]:
    """Yield people under each measure and its cost, day after day.

    Persons who are kept apart for several days are charged on the day on which that begins. Tubes of a round
    of screening are those of the people sampled; single tubes after a positive pool are left out. Tubes that
    laboratories are paid for hold samples of all ages; their cost is spread over the people of the place who
    were tested that day.

    Parameters
    ----------
    measures : tuple of str
        Ids of the plan's measures.
    town : Town
        Of the run.
    diary : Diary
        What was done.
    outcome : Outcome
        What happened.

    Yields
    ------
    MeasureCells
        Of one day.
    """
    number = {measure: index for index, measure in enumerate(measures)}
    bill = _Bill(town, diary, outcome)
    for day in range(outcome.days):
        people = np.zeros((len(measures), *town.people.shape))
        cost = np.zeros_like(people)
        for applied in diary.in_force[day].effects:
            row, where = number[applied.measure.id], applied.where
            people[row, where] = np.maximum(people[row, where], bill.concerned(applied.effect)[where])
            if applied.effect.unit_cost > 0:
                cost[row, where] += applied.effect.unit_cost * bill.units(applied, day)[where]
        yield MeasureCells(day, people, cost)


class _Bill:
    """How many units of each kind a day had, by place and age; float arrays [P, A]."""

    def __init__(self, town: Town, diary: Diary, outcome: Outcome) -> None:
        self.town, self.diary, self.outcome = town, diary, outcome
        self._people_aged: dict[tuple[int, int], FloatArray] = {}

    def concerned(self, effect: AnyEffect) -> FloatArray:
        """Return the people of the ages that an effect names; all, if it names none."""
        ages = getattr(effect, "age_from", 0), getattr(effect, "age_to", OLDEST_NAMED)
        if ages not in self._people_aged:
            self._people_aged[ages] = self.town.people * self.town.ages_within(*ages)
        return self._people_aged[ages]

    def units(self, applied: Applied, day: int) -> FloatArray:
        """Return the units of an effect on a day, in all places."""
        effect = applied.effect
        if isinstance(effect, ContactReduction | Masks | TravelReduction):
            return self.concerned(effect)
        if isinstance(effect, ScreeningRounds):
            return self._sampled(day) / effect.pool_size
        if isinstance(effect, CaseIsolation):
            return self._flow(Flow.CASES_ISOLATED, day) * effect.days
        if isinstance(effect, ContactQuarantine):
            isolation = self.diary.measures[day].isolation
            days = np.broadcast_to(0.0 if isolation is None else isolation.contact_days, applied.where.shape)
            person_days: FloatArray = self._flow(Flow.CONTACTS_QUARANTINED, day) * days[:, None]
            return person_days
        if effect.kind == "symptomatic_testing":
            return np.maximum(0.0, self._flow(Flow.TESTS, day) - np.rint(self._sampled(day)))
        if effect.kind == "laboratory":
            return self._tubes(day)
        if effect.kind == "isolation_rooms":
            return self._stock(day, Stock.IN_ROOMS)
        if effect.kind == "beds":
            return self._stock(day, Stock.IN_WARD, Stock.IN_INTENSIVE_CARE)
        return self._flow(_FLOW_OF[effect.kind], day)

    def _flow(self, flow: Flow, day: int) -> FloatArray:
        counted: FloatArray = self.outcome.flows[day, flow].astype(np.float64)
        return counted

    def _stock(self, day: int, *stocks: Stock) -> FloatArray:
        counted: FloatArray = self.outcome.stocks[day, list(stocks)].sum(axis=0, dtype=np.float64)
        return counted

    def _sampled(self, day: int) -> FloatArray:
        screening = self.diary.measures[day].screening
        if screening is None:
            return np.zeros(self.town.people.shape)
        sampled: FloatArray = screening.share[:, None] * self.town.people
        return sampled

    def _tubes(self, day: int) -> FloatArray:
        tested = self._flow(Flow.TESTS, day)
        spread = np.where(tested.sum(axis=1, keepdims=True) > 0, tested, self.town.people)
        spread = spread / np.maximum(spread.sum(axis=1, keepdims=True), 1.0)
        tubes: FloatArray = spread * self.outcome.laboratory_tubes[day][:, None]
        return tubes


_FLOW_OF = {
    "stay_home_when_ill": Flow.SYMPTOMATIC,
    "contact_tracing": Flow.CASES_TRACED,
    "vaccination": Flow.DOSES,
    "antivirals": Flow.ANTIVIRAL_COURSES,
}
