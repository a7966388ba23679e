"""The simulator against its slow twin, day by day and person by person: contacts, masks, travel, imports."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from day_by_day_comparison import disagreements, small_scene
from small_city import AGES, PLACES, no_limits, small_disease

from fangxian.science.agents.measures import Importation, Meeting
from fangxian.science.agents.records import Delay, Infectiousness

PEOPLE, DAYS, FAST, SLOW = 1_000, 50, 50, 14


def meeting(**changes: object) -> Meeting:
    """Return contacts as usual but for some."""
    return replace(no_limits().meeting, **changes)


def contact_factors() -> np.ndarray:
    """Return factors that differ by place, setting and age."""
    factor = np.ones((PLACES, 6, AGES))
    factor[:, 1] = 0.2
    factor[1, :, 2] = 0.4
    factor[2, 5] = (0.9, 0.6, 0.3)
    return factor


MEASURES = {
    "none": {},
    "contact reduction": {"meeting": meeting(contact_factor=contact_factors())},
    "masks": {"meeting": meeting(mask_factor=np.array([[1, 0.5, 0.5, 0.5, 0.5, 0.7], [1.0] * 6, [0.8] * 6]))},
    "people with symptoms stay at home": {
        "meeting": meeting(symptomatic_factor=np.array([1, 0, 0.3, 0.3, 0.5, 0.2]))
    },
    "travel": {"meeting": meeting(travel_factor=np.array([0.0, 0.6, 1.0]))},
    "imports": {"imports": Importation(np.array([3.0, 0.0, 0.5]), np.zeros(PLACES, dtype=int))},
}


@pytest.mark.parametrize("name", MEASURES)
def test_contacts_agree_with_the_slow_twin(name: str) -> None:
    """Each way in which contacts are changed, alone."""
    assert disagreements(small_scene(PEOPLE, DAYS, **MEASURES[name]), fast=FAST, slow=SLOW) == []


def test_a_plain_model_agrees_with_the_slow_twin() -> None:
    """A period that sets the number of contacts, all alike, no latent time: what the others do not use."""
    plain = Infectiousness(latent=Delay("lognormal", 1.0, 0.5), period=Delay("exponential", 4.0))
    disease = replace(small_disease(0.05), infectiousness=plain, severity=None)
    assert disagreements(small_scene(PEOPLE, DAYS, disease), fast=FAST, slow=SLOW) == []
