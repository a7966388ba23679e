"""The simulator against its slow twin: isolation and tracing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from day_by_day_comparison import disagreements, small_scene
from small_city import AGES, PLACES

from fangxian.science.agents import measures
from fangxian.science.agents.measures import Isolation, Tracing, default_leak
from fangxian.science.agents.records import Delay

PEOPLE, DAYS, FAST, SLOW = 1_000, 60, 50, 14
CELLS = (PLACES, AGES)
TESTING = measures.Testing(
    np.array([[0.9, 0.5, 0.7]] * PLACES),
    np.array([[0.2, 0.4, 0.8]] * PLACES),
    np.array([4.0, 0.0, 2.0]),
    delay=Delay("gamma", 1.5, 1.0),
)
OPEN_ROOMS = Isolation(0.9, 0.8, 9.0, 6.0, True, True, 10_000, (1, 4), default_leak())
TRACING = Tracing(
    np.array([0.9, 0.8, 0.6, 0.6, 0.9, 0.3]),
    np.full(PLACES, 100),
    other_contacts=np.array([0, 2, 1, 3, 2, 1.5]),
    delay_days=0.7,
)
MEASURES = {
    "isolation at home": {"testing": TESTING, "isolation": Isolation(case_share=0.7, case_days=12.0)},
    "isolation in few rooms": {
        "testing": TESTING,
        "isolation": Isolation(case_share=1.0, case_days=7.0, cases_in_rooms=True, rooms=15),
    },
    "tracing by all": {"testing": TESTING, "tracing": TRACING, "isolation": OPEN_ROOMS},
    "tracing by few": {
        "testing": TESTING,
        "tracing": replace(TRACING, capacity=np.array([1, 2, 0]), longest_wait_days=2),
        "isolation": replace(OPEN_ROOMS, contacts_in_rooms=False, cases_in_rooms=False),
    },
}


@pytest.mark.parametrize("name", MEASURES)
def test_keeping_apart_agrees_with_the_slow_twin(name: str) -> None:
    """Each way to keep apart the infected and their contacts, on top of the testing that it needs."""
    assert disagreements(small_scene(PEOPLE, DAYS, **MEASURES[name]), fast=FAST, slow=SLOW) == []
