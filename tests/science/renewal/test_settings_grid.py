"""The grid over movement and noise against a fine one that reaches everywhere."""

from __future__ import annotations

import numpy as np
import pytest

from fangxian.science.renewal.settings import climb, explore, log_posterior
from fangxian.science.renewal.smooth_model import Series, SmoothPrior

FINE = 0.15


@pytest.mark.parametrize("seed", range(4))
def test_the_grid_holds_the_long_tail_of_a_path_that_may_not_bend_at_all(seed: int) -> None:
    """Few counts leave the movement open downwards: nearly all of the mass, and its mean, are on the grid."""
    generator, days = np.random.default_rng(seed), 50
    counts = generator.poisson(8.0, days).astype(float)
    series = Series(counts, np.full(days, np.log(8.0)), np.zeros((days, 0)), np.zeros(0))
    prior = SmoothPrior(orders=(2,), jump_probability=0)
    problem, of_settings = series.problem((), prior), prior.settings_prior(2)
    settings, state = np.log(np.array([0.005, 0.1])), np.zeros(days)
    _best, curvature = climb(problem, of_settings, settings, state)
    points, weights, _states = explore(problem, of_settings, settings, curvature, state)
    fine = np.array(
        [(movement, noise) for movement in np.arange(-12, 0, FINE) for noise in np.arange(-9, 0.5, FINE)]
    )
    heights = np.array([log_posterior(problem, of_settings, point, state.copy()) for point in fine])
    heights += 2 * np.log(FINE)
    top = heights.max()
    mass, whole = np.exp(weights - top), np.exp(heights - top)
    assert 0.85 < mass.sum() / whole.sum() < 1.02  # a disc of 13 points held 0.71 to 0.79
    apart = mass @ points / mass.sum() - whole @ fine / whole.sum()
    deviation = np.sqrt(whole @ (fine - whole @ fine / whole.sum()) ** 2 / whole.sum())
    assert np.abs(apart / deviation).max() < 0.2
