"""What a roster is made from: staff, shifts, needs, rules."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from fangxian.logistics.shapes import require_shape

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

UNPUBLISHED = -1
"""A day of a person about which no roster was published."""


@dataclass(frozen=True)
class RosterRules:
    """Rest, fatigue and what is worth what.

    Parameters
    ----------
    least_rest_hours : float
        Between the end of a shift and the begin of the next.
    most_days_in_row, most_nights_in_row : int
        Working days, and night shifts, without a day off between.
    days_off_after_nights : int
        Days off that end a run of nights.
    absence_share : float
        Share of staff expected to fall ill within the period, beyond those known to be absent, in [0, 1).
    reserve_confidence : float
        The reserve of a duty is so large that those who come are enough with this chance.
    reserve_weight : float
        What a missing reserve counts, as a share of a missing member of staff, in [0, 1].
    unit_weight : float
        What a missing member of staff of weight 1 counts.
    fairness_weight : float
        What the square of a load point beside the fair share counts.
    change_weight : float
        What a change of a published day counts.
    lend_weight : float
        What a shift away from home counts.
    """

    least_rest_hours: float = 11.0
    most_days_in_row: int = 6
    most_nights_in_row: int = 3
    days_off_after_nights: int = 2
    absence_share: float = 0.0
    reserve_confidence: float = 0.9
    reserve_weight: float = 0.1
    unit_weight: float = 1000.0
    fairness_weight: float = 1.0
    change_weight: float = 2.0
    lend_weight: float = 5.0

    def __post_init__(self) -> None:
        """Refuse limits of nothing and shares that are none."""
        if min(self.most_days_in_row, self.most_nights_in_row) < 1 or self.days_off_after_nights < 0:
            raise ValueError(
                f"most_days_in_row and most_nights_in_row must be at least 1, days_off_after_nights at least "
                f"0 (got {self.most_days_in_row}, {self.most_nights_in_row}, {self.days_off_after_nights})"
            )
        for name in ("absence_share", "reserve_confidence", "reserve_weight"):
            if not 0 <= getattr(self, name) <= 1 or (name == "absence_share" and self.absence_share == 1):
                raise ValueError(f"{name} must be a share (got {getattr(self, name)}); give 0 to 1")
        weights = (self.unit_weight, self.fairness_weight, self.change_weight, self.lend_weight)
        if min(weights) < 0 or not 0 <= self.least_rest_hours <= 24:
            raise ValueError(
                f"weights must not be negative and least_rest_hours within 0 to 24 (got {weights}, "
                f"{self.least_rest_hours}); correct them"
            )


@dataclass(frozen=True)
class RosterProblem:
    """Who there is and what is needed; places, skills, shifts and days are numbered from 0.

    Parameters
    ----------
    staff_code, place_code, skill_code, shift_code : tuple of str
        Names; P, W, K and F of them.
    day_code : tuple of str
        Names of the D days.
    skills : bool[P, K]
        Who can do what.
    home : int64[P]
        Place of each.
    helps : bool[W, W]
        Whether staff of a home may work at a place; the diagonal is true.
    available : bool[P, D]
        False on leave, ill or in isolation.
    start_hour, hours : float[F]
        Of each shift; a night may end beyond 24.
    night : bool[F]
        Which shifts are nights.
    load : int64[F]
        Load points of a shift; nights weigh more.
    most_load, fair_load : int64[P]
        Points nobody may exceed, and everybody's fair share.
    need_day, need_shift, need_place, need_skill, need : int64[R]
        Staff needed; each day, shift, place and skill stands at most once.
    weight : float[R]
        Importance of a need; 1 is ordinary.
    days_in_row, nights_in_row, last_shift : int64[P]
        What was before day 0; ``last_shift`` is -1 after a day off.
    published : int64[P, D]
        The published roster: ``UNPUBLISHED``, 0 for off, or 1 + shift.
    rules : RosterRules
        The rules.

    Raises
    ------
    ValueError
        When shapes differ or a number points nowhere.
    """

    staff_code: tuple[str, ...]
    place_code: tuple[str, ...]
    skill_code: tuple[str, ...]
    shift_code: tuple[str, ...]
    day_code: tuple[str, ...]
    skills: Flags
    home: Integers
    helps: Flags
    available: Flags
    start_hour: Floats
    hours: Floats
    night: Flags
    load: Integers
    most_load: Integers
    fair_load: Integers
    need_day: Integers
    need_shift: Integers
    need_place: Integers
    need_skill: Integers
    need: Integers
    weight: Floats
    days_in_row: Integers
    nights_in_row: Integers
    last_shift: Integers
    published: Integers
    rules: RosterRules = field(default_factory=RosterRules)

    def __post_init__(self) -> None:
        """Check shapes, signs and references."""
        people, places, skills, shifts, days = (
            len(each)
            for each in (self.staff_code, self.place_code, self.skill_code, self.shift_code, self.day_code)
        )
        if min(people, places, skills, shifts, days) == 0:
            raise ValueError(
                f"a roster needs staff, places, skills, shifts and days (got {people}, {places}, {skills}, "
                f"{shifts}, {days}); add them"
            )
        self._check_shapes()
        self._check_numbers()
        if not self.helps.diagonal().all():
            raise ValueError("helps must be true on its diagonal: everybody may work at home")
        slots = np.stack([self.need_day, self.need_shift, self.need_place, self.need_skill])
        if np.unique(slots, axis=1).shape[1] != self.need.shape[0]:
            raise ValueError("each day, shift, place and skill may be needed once only; add the rows up")

    def _check_shapes(self) -> None:
        people, places, shifts = len(self.staff_code), len(self.place_code), len(self.shift_code)
        days, needs = len(self.day_code), self.need.shape[0]
        shapes = {
            (people, len(self.skill_code)): ("skills",),
            (people, days): ("available", "published"),
            (places, places): ("helps",),
            (people,): ("home", "most_load", "fair_load", "days_in_row", "nights_in_row", "last_shift"),
            (shifts,): ("start_hour", "hours", "night", "load"),
            (needs,): ("need_day", "need_shift", "need_place", "need_skill", "weight"),
        }
        for shape, names in shapes.items():
            for name in names:
                require_shape(name, getattr(self, name), shape)

    def _check_numbers(self) -> None:
        limits = {
            "need_day": len(self.day_code),
            "need_shift": len(self.shift_code),
            "need_place": len(self.place_code),
            "need_skill": len(self.skill_code),
            "home": len(self.place_code),
        }
        for name, most in limits.items():
            values = getattr(self, name)
            if values.size and not (values.min() >= 0 and values.max() < most):
                raise ValueError(f"{name} must be in 0..{most - 1} (got {values.min()} to {values.max()})")
        for name in ("need", "weight", "load", "most_load", "fair_load", "hours"):
            values = getattr(self, name)
            if values.size and values.min() < 0:
                raise ValueError(f"{name} must not be negative (got {values.min()}); correct it")

    def reserve(self) -> Integers:
        """Return int64[R]: staff beyond the need, so that enough come though some fall ill."""
        rules = self.rules
        if rules.absence_share == 0:
            return np.zeros(self.need.shape[0], np.int64)
        extra = np.zeros(self.need.shape[0], np.int64)
        for _ in range(int(self.need.max(initial=0)) + 20):
            come = binom.sf(self.need - 1, self.need + extra, 1 - rules.absence_share)
            short = (come < rules.reserve_confidence) & (self.need > 0)
            if not short.any():
                break
            extra[short] += 1
        return extra
