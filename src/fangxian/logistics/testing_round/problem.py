"""What a testing round is planned from: people, possible sites, laboratories, and the rules of the round."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from fangxian.logistics.pooling.assay import Assay
from fangxian.logistics.shapes import require_shape

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class RoundRules:
    """Clock, staff and prices of a round.

    Parameters
    ----------
    clock_hours : float
        From the first swab to the last result, second tests included.
    sampling_hours : float
        How long sites are open, from hour 0.
    courier_interval_hours : float
        Time between two collections; a tube waits at most that long.
    assay_hours : float
        From the start of a test to its result.
    recall_hours : float
        From a positive tube to the single swabs of its people in the laboratory.
    retest_hours : float
        Laboratory time kept for single tests.
    walk_limit_minutes : float
        Nobody walks longer.
    people_per_lane_hour : float
        Swabs of one lane in an hour.
    lane_staff, site_staff : int
        People at a lane, and besides them at a site.
    staff : int
        Staff there are.
    staff_hour_cost, courier_hour_cost, tube_cost : float
        Prices in yuan; ``tube_cost`` is the tube with its swabs.
    own_tube_cost : float
        Yuan for a tube with the swab of one person, whose specimen the laboratory keeps: arrays need these.
    pool_sizes : tuple of int
        Tubes that may be used: people who put their swabs into one.
    array_sides : tuple of int
        Sides of square arrays that the laboratories can mix; none unless named.
    array_dilution_exponent : float
        What mixing in the laboratory does to the load in an array: 1 for equal parts.
    least_found : float
        Share of what single tests find that a scheme must find, in [0, 1].
    prevalence_log_sd : float
        Standard deviation of the logarithm of prevalence: how little is known of it.
    """

    clock_hours: float = 24.0
    sampling_hours: float = 8.0
    courier_interval_hours: float = 1.0
    assay_hours: float = 3.0
    recall_hours: float = 2.0
    retest_hours: float = 2.0
    walk_limit_minutes: float = 20.0
    people_per_lane_hour: float = 150.0
    lane_staff: int = 2
    site_staff: int = 3
    staff: int = 10**9
    staff_hour_cost: float = 60.0
    courier_hour_cost: float = 120.0
    tube_cost: float = 6.0
    own_tube_cost: float = 2.0
    pool_sizes: tuple[int, ...] = (1, 5, 10, 20)
    array_sides: tuple[int, ...] = ()
    array_dilution_exponent: float = 1.0
    least_found: float = 0.0
    prevalence_log_sd: float = 0.5

    def __post_init__(self) -> None:
        """Refuse hours that do not fit the clock and rates of nothing."""
        for name in ("clock_hours", "sampling_hours", "courier_interval_hours", "people_per_lane_hour"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be above 0 (got {getattr(self, name)}); correct it")
        if not self.pool_sizes or min(self.pool_sizes) < 1:
            raise ValueError(f"pool_sizes must be 1 or more (got {self.pool_sizes}); name one at least")
        if self.array_sides and min(self.array_sides) < 2:
            raise ValueError(f"array_sides must be 2 or more (got {self.array_sides}); leave them out")
        self._check_signs()
        collected = self.sampling_hours + self.courier_interval_hours
        if self.first_deadline_hours <= collected:
            needed = self.clock_hours - self.first_deadline_hours + collected
            raise ValueError(
                f"clock_hours must exceed swabbing, collecting, two tests, recall and single tests: more "
                f"than {needed:g} (got {self.clock_hours:g}); lengthen the clock or shorten sampling_hours"
            )

    def _check_signs(self) -> None:
        """Refuse negative hours, staff and prices, and shares that are none."""
        for name in (
            *("courier_interval_hours", "assay_hours", "recall_hours", "retest_hours", "walk_limit_minutes"),
            *("lane_staff", "site_staff", "staff", "prevalence_log_sd"),
            *("staff_hour_cost", "courier_hour_cost", "tube_cost", "own_tube_cost"),
        ):
            if not getattr(self, name) >= 0:
                raise ValueError(f"{name} must not be negative (got {getattr(self, name)}); correct it")
        for name in ("least_found", "array_dilution_exponent"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must be in [0, 1] (got {getattr(self, name)}); give it as a share")

    @property
    def first_deadline_hours(self) -> float:
        """When the last tube of the first round must be in a machine."""
        return self.clock_hours - 2 * self.assay_hours - self.recall_hours - self.retest_hours

    @property
    def trips(self) -> int:
        """Courier trips of a site in a round."""
        return int(np.ceil(self.sampling_hours / self.courier_interval_hours))

    @property
    def lane_people(self) -> float:
        """People whom one lane swabs in a round."""
        return self.people_per_lane_hour * self.sampling_hours


@dataclass(frozen=True)
class TestingRoundProblem:
    """Who is to be swabbed, where that may happen and who can test.

    Parameters
    ----------
    area_code, site_code, lab_code : tuple of str
        Names, for explanations; A, S and L of them.
    people : int64[A]
        To be swabbed in each area.
    prevalence : float[A]
        Share infected, in [0, 1).
    walk_area, walk_site, walk_minutes : int64[N], int64[N], float[N]
        Which site can be walked to from which area, and how long it takes.
    site_cost : float[S]
        Yuan for opening a site, staff not counted.
    most_lanes : int64[S]
        Room for lanes.
    drive_hours : float[S, L]
        From site to laboratory, one way.
    tubes_per_hour : float[L]
        Throughput.
    test_cost : float[L]
        Yuan for testing a tube.
    rules : RoundRules
        The rules of the round.
    assay : Assay
        The test.
    group_code : tuple of str
        Names of the groups known to be at other risk than the rest of their area; G of them.
    group_area, group_people : int64[G]
    group_prevalence : float[G]
        Of whom in which area how many are infected; the rest of the area holds the rest of its cases.

    Raises
    ------
    ValueError
        When shapes differ, numbers are negative or codes point nowhere.
    """

    __test__ = False

    area_code: tuple[str, ...]
    site_code: tuple[str, ...]
    lab_code: tuple[str, ...]
    people: Integers
    prevalence: Floats
    walk_area: Integers
    walk_site: Integers
    walk_minutes: Floats
    site_cost: Floats
    most_lanes: Integers
    drive_hours: Floats
    tubes_per_hour: Floats
    test_cost: Floats
    rules: RoundRules = field(default_factory=RoundRules)
    assay: Assay = field(default_factory=Assay)
    group_code: tuple[str, ...] = ()
    group_area: Integers = field(default_factory=lambda: np.zeros(0, np.int64))
    group_people: Integers = field(default_factory=lambda: np.zeros(0, np.int64))
    group_prevalence: Floats = field(default_factory=lambda: np.zeros(0))

    def __post_init__(self) -> None:
        """Check shapes and signs."""
        areas, sites, labs = len(self.area_code), len(self.site_code), len(self.lab_code)
        groups = (len(self.group_code),)
        if min(areas, sites, labs) == 0:
            raise ValueError(
                f"a round needs at least 1 area, site and laboratory (got {areas}, {sites}, {labs}); add them"
            )
        shapes = {
            "people": (areas,),
            "prevalence": (areas,),
            "site_cost": (sites,),
            "most_lanes": (sites,),
            "drive_hours": (sites, labs),
            "tubes_per_hour": (labs,),
            "test_cost": (labs,),
            "walk_site": self.walk_area.shape,
            "walk_minutes": self.walk_area.shape,
            "group_area": groups,
            "group_people": groups,
            "group_prevalence": groups,
        }
        for name, shape in shapes.items():
            values = getattr(self, name)
            require_shape(name, values, shape)
            if values.size and not (np.isfinite(values).all() and values.min() >= 0):
                raise ValueError(f"{name} must not be negative or missing (got {values.min()}); correct it")
        if self.prevalence.max() >= 1:
            raise ValueError(f"prevalence must be below 1 (got {self.prevalence.max()}); give a share")
        if self.tubes_per_hour.min() <= 0:
            raise ValueError("tubes_per_hour must be above 0 (got 0); leave out a laboratory that is closed")
        for name, most in (("walk_area", areas), ("walk_site", sites), ("group_area", areas)):
            values = getattr(self, name)
            if values.size and not (values.min() >= 0 and values.max() < most):
                raise ValueError(f"{name} must be in 0..{most - 1} (got {values.max()}); align the tables")
        self._check_groups()

    def _check_groups(self) -> None:
        """Refuse groups that are more than their area, in people or in cases."""
        areas = len(self.area_code)
        inside = np.bincount(self.group_area, self.group_people, areas)
        cases = np.bincount(self.group_area, self.group_people * self.group_prevalence, areas)
        over = np.flatnonzero((inside > self.people) | (cases > self.people * self.prevalence + 1e-6))
        if over.size:
            area = int(over[0])
            raise ValueError(
                f"groups must not exceed their area in people or cases (got {inside[area]:g} people and "
                f"{cases[area]:.3g} cases of {self.people[area]} and "
                f"{self.people[area] * self.prevalence[area]:.3g} in {self.area_code[area]}); correct them"
            )
