"""Week after week in a made-up city: our allocation and today's rule, in two worlds of the same luck.

In every week stock arrives, the forecast is made, shipments leave and arrive, people come, and what is over
is thrown away. Arrivals, forecasts and demands are drawn once and are the same in both worlds; what a world
holds follows from what was shipped there. 模拟数据.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fangxian.base.counter_random import purpose_key
from fangxian.logistics.allocation.allocate import AllocationParameters, allocate
from fangxian.logistics.allocation.batch_lines import batch_lines
from fangxian.logistics.allocation.proportional import share_in_proportion
from fangxian.logistics.allocation.supplies import Batches, SupplyProblem
from fangxian.logistics.allocation.transport_limit import shipped_litre_km
from fangxian.logistics.instances.geography import COUNTY
from fangxian.logistics.instances.supplies import SupplyWorld, week_quantiles

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

_DISPERSION = 4.0
LONGEST_WEEKS = 60
"""Shelf lives beyond this are not told apart: no item that is used every week waits so long."""

Lines = tuple[int, Integers]
"""An item, and batch, need row of the problem and units of its shipments: ``int64[3, L]``."""
Policy = Callable[[SupplyProblem], Iterator[Lines]]


@dataclass(frozen=True)
class WeeksOptions:
    """How the weeks go.

    Parameters
    ----------
    weeks : int
        At least 1.
    supply_ratio : float
        What arrives in an average week beside what is used in one; above 0.
    near_share : float
        Part of what arrives that ends within six weeks; 0 to 1.
    red_first : bool
        Whether points serve the red tier first, then the yellow; otherwise who comes first.
    """

    weeks: int = 50
    supply_ratio: float = 0.9
    near_share: float = 0.3
    red_first: bool = True

    def __post_init__(self) -> None:
        """Check ranges."""
        if self.weeks < 1 or not self.supply_ratio > 0 or not 0 <= self.near_share <= 1:
            raise ValueError(
                f"weeks must be at least 1, supply_ratio above 0 and near_share 0 to 1 (got {self.weeks}, "
                f"{self.supply_ratio:g} and {self.near_share:g}); choose others"
            )


@dataclass(frozen=True)
class WeekOutcome:
    """What came of one week in one world.

    Parameters
    ----------
    demand, unmet : int64[3]
        Units wanted, and those not had, by tier.
    expired : int
        Units thrown away, at points and in warehouses.
    litre_km : float
    """

    demand: Integers
    unmet: Integers
    expired: int
    litre_km: float


def targeted(problem: SupplyProblem) -> Iterator[Lines]:
    """Ship by :func:`allocate`."""
    for plan in allocate(problem).plans:
        lines = batch_lines(problem, plan.stocks, plan.shipping)
        lines[1] = plan.needs.need[lines[1]]
        yield plan.item, lines


def targeted_within(limits_litre_km: Iterable[float]) -> Policy:
    """Return a policy: :func:`allocate` within what all weeks until now may travel together.

    Parameters
    ----------
    limits_litre_km : iterable of float
        One a week in their order, for example what today's rule took; the policy is for one run. What a week
        leaves the next may use; what floors took beyond it the next does without.

    Returns
    -------
    callable
    """
    limits = iter(limits_litre_km)
    left = 0.0

    def policy(problem: SupplyProblem) -> Iterator[Lines]:
        nonlocal left
        left += next(limits)
        for plan in allocate(problem, AllocationParameters(most_litre_km=max(left, 0.0))).plans:
            left -= shipped_litre_km(plan.stocks, plan.shipping, float(problem.items.litres[plan.item]))
            lines = batch_lines(problem, plan.stocks, plan.shipping)
            lines[1] = plan.needs.need[lines[1]]
            yield plan.item, lines

    return policy


def proportional(problem: SupplyProblem) -> Iterator[Lines]:
    """Ship by the rule used today."""
    for shared in share_in_proportion(problem):
        lines = batch_lines(problem, shared.stocks, shared.shipping)
        lines[1] = shared.needs.need[lines[1]]
        yield shared.item, lines


def run_weeks(
    world: SupplyWorld, policy: Policy, options: WeeksOptions, seed: int
) -> tuple[WeekOutcome, ...]:
    """Play the weeks under one policy.

    Parameters
    ----------
    world : SupplyWorld
        Where it begins: places, roads, warehouses, points, and the first week's stocks.
    policy : callable
        :func:`targeted` or :func:`proportional`.
    options : WeeksOptions
    seed : int
        Of the luck; the same for policies that are compared.

    Returns
    -------
    tuple of WeekOutcome
        One a week.
    """
    problem = world.problem
    usual = usual_demand(problem)
    wave = wave_of(world, options.weeks, seed)
    at_points, held = stock_at_begin(problem)
    found = []
    for week in range(options.weeks):
        mean = usual * wave[:, week]
        held += arrivals_of(problem, usual, options, seed, week)
        today = _problem_of_week(problem, held, at_points, mean, seed, week)
        litre_km = _carry_out(today, policy, held, at_points)
        wanted = demand_of(problem, mean, seed, week)
        unmet = serve(at_points, wanted, red_first=options.red_first)
        expired = int(at_points[:, 0].sum() + held[:, :, 0].sum())
        age(at_points)
        age(held)
        found.append(WeekOutcome(wanted.sum(axis=0), unmet.sum(axis=0), expired, litre_km))
    return tuple(found)


def stock_at_begin(problem: SupplyProblem) -> tuple[Integers, Integers]:
    """Return int64[N, L] at points and int64[W, I, L] in warehouses: stock by weeks that it lasts."""
    at_points = np.zeros((problem.needs.point.shape[0], LONGEST_WEEKS + 1), np.int64)
    at_points[:, 8] = problem.needs.on_hand
    held = np.zeros((len(problem.warehouses.code), len(problem.items.code), LONGEST_WEEKS + 1), np.int64)
    weeks_left = np.minimum(problem.batches.expires_days // 7, LONGEST_WEEKS)
    np.add.at(held, (problem.batches.warehouse, problem.batches.item, weeks_left), problem.batches.quantity)
    return at_points, held


def _stream(seed: int, purpose: str) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(key=int(purpose_key(seed, f"supply weeks {purpose}"))))


def usual_demand(problem: SupplyProblem) -> Floats:
    """Return float64[N]: the mean of an average week, read off the middle of the first forecast."""
    quantiles = problem.needs.quantiles
    usual: Floats = np.maximum(quantiles[:, 2] * 1.09, quantiles.mean(axis=1))
    return usual


def wave_of(world: SupplyWorld, weeks: int, seed: int) -> Floats:
    """Return float64[N, T]: demand of a week beside the average one, with peaks at other times by county."""
    numbers = _stream(seed, "wave")
    counties = world.region.of_level(COUNTY)
    peaks = max(weeks // 12, 1)
    at = numbers.uniform(0, weeks, (counties.shape[0] + 1, peaks, 1))
    height = numbers.uniform(1.0, 3.0, at.shape)
    width = numbers.uniform(1.5, 3.0, at.shape)
    curve = 0.5 + (height * np.exp(-0.5 * ((np.arange(weeks) - at) / width) ** 2)).sum(axis=1)
    curve /= curve.mean(axis=1, keepdims=True)
    county = world.region.above(COUNTY)[world.point_place][world.problem.needs.point]
    return np.asarray(curve[np.where(county >= 0, np.searchsorted(counties, county), counties.shape[0])])


def arrivals_of(
    problem: SupplyProblem, usual: Floats, options: WeeksOptions, seed: int, week: int
) -> Integers:
    """Return int64[W, I, L]: new stock, to each level as much as it holds at the beginning."""
    numbers = _stream(seed, f"arrivals {week}")
    shape = (len(problem.warehouses.code), len(problem.items.code), LONGEST_WEEKS + 1)
    arrived = np.zeros(shape, np.int64)
    of_item = np.bincount(problem.needs.item, usual, shape[1])
    level = np.unique(np.array(problem.warehouses.level), return_inverse=True)[1]
    begin = np.zeros(shape[:2])
    np.add.at(begin, (problem.batches.warehouse, problem.batches.item), problem.batches.quantity)
    for item in range(shape[1]):
        of_level = np.bincount(level, begin[:, item])[level] / np.bincount(level)[level]
        share = of_level * numbers.gamma(2.0, 1.0, shape[0])
        total = int(of_item[item] * options.supply_ratio)
        for near, units in ((True, int(total * options.near_share)), (False, total)):
            more = units if near else total - int(total * options.near_share)
            each = numbers.multinomial(more, share / share.sum())
            ends = numbers.integers(1, 7, shape[0]) if near else numbers.integers(16, 53, shape[0])
            arrived[np.arange(shape[0]), item, ends] += each
    return arrived


def _problem_of_week(
    problem: SupplyProblem, held: Integers, at_points: Integers, mean: Floats, seed: int, week: int
) -> SupplyProblem:
    error = _stream(seed, f"forecast {week}").lognormal(0.0, 0.15, mean.shape[0])
    warehouse, item, left = np.nonzero(held)
    return replace(
        problem,
        batches=Batches(
            tuple(map(str, range(warehouse.shape[0]))),
            warehouse,
            item,
            held[warehouse, item, left],
            7 * left + 6,
        ),
        needs=replace(problem.needs, on_hand=at_points.sum(axis=1), quantiles=week_quantiles(mean * error)),
        reserve=np.minimum(problem.reserve, held.sum(axis=2)),
    )


def _carry_out(today: SupplyProblem, policy: Policy, held: Integers, at_points: Integers) -> float:
    """Move what a policy ships; return litres times kilometres."""
    litre_km = 0.0
    for item, (batch, need, units) in policy(today):
        warehouse, left = today.batches.warehouse[batch], today.batches.expires_days[batch] // 7
        np.subtract.at(held, (warehouse, item, left), units)
        np.add.at(at_points, (need, left), units)
        km = today.km[warehouse, today.needs.point[need]]
        litre_km += float(km @ units) * float(today.items.litres[item])
    return litre_km


def demand_of(problem: SupplyProblem, mean: Floats, seed: int, week: int) -> Integers:
    """Return int64[N, 3]: units that people of each tier come for."""
    numbers = _stream(seed, f"demand {week}")
    rate = numbers.gamma(_DISPERSION, mean / _DISPERSION)
    drawn: Integers = numbers.poisson(rate[:, None] * problem.needs.tier_share)
    return drawn


def serve(at_points: Integers, wanted: Integers, *, red_first: bool) -> Integers:
    """Hand out what ends first, first; return int64[N, 3]: units not had."""
    given = np.minimum(wanted.sum(axis=1), at_points.sum(axis=1))
    before = np.cumsum(at_points, axis=1) - at_points
    at_points -= np.clip(given[:, None] - before, 0, at_points)
    if red_first:
        earlier = np.cumsum(wanted, axis=1) - wanted
        had = np.clip(given[:, None] - earlier, 0, wanted)
    else:
        total = np.maximum(wanted.sum(axis=1), 1)
        had = np.floor(wanted * (given / total)[:, None]).astype(np.int64)
        for tier in (2, 1, 0):  # what rounding left over, by the largest group
            had[:, tier] += np.minimum(given - had.sum(axis=1), wanted[:, tier] - had[:, tier])
    unmet: Integers = wanted - had
    return unmet


def age(stock: Integers) -> None:
    """Let a week pass: what was in its last is gone; the longest lives stay told apart no further."""
    last = stock[..., -1].copy()
    stock[..., :-1] = stock[..., 1:]
    stock[..., -1] = last
    stock[..., -2] -= last
