"""The simulator against its slow twin: testing and screening."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from day_by_day_comparison import disagreements, small_scene
from small_city import AGES, PLACES

from fangxian.science.agents import measures
from fangxian.science.agents.measures import Isolation, Screening
from fangxian.science.agents.records import Delay

PEOPLE, DAYS, FAST, SLOW = 1_000, 60, 50, 14
CELLS = (PLACES, AGES)
TESTING = measures.Testing(
    np.array([[0.9, 0.5, 0.7]] * PLACES),
    np.array([[0.2, 0.4, 0.8]] * PLACES),
    np.array([4.0, 0.0, 2.0]),
    delay=Delay("gamma", 1.5, 1.0),
)
MEASURES = {
    "testing by PCR": {"testing": TESTING, "laboratory_tubes": 12.0},
    "testing by antigen": {"testing": replace(TESTING, method="antigen", report_delay_days=2.0)},
    "screening in pools": {
        "screening": Screening(np.array([0.6, 0.0, 0.3]), pool_size=5, dilution=0.6),
        "laboratory_tubes": 56.0,
        "isolation": Isolation(case_share=0.8, case_days=8.0),
    },
    "screening one by one": {"screening": Screening(np.array([0.1, 0.05, 0.0]), pool_size=1)},
}


@pytest.mark.parametrize("name", MEASURES)
def test_finding_agrees_with_the_slow_twin(name: str) -> None:
    """Each way to find the infected; a laboratory that is too small makes results wait."""
    assert disagreements(small_scene(PEOPLE, DAYS, **MEASURES[name]), fast=FAST, slow=SLOW) == []
