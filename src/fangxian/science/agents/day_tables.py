"""The disease and the measures of one day as the kernel reads them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fangxian.base.counter_random import purpose_key
from fangxian.science.agents.checks import (
    floats_for_kernel,
    integers_for_kernel,
    rows_for_kernel,
    whole_rows_for_kernel,
)
from fangxian.science.agents.city import City, CityTables
from fangxian.science.agents.delays import quantile_table
from fangxian.science.agents.draws import DrawTables
from fangxian.science.agents.measures import DayMeasures, Isolation, Testing, default_leak
from fangxian.science.agents.queue import TICKS, Queue
from fangxian.science.agents.records import NO_DELAY, SETTINGS, DiseaseCourse, Protection, Severity
from fangxian.science.agents.state import State

Float64Array = NDArray[np.float64]
Float32Array = NDArray[np.float32]
Int64Array = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

DEFAULT_PCR_TURNAROUND_DAYS = 0.5
"""Of tests of contacts on a day on which people with symptoms are not tested."""
NEVER_TICKS = 1 << 40


class CourseTables(NamedTuple):
    """Clinical course; [A] arrays are probabilities without protection."""

    key: np.uint64
    critical: Float64Array
    death: Float64Array
    """[2, 2, A]: ward or intensive care; with the bed or without."""
    onset_to_severe: Float32Array
    severe_to_critical: Float32Array
    stay: tuple[Float32Array, Float32Array]
    """In a ward, in intensive care."""
    untreated_to_death: Float32Array
    antiviral_efficacy: float
    antiviral_death_efficacy: float
    pcr: Float64Array
    antigen: Float64Array


class MeetingTables(NamedTuple):
    """Everything that thins contacts on one day."""

    key: np.uint64
    active: bool
    """False only when nothing of the day can thin a contact."""
    kept: Float64Array
    """[P, 6, A]: share of the contacts drawn that take place and can infect."""
    symptomatic: Float64Array
    """[P, 6]"""
    travel: Float64Array
    leak: Float64Array
    """[P, 6, 6] by place, stay and setting."""
    treated: float
    """Share of the contacts of a treated person that can still infect."""
    susceptibility: Float64Array
    """[A]"""
    protection: Float64Array
    """[K] against infection."""
    severe_protection: Float64Array
    """[K]"""
    death_protection: Float64Array
    """[K]"""
    uneven: bool
    """Whether anybody is less than fully susceptible."""


class ActionTables(NamedTuple):
    """What is done for and with people on one day. Times in ticks; arrays by place unless said otherwise."""

    testing: bool
    test_share: Float64Array
    """[P, A], as the next."""
    clinic_share: Float64Array
    sample_delay: Float32Array
    """[G, cells]: a row for each delay of the day."""
    sample_delay_of: Int64Array
    """Row of each place."""
    by_pcr: BoolArray
    result_ticks: Int64Array
    """Sample to result of a test with symptoms, laboratory queue included."""
    contact_result_ticks: Int64Array
    report_ticks: Int64Array
    isolation: bool
    case_share: Float64Array
    contact_share: Float64Array
    case_ticks: Int64Array
    contact_ticks: Int64Array
    cases_in_rooms: BoolArray
    contacts_in_rooms: BoolArray
    rooms: Int64Array
    """[B]"""
    contact_test_days: Int64Array
    """[P, K], ``NO_TEST`` where there are fewer."""
    tracing: bool
    longest_wait_ticks: Int64Array
    antivirals: bool
    antiviral_age: Int64Array
    antiviral_window_ticks: int


class World(NamedTuple):
    """All that a kernel works on during one day."""

    city: CityTables
    draw: DrawTables
    course: CourseTables
    meeting: MeetingTables
    action: ActionTables
    state: State
    queue: Queue


def course_tables(disease: DiseaseCourse, ages: int, seed: int) -> CourseTables:
    """Return the tables of the clinical course; of nobody falling ill for a disease without one."""
    severity = disease.severity if disease.severity is not None else _nobody_ill(ages)
    return CourseTables(
        key=purpose_key(seed, "course"),
        critical=floats_for_kernel(severity.critical),
        death=np.array(
            [
                [severity.death_in_ward, severity.death_without_ward],
                [severity.death_in_intensive_care, severity.death_without_intensive_care],
            ],
            dtype=np.float64,
        ),
        onset_to_severe=quantile_table(severity.onset_to_severe),
        severe_to_critical=quantile_table(severity.severe_to_critical),
        stay=(quantile_table(severity.ward_stay), quantile_table(severity.intensive_care_stay)),
        untreated_to_death=quantile_table(severity.untreated_to_death),
        antiviral_efficacy=severity.antiviral_efficacy,
        antiviral_death_efficacy=severity.antiviral_death_efficacy,
        pcr=floats_for_kernel(disease.pcr_sensitivity),
        antigen=floats_for_kernel(disease.antigen_sensitivity),
    )


def _nobody_ill(ages: int) -> Severity:
    nobody = np.zeros(ages)
    return Severity(nobody, nobody, nobody, nobody, nobody, nobody, nobody)


def meeting_tables(
    day: int, measures: DayMeasures, city: City, disease: DiseaseCourse, protection: Protection, seed: int
) -> MeetingTables:
    """Return what thins the contacts of a day."""
    meeting = measures.meeting
    kept = meeting.contact_factor * meeting.mask_factor[:, :, None] / city.contacts.ceiling[None, :, None]
    row = min(day, len(protection.infection) - 1)
    shield = floats_for_kernel(protection.infection[row])
    leak = np.zeros((city.sizes.places, 6, SETTINGS))
    leak[:, :5] = default_leak() if measures.isolation is None else measures.isolation.leak
    changed = bool((kept != 1.0).any() or (meeting.travel_factor != 1.0).any())
    return MeetingTables(
        key=purpose_key(seed, "meeting"),
        active=changed or disease.severity is not None or measures.isolation is not None,
        kept=floats_for_kernel(kept),
        symptomatic=rows_for_kernel(meeting.symptomatic_factor, city.sizes.places, (SETTINGS,)),
        travel=floats_for_kernel(meeting.travel_factor),
        leak=leak,
        treated=1.0 if disease.severity is None else 1.0 - disease.severity.antiviral_transmission_efficacy,
        susceptibility=floats_for_kernel(disease.susceptibility),
        protection=shield,
        severe_protection=floats_for_kernel(protection.severe[row]),
        death_protection=floats_for_kernel(protection.death[row]),
        uneven=bool((disease.susceptibility < 1.0).any() or shield.any()),
    )


def action_tables(measures: DayMeasures, laboratory_wait_days: float, city: City) -> ActionTables:
    """Return what is done on a day; ``laboratory_wait_days`` is what the queue adds to every result."""
    places = city.sizes.places
    nobody = np.zeros((places, city.sizes.ages))
    testing, isolation, care = measures.testing, measures.isolation, measures.care
    delays, delay_of = _sample_delays(testing, places)
    pcr = by_pcr(testing, places)
    turnaround = np.full(places, DEFAULT_PCR_TURNAROUND_DAYS)
    if testing is not None:
        turnaround = np.where(pcr, testing.turnaround_days, turnaround)
    result = ticks_by_place(turnaround + laboratory_wait_days, places)
    kept = Isolation() if isolation is None else isolation
    return ActionTables(
        testing=testing is not None,
        test_share=floats_for_kernel(nobody if testing is None else testing.test_share),
        clinic_share=floats_for_kernel(nobody if testing is None else testing.clinic_share),
        sample_delay=delays,
        sample_delay_of=delay_of,
        by_pcr=pcr,
        result_ticks=np.where(pcr, result, 0),
        contact_result_ticks=result,
        report_ticks=ticks_by_place(0.0 if testing is None else testing.report_delay_days, places),
        isolation=isolation is not None,
        case_share=rows_for_kernel(kept.case_share, places),
        contact_share=rows_for_kernel(kept.contact_share, places),
        case_ticks=ticks_by_place(kept.case_days, places),
        contact_ticks=ticks_by_place(kept.contact_days, places),
        cases_in_rooms=np.array(np.broadcast_to(kept.cases_in_rooms, (places,))),
        contacts_in_rooms=np.array(np.broadcast_to(kept.contacts_in_rooms, (places,))),
        rooms=whole_rows_for_kernel(kept.rooms, city.sizes.pools),
        contact_test_days=_test_days(kept, places),
        tracing=measures.tracing is not None,
        longest_wait_ticks=ticks_by_place(0.0 if care is None else care.longest_wait_days, places),
        antivirals=care is not None,
        antiviral_age=whole_rows_for_kernel(0 if care is None else care.antiviral_age, places),
        antiviral_window_ticks=0 if care is None else int(ticks_by_place(care.antiviral_window_days, 1)[0]),
    )


def _sample_delays(testing: Testing | None, places: int) -> tuple[Float32Array, Int64Array]:
    """Return the tables of the delays to a sample, and which one each place has."""
    given = NO_DELAY if testing is None else testing.delay
    if not isinstance(given, tuple):
        return quantile_table(given)[None, :].copy(), np.zeros(places, dtype=np.int64)
    kinds = {delay: number for number, delay in enumerate(dict.fromkeys(given))}
    return np.stack([quantile_table(delay) for delay in kinds]), np.array([kinds[delay] for delay in given])


def by_pcr(testing: Testing | None, places: int) -> BoolArray:
    """Return where samples are tested by PCR; those under way on a day without testing are."""
    if testing is None:
        return np.ones(places, dtype=np.bool_)
    methods = testing.method if isinstance(testing.method, tuple) else (testing.method,) * places
    return np.array([method == "pcr" for method in methods])


def _test_days(isolation: Isolation, places: int) -> Int64Array:
    days = np.asarray(isolation.contact_test_days, dtype=np.int64)
    return integers_for_kernel(np.broadcast_to(days, (places, days.shape[-1])))


def ticks_by_place(days: float | Float64Array | Int64Array, places: int) -> Int64Array:
    """Return lengths of time in ticks; a wait without end is longer than any run; int64 array [P]."""
    return np.minimum(rows_for_kernel(days, places) * TICKS, NEVER_TICKS).astype(np.int64)
