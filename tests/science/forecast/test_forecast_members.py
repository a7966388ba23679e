"""Members: what each proposes, and what the pooled regression makes of it."""

from __future__ import annotations

import numpy as np
import pytest

from fangxian.science.renewal.forecast.levels import SATURATION, Levels, measure_levels
from fangxian.science.renewal.forecast.members import Member, generation_kernel, growth_to_come, members_of
from fangxian.science.renewal.forecast.pooled import expected_size, fit_member, past_of
from fangxian.science.scoring import HUB_LEVELS

LEVELS = np.array(HUB_LEVELS)


def waves(days: int, places: int, seed: int = 1) -> np.ndarray:
    """Return daily counts whose weekly growth is an autoregression around 0."""
    rng = np.random.default_rng(seed)
    growth = np.zeros((days, places))
    for day in range(1, days):
        growth[day] = 0.97 * growth[day - 1] + rng.normal(0, 0.006, places)
    return rng.poisson(np.exp(6 + np.cumsum(growth, axis=0))).astype(float)


def named(levels: Levels, name: str, leads: list[Levels] | None = None) -> Member:
    """Return the member of a name."""
    return next(member for member in members_of(levels, leads or []) if member.name == name)


def test_which_members_a_series_can_feed() -> None:
    """Momentum needs days, seasonality more than two years, leads another series."""
    short, long = measure_levels(waves(600, 2), period=7), measure_levels(waves(800, 2), period=7)
    weekly = measure_levels(waves(100, 2), period=1)
    assert [m.name for m in members_of(short, [])] == ["persistence", "trend", "momentum", "renewal"]
    assert "seasonal" in [m.name for m in members_of(long, [])]
    assert "momentum" not in [m.name for m in members_of(weekly, [])]
    assert "led trend" in [m.name for m in members_of(short, [short])]


def test_the_renewal_path_equals_a_plain_loop() -> None:
    """Each day is R times the past weighted by the generation interval; log R fades by 0.7 a week."""
    levels = measure_levels(waves(80, 1), period=7)
    member = named(levels, "renewal")
    kernel = generation_kernel((5.0, 3.0), 7)
    smooth = list(np.exp(levels.level[6:, 0]))
    pressure = sum(w * smooth[-1 - lag] for lag, w in enumerate(kernel, start=1))
    limit = SATURATION * float(kernel @ np.arange(1, len(kernel) + 1)) / 7
    log_r = limit * np.tanh(np.log(smooth[-1] / pressure) / limit)
    for step in range(1, 15):
        pressure = sum(w * smooth[-lag] for lag, w in enumerate(kernel, start=1))
        smooth.append(np.exp(log_r * 0.7 ** (step / 7)) * pressure)
    assert member.features(14)[-1, 0, 0] == pytest.approx(np.log(smooth[-1]) - levels.level[-1, 0], rel=1e-9)


def test_last_years_change_is_the_seasonal_feature() -> None:
    """A yearly wave: what it did in these four weeks a year ago; one year is half believed."""
    days = np.arange(900)
    counts = (500 * np.exp(1.0 * np.sin(2 * np.pi * days / 364)))[:, None]
    levels = measure_levels(counts, period=7)
    feature = named(levels, "seasonal").features(28)[:-28, 0, 0]
    came = levels.level[28:, 0] - levels.level[:-28, 0]
    assert np.allclose(2 * feature[500:700], came[500:700], atol=0.03)
    assert np.allclose(3 / 2 * feature[750:], came[750:], atol=0.03)


def test_growth_to_come_worked_by_hand() -> None:
    """0.6 of this week's growth next week, then 0.6 x 0.6 + 0.15; of the oldest -0.25, then -0.25 x 0.6."""
    assert growth_to_come(1).tolist() == pytest.approx([0.6, 0.15, -0.25])
    assert growth_to_come(2) == pytest.approx([0.6 + 0.51, 0.15 + 0.09 - 0.25, -0.25 - 0.15])
    assert growth_to_come(1.5) == pytest.approx((growth_to_come(1) + growth_to_come(2)) / 2)
    assert growth_to_come(0).tolist() == [0, 0, 0]


def test_coefficients_are_learned_and_priors_fade() -> None:
    """Where growth persists, the trend member learns to follow it; with nothing to learn from, the prior."""
    days = np.arange(400)
    counts = np.exp(7 + 2 * np.sin(days / 40))[:, None] * np.ones((1, 3))
    levels = measure_levels(counts, period=7)
    member = named(levels, "trend")
    features, prior = member.features(7), member.prior(7)
    learned = fit_member(past_of(levels, levels.level), features, prior, 7, LEVELS)
    change = levels.level[107:] - levels.level[100:-7]
    expected = [
        np.einsum("tpf,pf->tp", features[100:-7], coefficients)
        for coefficients in (learned.coefficients, np.tile(prior, (3, 1)))
    ]
    errors = [np.abs(each - change).mean() for each in expected]
    assert errors[0] < 0.6 * errors[1]
    short = measure_levels(counts[:20], period=7)
    untaught = fit_member(past_of(short, short.level), named(short, "trend").features(7), prior, 7, LEVELS)
    assert untaught.coefficients.tolist() == [prior.tolist()] * 3
    assert np.all(np.diff(untaught.standard) > 0)


def test_a_place_of_another_kind_gets_coefficients_of_its_own() -> None:
    """Growth persists in five places, in the sixth it is taken back every week: there it is not followed."""
    days = np.arange(700)
    slow = np.exp(7 + np.sin(days / 40))[:, None] * np.ones((1, 5))
    restless = np.exp(7 + 0.4 * (days // 7 % 2))[:, None]
    levels = measure_levels(np.hstack([slow, restless]), period=7)
    member = named(levels, "trend")
    features = member.features(7)
    found = fit_member(past_of(levels, levels.level), features, member.prior(7), 7, LEVELS).coefficients
    change = levels.level[107:, 5] - levels.level[100:-7, 5]
    own, others = (np.abs(features[100:-7, 5] @ found[place] - change).mean() for place in (5, 0))
    assert np.allclose(found[:5], found[0])
    assert own < 0.6 * others


def test_a_lead_is_found() -> None:
    """Deaths follow cases by two weeks: the growth of cases says what they will do, their own says less."""
    cases = waves(400, 4)
    deaths = np.vstack([np.full((14, 4), np.nan), 0.1 * cases[:-14]])
    own, lead = measure_levels(deaths, period=7), measure_levels(cases, period=7)
    past = past_of(own, own.level)
    errors = {}
    for name in ("trend", "led trend"):
        member = named(own, name, [lead])
        fit = fit_member(past, member.features(14), member.prior(14), 14, LEVELS)
        errors[name] = float(np.mean(expected_size(past.size[-1], fit.size)) * np.mean(np.abs(fit.standard)))
    assert errors["led trend"] < 0.6 * errors["trend"]


def test_errors_grow_with_the_horizon_and_shrink_with_counts() -> None:
    """What the quantiles are made of."""
    levels = measure_levels(waves(300, 4), period=7)
    past, member = past_of(levels, levels.level), named(levels, "persistence")
    spread = []
    for step in (7, 28):
        fit = fit_member(past, member.features(step), member.prior(step), step, LEVELS)
        spread.append(
            float(np.mean(expected_size(past.size[-1], fit.size)) * (fit.standard[-1] - fit.standard[0]))
        )
    assert spread[1] > 1.5 * spread[0]
    few = measure_levels(np.random.default_rng(3).poisson(0.5, (300, 2)).astype(float), period=7)
    many = measure_levels(np.random.default_rng(3).poisson(500, (300, 2)).astype(float), period=7)
    sizes = []
    for counted in (few, many):
        gathered = past_of(counted, counted.level)
        fit = fit_member(gathered, named(counted, "persistence").features(7), np.zeros(0), 7, LEVELS)
        sizes.append(float(np.mean(expected_size(gathered.size[-1], fit.size))))
    assert sizes[0] > 5 * sizes[1]


def test_a_calm_place_is_not_made_wild_by_its_neighbours() -> None:
    """Errors of a place are measured against those of all, the more it has shown of them."""
    rng = np.random.default_rng(6)
    wild = rng.poisson(1000 * np.exp(rng.normal(0, 0.5, (40, 5)).repeat(7, axis=0))).astype(float)
    counts = np.hstack([rng.poisson(1000, (280, 1)).astype(float), wild])
    levels = measure_levels(counts, period=7)
    fit = fit_member(past_of(levels, levels.level), np.zeros((280, 6, 0)), np.zeros(0), 7, LEVELS)
    assert fit.of_place[0] < 0.7
    assert (fit.of_place[1:] > 0.9).all()
    young = measure_levels(counts[:42], period=7)
    early = fit_member(past_of(young, young.level), np.zeros((42, 6, 0)), np.zeros(0), 7, LEVELS)
    assert fit.of_place[0] < early.of_place[0] < 1
