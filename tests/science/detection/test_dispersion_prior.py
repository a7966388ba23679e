"""The distribution of the dispersion: what a panel teaches of it, and what a lone series keeps."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import gammaln
from scipy.stats import nbinom

from fangxian.science.detection.dispersion_prior import (
    GRID,
    PRIOR,
    add_log_likelihood,
    learn_weights,
    looked_at,
)

PHI = GRID[0]


def learned(counts: np.ndarray, mean: float) -> np.ndarray:
    """Return the weights of series of one known mean, [place, point]; NaN is missing."""
    told = np.zeros((len(counts), len(PHI)))
    for place, series in enumerate(counts):
        for count in series[~np.isnan(series)]:
            add_log_likelihood(count, mean, 1.0, GRID, told[place])
    weights = np.empty(told.shape)
    learn_weights(told, PRIOR, weights)
    return weights


@pytest.mark.parametrize("count", [0.0, 1.0, 7.0, 9.0, 40.0, 2.5])
@pytest.mark.parametrize("mean", [0.7, 20.0, 300.0])
def test_likelihood_is_the_negative_binomial(count: float, mean: float) -> None:
    """Against scipy, for small sizes and large; a count far above its mean is taken for an outbreak."""
    points = [0, 3, 8, 12]
    found = np.zeros(len(points))
    add_log_likelihood(count, mean, 0.5, np.ascontiguousarray(GRID[:, points]), found)
    size = mean / (PHI[points[1:]] - 1)
    rising = gammaln(count + np.r_[size]) - gammaln(size) - gammaln(count + 1)
    exact = rising - size * np.log(PHI[points[1:]]) + count * np.log1p(-1 / PHI[points[1:]])
    plain = count * np.log(mean) - mean - gammaln(count + 1)
    rise = 3.0 * (mean + 1)
    outbreak = math.log(0.01 / (1 + rise)) + count * math.log(rise / (1 + rise)) if count > mean else -np.inf
    np.testing.assert_allclose(found, 0.5 * np.maximum(np.r_[plain, exact], outbreak), rtol=1e-7)
    if count == int(count):
        np.testing.assert_allclose(exact, nbinom.logpmf(count, size, 1 / PHI[points[1:]]), rtol=1e-9)


def test_a_panel_teaches_a_sparse_series() -> None:
    """Among ragged series one with two counts is taken for ragged, among Poisson ones for Poisson."""
    rng = np.random.default_rng(1)
    means = []
    for panel in (rng.negative_binomial(5 / 3, 1 / 4, (300, 60)), rng.poisson(5, (300, 60))):
        counts = panel.astype(float)
        counts[0, 2:] = np.nan
        weights = learned(counts, 5.0)
        np.testing.assert_allclose(weights.sum(axis=1), 1)
        means.append(float(weights[0] @ PHI))
    assert means[0] == pytest.approx(4, rel=0.3)
    assert means[1] == pytest.approx(1, abs=0.15)


def test_a_lone_series_learns_from_itself() -> None:
    """Sixty ragged counts say that they are; without any count the general prior stays."""
    series = np.random.default_rng(2).negative_binomial(5 / 3, 1 / 4, (1, 60)).astype(float)
    assert 2.5 < learned(series, 5.0)[0] @ PHI < 6
    told = np.full((1, len(PHI)), np.nan)
    weights = np.empty(told.shape)
    learn_weights(told, PRIOR, weights)
    np.testing.assert_allclose(weights[0], PRIOR, rtol=1e-9)


def test_what_is_not_looked_at_is_far_from_what_was_seen() -> None:
    """Small dispersions are always looked at; of large ones those within twelve times Pearson's estimate."""
    assert looked_at(1.0, PHI)[0] == 0
    first, last = looked_at(1.0, PHI)
    assert PHI[last - 1] > 15
    first, last = looked_at(1000.0, PHI)
    assert PHI[first - 1] < 1000 / 12 <= PHI[first]
    assert PHI[last - 1] <= 12_000 < PHI[last]
    assert PHI[-1] > 1e7
