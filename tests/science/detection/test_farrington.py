"""The regressions of Farrington and Noufaily: shared reference, a plain loop, and their rules."""

from __future__ import annotations

import csv
import datetime
from dataclasses import replace

import numpy as np
import pytest

from fangxian.science.detection.farrington import FarringtonOptions, Threshold, detect_farrington
from fangxian.science.detection.log_linear import fit_log_linear
from fangxian.science.detection.quasi_poisson import Room, Rows, fit
from fangxian.science.detection.reference_points import EPOCH, TimeAxis, reference_steps
from shared_data import shared_path

NOUFAILY = FarringtonOptions(years=4, seasons=10, guard=26, trend_error_rate=1.0)


@pytest.mark.parametrize("threshold", list(Threshold))
def test_alarms_equal_the_shared_reference(threshold: Threshold) -> None:
    """A year of judged weeks: alarms identical, bounds to 1e-6; a quiet month is not decided."""
    with shared_path("expected/salmNewport_total.csv").open() as lines:
        weeks = list(csv.DictReader(lines))
    name = f"expected/surveillance_farringtonFlexible_salmNewport_2011_{threshold}_a05.csv"
    with shared_path(name).open() as lines:
        rows = list(csv.DictReader(lines))
    days = np.array([(datetime.date.fromisoformat(row["date"]) - EPOCH).days for row in weeks])
    counts = np.array([float(row["observed"]) for row in weeks])
    options = FarringtonOptions(years=4, seasons=10, guard=26, trend_error_rate=1.0, threshold=threshold)
    steps = [int(row["index"]) - 1 for row in rows]
    panel = np.column_stack([counts[::-1], counts])  # beside another series, nothing changes
    found = detect_farrington(panel, TimeAxis(len(counts), 52, days), options, steps=steps)
    assert found.alarm[:, 1].tolist() == [row["alarm"] == "1" for row in rows]
    bounds = [float(row["upperbound"]) if row["upperbound"] != "NA" else np.nan for row in rows]
    np.testing.assert_allclose(found.upper[:, 1], bounds, rtol=1e-6)


def test_arrow_solve_equals_a_full_regression() -> None:
    """The one-pass fit has the coefficients of least squares on a dummy for each season and a slope."""
    rng = np.random.default_rng(3)
    season = np.arange(60) % 4
    time = np.linspace(-30.0, -1.0, 60)
    count = rng.poisson(np.exp(1 + 0.3 * season + 0.02 * time)).astype(float)
    rows = Rows(count, season, time, np.zeros(60), np.ones(60))
    room = Room(np.empty(60), np.empty((2, 60)), np.empty((3, 4)))
    converged, slope, _ = fit(rows, True, room)
    dummies = np.column_stack([(season == k) * 1.0 for k in range(4)] + [time])
    plain = fit_log_linear(count, dummies).coefficients
    assert converged
    assert slope == pytest.approx(plain[4], rel=1e-6)
    levels = room.sums[2] - slope * room.sums[1]
    np.testing.assert_allclose(levels, plain[:4], rtol=1e-6)


def test_reference_steps_are_the_same_season_of_past_years() -> None:
    """Dates are matched to the nearest week; nothing of the guard is taken; too short a past is none."""
    first = (datetime.date(2015, 1, 5) - EPOCH).days
    axis = TimeAxis(320, 52, first + 7 * np.arange(320))
    past = reference_steps(axis, 300, years=3, half_window=2, guard=2)
    assert past is not None
    assert past.step.tolist() == [k for year in (143, 196, 248) for k in range(year - 2, year + 3)]
    whole = reference_steps(axis, 300, years=1, half_window=3, seasons=10, guard=26)
    assert whole is not None
    assert whole.step.tolist() == list(range(245, 274))
    assert whole.season[:7].tolist() == [0] * 7
    assert reference_steps(axis, 100, years=2, half_window=3) is None


def test_past_outbreak_is_weighed_down() -> None:
    """A past outbreak in the same season hides nothing once it has lost its weight."""
    rng = np.random.default_rng(5)
    counts = rng.poisson(10, 300).astype(float)
    axis = TimeAxis(300, 52)
    level = FarringtonOptions(trend=False)
    quiet = detect_farrington(counts, axis, level, steps=[290])
    counts[290 - 104] = 80
    hidden = detect_farrington(counts, axis, replace(level, reweight=False), steps=[290])
    weighed = detect_farrington(counts, axis, level, steps=[290])
    assert hidden.upper[0] > 1.4 * quiet.upper[0]
    assert weighed.upper[0] == pytest.approx(quiet.upper[0], rel=0.25)


@pytest.mark.parametrize("scale", [1.0, 0.5])
def test_population_offset_takes_a_grown_city_for_normal(scale: float) -> None:
    """Twice the cases among twice the people are no alarm; the same without the offset are."""
    counts = np.full(300, 30.0)
    counts += np.tile([-3.0, 0.0, 3.0], 100)
    people = np.full(300, 1e5)
    counts[-1], people[-1] = 60 * scale, 2e5 * scale
    with_people = detect_farrington(counts, TimeAxis(300, 52), steps=[299], population=people)
    assert not with_people.alarm[0]
    assert detect_farrington(counts, TimeAxis(300, 52), steps=[299]).alarm[0] == (scale == 1.0)


def test_missing_counts_leave_the_regression() -> None:
    """A missing reference week is not a zero, and a missing judged week is not decided."""
    rng = np.random.default_rng(6)
    counts = rng.poisson(10, 300).astype(float)
    axis = TimeAxis(300, 52)
    full = detect_farrington(counts, axis, steps=[299]).expected[0]
    gaps = counts.copy()
    gaps[299 - 52] = np.nan
    assert detect_farrington(gaps, axis, steps=[299]).expected[0] == pytest.approx(full, rel=0.1)
    gaps[299] = np.nan
    judged = detect_farrington(gaps, axis, steps=[299])
    assert np.isnan(judged.upper[0])
    assert not judged.alarm[0]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: detect_farrington(-np.ones(300), TimeAxis(300, 52)), "counts must not be negative"),
        (lambda: detect_farrington(np.ones(300), TimeAxis(300, 52), steps=[10]), "look back fewer years"),
        (lambda: detect_farrington(np.ones(300), TimeAxis(299, 52)), "one row a step"),
        (
            lambda: detect_farrington(np.ones(300), TimeAxis(300, 52), steps=[299], population=-np.ones(300)),
            "population must be positive",
        ),
        (lambda: FarringtonOptions(error_rate=0.0), "0.05 is usual"),
        (lambda: FarringtonOptions(guard=-1), "26 weeks are advised"),
        (
            lambda: detect_farrington(
                np.ones(300), TimeAxis(300, 52), FarringtonOptions(seasons=90), steps=[299]
            ),
            "take fewer seasons",
        ),
    ],
)
def test_wrong_input_is_named(make: object, message: str) -> None:
    """An error states the rule and the remedy."""
    with pytest.raises(ValueError, match=message):
        make()  # type: ignore[operator]
