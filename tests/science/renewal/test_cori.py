"""The reproduction number equals the reference program and is silent where a day is missing."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from fangxian.science.renewal.cori import discretised_gamma, estimate_reproduction_number, infectivity
from shared_data import shared_path

PROBABILITIES = (0.025, 0.05, 0.25, 0.5, 0.75, 0.95, 0.975)


def _column(file: str, column: str) -> np.ndarray:
    with shared_path(f"expected/{file}").open() as lines:
        return np.array([float(row[column]) for row in csv.DictReader(lines)])


def _table(file: str) -> np.ndarray:
    with shared_path(f"expected/{file}").open() as lines:
        return np.array([[float(value) for value in row] for row in list(csv.reader(lines))[1:]])


@pytest.mark.parametrize(
    ("incidence", "interval", "expected"),
    [
        ("flu2009_incidence.csv", (2.6, 1.5), "epiestim_flu2009_parametric_si_2.6_1.5.csv"),
        ("flu2009_incidence.csv", None, "epiestim_flu2009_nonparametric_si.csv"),
        ("synth200_incidence.csv", (5.2, 2.8), "epiestim_synth200_parametric_5.2_2.8.csv"),
    ],
)
def test_every_window_equals_the_reference(
    incidence: str, interval: tuple[float, float] | None, expected: str
) -> None:
    """Mean, standard deviation and seven quantiles of each window agree to 1e-6."""
    weight = discretised_gamma(*interval) if interval else _column("flu2009_si_distr.csv", "w")
    result = estimate_reproduction_number(_column(incidence, "I"), weight, probabilities=PROBABILITIES)
    table = np.column_stack(
        [
            result.window_start + 1,
            result.window_end + 1,
            result.mean,
            result.standard_deviation,
            result.quantiles,
        ]
    )
    np.testing.assert_allclose(table, _table(expected), rtol=0, atol=1e-6)


def test_discretised_interval_equals_the_reference() -> None:
    """The shifted gamma in whole days agrees with the reference and sums to 1."""
    expected = _column("epiestim_discr_si_2.6_1.5.csv", "w")
    weight = discretised_gamma(2.6, 1.5)
    np.testing.assert_allclose(weight[: len(expected)], expected, atol=1e-12)
    assert weight.sum() == pytest.approx(1, abs=1e-9)
    assert weight @ np.arange(len(weight)) == pytest.approx(2.6, abs=1e-6)


def test_missing_day_is_not_a_day_without_cases() -> None:
    """Windows that hold a missing day, or whose infectivity rests on one, are not estimated."""
    series = np.full(60, 20.0)
    series[20] = np.nan
    result = estimate_reproduction_number(series, discretised_gamma(4.7, 2.9))
    ends = {int(end): mean for end, mean in zip(result.window_end, result.mean, strict=True)}
    assert not np.isnan(ends[19])
    assert all(np.isnan(ends[end]) for end in range(20, 27))
    assert np.isnan(ends[30]), "day 22 lacks more than 1 % of the serial interval"
    assert ends[55] == pytest.approx(1.0, abs=0.05)


def test_infectivity_equals_a_plain_loop() -> None:
    """The convolution is the sum of past cases by the probability of their interval."""
    series, weight = np.array([3.0, 0, 5, 2, 8, 1]), np.array([0, 0.2, 0.5, 0.3])
    plain = [
        sum(series[day - lag] * weight[lag] for lag in range(1, 4) if day - lag >= 0) for day in range(1, 6)
    ]
    np.testing.assert_allclose(infectivity(series, weight)[1:], plain)


@pytest.mark.parametrize(
    ("series", "weight", "message"),
    [
        ([1, -2, 3], [0, 1.0], "must not be negative .got -2 on day 1.; set a day that holds a downward"),
        ([1, 2, 3], [0.5, 0.5], "entry 0 equal to 0"),
        ([1, 2, 3], [0, 0.5], "must sum to 1 .got 0.500."),
        ([], [0, 1.0], "one number a day"),
    ],
)
def test_wrong_input_is_named_with_its_remedy(series: list[float], weight: list[float], message: str) -> None:
    """An error states the rule, the value and what to do."""
    with pytest.raises(ValueError, match=message):
        estimate_reproduction_number(series, weight)


def test_series_shorter_than_the_window_gives_no_window() -> None:
    """Three days cannot fill a week."""
    assert len(estimate_reproduction_number([1, 2, 3], [0, 1.0]).mean) == 0


def test_a_window_that_the_mean_interval_has_not_passed_is_not_estimated() -> None:
    """With a mean of 4.1 days windows that end on the 4th day or before are NaN, as in EpiEstim."""
    result = estimate_reproduction_number(np.full(12, 9.0), [0, 0, 0, 0.45, 0.0, 0.55], window_days=1)
    assert list(np.flatnonzero(np.isnan(result.mean))) == [0, 1, 2]
    assert np.isnan(result.quantiles[:3]).all()
