"""Delays are found in spite of whole days and of what is not seen yet."""

from __future__ import annotations

import numpy as np
import pytest

from fangxian.science.renewal.delays import CensoredDelays, estimate_delay


def _growing(seed: int, mean: float, deviation: float) -> tuple[np.ndarray, np.ndarray]:
    """Times of event and report of 2 000 people, the events growing exponentially over 50 days."""
    generator = np.random.default_rng(seed)
    event = 50 * np.log1p(generator.random(2000) * np.expm1(3)) / 3
    shape = (mean / deviation) ** 2
    return event, event + generator.gamma(shape, mean / shape, 2000)


def test_truncated_growth_is_corrected() -> None:
    """Seen in the middle of growth, the mean difference is short; the estimate holds the truth."""
    event, report = _growing(3, 8, 4)
    seen = report < 46
    day, later = np.floor(event[seen]), np.floor(report[seen])
    estimate = estimate_delay(CensoredDelays.from_days(day, later, 45))
    assert (later - day).mean() < 7.4
    assert estimate.family == "gamma"
    assert estimate.mean_interval[0] <= 8 <= estimate.mean_interval[1]
    assert estimate.standard_deviation_interval[0] <= 4 <= estimate.standard_deviation_interval[1]


def test_probabilities_of_whole_days_are_those_of_the_dates() -> None:
    """The chance of each difference of dates agrees with the differences drawn."""
    event, report = _growing(2, 3, 2)
    difference = np.floor(report) - np.floor(event)
    estimate = estimate_delay(CensoredDelays.from_days(np.floor(event), np.floor(report)))
    drawn = np.bincount(difference.astype(int), minlength=121)[:121] / len(event)
    np.testing.assert_allclose(estimate.probability, drawn, atol=0.03)
    assert estimate.probability.sum() == pytest.approx(1)


def test_wide_spans_widen_the_interval_and_leave_the_mean() -> None:
    """Events known to the week only: the mean stays, the interval grows."""
    event, report = _growing(3, 8, 3)
    week = np.floor(event / 7) * 7
    # a span must not reach beyond the report: nobody is reported before the event
    end = np.minimum(week + 7, np.floor(report) + 1)
    fine = estimate_delay(CensoredDelays.from_days(np.floor(event), np.floor(report)))
    coarse = estimate_delay(CensoredDelays(week, end, np.floor(report), np.floor(report) + 1))
    assert coarse.mean_days == pytest.approx(8, abs=0.5)
    assert np.ptp(coarse.mean_interval) > np.ptp(fine.mean_interval)


def test_lognormal_delays_are_told_from_gamma() -> None:
    """With a heavy tail the lognormal is likelier."""
    generator = np.random.default_rng(4)
    delay = generator.lognormal(1.5, 0.9, 1500)
    estimate = estimate_delay(CensoredDelays.from_days(np.zeros(1500), np.floor(delay)))
    assert estimate.family == "lognormal"


@pytest.mark.parametrize(
    ("delays", "message"),
    [
        (
            CensoredDelays.from_days([1, 2], [2, 3]),
            "needs at least 5 records .got 2.; give it from elsewhere",
        ),
        (CensoredDelays.from_days([5] * 6, [3] * 6), "the report must not end before the event begins"),
        (CensoredDelays.from_days([1] * 6, [9] * 6, 4), "as_of must lie after every report .got 5, a report"),
    ],
)
def test_wrong_input_is_named_with_its_remedy(delays: CensoredDelays, message: str) -> None:
    """An error states the rule, the value and what to do."""
    with pytest.raises(ValueError, match=message):
        estimate_delay(delays)
