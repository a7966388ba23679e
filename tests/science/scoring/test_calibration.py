"""The transform of a right forecast is uniform."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import kstest, norm, poisson

from fangxian.science.scoring import (
    HUB_LEVELS,
    pit_counts,
    pit_histogram_counts,
    pit_quantiles,
    pit_sample,
)


def test_worked_by_hand() -> None:
    """Three of four samples lie at or below 3; between the median and the upper quartile, halfway."""
    assert pit_sample([1.0, 2.0, 3.0, 9.0], 3.0) == 0.75
    levels = [0.25, 0.5, 0.75]
    quantiles = np.tile([10.0, 20.0, 40.0], (5, 1))
    truth = [5.0, 20.0, 30.0, 41.0, np.nan]
    assert np.allclose(
        pit_quantiles(quantiles, levels, truth), [0.125, 0.5, 0.625, 0.875, np.nan], equal_nan=True
    )


def test_equal_quantiles_share_their_levels() -> None:
    """A forecast of zero from the lower quartile to the median: an observed zero falls halfway."""
    assert pit_quantiles([0.0, 0.0, 4.0], [0.25, 0.5, 0.75], 0.0) == 0.375
    assert pit_quantiles([1.0, 2.0, 4.0], [0.25, 0.5, 0.75], 1.0) == 0.25
    assert pit_quantiles([1.0, 2.0, 4.0], [0.25, 0.5, 0.75], 4.0) == 0.75


def test_uniform_for_a_right_forecast() -> None:
    """Normal by quantiles and samples, counts by the randomised form."""
    rng = np.random.default_rng(8)
    truth = rng.normal(size=2000)
    spread = pit_quantiles(np.tile(norm.ppf(HUB_LEVELS), (2000, 1)), HUB_LEVELS, truth)
    assert kstest(spread, "uniform").statistic < 0.04
    assert kstest(pit_sample(rng.normal(size=(2000, 400)), truth), "uniform").statistic < 0.04
    counts = rng.poisson(2.0, 2000)
    law = poisson(2.0)
    drawn = pit_counts(law.cdf(counts - 1), law.cdf(counts), observed=counts, rng=rng)
    assert kstest(drawn, "uniform").statistic < 0.04
    few = pit_sample(rng.poisson(2.0, (2000, 400)), counts, rng=rng)
    assert kstest(few, "uniform").statistic < 0.04


def test_histogram_of_counts_is_flat_without_random_draws() -> None:
    """And worked by hand: one forecast that spreads over a quarter to a half fills one bin of four."""
    counts = np.random.default_rng(2).poisson(2.0, 5000)
    law = poisson(2.0)
    assert np.allclose(pit_histogram_counts(law.cdf(counts - 1), law.cdf(counts)), 0.1, atol=0.01)
    assert pit_histogram_counts([0.25], [0.5], bins=4).tolist() == [0, 1, 0, 0]


def test_refusals() -> None:
    """Probabilities are probabilities, and a histogram needs forecasts."""
    rng = np.random.default_rng(1)
    with pytest.raises(ValueError, match="0 <= below <= at_or_below <= 1"):
        pit_counts([0.6], [0.4], observed=[1.0], rng=rng)
    with pytest.raises(ValueError, match="needs a bin and a forecast"):
        pit_histogram_counts([np.nan], [np.nan])
    with pytest.raises(ValueError, match="samples on the last axis"):
        pit_sample([1.0, 2.0], [1.0])
    with pytest.raises(ValueError, match="levels on the last axis"):
        pit_quantiles([1.0, 2.0], [0.5], 1.0)
