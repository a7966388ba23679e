"""The mixture over the serial interval is the limit of the reference program's simulation."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from fangxian.science.renewal.cori import discretised_gamma, estimate_reproduction_number
from fangxian.science.renewal.uncertain_interval import (
    TruncatedNormal,
    UncertainInterval,
    estimate_with_uncertain_interval,
)
from shared_data import shared_path

PROBABILITIES = (0.025, 0.05, 0.25, 0.5, 0.75, 0.95, 0.975)
SHOWN = UncertainInterval(TruncatedNormal(2.6, 1, 1, 4.2), TruncatedNormal(1.5, 0.5, 0.5, 2.5))


def _table(file: str, skip: int) -> np.ndarray:
    with shared_path(f"expected/{file}").open() as lines:
        return np.array([[float(value) for value in row[skip:]] for row in list(csv.reader(lines))[1:]])


def test_reference_lies_within_its_own_simulation_error() -> None:
    """The reference draws 100 pairs: every figure lies within 3.5 standard errors of such draws from ours.

    The error of 100 pairs is measured by redrawing pairs 300 times and mixing their exact posteriors.
    """
    counts = _table("flu2009_incidence.csv", 1)[:, 0]
    expected = _table("epiestim_flu2009_uncertain_si_seed1.csv", 2)[:, 0]
    result = estimate_with_uncertain_interval(counts, SHOWN)
    generator = np.random.default_rng(3)
    pool = []
    while len(pool) < 600:
        mean, spread = generator.normal(2.6, 1), generator.normal(1.5, 0.5)
        if 1 < mean < 4.2 and 0.5 < spread < 2.5:
            weight = discretised_gamma(mean, spread)
            pool.append(estimate_reproduction_number(counts, weight, probabilities=()).mean)
    means = np.array(pool)
    np.testing.assert_allclose(result.mean, means.mean(axis=0), atol=4 * means.std(axis=0).max() / 24)
    error = means.std(axis=0) / 10 + result.standard_deviation / 100
    assert np.max(np.abs(expected - result.mean) / error) < 3.5


def test_quantiles_are_those_of_the_mixture() -> None:
    """Quantiles agree with a large weighted sample of the same mixture, mean lies between its parts."""
    counts = np.array([5.0, 8, 12, 15, 20, 22, 30, 33, 41, 50])
    result = estimate_with_uncertain_interval(counts, SHOWN, window_days=7, probabilities=PROBABILITIES)
    generator = np.random.default_rng(5)
    sample: list[float] = []
    while len(sample) < 40_000:
        mean, spread = generator.normal(2.6, 1), generator.normal(1.5, 0.5)
        if 1 < mean < 4.2 and 0.5 < spread < 2.5:
            single = estimate_reproduction_number(
                counts, discretised_gamma(mean, spread), window_days=7, probabilities=()
            )
            shape = (single.mean[-1] / single.standard_deviation[-1]) ** 2
            sample += list(generator.gamma(shape, single.mean[-1] / shape, 100))
    np.testing.assert_allclose(result.quantiles[-1], np.quantile(sample, PROBABILITIES), rtol=0.04)


def test_a_nearly_certain_interval_gives_the_certain_posterior() -> None:
    """As both deviations go to 0 the mixture is the posterior of the middle."""
    counts = np.arange(1.0, 21)
    narrow = UncertainInterval(TruncatedNormal(4, 1e-4, 3, 5), TruncatedNormal(2, 1e-4, 1, 3))
    result = estimate_with_uncertain_interval(counts, narrow)
    certain = estimate_reproduction_number(counts, discretised_gamma(4, 2))
    np.testing.assert_allclose(result.quantiles, certain.quantiles, rtol=1e-6)
    np.testing.assert_allclose(result.standard_deviation, certain.standard_deviation, rtol=1e-6)


def test_a_window_with_a_missing_day_stays_unestimated() -> None:
    """NaN goes through and disturbs no other window."""
    counts = np.full(20, 9.0)
    counts[15] = np.nan
    result = estimate_with_uncertain_interval(counts, SHOWN, window_days=3)
    assert np.isnan(result.quantiles[result.window_end == 16]).all()
    assert np.isfinite(result.quantiles[result.window_end == 14]).all()


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: TruncatedNormal(2, 0, 1, 3), "standard deviation must be positive and least below most"),
        (
            lambda: UncertainInterval(TruncatedNormal(2, 1, 0.5, 3), TruncatedNormal(2, 1, 1, 3)),
            "the mean must stay above 1 day .* .got least 0.5 and 1.; raise them",
        ),
    ],
)
def test_wrong_input_is_named_with_its_remedy(build: object, message: str) -> None:
    """An error states the rule, the value and what to do."""
    with pytest.raises(ValueError, match=message):
        build()  # type: ignore[operator]
