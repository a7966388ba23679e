"""Admissions and beds in use: conservation, steady states, a plain loop."""

from __future__ import annotations

import numpy as np
import pytest

from fangxian.science.renewal.forecast.demand import (
    expected_admissions,
    forecast_occupancy,
    occupancy,
    stay_survival,
)


def test_the_sum_of_the_survival_is_the_mean_stay() -> None:
    """In days begun: half a day more than the mean of a continuous stay."""
    assert stay_survival(8.0, 6.0).sum() == pytest.approx(8.5, abs=0.15)
    survival = stay_survival(8.0, 6.0)
    assert survival[0] == 1
    assert np.all(np.diff(survival) < 0)


def test_steady_admissions_fill_the_mean_stay() -> None:
    """Ten a day who stay three days: thirty beds."""
    assert occupancy(np.full(20, 10.0), [1.0, 1.0, 1.0])[-1] == 30


def test_every_patient_day_is_counted_once() -> None:
    """All bed days over time are all admissions times the mean stay."""
    admissions = np.zeros((60, 2))
    admissions[:20] = np.random.default_rng(1).poisson(4, (20, 2))
    survival = np.array([1.0, 0.7, 0.4, 0.1])
    assert np.allclose(occupancy(admissions, survival).sum(axis=0), 2.2 * admissions.sum(axis=0))


def test_equals_a_plain_loop() -> None:
    """Day by day, patient group by patient group."""
    admissions = np.random.default_rng(2).poisson(5, 30).astype(float)
    survival = stay_survival(5.0, 4.0)
    slow = [sum(admissions[t - k] * s for k, s in enumerate(survival) if k <= t) for t in range(30)]
    assert np.allclose(occupancy(admissions, survival), slow)


def test_admissions_are_cases_later_and_fewer() -> None:
    """A share of 8 %, half after two days, half after four."""
    cases = np.zeros(10)
    cases[1] = 100
    expected = expected_admissions(cases, 0.08, [0, 0, 0.5, 0, 0.5])
    assert expected[[3, 5]].tolist() == [4.0, 4.0]
    assert expected.sum() == pytest.approx(8)


def test_beds_start_from_the_count_of_today() -> None:
    """Sixty in bed where admissions let expect thirty: they leave at the same pace, the coming are added."""
    past = np.full((20, 1), 10.0)
    coming = np.tile([0.0, 10.0, 20.0], (5, 1, 1))
    beds = forecast_occupancy(past, coming, [1.0, 1.0, 1.0], beds_in_use=[60.0])
    assert beds[:, 0, 0].tolist() == [40, 20, 0, 0, 0]
    assert beds[:, 0, 1].tolist() == [50, 40, 30, 30, 30]
    assert beds[2:, 0, 2].tolist() == [60, 60, 60]
    uncounted = forecast_occupancy(past, coming, [1.0, 1.0, 1.0], beds_in_use=[np.nan])
    assert uncounted[:, 0, 1].tolist() == [30] * 5


def test_more_admissions_never_need_fewer_beds() -> None:
    """Whatever the stay."""
    past, rng = np.full((40, 3), 5.0), np.random.default_rng(4)
    quantiles = np.sort(rng.gamma(2, 3, (14, 3, 23)), axis=-1)
    beds = forecast_occupancy(past, quantiles, stay_survival(9, 7), beds_in_use=[30, 50, 70])
    assert (np.diff(beds, axis=-1) >= 0).all()


def test_refusals() -> None:
    """The rule, the value received and the remedy."""
    with pytest.raises(ValueError, match="positive days"):
        stay_survival(0, 1)
    with pytest.raises(ValueError, match=r"8 % is 0\.08"):
        expected_admissions([1.0], 8, [1.0])
    with pytest.raises(ValueError, match="divide it by its sum"):
        expected_admissions([1.0], 0.5, [0.5])
    with pytest.raises(ValueError, match="a zero is no estimate"):
        occupancy([1.0, np.nan], [1.0])
    with pytest.raises(ValueError, match="never rise"):
        occupancy([1.0], [0.5, 0.6])
    with pytest.raises(ValueError, match="order them alike"):
        forecast_occupancy(np.ones((5, 2)), np.ones((5, 3, 1)), [1.0], beds_in_use=[1.0, 1.0])
