"""Levels, their growth, and artefacts of reporting."""

from __future__ import annotations

import numpy as np
import pytest

from fangxian.science.renewal.forecast.levels import (
    LOG_OFFSET,
    SATURATION,
    measure_levels,
    mend_artefacts,
)


def growing(days: int, weekly_growth: float, start: float = 100.0) -> np.ndarray:
    """Return one place that grows by the same factor every day."""
    return (start * np.exp(weekly_growth * np.arange(days) / 7))[:, None]


def test_weekly_sums_and_growth_equal_a_plain_loop() -> None:
    """Seven days up to each day, and their growth over a week; NaN before there are enough."""
    counts = np.random.default_rng(1).poisson(50, size=(40, 3)).astype(float)
    levels = measure_levels(counts, period=7)
    assert np.isnan(levels.weekly[:6]).all()
    for day in (6, 20, 39):
        assert np.allclose(levels.weekly[day], sum(counts[day - back] for back in range(7)))
    change = np.log(levels.weekly[39] + LOG_OFFSET) - np.log(levels.weekly[32] + LOG_OFFSET)
    assert np.allclose(levels.growth[39], SATURATION * np.tanh(change / SATURATION))


def test_growth_saturates() -> None:
    """Small growth is itself; a tenfold week counts as little more than a doubled one."""
    small = measure_levels(growing(40, 0.05, 1e5), period=7).growth[-1, 0]
    large = measure_levels(growing(40, 2.3, 1e3), period=7).growth[-1, 0]
    assert small == pytest.approx(0.05, rel=0.01)
    assert large < SATURATION


def test_a_missing_day_is_not_a_zero() -> None:
    """Up to three days of a week are filled by the mean of the others; a week without them is not known."""
    counts = np.full((30, 1), 70.0)
    counts[20:23] = np.nan
    assert measure_levels(counts, period=7).weekly[22, 0] == pytest.approx(490)
    counts[20:24] = np.nan
    levels = measure_levels(counts, period=7)
    assert np.isnan(levels.weekly[23, 0])
    assert np.isnan(levels.weekly[26, 0])
    assert levels.weekly[27, 0] == pytest.approx(490)


def test_a_delivery_of_old_cases_and_a_correction_are_mended() -> None:
    """One day at ten times its neighbours and one below zero leave no trace in the level."""
    counts = np.full((60, 1), 100.0)
    counts[30], counts[45] = 5000.0, -3000.0
    assert np.allclose(mend_artefacts(counts, 7), 100.0)


def test_weekly_reporting_is_no_artefact() -> None:
    """A place that reports on Mondays only has spikes each week, and they are true."""
    counts = np.zeros((60, 1))
    counts[::7] = 700.0
    assert np.array_equal(mend_artefacts(counts, 7), counts)


def test_the_last_week_is_taken_at_its_word() -> None:
    """Whether a steep rise goes on nobody knows yet."""
    counts = np.full((60, 1), 100.0)
    counts[-3:] = 900.0
    assert np.array_equal(mend_artefacts(counts, 7), counts)


def test_nothing_is_compared_across_a_new_definition() -> None:
    """Counts that halve overnight by definition do not shrink."""
    counts = np.full((60, 1), 100.0)
    counts[40:] = 50.0
    breaks = np.zeros(counts.shape, dtype=bool)
    breaks[40] = True
    levels = measure_levels(counts, period=7, breaks=breaks)
    assert np.isnan(levels.weekly[40:43]).all()
    assert levels.weekly[43:, 0] == pytest.approx(350)  # four days of seven tell a week
    assert np.isnan(levels.growth[40:50]).all()
    assert levels.growth[50, 0] == pytest.approx(0, abs=1e-12)
    assert measure_levels(counts, period=7).growth[46, 0] < -0.3  # without the event it would


def test_refuses_other_shapes_and_periods() -> None:
    """The rule, the value received and the remedy."""
    with pytest.raises(ValueError, match=r"\[time, place\].*fill missing days with NaN"):
        measure_levels(np.ones(5), period=7)
    with pytest.raises(ValueError, match="period 7 or 1"):
        measure_levels(np.ones((5, 1)), period=30)
