"""EARS equals the reference program, place by place, and a missing count is no alarm."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from fangxian.science.detection.ears import EarsMethod, detect_ears
from shared_data import shared_path


def _rows(file: str) -> list[dict[str, str]]:
    with shared_path(f"expected/{file}").open() as lines:
        return list(csv.DictReader(lines))


@pytest.mark.parametrize("method", list(EarsMethod))
def test_alarms_equal_the_reference(method: EarsMethod) -> None:
    """Alarms are identical and bounds agree to 1e-3, also as one column among others."""
    counts = np.array([float(row["observed"]) for row in _rows("salmNewport_total.csv")])
    rows = _rows(f"surveillance_ears{method}_salmNewport.csv")
    week = np.array([int(row["index"]) - 1 for row in rows])
    panel = detect_ears(np.column_stack([np.zeros_like(counts), counts]), method)
    assert panel.alarm[week, 1].tolist() == [row["alarm"] == "1" for row in rows]
    bounds = np.array([float(row["upperbound"]) for row in rows])
    np.testing.assert_allclose(panel.upper[week, 1], bounds, rtol=1e-3)
    np.testing.assert_array_equal(detect_ears(counts, method).upper, panel.upper[:, 1])


def test_missing_count_is_neither_alarm_nor_zero() -> None:
    """A missing day raises nothing, and a baseline that holds it decides nothing unless allowed to."""
    counts = np.array([4.0, 5, 6, np.nan, 5, 4, 6, 30, np.nan, 5])
    strict = detect_ears(counts, EarsMethod.C1)
    assert not strict.alarm.any()
    lenient = detect_ears(counts, EarsMethod.C1, least_known=5)
    assert lenient.alarm.tolist() == [False] * 7 + [True, False, False]
    assert lenient.expected[7] == pytest.approx(5)


def test_spread_floor_silences_one_case_after_a_quiet_week() -> None:
    """With a floor under the spread a single case after zeros is expected noise."""
    counts = np.array([0.0] * 9 + [1])
    assert detect_ears(counts, EarsMethod.C2).alarm[-1]
    assert not detect_ears(counts, EarsMethod.C2, least_standard_deviation=0.5).alarm[-1]


def test_c3_after_weeks_of_no_spread_is_as_r_prints_it() -> None:
    """After zeros alone a case exceeds without bound: the bound is 0; 0 against 0 decides nothing."""
    counts = np.array([0.0] * 9 + [1, 4, 5, 0, 0, 0, 6, 2])
    found = detect_ears(counts, EarsMethod.C3)
    np.testing.assert_allclose(found.upper[11:], [np.nan, 0, 0, 4.2123487, 10.2123487, 3.7901171], atol=1e-7)
    assert found.alarm[11:].tolist() == [False] * 6


@pytest.mark.parametrize(("length", "rate"), [(2, None), (7, 1.5)])
def test_wrong_setting_is_named(length: int, rate: float | None) -> None:
    """An error states the value received and what EARS uses."""
    with pytest.raises(ValueError, match="EARS uses"):
        detect_ears(np.zeros(20), baseline_length=length, error_rate=rate)
