"""What measures do on one day. The kernel reads a new :class:`DayMeasures` every day and knows no plan.

P places, A age groups, S = 6 settings (``records.Setting``), T tiers, B pools of beds. What is said to be of
[P] may be one value for all places, or an array with a row for each. Records are small and frozen, so that a
plan may build one a level and hand the same one over every day. The exact meaning of each field, and the
order in which they act, is in docs/algorithms/simulation.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from fangxian.science.agents.records import SETTINGS, Delay

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Method: TypeAlias = Literal["pcr", "antigen"]
NO_LIMIT = float("inf")
NO_TEST = -1


class Stay(IntEnum):
    """Where a person is kept apart; each has its own leak."""

    NOWHERE = 0
    HOME = 1
    ROOM = 2
    WARD = 3
    INTENSIVE_CARE = 4
    DEAD = 5


@dataclass(frozen=True, eq=False)
class Meeting:
    """Contact reduction, masks and travel. 1 leaves contacts as usual.

    Parameters
    ----------
    contact_factor : float array [P, S, A]
        Share of contacts that take place, for residents of a place and age. A contact takes place with the
        *smaller* factor of its two persons. May exceed 1 up to ``Contacts.ceiling``.
    mask_factor : float array [P, S]
        Share of the chance of infection that is left at a contact; multiplies the contact factor.
    symptomatic_factor : float array [S] or [P, S]
        Share of contacts that a resident with symptoms keeps from onset on.
    travel_factor : float array [P]
        Share of community contacts with residents of *other* places that take place; the smaller
        counts again.
    """

    contact_factor: FloatArray
    mask_factor: FloatArray
    symptomatic_factor: FloatArray
    travel_factor: FloatArray


@dataclass(frozen=True, eq=False)
class Importation:
    """Infections brought in from outside.

    Parameters
    ----------
    expected : float array [P]
        Expected number of residents infected elsewhere, who are infected at a random time of the day.
    exact : int array [P]
        Exact number of residents infected at the start of the day, on top (seeding).
    """

    expected: FloatArray
    exact: IntArray


@dataclass(frozen=True, eq=False)
class Testing:
    """Testing of people with symptoms, and what is reported.

    Parameters
    ----------
    test_share : float array [P, A]
        Probability that a person is tested after onset.
    clinic_share : float array [P, A]
        Probability that a person visits a fever clinic after onset, tested or not.
    delay : Delay or P of them
        Onset to sample and visit.
    method : {"pcr", "antigen"} or P of them
        PCR waits for the laboratory, antigen is read at once.
    turnaround_days : float [P]
        Sample to result in a laboratory without a queue.
    report_delay_days : float [P]
        Result to report.
    background_tests : float array [P]
        People without this infection who are tested that day for other reasons.
    """

    test_share: FloatArray
    clinic_share: FloatArray
    background_tests: FloatArray
    delay: Delay | tuple[Delay, ...] = field(default_factory=lambda: Delay("exponential", 1.0))
    method: Method | tuple[Method, ...] = "pcr"
    turnaround_days: float | FloatArray = 0.5
    report_delay_days: float | FloatArray = 0.5


@dataclass(frozen=True, eq=False)
class Screening:
    """A round of nucleic acid testing of whole places, at midday.

    Parameters
    ----------
    share : float array [P]
        Share of the residents who are sampled on this day.
    pool_size : int [P]
        People in one tube, neighbours in the register; a positive tube is followed by one tube for each.
    dilution : float [P]
        A tube for n people in which m samples would be positive alone is positive with probability
        ``(n / m) ** -dilution``; 0: dilution loses nothing.
    turnaround_days : float [P]
        Sample to confirmed result in a laboratory without a queue.
    """

    share: FloatArray
    pool_size: int | IntArray = 10
    dilution: float | FloatArray = 0.0
    turnaround_days: float | FloatArray = 1.0


@dataclass(frozen=True, eq=False)
class Tracing:
    """Contact tracing of confirmed cases.

    Parameters
    ----------
    recall : float array [S] or [P, S]
        Probability that a contact of a case of a place is named and found, by setting.
    capacity : int array [P]
        Cases that the teams of a place take on each day.
    other_contacts : float array [S] or [P, S]
        Mean number of contacts of a case, by setting, to whom nothing could be passed on; they are found and
        kept apart like the rest. The household entry is not used: all members are contacts.
    delay_days : float [P]
        Start of the day on which a case is taken on to the moment its contacts are kept apart.
    longest_wait_days : int [P]
        A case that has waited for longer is not traced any more.
    """

    recall: FloatArray
    capacity: IntArray
    other_contacts: FloatArray = field(default_factory=lambda: np.zeros(SETTINGS))
    delay_days: float | FloatArray = 1.0
    longest_wait_days: int | IntArray = 5


@dataclass(frozen=True, eq=False)
class Isolation:
    """Isolation of confirmed cases and quarantine of contacts, by the place where they live.

    Parameters
    ----------
    case_share, contact_share : float [P]
        Probability that a confirmed case, or a found contact, is kept apart at all.
    case_days, contact_days : float [P]
        For how long.
    cases_in_rooms, contacts_in_rooms : bool [P]
        Whether a central room is sought; without a free one, or False: at home.
    rooms : int [B]
        Central rooms that are open this day, by pool of beds: a person uses those of its pool. One number
        is that of every pool.
    contact_test_days : tuple of int, or int array [P, K]
        Days after the start of a quarantine on which a contact is tested (PCR); a row may be filled up
        with ``NO_TEST``.
    leak : float array [5, S] or [P, 5, S]
        Share of contacts that a resident keeps, by :class:`Stay` (first row: nowhere, ones) and setting. The
        smaller leak of the two persons counts. Dead people meet nobody.
    """

    case_share: float | FloatArray = 0.0
    contact_share: float | FloatArray = 0.0
    case_days: float | FloatArray = 10.0
    contact_days: float | FloatArray = 7.0
    cases_in_rooms: bool | NDArray[np.bool_] = False
    contacts_in_rooms: bool | NDArray[np.bool_] = False
    rooms: int | IntArray = 0
    contact_test_days: tuple[int, ...] | IntArray = ()
    leak: FloatArray = field(default_factory=lambda: default_leak())


def default_leak() -> FloatArray:
    """Return leaks by stay and setting: home keeps the household and a tenth outside, beds keep nothing."""
    leak = np.zeros((5, SETTINGS))
    leak[Stay.NOWHERE] = 1.0
    leak[Stay.HOME] = (1.0, 0.0, 0.0, 0.0, 1.0, 0.1)
    return leak


@dataclass(frozen=True, eq=False)
class Vaccination:
    """Sessions of one day.

    Parameters
    ----------
    doses : int array [P, T, A]
        Doses available to residents of a place, by tier and age.
    willing : float array [A] or [P, A]
        Share of an age group that would ever come.
    statuses : tuple of int
        ``VaccinationStatus`` at the start of the run of those who may come.
    """

    doses: IntArray
    willing: FloatArray
    statuses: tuple[int, ...] = (0, 1, 2)


@dataclass(frozen=True, eq=False)
class Care:
    """Beds and medicines of one day.

    Parameters
    ----------
    ward_beds, intensive_care_beds : int array [B]
        Beds open for this disease by pool. A person uses the pool of its place.
    longest_wait_days : float [P]
        A person who has waited for longer is refused.
    antiviral_courses : int [B]
        Courses delivered to each pool at the start of this day; unused ones stay in its stock. One number
        is that of every pool.
    antiviral_age : int [P]
        First age group that receives antivirals.
    antiviral_window_days : float
        Longest time since onset at which treatment starts.
    """

    ward_beds: IntArray
    intensive_care_beds: IntArray
    longest_wait_days: float | FloatArray = 2.0
    antiviral_courses: int | IntArray = 0
    antiviral_age: int | IntArray = 0
    antiviral_window_days: float = 5.0


@dataclass(frozen=True, eq=False)
class DayMeasures:
    """Everything that measures do on one day; build it from :func:`no_measures` with ``dataclasses.replace``.

    Parameters
    ----------
    meeting, imports : Meeting, Importation
        Always given.
    testing, screening, tracing, isolation, vaccination : optional
        None: nothing of the kind that day; people already kept apart stay until their time is over.
    care : Care or None
        None: a bed for everybody, no antivirals.
    laboratory_tubes : float
        Tubes that the laboratories of the city finish a day; ``inf``: all.
    """

    meeting: Meeting
    imports: Importation
    testing: Testing | None = None
    screening: Screening | None = None
    tracing: Tracing | None = None
    isolation: Isolation | None = None
    vaccination: Vaccination | None = None
    care: Care | None = None
    laboratory_tubes: float = NO_LIMIT


def no_meeting_change(places: int, ages: int) -> Meeting:
    """Return contacts as usual."""
    return Meeting(
        contact_factor=np.ones((places, SETTINGS, ages)),
        mask_factor=np.ones((places, SETTINGS)),
        symptomatic_factor=np.ones(SETTINGS),
        travel_factor=np.ones(places),
    )


def no_measures(places: int, ages: int) -> DayMeasures:
    """Return a day on which nothing is done and nobody comes in."""
    nobody = Importation(expected=np.zeros(places), exact=np.zeros(places, dtype=np.int64))
    return DayMeasures(meeting=no_meeting_change(places, ages), imports=nobody)


@dataclass(frozen=True)
class Sizes:
    """The sizes that every array of a run agrees on."""

    places: int
    ages: int
    tiers: int
    pools: int
