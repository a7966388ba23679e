"""A small city with four hospitals, three of which have reported for three weeks."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest

from fangxian.reporting.services import BulkOptions, submit_bulk
from town import FIRST, Town, noon_after


@pytest.fixture
def town(db: None) -> Town:
    """H11, H12 and H21 have reported every day in time; H22 never has."""
    made = Town()
    rows = []
    for step in range(21):
        day = FIRST + timedelta(days=step)
        for number, unit in enumerate(("H11", "H12", "H21")):
            cases = step // 4 + number
            said = {"new_cases": cases, "in_hospital": 20 + cases}
            rows.append({"unit": unit, "day": day, "reported_at": noon_after(day), **said})
    frame = pl.DataFrame(rows)
    result = submit_bulk(
        actor=made.officer, form="hospital-daily", frame=frame, options=BulkOptions(channel="csv")
    )
    assert result.accepted == len(rows)
    return made
