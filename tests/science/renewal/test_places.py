"""Places lend each other smoothness, and neither order, batches nor threads change a result."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from fangxian.science.renewal.cori import discretised_gamma, infectivity
from fangxian.science.renewal.nowcast import nowcast_with_delay
from fangxian.science.renewal.places import estimate_renewal_places
from fangxian.science.renewal.renewal import RenewalData, RenewalFit, estimate_renewal

INTERVAL = discretised_gamma(4.5, 2)


def _place(seed: int, start: float, days: int = 50) -> RenewalData:
    generator, counts = np.random.default_rng(seed), np.full(days, start)
    for day in range(12, days):
        counts[day] = generator.poisson(1.02 * infectivity(counts[: day + 1], INTERVAL)[day])
    return RenewalData(counts, INTERVAL)


def _width(fit: RenewalFit) -> float:
    quantiles = fit.reproduction().quantiles[20:]
    return float(np.mean(np.log(quantiles[:, 2] / quantiles[:, 0])))


def test_small_places_take_their_smoothness_from_large_ones() -> None:
    """Among places where R hardly moves, a small place's interval narrows and still holds the truth."""
    large = [_place(seed, 400.0) for seed in range(2, 6)]
    ratios, held = [], []
    for small in (_place(seed, 6.0) for seed in (1, *range(11, 16))):
        pooled = estimate_renewal_places([small, *large])
        ratios.append(_width(pooled.fits[0]) / _width(estimate_renewal(small)))
        lower, _median, upper = pooled.fits[0].reproduction().quantiles[20:].T
        held.append(np.mean((lower <= 1.02) & (upper >= 1.02)))
        assert pooled.prior.step_deviation < 0.05
    assert max(ratios) < 1
    assert np.mean(ratios) < 0.85
    assert np.mean(held) > 0.8


def test_two_places_share_nothing() -> None:
    """With fewer than three places each is fitted on its own."""
    places = [_place(1, 20.0), _place(2, 20.0)]
    pooled = estimate_renewal_places(places)
    np.testing.assert_array_equal(
        pooled.fits[1].reproduction().quantiles, estimate_renewal(places[1]).reproduction().quantiles
    )


def test_order_of_places_does_not_matter() -> None:
    """Reversed, every place has the same fit."""
    places = [_place(seed, 30.0, 40) for seed in range(3)]
    forward, backward = estimate_renewal_places(places), estimate_renewal_places(places[::-1])
    np.testing.assert_allclose(
        forward.fits[0].reproduction().quantiles, backward.fits[2].reproduction().quantiles, rtol=1e-9
    )


def test_threads_do_not_change_a_number() -> None:
    """Nowcast and R of six series one after the other, and three at a time in another order."""
    series = [np.asarray(_place(seed, 25.0, 40).counts) for seed in range(6)]

    def assess(counts: np.ndarray) -> np.ndarray:
        cast = nowcast_with_delay(counts, [0.5, 0.3, 0.2], draws=100)
        fit = estimate_renewal(RenewalData(counts, INTERVAL, reported_share=cast.share))
        return np.hstack([cast.quantiles((0.5,)), fit.reproduction().quantiles])

    alone = [assess(counts) for counts in series]
    with ThreadPoolExecutor(3) as pool:
        together = list(pool.map(assess, series[::-1]))[::-1]
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_array_equal(one, other)


def test_no_place_is_an_error_with_a_remedy() -> None:
    """An error states the rule, the value and what to do."""
    with pytest.raises(ValueError, match="at least one place"):
        estimate_renewal_places([])
