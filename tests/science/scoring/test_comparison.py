"""Diebold-Mariano and pairwise comparison, by hand and on the European hub."""

from __future__ import annotations

import numpy as np
import pytest

from fangxian.science.scoring import diebold_mariano, relative_skill


def test_one_step_ahead_is_the_paired_t_test() -> None:
    """Without overlap the statistic is Student's, with the variance over n."""
    first, second = np.array([3.0, 5.0, 4.0, 6.0]), np.array([2.0, 5.0, 2.0, 3.0])
    # differences 1, 0, 2, 3: mean 1.5, variance 1.25; shrunk by sqrt((4 + 1 - 2) / 4)
    test = diebold_mariano(first, second)
    assert test.mean_difference == 1.5
    assert test.statistic == pytest.approx(np.sqrt(3 / 4) * 1.5 / np.sqrt(1.25 / 4))
    assert test.number == 4
    # Student's t of 3 degrees of freedom in closed form; t / sqrt(3) is sqrt(1.8)
    root = np.sqrt(1.8)
    assert test.p_value == pytest.approx(1 - 2 / np.pi * (root / 2.8 + np.arctan(root)))


def test_overlapping_horizons_are_worked_by_hand() -> None:
    """Two steps ahead the first autocovariance enters twice, or once if tapered."""
    difference = np.array([1.0, 1.0, -1.0, -1.0, 1.0, 2.0, 0.0, 1.0])
    centred = difference - difference.mean()
    zero, one = centred @ centred / 8, centred[1:] @ centred[:-1] / 8
    shrink = np.sqrt((8 + 1 - 4 + 2 / 8) / 8)
    test = diebold_mariano(difference, np.zeros(8), horizon=2)
    assert test.statistic == pytest.approx(shrink * difference.mean() / np.sqrt((zero + 2 * one) / 8))
    tapered = diebold_mariano(difference, np.zeros(8), horizon=2, variance="bartlett")
    assert tapered.statistic == pytest.approx(shrink * difference.mean() / np.sqrt((zero + one) / 8))


def test_false_alarms_stay_at_their_level_where_errors_overlap() -> None:
    """Equal models whose differences of loss are a moving average, 600 times."""
    rng = np.random.default_rng(11)
    shocks = rng.normal(size=(600, 123))
    overlapping = shocks[:, 3:] + shocks[:, 2:-1] + shocks[:, 1:-2] + shocks[:, :-3]
    called = [
        diebold_mariano(d, np.zeros(120), horizon=4, variance="bartlett").p_value < 0.05 for d in overlapping
    ]
    naive = [diebold_mariano(d, np.zeros(120)).p_value < 0.05 for d in overlapping]
    assert np.mean(called) < 0.15
    assert np.mean(naive) > 0.25  # and without the autocorrelation every third would be


def test_relative_skill_worked_by_hand() -> None:
    """Three models; the third forecast only the second task."""
    scores = [[1.0, 2.0, np.nan], [3.0, 2.0, 4.0]]
    skill = relative_skill(scores, baseline=1)
    # ratios of the first: to itself 1, to the second 4/4, to the third 3/4
    assert skill.ratio[0].tolist() == [1.0, 1.0, 0.75]
    assert skill.ratio[2].tolist() == [4 / 3, 2.0, 1.0]
    assert skill.skill[0] == pytest.approx(0.75 ** (1 / 3))
    assert skill.skill[2] == pytest.approx((4 / 3 * 2) ** (1 / 3))
    assert skill.scaled[1] == 1
    assert skill.scaled[0] == pytest.approx(0.75 ** (1 / 3) / (4 / 4 * 0.5) ** (1 / 3))


def test_models_without_a_common_task_are_not_compared() -> None:
    """Absent is not zero."""
    skill = relative_skill([[1.0, np.nan], [np.nan, 5.0]])
    assert np.isnan(skill.ratio[0, 1])
    assert skill.skill.tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    ("first", "second", "horizon", "message"),
    [
        ([1.0, 2.0], [1.0], 1, "same forecasts"),
        ([1.0, 2.0, 3.0], [1.0, 1.0, 1.0], 2, "more than 4 forecasts"),
        ([1.0, 2.0, 3.0], [0.0, 1.0, 2.0], 1, "never differ"),
        ([1.0, -1.0, 1.0, -1.0, 1.0, -1.0], [0.0] * 6, 2, "variance='bartlett'"),
    ],
)
def test_refuses_what_cannot_be_tested(
    first: list[float], second: list[float], horizon: int, message: str
) -> None:
    """The rule, the value received and the remedy."""
    with pytest.raises(ValueError, match=message):
        diebold_mariano(first, second, horizon=horizon)


def test_refuses_a_baseline_that_is_no_model() -> None:
    """Its column is asked for."""
    with pytest.raises(ValueError, match="baseline one of the models"):
        relative_skill([[1.0, 2.0]], baseline=2)
