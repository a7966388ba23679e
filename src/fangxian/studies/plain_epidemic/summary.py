"""What a plain epidemic shows, and what theory says that it should show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fangxian.science.agents.outcome import TransmissionTree
from fangxian.science.agents.records import Delay, Infectiousness

Float64Array = NDArray[np.float64]
GROWTH_FROM, GROWTH_TO = 5.0, 0.005
"""Growth is measured from 5 times the seeds to 0.5 % of the town."""
FEWEST_IN_GROWTH = 300
EARLY_SHARE = 0.1
"""Generation intervals are those of infectors who were among the first tenth of the town."""


@dataclass(frozen=True, eq=False)
class PlainSummary:
    """K replicates of D days in towns of N people.

    Parameters
    ----------
    attack_rate : float array [K]
        Share ever infected, seeds included.
    final_size : int array [K]
        People infected by somebody, seeds not included.
    peak_day, peak_height : int arrays [K]
        Day of most infections, and how many.
    incidence : int array [K, D]
        Infections by day; seeds count on day 0.
    growth_rate, generation_interval_mean : float arrays [K]
        A day, and days; not-a-number where there are too few infections to tell.
    """

    attack_rate: Float64Array
    final_size: NDArray[np.int64]
    peak_day: NDArray[np.int64]
    peak_height: NDArray[np.int64]
    incidence: NDArray[np.int64]
    growth_rate: Float64Array
    generation_interval_mean: Float64Array


def summarise(incidence: NDArray[np.int64], tree: TransmissionTree, people: int, seeds: int) -> PlainSummary:
    """Return the summary of towns that stand side by side in one run.

    Parameters
    ----------
    incidence : int array [K, D]
    tree : TransmissionTree
        Person p belongs to town ``p // people``.
    people, seeds : int
        Of one town.
    """
    towns = len(incidence)
    total = incidence.sum(axis=1)
    town = tree.infectee.astype(np.int64) // people
    order = np.argsort(town, kind="stable")  # by town, then by time, as the tree is in order of time
    first = np.concatenate(([0], np.cumsum(np.bincount(town, minlength=towns))))
    rank = np.empty(len(town), dtype=np.int64)
    rank[order] = np.arange(len(town)) - first[town[order]]
    growth = np.full(towns, np.nan)
    if people * GROWTH_TO > FEWEST_IN_GROWTH:
        for number in range(towns):
            growth[number] = growth_rate(
                tree.time_days[order[first[number] : first[number + 1]]], people, seeds
            )
    return PlainSummary(
        attack_rate=total / people,
        final_size=total - seeds,
        peak_day=incidence.argmax(axis=1),
        peak_height=incidence.max(axis=1),
        incidence=incidence,
        growth_rate=growth,
        generation_interval_mean=_generation_intervals(tree, town, rank, towns, people),
    )


def growth_rate(time_days: Float64Array, people: int, seeds: int) -> float:
    """Return the early growth rate of one town by maximum likelihood from its times of infection.

    Between two times the infections of exponential growth have the density ``r exp(r u) / (exp(r L) - 1)``;
    the root of its score is found. The loss of susceptible people, at most 0.5 %, is not corrected.
    """
    start = int(GROWTH_FROM * seeds)
    stop = int(GROWTH_TO * people)
    if stop - start < FEWEST_IN_GROWTH or len(time_days) < stop:
        return float("nan")
    window = time_days[start:stop]
    length = float(window[-1] - window[0])
    mean = float((window[1:-1] - window[0]).mean()) / length

    def score(rate: float) -> float:
        return float(1.0 / -np.expm1(-rate) - 1.0 / rate - mean)

    if mean <= 0.51:
        return float("nan")
    return _root(score, 0.05, 500.0) / length


def _generation_intervals(
    tree: TransmissionTree, town: NDArray[np.int64], rank: NDArray[np.int64], towns: int, people: int
) -> Float64Array:
    """Return mean intervals by town; each weighs the inverse of the share still susceptible when it ended."""
    case_of = np.full(int(tree.infectee.max(initial=0)) + 1, -1, dtype=np.int64)
    case_of[tree.infectee] = np.arange(len(tree.infectee))
    pairs = np.flatnonzero(tree.infector >= 0)
    source = case_of[tree.infector[pairs]]
    early = rank[source] <= EARLY_SHARE * people
    pairs, source = pairs[early], source[early]
    interval = tree.time_days[pairs] - tree.time_days[source]
    weight = people / (people - rank[pairs])
    sums = np.bincount(town[pairs], weight * interval, minlength=towns)
    weights = np.bincount(town[pairs], weight, minlength=towns)
    means: Float64Array = np.divide(sums, weights, out=np.full(towns, np.nan), where=weights > 0.0)
    return means


def expected_final_share(reproduction: float) -> float:
    """Return the final size ``z = 1 - exp(-R0 z)`` of a large town with random mixing (Kermack 1927)."""
    if reproduction <= 1.0:
        return 0.0
    return _root(lambda z: z + float(np.expm1(-reproduction * z)), 1e-9, 1.0)


def expected_generation_interval(infectiousness: Infectiousness) -> float:
    """Return the mean time from infection to infecting, in days, for constant infectiousness."""
    period = infectiousness.period
    if period.mean_days == 0.0:
        return infectiousness.latent.mean_days
    second_moment = period.mean_days**2 + _standard_deviation(period) ** 2
    return infectiousness.latent.mean_days + second_moment / (2.0 * period.mean_days)


def expected_growth_rate(reproduction: float, infectiousness: Infectiousness) -> float:
    """Return r of ``1 = R0 E[exp(-r latent)] (1 - E[exp(-r period)]) / (r E[period])``, a day.

    That is the equation of Euler and Lotka for constant infectiousness (Wallinga and Lipsitch 2007, DOI
    10.1098/rspb.2006.3754).
    """
    if reproduction <= 0.0:
        return float("-inf")
    if reproduction == 1.0:
        return 0.0

    def excess(rate: float) -> float:
        period = infectiousness.period
        infectious = 1.0
        if period.mean_days > 0.0:
            infectious = (1.0 - _laplace(period, rate)) / (rate * period.mean_days)
        return float(reproduction * _laplace(infectiousness.latent, rate) * infectious - 1.0)

    if reproduction > 1.0:
        return _root(excess, 1e-9, 100.0)
    return float("nan")


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    """Return where a function changes its sign, by bisection; scipy's takes longer to import than to find."""
    rising = function(high) > 0.0
    for _ in range(200):
        middle = (low + high) / 2.0
        if (function(middle) > 0.0) == rising:
            high = middle
        else:
            low = middle
    return (low + high) / 2.0


def _standard_deviation(delay: Delay) -> float:
    if delay.shape == "fixed":
        return 0.0
    return delay.mean_days if delay.shape == "exponential" else delay.sd_days


def _laplace(delay: Delay, rate: float) -> float:
    """Return ``E[exp(-rate delay)]``."""
    mean, deviation = delay.mean_days, _standard_deviation(delay)
    if mean == 0.0 or deviation == 0.0:
        return float(np.exp(-rate * mean))
    if delay.shape == "lognormal":
        raise ValueError("expected_growth_rate: there is no closed form for a lognormal delay; use gamma")
    shape = (mean / deviation) ** 2
    return float((1.0 + rate * mean / shape) ** -shape)
