"""Risk by place: worked numbers, and shares that add up and point at the factor that differs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fangxian.science.detection.risk import (
    FACTORS,
    RiskFactors,
    assess_risk,
    gravity_trips,
    imported_cases,
    severe_share,
)

EQUAL = RiskFactors(
    level=np.full(4, 30.0),
    growth=np.full(4, 0.02),
    importation=np.full(4, 1.0),
    susceptibility=np.full(4, 0.05),
    capacity=np.full(4, 5.0),
    growth_deviation=np.full(4, 0.02),
)
CHANGED = {"level": 90.0, "growth": 0.15, "importation": 60.0, "susceptibility": 0.2, "capacity": 0.5}


def test_worked_numbers() -> None:
    """31 a week growing by 2 % a day are 35.7 next week; 2.55 beds are needed of 5 free."""
    found = assess_risk(EQUAL)
    assert found.projected[0] == pytest.approx(31 * np.exp(0.14))
    assert found.impact[0] == pytest.approx(1 - np.exp(-35.66 * 0.05 * 10 / 7 / 5), abs=1e-3)
    assert found.likelihood[0] == pytest.approx(0.257, abs=0.01)
    np.testing.assert_allclose(found.share, 0, atol=1e-12)


@pytest.mark.parametrize("factor", FACTORS)
def test_the_factor_that_differs_has_the_whole_share(factor: str) -> None:
    """One place differs in one factor: its risk is higher, and that factor alone says why."""
    array = getattr(EQUAL, factor).copy()
    array[2] = CHANGED[factor]
    found = assess_risk(replace(EQUAL, **{factor: array}))
    assert found.risk[2] > found.risk[0]
    np.testing.assert_allclose(found.share.sum(axis=1), found.risk - found.reference, atol=1e-12)
    others = [column for column, name in enumerate(FACTORS) if name != factor]
    np.testing.assert_allclose(found.share[2, others], 0, atol=1e-12)
    assert found.share[2, FACTORS.index(factor)] > 0


def test_severe_share_by_hand() -> None:
    """Half the people at 10 %, vaccinated by half with a vaccine that prevents 80 %: 3 % + 0.5 %."""
    found = severe_share([[0.5, 0.5]], [0.1, 0.01], [[0.5, 0.0]], [0.8, 0.8])
    assert found[0] == pytest.approx(0.035)


def test_trips_and_importation() -> None:
    """Everybody who travels goes somewhere else, more to near and large places; cases travel with them."""
    people = np.array([1e6, 1e6, 1e5])
    trips = gravity_trips(people, [[0, 0], [10, 0], [10, 0]])
    np.testing.assert_allclose(trips.sum(axis=1), people * 0.05)
    assert trips[0, 1] == pytest.approx(10 * trips[0, 2])
    arriving = imported_cases([100.0, 0, 0], people, trips)
    assert arriving[0] == 0
    assert arriving[1] == pytest.approx(100 * trips[0, 1] / people[1])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: replace(EQUAL, level=np.full(4, np.nan)), "leave a place out"),
        (lambda: replace(EQUAL, capacity=np.full(4, -1.0)), "capacity must not be negative"),
        (lambda: severe_share([[0.5, 0.1]], [0.1, 0.1], [[0, 0]], [0, 0]), "sum to 1"),
        (lambda: severe_share([[1.0]], [2.0], [[0]], [0]), "severity must lie"),
        (lambda: imported_cases([1.0], [1.0], [[1.0, 2.0]]), r"\[place, place\]"),
        (lambda: imported_cases([1.0], [0.0], [[1.0]]), "population must be positive"),
    ],
)
def test_wrong_risk_input_is_named(make: object, message: str) -> None:
    """An error states the rule and the remedy."""
    with pytest.raises(ValueError, match=message):
        make()  # type: ignore[operator]
