"""People under each measure, and what each costs a day, in yuan, from what was done and what happened."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fangxian.plans.schema import (
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


@dataclass(frozen=True, eq=False)
class MeasureDays:
    """Two numbers of each measure by day.

    Parameters
    ----------
    measures : tuple of str
        Ids, M, in the order of the plan; those that were never taken included.
    people : float array [D, M]
        People of the places in which it was in force.
    cost : float array [D, M]
        Yuan.
    """

    measures: tuple[str, ...]
    people: FloatArray
    cost: FloatArray


def measure_days(measures: tuple[str, ...], town: Town, diary: Diary, outcome: Outcome) -> MeasureDays:
    """Return people under each measure and its cost by day.

    Persons who are kept apart for several days are charged on the day on which that begins. Tubes of a round
    of screening are those of the people sampled; single tubes after a positive pool are left out.

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
        D days, M measures.
    """
    people = np.zeros((outcome.days, len(measures)))
    cost = np.zeros_like(people)
    number = {measure: index for index, measure in enumerate(measures)}
    bill = _Bill(town, diary, outcome)
    for day in range(outcome.days):
        for applied in diary.in_force[day].effects:
            column = number[applied.measure.id]
            inside = float(town.people_of_place[applied.where].sum())
            people[day, column] = max(people[day, column], inside)
            if applied.effect.unit_cost > 0:
                cost[day, column] += applied.effect.unit_cost * bill.units(applied, day)
    return MeasureDays(measures, people, cost)


class _Bill:
    """How many units of each kind a day had."""

    def __init__(self, town: Town, diary: Diary, outcome: Outcome) -> None:
        self.town, self.diary, self.outcome = town, diary, outcome
        self._flows = {flow: outcome.flow(flow).sum(axis=2, dtype=np.int64) for flow in _COUNTED}
        self._in_bed = sum(
            outcome.stock(stock).sum(axis=2, dtype=np.int64)
            for stock in (Stock.IN_WARD, Stock.IN_INTENSIVE_CARE)
        )

    def units(self, applied: Applied, day: int) -> float:
        effect, where = applied.effect, applied.where
        if isinstance(effect, ContactReduction):
            covered = self.town.ages_within(effect.age_from, effect.age_to)
            return float((self.town.people[where] @ covered).sum())
        if isinstance(effect, Masks | TravelReduction):
            return float(self.town.people_of_place[where].sum())
        if isinstance(effect, ScreeningRounds):
            return self._sampled(day, where) / effect.pool_size
        if isinstance(effect, CaseIsolation):
            return self._count(Flow.CASES_ISOLATED, day, where) * effect.days
        if isinstance(effect, ContactQuarantine):
            isolation = self.diary.measures[day].isolation
            days = np.broadcast_to(0.0 if isolation is None else isolation.contact_days, where.shape)
            return float((self._flows[Flow.CONTACTS_QUARANTINED][day] * days)[where].sum())
        if effect.kind == "symptomatic_testing":
            return max(0.0, self._count(Flow.TESTS, day, where) - self._sampled(day, where))
        if effect.kind == "laboratory":
            return float(self.outcome.laboratory_tubes[day])
        if effect.kind == "isolation_rooms":
            return float(self.outcome.rooms_used[day])
        if effect.kind == "beds":
            return float(self._in_bed[day][where].sum())
        return self._count(_FLOW_OF[effect.kind], day, where)

    def _count(self, flow: Flow, day: int, where: NDArray[np.bool_]) -> float:
        return float(self._flows[flow][day][where].sum())

    def _sampled(self, day: int, where: NDArray[np.bool_]) -> float:
        screening = self.diary.measures[day].screening
        if screening is None:
            return 0.0
        return float((screening.share * self.town.people_of_place)[where].sum())


_FLOW_OF = {
    "stay_home_when_ill": Flow.SYMPTOMATIC,
    "contact_tracing": Flow.CASES_TRACED,
    "vaccination": Flow.DOSES,
    "antivirals": Flow.ANTIVIRAL_COURSES,
}
_COUNTED = (*_FLOW_OF.values(), Flow.CASES_ISOLATED, Flow.CONTACTS_QUARANTINED, Flow.TESTS)
