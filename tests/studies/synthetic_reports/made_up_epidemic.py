"""An epidemic with a peak, for tests of what units report: no simulation is run for it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from fangxian.studies.synthetic_reports import HISTORY_DAYS, Epidemic

PEAK_DAY = 25


def made_up(areas: Mapping[str, int], days: int) -> Epidemic:
    """Return a bell of infections, 0.4 % of the people a day at its peak; more days keep the earlier."""
    day = np.arange(-HISTORY_DAYS, days)
    people = np.array([areas[code] for code in sorted(areas)], dtype=float)
    infections = 0.004 * np.exp(-0.5 * ((day - PEAK_DAY) / 15.0) ** 2)[:, None] * people
    return Epidemic(infections, cases=0.12 * infections, admissions=0.015 * infections)
