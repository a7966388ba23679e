"""The ensemble: members weighted by what they scored before the date of the forecast, then widened as needed.

A forecast after so many rows is made of those rows only. So are the forecasts that the same members would
have made in the weeks before, which are scored against what has come since: these scores weigh the members,
and how often the outcome fell inside the intervals says how much wider or narrower they should be.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import nbinom

from fangxian.science.renewal.forecast.levels import LOG_OFFSET, Levels, largest_rise, measure_levels, shifted
from fangxian.science.renewal.forecast.members import GENERATION_DAYS, Member, members_of
from fangxian.science.renewal.forecast.pooled import (
    ASSUMED_GROWTH,
    TYPICAL_GROWTH,
    Past,
    expected_size,
    fit_member,
    past_of,
)
from fangxian.science.renewal.forecast.weighing import (
    COVERAGES,
    PastRounds,
    combine,
    weigh_members,
    widen,
    widening_factors,
)
from fangxian.science.scoring import HUB_LEVELS

FloatArray = NDArray[np.float64]

ROUNDS = 26
"""Weekly rounds before the date of the forecast that are forecast again and scored."""
ENOUGH = 400
"""Past forecasts of one place and round that are enough: with many places fewer rounds are replayed."""
FEWEST_ROUNDS = 4
LONGEST_SILENCE_WEEKS = 8
"""A place that has been silent for longer is not forecast."""
MOST_FITS = 8
"""Horizons that are fitted; those between are interpolated."""
LEAST_WEEKDAY_SHARE = 0.1
"""A weekday that reports less than this share of the mean day teaches nothing about the level."""


class Forecast(NamedTuple):
    """Quantiles of what comes.

    Attributes
    ----------
    quantiles : float array [horizon, place, level]
        In counts; NaN for a place that is not forecast.
    members : tuple of str
    weights : float array [member]
        Mean over horizons and places; sum 1.
    widening : float array [horizon, coverage]
        Factor on the half-widths of the central intervals of ``COVERAGES`` on the log scale.
    member_quantiles : float array [member, horizon, place, level]
    """

    quantiles: FloatArray
    members: tuple[str, ...]
    weights: FloatArray
    widening: FloatArray
    member_quantiles: FloatArray


class Forecaster:
    """Forecasts of one target in many places, from any number of rows of the same table.

    Parameters
    ----------
    counts : array [time, place]
        New cases a day or a week, NaN where missing; downward corrections are negative.
    period : int
        Rows in a week: 7 for daily rows, 1 for weekly ones.
    leads : sequence of arrays [time, place]
        Other series of the same places and rows, one of which may run ahead.
    of_days : bool
        Forecast single days instead of weeks; daily rows only.
    breaks : bool array [time, place], optional
        True on the first row of a new definition.
    generation_days : tuple of float
        Mean and standard deviation of the generation interval.

    Raises
    ------
    ValueError
        If shapes do not fit, or single days are asked of weekly rows.
    """

    def __init__(
        self,
        counts: ArrayLike,
        *,
        period: int,
        leads: Sequence[ArrayLike] = (),
        of_days: bool = False,
        breaks: NDArray[np.bool_] | None = None,
        generation_days: tuple[float, float] = GENERATION_DAYS,
    ) -> None:
        self.counts = np.asarray(counts, dtype=np.float64)
        self.leads = [np.asarray(lead, dtype=np.float64) for lead in leads]
        if any(lead.shape != self.counts.shape for lead in self.leads):
            raise ValueError(
                f"leads must have the rows and places of the counts (got {self.counts.shape} and "
                f"{[lead.shape for lead in self.leads]}); fill what is missing with NaN"
            )
        if of_days and period == 1:
            raise ValueError(
                "single days cannot be forecast from weekly rows (got period 1); give daily rows"
            )
        self.period = period
        self.of_days = of_days
        self.breaks = breaks
        self.generation_days = generation_days
        self.quantile_levels = np.asarray(HUB_LEVELS, dtype=np.float64)
        self._parts: dict[bytes, Forecaster] = {}
        self._made: dict[tuple[int, tuple[int, ...]], tuple[tuple[str, ...], FloatArray]] = {}

    def forecast(self, rows: int, ahead: Sequence[int]) -> Forecast:
        """Forecast from the first rows of the table.

        Parameters
        ----------
        rows : int
            How many rows are known: the forecast sees no other. Rows beyond the table are missing.
        ahead : sequence of int
            For each horizon, rows from the last known one to the last one of the week that is forecast, or to
            the day.

        Returns
        -------
        Forecast

        Raises
        ------
        ValueError
            If no row is known or a horizon is not ahead.
        """
        horizons = tuple(int(step) for step in ahead)
        if rows < 1 or not horizons or min(horizons) < 1:
            raise ValueError(
                f"a forecast needs a row to start from and horizons of at least 1 row (got {rows} rows, "
                f"horizons {horizons[:4]}); move the date of the forecast"
            )
        self._reach(rows)
        known_places = np.asarray((~np.isnan(self.counts[:rows])).any(axis=0), dtype=np.bool_)
        if not known_places.all():
            return self._scattered(known_places, rows, horizons)
        names, now = self._members(rows, horizons)
        levels, outcome, _ = self._known(rows)
        starts, replayed = self._replay(rows, horizons, names)
        truth = [self._truth(outcome, levels.era, start, horizons) for start in starts]
        known = ~np.isnan(levels.weekly)
        mean = np.where(known, levels.weekly, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
        scale = np.tile(np.maximum(mean, 1.0), (len(horizons), 1))
        ages = np.array([(rows - start) / self.period for start in starts])
        past = PastRounds(truth, ages, scale, self.quantile_levels)
        weights = weigh_members(names, replayed, past)
        widening = widening_factors([combine(weights, quantiles) for quantiles in replayed], past)
        plain = combine(weights, now)
        factor = self._factor(rows, horizons)[..., None]
        widened = widen(plain, widening, self._ceiling(levels, horizons), self.quantile_levels)
        quantiles = np.maximum(widened, first_cases(levels, self.quantile_levels)) * factor
        return Forecast(quantiles, names, weights.mean(axis=(1, 2)), widening, now * factor)

    def _scattered(self, there: NDArray[np.bool_], rows: int, ahead: tuple[int, ...]) -> Forecast:
        """Forecast the places that have reported so far, as if there were no others."""
        shape = (len(ahead), len(there), len(self.quantile_levels))
        everywhere = np.full(shape, np.nan)
        if not there.any():
            return Forecast(
                everywhere, (), np.zeros(0), np.ones((len(ahead), len(COVERAGES))), everywhere[None][:0]
            )
        if there.tobytes() not in self._parts:
            self._parts[there.tobytes()] = Forecaster(
                self.counts[:, there],
                period=self.period,
                leads=[lead[:, there] for lead in self.leads],
                of_days=self.of_days,
                breaks=None if self.breaks is None else self.breaks[:, there],
                generation_days=self.generation_days,
            )
        made = self._parts[there.tobytes()].forecast(rows, ahead)
        members = np.full((len(made.members), *shape), np.nan)
        everywhere[:, there], members[:, :, there] = made.quantiles, made.member_quantiles
        return made._replace(quantiles=everywhere, member_quantiles=members)

    def _reach(self, rows: int) -> None:
        lacking = rows - len(self.counts)
        if lacking > 0:
            below = np.full((lacking, self.counts.shape[1]), np.nan)
            self.counts = np.vstack([self.counts, below])
            self.leads = [np.vstack([lead, below]) for lead in self.leads]
            if self.breaks is not None:
                self.breaks = np.vstack([self.breaks, np.zeros(below.shape, dtype=np.bool_)])

    def _known(self, rows: int) -> tuple[Levels, FloatArray, list[Levels]]:
        breaks = None if self.breaks is None else self.breaks[:rows]
        levels = measure_levels(self.counts[:rows], period=self.period, breaks=breaks)
        leads = [measure_levels(lead[:rows], period=self.period) for lead in self.leads]
        if not self.of_days:
            return levels, levels.level, leads
        share = weekday_shares(self.counts[:rows], levels.weekly)[:rows]
        known = np.where(share < LEAST_WEEKDAY_SHARE, np.nan, np.maximum(self.counts[:rows], 0.0))
        return levels, np.log(7 * known / np.maximum(share, LEAST_WEEKDAY_SHARE) + LOG_OFFSET), leads

    def _members(self, rows: int, ahead: tuple[int, ...]) -> tuple[tuple[str, ...], FloatArray]:
        """Return names and quantiles [member, horizon, place, level], in counts a week."""
        if (rows, ahead) in self._made:
            return self._made[rows, ahead]
        levels, outcome, leads = self._known(rows)
        past = past_of(levels, outcome)
        members = members_of(levels, leads, self.generation_days)
        last, spoken, steps = self._starts(levels, ahead)
        knots = _knots(steps)
        paths = np.stack([self._paths(past, member, np.maximum(last, 0), knots) for member in members])
        quantiles = _interpolated(paths, knots, steps)
        quantiles += np.where(spoken, levels.level[np.maximum(last, 0), np.arange(len(last))], np.nan)[
            :, None
        ]
        np.exp(np.minimum(quantiles, 40.0, out=quantiles), out=quantiles)
        quantiles -= LOG_OFFSET
        made = tuple(member.name for member in members), np.maximum(quantiles, 0.0, out=quantiles)
        self._made[rows, ahead] = made
        return made

    def _starts(
        self, levels: Levels, ahead: tuple[int, ...]
    ) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.int64]]:
        """Return the last known row of each place, whether that will do, and steps [horizon, place]."""
        rows, last = len(levels.level), _last_known(levels.level)
        silence = np.where(last < 0, rows, rows - 1 - last)
        spoken = silence <= LONGEST_SILENCE_WEEKS * self.period
        spoken &= levels.era[-1] == levels.era[last, np.arange(len(last))]
        return last, spoken, np.asarray(ahead)[:, None] + np.where(spoken, silence, 0)[None, :]

    def _ceiling(self, levels: Levels, ahead: tuple[int, ...]) -> FloatArray:
        """Return the highest log level that is taken to be possible, [horizon, place]."""
        last, _, steps = self._starts(levels, ahead)
        start = levels.level[np.maximum(last, 0), np.arange(len(last))]
        return start + largest_rise(start, steps / self.period)

    def _paths(
        self, past: Past, member: Member, last: NDArray[np.int64], knots: NDArray[np.int64]
    ) -> FloatArray:
        """Return the change of the log level, [knot, place, level], from the last known row of each place."""
        places = np.arange(len(last))
        found = []
        for step in knots:
            features = member.features(int(step))
            held = ASSUMED_GROWTH if member.of_growth else TYPICAL_GROWTH
            fit = fit_member(past, features, member.prior(int(step)), int(step), self.quantile_levels, held)
            here = np.nan_to_num(features[last, places])
            centre = np.einsum("pf,pf->p", here, fit.coefficients)
            size = fit.of_place * expected_size(np.nan_to_num(past.size[last, places], nan=0.1), fit.size)
            path = centre[:, None] + size[:, None] * fit.standard[None, :]
            rise = largest_rise(past.levels.level[last, places], int(step) / self.period)
            found.append(np.minimum(path, rise[:, None]))
        return np.stack(found)

    def _replay(
        self, rows: int, ahead: tuple[int, ...], names: tuple[str, ...]
    ) -> tuple[list[int], list[FloatArray]]:
        """Return rows known in earlier rounds and quantiles by the order of the names; absent members NaN."""
        rounds = int(np.clip(np.ceil(ENOUGH / self.counts.shape[1]), FEWEST_ROUNDS, ROUNDS))
        starts, replayed = [], []
        for week in range(1, rounds + 1):
            start = rows - week * self.period
            if start < 2 * self.period:
                break
            earlier, quantiles = self._members(start, ahead)
            absent = np.full(quantiles.shape[1:], np.nan)
            by_name = dict(zip(earlier, quantiles, strict=True))
            starts.append(start)
            replayed.append(np.stack([by_name.get(name, absent) for name in names]))
        return starts, replayed

    @staticmethod
    def _truth(outcome: FloatArray, era: FloatArray, start: int, ahead: tuple[int, ...]) -> FloatArray:
        """Return what came, [horizon, place], in counts a week; NaN if not yet or by another definition."""
        rows = start - 1 + np.asarray(ahead)
        came = np.full((len(ahead), outcome.shape[1]), np.nan)
        known = rows < len(outcome)
        same = era[rows[known]] == era[start - 1]
        came[known] = np.where(same, np.exp(outcome[rows[known]]) - LOG_OFFSET, np.nan)
        return came

    def _factor(self, rows: int, ahead: tuple[int, ...]) -> FloatArray:
        """Return counts of what is forecast for each count a week, [horizon, place]."""
        if not self.of_days:
            return np.ones((len(ahead), self.counts.shape[1]))
        levels = measure_levels(self.counts[:rows], period=self.period)
        share = weekday_shares(self.counts[:rows], levels.weekly)
        steps = (np.asarray(ahead) - 1) % 7
        return np.asarray(share[rows + steps] / 7, dtype=np.float64)


def first_cases(levels: Levels, quantile_levels: FloatArray) -> FloatArray:
    """Return what may come after weeks without a case: quantiles of a Poisson count of unknown mean.

    Parameters
    ----------
    levels : Levels
    quantile_levels : float array [level]

    Returns
    -------
    float array [place, level]
        Cases of a week, 0 where the last known week had some.

    Notes
    -----
    With Jeffreys' prior and n weeks without a case the mean is Gamma(1/2, n) and the count of a week negative
    binomial: no case in twenty weeks leaves 2.4 % for one or more in the next (Jeffreys 1946,
    doi:10.1098/rspa.1946.0056).
    """
    last, places = _last_known(levels.level), np.arange(levels.level.shape[1])
    rows = np.arange(len(levels.level))[:, None]
    busy = np.where(levels.weekly > 0, rows, -1).max(axis=0)
    quiet = (~np.isnan(levels.weekly) & (rows > busy)).sum(axis=0) / levels.period
    silent = (last >= 0) & (levels.weekly[last, places] == 0)
    found = np.zeros((len(last), len(quantile_levels)))
    weeks = np.maximum(quiet[silent], 1.0)[:, None]
    found[silent] = nbinom.ppf(quantile_levels, 0.5, weeks / (weeks + 1))
    return found


def weekday_shares(counts: FloatArray, weekly: FloatArray) -> FloatArray:
    """Return the share of each day in the mean day, from the same weekday of the eight weeks before.

    Parameters
    ----------
    counts : float array [day, place]
    weekly : float array [day, place]
        Sum of the seven days up to each.

    Returns
    -------
    float array [day + 7, place]
        1 for an even day; seven days longer than the counts. Small counts pull it to 1.
    """
    longer = np.full((len(counts) + 7, counts.shape[1]), np.nan)
    day, week = longer.copy(), longer.copy()
    day[: len(counts)], week[: len(counts)] = np.maximum(counts, 0.0), weekly / 7
    total, expected = np.full(day.shape, 10.0), np.full(day.shape, 10.0)
    for weeks in range(1, 9):
        reported, mean = shifted(day, 7 * weeks), shifted(week, 7 * weeks)
        known = ~(np.isnan(reported) | np.isnan(mean))
        total += np.where(known, reported, 0.0)
        expected += np.where(known, mean, 0.0)
    return np.asarray(total / expected, dtype=np.float64)


def _last_known(level: FloatArray) -> NDArray[np.int64]:
    known = ~np.isnan(level)
    last = len(level) - 1 - np.argmax(known[::-1], axis=0)
    return np.where(known.any(axis=0), last, -1)


def _knots(steps: NDArray[np.int64]) -> NDArray[np.int64]:
    needed = np.unique(steps)
    if len(needed) <= MOST_FITS:
        return needed
    return np.unique(np.rint(np.linspace(needed[0], needed[-1], MOST_FITS)).astype(np.int64))


def _interpolated(paths: FloatArray, knots: NDArray[np.int64], steps: NDArray[np.int64]) -> FloatArray:
    """Return paths [member, knot, place, level] at the steps [horizon, place]."""
    right = np.clip(np.searchsorted(knots, steps), 0, len(knots) - 1)
    left = np.maximum(right - 1, 0)
    gap = np.maximum(knots[right] - knots[left], 1)
    share = np.where(right == left, 0.0, (knots[right] - steps) / gap)[..., None]
    members, _, places, levels = paths.shape
    between = np.empty((members, len(steps), places, levels))
    place = np.arange(places)
    for horizon, step in enumerate(steps):
        if (step == step[0]).all():  # a slice costs half of a choice
            after, before = paths[:, right[horizon, 0]], paths[:, left[horizon, 0]]
        else:
            after, before = paths[:, right[horizon], place], paths[:, left[horizon], place]
        np.multiply(1 - share[horizon], after, out=between[:, horizon])
        between[:, horizon] += share[horizon] * before
    return between
