"""Infections by day and county: a renewal process with travel between counties and waning immunity.

With :math:`I_{tc}` the infections of day :math:`t` in county :math:`c`, :math:`g` the generation interval,
:math:`M` the share of contacts between counties and :math:`S` the share who can be infected,

.. math:: I_{tc} = R_t S_{tc} \\sum_k M_{ck} \\sum_s g_s I_{t-s,k} \\, e^{\\sigma z_{tc}}
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fangxian.studies.synthetic_reports.parameters import Parameters
from fangxian.studies.synthetic_reports.streams import stream

NOISE = 0.06
HISTORY_DAYS = 21
IMPORTED_PER_MILLION = 0.5
PEAK_DAY = 30

Floats = NDArray[np.float64]


def infections(parameters: Parameters, *, days: int, people: Floats) -> Floats:
    """Return infections by day and county.

    Parameters
    ----------
    parameters : Parameters
        Of the model.
    days : int
        How many; the first is day 0 of the run. More days never change earlier ones.
    people : ndarray, shape (county,)
        Population of each county; above 0.

    Returns
    -------
    ndarray, shape (history + day, county)
        Expected infections a day; the first ``HISTORY_DAYS`` rows come before day 0.
    """
    weights = generation_weights(parameters)
    mixing = _mixing(people, parameters.travel_share)
    count = HISTORY_DAYS + days
    found = np.zeros((count, people.size))
    uneven = np.exp(0.9 * stream(parameters.seed, "seeding").standard_normal(people.size))
    immune = np.zeros(people.size)
    for day in range(count):
        if day < weights.size:
            found[day] = parameters.initial_prevalence * people * uneven / weights.size
        else:
            recent = found[day - weights.size : day][::-1]
            noise = np.exp(NOISE * stream(parameters.seed, "transmission", day).standard_normal(people.size))
            susceptible = np.clip(1 - immune / people, 0, 1)
            pressure = mixing @ (weights @ recent)
            found[day] = reproduction(parameters, day - HISTORY_DAYS) * susceptible * pressure * noise
            found[day] += IMPORTED_PER_MILLION * people / 1e6
        immune += found[day] - immune / parameters.immunity_days
    return found


def reproduction(parameters: Parameters, day: float) -> float:
    """Return the reproduction number, before immunity, on a day of the run."""
    swing = 0.5 * (1 + np.cos(2 * np.pi * (day - PEAK_DAY) / parameters.wave_days))
    return float(
        parameters.reproduction_low + (parameters.reproduction_high - parameters.reproduction_low) * swing
    )


def generation_weights(parameters: Parameters) -> Floats:
    """Return the share of onward infections by days since infection, from day 1 on, as a discrete gamma."""
    variance = parameters.generation_deviation_days**2
    shape, scale = parameters.generation_mean_days**2 / variance, variance / parameters.generation_mean_days
    middle = np.arange(1, 15, dtype=np.float64)
    density: Floats = middle ** (shape - 1) * np.exp(-middle / scale)
    weights: Floats = density / density.sum()
    return weights


def _mixing(people: Floats, travel_share: float) -> Floats:
    share = people / people.sum()
    everywhere = np.tile(share, (people.size, 1))
    return (1 - travel_share) * np.eye(people.size) + travel_share * everywhere


def delayed(series: Floats, mean_days: float) -> Floats:
    """Return a series of rows shifted later by a geometric delay of that mean.

    Parameters
    ----------
    series : ndarray, shape (day, ...)
        Daily counts.
    mean_days : float
        Mean delay; at least 0.
    """
    keep = mean_days / (1 + mean_days)
    found = np.empty_like(series)
    waiting = np.zeros(series.shape[1:])
    for day, row in enumerate(series):
        waiting = waiting * keep + row * (1 - keep)
        found[day] = waiting
    return found


WEEKDAY = np.array([1.16, 1.06, 1.02, 1.0, 0.98, 0.92, 0.86])
"""Care sought by weekday, Monday first: people wait for Monday."""
