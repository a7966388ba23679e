"""The ensemble: sees only the past, weighs by past scores, keeps its promises, survives bad input."""

from __future__ import annotations

import numpy as np
import pytest

from fangxian.science.renewal.forecast import Forecast, Forecaster
from fangxian.science.renewal.forecast.ensemble import _interpolated, weekday_shares
from fangxian.science.renewal.forecast.weighing import (
    DOUBT,
    PREFERENCE,
    USUAL_SCORE,
    PastRounds,
    _scores,
    weigh_members,
)
from fangxian.science.scoring import HUB_LEVELS, covered, weighted_interval_score

WEEKS = (7, 14, 21, 28)


def waves(days: int, places: int, seed: int = 1) -> np.ndarray:
    """Return daily counts in waves of some months, with a weekday pattern."""
    rng = np.random.default_rng(seed)
    day, phase = np.arange(days)[:, None], rng.uniform(0, 2 * np.pi, places)
    wander = np.cumsum(rng.normal(0, 0.03, (days, places)), axis=0)
    level = 5.5 + np.sin(2 * np.pi * day / rng.uniform(90, 150, places) + phase) + 0.5 * np.tanh(wander)
    week = np.array([1.2, 1.1, 1.1, 1.0, 1.0, 0.9, 0.7])[np.arange(days) % 7, None]
    return rng.poisson(week * np.exp(level)).astype(float)


def sound(forecast: Forecast) -> np.ndarray:
    """Return the quantiles after checking that they are quantiles of counts."""
    quantiles = forecast.quantiles
    assert np.isfinite(quantiles).all()
    assert (quantiles >= 0).all()
    assert (np.diff(quantiles, axis=-1) >= 0).all()
    assert forecast.weights.sum() == pytest.approx(1)
    return quantiles


def test_the_future_does_not_matter() -> None:
    """The same rows give the same bits, whatever comes later, in the series and in its lead."""
    counts, lead, weeks = waves(150, 3), waves(150, 3, seed=2), (7, 14)
    now = Forecaster(counts[:100], period=7, leads=[lead[:100]]).forecast(100, weeks)
    other = counts.copy()
    other[100:] *= 50
    shared = Forecaster(other, period=7, leads=[np.vstack([lead[:100], lead[:50] * 9])])
    shared.forecast(149, weeks)  # what one date has made must not leak into another
    shared.forecast(93, weeks)
    assert np.array_equal(now.quantiles, shared.forecast(100, weeks).quantiles)


def test_a_place_that_appears_later_does_not_matter() -> None:
    """A column that is still empty changes nothing."""
    counts = waves(100, 2)
    alone = Forecaster(counts, period=7).forecast(100, WEEKS)
    wider = Forecaster(np.hstack([counts, np.full((100, 1), np.nan)]), period=7).forecast(100, WEEKS)
    assert np.array_equal(alone.quantiles, wider.quantiles[:, :2])
    assert np.isnan(wider.quantiles[:, 2]).all()


def test_weights_follow_the_scores_of_the_past() -> None:
    """Deaths that copy cases two weeks later: the members that read cases get most of the weight."""
    cases = waves(200, 4)
    deaths = np.vstack([np.full((14, 4), np.nan), np.round(0.05 * cases[:-14])])
    forecast = Forecaster(deaths, period=7, leads=[cases]).forecast(200, WEEKS)
    led = sum(w for name, w in zip(forecast.members, forecast.weights, strict=True) if name.startswith("led"))
    assert led > 0.6


def test_weights_of_a_place_worked_by_hand() -> None:
    """Half as wrong in one place and worse in the other: 0.8 in all counts as ten rounds, 0.9 as fifteen."""
    errors = np.array([[10.0, 10.0], [11.0, 5.0]])  # of persistence and another, in two places
    said = np.repeat((100 + errors)[:, None, :, None], len(HUB_LEVELS), axis=-1)
    past = PastRounds([np.full((1, 2), 100.0)] * 10, np.zeros(10), np.ones((1, 2)), np.array(HUB_LEVELS))
    weights = weigh_members(("persistence", "trend"), [said] * 10, past)
    for place, own in enumerate((1.1, 0.5)):
        seen = (10 * own + 10 * 0.8) / 20
        ratio = (20 * seen + DOUBT * USUAL_SCORE) / (20 + DOUBT)
        assert weights[1, 0, place] == pytest.approx(1 / (1 + ratio**PREFERENCE))


def test_intervals_hold_what_they_promise() -> None:
    """On simulated waves the intervals of 50 and 95 % cover within ten points, all horizons pooled."""
    counts = waves(560, 6, seed=5)
    forecaster = Forecaster(counts, period=7)
    weekly = np.cumsum(np.vstack([np.zeros((1, 6)), counts]), axis=0)
    inside = {0.5: [], 0.95: []}
    for rows in range(300, 530, 21):
        quantiles = sound(forecaster.forecast(rows, WEEKS))
        came = np.stack([weekly[rows + step] - weekly[rows + step - 7] for step in WEEKS])
        for nominal, hits in inside.items():
            hits.append(covered(quantiles, HUB_LEVELS, came, nominal_coverage=nominal).mean())
    assert np.mean(inside[0.5]) == pytest.approx(0.5, abs=0.1)
    assert np.mean(inside[0.95]) == pytest.approx(0.95, abs=0.1)


def test_single_days_follow_the_week() -> None:
    """A weekday that reports 0.7 of the mean day is forecast at about that; seven days are a week."""
    counts = waves(200, 2)
    days = sound(Forecaster(counts, period=7, of_days=True).forecast(200, tuple(range(1, 29))))
    median = days[:, :, 11]
    shape = median[:7] / median[:7].mean(axis=0)
    expected = np.array([1.2, 1.1, 1.1, 1.0, 1.0, 0.9, 0.7])[(200 + np.arange(7)) % 7, None]
    assert np.allclose(shape, expected, atol=0.12)
    week = Forecaster(counts, period=7).forecast(200, (7,)).quantiles[0, :, 11]
    assert np.allclose(median[:7].sum(axis=0), week, rtol=0.15)


def test_weekday_shares_worked_by_hand() -> None:
    """Sundays report nothing, other days 700 / 6: their share is 7/6, but for ten cases assumed."""
    counts = np.tile([0.0, *[700 / 6] * 6], 12)[:, None]
    weekly = np.full((84, 1), 700.0)
    share = weekday_shares(counts, weekly)
    assert share.shape == (91, 1)
    assert share[84, 0] == pytest.approx(10 / (10 + 8 * 100))
    assert share[85, 0] == pytest.approx((10 + 8 * 700 / 6) / (10 + 8 * 100))


@pytest.mark.parametrize("period", [1, 7])
def test_all_zeros(period: int) -> None:
    """Nothing is expected, and a few cases are not excluded."""
    quantiles = sound(Forecaster(np.zeros((120, 1)), period=period).forecast(120, (1, 2, 3, 4)))
    assert quantiles[..., 11].max() < 1
    weeks = 120 if period == 1 else (120 - 6) / 7  # of 2.4 % after twenty weeks
    allowed = 1 - np.array(HUB_LEVELS) < 1 - (weeks / (weeks + 1)) ** 0.5
    assert (quantiles[..., allowed] >= 1).all()
    assert quantiles[..., ~allowed].max() < 1
    assert quantiles.max() < 50


def test_the_same_count_every_day() -> None:
    """Nothing has ever moved: the count is expected, and an interval around it."""
    for counts in (np.full((150, 1), 100.0), np.full((150, 2), [100.0, 3.0])):
        quantiles = sound(Forecaster(counts, period=7).forecast(150, WEEKS))
        assert quantiles[:, 0, 11] == pytest.approx(700, rel=0.01)
        assert (quantiles[:, 0, -1] > 705).all()
        assert (np.diff(quantiles[:, 0, -1]) > 0).all()


def test_no_forecast_is_beyond_what_can_be() -> None:
    """A place that has only exploded, as far as it knows, is not forecast to cover the earth."""
    weekly = np.array([0, 0, 0, 0, 1, 0, 0, 2, 0, 0, 150, 6000, 300, 20, 2, 0, 0, 0, 90, 200.0])[:, None]
    daily = np.repeat(weekly, 7, axis=0) / 7
    for counts, period in ((weekly, 1), (daily, 7)):
        quantiles = sound(Forecaster(counts, period=period).forecast(len(counts), [4 * period]))
        assert quantiles.max() < 201 * np.exp(np.log(4) * 2.54) * 1.5


def test_one_spike() -> None:
    """A day of 500 in a year of nothing is past: neither a trend nor a new level."""
    counts = np.zeros((365, 1))
    counts[200] = 500
    quantiles = sound(Forecaster(counts, period=7).forecast(365, WEEKS))
    assert quantiles[..., 11].max() < 5


def test_one_observation() -> None:
    """One week of 40 gives a median near it and an interval from a third to three times."""
    quantiles = sound(Forecaster([[40.0]], period=1).forecast(1, (1, 2, 3, 4)))
    assert quantiles[0, 0, 11] == pytest.approx(40, rel=0.2)
    assert quantiles[0, 0, 1] < 27
    assert quantiles[0, 0, -2] > 60
    assert np.all(np.diff(quantiles[:, 0, -2]) > 0)  # further ahead is less sure


def test_one_day_is_no_week() -> None:
    """From one day a week cannot be known: no forecast rather than a wrong one."""
    assert np.isnan(Forecaster([[40.0]], period=7).forecast(1, (7,)).quantiles).all()


def test_a_level_shift_given_as_an_event() -> None:
    """Counts that fall to a third by definition: with the event, the forecast stays at the new level."""
    counts = np.random.default_rng(3).poisson(300, (200, 3)).astype(float)
    counts[180:] /= 3
    breaks = np.zeros(counts.shape, dtype=bool)
    breaks[180] = True
    told = sound(Forecaster(counts, period=7, breaks=breaks).forecast(193, WEEKS))
    untold = sound(Forecaster(counts, period=7).forecast(193, WEEKS))
    last_week = counts[186:193].sum(axis=0)
    assert np.allclose(told[1, :, 11], last_week, rtol=0.1)
    assert (untold[1, :, 11] < 0.97 * told[1, :, 11]).all()


def test_days_after_a_level_shift_are_forecast_by_the_new_definition_or_not_at_all() -> None:
    """Tripled by definition: nothing is said three days later, the new level after six, as sure as before."""
    counts = np.random.default_rng(4).poisson(100, (200, 2)).astype(float)
    breaks = np.zeros(counts.shape, dtype=bool)
    breaks[150] = True
    shifted = counts.copy()
    shifted[150:] *= 3
    told, plain = Forecaster(shifted, period=7, breaks=breaks), Forecaster(counts, period=7)
    assert np.isnan(told.forecast(153, WEEKS).quantiles).all()
    six, never = sound(told.forecast(156, WEEKS)), sound(plain.forecast(156, WEEKS))
    assert np.allclose(six[..., 11], 2100, rtol=0.1)
    later, usual = sound(told.forecast(193, WEEKS)), sound(plain.forecast(193, WEEKS))
    for one, other in ((six, never), (later, usual)):  # the jump is not among the errors that were made
        width = [np.log(quantiles[..., -2] / quantiles[..., 1]).mean() for quantiles in (one, other)]
        assert width[0] < 1.5 * width[1]


def test_negative_corrections() -> None:
    """A correction of minus ten thousand shifts the forecast by little."""
    counts = waves(200, 2)
    corrected = counts.copy()
    corrected[190] = -10_000
    with_it = sound(Forecaster(corrected, period=7).forecast(200, WEEKS))
    assert np.allclose(
        with_it[0, :, 11], Forecaster(counts, period=7).forecast(200, WEEKS).quantiles[0, :, 11], rtol=0.1
    )


def test_a_month_missing() -> None:
    """Four weeks of silence: the forecast goes on from the last known week, and is less sure."""
    counts = waves(200, 2)
    silent = counts.copy()
    silent[172:] = np.nan
    known = sound(Forecaster(counts, period=7).forecast(172, (7,)))
    late = sound(Forecaster(silent, period=7).forecast(200, (7,)))
    widths = [np.log(q[0, :, -2] / q[0, :, 1]).mean() for q in (known, late)]
    assert widths[1] > 1.3 * widths[0]
    earlier = counts.copy()
    earlier[100:130] = np.nan  # a hole further back is passed over
    sound(Forecaster(earlier, period=7).forecast(200, WEEKS))


def test_silence_for_longer_ends_the_forecast() -> None:
    """After eight weeks without a report a place is not forecast, the others are."""
    counts = waves(200, 2)
    counts[140:, 0] = np.nan
    quantiles = Forecaster(counts, period=7).forecast(200, WEEKS).quantiles
    assert np.isnan(quantiles[:, 0]).all()
    assert np.isfinite(quantiles[:, 1]).all()


def test_counts_of_a_hundred_million_and_parts_of_one() -> None:
    """Any unit: the forecast of counts times a million is nearly the forecast times a million."""
    counts = waves(200, 2)
    plain = sound(Forecaster(counts, period=7).forecast(200, WEEKS))
    large = sound(Forecaster(counts * 1e6, period=7).forecast(200, WEEKS))
    assert np.allclose(large[..., 11] / 1e6, plain[..., 11], rtol=0.1)
    sound(Forecaster(counts / 700, period=7).forecast(200, WEEKS))


def test_steps_between_knots_are_on_the_line_whether_places_share_them_or_not() -> None:
    """Each place as `numpy.interp` has it: places that look equally far ahead, and places that do not."""
    knots = np.array([7, 14, 28])
    steps = np.array([[7, 7, 7], [9, 7, 14], [21, 28, 10], [20, 20, 20]])
    paths = np.random.default_rng(4).normal(size=(2, 3, 3, 5))
    found = _interpolated(paths, knots, steps)
    for member, horizon, place, level in np.ndindex(found.shape):
        line = np.interp(steps[horizon, place], knots, paths[member, :, place, level])
        assert found[member, horizon, place, level] == pytest.approx(line, abs=1e-12)


def test_members_are_scored_as_forecasts_are() -> None:
    """The quick score within the ensemble is the weighted interval score; what has not come has none."""
    rng = np.random.default_rng(5)
    quantiles, came = np.sort(rng.gamma(2, 50, (3, 2, 4, 23)), axis=-1), rng.gamma(2, 50, (2, 4))
    came[1, 2] = np.nan
    wanted = weighted_interval_score(quantiles, HUB_LEVELS, np.broadcast_to(came, (3, 2, 4))).total
    np.testing.assert_allclose(_scores(quantiles, np.array(HUB_LEVELS), came), wanted, rtol=1e-12)


def test_refusals() -> None:
    """The rule, the value received and the remedy."""
    counts = waves(60, 2)
    with pytest.raises(ValueError, match="leads must have the rows and places"):
        Forecaster(counts, period=7, leads=[counts[:, :1]])
    with pytest.raises(ValueError, match="single days cannot be forecast from weekly rows"):
        Forecaster(counts, period=1, of_days=True)
    with pytest.raises(ValueError, match="move the date of the forecast"):
        Forecaster(counts, period=7).forecast(0, WEEKS)
    with pytest.raises(ValueError, match="horizons of at least 1 row"):
        Forecaster(counts, period=7).forecast(60, (0,))
