"""The interface behind which estimators stand, and those at hand: Cori 2013, renewal, EARS, our detector."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from fangxian.science.detection.ears import EarsMethod, detect_ears
from fangxian.science.detection.reference_points import TimeAxis
from fangxian.science.detection.surprise import SurpriseOptions, SurpriseResult, detect_surprises
from fangxian.science.renewal.cori import discretised_gamma, estimate_reproduction_number
from fangxian.science.renewal.renewal import RenewalData, estimate_renewal
from fangxian.studies.brief.records import FloatArray, SerialInterval


class ReproductionEstimate(NamedTuple):
    """Reproduction number of the window that ends on each day; arrays are [time], NaN where undefined."""

    median: FloatArray
    lower: FloatArray
    upper: FloatArray
    cases: FloatArray
    window_days: int
    method: str


class Detection(NamedTuple):
    """Alarms of one method; arrays are [time, place].

    The last three are what was compared where that may be a sum: how many days up to this one were added up,
    what was counted in them and what expected. A method that compares single days leaves them out.
    """

    expected: FloatArray
    upper: FloatArray
    alarm: NDArray[np.bool_]
    method: str
    window_days: NDArray[np.int64] | None = None
    window_observed: FloatArray | None = None
    window_expected: FloatArray | None = None


class ReproductionEstimator(Protocol):
    """Estimates a reproduction number with a 95 % interval from daily new cases."""

    def estimate(self, incidence: FloatArray) -> ReproductionEstimate:
        """Return the estimate for new cases [time]; NaN is a missing day."""
        ...


class AlarmDetector(Protocol):
    """Says on which days counts are above what their past leads one to expect."""

    @property
    def memory_days(self) -> int:
        """Return on how many days before a day its alarm depends."""
        ...

    def detect(self, counts: FloatArray) -> Detection:
        """Return the alarms for counts [time, place]; NaN is a missing count."""
        ...


@dataclass(frozen=True)
class CoriEstimator:
    """Cori et al. 2013 in windows of a week, with a gamma serial interval.

    Windows with fewer cases than ``least_cases`` are left undefined: with the default prior the posterior
    then has a coefficient of variation above 0.3, and says more of the prior than of the epidemic (web
    appendix of the paper, DOI 10.1093/aje/kwt133).
    """

    serial_interval: SerialInterval
    window_days: int = 7
    least_cases: int = 11

    def estimate(self, incidence: FloatArray) -> ReproductionEstimate:
        """Return the estimate for new cases [time]; days before the first known one are no part of it."""
        known = np.flatnonzero(~np.isnan(incidence))
        blank = np.full(len(incidence), np.nan)
        interval = self.serial_interval
        method = (
            f"Cori et al. 2013, {self.window_days}-day window, serial interval "
            f"{interval.mean_days:g} ± {interval.standard_deviation_days:g} d (gamma)"
        )
        if len(known) == 0:
            return ReproductionEstimate(blank, blank, blank, blank, self.window_days, method)
        start = int(known[0])
        weight = discretised_gamma(interval.mean_days, interval.standard_deviation_days)
        result = estimate_reproduction_number(incidence[start:], weight, window_days=self.window_days)
        quantiles = np.full((len(incidence), 3), np.nan)
        cases = blank.copy()
        cases[start + result.window_end] = result.cases
        enough = result.cases >= self.least_cases
        quantiles[start + result.window_end[enough]] = result.quantiles[enough]
        return ReproductionEstimate(
            quantiles[:, 1], quantiles[:, 0], quantiles[:, 2], cases, self.window_days, method
        )


@dataclass(frozen=True)
class RenewalEstimator:
    """The renewal model with smooth R and rare jumps; each day has its own estimate.

    ``window_days`` is only the span of the cases shown beside it.
    """

    serial_interval: SerialInterval
    window_days: int = 7

    def estimate(self, incidence: FloatArray) -> ReproductionEstimate:
        """Return the estimate for new cases [time]; days before the first known one are no part of it."""
        interval = self.serial_interval
        method = (
            "Bayesian renewal model, smoothness and jumps learned, serial interval "
            f"{interval.mean_days:g} ± {interval.standard_deviation_days:g} d (gamma)"
        )
        known = np.flatnonzero(~np.isnan(incidence))
        blank = np.full(len(incidence), np.nan)
        if len(known) == 0:
            return ReproductionEstimate(blank, blank, blank, blank, self.window_days, method)
        start = int(known[0])
        weight = discretised_gamma(interval.mean_days, interval.standard_deviation_days)
        found = estimate_renewal(RenewalData(incidence[start:], weight)).reproduction()
        quantiles = np.full((len(incidence), 3), np.nan)
        quantiles[start:] = found.quantiles
        cases = blank.copy()
        if len(incidence) >= self.window_days:
            windows = np.lib.stride_tricks.sliding_window_view(incidence, self.window_days)
            cases[self.window_days - 1 :] = windows.sum(axis=1)
        return ReproductionEstimate(
            quantiles[:, 1], quantiles[:, 0], quantiles[:, 2], cases, self.window_days, method
        )


@dataclass(frozen=True)
class EarsDetector:
    """One EARS method with a baseline of a week, of which at least five days must be known."""

    variant: EarsMethod = EarsMethod.C2
    memory_days: int = 11  # C3 looks two days back at baselines of seven that end three days before

    def detect(self, counts: FloatArray) -> Detection:
        """Return the alarms for counts [time, place]."""
        result = detect_ears(counts, self.variant, least_known=5)
        return Detection(result.expected, result.upper, result.alarm, f"EARS {self.variant}")


# What the course of the last weeks leads one to expect: no season, a trend that may be steep, weekdays.
_RECENT_COURSE = SurpriseOptions(
    half_life_years=28 / 365,
    seasonal_deviation=(),
    trend_deviation=15.0,
    weekday_deviation=0.3,
    guard=2,
    least_known=10,
)


@dataclass(frozen=True)
class SurpriseDetector:
    """Our own detector: what departs from the course of the last eight weeks, over all places of a day.

    Of the alarms of one indicator on one day at most ``options.false_discovery_rate`` are false on average,
    however many places are watched; EARS, a test for each place, has no such bound. A wave that goes on as it
    went is no alarm: the growth itself is said elsewhere in the brief.
    """

    options: SurpriseOptions = _RECENT_COURSE
    memory_days: int = 56
    judged_days: int = 7

    def detect(self, counts: FloatArray) -> Detection:
        """Return the alarms of the last days of counts [time, place]; earlier days are not judged."""
        expected, upper, summed, awaited = np.full((4, *counts.shape), np.nan)
        alarm, window = np.zeros(counts.shape, dtype=np.bool_), np.ones(counts.shape, dtype=np.int64)
        options = replace(self.options, memory_steps=self.memory_days)
        for day in range(max(self.options.least_known, len(counts) - self.judged_days), len(counts)):
            past = np.ascontiguousarray(counts[max(day - self.memory_days, 0) : day + 1], dtype=np.float64)
            found = judged_day(past.tobytes(), past.shape[1], options)
            expected[day], upper[day], alarm[day] = found.expected[0], found.upper[0], found.alarm[0]
            window[day], summed[day] = found.window[0], found.window_count[0]
            awaited[day] = found.window_expected[0]
        share = f"{self.options.false_discovery_rate:.0%}"
        method = f"surprise (false discovery rate {share} a day)"
        return Detection(expected, upper, alarm, method, window, summed, awaited)


@lru_cache(maxsize=2048)
def judged_day(past: bytes, places: int, options: SurpriseOptions) -> SurpriseResult:
    """Return what is found of the last day of counts [time, place], which are handed over as bytes.

    Kept by the very counts that it rests on: of a brief that is opened again after a report came in, only the
    days are judged anew whose counts that report changed.
    """
    counts = np.frombuffer(past).reshape(-1, places)
    return detect_surprises(counts, TimeAxis(len(counts), 365), options, steps=[len(counts) - 1])


@dataclass(frozen=True)
class Estimators:
    """Which estimators a brief uses; the first detector is the one whose expectation is shown."""

    reproduction: ReproductionEstimator | None
    alarms: tuple[AlarmDetector, ...] = (SurpriseDetector(),)


def default_estimators(serial_interval: SerialInterval | None) -> Estimators:
    """Return Cori 2013 where a serial interval is known, and our own detector."""
    return Estimators(CoriEstimator(serial_interval) if serial_interval is not None else None)


def renewal_estimators(serial_interval: SerialInterval | None) -> Estimators:
    """Return the renewal model instead of Cori 2013; the brief names the method that it shows."""
    return Estimators(RenewalEstimator(serial_interval) if serial_interval is not None else None)


ESTIMATORS: dict[str, Callable[[SerialInterval | None], Estimators]] = {
    "cori": default_estimators,
    "renewal": renewal_estimators,
}
"""What a brief may be asked for by name."""
