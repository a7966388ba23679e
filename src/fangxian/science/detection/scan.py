"""Where and since when more cases stand close together than expected: a space-time scan.

Kulldorff M. A spatial scan statistic. Commun Stat Theory Methods 1997;26:1481-96.
DOI 10.1080/03610929708831995. Kulldorff M. Prospective time periodic geographical disease surveillance
using a scan statistic. J R Stat Soc A 2001;164:61-72. DOI 10.1111/1467-985X.00186.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fangxian.base.compiled import compiled

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


class Cluster(NamedTuple):
    """A circle of places over the last steps.

    Attributes
    ----------
    places : tuple of int
        The places in it, the centre first, then by distance.
    steps : int
        How many last steps it covers.
    observed, expected : float
    log_ratio : float
        Log likelihood ratio of a raised rate inside.
    probability : float
        Share of simulated maps (and the map itself) whose most likely cluster is at least as unlikely.
    """

    places: tuple[int, ...]
    steps: int
    observed: float
    expected: float
    log_ratio: float
    probability: float


class Spread(NamedTuple):
    """How far counts without a cluster lie from what is expected: simulated maps do as well.

    Attributes
    ----------
    dispersion : float or array [place]
        Variance / mean, at least 1.
    mean_variance : float or array [place]
        Variance of the log of what is expected of a place, for all steps together: one whose mean was learned
        from few counts is easily thought to be a cluster.
    step_variance : float or array [time, place]
        The same of a step, beyond that: it differs from step to step.
    """

    dispersion: ArrayLike = 1.0
    mean_variance: ArrayLike = 0.0
    step_variance: ArrayLike = 0.0


@dataclass(frozen=True)
class ScanOptions:
    """What is scanned.

    Parameters
    ----------
    longest_steps : int
        Longest duration of a cluster that is still going on.
    largest_share : float
        Largest share of all expected cases that a circle may hold.
    replicates : int
        Simulated maps; the smallest probability that can come out is 1 / (replicates + 1).
    clusters : int
        How many clusters without a common place are returned.
    """

    longest_steps: int = 7
    largest_share: float = 0.5
    replicates: int = 999
    clusters: int = 3

    def __post_init__(self) -> None:
        if not 0 < self.largest_share <= 1:
            raise ValueError(f"largest_share must lie above 0 and at most at 1 (got {self.largest_share})")
        if self.longest_steps < 1 or self.replicates < 19:
            raise ValueError(
                "a scan needs 1 step and 19 replicates at least "
                f"(got {self.longest_steps}, {self.replicates})"
            )


def scan_clusters(
    counts: ArrayLike,
    expected: ArrayLike,
    coordinates: ArrayLike,
    random: np.random.Generator,
    options: ScanOptions | None = None,
    *,
    spread: Spread | None = None,
) -> list[Cluster]:
    """Return the most likely clusters that are still going on, the most likely first.

    Parameters
    ----------
    counts : array [time, place]
        The last steps; a missing count is NaN and is taken out together with its expectation.
    expected : array [time, place]
        What a baseline expects, not negative.
    coordinates : array [place, 2]
        In kilometres, or any unit in which distance makes sense.
    random : numpy.random.Generator
        For the simulated maps.
    options : ScanOptions, optional
    spread : Spread, optional
        Poisson counts about a mean that is known, by default.

    Raises
    ------
    ValueError
        If the shapes disagree, or nothing is expected anywhere.

    Notes
    -----
    A zone of c cases and e expected, scaled so that all expected add up to all C cases, has the log ratio
    ``c log(c / e) + (C - c) log((C - c) / (C - e))`` if ``c > e``. Zones are circles around each place with
    up to ``largest_share`` of the expected cases, over the last 1 ... ``longest_steps`` steps.
    """
    chosen = options or ScanOptions()
    observed, mean = np.asarray(counts, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    where = np.asarray(coordinates, dtype=np.float64)
    if observed.shape != mean.shape or where.shape != (observed.shape[1], 2):
        raise ValueError(
            f"counts and expected must be [time, place] and coordinates [place, 2] "
            f"(got {observed.shape}, {mean.shape}, {where.shape})"
        )
    known = ~(np.isnan(observed) | np.isnan(mean))
    observed, mean = np.where(known, observed, 0.0), np.where(known, mean, 0.0)
    if not mean.sum() > 0:
        raise ValueError("nothing is expected anywhere (sum of expected is 0); give a baseline above 0")
    distance = ((where[:, None, :] - where[None, :, :]) ** 2).sum(axis=2)
    order = np.argsort(distance, axis=1, kind="stable").astype(np.int64)
    longest = min(chosen.longest_steps, len(observed))
    best = _zones(observed, mean, order, longest, chosen.largest_share)
    found = _separate(best, order, chosen.clusters)
    simulated = np.empty(chosen.replicates)
    places = (observed.shape[1],)
    given = spread or Spread()
    ragged = np.maximum(np.broadcast_to(np.asarray(given.dispersion, dtype=np.float64), places), 1.0)
    error = np.broadcast_to(np.asarray(given.mean_variance, dtype=np.float64), places)
    daily = np.broadcast_to(np.asarray(given.step_variance, dtype=np.float64), observed.shape)
    usual = mean * observed.sum() / mean.sum()
    for replicate in range(chosen.replicates):
        drawn = _draw(random, usual * _off(random, daily), ragged, error)
        simulated[replicate] = _zones(drawn, mean, order, longest, chosen.largest_share)[:, 0].max()
    clusters = []
    for centre in found:
        ratio, width, steps = best[centre, 0], int(best[centre, 1]), int(best[centre, 2])
        inside = order[centre, :width]
        clusters.append(
            Cluster(
                places=tuple(int(place) for place in inside),
                steps=steps,
                observed=float(observed[-steps:, inside].sum()),
                expected=float(mean[-steps:, inside].sum()),
                log_ratio=float(ratio),
                probability=float((1 + (simulated >= ratio).sum()) / (1 + chosen.replicates)),
            )
        )
    return clusters


def _draw(
    random: np.random.Generator, mean: FloatArray, dispersion: FloatArray, mean_variance: FloatArray
) -> FloatArray:
    """Return a map without cluster: each place off its mean by as much as that is uncertain, then ragged."""
    rate, ragged = mean * _off(random, mean_variance), dispersion - 1
    size = np.maximum(rate, 1e-12) / np.maximum(ragged, 1e-12)
    drawn = np.where(ragged > 1e-9, random.gamma(size, np.maximum(ragged, 1e-12)), rate)
    return random.poisson(drawn).astype(np.float64)


def _off(random: np.random.Generator, variance: FloatArray) -> FloatArray:
    """Return by what factor an uncertain mean is off, 1 on average."""
    uncertain = np.maximum(variance, 1e-12)
    return np.where(variance > 0, random.gamma(1 / uncertain, uncertain), 1.0)


def _separate(best: FloatArray, order: IntArray, number: int) -> list[int]:
    """Return the centres of the best zones that share no place."""
    taken: set[int] = set()
    found: list[int] = []
    for centre in np.argsort(-best[:, 0], kind="stable"):
        inside = {int(place) for place in order[centre, : int(best[centre, 1])]}
        if best[centre, 0] <= 0 or len(found) == number:
            break
        if not inside & taken:
            found.append(int(centre))
            taken |= inside
    return found


@compiled()
def _sum_back(values: FloatArray, longest: int) -> FloatArray:
    """Return sums over the last 1 ... ``longest`` rows [row, place]."""
    total = np.zeros((longest, values.shape[1]))
    running = np.zeros(values.shape[1])
    for k in range(longest):
        running += values[len(values) - 1 - k]
        total[k] = running
    return total


@compiled()
def _log_ratio(inside: float, awaited: float, cases: float) -> float:
    if inside <= awaited or awaited <= 0:
        return 0.0
    ratio = inside * np.log(inside / awaited)
    if cases > inside:
        ratio += (cases - inside) * np.log((cases - inside) / (cases - awaited))
    return float(ratio)


@compiled()
def _zones(
    counts: FloatArray, mean: FloatArray, order: IntArray, longest: int, largest_share: float
) -> FloatArray:
    """Return (log ratio, places, steps) of the best zone around each place."""
    places = counts.shape[1]
    cases = counts.sum()
    best = np.zeros((places, 3))
    if cases <= 0:
        return best
    scaled = mean * (cases / mean.sum())
    recent_cases, recent_mean = _sum_back(counts, longest), _sum_back(scaled, longest)
    whole = scaled.sum(axis=0)
    for centre in range(places):
        for k in range(longest):
            inside, awaited, share = 0.0, 0.0, 0.0
            for width in range(places):
                place = order[centre, width]
                inside += recent_cases[k, place]
                awaited += recent_mean[k, place]
                share += whole[place]
                if share > largest_share * cases and width > 0:
                    break
                ratio = _log_ratio(inside, awaited, cases)
                if ratio > best[centre, 0]:
                    best[centre, 0], best[centre, 1], best[centre, 2] = ratio, width + 1, k + 1
    return best
