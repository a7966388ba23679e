"""Compiled core of the reporting model: log likelihood, gradient and expected curvature over all cells.

Of the events of day s, whose number has mean ``exp(level[s])``, a share ``1 - exp(-rate)`` of those not yet
reported is reported at delay d, ``log(rate) = delay[d] + day[s + d] + cohort[s]``. Numbers are negative
binomial; given its number a day's reports are multinomial. The curvature of a day in its log rates is then a
diagonal and one outer product, so that all cells cost days x delays squared.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from fangxian.base.compiled import compiled

FloatArray = NDArray[np.float64]

LARGEST_LOG_RATE = 4.0
"""At this rate all but one in 10^23 of the events are reported within the day."""


@compiled(nogil=True)
def _report(counts: FloatArray, state: FloatArray, day: int, rates: FloatArray) -> tuple[float, float, float]:
    """Fill in the rates of a day; return its number, its summed rate and the log share of its delays."""
    days, delays = counts.shape
    total, passed, number = 0.0, 0.0, 0.0
    for delay in range(min(delays, days - day)):
        log_rate = state[days + delay] + state[days + delays + day + delay] + state[2 * days + delays + day]
        rates[delay] = math.exp(min(log_rate, LARGEST_LOG_RATE))
        count = counts[day, delay]
        if count > 0:
            total += count * (math.log(-math.expm1(-rates[delay])) - passed)
            number += count
        passed += rates[delay]
    return number, passed, total


@compiled(nogil=True)
def add_likelihood(
    counts: FloatArray, state: FloatArray, size: float, gradient: FloatArray, curvature: FloatArray
) -> float:
    """Return the log likelihood, and add its gradient and expected curvature to the arrays given.

    Parameters
    ----------
    counts : float array [event day, delay]
        Only cells with event day + delay before the number of event days are read.
    state : float array [3 days + delays]
        Level of each event day, delay effects, effects of report days, effects of cohorts.
    size : float
        Of the negative binomial: variance ``mean + mean**2 / size``.
    gradient, curvature : float arrays [state], [state, state]
        Added to; of the curvature only the lower triangle is kept.
    """
    days, delays = counts.shape
    rates = np.empty(delays)
    total = 0.0
    for day in range(days):
        seen = min(delays, days - day)
        own, cohort = day, 2 * days + delays + day
        number, passed, shares = _report(counts, state, day, rates)
        mean = math.exp(state[own])
        shown = -mean * math.expm1(-passed)
        hidden = mean * math.exp(-passed)
        total += shares + number * (state[own] - math.log(size)) - (number + size) * math.log1p(shown / size)
        total += math.lgamma(number + size) - math.lgamma(size)
        believed = (number + size) / (size + shown)
        shared = 1.0 / (size + shown)
        gradient[own] += number - believed * shown
        curvature[own, own] += shown - shared * shown**2
        later, waited = number, 0.0
        outer = hidden + shared * hidden**2
        for delay in range(seen):
            rate = rates[delay]
            later -= counts[day, delay]
            waited += rate
            odds = 1.0 / math.expm1(rate)
            slope = rate * (counts[day, delay] * odds - later - believed * hidden)
            steep = rate**2 * mean * math.exp(-waited) * (odds + 1.0)
            mixed = rate * hidden * (1.0 - shared * shown)
            first, second = days + delay, days + delays + day + delay
            gradient[first] += slope
            gradient[second] += slope
            gradient[cohort] += slope
            curvature[first, first] += steep
            curvature[second, second] += steep
            curvature[second, first] += steep
            curvature[cohort, first] += steep - outer * rate * passed
            curvature[cohort, second] += steep - outer * rate * passed
            curvature[cohort, cohort] += steep
            curvature[first, own] += mixed
            curvature[second, own] += mixed
            curvature[cohort, own] += mixed
            for other in range(seen):
                product = outer * rate * rates[other]
                curvature[second, days + other] -= product
                if other <= delay:
                    curvature[first, days + other] -= product
                    curvature[second, days + delays + day + other] -= product
        curvature[cohort, cohort] -= outer * passed**2
    return total
