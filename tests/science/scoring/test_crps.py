"""The closed forms equal the integral that defines the score, and samples approach them."""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import gamma, lognorm, nbinom, norm, poisson

from fangxian.science.scoring import (
    crps_gamma,
    crps_lognormal,
    crps_negative_binomial,
    crps_normal,
    crps_poisson,
    crps_sample,
)
from shared_data import shared_path


def integral(cdf: Callable[[float], float], came: float, low: float, high: float) -> float:
    """Return the definition: the squared distance of the distribution from the step at the observation."""
    left = quad(lambda x: cdf(x) ** 2, low, came, limit=200)[0]
    return left + quad(lambda x: (1 - cdf(x)) ** 2, came, high, limit=200)[0]


def summed(pmf_cdf: Callable[[np.ndarray], np.ndarray], came: float, top: int) -> float:
    """Return the definition for counts."""
    count = np.arange(top)
    return float(np.sum((pmf_cdf(count) - (count >= came)) ** 2))


def test_normal_equals_the_exact_values() -> None:
    """Standard cases of the reference outputs."""
    exact = json.loads(shared_path("expected/analytic.json").read_text())["crps_normal"]
    got = [crps_normal(m, s, y) for m, s, y in ((0, 1, 0), (0, 1, 1), (100, 15, 130))]
    assert np.allclose(got, list(exact.values()), rtol=1e-12)


@pytest.mark.parametrize("came", [0.4, 3.0, 11.0])
def test_continuous_forms_equal_the_integral(came: float) -> None:
    """Normal, log-normal and gamma."""
    assert crps_normal(2, 3, came) == pytest.approx(integral(norm(2, 3).cdf, came, -40, 60), rel=1e-6)
    log_normal = lognorm(0.7, scale=np.exp(1.2)).cdf
    assert crps_lognormal(1.2, 0.7, came) == pytest.approx(integral(log_normal, came, 0, 500), rel=1e-6)
    assert crps_gamma(2.5, 1.5, came) == pytest.approx(
        integral(gamma(2.5, scale=1.5).cdf, came, 0, 80), rel=1e-6
    )


@pytest.mark.parametrize("came", [0, 3, 40])
def test_count_forms_equal_the_sum(came: int) -> None:
    """Poisson and negative binomial."""
    assert crps_poisson(4.5, came) == pytest.approx(summed(poisson(4.5).cdf, came, 200), rel=1e-9)
    law = nbinom(2.0, 2.0 / (2.0 + 30.0)).cdf
    assert crps_negative_binomial(30.0, 2.0, came) == pytest.approx(summed(law, came, 3000), rel=1e-7)


def test_large_counts_keep_their_precision() -> None:
    """A city reports ten thousand cases a day."""
    law = nbinom(5.0, 5.0 / (5.0 + 1e4)).cdf
    assert crps_negative_binomial(1e4, 5.0, 14_000) == pytest.approx(summed(law, 14_000, 200_000), rel=1e-6)
    # so far out, Poisson is normal
    assert crps_poisson(1e6, 1_001_000) == pytest.approx(float(crps_normal(1e6, 1e3, 1_001_000)), rel=1e-2)


def test_sample_score_worked_by_hand() -> None:
    """Samples 1, 2, 6 and 3 came: mean error 2; pairs differ by 1, 5, 4."""
    assert crps_sample([6.0, 1.0, 2.0], 3.0) == pytest.approx(2 - 20 / 9 / 2)
    assert crps_sample([6.0, 1.0, 2.0], 3.0, fair=True) == pytest.approx(2 - 20 / 6 / 2)
    assert crps_sample([5.0], 3.0) == pytest.approx(2)  # one sample: the absolute error


def test_samples_approach_the_closed_form() -> None:
    """Many samples of a gamma distribution, at several observations at once."""
    came = np.array([0.5, 3.0, 9.0])
    samples = np.random.default_rng(5).gamma(2.5, 1.5, size=(3, 40_000))
    assert np.allclose(crps_sample(samples, came), crps_gamma(2.5, 1.5, came), rtol=0.03)


@pytest.mark.parametrize(
    "call",
    [
        lambda: crps_normal(0, 0, 1),
        lambda: crps_lognormal(0, -1, 1),
        lambda: crps_gamma(0, 1, 1),
        lambda: crps_poisson(0, 1),
        lambda: crps_negative_binomial(1, 0, 1),
    ],
)
def test_refuses_a_distribution_without_spread(call: Callable[[], object]) -> None:
    """A certain forecast has no closed form here."""
    with pytest.raises(ValueError, match=r"must be positive .*scored by its error"):
        call()


def test_refuses_samples_that_do_not_fit() -> None:
    """Samples stand on the last axis; the fair score needs two."""
    with pytest.raises(ValueError, match="at least 2 of them"):
        crps_sample([1.0], 1.0, fair=True)
    with pytest.raises(ValueError, match="samples on the last axis"):
        crps_sample(np.ones((3, 2)), np.ones(2))
