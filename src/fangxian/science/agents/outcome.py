"""What comes out of a simulation, and what of it an authority would know while it runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from fangxian.science.agents.measures import DayMeasures

Int32Array = NDArray[np.int32]
Int64Array = NDArray[np.int64]
Float64Array = NDArray[np.float64]


class Flow(IntEnum):
    """People counted on the day on which something happens to them, by place of residence and age."""

    INFECTIONS = 0
    SYMPTOMATIC = 1
    TESTS = 2
    """People of whom a sample is taken, by any method and for any reason."""
    POSITIVES = 3
    """First positive result of an infected person."""
    REPORTED = 4
    """The same, on the day of the report."""
    FEVER_CLINIC_VISITS = 5
    SEVERE = 6
    """Comes to need a ward bed."""
    CRITICAL = 7
    """Comes to need an intensive-care bed."""
    ADMISSIONS = 8
    INTENSIVE_CARE_ADMISSIONS = 9
    DISCHARGES = 10
    """Leaves hospital alive."""
    REFUSED_WARD = 11
    REFUSED_INTENSIVE_CARE = 12
    DEATHS = 13
    DEATHS_WITHOUT_CARE = 14
    """Deaths, already counted, of people who did not get the bed they needed."""
    CASES_ISOLATED = 15
    CASES_TRACED = 16
    """Cases whose contacts were looked for."""
    CONTACTS_FOUND = 17
    CONTACTS_QUARANTINED = 18
    DOSES = 19
    ANTIVIRAL_COURSES = 20
    IMPORTED = 21
    """Infections, already counted, that were brought in or seeded."""


class Stock(IntEnum):
    """People in a state at the end of the day, by place of residence and age."""

    IN_WARD = 0
    IN_INTENSIVE_CARE = 1
    WAITING_WARD = 2
    WAITING_INTENSIVE_CARE = 3
    AT_HOME_APART = 4
    IN_ROOMS = 5


REPORTED_FLOWS = (
    Flow.TESTS,
    Flow.REPORTED,
    Flow.FEVER_CLINIC_VISITS,
    Flow.ADMISSIONS,
    Flow.INTENSIVE_CARE_ADMISSIONS,
    Flow.DISCHARGES,
    Flow.DEATHS,
    Flow.CASES_TRACED,
    Flow.CONTACTS_FOUND,
    Flow.DOSES,
)
"""What an authority would know; the rest is the truth, which no trigger may see."""


@dataclass(frozen=True, eq=False)
class Reported:
    """What would be known at the start of a day: days before it, reported series only.

    Parameters
    ----------
    day : int
        The day that is about to start; every array has this many rows.
    """

    day: int
    _flows: Int32Array
    _stocks: Int32Array

    def flow(self, which: Flow) -> Int32Array:
        """Return a reported flow; int32 array [day, P, A].

        Raises
        ------
        ValueError
            If the flow is part of the truth.
        """
        if which not in REPORTED_FLOWS:
            raise ValueError(
                f"Reported: {which.name} is not reported to anybody; use one of "
                f"{', '.join(flow.name for flow in REPORTED_FLOWS)}"
            )
        view = self._flows[: self.day, which]
        view.setflags(write=False)
        return view

    def stock(self, which: Stock) -> Int32Array:
        """Return a stock at the end of each day; all stocks are known; int32 array [day, P, A]."""
        view = self._stocks[: self.day, which]
        view.setflags(write=False)
        return view


Controller = Callable[[Reported], DayMeasures]
"""Called once before each day; returns the measures of that day."""


@dataclass(frozen=True, eq=False)
class TransmissionTree:
    """Who infected whom; m infections in order of time.

    Parameters
    ----------
    infectee, infector : int32 arrays [m]
        Person numbers; infector -1 for seeded and imported infections.
    time_days : float array [m]
        Time of infection.
    setting : int8 array [m]
        :class:`~fangxian.science.agents.records.Setting`, -1 without infector.
    """

    infectee: Int32Array
    infector: Int32Array
    time_days: Float64Array
    setting: NDArray[np.int8]

    def generation_intervals(self) -> Float64Array:
        """Return time of infection of the infectee less that of the infector, for every pair; [pairs]."""
        born = {int(person): time for person, time in zip(self.infectee, self.time_days, strict=True)}
        pairs = self.infector >= 0
        return np.array(
            [
                time - born[int(infector)]
                for infector, time in zip(self.infector[pairs], self.time_days[pairs], strict=True)
            ],
            dtype=np.float64,
        )


@dataclass(frozen=True, eq=False)
class Outcome:
    """Result of one run of D days in P places, A age groups and B pools of beds, rooms and medicines.

    Parameters
    ----------
    flows : int32 array [D, 22, P, A]
        By :class:`Flow`; a day for every row, time first, then the flow, then place, then age.
    stocks : int32 array [D, 6, P, A]
        By :class:`Stock`.
    laboratory_tubes : int64 array [D, P]
        Tubes handed in on the day, by where the people live.
    laboratory_backlog : float array [D]
        Tubes unfinished at the end of the day: laboratories are one network for the whole city.
    rooms_open, rooms_used : int64 arrays [D, B]
        Central isolation rooms.
    antiviral_stock : int64 array [D, B]
        Courses left at the end of the day.
    tree : TransmissionTree or None
        On request.
    """

    flows: Int32Array
    stocks: Int32Array
    laboratory_tubes: Int64Array
    laboratory_backlog: Float64Array
    rooms_open: Int64Array
    rooms_used: Int64Array
    antiviral_stock: Int64Array
    tree: TransmissionTree | None = None

    @property
    def days(self) -> int:
        """Number of days."""
        return len(self.flows)

    def flow(self, which: Flow) -> Int32Array:
        """Return one flow; int32 array [D, P, A]."""
        return self.flows[:, which]

    def stock(self, which: Stock) -> Int32Array:
        """Return one stock; int32 array [D, P, A]."""
        return self.stocks[:, which]

    def total(self, which: Flow) -> Int64Array:
        """Return one flow of the whole city by day; int64 array [D]."""
        counts: Int64Array = self.flows[:, which].sum(axis=(1, 2), dtype=np.int64)
        return counts
