"""Patients who need a bed and beds that open during the day: the problem, checked at construction.

Times are whole minutes from now, lengths whole metres. Insurance is not among the columns, on purpose: nobody
is placed by who pays.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

NOWHERE = -1
"""``at`` of a patient who lies in no hospital."""


@dataclass(frozen=True)
class Severities:
    """What the grades of severity mean; G rows, the mildest first.

    Parameters
    ----------
    hazard_per_hour : float64[G]
        Rate of getting worse while waiting without the care needed.
    severe : bool[G]
        Whose waiting counts before everything else.
    least_level : int64[G]
        Lowest level of hospital that may take them.
    """

    hazard_per_hour: Floats
    severe: Flags
    least_level: Integers


@dataclass(frozen=True)
class Patients:
    """Who waits; P rows.

    Parameters
    ----------
    place : int64[P]
        Where they are, a row of the travel tables.
    severity : int64[P]
    needs : bool[P, K]
        What the bed must offer: ventilator, dialysis, paediatric, obstetric and the like.
    zone : int64[P]
        Zone of the hospital that they must be kept in (infected, suspected, others).
    at : int64[P]
        Hospital in which they lie already, or ``NOWHERE``.
    """

    place: Integers
    severity: Integers
    needs: Flags
    zone: Integers
    at: Integers

    def __len__(self) -> int:
        return int(self.place.shape[0])


@dataclass(frozen=True)
class Pools:
    """Beds that are alike, B rows, and when they open.

    Parameters
    ----------
    hospital : int64[B]
    zone : int64[B]
    offers : bool[B, K]
    """

    hospital: Integers
    zone: Integers
    offers: Flags

    def __len__(self) -> int:
        return int(self.hospital.shape[0])


@dataclass(frozen=True)
class Openings:
    """Beds of a pool that can be had from a moment on; S rows.

    Parameters
    ----------
    pool : int64[S]
    ready_minutes : int64[S]
        0 for beds free now.
    beds : int64[S]
    reserved : bool[S]
        Kept for tomorrow: only the severe may have them, and only where they would wait longer otherwise.
    """

    pool: Integers
    ready_minutes: Integers
    beds: Integers
    reserved: Flags

    def __len__(self) -> int:
        return int(self.pool.shape[0])


@dataclass(frozen=True)
class BedParameters:
    """What is counted, and how far ahead.

    Parameters
    ----------
    horizon_minutes : int
        Who has no bed by then waits that long, for the counting.
    travel_hazard_factor : float
        How much faster somebody gets worse on the road than waiting; at least 1.
    risk_step : float
        Differences of risk below this are not told apart, so that a few minutes do not send the mildly ill to
        the city.
    transfer_m : int
        Metres that moving somebody out of a hospital counts for.
    above_level_m : int
        Metres that each level of hospital above the one needed counts for.
    """

    horizon_minutes: int = 1440
    travel_hazard_factor: float = 1.0
    risk_step: float = 0.001
    transfer_m: int = 30_000
    above_level_m: int = 10_000

    def __post_init__(self) -> None:
        """Refuse an empty day and roads that heal."""
        if self.horizon_minutes < 1 or not self.travel_hazard_factor >= 1:
            raise ValueError(
                "horizon_minutes and travel_hazard_factor must be at least 1 (got "
                f"{self.horizon_minutes} and {self.travel_hazard_factor}); use the defaults"
            )
        if not 1e-6 <= self.risk_step <= 0.1:
            raise ValueError(f"risk_step must lie in 0.000001 to 0.1 (got {self.risk_step}); use the default")
        if self.transfer_m < 0 or self.above_level_m < 0:
            raise ValueError(
                "transfer_m and above_level_m must not be negative (got "
                f"{self.transfer_m} and {self.above_level_m}); use the defaults"
            )


@dataclass(frozen=True)
class BedProblem:
    """A morning.

    Parameters
    ----------
    patients : Patients
    severities : Severities
    hospital_level : int64[H]
        1 primary, 2 secondary, 3 tertiary.
    pools : Pools
    openings : Openings
    travel_minutes, distance_m : int64[N, H]
        From places to hospitals.
    parameters : BedParameters

    Raises
    ------
    ValueError
        Naming rule, value and remedy.
    """

    patients: Patients
    severities: Severities
    hospital_level: Integers
    pools: Pools
    openings: Openings
    travel_minutes: Integers
    distance_m: Integers
    parameters: BedParameters

    def __post_init__(self) -> None:
        """Check shapes, numbers and references."""
        if min(len(self.patients), len(self.pools), len(self.hospital_level)) == 0:
            raise ValueError(
                f"there must be a patient, a hospital and a pool of beds (got {len(self.patients)}, "
                f"{len(self.hospital_level)} and {len(self.pools)}); add the rows that are missing"
            )
        self._check_shapes()
        hospitals, places = self.hospital_level.shape[0], self.travel_minutes.shape[0]
        grades = self.severities.severe.shape[0]
        for name, values, least, below in (
            ("patients.place", self.patients.place, 0, places),
            ("patients.severity", self.patients.severity, 0, grades),
            ("patients.at", self.patients.at, NOWHERE, hospitals),
            ("pools.hospital", self.pools.hospital, 0, hospitals),
            ("openings.pool", self.openings.pool, 0, len(self.pools)),
            ("openings.beds", self.openings.beds, 0, 10**6),
            ("openings.ready_minutes", self.openings.ready_minutes, 0, 10**6),
            ("travel_minutes", self.travel_minutes, 0, 10**6),
            ("distance_m", self.distance_m, 0, 10**9),
        ):
            if values.size and (values.min() < least or values.max() >= below):
                raise ValueError(
                    f"{name} must lie in {least} to {below - 1} (got {values.min()} to {values.max()}); "
                    "correct the rows"
                )
        hazard = self.severities.hazard_per_hour
        if not (np.isfinite(hazard).all() and (hazard >= 0).all()):
            raise ValueError(f"hazard_per_hour must be at least 0 (got {hazard.tolist()}); correct the table")

    def _check_shapes(self) -> None:
        count, kinds = self.patients.needs.shape
        columns = vars(self.patients).values()
        if any(each.shape[0] != count for each in columns) or self.pools.offers.shape[1] != kinds:
            raise ValueError(
                f"patients and pools must name the same needs, a row each (got {self.patients.needs.shape} "
                f"and {self.pools.offers.shape}); align the tables"
            )
        shape = (self.travel_minutes.shape[0], self.hospital_level.shape[0])
        if self.travel_minutes.shape != shape or self.distance_m.shape != shape:
            raise ValueError(
                f"travel tables must have a column a hospital (got {self.travel_minutes.shape} and "
                f"{self.distance_m.shape} for {shape[1]}); align the tables"
            )


def fits(problem: BedProblem, patients: Patients | None = None) -> Flags:
    """Return bool[P, B]: the pool offers what a patient needs, in the right zone, at a high enough level.

    Parameters
    ----------
    problem : BedProblem
    patients : Patients, optional
        Others than the problem's.
    """
    who = patients or problem.patients
    lacking = who.needs.astype(np.int64) @ (~problem.pools.offers.T).astype(np.int64)
    level = problem.hospital_level[problem.pools.hospital]
    high_enough = problem.severities.least_level[who.severity][:, None] <= level[None, :]
    same_zone = who.zone[:, None] == problem.pools.zone[None, :]
    suited: Flags = (lacking == 0) & high_enough & same_zone
    return suited


def open_beds(
    pool: int, free: int, freed_per_day: float, convertible: tuple[int, float], reserve: int, horizon: int
) -> list[tuple[int, int, int, bool]]:
    """Return the openings of one pool as (pool, ready minutes, beds, reserved).

    Parameters
    ----------
    pool : int
    free : int
        Beds free now.
    freed_per_day : float
        Expected discharges; the k-th frees its bed after k/freed_per_day days, counted to the full hour.
    convertible : tuple of int and float
        Beds that can be made from others, and the hours that takes.
    reserve : int
        Beds kept for tomorrow, taken from those that open first.
    horizon : int
        Minutes; what opens later is left out.
    """
    ready = [0] * free
    if freed_per_day > 0:
        every = 1440 / freed_per_day
        ready += [-(-int(every * k) // 60) * 60 for k in range(1, int(horizon / every) + 1)]
    ready += [round(convertible[1] * 60)] * convertible[0]
    rows: dict[tuple[int, bool], int] = {}
    for turn, minutes in enumerate(sorted(each for each in ready if each <= horizon)):
        key = minutes, turn < reserve
        rows[key] = rows.get(key, 0) + 1
    return [(pool, minutes, beds, kept) for (minutes, kept), beds in rows.items()]
