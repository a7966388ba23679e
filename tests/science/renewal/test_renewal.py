"""The renewal model: known truth is covered, and odd input has an honest answer or an error with a remedy."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from fangxian.science.renewal.cori import discretised_gamma, infectivity
from fangxian.science.renewal.renewal import RenewalData, RenewalOptions, estimate_renewal
from fangxian.science.renewal.smooth_model import SmoothPrior
from shared_data import shared_path

INTERVAL = discretised_gamma(5.2, 2.8)


def _synthetic() -> tuple[np.ndarray, np.ndarray]:
    with shared_path("expected/synth200_incidence.csv").open() as lines:
        rows = list(csv.DictReader(lines))
    return np.array([float(row["I"]) for row in rows]), np.array([float(row["Rt"]) for row in rows])


def _epidemic(reproduction: np.ndarray, seed: int, start: float = 30) -> np.ndarray:
    """Poisson counts that follow the renewal equation after twenty days at a level."""
    generator = np.random.default_rng(seed)
    counts = np.full(len(reproduction), float(start))
    for day in range(20, len(counts)):
        mean = reproduction[day] * infectivity(counts[: day + 1], INTERVAL)[day]
        counts[day] = generator.poisson(mean)
    return counts


def test_known_truth_is_covered_better_than_by_the_peers() -> None:
    """Coverage at least .93 and mean absolute error at most .036 on the days on which EpiLPS has that."""
    counts, truth = _synthetic()
    result = estimate_renewal(RenewalData(counts, INTERVAL)).reproduction()
    lower, median, upper = result.quantiles[7:].T
    assert np.mean((lower <= truth[7:]) & (truth[7:] <= upper)) >= 0.93
    assert np.mean(np.abs(median - truth[7:])) <= 0.036


def test_jumps_are_found_on_their_days() -> None:
    """R falls on day 60 and rises on day 120 of the synthetic series, and nowhere else."""
    counts, _truth = _synthetic()
    probability = estimate_renewal(RenewalData(counts, INTERVAL)).posterior.jump_probability()
    assert list(np.flatnonzero(probability > 0.5)) == [60, 120]


def test_without_jumps_a_smooth_path_still_covers() -> None:
    """Six epidemics along one wave: 95 % intervals cover about that, halves half, and bends are preferred."""
    truth = 1.1 + 0.4 * np.sin(np.arange(140) / 22)
    inside, half = [], []
    for seed in range(6):
        fit = estimate_renewal(RenewalData(_epidemic(truth, seed), INTERVAL))
        quantiles = fit.reproduction((0.025, 0.25, 0.75, 0.975)).quantiles[27:].T
        inside.append(np.mean((quantiles[0] <= truth[27:]) & (truth[27:] <= quantiles[3])))
        half.append(np.mean((quantiles[1] <= truth[27:]) & (truth[27:] <= quantiles[2])))
        assert fit.posterior.average("bends") > 0.5
    assert np.mean(inside) >= 0.93
    assert 0.35 <= np.mean(half) <= 0.65


def test_days_of_the_week_are_found_and_do_not_move_r() -> None:
    """With Sunday counts halved R is as before, and the factors are those put in."""
    truth = np.full(120, 1.05)
    counts = _epidemic(truth, 5, start=200)
    factor = np.array([1.3, 1.1, 1.0, 1.0, 0.95, 0.8, 0.5])
    shown = np.round(counts * factor[np.arange(120) % 7])
    fit = estimate_renewal(RenewalData(shown, INTERVAL))
    np.testing.assert_allclose(fit.weekday_factor, factor / np.exp(np.mean(np.log(factor))), rtol=0.07)
    plain = estimate_renewal(RenewalData(counts, INTERVAL)).reproduction().quantiles[:, 1]
    np.testing.assert_allclose(fit.reproduction().quantiles[25:, 1], plain[25:], atol=0.05)


def test_counts_that_are_not_all_in_do_not_pull_r_down() -> None:
    """The last days are reported in part: with the shares known R stays, without them it falls."""
    truth = np.full(90, 1.1)
    counts = _epidemic(truth, 6, start=300)
    share = np.ones(90)
    share[-6:] = [0.95, 0.9, 0.75, 0.5, 0.3, 0.1]
    seen = np.random.default_rng(1).binomial(counts.astype(int), share).astype(float)
    aware = estimate_renewal(RenewalData(seen, INTERVAL, reported_share=share))
    blind = estimate_renewal(RenewalData(seen, INTERVAL))
    assert aware.reproduction().quantiles[-1, 1] == pytest.approx(1.1, abs=0.07)
    assert blind.reproduction().quantiles[-1, 1] < 0.6
    np.testing.assert_allclose(aware.completed[-6:], counts[-6:], rtol=0.12)


def test_imported_cases_infect_but_were_not_infected_here() -> None:
    """Half the cases imported: R is half of what all cases as local ones would say."""
    counts = np.full(80, 100.0)
    local = estimate_renewal(RenewalData(counts, INTERVAL)).reproduction().quantiles[40, 1]
    half = estimate_renewal(RenewalData(counts, INTERVAL, imported=counts / 2)).reproduction()
    assert local == pytest.approx(1.0, abs=0.03)
    assert half.quantiles[40, 1] == pytest.approx(0.5, abs=0.03)


def test_depletion_is_taken_out_of_the_path_and_left_in_r() -> None:
    """R falls as people become immune; without depletion it would have stayed level."""
    generator, counts, infected = np.random.default_rng(9), np.full(90, 50.0), 20 * 50.0
    for day in range(20, 90):
        mean = 1.6 * (1 - infected / 60_000) * infectivity(counts[: day + 1], INTERVAL)[day]
        counts[day] = generator.poisson(mean)
        infected += counts[day]
    fit = estimate_renewal(RenewalData(counts, INTERVAL, population=60_000))
    undepleted = np.exp(fit.posterior.quantiles((0.5,))[:, 0])
    np.testing.assert_allclose(undepleted[25:], 1.6, atol=0.15)
    assert fit.reproduction().quantiles[-1, 1] < 0.9


def test_a_change_of_definition_shifts_the_level_and_not_r() -> None:
    """Counts treble from one day to the next: told as an event, R stays; untold, it seems to leap."""
    truth = np.full(110, 1.02)
    counts = _epidemic(truth, 8, start=200)
    shifted = np.where(np.arange(110) >= 70, np.round(counts * 3), counts)
    told = estimate_renewal(RenewalData(shifted, INTERVAL, events=(70,))).reproduction().quantiles
    untold = estimate_renewal(RenewalData(shifted, INTERVAL)).reproduction().quantiles
    assert np.max(np.abs(told[25:, 1] - 1.02)) < 0.12
    assert np.max(untold[70:75, 1]) > 1.5


def test_a_month_missing_is_a_wide_interval() -> None:
    """Inside a gap of thirty days the interval widens; no number is NaN; the counts are put in sensibly."""
    truth = 1.0 + 0.25 * np.sin(np.arange(140) / 12)
    counts = _epidemic(truth, 3, start=150)
    gap = counts.copy()
    gap[60:90] = np.nan
    fit = estimate_renewal(RenewalData(gap, INTERVAL))
    quantiles = fit.reproduction().quantiles
    width = np.log(quantiles[:, 2] / quantiles[:, 0])
    assert np.isfinite(quantiles).all()
    assert np.isfinite(fit.completed).all()
    assert width[75] > 2 * width[45]
    assert not fit.informed[60:90].any()


def test_no_case_at_all_says_nothing_of_r() -> None:
    """Two months of zeros: the interval is that of the prior, around 1, and spans a factor of ten."""
    quantiles = estimate_renewal(RenewalData(np.zeros(60), INTERVAL)).reproduction().quantiles
    assert np.isfinite(quantiles).all()
    assert np.all(quantiles[:, 2] / quantiles[:, 0] > 10)
    np.testing.assert_allclose(quantiles[:, 1], 1, atol=0.2)


def test_zeros_are_evidence_and_missing_days_are_not() -> None:
    """After a wave, zeros press R down; missing days leave it open."""
    counts = np.concatenate([_epidemic(np.full(50, 1.0), 2), np.zeros(10)])
    unknown = np.concatenate([counts[:50], np.full(10, np.nan)])
    zeros = estimate_renewal(RenewalData(counts, INTERVAL)).reproduction().quantiles[-1]
    missing = estimate_renewal(RenewalData(unknown, INTERVAL)).reproduction().quantiles[-1]
    assert zeros[2] < 0.2
    assert missing[0] < 1 < missing[2]


def test_one_spike_is_imported_and_led_to_nobody() -> None:
    """A hundred cases on one day among zeros: R afterwards is near 0, no number is NaN."""
    counts = np.zeros(60)
    counts[30] = 100
    quantiles = estimate_renewal(RenewalData(counts, INTERVAL)).reproduction().quantiles
    assert np.isfinite(quantiles).all()
    assert quantiles[36, 2] < 0.3


def test_one_observation_gives_the_prior() -> None:
    """A series of one day, and one shorter than the serial interval, say nothing."""
    for counts in ([5.0], [5.0, 6, 7]):
        quantiles = estimate_renewal(RenewalData(counts, INTERVAL)).reproduction().quantiles
        assert np.isfinite(quantiles).all()
        assert quantiles[0, 2] / quantiles[0, 0] > 10


def test_an_interval_longer_than_the_series_says_nothing() -> None:
    """With a mean serial interval of 40 days thirty days of counts leave R to the prior."""
    long = discretised_gamma(40, 10, maximum_days=120)
    quantiles = estimate_renewal(RenewalData(np.full(30, 9.0), long)).reproduction().quantiles
    assert np.all(quantiles[:, 2] / quantiles[:, 0] > 10)


@pytest.mark.parametrize("scale", [1e-2, 1 / 3, 1e6])
def test_scale_of_the_counts_moves_the_interval_and_not_r(scale: float) -> None:
    """Counts of 10**8 and fractional counts are fitted like any other."""
    counts = _epidemic(np.full(80, 1.05), 12, start=200) * scale
    quantiles = estimate_renewal(RenewalData(counts, INTERVAL)).reproduction().quantiles
    assert np.isfinite(quantiles).all()
    assert quantiles[60, 1] == pytest.approx(1.05, abs=0.12)


def test_jumps_can_be_forbidden() -> None:
    """With probability 0 no part of the mixture holds a jump."""
    counts, _truth = _synthetic()
    options = RenewalOptions(prior=SmoothPrior(orders=(1,), jump_probability=0))
    fit = estimate_renewal(RenewalData(counts, INTERVAL), options)
    assert not fit.posterior.jump_probability().any()


def test_draws_agree_with_the_quantiles() -> None:
    """Joint draws have the marginals that are reported, and the same seed gives the same draws."""
    fit = estimate_renewal(RenewalData(_epidemic(np.full(70, 1.1), 21), INTERVAL))
    draws = fit.draw(8000, seed=5)
    np.testing.assert_allclose(
        np.quantile(draws, [0.025, 0.5, 0.975], axis=0).T[25:], fit.reproduction().quantiles[25:], rtol=0.05
    )
    np.testing.assert_array_equal(draws, fit.draw(8000, seed=5))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (RenewalData([1, -2, 3], INTERVAL), "must not be negative .got -2 on day 1.; set a day that holds"),
        (RenewalData([1, 2, 3], [0.5, 0.5]), "entry 0 equal to 0"),
        (RenewalData([1, 2], INTERVAL, reported_share=[1, 2]), "reported_share must be one share in"),
        (RenewalData([1, 2], INTERVAL, imported=[2, 2]), "imported must be a part of each day's count"),
        (RenewalData([1, 2], INTERVAL, events=(2,)), "events must be days 1 to 1 of the series .got .2,"),
        (RenewalData([1, 2], INTERVAL, population=-1), "population must be positive"),
        (RenewalData([1, np.inf], INTERVAL), "must be finite .got infinity.; set a day without"),
    ],
)
def test_wrong_input_is_named_with_its_remedy(data: RenewalData, message: str) -> None:
    """An error states the rule, the value and what to do."""
    with pytest.raises(ValueError, match=message):
        estimate_renewal(data)


def test_a_wrong_prior_is_named_with_its_remedy() -> None:
    """An error states the rule, the value and what to do."""
    with pytest.raises(ValueError, match="use jump_probability=0 to forbid jumps"):
        SmoothPrior(jump_probability=0.7)
    with pytest.raises(ValueError, match=r"orders must be 1, 2 or both \(got \(3,\)\)"):
        SmoothPrior(orders=(3,))
