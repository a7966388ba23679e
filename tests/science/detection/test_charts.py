"""CUSUM, likelihood ratio charts and predictive quantiles on cases worked by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from fangxian.science.detection.bayes import BayesOptions, detect_bayes
from fangxian.science.detection.count_quantiles import at_least, at_most, smallest_covering
from fangxian.science.detection.cusum import CusumOptions, CusumTransform, detect_cusum
from fangxian.science.detection.likelihood_ratio import (
    Change,
    Direction,
    RatioOptions,
    SeasonalMean,
    detect_likelihood_ratio,
)
from fangxian.science.detection.reference_points import TimeAxis


def test_cusum_by_hand() -> None:
    """Mean 4: (8 - 4) / 2 - 1 = 1, then 1 + 1 = 2 reaches h = 2; a missing count leaves the sum alone."""
    found = detect_cusum([8, np.nan, 8, 4], 4.0, CusumOptions(reference_value=1, decision_limit=2))
    assert found.sum.tolist() == [1, 1, 2, 1]
    assert found.alarm.tolist() == [False, False, True, False]
    assert found.upper[2] == 8
    assert np.isnan(found.upper[1])


@pytest.mark.parametrize("transform", list(CusumTransform))
def test_the_bound_of_a_chart_is_where_it_alarms(transform: CusumTransform) -> None:
    """The smallest alarming count alarms and one case less does not, where the bound is a count."""
    if transform in {CusumTransform.NONE, CusumTransform.ANSCOMBE_NEGATIVE_BINOMIAL}:
        pytest.skip("its bound is what the sum lacks")
    if transform is CusumTransform.ANSCOMBE_SECOND_ORDER:
        pytest.skip("its bound follows the reference program, whose inverse is not exact")
    options = CusumOptions(transform=transform, alpha=0.1)
    bound = detect_cusum([3.0, 5.0], 3.0, options).upper[1]
    assert detect_cusum([3.0, math.ceil(bound + 1e-9)], 3.0, options).alarm[1]
    assert not detect_cusum([3.0, math.ceil(bound) - 1], 3.0, options).alarm[1]


@pytest.mark.parametrize("alpha", [0.0, 0.3])
def test_likelihood_ratio_equals_a_plain_search(alpha: float) -> None:
    """The statistic is the largest log likelihood ratio over start and log ratio, on a fine grid."""
    counts = np.array([2.0, 3, 1, 6, 7, 4])
    mean = np.array([2.0, 2, 2, 2.5, 2.5, 2.5])
    found = detect_likelihood_ratio(counts, 0, mean, RatioOptions(limit=99, alpha=alpha))

    def log_likelihood(factor: float, first: int) -> float:
        if alpha == 0:
            return float(stats.poisson.logpmf(counts[first:], mean[first:] * factor).sum())
        size = 1 / alpha
        return float(stats.nbinom.logpmf(counts[first:], size, size / (size + mean[first:] * factor)).sum())

    grid = np.exp(np.linspace(0, 3, 3001))
    best = max(
        log_likelihood(factor, first) - log_likelihood(1, first) for first in range(6) for factor in grid
    )
    assert found.statistic[-1] == pytest.approx(best, abs=1e-4)


def test_chart_begins_anew_after_an_alarm_and_its_bound_is_sharp() -> None:
    """One case less than the bound is no alarm; the step after an alarm knows nothing of it."""
    counts = np.array([2.0, 9, 2, 9])
    found = detect_likelihood_ratio(counts, 0, np.full(4, 2.0), RatioOptions())
    assert found.alarm.tolist() == [False, True, False, True]
    assert found.statistic[2] == pytest.approx(0)
    bound = found.upper[1]
    counts[1] = bound - 1
    assert not detect_likelihood_ratio(counts[:2], 0, np.full(2, 2.0), RatioOptions()).alarm[1]


def test_decrease_known_ratio_and_epidemic_change() -> None:
    """Each kind of change is found where it is and only there."""
    quiet, silent = np.full(12, 6.0), np.full(12, 6.0)
    silent[6:] = 0
    down = RatioOptions(direction=Direction.DECREASE)
    assert detect_likelihood_ratio(silent, 0, quiet, down).alarm.any()
    assert not detect_likelihood_ratio(quiet, 0, quiet, down).alarm.any()
    growing = np.array([6.0, 6, 6, 8, 12, 18, 27])
    for options in (RatioOptions(log_ratio=0.5), RatioOptions(change=Change.EPIDEMIC)):
        assert detect_likelihood_ratio(growing, 0, np.full(7, 6.0), options).alarm[-2:].any()
        assert not detect_likelihood_ratio(quiet, 0, quiet, options).alarm.any()


def test_fitted_mean_follows_the_season() -> None:
    """The in-control mean of a seasonal past is its season."""
    week = np.arange(1, 261)
    counts = np.round(np.exp(2 + np.cos(2 * np.pi * week / 52)))
    found = detect_likelihood_ratio(counts, 208, SeasonalMean(), RatioOptions(alpha=None))
    np.testing.assert_allclose(found.expected, counts[208:], atol=0.6)
    assert found.alpha == 0
    assert not found.alarm.any()


def test_predictive_quantile_by_hand() -> None:
    """Six counts of sum 12: negative binomial of size 12.5 and mean 12.5 / 6."""
    counts = np.array([2.0, 2, 2, 2, 2, 2, 6])
    found = detect_bayes(counts, TimeAxis(7, 52))
    assert found.expected[6] == pytest.approx(12.5 / 6)
    assert found.upper[6] == stats.nbinom.ppf(0.95, 12.5, 6 / 7)
    assert found.alarm[6]
    assert np.isnan(found.upper[:6]).all()


def test_count_distributions_equal_scipy() -> None:
    """Tails and quantiles of both distributions, from empty to 10^8."""
    mean, ratio = np.array([1e-9, 0.3, 4.0, 250.0, 1e8]), np.array([1.0, 1.5, 3.0, 1.0, 50.0])
    count = np.array([0.0, 2, 9, 260, 1.0002e8])
    size = mean / np.maximum(ratio - 1, 1e-300)
    plain = np.where(
        ratio > 1,
        stats.nbinom.cdf(count, size, 1 / ratio),
        stats.poisson.cdf(count, mean),
    )
    np.testing.assert_allclose(at_most(count, mean, ratio), plain, rtol=1e-6)
    np.testing.assert_allclose(at_least(count + 1, mean, ratio), 1 - plain, rtol=1e-5, atol=1e-12)
    quantile = smallest_covering(0.99, mean, ratio)
    assert np.all(at_most(quantile, mean, ratio) >= 0.99)
    assert np.all(at_most(quantile - 1, mean, ratio) < 0.99)
    assert np.isnan(smallest_covering(0.9, np.array([np.nan]), np.ones(1))[0])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: detect_cusum([1.0], 0.0), "expected counts must be positive"),
        (lambda: CusumOptions(decision_limit=0), "2.26 is usual"),
        (lambda: RatioOptions(limit=-1), "5 is usual"),
        (lambda: detect_likelihood_ratio([1.0, np.nan], 0, [1.0, 1.0]), "end the chart before it"),
        (lambda: detect_likelihood_ratio([0.0, 0.0, 1.0], 2), "give the expected counts instead"),
        (lambda: BayesOptions(this_year=False), "nothing to compare with"),
    ],
)
def test_wrong_chart_input_is_named(make: object, message: str) -> None:
    """An error states the rule and the remedy."""
    with pytest.raises(ValueError, match=message):
        make()  # type: ignore[operator]


def test_a_sudden_rise_that_r_does_not_find_is_counted_and_found_by_the_exact_search() -> None:
    """R surveillance 1.20.3 prints these; its search for 5 cases where 0.3 are expected is lost."""
    growing, mean = [0.0, 0, 0, 0, 3, 10, 2, 2], np.full(8, 0.3)
    found = detect_likelihood_ratio(growing, 0, mean, RatioOptions(limit=99, alpha=0.2))
    np.testing.assert_allclose(found.statistic[4:], [3.6139, 22.1683, 23.1548, 24.4592], atol=5e-5)
    lost = detect_likelihood_ratio([5.0], 0, [0.3], RatioOptions(alpha=0.2))
    assert (lost.statistic[0], lost.alarm[0], lost.missed[0]) == (0, False, True)
    exact = detect_likelihood_ratio([5.0], 0, [0.3], RatioOptions(alpha=0.2, exact=True))
    assert exact.alarm[0]
    assert not exact.missed[0]
    kappa = np.linspace(0, 5, 200_001)
    changed = 0.3 * np.exp(kappa)
    gain = 5 * np.log(changed / 0.3 * 1.06 / (1 + 0.2 * changed)) + 5 * np.log(1.06 / (1 + 0.2 * changed))
    assert exact.statistic[0] == pytest.approx(gain.max(), rel=1e-6)


@pytest.mark.parametrize(
    ("alpha", "printed_by_r"),
    [
        (0.0, [0, 2.59167373, 0.24593335, 0.44153525, 4.72342878, 12.87609380]),
        (0.5, [0, 0.94654797, 0, 0.33979807, 2.51009931, 3.68871534]),
    ],
)
def test_an_epidemic_change_is_searched_as_r_does_or_exactly(alpha: float, printed_by_r: list[float]) -> None:
    """By hand: the run of the fifth count alone, 9 after 4, gains 9 log(9/2) - 7 = 6.54; R finds 4.72.

    With alpha 0.5 the second count, 6 after 3, gains 6 log(3/2) - 2 log 2 = 1.0465 at lambda 4/3.
    """
    counts, mean = [3.0, 6, 1, 4, 9, 9], np.full(6, 2.0)
    options = RatioOptions(limit=99, alpha=alpha, change=Change.EPIDEMIC)
    found = detect_likelihood_ratio(counts, 0, mean, options).statistic
    np.testing.assert_allclose(found, printed_by_r, atol=1e-8)
    exact = detect_likelihood_ratio(counts, 0, mean, replace(options, exact=True)).statistic
    assert np.all(exact >= found - 1e-9)
    if alpha:
        assert exact[1] == pytest.approx(6 * math.log(1.5) - 2 * math.log(2))
    else:
        assert exact[4] >= 9 * math.log(4.5) - 7
    missed = replace(options, limit=1.0 if alpha else 7.0)
    assert detect_likelihood_ratio(counts, 0, mean, missed).missed[1 if alpha else 4]


@pytest.mark.parametrize(("direction", "bounds"), [("inc", [6, 6, 5]), ("dec", [1, 1, 1])])
def test_a_negative_binomial_bound_is_the_nearest_count_that_changes_the_answer(
    direction: str, bounds: list[int]
) -> None:
    """R prints these bounds of an increase; of a decrease only 0 is an alarm, it gains 2 log 2 = 1.39."""
    options = RatioOptions(limit=1, alpha=0.5, direction=Direction(direction))
    found = detect_likelihood_ratio([1.0, 5, 2], 0, np.full(3, 2.0), options)
    assert found.upper.tolist() == bounds
    assert not found.alarm.any()
    unasked = detect_likelihood_ratio([1.0, 5, 2], 0, np.full(3, 2.0), replace(options, bounds=False))
    assert np.isnan(unasked.upper).all()


def test_a_refitted_mean_has_learned_from_the_alarm() -> None:
    """After an alarm the mean is fitted again, to all counts up to it; before it nothing differs."""
    counts = np.r_[np.random.default_rng(5).poisson(6, 160), np.full(40, 14)].astype(float)
    once, again = (
        detect_likelihood_ratio(counts, 104, SeasonalMean(refit=refit), RatioOptions())
        for refit in (False, True)
    )
    first = int(np.flatnonzero(once.alarm)[0])
    np.testing.assert_array_equal(once.expected[: first + 1], again.expected[: first + 1])
    assert (again.expected[-10:] > once.expected[-10:] + 0.8).all()
