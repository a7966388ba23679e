"""The case reproduction number equals the reference program; its spread equals a plain simulation."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from fangxian.science.renewal.cori import discretised_gamma
from fangxian.science.renewal.wallinga_teunis import estimate_case_reproduction_number
from shared_data import shared_path


def _rows(file: str) -> list[dict[str, str]]:
    with shared_path(f"expected/{file}").open() as lines:
        return list(csv.DictReader(lines))


def test_every_window_equals_the_reference() -> None:
    """The mean of each window agrees to 1e-6."""
    counts = [float(row["I"]) for row in _rows("flu2009_incidence.csv")]
    expected = _rows("epiestim_flu2009_wallinga_teunis_2.6_1.5.csv")
    result = estimate_case_reproduction_number(counts, discretised_gamma(2.6, 1.5))
    assert list(result.window_end + 1) == [int(row["t_end"]) for row in expected]
    np.testing.assert_allclose(result.mean, [float(row["Mean(R)"]) for row in expected], atol=1e-6)


def test_infections_add_up_to_those_infected() -> None:
    """Every case with a possible infector has one: numbers infected sum to the cases after the first."""
    counts = np.array([4.0, 3, 7, 9, 12, 8, 5, 6, 3, 2])
    result = estimate_case_reproduction_number(counts, [0, 0.5, 0.3, 0.2], window_days=1)
    on_day_0 = counts[1] + counts[2] * 0.3 * 4 / (0.3 * 4 + 0.5 * 3)
    on_day_0 += counts[3] * 0.2 * 4 / (0.2 * 4 + 0.3 * 3 + 0.5 * 7)
    assert result.mean @ result.cases + on_day_0 == pytest.approx(counts[1:].sum())


def test_spread_equals_a_simulation_of_who_infected_whom() -> None:
    """Exact standard deviation and quantiles agree with 20 000 drawn trees."""
    counts, weight = np.array([5, 3, 8, 6, 9]), np.array([0, 0.6, 0.4])
    result = estimate_case_reproduction_number(counts, weight, window_days=1, probabilities=(0.1, 0.9))
    generator = np.random.default_rng(7)
    drawn = np.zeros(20_000)
    for day in (3, 4):
        pressure = counts[day - 1] * 0.6 + counts[day - 2] * 0.4
        drawn += generator.binomial(counts[day], counts[2] * weight[day - 2] / pressure, 20_000)
    drawn /= counts[2]
    assert result.mean[1] == pytest.approx(drawn.mean(), abs=0.01)
    assert result.standard_deviation[1] == pytest.approx(drawn.std(), rel=0.03)
    np.testing.assert_allclose(result.quantiles[1], np.quantile(drawn, [0.1, 0.9]), atol=1 / counts[2])


def test_large_counts_keep_their_quantiles() -> None:
    """The moments used for large counts agree with the convolution used for small ones."""
    weight, shape = np.array([0, 0.5, 0.5]), np.array([20.0, 30, 25, 40, 35, 30])
    small = estimate_case_reproduction_number(10 * shape, weight, window_days=3)
    large = estimate_case_reproduction_number(1e7 * shape, weight, window_days=3)
    spread = (small.quantiles - small.mean[:, None]) / small.standard_deviation[:, None]
    spread_large = (large.quantiles - large.mean[:, None]) / large.standard_deviation[:, None]
    np.testing.assert_allclose(spread, spread_large, atol=0.1)


def test_last_days_are_said_to_be_incomplete() -> None:
    """Of the last day's infectees nobody has been seen; of an early day's all."""
    result = estimate_case_reproduction_number(np.full(12, 50.0), [0, 0.5, 0.5], window_days=1)
    assert result.completed[-1] == 0
    assert result.mean[-1] == 0
    assert result.completed[-2] == pytest.approx(0.5)
    assert result.completed[0] == pytest.approx(1)


def test_a_missing_day_silences_those_who_may_have_infected_on_it() -> None:
    """Windows whose infectees may have fallen ill on a missing day are not estimated; later ones are."""
    counts = np.full(14, 20.0)
    counts[6] = np.nan
    result = estimate_case_reproduction_number(counts, [0, 0.5, 0.5], window_days=1)
    blind = {int(end) for end, mean in zip(result.window_end, result.mean, strict=True) if np.isnan(mean)}
    assert blind == {4, 5, 6, 7}  # of those of day 8 nobody knows whether day 6 or day 7 infected them
    inside = ~np.isnan(result.mean) & (result.window_end > 2) & (result.window_end < 12)
    np.testing.assert_allclose(result.mean[inside], 1.0)


def test_wrong_window_is_named_with_its_remedy() -> None:
    """An error states the rule, the value and what to do."""
    with pytest.raises(ValueError, match="window_days must be at least 1"):
        estimate_case_reproduction_number([1, 2], [0, 1.0], window_days=0)
