"""Who is still to be vaccinated, where they can go, and the teams and doses there are."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from fangxian.logistics.shapes import require_shape

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

WALKS, NEEDS_LIFT, HOMEBOUND = range(3)
MOBILITY = ("walks", "needs-lift", "homebound")
"""How far old people come: to a site in reach, only to a session in the own village, not out of the house."""


@dataclass(frozen=True)
class SessionRules:
    """Teams, hours, doses and prices of a campaign.

    Parameters
    ----------
    half_days : int
        Half days of work in the campaign; a team spends each on one session or one round of home visits.
    half_day_hours : float
        Length of a half day, travel included.
    set_up_hours : float
        To set up and clear a session away.
    doses_per_hour : float
        Of a team at a session.
    visit_hours : float
        A home visit, way from door to door included.
    home_share : float
        Part of the half days of each base that is kept for home visits, as far as there is somebody to visit:
        a dose at home takes many times as long, so that nobody would be visited where doses alone count.
    reach_minutes : float
        How long those who walk go to a fixed site at most.
    vial_doses : int
        Doses in a vial; what is left of an open vial at the end of a half day is lost.
    second_doses_kept : float
        Doses that are kept back of the stock for each dose given, for a second one after the campaign.
    second_dose_after_half_days : int
        From when on a second dose may be given, counted from the session of the first; 0: there is none.
    dose_yuan, half_day_yuan, km_yuan : float
        Prices of a dose, a half day of a team, and a kilometre.
    unit_yuan : float
        What one more vaccination of weight 1 is worth; far above all prices, so that coverage comes first.
    """

    half_days: int = 20
    half_day_hours: float = 4.0
    set_up_hours: float = 0.75
    doses_per_hour: float = 20.0
    visit_hours: float = 0.4
    home_share: float = 0.2
    reach_minutes: float = 30.0
    vial_doses: int = 1
    second_doses_kept: float = 0.0
    second_dose_after_half_days: int = 0
    dose_yuan: float = 40.0
    half_day_yuan: float = 600.0
    km_yuan: float = 1.5
    unit_yuan: float = 5000.0

    def __post_init__(self) -> None:
        """Refuse a campaign without time and rates of nothing."""
        for name in ("half_days", "half_day_hours", "doses_per_hour", "visit_hours", "vial_doses"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be above 0 (got {getattr(self, name)}); correct it")
        if not 0 <= self.home_share <= 1:
            raise ValueError(f"home_share must be in [0, 1] (got {self.home_share}); give it as a share")
        if min(self.second_doses_kept, self.second_dose_after_half_days, self.reach_minutes) < 0:
            raise ValueError(
                "second_doses_kept, second_dose_after_half_days and reach_minutes must not be negative (got "
                f"{self.second_doses_kept}, {self.second_dose_after_half_days}, {self.reach_minutes}); "
                "correct them"
            )
        prices = (self.dose_yuan, self.half_day_yuan, self.km_yuan, self.set_up_hours, self.unit_yuan)
        if min(prices) < 0:
            raise ValueError(f"prices and set_up_hours must not be negative (got {prices}); correct them")


@dataclass(frozen=True)
class SessionProblem:
    """Villages, fixed sites and bases of mobile teams.

    Parameters
    ----------
    village_code, site_code, base_code : tuple of str
        Names; V, S and B of them.
    people : int64[V, 3]
        Still to be vaccinated, by mobility: ``WALKS``, ``NEEDS_LIFT``, ``HOMEBOUND``.
    weight : float[V]
        Importance of a vaccination in a village; 1 is ordinary, more where risk is higher.
    walk_minutes : float[V, S]
        From village to fixed site; infinite where there is no way.
    site_doses : int64[S]
        Doses that a fixed site can give in the campaign.
    drive_hours, drive_km : float[V, B]
        From base to village, one way.
    teams : int64[B]
        Mobile teams of each base.
    doses : int
        Doses there are.
    rules : SessionRules
        The rules.
    due_half_day : int64[V], optional
        From which half day on the people of a village may be vaccinated, from 1: later than 1 for second
        doses whose interval is not over when the campaign begins.

    Raises
    ------
    ValueError
        When shapes differ or a number is negative.
    """

    village_code: tuple[str, ...]
    site_code: tuple[str, ...]
    base_code: tuple[str, ...]
    people: Integers
    weight: Floats
    walk_minutes: Floats
    site_doses: Integers
    drive_hours: Floats
    drive_km: Floats
    teams: Integers
    doses: int
    rules: SessionRules = field(default_factory=SessionRules)
    due_half_day: Integers | None = None

    def __post_init__(self) -> None:
        """Check shapes and signs."""
        villages, sites, bases = len(self.village_code), len(self.site_code), len(self.base_code)
        if villages == 0 or sites + bases == 0:
            raise ValueError(
                f"a campaign needs villages, and sites or bases (got {villages}, {sites}, {bases}); add them"
            )
        shapes = {
            "people": (villages, 3),
            "weight": (villages,),
            "walk_minutes": (villages, sites),
            "site_doses": (sites,),
            "drive_hours": (villages, bases),
            "drive_km": (villages, bases),
            "teams": (bases,),
        }
        for name, shape in shapes.items():
            values = getattr(self, name)
            require_shape(name, values, shape)
            if values.size and not values.min() >= 0:
                raise ValueError(f"{name} must not be negative or missing (got {values.min()}); correct it")
        if self.due_half_day is not None:
            require_shape("due_half_day", self.due_half_day, (villages,))
            if self.due_half_day.min() < 1:
                raise ValueError(f"due_half_day counts from 1 (got {self.due_half_day.min()}); correct it")
        if self.doses < 0:
            raise ValueError(f"doses must not be negative (got {self.doses}); correct the stock")

    def session_doses(self) -> Integers:
        """Return int64[V, B]: doses that one half day of a team can give at a session in a village."""
        rules = self.rules
        left = rules.half_day_hours - rules.set_up_hours - 2 * self.drive_hours
        return np.floor(np.maximum(0.0, left) * rules.doses_per_hour + 1e-9).astype(np.int64)

    def round_visits(self) -> Integers:
        """Return int64[V, B]: home visits that one half day of a team can make in a village."""
        left = self.rules.half_day_hours - 2 * self.drive_hours
        return np.floor(np.maximum(0.0, left) / self.rules.visit_hours + 1e-9).astype(np.int64)

    def due(self) -> Integers:
        """Return int64[V]: the first half day on which each village may be called at."""
        if self.due_half_day is None:
            return np.ones(len(self.village_code), np.int64)
        return self.due_half_day

    def in_reach(self) -> NDArray[np.bool_]:
        """Return bool[V, B]: whether a base has teams for whom a half day is long enough for a dose there."""
        return ((self.session_doses() > 0) | (self.round_visits() > 0)) & (self.teams > 0)

    def least_rounds(self) -> Integers:
        """Return int64[B]: half days kept for home visits at each base.

        None where the doses would not be enough for what is lost of open vials and one visit of each.
        """
        bases, visits = len(self.base_code), self.round_visits()
        if bases == 0:
            return np.zeros(0, np.int64)
        # A base without teams visits nobody: the nearest that has some does.
        nearest = np.where(self.teams > 0, self.drive_hours, np.inf).argmin(axis=1)
        possible = visits[np.arange(visits.shape[0]), nearest] * (self.due() <= self.rules.half_days)
        needed = np.ceil(self.people[:, HOMEBOUND] / np.maximum(1, possible)) * (possible > 0)
        wanted = np.bincount(nearest, needed, bases)
        kept = np.floor(self.rules.home_share * self.teams * self.rules.half_days)
        if self.due().max() > 1:  # no more than there is time for once they are due
            late = [
                self.rules.half_days + 1 - self.due()[nearest == base].max(initial=1) for base in range(bases)
            ]
            kept = np.minimum(kept, self.teams * np.maximum(0, late))
        least = np.minimum(kept, wanted).astype(np.int64)
        enough = self.doses >= least.sum() * ((self.rules.vial_doses - 1) / 2 + 1)
        return least if enough else np.zeros(bases, np.int64)
