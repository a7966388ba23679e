"""The logarithmic score against the densities of scipy and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import nbinom, norm, poisson

from fangxian.science.scoring import (
    log_score_negative_binomial,
    log_score_normal,
    log_score_poisson,
    log_score_sample,
)


def test_equal_minus_the_log_of_the_probability() -> None:
    """Normal, Poisson and negative binomial."""
    assert log_score_normal(1, 2, 4) == pytest.approx(-norm(1, 2).logpdf(4))
    count = np.array([0.0, 2.0, 9.0])
    assert np.allclose(log_score_poisson(3.0, count), -poisson(3).logpmf(count))
    assert np.allclose(log_score_negative_binomial(3.0, 0.8, count), -nbinom(0.8, 0.8 / 3.8).logpmf(count))


def test_the_impossible_costs_infinitely_much() -> None:
    """Counts are whole and not negative; a missing one has no score."""
    assert log_score_poisson(3.0, [-1.0, 1.5]).tolist() == [np.inf, np.inf]
    assert np.isnan(log_score_negative_binomial(3.0, 1.0, np.nan))


def test_samples_approach_the_density() -> None:
    """Twenty thousand samples of a normal distribution."""
    samples = np.random.default_rng(3).normal(1, 2, size=(2, 20_000))
    assert np.allclose(log_score_sample(samples, [0.0, 4.0]), log_score_normal(1, 2, [0.0, 4.0]), atol=0.06)


def test_sample_score_worked_by_hand() -> None:
    """Two samples 0 and 2 at 1: both kernels lie one unit away."""
    width = 1.06 * min(np.sqrt(2), 1 / 1.34) * 2**-0.2
    assert log_score_sample([0.0, 2.0], 1.0) == pytest.approx(-norm(0, width).logpdf(1))


def test_refusals() -> None:
    """No spread, no density."""
    with pytest.raises(ValueError, match=r"must be positive .*some spread"):
        log_score_normal(0, 0, 1)
    with pytest.raises(ValueError, match="must be positive"):
        log_score_poisson(0, 1)
    with pytest.raises(ValueError, match="all the same"):
        log_score_sample([2.0, 2.0], 1.0)
    with pytest.raises(ValueError, match="at least 2"):
        log_score_sample([2.0], 1.0)
