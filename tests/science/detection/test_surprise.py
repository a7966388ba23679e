"""Our own detector: its stated false-alarm rate holds, and what it takes for normal."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from fangxian.science.detection.false_discovery import adjusted_probabilities
from fangxian.science.detection.place_tree import lowest_alarms, sum_up
from fangxian.science.detection.reference_points import TimeAxis
from fangxian.science.detection.surprise import SurpriseOptions, detect_surprises


def quiet_counts(steps: int, places: int, seed: int) -> NDArray[np.float64]:
    """Seasonal negative binomial counts of many levels and dispersions, without outbreak."""
    rng = np.random.default_rng(seed)
    year = np.arange(steps)[:, None] / 52
    level = np.exp(rng.normal(1, 1.2, places) + rng.uniform(0, 0.8, places) * np.sin(6.28 * year))
    excess = rng.gamma(1, 1, places) + 0.01
    return rng.negative_binomial(level / excess, 1 / (1 + excess) * np.ones_like(level)).astype(float)


@pytest.mark.parametrize("steps", [12, 60, 160])
def test_chances_are_no_smaller_than_stated(steps: int) -> None:
    """On series without outbreak a chance of at most p comes in at most about p of the tests."""
    counts = quiet_counts(steps, 4000, seed=steps)
    found = detect_surprises(counts, TimeAxis(steps, 52), steps=[steps - 1])
    for level in (0.05, 0.01, 0.001):
        expected = level * found.probability.size
        assert (found.probability <= level).sum() <= expected + 3 * np.sqrt(expected)
    assert not found.alarm.any()  # which has a chance of 95 % for each seed


def test_an_outbreak_is_found_among_many_quiet_series() -> None:
    """One tripled place among 400 is an alarm, and its neighbours are not."""
    counts = quiet_counts(160, 400, seed=9)
    counts[:, 7] = np.random.default_rng(1).poisson(20, 160)
    counts[-1, 7] = 60
    found = detect_surprises(counts, TimeAxis(160, 52), steps=[159])
    assert np.flatnonzero(found.alarm[0]).tolist() == [7]
    assert found.upper[0, 7] < 60
    assert found.expected[0, 7] == pytest.approx(20, rel=0.15)


def test_a_series_does_not_depend_on_its_place_in_the_panel() -> None:
    """Its expectation is its own, whatever stands beside it."""
    counts = quiet_counts(100, 5, seed=2)
    together = detect_surprises(counts, TimeAxis(100, 52), steps=[99])
    alone = detect_surprises(counts[:, 3], TimeAxis(100, 52), steps=[99])
    assert alone.expected[0] == pytest.approx(together.expected[0, 3])


def test_a_slow_rise_is_added_up() -> None:
    """Four weeks, each too little alone, are together an alarm."""
    counts = np.random.default_rng(4).poisson(10, 150).astype(float)
    counts[-4:] = 19
    found = detect_surprises(counts, TimeAxis(150, 52), steps=[149])
    assert found.window[0] == 4
    assert found.alarm[0]


def test_counts_still_to_come_are_no_deficit() -> None:
    """With half of the reports in, half the usual count is normal and the usual count an alarm."""
    counts = np.random.default_rng(5).poisson(40, 120).astype(float)
    part = np.ones(120)
    part[-1] = 0.5
    axis = TimeAxis(120, 52)
    counts[-1] = 42
    plain = detect_surprises(counts, axis, steps=[119])
    known = detect_surprises(counts, axis, steps=[119], completeness=part)
    assert not plain.alarm[0]
    assert known.alarm[0]
    assert known.expected[0] == pytest.approx(plain.expected[0] / 2, rel=0.02)


def test_a_change_of_definition_is_no_outbreak() -> None:
    """Counts that tripled because cases are counted differently alarm only without the event."""
    counts = np.random.default_rng(6).poisson(20, 120).astype(float)
    counts[100:] *= 3
    axis = TimeAxis(120, 52)
    steps = [110, 119]
    assert detect_surprises(counts, axis, steps=steps).alarm.any()
    told = detect_surprises(counts, axis, steps=steps, definition_changes=[100])
    assert not told.alarm.any()


@pytest.mark.parametrize(
    "series",
    [
        np.zeros(80),
        np.eye(1, 80, 79)[0],
        np.r_[np.zeros(70), 500.0, np.zeros(9)],
        np.full(80, 1e8),
        np.full(80, 2.5),
        np.r_[np.ones(30), np.full(5, np.nan), np.ones(45)],
    ],
)
def test_odd_series_have_finite_answers(series: NDArray[np.float64]) -> None:
    """Zeros, one case, one spike, 10^8, fractions and a missing month: every decided figure is a number."""
    found = detect_surprises(series, TimeAxis(80, 52))
    decided = ~np.isnan(series[found.step])
    for figure in (found.expected, found.upper, found.probability, found.false_discovery_rate):
        assert np.isfinite(figure[decided]).all()
    assert np.isnan(found.probability[~decided]).all()
    assert not found.alarm[found.step < 70].any()


def test_adjusted_probabilities_by_hand() -> None:
    """Benjamini and Hochberg on four tests, one of them not made."""
    given = [0.01, np.nan, 0.04, 0.03, 0.9]
    found = adjusted_probabilities(given)
    np.testing.assert_allclose(found[[0, 2, 3, 4]], [0.04, 0.16 / 3, 0.16 / 3, 0.9])
    assert np.isnan(found[1])
    worse = adjusted_probabilities(given, any_dependence=True)
    assert worse[0] == pytest.approx(0.04 * (1 + 1 / 2 + 1 / 3 + 1 / 4))


def test_tree_sums_and_the_lowest_alarm() -> None:
    """A parent is the sum of its children, unknown if one is; an alarm below explains the one above."""
    parents = [-1, 0, 0, 1, 1]
    counts = np.array([[0.0, 0, 5, 1, 2], [0, 0, 5, np.nan, 2]])
    total = sum_up(counts, parents)
    assert total[0].tolist() == [8, 3, 5, 1, 2]
    assert np.isnan(total[1, [0, 1]]).all()
    alarm = np.array([True, True, True, False, True])
    assert lowest_alarms(alarm, parents).tolist() == [False, False, True, False, True]
    with pytest.raises(ValueError, match="mend its parents"):
        sum_up(counts, [1, 0, 0, 1, 1])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: detect_surprises(-np.ones(9), TimeAxis(9, 52)), "counts must not be negative"),
        (lambda: detect_surprises(np.ones(9), TimeAxis(9, 52), completeness=0.0), "completeness must lie"),
        (lambda: SurpriseOptions(false_discovery_rate=0), "0.05 is usual"),
        (lambda: SurpriseOptions(window_shares=(1.0,)), "a share and sum to 1"),
        (lambda: adjusted_probabilities([2.0]), "between 0 and 1"),
    ],
)
def test_wrong_settings_are_named(make: object, message: str) -> None:
    """An error states the rule and the value."""
    with pytest.raises(ValueError, match=message):
        make()  # type: ignore[operator]
