"""The distribution of the dispersion: what a panel teaches of it, and what a lone series keeps."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import nbinom, poisson

from fangxian.science.detection.dispersion_prior import (
    add_log_likelihood,
    dispersion_grid,
    general_prior,
    learn_weights,
)


def learned(counts: np.ndarray, mean: float) -> tuple[np.ndarray, np.ndarray]:
    """Return grid and weights of series of one known mean, [place, grid]."""
    grid = dispersion_grid(counts)
    told, weights = np.zeros((len(counts), len(grid))), np.empty((len(counts), len(grid)))
    for place, series in enumerate(counts):
        for count in series:
            add_log_likelihood(count, mean, 1.0, (grid, np.log(grid)), told[place])
    learn_weights(told, general_prior(grid), weights)
    return grid, weights


@pytest.mark.parametrize("count", [0.0, 1.0, 7.0, 9.0, 40.0])
def test_likelihood_is_the_negative_binomial(count: float) -> None:
    """Against scipy, for small counts and large; a count far above its mean is taken for an outbreak."""
    grid = np.array([1.0, 1.5, 4.0])
    found = np.zeros(3)
    add_log_likelihood(count, 20.0, 0.5, (grid, np.log(grid)), found)
    size = 20.0 / (grid[1:] - 1)
    exact = np.r_[poisson.logpmf(count, 20.0), nbinom.logpmf(count, size, 1 / grid[1:])]
    rise = 3.0 * 21.0
    outbreak = math.log(0.01 / (1 + rise)) + count * math.log(rise / (1 + rise)) if count > 20 else -np.inf
    np.testing.assert_allclose(found, 0.5 * np.maximum(exact, outbreak), rtol=1e-9)


def test_a_panel_teaches_a_sparse_series() -> None:
    """Among ragged series one with two counts is taken for ragged, among Poisson ones for Poisson."""
    rng = np.random.default_rng(1)
    ragged = rng.negative_binomial(5 / 3, 1 / 4, (300, 60)).astype(float)
    even = rng.poisson(5, (300, 60)).astype(float)
    means = []
    for panel in (ragged, even):
        panel[0, 2:] = np.nan
        counts = np.where(np.isnan(panel), np.nan, panel)
        grid = dispersion_grid(counts)
        told, weights = np.zeros((300, len(grid))), np.empty((300, len(grid)))
        for place, series in enumerate(counts):
            for count in series[~np.isnan(series)]:
                add_log_likelihood(count, 5.0, 1.0, (grid, np.log(grid)), told[place])
        learn_weights(told, general_prior(grid), weights)
        np.testing.assert_allclose(weights.sum(axis=1), 1)
        means.append(float(weights[0] @ grid))
    assert means[0] == pytest.approx(4, rel=0.3)
    assert means[1] == pytest.approx(1, abs=0.15)


def test_a_lone_series_learns_from_itself() -> None:
    """Sixty ragged counts outweigh what is believed in general; three do not."""
    series = np.random.default_rng(2).negative_binomial(5 / 3, 1 / 4, (1, 60)).astype(float)
    grid, weights = learned(series, 5.0)
    assert 2.5 < weights[0] @ grid < 6
    grid, few = learned(series[:, :3], 5.0)
    prior = general_prior(grid)
    assert (
        abs(few[0] @ grid - prior @ grid)
        < abs(weights[0] @ np.resize(grid, weights.shape[1]) - prior @ grid) + 2
    )
    assert few.shape == (1, len(grid))


def test_grid_reaches_beyond_any_series() -> None:
    """A series that jumps between 0 and 10^6 has a dispersion within the grid; an empty panel has a grid."""
    wild = np.tile([0.0, 1e6], (1, 10))
    assert dispersion_grid(wild)[-1] > 5e5
    assert dispersion_grid(np.full((2, 4), np.nan))[0] == 1
