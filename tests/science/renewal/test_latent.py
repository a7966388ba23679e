"""R on the day of infection from late, weekly and interrupted counts."""

from __future__ import annotations

import numpy as np
import pytest

from fangxian.science.renewal.cori import discretised_gamma
from fangxian.science.renewal.latent import LatentData, LatentFit, _infect, estimate_latent_renewal

WEIGHT = discretised_gamma(5.2, 2.8, maximum_days=20)
DELAY = discretised_gamma(6, 3, maximum_days=20)
TRUTH = 1.05 + 0.3 * np.sin(np.arange(84) / 14)


def _counts(noise: float, seed: int, imports: float = 0.0) -> np.ndarray:
    infected = np.zeros(25 + len(TRUTH))
    infected[:25] = 200 * np.exp(0.02 * np.arange(-25, 0))
    for day in range(25, len(infected)):
        infected[day] = TRUTH[day - 25] * (infected[day - 20 : day] @ WEIGHT[:0:-1]) + imports
    mean = np.array([infected[day - 20 : day + 1] @ DELAY[::-1] for day in range(25, len(infected))])
    size = noise**-2
    return np.random.default_rng(seed).negative_binomial(size, size / (size + mean)).astype(float)


def _covered(fit: LatentFit) -> float:
    lower, _median, upper = fit.reproduction().quantiles.T
    return float(np.mean((lower <= TRUTH) & (upper >= TRUTH)))


def test_infections_and_derivatives_equal_a_plain_loop() -> None:
    """The recursion is the renewal equation; its derivatives are differences of it."""
    log_r, before = np.array([0.2, -0.1, 0.3, 0.1]), np.array([3.0, 5.0, 4.0])
    weight, imports = np.array([0.0, 0.5, 0.3, 0.2]), np.array([0.0, 2.0, 0.0, 1.0])

    def plain(values: np.ndarray, past: np.ndarray) -> np.ndarray:
        total = list(past)
        for day in range(4):
            total.append(np.exp(values[day]) * sum(weight[k] * total[-k] for k in (1, 2, 3)) + imports[day])
        return np.array(total)

    infected, by_r, by_past = _infect(log_r, before, weight, imports, np.inf)
    np.testing.assert_allclose(infected, plain(log_r, before))
    for day in range(4):
        bump = 1e-6 * (np.arange(4) == day)
        slope = (plain(log_r + bump, before) - plain(log_r - bump, before))[3:] / 2e-6
        np.testing.assert_allclose(by_r[:, day], slope, rtol=1e-6, atol=1e-9)
    bump = 1e-6 * (np.arange(3) == 1)
    slope = (plain(log_r, before + bump) - plain(log_r, before - bump))[3:] / 2e-6
    np.testing.assert_allclose(by_past[:, 1], slope, rtol=1e-6)


def test_late_reports_are_put_back_on_the_day_of_infection() -> None:
    """Reports come six days late: R is covered on its own day, and the last days are the least sure."""
    fit = estimate_latent_renewal(LatentData(_counts(0.08, 1), WEIGHT, DELAY), draws=1600)
    quantiles = fit.reproduction().quantiles
    width = quantiles[:, 2] - quantiles[:, 0]
    assert _covered(fit) > 0.9
    assert fit.acceptance > 0.1
    assert width[-1] > 1.5 * width[40]


def test_weekly_sums_say_nearly_the_same_as_days() -> None:
    """R from weekly sums covers the truth."""
    weekly = _counts(0.08, 2).reshape(-1, 7).sum(axis=1)
    fit = estimate_latent_renewal(LatentData(weekly, WEIGHT, DELAY, period_days=7), draws=1600)
    assert _covered(fit) > 0.9
    assert fit.reproduction_draws.shape[1] == 84
    assert fit.report_draws.shape[1] == 12


def test_a_gap_costs_certainty_and_nothing_else() -> None:
    """Three weeks without data: truth is still covered, with wider intervals, and nothing is NaN."""
    counts = _counts(0.08, 3)
    gap = counts.copy()
    gap[30:51] = np.nan
    whole = estimate_latent_renewal(LatentData(counts, WEIGHT, DELAY), draws=1600).reproduction().quantiles
    fit = estimate_latent_renewal(LatentData(gap, WEIGHT, DELAY), draws=1600)
    quantiles = fit.reproduction().quantiles
    assert np.isfinite(quantiles).all()
    assert _covered(fit) > 0.9
    assert np.mean(np.ptp(quantiles[25:45], axis=1)) > 1.2 * np.mean(np.ptp(whole[25:45], axis=1))


def test_no_cases_leave_r_to_the_prior() -> None:
    """Zeros are explained by few infections at any R."""
    fit = estimate_latent_renewal(LatentData(np.zeros(35), WEIGHT), draws=1200)
    quantiles = fit.reproduction().quantiles
    assert np.isfinite(quantiles).all()
    assert np.all(quantiles[:10, 2] / quantiles[:10, 0] > 3)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (LatentData([1, 2], WEIGHT, [0.5]), r"got sum 0\.500\); divide by the sum"),
        (LatentData([1, 2], WEIGHT, imports=[1, 2, 3]), "imports one a day"),
        (LatentData([1, 2], WEIGHT, period_days=7, weekdays=True), "weekdays need daily counts"),
        (LatentData([1, -2], WEIGHT), "must not be negative"),
    ],
)
def test_wrong_input_is_named_with_its_remedy(data: LatentData, message: str) -> None:
    """An error states the rule, the value and what to do."""
    with pytest.raises(ValueError, match=message):
        estimate_latent_renewal(data)
