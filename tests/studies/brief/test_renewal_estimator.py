"""The renewal model behind the brief's interface: named, and silent before the first known day."""

from __future__ import annotations

import numpy as np

from fangxian.studies.brief.estimators import default_estimators, renewal_estimators
from fangxian.studies.brief.records import SerialInterval

INTERVAL = SerialInterval(4.7, 2.9, "made up for this test")


def test_the_choice_names_its_method_and_the_default_stays() -> None:
    """The method is in the estimate; without a choice the brief has Cori."""
    counts = np.concatenate([[np.nan, np.nan], np.full(40, 30.0)])
    chosen, default = renewal_estimators(INTERVAL), default_estimators(INTERVAL)
    assert chosen.reproduction is not None
    assert default.reproduction is not None
    estimate = chosen.reproduction.estimate(counts)
    assert "renewal model" in estimate.method
    assert "Cori" in default.reproduction.estimate(counts).method
    assert np.isnan(estimate.median[:2]).all()
    assert np.isfinite(estimate.median[2:]).all()
    assert abs(estimate.median[-1] - 1) < 0.1
    assert estimate.cases[-1] == 210


def test_nothing_known_is_undefined() -> None:
    """A series of missing days has no estimate and no error."""
    chosen = renewal_estimators(INTERVAL).reproduction
    assert chosen is not None
    assert np.isnan(chosen.estimate(np.full(9, np.nan)).median).all()
