"""One regression for all places: how far the level moves in so many rows, and how wrong that has been.

A member of the ensemble is a set of features. Its coefficients are learned from every past row of every
place whose outcome is known at the date of the forecast, by least absolute deviations in counts: an error of
the log level weighs as much as the cases that stood behind it, since a forecast is scored in cases and a wave
at its height follows other laws than a trickle. The quantiles are those of the errors that the same member
made, each divided by the size that its row let expect.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls
from scipy.special import ndtri

from fangxian.science.renewal.forecast.levels import LOG_OFFSET, Levels, largest_rise, shifted

FloatArray = NDArray[np.float64]

MEMORY_WEEKS = 104.0
"""Half-life of the weight of a past row."""
PRIOR_WEEKS = 16.0
"""How many weeks of one place the assumptions before any data are worth."""
TYPICAL_GROWTH = 0.25
"""Weekly log growth that turns PRIOR_WEEKS into the strength of the prior on a coefficient of growth."""
ASSUMED_GROWTH = 0.5
"""The same for a member that reads growth alone: more is known of that than of seasons and leads."""
PRIOR_ERROR = (0.2, 0.12)
"""Mean absolute error of the log level one week ahead, and what each further week adds, before any data."""
SPREAD_WEIGHT = 0.75
"""Power of the cases with which a row speaks about the spread of errors."""
MOST_ROWS = 20_000
"""Past rows used in one fit; more are thinned evenly."""
STEPS = 6
"""Reweighting steps towards least absolute deviations."""
LOCAL_WEEKS = 26.0
"""How many weeks of a place the coefficients of all places are worth beside its own."""
LOCAL_STEPS = 2
"""Reweighting steps for the coefficients of a place."""
FIRST_ROWS_WEEKS = 3
"""Weeks at the start of a series that lack a past of their own."""


class Past(NamedTuple):
    """What is known when a forecast is made.

    Attributes
    ----------
    levels : Levels
        Rows before the date of the forecast.
    outcome : float array [time, place]
        Log level of what is forecast: of the week that ends with the row, or of the row as a week.
    size : float array [time, place, driver]
        What makes errors large or small: growth, its unrest, the noise of small counts.
    cases : float array [time, place]
        Weekly count as a share of the mean of its place.
    """

    levels: Levels
    outcome: FloatArray
    size: FloatArray
    cases: FloatArray


class Fit(NamedTuple):
    """A member fitted for one horizon.

    Attributes
    ----------
    coefficients : float array [place, feature]
    size : float array [1 + driver]
        Mean absolute error: a constant and what each driver adds.
    of_place : float array [place]
        Errors of each place over what the drivers let expect.
    standard : float array [level]
        Quantiles of errors over their expected size.
    """

    coefficients: FloatArray
    size: FloatArray
    of_place: FloatArray
    standard: FloatArray


def past_of(levels: Levels, outcome: FloatArray) -> Past:
    """Gather what fits need.

    Parameters
    ----------
    levels : Levels
    outcome : float array [time, place]
        See `Past`.

    Returns
    -------
    Past
    """
    change = np.abs(levels.growth - shifted(levels.growth, levels.period))
    unrest = _smoothed(change, 4 * levels.period)
    size = np.stack([np.abs(levels.growth), unrest, np.exp(-0.5 * levels.level)], axis=-1)
    size[..., :2] = np.where(np.isnan(size[..., :2]), 0.1, size[..., :2])
    known = ~np.isnan(levels.weekly)
    mean = np.where(known, levels.weekly, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    return Past(levels, outcome, size, levels.weekly / np.maximum(mean, LOG_OFFSET))


def fit_member(
    past: Past,
    features: FloatArray,
    prior: FloatArray,
    rows_ahead: int,
    quantile_levels: FloatArray,
    held: float = TYPICAL_GROWTH,
) -> Fit:
    """Fit a member for one horizon.

    Parameters
    ----------
    past : Past
    features : float array [time, place, feature]
        Each in log units; NaN where not known.
    prior : float array [feature]
        Coefficients before any data.
    rows_ahead : int
        From the row of the features to the row of the outcome.
    quantile_levels : float array [level]
    held : float
        Weekly log growth that turns ``PRIOR_WEEKS`` into the strength of the prior on the coefficients.

    Returns
    -------
    Fit
    """
    period = past.levels.period
    first = FIRST_ROWS_WEEKS * period
    origins = np.arange(len(features) - 1 - rows_ahead, first - 1, -1)
    thin = max(1, int(np.ceil(len(origins) * features.shape[1] / MOST_ROWS)))
    origins = origins[::thin]
    moved = past.outcome[origins + rows_ahead] - past.levels.level[origins]
    moved = np.minimum(moved, largest_rise(past.levels.level[origins], rows_ahead / period))
    usable = ~np.isnan(moved) & ~np.isnan(features[origins]).any(axis=-1)
    usable &= past.levels.era[origins + rows_ahead] == past.levels.era[origins]
    age_weeks = (len(features) - 1 - rows_ahead - origins) / period
    recency = np.broadcast_to((thin * 0.5 ** (age_weeks / MEMORY_WEEKS))[:, None], moved.shape)[usable]
    design, change = features[origins][usable], moved[usable]
    cases, drivers = past.cases[origins][usable], past.size[origins][usable]
    place = np.broadcast_to(np.arange(features.shape[1]), moved.shape)[usable]
    overlap = max(1.0, rows_ahead / period)  # errors of so many rounds in a row are nearly one
    shared = _least_absolute(design, change, (recency, cases, PRIOR_WEEKS * period * held**2), prior)
    strength = (features.shape[1], LOCAL_WEEKS * period * overlap)
    coefficients = _of_places(design, change, (recency, cases, place), shared, strength)
    expected = np.einsum("rf,rf->r", design, coefficients[place])
    weight = recency * (cases * np.exp(np.clip(expected, -3, 3)) + 1e-6) ** SPREAD_WEIGHT
    weight *= recency.sum() / max(weight.sum(), 1e-300)
    error = change - expected
    prior_error = PRIOR_ERROR[0] + PRIOR_ERROR[1] * (rows_ahead / period - 1)  # at a day still 0.1
    size = _error_size(drivers, np.abs(error), weight, (prior_error, PRIOR_WEEKS * period))
    relative = error / expected_size(drivers, size)
    own = _place_sizes(
        np.abs(relative), recency * np.sqrt(cases), place, (features.shape[1], PRIOR_WEEKS * period * overlap)
    )
    standard = _quantiles(relative / own[place], weight, quantile_levels, PRIOR_WEEKS * period)
    return Fit(coefficients, size, own, standard)


def expected_size(drivers: FloatArray, size: FloatArray) -> FloatArray:
    """Return the mean absolute error that rows let expect; drivers [..., driver], size [1 + driver]."""
    return np.asarray(size[0] + drivers @ size[1:], dtype=np.float64)


def _least_absolute(
    design: FloatArray,
    change: FloatArray,
    weights: tuple[FloatArray, FloatArray, float],
    prior: FloatArray,
) -> FloatArray:
    recency, cases, prior_strength = weights
    coefficients = prior.copy()
    if len(prior) == 0 or len(change) == 0:
        return coefficients
    ridge = prior_strength * np.eye(len(prior))
    total = recency.sum()
    for _ in range(STEPS):
        expected = design @ coefficients
        error = np.abs(change - expected)
        weight = recency * (cases * np.exp(np.clip(expected, -3, 3)) + 1e-6)
        weight *= total / weight.sum()
        usual = float(np.median(error)) + 1e-6
        weight *= np.minimum(1.0, usual / np.maximum(error, 1e-3))
        weighted = design * weight[:, None]
        square, product = weighted.T @ design + ridge, weighted.T @ change + ridge @ prior
        coefficients = np.asarray(np.linalg.solve(square, product), dtype=np.float64)
    return coefficients


def _of_places(
    design: FloatArray,
    change: FloatArray,
    weights: tuple[FloatArray, FloatArray, NDArray[np.int64]],
    shared: FloatArray,
    strength: tuple[int, float],
) -> FloatArray:
    """Coefficients of each place, drawn to the shared ones as if it had seen so many rows follow them."""
    recency, cases, place = weights
    places, prior_rows = strength
    own: FloatArray = np.tile(shared, (places, 1))
    if places == 1 or len(shared) == 0 or len(change) == 0:
        return own
    ridge = prior_rows * TYPICAL_GROWTH**2 * np.eye(len(shared))
    seen = np.bincount(place, weights=recency, minlength=places)
    pairs = [(row, column) for row in range(len(shared)) for column in range(row + 1)]
    for _ in range(LOCAL_STEPS):
        expected = np.einsum("rf,rf->r", design, own[place])
        error = np.abs(change - expected)
        weight = recency * (cases * np.exp(np.clip(expected, -3, 3)) + 1e-6)
        weight *= np.minimum(1.0, (float(np.median(error)) + 1e-6) / np.maximum(error, 1e-3))
        total = np.bincount(place, weights=weight, minlength=places)
        weight *= (seen / np.maximum(total, 1e-300))[place]
        square = np.tile(ridge, (places, 1, 1))
        product = np.tile(ridge @ shared, (places, 1))
        for row, column in pairs:
            found = np.bincount(place, weights=weight * design[:, row] * design[:, column], minlength=places)
            square[:, row, column] += found
            if row != column:
                square[:, column, row] += found
        for row in range(len(shared)):
            product[:, row] += np.bincount(place, weights=weight * design[:, row] * change, minlength=places)
        own = np.asarray(np.linalg.solve(square, product[..., None])[..., 0], dtype=np.float64)
    return own


def _place_sizes(
    relative: FloatArray, weight: FloatArray, place: NDArray[np.int64], prior: tuple[int, float]
) -> FloatArray:
    """Mean relative error of each place over that of all, as if each had seen ``prior_rows`` of the usual."""
    places, prior_rows = prior
    if weight.sum() <= 0:
        return np.ones(places)
    usual = float(weight @ relative / weight.sum())
    if usual <= 1e-9:  # nothing has ever moved
        return np.ones(places)
    total = np.bincount(place, weights=weight * relative, minlength=places)
    number = np.bincount(place, weights=weight, minlength=places)
    return np.asarray((total + prior_rows * usual) / (number + prior_rows) / usual, dtype=np.float64)


def _error_size(
    drivers: FloatArray, error: FloatArray, weight: FloatArray, prior: tuple[float, float]
) -> FloatArray:
    """Non-negative least squares of the absolute error on its drivers, with the prior as one more row."""
    prior_error, prior_rows = prior
    design = np.column_stack([np.ones(len(error)), drivers])
    known = np.array([1.0, *np.full(drivers.shape[1], 0.1)])
    weighted = design * weight[:, None]
    square = weighted.T @ design + prior_rows * np.outer(known, known)
    product = weighted.T @ error + prior_rows * prior_error * known
    factor = np.linalg.cholesky(square + 1e-9 * np.trace(square) * np.eye(len(square)))
    size, _ = nnls(factor.T, np.linalg.solve(factor, product))
    mean = (weight @ error + prior_rows * prior_error) / (weight.sum() + prior_rows)
    size[0] = max(size[0], 0.2 * mean)
    return np.asarray(size, dtype=np.float64)


def _quantiles(relative: FloatArray, weight: FloatArray, levels: FloatArray, prior_rows: float) -> FloatArray:
    """Weighted quantiles of standardised errors and of a normal of mean size 1 worth ``prior_rows``."""
    grid = (np.arange(50) + 0.5) / 50
    normal = ndtri(grid) / np.sqrt(2 / np.pi)
    values = np.concatenate([relative, normal])
    mass = np.concatenate([weight, np.full(50, prior_rows / 50)])
    order = np.argsort(values)
    below = np.cumsum(mass[order])
    middle = (below - 0.5 * mass[order]) / below[-1]
    return np.asarray(np.interp(levels, middle, values[order]), dtype=np.float64)


def _smoothed(values: FloatArray, half_life_rows: float) -> FloatArray:
    """Exponentially weighted mean over the rows up to each; NaN is passed over."""
    keep = 0.5 ** (1 / half_life_rows)
    total, mass = np.zeros(values.shape[1]), np.zeros(values.shape[1])
    result = np.full(values.shape, np.nan)
    for row, now in enumerate(values):
        known = ~np.isnan(now)
        total = keep * total + np.where(known, now, 0.0)
        mass = keep * mass + known
        result[row] = np.where(mass > 0, total / np.maximum(mass, 1e-12), np.nan)
    return result
