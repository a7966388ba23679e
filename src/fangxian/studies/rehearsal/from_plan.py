"""From the effects of a plan that are in force to what the simulator does on a day."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fangxian.plans.schema import (
    Antivirals,
    Beds,
    ContactReduction,
    DiseaseFile,
    Laboratory,
    Masks,
    Plan,
    RehearsalDefaults,
    StayHomeWhenIll,
    TravelReduction,
    VaccinationSessions,
)
from fangxian.science.agents.measures import (
    NO_LIMIT,
    Care,
    DayMeasures,
    Importation,
    Meeting,
    Vaccination,
    no_meeting_change,
)
from fangxian.science.agents.records import SETTINGS, Setting
from fangxian.studies.rehearsal.finding import Finding
from fangxian.studies.rehearsal.in_force import InForce
from fangxian.studies.rehearsal.leading import Leading
from fangxian.studies.rehearsal.shares import apportion
from fangxian.studies.rehearsal.town import Town, tier_of_person

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BEDS_FOR_EVERYBODY = 10**9
NOBODY_TREATED = 255
"""First age group where antivirals are given to none."""
FEWEST_SEEDS = 10
"""Infected on the first day even in a small copy of a city: with fewer the wave often dies out by chance."""


class MeasuresOfDay:
    """Builds the measures of the days of one run from effects in force; nothing here is drawn at random.

    Days are asked for in their order: a delivery of medicines comes once.

    Parameters
    ----------
    plan : Plan
        For what effects name: schedules of contacts, clocks, reserves, tiers.
    disease : DiseaseFile
        For the window of antivirals, and what dilution does to a test.
    town : Town
        P places, A age groups.
    """

    def __init__(self, plan: Plan, disease: DiseaseFile, town: Town) -> None:
        self.plan, self.disease, self.town = plan, disease, town
        self.start = plan.rehearsal or RehearsalDefaults()
        self._tier = tier_of_person(plan, town.population).astype(np.int64)
        self.tiers = int(self._tier.max()) + 1
        self._people = town.people.astype(np.float64)
        self._of_place = town.people_of_place.astype(np.float64)
        self._tier_cells = self._people_by_tier()
        self._finding = Finding(plan, disease, town)
        self._delivered = np.zeros(len(self._of_place), dtype=np.bool_)

    def build(self, in_force: InForce, day: int) -> DayMeasures:
        """Return the measures of a day.

        Parameters
        ----------
        in_force : InForce
            Effects and where they hold.
        day : int
            Day of the run, from 0; rounds of screening and daily doses are counted from day 0.

        Returns
        -------
        DayMeasures
            Of P places and A age groups.
        """
        laboratories = in_force.of(Laboratory)
        tubes = sum(
            float(self._of_place[where].sum()) * effect.tubes_per_100000 / 1e5
            for effect, where in laboratories
        )
        return DayMeasures(
            meeting=self._meeting(in_force),
            imports=self._imports(in_force, day),
            testing=self._finding.testing(in_force),
            screening=self._finding.screening(in_force, day),
            tracing=self._finding.tracing(in_force),
            isolation=self._finding.isolation(in_force),
            vaccination=self._vaccination(in_force, day),
            care=self._care(in_force),
            laboratory_tubes=tubes if laboratories else NO_LIMIT,
        )

    def _meeting(self, in_force: InForce) -> Meeting:
        usual = no_meeting_change(self.town.population.places, self.town.age_groups.count)
        contact, mask = usual.contact_factor.copy(), usual.mask_factor.copy()
        symptomatic, travel = np.ones((len(self._of_place), SETTINGS)), usual.travel_factor.copy()
        for reduction, where in in_force.of(ContactReduction):
            covered = self.town.ages_within(reduction.age_from, reduction.age_to)
            for setting in _numbers(reduction.settings):
                contact[where, setting, :] *= 1.0 - reduction.reduction * covered
        for worn, where in in_force.of(Masks):
            for setting in _numbers(worn.settings):
                mask[where, setting] *= 1.0 - worn.risk_reduction * worn.adherence
        for ill, where in in_force.of(StayHomeWhenIll):
            for setting in _numbers(ill.settings):
                symptomatic[where, setting] *= 1.0 - ill.reduction
        for journeys, where in in_force.of(TravelReduction):
            travel[where] *= 1.0 - journeys.between_places
        return Meeting(contact, mask, symptomatic, travel)

    def _imports(self, in_force: InForce, day: int) -> Importation:
        expected = self._of_place * self.start.imported_per_million_per_day / 1e6
        for journeys, where in in_force.of(TravelReduction):
            expected[where] *= 1.0 - journeys.importation
        exact = np.zeros(len(expected), dtype=np.int64)
        if day == 0:
            wanted = self._of_place.sum() * self.start.infections_per_million / 1e6
            seeds = round(max(min(FEWEST_SEEDS, self._of_place.sum()), wanted)) if wanted > 0 else 0
            exact = apportion(self._of_place, seeds)
        return Importation(expected, exact)

    def _vaccination(self, in_force: InForce, day: int) -> Vaccination | None:
        effects = in_force.of(VaccinationSessions)
        if not effects:
            return None
        doses = np.zeros(self._tier_cells.shape, dtype=np.int64)
        willing = np.zeros(self._people.shape)
        for effect, where in effects:
            covered = self.town.ages_within(effect.age_from, effect.age_to)
            chosen = self._tiers_of(effect)
            invited = self._tier_cells * covered * chosen[None, :, None] * where[:, None, None]
            wanted = float(self._of_place[where].sum()) * effect.doses_per_day_per_1000 / 1e3
            total = int(np.floor(wanted * (day + 1)) - np.floor(wanted * day))
            doses += apportion(invited.ravel(), total if invited.any() else 0).reshape(doses.shape)
            willing[where] = np.maximum(willing[where], effect.willing * (covered > 0))
        return Vaccination(doses, willing)

    def _tiers_of(self, effect: VaccinationSessions) -> FloatArray:
        chosen = np.ones(self.tiers)
        if effect.tiers and self.plan.tiers is not None:
            chosen = np.array([float(tier.id in effect.tiers) for tier in self.plan.tiers.tiers])
        return chosen[: self.tiers]

    def _care(self, in_force: InForce) -> Care | None:
        beds, medicines = in_force.of(Beds), in_force.of(Antivirals)
        if not beds and not medicines:
            return None
        lead = Leading(beds, len(self._of_place), lambda effect: effect.ward_per_1000)
        ward = lead.values(lambda effect: effect.ward_per_1000 / 1e3, -1.0)
        intensive = lead.values(self._intensive_care_share, 0.0)
        courses, age = self._medicines(medicines)
        window = self.disease.antiviral.within.value if self.disease.antiviral is not None else 0.0
        return Care(
            ward_beds=self._beds_by_pool(ward, ward),
            intensive_care_beds=self._beds_by_pool(intensive, ward),
            longest_wait_days=lead.values(lambda effect: effect.longest_wait_days, 0.0),
            antiviral_courses=courses,
            antiviral_age=age,
            antiviral_window_days=window,
        )

    def _intensive_care_share(self, effect: Beds) -> float:
        """Return intensive-care beds for each person."""
        if effect.reserve is not None:
            return effect.ward_per_1000 / 1e3 * self._reserve_share(effect.reserve)
        return (effect.intensive_care_per_100000 or 0.0) / 1e5

    def _beds_by_pool(self, share: FloatArray, ward: FloatArray) -> IntArray:
        """Return beds of each pool, at the share of the place with most ward beds in it; int64 array [B].

        A pool in which no plan counts beds has one for everybody.
        """
        people = self.town.by_pool(self._of_place)
        beds = np.full(len(people), -1.0)
        for place in np.argsort(ward, kind="stable"):
            if ward[place] >= 0.0:
                pool = self.town.pool_of_place[place]
                beds[pool] = people[pool] * share[place]
        counted = beds >= 0.0
        whole = apportion(np.where(counted, beds, 0.0), round(beds[counted].sum()))
        return np.where(counted, whole, BEDS_FOR_EVERYBODY)

    def _medicines(self, effects: list[tuple[Antivirals, NDArray[np.bool_]]]) -> tuple[IntArray, IntArray]:
        """Return courses delivered to each pool today, and the first age group treated in each place.

        A place is delivered its courses on the first day on which the measure is in force there.
        """
        expected = np.zeros(len(self._of_place))
        age = np.full(len(self._of_place), NOBODY_TREATED)
        reached = np.zeros(len(self._of_place), dtype=np.bool_)
        for effect, where in effects:
            share = (effect.courses_per_1000 or 0.0) / 1e3
            if effect.reserve is not None:
                share = self._reserve_share(effect.reserve)
            expected += self._of_place * share * (where & ~self._delivered)
            first = int(self.town.age_groups.of_years()[effect.age_from])
            age[where] = np.minimum(age[where], first)
            reached |= where
        self._delivered |= reached
        return apportion(self.town.by_pool(expected), round(expected.sum())), age

    def _reserve_share(self, reserve_id: str) -> float:
        [reserve] = [reserve for reserve in self.plan.reserves if reserve.id == reserve_id]
        return reserve.low or 0.0

    def _people_by_tier(self) -> FloatArray:
        """Return people by place, tier and age group; float array [P, T, A]."""
        population, ages = self.town.population, self.town.age_groups
        group = ages.of_years()[population.person_age].astype(np.int64)
        cell = (population.person_place().astype(np.int64) * self.tiers + self._tier) * ages.count + group
        counted = np.bincount(cell, minlength=population.places * self.tiers * ages.count)
        return counted.reshape(population.places, self.tiers, ages.count).astype(np.float64)


def _numbers(settings: tuple[str, ...]) -> list[int]:
    return [Setting[setting.upper()] for setting in settings]
