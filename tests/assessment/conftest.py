"""A small city with four hospitals, three of which have reported for three weeks."""

from __future__ import annotations

from datetime import timedelta

import pytest

from town import FIRST, Town


@pytest.fixture
def town(db: None) -> Town:
    """H11, H12 and H21 have reported every day in time; H22 never has."""
    made = Town()
    for step in range(21):
        day = FIRST + timedelta(days=step)
        for number, unit in enumerate(("H11", "H12", "H21")):
            made.say(unit, day, step // 4 + number)
    return made
