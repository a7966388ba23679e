"""Replacement of lineages: known advantages are recovered, intervals hold, the reference does not matter."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from fangxian.science.renewal.variants import estimate_replacement

DAYS = np.arange(0, 60, 3.0)
ADVANTAGE = np.array([0.0, 0.10, -0.03])


def sequences(seed: int, each_day: int = 120) -> NDArray[np.float64]:
    """Draw counts of three lineages whose log odds move by ADVANTAGE a day."""
    rng = np.random.default_rng(seed)
    logit = np.array([0.0, -3.0, -0.5]) + DAYS[:, None] * ADVANTAGE
    share = np.exp(logit) / np.exp(logit).sum(axis=1, keepdims=True)
    return np.array([rng.multinomial(each_day, row) for row in share], dtype=float)


def test_advantages_are_recovered_and_their_intervals_hold() -> None:
    """Over 60 draws the error is small and 95 % intervals hold the truth about as often as they say."""
    held, errors = 0, []
    for seed in range(60):
        found = estimate_replacement(sequences(seed), DAYS)
        errors.append(found.advantage - ADVANTAGE)
        held += int(np.sum((found.lower <= ADVANTAGE) & (found.upper >= ADVANTAGE))) - 1
    assert np.abs(np.mean(errors, axis=0)).max() < 0.002
    assert 106 <= held <= 120


def test_shares_sum_to_one_and_the_reference_does_not_matter() -> None:
    """Another reference shifts every advantage by the same amount."""
    counts = sequences(1)
    first, second = (estimate_replacement(counts, DAYS, reference=one) for one in (0, 2))
    np.testing.assert_allclose(first.share.sum(axis=1), 1)
    np.testing.assert_allclose(first.share, second.share, atol=1e-4)
    np.testing.assert_allclose(first.advantage - first.advantage[2], second.advantage, atol=1e-4)


def test_a_clustered_sample_has_a_wider_interval() -> None:
    """The same sequences in clumps of five say less."""
    even = estimate_replacement(sequences(3), DAYS)
    rng = np.random.default_rng(3)
    clumped = np.array([rng.multinomial(24, row / row.sum()) * 5.0 for row in sequences(3)])
    ragged = estimate_replacement(clumped, DAYS)
    assert ragged.dispersion > 2
    assert ragged.deviation[1] > 1.5 * even.deviation[1]


def test_worked_numbers() -> None:
    """An advantage of 0.1 a day doubles the odds in 6.93 days, and 5-day generations of shape 4 give 1.6."""
    counts = np.array([[100.0, 10], [100, 10 * np.exp(1)], [100, 10 * np.exp(2)]])
    found = estimate_replacement(counts, [0, 10, 20])
    assert found.advantage[1] == pytest.approx(0.1, abs=1e-4)
    assert found.doubling_days(1) == pytest.approx(6.93, abs=0.01)
    assert found.doubling_days(0) == np.inf
    assert found.reproduction_ratio(1, 5, 4) == pytest.approx(1.125**4, abs=1e-3)


def test_a_lineage_seen_once_is_uncertain_and_finite() -> None:
    """One sequence on one day: an estimate with a wide interval, never a NaN."""
    counts = np.column_stack([np.full(10, 50.0), np.eye(1, 10, 9)[0]])
    found = estimate_replacement(counts, np.arange(10.0))
    assert np.isfinite(found.deviation).all()
    assert found.lower[1] < 0 < found.upper[1]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: estimate_replacement([[1.0, 2.0]], [0.0]), "two days with sequences"),
        (lambda: estimate_replacement([[1.0], [2.0]], [0.0, 1.0]), "two lineages or more"),
        (lambda: estimate_replacement([[1.0, -2.0], [1, 1]], [0.0, 1.0]), "not negative"),
        (lambda: estimate_replacement([[0.0, 2.0], [0, 1]], [0.0, 1.0]), "never seen"),
        (
            lambda: estimate_replacement([[1.0, 2.0], [1, 1]], [0.0, 1.0]).reproduction_ratio(1, 0, 4),
            "about 5 days",
        ),
    ],
)
def test_wrong_counts_by_lineage_are_named(make: object, message: str) -> None:
    """An error states the rule and the remedy."""
    with pytest.raises(ValueError, match=message):
        make()  # type: ignore[operator]
