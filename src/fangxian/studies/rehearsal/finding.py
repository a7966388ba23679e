"""From effects in force to how the infected are found and kept apart on a day, place by place."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from fangxian.plans.schema import (
    CaseIsolation,
    ContactQuarantine,
    ContactTracing,
    DiseaseFile,
    IsolationRooms,
    Plan,
    ScreeningRounds,
    SymptomaticTesting,
)
from fangxian.plans.schema.effects import Setting as SettingName
from fangxian.science.agents.measures import (
    NO_TEST,
    Isolation,
    Screening,
    Stay,
    Testing,
    Tracing,
    default_leak,
)
from fangxian.science.agents.records import SETTINGS, Delay, Setting
from fangxian.studies.rehearsal.in_force import InForce
from fangxian.studies.rehearsal.leading import Leading
from fangxian.studies.rehearsal.shares import apportion
from fangxian.studies.rehearsal.town import Town

FloatArray = NDArray[np.float64]
HOURS_A_DAY = 24.0
STEEPEST_DILUTION = 10.0


class Finding:
    """Builds testing, screening, tracing and isolation of a day; nothing here is drawn at random.

    Where several effects of one kind are in force in a place, the one with the largest share leads there;
    recall and capacity of tracing teams join.

    Parameters
    ----------
    plan : Plan
        For schedules of contacts and clocks.
    disease : DiseaseFile
        For what dilution does to a test.
    town : Town
        P places, A age groups.
    """

    def __init__(self, plan: Plan, disease: DiseaseFile, town: Town) -> None:
        self.plan, self.town = plan, town
        self._of_place = town.people_of_place.astype(np.float64)
        self._places = len(self._of_place)
        pcr = next((test for test in disease.tests if test.kind == "pcr"), None)
        self._dilution = 0.0 if pcr is None or pcr.dilution is None else pcr.dilution.value

    def testing(self, in_force: InForce) -> Testing | None:
        """Return how people with symptoms are tested."""
        effects = in_force.of(SymptomaticTesting)
        if not effects:
            return None
        shape = self.town.people.shape
        tested, clinic, background = np.zeros(shape), np.zeros(shape), np.zeros(shape[0])
        for effect, where in effects:
            covered = self.town.ages_within(effect.age_from, effect.age_to)
            tested[where] = np.maximum(tested[where], effect.share * covered)
            clinic[where] = np.maximum(clinic[where], effect.clinic_share * covered)
            background[where] += self._of_place[where] * effect.background_per_1000 / 1e3
        lead = Leading(effects, self._places, lambda effect: effect.share)
        delays = [_exponential(effect.delay_days) for effect in lead.effects]
        methods = [effect.method for effect in lead.effects]
        return Testing(
            test_share=tested,
            clinic_share=clinic,
            background_tests=background,
            delay=tuple([*delays, _exponential(0.0)][number] for number in lead.number),
            method=tuple(methods[number] if number >= 0 else "pcr" for number in lead.number),
            turnaround_days=lead.values(lambda effect: effect.turnaround_days, 0.5),
            report_delay_days=lead.values(lambda effect: effect.report_delay_days, 0.0),
        )

    def screening(self, in_force: InForce, day: int) -> Screening | None:
        """Return the round of a day of the run, if one is due."""
        due = [
            (effect, where)
            for effect, where in in_force.of(ScreeningRounds)
            if day % effect.interval_days == 0
        ]
        if not due:
            return None
        lead = Leading(due, self._places, lambda effect: effect.share)
        return Screening(
            share=lead.values(lambda effect: effect.share, 0.0),
            pool_size=lead.values(lambda effect: effect.pool_size, 1.0).astype(np.int64),
            dilution=lead.values(self._dilution_of, 0.0),
            turnaround_days=lead.values(lambda effect: effect.turnaround_days, 0.0),
        )

    def _dilution_of(self, effect: ScreeningRounds) -> float:
        """Return the exponent by which a tube with one positive sample is found as often as the plan says."""
        if effect.pool_sensitivity is None or effect.pool_size == 1:
            return self._dilution
        found = max(effect.pool_sensitivity, effect.pool_size**-STEEPEST_DILUTION)
        return float(-np.log(found) / np.log(effect.pool_size))

    def tracing(self, in_force: InForce) -> Tracing | None:
        """Return what the teams do."""
        effects = in_force.of(ContactTracing)
        if not effects:
            return None
        recall, others = np.zeros((self._places, SETTINGS)), np.zeros((self._places, SETTINGS))
        capacity = np.zeros(self._places)
        for effect, where in effects:
            recall[where] = np.maximum(recall[where], _by_setting(effect.recall))
            others[where] = np.maximum(others[where], _by_setting(effect.other_contacts))
            capacity[where] += self._of_place[where] * effect.cases_per_day_per_million / 1e6
        lead = Leading(effects, self._places, lambda effect: effect.cases_per_day_per_million)
        return Tracing(
            recall=recall,
            capacity=apportion(capacity, int(np.ceil(capacity.sum()))),
            other_contacts=others,
            delay_days=lead.values(self._delay_of, 0.0),
            longest_wait_days=lead.values(lambda effect: effect.longest_wait_days, 0.0).astype(np.int64),
        )

    def _delay_of(self, effect: ContactTracing) -> float:
        if effect.delay_days is not None:
            return effect.delay_days
        [clock] = [clock for clock in self.plan.clocks if clock.id == effect.clock]
        return clock.hours / HOURS_A_DAY

    def isolation(self, in_force: InForce) -> Isolation | None:
        """Return who is kept apart, where, and for how long."""
        cases, contacts = in_force.of(CaseIsolation), in_force.of(ContactQuarantine)
        if not cases and not contacts:
            return None
        rooms = np.zeros(self._places)
        for effect, where in in_force.of(IsolationRooms):
            rooms[where] += self._of_place[where] * effect.rooms_per_100000 / 1e5
        sick = Leading(cases, self._places, lambda effect: effect.share)
        met = Leading(contacts, self._places, lambda effect: effect.share)
        tests = max((len(self._schedule(effect)[2]) for effect in met.effects), default=0)
        return Isolation(
            case_share=sick.values(lambda effect: effect.share, 0.0),
            contact_share=met.values(lambda effect: effect.share, 0.0),
            case_days=sick.values(lambda effect: effect.days, 0.0),
            contact_days=met.values(lambda effect: self._schedule(effect)[0], 0.0),
            cases_in_rooms=sick.values(lambda effect: effect.where == "room", 0.0) > 0,
            contacts_in_rooms=met.values(lambda effect: self._schedule(effect)[1], 0.0) > 0,
            rooms=apportion(self.town.by_pool(rooms), int(rooms.sum())),
            contact_test_days=met.rows(
                lambda effect: _filled(self._schedule(effect)[2], tests), _filled((), tests)
            ).astype(np.int64),
            leak=sick.rows(_leak, default_leak()),
        )

    def _schedule(self, effect: ContactQuarantine) -> tuple[float, bool, tuple[int, ...]]:
        """Return days, whether in rooms, and test days; monitoring at home keeps nobody apart."""
        [schedule] = [contact for contact in self.plan.contacts if contact.id == effect.contact]
        days, tests = 0, []
        for stage in schedule.stages:
            tests += [days + day for day in stage.test_days]
            days += 0 if stage.where == "home_monitoring" else stage.days
        in_rooms = any(stage.where == "central_isolation" for stage in schedule.stages)
        return float(days), in_rooms, tuple(day for day in tests if day <= days)


def _exponential(mean_days: float) -> Delay:
    return Delay("exponential", mean_days) if mean_days > 0 else Delay("fixed", 0.0)


def _by_setting(values: Mapping[SettingName, float]) -> FloatArray:
    row = np.zeros(SETTINGS)
    for name, value in values.items():
        row[Setting[name.upper()]] = value
    return row


def _filled(days: tuple[int, ...], length: int) -> FloatArray:
    return np.array([*days, *[NO_TEST] * (length - len(days))], dtype=np.float64)


def _leak(effect: CaseIsolation) -> FloatArray:
    leak = default_leak()
    for name, share in effect.home_leak.items():
        leak[Stay.HOME, Setting[name.upper()]] = share
    leak[Stay.ROOM] = effect.room_leak
    return leak
