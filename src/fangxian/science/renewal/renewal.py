"""The reproduction number by a Bayesian renewal model in which reported cases lead to reported cases.

Each day's count is negative binomial around ``R x pressure x weekday``; the pressure is past counts weighted
by the serial interval (Fraser 2007, DOI 10.1371/journal.pone.0000758; Cori et al. 2013, DOI
10.1093/aje/kwt133). The logarithm of R moves smoothly, with rare jumps (see ``smooth``). Unlike a sliding
window, nothing is averaged over days that differ: how many days share an estimate is learned.

What is known and what is not
-----------------------------
A missing day is NaN and never zero. A day says nothing of R where too much of its pressure rests on days
that are missing, not yet reported, or before the series, and where the pressure is below 0.05 cases: cases
on such a day were brought in. R is then what its neighbours and the prior leave open: the interval is wide.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fangxian.science.renewal.cori import FloatArray, checked_incidence, checked_interval
from fangxian.science.renewal.renewal_kernel import MOST_COMPLETED, whole_mean
from fangxian.science.renewal.smooth import fit_roughly, fit_smooth
from fangxian.science.renewal.smooth_model import Series, SmoothPrior, weekday_columns
from fangxian.science.renewal.smooth_posterior import SmoothPosterior

LEAST_PRESSURE = 0.05
LEAST_HISTORY = 0.9
LEAST_DAYS_OF_WEEKS = 21
WEEKDAY_DEVIATION = 0.3
EVENT_DEVIATION = 1.0
ROUNDS = 3


@dataclass(frozen=True)
class RenewalData:
    """What the model is told of one place.

    Parameters
    ----------
    counts : array [time]
        New cases a day as reported so far, consecutive days; NaN is a missing day.
    serial_interval : array [interval in days]
        Probability of 0, 1, 2, ... days; entry 0 is 0 and the sum is 1.
    reported_share : array [time], optional
        Share of each day's final count that is in ``counts``, as a nowcast estimates it; 1 by default.
    imported : array [time], optional
        Cases among ``counts`` that were infected elsewhere: they infect, but nobody here infected them.
    population : float, optional
        People; gives the share that is still susceptible, and R without depletion beside R.
    ascertainment : float
        Share of infections that are counted; used with ``population``.
    events : tuple of int
        Days from which the definition of a case changed: the level may shift there, and R need not.
    """

    counts: ArrayLike
    serial_interval: ArrayLike
    reported_share: ArrayLike | None = None
    imported: ArrayLike | None = None
    population: float | None = None
    ascertainment: float = 1.0
    events: tuple[int, ...] = ()


@dataclass(frozen=True)
class RenewalOptions:
    """How the model is fitted.

    Parameters
    ----------
    prior : SmoothPrior
    weekdays : bool or None
        Whether the day of the week matters; None weighs it by evidence (from three weeks on).
    history_known : bool
        True says that nobody was infected before the series; False, the default, that it is unknown: days
        whose serial interval reaches further back than the series by more than a tenth say nothing of R.
    """

    prior: SmoothPrior = field(default_factory=SmoothPrior)
    weekdays: bool | None = None
    history_known: bool = False


class Reproduction(NamedTuple):
    """Posterior of the reproduction number on each day: arrays [time], quantiles [time, probability]."""

    mean: FloatArray
    standard_deviation: FloatArray
    quantiles: FloatArray
    probabilities: tuple[float, ...]


@dataclass(frozen=True)
class RenewalFit:
    """A fitted place.

    Parameters
    ----------
    posterior : SmoothPosterior
        Of log R without depletion of susceptibles.
    completed : float array [time]
        Counts with what is missing or not yet reported put in at its expectation.
    weekday_factor : float array [7]
        By which the counts of days 0, 7, ...; 1, 8, ...; ... differ from their week; 1 without effect.
    susceptible_share : float array [time]
        1 where no population is given.
    informed : bool array [time]
        Days whose count said something of R.
    """

    posterior: SmoothPosterior
    completed: FloatArray
    weekday_factor: FloatArray
    susceptible_share: FloatArray
    informed: NDArray[np.bool_]

    def reproduction(self, probabilities: tuple[float, ...] = (0.025, 0.5, 0.975)) -> Reproduction:
        """Return mean, standard deviation and quantiles of R on each day."""
        mean, deviation = self.posterior.exponential()
        share = self.susceptible_share
        quantiles = np.exp(self.posterior.quantiles(probabilities)) * share[:, None]
        return Reproduction(mean * share, deviation * share, quantiles, probabilities)

    def draw(self, draws: int, *, seed: int) -> FloatArray:
        """Return joint draws of R [draw, time]."""
        path, _log_mean, _noise = self.posterior.draw(draws, seed)
        return np.asarray(np.exp(path) * self.susceptible_share)


class _Known(NamedTuple):
    """Checked input."""

    counts: FloatArray
    missing: NDArray[np.bool_]
    weight: FloatArray
    share: FloatArray
    imported: FloatArray


def estimate_renewal(data: RenewalData, options: RenewalOptions | None = None) -> RenewalFit:
    """Fit the renewal model to one place.

    Parameters
    ----------
    data : RenewalData
    options : RenewalOptions, optional

    Returns
    -------
    RenewalFit

    Raises
    ------
    ValueError
        On a negative count, a wrong serial interval, a share outside [0, 1], imported cases above the
        count, or an event outside the series.
    """
    chosen = options or RenewalOptions()
    known = _checked(data)
    if chosen.weekdays is not None or np.sum(~known.missing) < LEAST_DAYS_OF_WEEKS:
        return _fit(data, known, chosen, bool(chosen.weekdays))
    first = _Adjusted(_first_completion(known), np.ones(7), np.ones(len(known.counts)))
    plain, weekly = (
        _series(known, first, chosen.history_known, (weekdays, data.events))[0] for weekdays in (False, True)
    )
    without = fit_roughly(plain, chosen.prior)
    # an event keeps its column behind the weekdays, so that only a series without events begins there
    within = fit_roughly(weekly, chosen.prior, None if data.events else without)
    better = within.log_evidence > without.log_evidence
    return _fit(data, known, chosen, better, near=within if better else without)


def _checked(data: RenewalData) -> _Known:
    counts = checked_incidence(data.counts)
    missing = np.isnan(counts)
    weight = checked_interval(data.serial_interval)
    share = np.ones(len(counts)) if data.reported_share is None else np.asarray(data.reported_share, float)
    if share.shape != counts.shape or not np.all((share >= 0) & (share <= 1)):
        raise ValueError(
            f"reported_share must be one share in [0, 1] a day (got shape {share.shape}, "
            f"{np.nanmin(share):g} to {np.nanmax(share):g}); take it from a nowcast"
        )
    imported = np.zeros(len(counts)) if data.imported is None else np.asarray(data.imported, float)
    if imported.shape != counts.shape or not np.all((imported >= 0) & ((imported <= counts) | missing)):
        raise ValueError(
            "imported must be a part of each day's count, one number a day "
            f"(got shape {imported.shape} for {len(counts)} days); leave it out where it is unknown"
        )
    if any(not 0 < event < len(counts) for event in data.events):
        raise ValueError(
            f"events must be days 1 to {len(counts) - 1} of the series (got {data.events}); "
            "count from 0 at its first day"
        )
    if data.population is not None and not (data.population > 0 and 0 < data.ascertainment <= 1):
        raise ValueError(
            "population must be positive and ascertainment in (0, 1] "
            f"(got {data.population} and {data.ascertainment}); leave population out where it is unknown"
        )
    return _Known(np.where(missing, 0.0, counts), missing, weight, np.where(missing, 0.0, share), imported)


def _fit(
    data: RenewalData,
    known: _Known,
    options: RenewalOptions,
    weekdays: bool,
    near: SmoothPosterior | None = None,
) -> RenewalFit:
    """Fit, alternating between the path and what the pressure rests on besides the counts."""
    days = len(known.counts)
    adjusted = _Adjusted(_first_completion(known), np.ones(7), np.ones(days))
    open_counts = bool(np.any(known.share < 1))
    turns = ROUNDS if (open_counts or data.events) else 1 + weekdays
    susceptible = np.ones(days)
    for turn in range(turns):
        if data.population is not None:
            susceptible = _susceptible(adjusted.completed, data.population * data.ascertainment)
        series, informed = _series(known, adjusted, options.history_known, (weekdays, data.events))
        series = replace(series, base=series.base + np.log(susceptible))
        fit = fit_smooth if turn == turns - 1 else fit_roughly
        posterior = fit(series, options.prior, near)
        near = posterior
        adjusted = _adjusted_again(known, adjusted, posterior, (weekdays, data.events))
    return RenewalFit(posterior, adjusted.completed, adjusted.weekday_factor, susceptible, informed)


class _Adjusted(NamedTuple):
    """What turns reported counts into those that infect: completion, days of the week, level."""

    completed: FloatArray
    weekday_factor: FloatArray
    level: FloatArray


def _first_completion(known: _Known) -> FloatArray:
    """Return counts over the share reported, and the neighbours' line over days with little or nothing."""
    day = np.arange(len(known.counts))
    good = known.share > 0.3
    if not good.any():
        return known.counts.copy()
    grossed = known.counts[good] / known.share[good]
    return np.where(
        good, np.interp(day, day[good], grossed), np.exp(np.interp(day, day[good], np.log1p(grossed))) - 1
    )


def _series(
    known: _Known,
    adjusted: _Adjusted,
    history_known: bool,
    effects: tuple[bool, tuple[int, ...]],
) -> tuple[Series, NDArray[np.bool_]]:
    """Return the series to fit: pressure in the base, and NaN on days that say nothing of R."""
    days = len(known.counts)
    day = np.arange(days)
    weekdays, events = effects
    true_scale = adjusted.completed / adjusted.weekday_factor[day % 7] / adjusted.level
    pressure = _past(true_scale, known.weight)
    unseen = _past(true_scale * (1 - known.share), known.weight)
    history = np.concatenate([np.zeros(1), np.cumsum(known.weight)[: days - 1]])
    history = np.pad(history, (0, max(0, days - len(history))), constant_values=history[-1])[:days]
    if not history_known:
        pressure = pressure / np.maximum(history, LEAST_HISTORY)
    informed = (
        (known.share > 0)
        & (pressure >= LEAST_PRESSURE)
        & (unseen <= MOST_COMPLETED * pressure)
        & (history_known | (history >= LEAST_HISTORY))
    )
    informed[0] = False
    observed = np.where(informed, known.counts - known.imported, np.nan)
    scale = np.where(informed, pressure * known.share * adjusted.level, 1.0)
    columns = [weekday_columns(days)] if weekdays else []
    deviation = [np.full(6, WEEKDAY_DEVIATION)] if weekdays else []
    for event in events:
        after = _past(np.where(day >= event, true_scale, 0.0), known.weight)
        share_after = np.divide(after, pressure, out=np.zeros(days), where=pressure > 0)
        columns.append(np.where(day >= event, 1.0 - np.minimum(share_after, 1.0), 0.0)[:, None])
        deviation.append(np.full(1, EVENT_DEVIATION))
    matrix = np.hstack(columns) if columns else np.zeros((days, 0))
    spread = np.concatenate(deviation) if deviation else np.zeros(0)
    return Series(observed, np.log(scale), matrix, spread), informed


def _past(values: FloatArray, weight: FloatArray) -> FloatArray:
    return np.asarray(np.convolve(values, weight[: len(values)])[: len(values)], dtype=np.float64)


def _adjusted_again(
    known: _Known,
    adjusted: _Adjusted,
    posterior: SmoothPosterior,
    effects: tuple[bool, tuple[int, ...]],
) -> _Adjusted:
    """Return the adjustments after a fit."""
    weekdays, events = effects
    side = posterior.side_effects()
    day = np.arange(len(known.counts))
    factor = np.exp(weekday_columns(7) @ side[:6]) if weekdays else adjusted.weekday_factor
    level = adjusted.level
    for event, effect in zip(events, side[6 if weekdays else 0 :], strict=True):
        level = level * np.where(day >= event, np.exp(effect), 1.0)
    completed = adjusted.completed
    if np.any(known.share < 1):
        path, _deviation = posterior.exponential()
        whole = _whole_mean(path, known, _Adjusted(completed, factor, level))
        size = 1 / max(posterior.average("noise"), 1e-3) ** 2
        seen = whole * known.share
        rest = (known.counts + size) / (seen + size) * (whole - seen)
        completed = known.counts + np.where(known.share < 1, rest, 0.0)
    return _Adjusted(completed, factor, level)


def _whole_mean(path: FloatArray, known: _Known, adjusted: _Adjusted) -> FloatArray:
    """Return the mean of each day's final count, days one after the other where the past is itself unseen."""
    scale = adjusted.weekday_factor[np.arange(len(path)) % 7] * adjusted.level
    return whole_mean(path, known.counts, known.share, known.weight, (scale, adjusted.completed))


def _susceptible(completed: FloatArray, countable: float) -> FloatArray:
    """Return the share of people still susceptible before each day, at least a millionth."""
    before = np.concatenate([np.zeros(1), np.cumsum(completed)[:-1]])
    return np.asarray(np.maximum(1 - before / countable, 1e-6))
