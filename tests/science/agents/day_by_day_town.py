"""The slow, obvious twin of the simulator: what it knows of a town, person by person.

Written from docs/algorithms/simulation.md alone, with numpy's ordinary random generator: nothing is drawn
ahead, there is no queue, and every person is looked at in every step of time (``day_by_day.py``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np

from fangxian.science.agents.city import City
from fangxian.science.agents.measures import DayMeasures, Stay
from fangxian.science.agents.outcome import Flow, Stock
from fangxian.science.agents.records import Delay, DiseaseCourse, Protection

NEVER = float("inf")
NOBODY = -1


def of_place(values: object, place: int, dimensions: int = 0) -> Any:
    """Return the row of a place of what is one for all places or has a row for each."""
    array = np.asarray(values, dtype=object) if isinstance(values, tuple) else np.asarray(values)
    return array[place] if array.ndim > dimensions else array[()]


class Due(IntEnum):
    """What can fall due for a person, once at a time."""

    ONSET = 0
    SAMPLE = 1
    CONFIRMATION = 2
    REPORT = 3
    NEED_WARD = 4
    NEED_INTENSIVE = 5
    WARD_REFUSAL = 6
    INTENSIVE_REFUSAL = 7
    LEAVE_WARD = 8
    LEAVE_INTENSIVE = 9
    DEATH = 10
    END_APART = 11


class Luck(IntEnum):
    """The uniform numbers of a person, drawn once for each purpose."""

    SEVERE = 0
    CLINIC = 1
    TEST = 2
    CASE_APART = 3
    CONTACT_APART = 4
    TREATMENT_WORKS = 5
    CRITICAL = 6
    DEATH = 7
    WILLING = 8


@dataclass(frozen=True, eq=False)
class Scene:
    """A town, a disease and the measures of every day: what a run is made of."""

    city: City
    disease: DiseaseCourse
    protection: Protection
    measures_of: Callable[[int], DayMeasures]
    days: int
    tier: np.ndarray
    pool_of_place: np.ndarray


class Town:
    """The people of a run and the state of each; arrays over n persons unless said otherwise."""

    def __init__(self, scene: Scene, rng: np.random.Generator, days: int) -> None:
        people = scene.city.population
        n, places, ages = people.size, people.places, scene.city.age_groups.count
        self.scene, self.rng, self.n, self.places, self.ages = scene, rng, n, places, ages
        self.age = scene.city.age_groups.of_years()[people.person_age].astype(int)
        self.place = people.person_place().astype(int)
        self.underlying = np.minimum(people.underlying_disease(), 2).astype(int)
        self.household = [
            list(range(start, end))
            for start, end in zip(people.household_start[:-1], people.household_start[1:], strict=True)
        ]
        self.members = [
            people.group_member[start:end].tolist()
            for start, end in zip(people.group_start[:-1], people.group_start[1:], strict=True)
        ]
        self.cell = [
            [np.flatnonzero((self.place == p) & (self.age == a)) for a in range(ages)] for p in range(places)
        ]
        self._start_of_everybody(people.person_vaccination)
        self._contact_rates()
        self._beds_and_counts(days)

    def _start_of_everybody(self, vaccination: np.ndarray) -> None:
        n, rng, protection = self.n, self.rng, self.scene.protection
        self.protection_class = np.array(protection.class_of_status)[vaccination]
        share = np.broadcast_to(protection.earlier_infection, (self.ages,))
        earlier = rng.random(n) < share[self.age]
        self.protection_class[earlier] = protection.class_of_earlier_infection
        self.luck = rng.random((len(Luck), n))
        self.due = np.full((len(Due), n), NEVER)
        self.infected_at, self.infectious_at = np.full(n, NEVER), np.full(n, NEVER)
        self.period, self.strength, self.spent = np.ones(n), np.zeros(n), np.zeros(n)
        self.onset_at = np.full(n, NEVER)
        self.infector, self.infected_in = np.full(n, NOBODY), np.full(n, NOBODY)
        self.marked_severe, self.severe_since = np.zeros(n, dtype=bool), np.full(n, NEVER)
        self.critical_since = np.full(n, NEVER)
        self.wants_clinic, self.wants_test = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
        self.confirmed, self.treated = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
        self.dies_in_bed, self.survives_refusal = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
        self.stay = np.full(n, int(Stay.NOWHERE))
        self.contacts_of: list[list[tuple[float, int, int]]] = [[] for _ in range(n)]
        self.appointments: list[tuple[float, str, int]] = []
        self.register_position = np.zeros((self.places, 8, self.ages), dtype=int)

    def _contact_rates(self) -> None:
        """Effective contacts per day of strength: household, group, community; [3, n]."""
        people, contacts = self.scene.city.population, self.scene.city.contacts
        usual = self.scene.disease.transmissibility * contacts.weight * contacts.ceiling
        self.rates = np.zeros((3, self.n))
        self.group_setting = np.full(self.n, NOBODY)
        for i in range(self.n):
            others = len(self.household[people.person_household[i]]) - 1
            if others > 0:
                exponent = 1.0 - contacts.household_exponent
                self.rates[0, i] = usual[0] * contacts.household_per_member * others**exponent
            group = people.person_group[i]
            if group >= 0 and len(self.members[group]) > 1:
                kind = int(people.group_kind[group])
                self.group_setting[i] = kind + 1
                self.rates[1, i] = usual[kind + 1] * contacts.group[kind, self.age[i]]
            self.rates[2, i] = usual[5] * contacts.community[self.age[i]].sum()
        mixing = np.eye(self.places) if contacts.place_mixing is None else contacts.place_mixing
        self.place_steps = np.cumsum(mixing, axis=1)
        rows = np.maximum(contacts.community.sum(axis=1, keepdims=True), 1e-300)
        self.age_steps = np.cumsum(contacts.community / rows, axis=1)
        profile = np.concatenate(([0.0], np.cumsum(self.scene.disease.infectiousness.profile)))
        self.profile_spent = profile / profile[-1]
        self.profile_at = np.linspace(0.0, 1.0, len(profile))

    def _beds_and_counts(self, days: int) -> None:
        pools = int(self.scene.pool_of_place.max()) + 1
        self.pool = self.scene.pool_of_place[self.place]
        self.open = {Stay.WARD: np.zeros(pools), Stay.INTENSIVE_CARE: np.zeros(pools)}
        self.waiting: dict[Stay, list[list[int]]] = {
            kind: [[] for _ in range(pools)] for kind in (Stay.WARD, Stay.INTENSIVE_CARE)
        }
        self.rooms_used, self.antivirals = np.zeros(pools, dtype=int), np.zeros(pools, dtype=int)
        self.lab_wait = 0.0
        self.tubes_today, self.backlog = 0.0, 0.0
        self.cases_to_trace: list[tuple[float, int]] = []
        self.day = 0
        self.today = self.scene.measures_of(0)
        shape = (self.places, self.ages)
        self.flows = np.zeros((days, len(Flow), *shape), dtype=int)
        self.stocks = np.zeros((days, len(Stock), *shape), dtype=int)
        self.tubes, self.backlogs = np.zeros(days), np.zeros(days)
        self.rooms, self.courses_left = np.zeros(days, dtype=int), np.zeros(days, dtype=int)

    def count(self, flow: Flow, person: int) -> None:
        """Count a person on this day."""
        self.flows[self.day, flow, self.place[person], self.age[person]] += 1

    def draw(self, delay: Delay) -> float:
        """Return a draw of a delay in days."""
        mean, sd = delay.mean_days, delay.sd_days
        if delay.shape == "fixed" or mean == 0.0:
            return mean
        if delay.shape == "exponential":
            return float(self.rng.exponential(mean))
        if delay.shape == "gamma":
            return float(self.rng.gamma((mean / sd) ** 2, sd**2 / mean))
        spread = np.log(1.0 + (sd / mean) ** 2)
        return float(self.rng.lognormal(np.log(mean) - spread / 2.0, np.sqrt(spread)))

    def unprotected(self, kind: str, person: int) -> float:
        """Return 1 - protection of a person today against infection, severe or death."""
        table = getattr(self.scene.protection, kind)
        return 1.0 - float(table[min(self.day, len(table) - 1), self.protection_class[person]])

    def in_bed(self, person: int) -> bool:
        """Return whether a person is in a hospital bed."""
        return self.stay[person] in (Stay.WARD, Stay.INTENSIVE_CARE)

    def is_dead(self, person: int) -> bool:
        """Return whether a person has died."""
        return bool(self.stay[person] == Stay.DEAD)
