"""From the effects of a plan that are in force to what the simulator does on a day."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from fangxian.plans.schema import (
    Antivirals,
    Beds,
    CaseIsolation,
    ContactQuarantine,
    ContactReduction,
    ContactTracing,
    DiseaseFile,
    IsolationRooms,
    Laboratory,
    Masks,
    Plan,
    RehearsalDefaults,
    ScreeningRounds,
    StayHomeWhenIll,
    SymptomaticTesting,
    TravelReduction,
    VaccinationSessions,
)
from fangxian.science.agents.measures import (
    NO_LIMIT,
    Care,
    DayMeasures,
    Importation,
    Isolation,
    Meeting,
    Screening,
    Stay,
    Testing,
    Tracing,
    Vaccination,
    default_leak,
    no_meeting_change,
)
from fangxian.science.agents.records import SETTINGS, Delay, Setting
from fangxian.studies.rehearsal.in_force import InForce
from fangxian.studies.rehearsal.town import Town, tier_of_person

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
HOURS_A_DAY = 24.0
FEWEST_SEEDS = 10
"""Infected on the first day even in a small copy of a city: with fewer the wave often dies out by chance."""


class MeasuresOfDay:
    """Builds the measures of a day from effects in force; nothing here is drawn at random.

    Parameters
    ----------
    plan : Plan
        For what effects name: schedules of contacts, clocks, reserves, tiers.
    disease : DiseaseFile
        For the window of antivirals.
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
            testing=self._testing(in_force),
            screening=self._screening(in_force, day),
            tracing=self._tracing(in_force),
            isolation=self._isolation(in_force),
            vaccination=self._vaccination(in_force, day),
            care=self._care(in_force, day),
            laboratory_tubes=tubes if laboratories else NO_LIMIT,
        )

    def _meeting(self, in_force: InForce) -> Meeting:
        usual = no_meeting_change(self.town.population.places, self.town.age_groups.count)
        contact, mask = usual.contact_factor.copy(), usual.mask_factor.copy()
        symptomatic, travel = usual.symptomatic_factor.copy(), usual.travel_factor.copy()
        for reduction, where in in_force.of(ContactReduction):
            covered = self.town.ages_within(reduction.age_from, reduction.age_to)
            for setting in _numbers(reduction.settings):
                contact[where, setting, :] *= 1.0 - reduction.reduction * covered
        for worn, where in in_force.of(Masks):
            for setting in _numbers(worn.settings):
                mask[where, setting] *= 1.0 - worn.risk_reduction * worn.adherence
        for ill, where in in_force.of(StayHomeWhenIll):
            share = float(self._of_place[where].sum() / self._of_place.sum())
            for setting in _numbers(ill.settings):
                symptomatic[setting] *= 1.0 - ill.reduction * share
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

    def _testing(self, in_force: InForce) -> Testing | None:
        effects = in_force.of(SymptomaticTesting)
        if not effects:
            return None
        shape = self._people.shape
        tested, clinic = np.zeros(shape), np.zeros(shape)
        background = np.zeros(shape[0])
        for effect, where in effects:
            covered = self.town.ages_within(effect.age_from, effect.age_to)
            tested[where] = np.maximum(tested[where], effect.share * covered)
            clinic[where] = np.maximum(clinic[where], effect.clinic_share * covered)
            background[where] += self._of_place[where] * effect.background_per_1000 / 1e3
        leading = max(effects, key=lambda one: one[0].share)[0]
        return Testing(
            test_share=tested,
            clinic_share=clinic,
            background_tests=background,
            delay=Delay("exponential", leading.delay_days) if leading.delay_days > 0 else Delay("fixed", 0.0),
            method=leading.method,
            turnaround_days=leading.turnaround_days,
            report_delay_days=leading.report_delay_days,
        )

    def _screening(self, in_force: InForce, day: int) -> Screening | None:
        due = [
            (effect, where)
            for effect, where in in_force.of(ScreeningRounds)
            if day % effect.interval_days == 0
        ]
        if not due:
            return None
        share = np.zeros(len(self._of_place))
        for effect, where in due:
            share[where] = np.maximum(share[where], effect.share)
        leading = due[0][0]
        return Screening(share, leading.pool_size, leading.pool_sensitivity, leading.turnaround_days)

    def _tracing(self, in_force: InForce) -> Tracing | None:
        effects = in_force.of(ContactTracing)
        if not effects:
            return None
        recall, others = np.zeros(SETTINGS), np.zeros(SETTINGS)
        capacity = np.zeros(len(self._of_place))
        for effect, where in effects:
            for name, share in effect.recall.items():
                recall[_number(name)] = max(recall[_number(name)], share)
            for name, number in effect.other_contacts.items():
                others[_number(name)] = max(others[_number(name)], number)
            capacity[where] += self._of_place[where] * effect.cases_per_day_per_million / 1e6
        leading = effects[0][0]
        return Tracing(
            recall=recall,
            capacity=apportion(capacity, int(np.ceil(capacity.sum()))),
            other_contacts=others,
            delay_days=self._tracing_delay(leading),
            longest_wait_days=leading.longest_wait_days,
        )

    def _tracing_delay(self, effect: ContactTracing) -> float:
        if effect.delay_days is not None:
            return effect.delay_days
        [clock] = [clock for clock in self.plan.clocks if clock.id == effect.clock]
        return clock.hours / HOURS_A_DAY

    def _isolation(self, in_force: InForce) -> Isolation | None:
        cases, contacts = in_force.of(CaseIsolation), in_force.of(ContactQuarantine)
        if not cases and not contacts:
            return None
        rooms = sum(
            float(self._of_place[where].sum()) * effect.rooms_per_100000 / 1e5
            for effect, where in in_force.of(IsolationRooms)
        )
        isolation = Isolation(rooms=int(rooms))
        if cases:
            isolation = _with_cases(isolation, max(cases, key=lambda one: one[0].share)[0])
        if contacts:
            leading = max(contacts, key=lambda one: one[0].share)[0]
            isolation = self._with_contacts(isolation, leading)
        return isolation

    def _with_contacts(self, isolation: Isolation, effect: ContactQuarantine) -> Isolation:
        """Add days, places and test days of a schedule; monitoring at home keeps nobody apart."""
        [schedule] = [contact for contact in self.plan.contacts if contact.id == effect.contact]
        days, tests = 0, []
        for stage in schedule.stages:
            tests += [days + day for day in stage.test_days]
            days += 0 if stage.where == "home_monitoring" else stage.days
        return replace(
            isolation,
            contact_share=effect.share,
            contact_days=float(days),
            contacts_in_rooms=any(stage.where == "central_isolation" for stage in schedule.stages),
            contact_test_days=tuple(day for day in tests if day <= days),
        )

    def _vaccination(self, in_force: InForce, day: int) -> Vaccination | None:
        effects = in_force.of(VaccinationSessions)
        if not effects:
            return None
        doses = np.zeros(self._tier_cells.shape, dtype=np.int64)
        willing = np.zeros(self.town.age_groups.count)
        for effect, where in effects:
            covered = self.town.ages_within(effect.age_from, effect.age_to)
            chosen = self._tiers_of(effect)
            invited = self._tier_cells * covered * chosen[None, :, None] * where[:, None, None]
            wanted = float(self._of_place[where].sum()) * effect.doses_per_day_per_1000 / 1e3
            total = int(np.floor(wanted * (day + 1)) - np.floor(wanted * day))
            doses += apportion(invited.ravel(), total if invited.any() else 0).reshape(doses.shape)
            willing = np.maximum(willing, effect.willing * (covered > 0))
        return Vaccination(doses, willing)

    def _tiers_of(self, effect: VaccinationSessions) -> FloatArray:
        chosen = np.ones(self.tiers)
        if effect.tiers and self.plan.tiers is not None:
            chosen = np.array([float(tier.id in effect.tiers) for tier in self.plan.tiers.tiers])
        return chosen[: self.tiers]

    def _care(self, in_force: InForce, day: int) -> Care | None:
        beds = in_force.of(Beds)
        if not beds:
            return None
        of_pool = self.town.by_pool(self._of_place)
        ward = of_pool * max(effect.ward_per_1000 for effect, _ in beds) / 1e3
        leading = max(beds, key=lambda one: one[0].ward_per_1000)[0]
        intensive = of_pool * (leading.intensive_care_per_100000 or 0.0) / 1e5
        if leading.reserve is not None:
            intensive = ward * self._reserve_share(leading.reserve)
        courses, age = 0, 0
        for effect, _ in in_force.of(Antivirals):
            age = int(self.town.age_groups.of_years()[effect.age_from])
            share = (effect.courses_per_1000 or 0.0) / 1e3
            if effect.reserve is not None:
                share = self._reserve_share(effect.reserve)
            courses += round(float(self._of_place.sum()) * share) if day == 0 else 0
        window = self.disease.antiviral.within.value if self.disease.antiviral is not None else 0.0
        return Care(
            ward_beds=apportion(ward, round(ward.sum())),
            intensive_care_beds=apportion(intensive, round(intensive.sum())),
            longest_wait_days=leading.longest_wait_days,
            antiviral_courses=courses,
            antiviral_age=age,
            antiviral_window_days=window,
        )

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


def apportion(weights: FloatArray, total: int) -> IntArray:
    """Divide a whole number in proportion to weights, largest remainders first; the sum is exact.

    Parameters
    ----------
    weights : float array
        0 or more, not all 0 unless the total is 0.
    total : int
        What is divided.

    Returns
    -------
    int64 array
        Of the shape of the weights.
    """
    if total <= 0 or weights.sum() <= 0:
        return np.zeros(weights.shape, dtype=np.int64)
    exact: FloatArray = weights / weights.sum() * total
    whole: IntArray = np.floor(exact).astype(np.int64)
    left = total - int(whole.sum())
    largest = np.argsort(-(exact - whole), kind="stable")[:left]
    whole[largest] += 1
    return whole


def _with_cases(isolation: Isolation, effect: CaseIsolation) -> Isolation:
    leak = default_leak()
    for name, share in effect.home_leak.items():
        leak[Stay.HOME, _number(name)] = share
    leak[Stay.ROOM] = effect.room_leak
    return replace(
        isolation,
        case_share=effect.share,
        case_days=effect.days,
        cases_in_rooms=effect.where == "room",
        leak=leak,
    )


def _number(setting: str) -> int:
    return int(Setting[setting.upper()])


def _numbers(settings: tuple[str, ...]) -> list[int]:
    return [_number(setting) for setting in settings]
