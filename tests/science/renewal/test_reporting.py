"""The reporting model: its kernel against a plain loop and differences, draws against what was simulated."""

from __future__ import annotations

import math

import numpy as np

from fangxian.science.renewal.nowcast import nowcast_triangle
from fangxian.science.renewal.reporting import fit_reporting
from fangxian.science.renewal.reporting_kernel import add_likelihood
from fangxian.science.renewal.triangle import ReportingTriangle

DAYS, DELAYS, SIZE = 6, 4, 5.0


def _plain(counts: np.ndarray, state: np.ndarray) -> float:
    """Log likelihood as it is written on paper: negative binomial number, multinomial delays."""
    total = 0.0
    for day in range(DAYS):
        left, shares = 1.0, []
        for delay in range(min(DELAYS, DAYS - day)):
            rate = math.exp(
                state[DAYS + delay] + state[DAYS + DELAYS + day + delay] + state[2 * DAYS + DELAYS + day]
            )
            shares.append(left * (1 - math.exp(-rate)))
            left -= shares[-1]
        row = counts[day, : len(shares)]
        number, mean = row.sum(), math.exp(state[day]) * sum(shares)
        total += math.lgamma(number + SIZE) - math.lgamma(SIZE)
        total += number * math.log(mean / (mean + SIZE)) + SIZE * math.log(SIZE / (mean + SIZE))
        total += float(np.sum(row * np.log(np.array(shares) / sum(shares))))
    return total


def _value(counts: np.ndarray, state: np.ndarray) -> float:
    size = len(state)
    return add_likelihood(counts, state, SIZE, np.zeros(size), np.zeros((size, size)))


def test_kernel_equals_the_plain_likelihood_and_its_differences() -> None:
    """Value as on paper; gradient as central differences of it."""
    generator = np.random.default_rng(1)
    counts = generator.poisson(2.0, (DAYS, DELAYS)).astype(float)
    state = generator.normal(0, 0.4, 3 * DAYS + DELAYS)
    size = len(state)
    gradient = np.zeros(size)
    value = add_likelihood(counts, state, SIZE, gradient, np.zeros((size, size)))
    assert math.isclose(value, _plain(counts, state), rel_tol=1e-10)
    for index in range(size):
        moved = np.zeros(size)
        moved[index] = 1e-5
        slope = (_value(counts, state + moved) - _value(counts, state - moved)) / 2e-5
        assert math.isclose(gradient[index], slope, abs_tol=1e-5)


def test_curvature_is_the_covariance_of_the_gradient() -> None:
    """Over simulated counts the products of slopes average to the expected curvature (Fisher's identity)."""
    generator = np.random.default_rng(2)
    state = np.concatenate([np.full(DAYS, 1.5), generator.normal(-0.7, 0.3, 2 * DAYS + DELAYS)])
    state[DAYS + DELAYS :] *= 0.3
    size = len(state)
    products, curvature = np.zeros((size, size)), np.zeros((size, size))
    draws = 20_000
    rates = np.exp(
        state[DAYS : DAYS + DELAYS][None, :]
        + np.array([state[DAYS + DELAYS + day :][:DELAYS] for day in range(DAYS)])
        + state[2 * DAYS + DELAYS :][:, None]
    )
    before = np.hstack([np.zeros((DAYS, 1)), np.cumsum(rates, axis=1)[:, :-1]])
    share = np.exp(-before) * -np.expm1(-rates)
    for _ in range(draws):
        mean = np.exp(state[:DAYS]) * generator.gamma(SIZE, 1 / SIZE, DAYS)
        counts = generator.poisson(mean[:, None] * share).astype(float)
        gradient, expected = np.zeros(size), np.zeros((size, size))
        add_likelihood(counts, state, SIZE, gradient, expected)
        products += np.outer(gradient, gradient)
        curvature = expected
    full = np.tril(curvature) + np.tril(curvature, -1).T
    np.testing.assert_allclose(products / draws, full, atol=0.12 * np.abs(full).max())
    assert np.linalg.eigvalsh(full).min() > -1e-9


def test_reporting_that_became_faster_is_noticed() -> None:
    """Late events are reported within days, early ones were within weeks: nearly all are in."""
    generator = np.random.default_rng(3)
    event = np.repeat(np.arange(56), generator.poisson(20, 56))
    delay = np.where(event < 28, generator.poisson(9, len(event)), generator.poisson(1, len(event)))
    triangle = ReportingTriangle.from_reports(event, event + delay, as_of=55, first=0)
    cast = nowcast_triangle(triangle, draws=500)
    truth = np.bincount(event, minlength=56)
    assert cast.share[50] > 0.9
    np.testing.assert_allclose(np.median(cast.draws[:, -5:], axis=0), truth[-5:], atol=9)


def test_a_surge_of_reports_of_all_ages_is_no_surge_of_events() -> None:
    """A backlog delivered on one day, for events of two weeks: their level stays what it was."""
    event = np.repeat(np.arange(50), 10)
    backlog = (event >= 30) & (event < 45)
    report = np.where(backlog, 45, event)
    median = np.median(
        nowcast_triangle(ReportingTriangle.from_reports(event, report, as_of=46, first=0)).draws, axis=0
    )
    np.testing.assert_allclose(median[30:], 10, atol=5)


def test_weights_are_those_of_the_evidence() -> None:
    """Weights sum to 1, the heaviest first, and none is negligible."""
    event = np.repeat(np.arange(20), 5)
    triangle = ReportingTriangle.from_reports(event, event + 1, as_of=19)
    weights = [part.weight for part in fit_reporting(triangle.counts).parts]
    assert math.isclose(sum(weights), 1.0)
    assert weights == sorted(weights, reverse=True)
    assert min(weights) > 0.0005
