"""Growth is recovered where the counts show it, and undefined where they do not."""

from __future__ import annotations

import numpy as np
import pytest

from fangxian.science.renewal.growth import estimate_growth


def test_exact_doubling_is_recovered() -> None:
    """Counts that double every five days give five days."""
    growth = estimate_growth(1000 * 2 ** (np.arange(14) / 5))
    assert growth.doubling_days == pytest.approx(5, rel=1e-6)
    assert growth.doubling_days_shortest < 5 < growth.doubling_days_longest


def test_interval_covers_the_truth_as_often_as_it_says() -> None:
    """Of 400 overdispersed series, 92 to 98 per cent hold the true rate in their 95 % interval."""
    random = np.random.default_rng(11)
    mean = 30 * np.exp(0.05 * np.arange(14))
    covered = 0
    for _ in range(400):
        growth = estimate_growth(random.negative_binomial(10, 10 / (10 + mean)).astype(float))
        covered += growth.rate_lower <= 0.05 <= growth.rate_upper
    assert 0.92 <= covered / 400 <= 0.98


@pytest.mark.parametrize("counts", [[0.0] * 14, [1, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1], [50.0, 60, 70]])
def test_too_few_counts_are_undefined(counts: list[float]) -> None:
    """Few cases or few days give no rate rather than a wild one."""
    assert np.isnan(estimate_growth(counts).rate)


def test_interval_across_zero_gives_no_doubling_interval() -> None:
    """Where the data do not say whether counts grow, no interval of the doubling time is claimed."""
    growth = estimate_growth([20, 22, 19, 21, 20, 18, 22, 20, 21, 19, 20, 22, 19, 20])
    assert np.isnan(growth.doubling_days_shortest)


def test_missing_day_is_left_out() -> None:
    """A missing day does not pull the rate down as a zero would."""
    counts = 1000 * 2 ** (np.arange(14) / 5)
    counts[9] = np.nan
    assert estimate_growth(counts).doubling_days == pytest.approx(5, rel=1e-6)
