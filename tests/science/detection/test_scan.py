"""The space-time scan: a planted cluster is found where and since when it is, and a quiet map has none."""

from __future__ import annotations

import math

import numpy as np
import pytest

from fangxian.science.detection.plane import kilometres
from fangxian.science.detection.reference_points import TimeAxis
from fangxian.science.detection.scan import ScanOptions, Spread, scan_clusters
from fangxian.science.detection.surprise import SurpriseOptions, expect_last

GRID = np.array([(x, y) for x in range(6) for y in range(6)], dtype=float)
QUICK = ScanOptions(longest_steps=5, replicates=99)


def test_planted_cluster_is_found() -> None:
    """Four corner places with twice the cases for the last three days."""
    rng = np.random.default_rng(1)
    counts = rng.poisson(5, (10, 36)).astype(float)
    corner = [0, 1, 6, 7]
    counts[-3:, corner] = rng.poisson(14, (3, 4))
    best = scan_clusters(counts, np.full((10, 36), 5.0), GRID, np.random.default_rng(2), QUICK)[0]
    assert set(corner) <= set(best.places)
    assert len(best.places) <= 6
    assert best.steps == 3
    assert best.probability == 0.01
    assert best.observed == counts[-3:, list(best.places)].sum()


def test_probabilities_of_quiet_maps_are_even() -> None:
    """Without a cluster a probability of 0.2 or less comes about once in five maps, ragged counts or not."""
    options = ScanOptions(longest_steps=3, replicates=39)
    small = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        mean = np.full((4, 36), 5.0)
        counts = rng.poisson(rng.gamma(mean / 1.0, 1.0)).astype(float)
        found = scan_clusters(counts, mean, GRID, rng, options, spread=Spread(2.0))
        small += found[0].probability <= 0.2
    assert 4 <= small <= 22


def test_a_place_whose_mean_is_uncertain_makes_no_cluster() -> None:
    """Twice what is expected is rare where the mean is known, and usual where the mean is itself a guess."""
    mean = np.full((3, 36), 20.0)
    counts = mean.copy()
    counts[:, 14] = 40
    uncertain = np.zeros(36)
    uncertain[14] = 1.0
    chances = [
        scan_clusters(counts, mean, GRID, np.random.default_rng(3), QUICK, spread=spread)[0].probability
        for spread in (None, Spread(mean_variance=uncertain))
    ]
    assert chances[0] == pytest.approx(0.01)
    assert chances[1] > 0.05


def test_a_degree_is_a_ninetieth_of_a_quarter_of_the_meridian() -> None:
    """At 60 degrees north a degree of longitude is half as long as one of latitude."""
    east, north = kilometres(np.array([[0.0, 60.0], [1.0, 61.0]]), 60.0).T
    assert north[1] - north[0] == pytest.approx(10_007.5 / 90, rel=1e-4)
    assert east[1] - east[0] == pytest.approx((north[1] - north[0]) / 2)


def test_ratio_by_hand_and_missing_counts() -> None:
    """6 of 10 cases where 2 of 10 are expected; a missing count takes its expectation with it."""
    counts = np.array([[6.0, 2, 1, 1, np.nan]])
    expected = np.array([[1.0, 1, 1, 2, 50]])
    places = np.array([[0.0, 0], [9, 0], [20, 0], [40, 0], [80, 0]])
    best = scan_clusters(counts, expected, places, np.random.default_rng(3), QUICK)[0]
    assert best.places == (0,)
    assert best.log_ratio == pytest.approx(6 * math.log(6 / 2) + 4 * math.log(4 / 8))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ScanOptions(largest_share=0), "largest_share must lie"),
        (lambda: ScanOptions(replicates=5), "19 replicates at least"),
        (
            lambda: scan_clusters([[1.0]], [[0.0]], [[0.0, 0.0]], np.random.default_rng(1)),
            "nothing is expected anywhere",
        ),
        (
            lambda: scan_clusters([[1.0]], [[1.0]], [[0.0]], np.random.default_rng(1)),
            "coordinates",
        ),
    ],
)
def test_wrong_scan_is_named(make: object, message: str) -> None:
    """An error states the rule and the value."""
    with pytest.raises(ValueError, match=message):
        make()  # type: ignore[operator]


def test_chances_of_quiet_sparse_places_are_neither_too_small_nor_too_large() -> None:
    """Baseline learned from a month: a quiet map's chance is under a half about as often as not."""
    axis, small = TimeAxis(40, 365, np.arange(40)), 0
    options = ScanOptions(longest_steps=7, replicates=19)
    for seed in range(24):
        rng = np.random.default_rng(seed)
        counts = rng.negative_binomial(np.exp(rng.normal(-1.5, 1, 36)) / 0.3, 1 / 1.3, (40, 36)).astype(float)
        known = expect_last(counts, axis, 7, SurpriseOptions(seasonal_deviation=(0.15, 0.05)))
        spread = Spread(known.dispersion, known.mean_variance, known.step_variance)
        found = scan_clusters(counts[-7:], known.mean, GRID, rng, options, spread=spread)
        small += bool(found) and found[0].probability <= 0.5
    assert 5 <= small <= 19


def test_what_is_scanned_teaches_nothing_and_a_silent_place_is_not_ragged() -> None:
    """The last steps may hold anything; a place without a case keeps the dispersion of the others."""
    counts = np.random.default_rng(4).poisson(3.0, (40, 12)).astype(float)
    counts[:, 5] = 0
    raised = counts.copy()
    raised[-7:] += 50
    axis = TimeAxis(40, 365, np.arange(40))
    before, after = expect_last(counts, axis, 7), expect_last(raised, axis, 7)
    np.testing.assert_array_equal(before.mean, after.mean)
    assert before.mean.shape == (7, 12)
    assert before.dispersion[5] < 1.7
    assert before.mean_variance[5] > 3 * before.mean_variance[0]
