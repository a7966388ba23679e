"""The disease and the measures of one day as the kernel reads them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fangxian.base.counter_random import purpose_key
from fangxian.science.agents.checks import floats_for_kernel, integers_for_kernel
from fangxian.science.agents.city import City, CityTables
from fangxian.science.agents.delays import quantile_table
from fangxian.science.agents.draws import DrawTables
from fangxian.science.agents.measures import DayMeasures, default_leak
from fangxian.science.agents.queue import TICKS, Queue
from fangxian.science.agents.records import NO_DELAY, SETTINGS, DiseaseCourse, Protection, Severity
from fangxian.science.agents.state import State

Float64Array = NDArray[np.float64]
Float32Array = NDArray[np.float32]
Int64Array = NDArray[np.int64]

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
    travel: Float64Array
    leak: Float64Array
    """[6, 6] by stay and setting."""
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
    """What is done for and with people on one day. Times in ticks."""

    testing: bool
    test_share: Float64Array
    clinic_share: Float64Array
    sample_delay: Float32Array
    by_pcr: bool
    result_ticks: int
    """Sample to result of a test with symptoms, laboratory queue included."""
    contact_result_ticks: int
    report_ticks: int
    isolation: bool
    case_share: float
    contact_share: float
    case_ticks: int
    contact_ticks: int
    cases_in_rooms: bool
    contacts_in_rooms: bool
    rooms: int
    contact_test_days: Int64Array
    tracing: bool
    longest_wait_ticks: int
    antivirals: bool
    antiviral_age: int
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
    leak = np.zeros((6, SETTINGS))
    leak[:5] = default_leak() if measures.isolation is None else measures.isolation.leak
    changed = bool((kept != 1.0).any() or (meeting.travel_factor != 1.0).any())
    return MeetingTables(
        key=purpose_key(seed, "meeting"),
        active=changed or disease.severity is not None or measures.isolation is not None,
        kept=floats_for_kernel(kept),
        symptomatic=floats_for_kernel(meeting.symptomatic_factor),
        travel=floats_for_kernel(meeting.travel_factor),
        leak=leak,
        susceptibility=floats_for_kernel(disease.susceptibility),
        protection=shield,
        severe_protection=floats_for_kernel(protection.severe[row]),
        death_protection=floats_for_kernel(protection.death[row]),
        uneven=bool((disease.susceptibility < 1.0).any() or shield.any()),
    )


def action_tables(measures: DayMeasures, laboratory_wait_days: float, city: City) -> ActionTables:
    """Return what is done on a day; ``laboratory_wait_days`` is what the queue adds to every result."""
    testing, isolation, care = measures.testing, measures.isolation, measures.care
    nobody = np.zeros((city.sizes.places, city.sizes.ages))
    by_pcr = testing is not None and testing.method == "pcr"
    turnaround = testing.turnaround_days if testing is not None else DEFAULT_PCR_TURNAROUND_DAYS
    test_days = () if isolation is None else isolation.contact_test_days
    return ActionTables(
        testing=testing is not None,
        test_share=floats_for_kernel(nobody if testing is None else testing.test_share),
        clinic_share=floats_for_kernel(nobody if testing is None else testing.clinic_share),
        sample_delay=quantile_table(NO_DELAY if testing is None else testing.delay),
        by_pcr=by_pcr,
        result_ticks=ticks(turnaround + laboratory_wait_days) if by_pcr else 0,
        contact_result_ticks=ticks(
            (turnaround if by_pcr else DEFAULT_PCR_TURNAROUND_DAYS) + laboratory_wait_days
        ),
        report_ticks=0 if testing is None else ticks(testing.report_delay_days),
        isolation=isolation is not None,
        case_share=0.0 if isolation is None else isolation.case_share,
        contact_share=0.0 if isolation is None else isolation.contact_share,
        case_ticks=0 if isolation is None else ticks(isolation.case_days),
        contact_ticks=0 if isolation is None else ticks(isolation.contact_days),
        cases_in_rooms=isolation is not None and isolation.cases_in_rooms,
        contacts_in_rooms=isolation is not None and isolation.contacts_in_rooms,
        rooms=0 if isolation is None else int(isolation.rooms),
        contact_test_days=integers_for_kernel(np.array(test_days)),
        tracing=measures.tracing is not None,
        longest_wait_ticks=0 if care is None else ticks(care.longest_wait_days),
        antivirals=care is not None,
        antiviral_age=0 if care is None else care.antiviral_age,
        antiviral_window_ticks=0 if care is None else ticks(care.antiviral_window_days),
    )


def ticks(days: float) -> int:
    """Return a length of time in ticks; a wait without end is longer than any run."""
    return int(min(days * TICKS, NEVER_TICKS))
