"""The arrow solver against plain dense algebra, and its corrections against numerical integration."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, optimize, stats

from fangxian.science.renewal.arrow import Problem, Walk, find_mode, log_likelihood, terms_of_counts
from fangxian.science.renewal.arrow_posterior import draw_states, jump_scores, path_moments


def _problem() -> Problem:
    """Twelve days of small counts with a gap, one side effect and one jump: all branches of the solver."""
    counts = np.array([2.0, 0, 5, np.nan, 4, 7, 9, np.nan, 3, 2, 1, 4])
    alternating = np.where(np.arange(12) % 2 == 0, 1.0, -1.0)
    step = np.where(np.arange(12) >= 6, 1.0, 0.0)
    columns = np.column_stack([alternating, step])
    return Problem(counts, np.full(12, 0.5), columns, np.array([9.0, 2.0]), np.array([0.0, 1.0]))


def _dense_prior(walk: Walk, days: int, precision: np.ndarray) -> np.ndarray:
    difference = np.diff(np.eye(days), n=walk.order, axis=0)
    matrix = walk.step * difference.T @ difference + walk.pull * np.eye(days)
    matrix[0, 0] += walk.first
    if walk.order == 2:
        slope = np.diff(np.eye(days), axis=0)[:1]
        matrix += walk.slope * slope.T @ slope
    return np.block(
        [[matrix, np.zeros((days, len(precision)))], [np.zeros((len(precision), days)), np.diag(precision)]]
    )


def _log_joint(state: np.ndarray, problem: Problem, prior: np.ndarray, dispersion: float) -> float:
    days = len(problem.observed)
    mean = np.exp(problem.base + state[:days] + problem.columns @ state[days:])
    seen = ~np.isnan(problem.observed)
    size = 1 / dispersion
    likelihood = stats.nbinom.logpmf(problem.observed[seen], size, size / (size + mean[seen])).sum()
    return float(likelihood - state @ prior @ state / 2)


@pytest.mark.parametrize("order", [1, 2])
def test_mode_evidence_and_covariance_equal_dense_algebra(order: int) -> None:
    """Mode by a general optimiser, evidence and covariance by numerical second derivatives."""
    problem, walk, dispersion = _problem(), Walk(order, 25.0, 1.0, 16.0, 0.01), 0.2
    prior = _dense_prior(walk, 12, problem.precision)
    state = np.zeros(14)
    evidence = find_mode(problem, walk, dispersion, state)
    found = optimize.minimize(
        lambda x: -_log_joint(x, problem, prior, dispersion), np.zeros(14), method="BFGS", tol=1e-8
    )
    np.testing.assert_allclose(state, found.x, atol=2e-4)
    step, eye = 1e-3, np.eye(14)
    hessian = np.empty((14, 14))
    for left in range(14):
        for right in range(14):
            corner = [
                _log_joint(state + step * (a * eye[left] + b * eye[right]), problem, prior, dispersion)
                for a, b in ((1, 1), (1, -1), (-1, 1), (-1, -1))
            ]
            hessian[left, right] = -(corner[0] - corner[1] - corner[2] + corner[3]) / (4 * step**2)
    dense = _log_joint(state, problem, prior, dispersion)
    dense += np.linalg.slogdet(prior)[1] / 2 - np.linalg.slogdet(hessian)[1] / 2
    assert evidence == pytest.approx(dense, abs=1e-4)
    covariance = np.linalg.inv(hessian)
    shown = np.hstack([np.eye(12), np.zeros((12, 1)), problem.columns[:, 1:]])
    _mean, variance, _skewness = path_moments(problem, walk, dispersion, state)
    np.testing.assert_allclose(variance, np.diag(shown @ covariance @ shown.T), rtol=1e-4)
    normal = np.random.default_rng(2).standard_normal((40_000, 14))
    draws = draw_states(problem, walk, dispersion, state, normal)
    np.testing.assert_allclose(np.cov(draws.T), covariance, atol=0.01)


def test_likelihood_goes_over_into_poisson() -> None:
    """With no dispersion the likelihood is Poisson, and it is continuous there."""
    counts, log_mean = np.array([0.0, 3, 12, np.nan]), np.log(np.array([0.5, 4, 10, 7]))
    poisson = stats.poisson.logpmf(counts[:3], np.exp(log_mean[:3])).sum()
    for dispersion, apart in ((0.0, 1e-9), (1e-7, 1e-4)):
        terms = terms_of_counts(counts, dispersion)
        assert log_likelihood(counts, log_mean, dispersion, terms) == pytest.approx(poisson, abs=apart)
    exact = stats.nbinom.logpmf(counts[:3], 2, 1 / (1 + 0.5 * np.exp(log_mean[:3]))).sum()
    assert log_likelihood(counts, log_mean, 0.5, terms_of_counts(counts, 0.5)) == pytest.approx(exact)


def test_skewed_moments_are_nearer_the_truth_than_the_normal_at_the_mode() -> None:
    """One day with one case: mean and third moment against numerical integration."""
    problem = Problem(np.array([1.0]), np.zeros(1), np.zeros((1, 0)), np.zeros(0), np.zeros(0))
    walk, state = Walk(1, 1.0, 4.0, 1.0, 0.0), np.zeros(1)
    find_mode(problem, walk, 0.0, state)
    mean, variance, skewness = path_moments(problem, walk, 0.0, state)

    def density(x: float, power: int, centre: float) -> float:
        return (x - centre) ** power * np.exp(x - np.exp(x) - 2 * x**2)

    mass = integrate.quad(density, -6, 6, args=(0, 0.0))[0]
    exact = integrate.quad(density, -6, 6, args=(1, 0.0))[0] / mass
    third = integrate.quad(density, -6, 6, args=(3, exact))[0] / mass
    spread = integrate.quad(density, -6, 6, args=(2, exact))[0] / mass
    assert abs(mean[0] - exact) < 0.2 * abs(state[0] - exact)
    assert skewness[0] == pytest.approx(third / spread**1.5, rel=0.35)
    assert variance[0] == pytest.approx(spread, rel=0.06)


def test_jump_score_is_the_gain_in_evidence() -> None:
    """The score of a jump equals the refitted evidence with that jump less the evidence without it."""
    counts = np.array([20.0, 22, 19, 21, 23, 18, 33, 30, 35, 31, 29, 34])
    walk, none = Walk(1, 2500.0, 1.0, 1.0, 0.01), np.zeros((12, 0))
    plain = Problem(counts, np.full(12, 3.0), none, np.zeros(0), np.zeros(0))
    state = np.zeros(12)
    before = find_mode(plain, walk, 0.001, state)
    score = jump_scores(plain, walk, 0.001, state, 0.25)
    column = np.where(np.arange(12) >= 6, 1.0, 0.0)[:, None]
    jumped = Problem(counts, plain.base, column, np.array([4.0]), np.ones(1))
    after = find_mode(jumped, walk, 0.001, np.zeros(13))
    assert int(np.argmax(score[1:])) + 1 == 6
    assert score[6] == pytest.approx(after - before, rel=0.1)
