"""The simulator against its slow twin: beds, antivirals, vaccination, earlier infection."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from day_by_day_comparison import disagreements, small_scene
from small_city import AGES, PLACES, small_protection

from fangxian.science.agents import measures
from fangxian.science.agents.measures import Care, Vaccination

PEOPLE, DAYS, FAST, SLOW = 1_000, 60, 50, 14
TESTING = measures.Testing(np.ones((PLACES, AGES)), np.ones((PLACES, AGES)), np.zeros(PLACES))
DOSES = np.array([[[1, 4, 2], [0, 2, 3]], [[0, 0, 0], [2, 2, 2]], [[5, 0, 1], [1, 1, 9]]])
MEASURES = {
    "few beds": {"care": Care(np.array([5, 4]), np.array([2, 1]))},
    "few ward beds, long waits": {"care": Care(np.array([2, 1]), np.array([20, 20]), longest_wait_days=6.0)},
    "no intensive care": {"care": Care(np.array([30, 30]), np.array([0, 0]), longest_wait_days=0.5)},
    "antivirals": {
        "testing": TESTING,
        "care": Care(
            np.array([99, 99]),
            np.array([99, 99]),
            antiviral_courses=3,
            antiviral_age=1,
            antiviral_window_days=3.0,
        ),
    },
    "vaccination": {"vaccination": Vaccination(DOSES, np.array([0.3, 0.8, 0.9]), statuses=(0, 2))},
}


@pytest.mark.parametrize("name", MEASURES)
def test_care_agrees_with_the_slow_twin(name: str) -> None:
    """Each of beds, medicines and vaccines."""
    assert disagreements(small_scene(PEOPLE, DAYS, **MEASURES[name]), fast=FAST, slow=SLOW) == []


def test_earlier_infection_agrees_with_the_slow_twin() -> None:
    """Protection by earlier infection, by age, that wanes day by day."""
    days = np.arange(DAYS)[:, None]
    wanes = np.array([0.0, 0.1, 0.2, 0.9]) * 0.99**days
    protection = replace(
        small_protection(),
        infection=wanes,
        severe=wanes,
        death=wanes,
        earlier_infection=np.array([0.5, 0.3, 0.1]),
        class_of_earlier_infection=3,
    )
    assert disagreements(small_scene(PEOPLE, DAYS, None, protection), fast=FAST, slow=SLOW) == []
