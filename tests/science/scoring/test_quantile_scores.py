"""Scores of quantile forecasts: worked by hand, and equal to the exact values of the reference outputs."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from fangxian.science.scoring import (
    HUB_LEVELS,
    bias,
    covered,
    interval_score,
    pinball_loss,
    weighted_interval_score,
)
from shared_data import shared_path

LEVELS = np.array([0.25, 0.5, 0.75])
FORECAST = np.array([10.0, 20.0, 40.0])


def test_worked_by_hand() -> None:
    """One interval of 50 % from 10 to 40 around a median of 20, and 50 came."""
    score = weighted_interval_score(FORECAST, LEVELS, 50.0)
    # a = 0.5; interval score 30 + 4 x 10 = 70; (|50 - 20| / 2 + 0.25 x 70) / 1.5
    assert score.total == pytest.approx((15 + 0.5 / 2 * 70) / 1.5)
    assert score.dispersion == pytest.approx(0.25 * 30 / 1.5)
    assert score.underprediction == pytest.approx((15 + 0.25 * 40) / 1.5)
    assert score.overprediction == 0


def test_interval_score_worked_by_hand() -> None:
    """Width 30, and 10 missed at 2/a = 4 each: Gneiting and Raftery 2007, equation 43."""
    assert interval_score(10.0, 40.0, 50.0, nominal_coverage=0.5) == pytest.approx(70)
    assert interval_score(10.0, 40.0, 20.0, nominal_coverage=0.5) == pytest.approx(30)


@pytest.mark.parametrize(
    ("name", "mean", "spread", "came"),
    [("WIS_23q_N(100,15)_y=130", 100, 15, 130), ("WIS_23q_N(0,1)_y=0", 0, 1, 0)],
)
def test_equals_the_exact_values(name: str, mean: float, spread: float, came: float) -> None:
    """The 23 quantiles of a normal distribution."""
    exact = json.loads(shared_path("expected/analytic.json").read_text())
    quantiles = norm.ppf(HUB_LEVELS, mean, spread)
    assert weighted_interval_score(quantiles, HUB_LEVELS, came).total == pytest.approx(exact[name], rel=1e-12)


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=23, max_size=23),
    st.floats(-1e6, 1e6),
)
def test_parts_add_up_and_equal_twice_the_mean_pinball_loss(values: list[float], came: float) -> None:
    """The two definitions of the score are one."""
    quantiles = np.sort(values)
    score = weighted_interval_score(quantiles, HUB_LEVELS, came)
    pinball = 2 * pinball_loss(quantiles, HUB_LEVELS, came).mean()
    assert score.total == pytest.approx(float(pinball), rel=1e-9, abs=1e-6)
    assert min(score.dispersion, score.overprediction, score.underprediction) >= 0


def test_a_missing_observation_has_no_score() -> None:
    """Absent is not zero: neither a good nor a bad forecast."""
    quantiles = np.stack([FORECAST, FORECAST])
    truth = np.array([np.nan, 20.0])
    for values in (
        *weighted_interval_score(quantiles, LEVELS, truth),
        bias(quantiles, LEVELS, truth),
        covered(quantiles, LEVELS, truth, nominal_coverage=0.5),
    ):
        assert np.isnan(values[0])
        assert not np.isnan(values[1])


def test_coverage_counts_the_ends() -> None:
    """An observation on an end lies inside."""
    truth = np.array([9.0, 10.0, 40.0, 41.0])
    inside = covered(np.tile(FORECAST, (4, 1)), LEVELS, truth, nominal_coverage=0.5)
    assert inside.tolist() == [0, 1, 1, 0]


def test_bias_worked_by_hand() -> None:
    """From wholly above to wholly below; on the median 0."""
    truth = np.array([5.0, 15.0, 20.0, 30.0, 45.0])
    assert bias(np.tile(FORECAST, (5, 1)), LEVELS, truth).tolist() == [1.0, 0.5, 0.0, -0.5, -1.0]
    # a forecast of 20 at the lower quartile too: still on the median, where neither side is favoured
    assert bias([20.0, 20.0, 40.0], LEVELS, 20.0) == 0


@pytest.mark.parametrize(
    ("quantiles", "levels", "message"),
    [
        ([1.0, 2.0], [25.0, 75.0], "between 0 and 1 .* divided by 100"),
        ([1.0, 2.0], [0.75, 0.25], "rise without repeats"),
        ([2.0, 1.0], [0.25, 0.75], "must not fall"),
        ([1.0, 2.0], [0.25, 0.5], "symmetric around 0.5"),
        ([1.0, 2.0, 3.0], [0.25, 0.75], "levels on the last axis"),
    ],
)
def test_refuses_what_is_no_forecast(quantiles: list[float], levels: list[float], message: str) -> None:
    """The rule, the value received and the remedy."""
    with pytest.raises(ValueError, match=message):
        weighted_interval_score(quantiles, levels, 1.0)


def test_refuses_intervals_that_were_not_forecast() -> None:
    """Quartiles say nothing about 95 %, and without a median there is no bias."""
    with pytest.raises(ValueError, match=r"needs the levels 0\.025 and 0\.975"):
        covered(FORECAST, LEVELS, 20.0, nominal_coverage=0.95)
    with pytest.raises(ValueError, match="bias needs the median"):
        bias(FORECAST[::2], LEVELS[::2], 20.0)
    with pytest.raises(ValueError, match=r"95 % is 0\.95"):
        interval_score(1.0, 2.0, 1.0, nominal_coverage=95)
    with pytest.raises(ValueError, match="upper end lies below"):
        interval_score(2.0, 1.0, 1.0, nominal_coverage=0.5)
