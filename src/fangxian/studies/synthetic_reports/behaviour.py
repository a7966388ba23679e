"""How units report: on time, late, not at all; with slips that are corrected, and contradictions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fangxian.studies.synthetic_reports.parameters import Parameters
from fangxian.studies.synthetic_reports.streams import stream

DEADLINE_MINUTES = 17 * 60
LONGEST_DELAY_MINUTES = 60 * 60
OUTAGE_DAYS = 5

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Reporting:
    """When each report comes, in minutes after the end of its day; not at all where ``sent`` is false."""

    sent: Flags
    minutes: Floats


def reporting(parameters: Parameters, *, form: str, days: int, units: int) -> Reporting:
    """Decide for each day and unit whether and when it reports.

    Some units are careful and some are not: the share on time of each unit is drawn once from a beta
    distribution around ``on_time_share``.
    """
    seed = parameters.seed
    mean = parameters.on_time_share
    care = stream(seed, f"{form}-care").beta(mean * 14, (1 - mean) * 14, units)
    sent = np.zeros((days, units), dtype=bool)
    minutes = np.zeros((days, units))
    silent_for = np.zeros(units, dtype=np.int64)
    for day in range(days):
        chance = stream(seed, f"{form}-reporting", day)
        falls_silent = chance.random(units) < parameters.outage_share / OUTAGE_DAYS
        silent_for = np.where(falls_silent, OUTAGE_DAYS, np.maximum(silent_for - 1, 0))
        on_time = chance.random(units) < care
        late = ~on_time & (chance.random(units) < parameters.late_share)
        sent[day] = (on_time | late) & (silent_for == 0)
        early = DEADLINE_MINUTES * (0.01 + 0.98 * chance.beta(1.7, 2.6, units))
        after = DEADLINE_MINUTES + 5 + chance.exponential(9 * 60, units)
        minutes[day] = np.where(on_time, early, np.minimum(after, LONGEST_DELAY_MINUTES))
    return Reporting(sent=sent, minutes=np.floor(minutes))


def contradict(
    seed: int,
    values: Mapping[str, Floats],
    too_high: Mapping[str, Floats | float],
    *,
    form: str,
    share: float,
) -> dict[str, Floats]:
    """Return the values with a few that contradict others: the named fields of a report are too high."""
    spoilt = {name: values[name].copy() for name in too_high}
    days, units = next(iter(values.values())).shape
    for day in range(days):
        chosen = stream(seed, f"{form}-contradiction", day).random(units) < share
        for name, amount in too_high.items():
            spoilt[name][day] += chosen * (amount if isinstance(amount, float) else amount[day])
    return {**values, **spoilt}


@dataclass(frozen=True)
class Slips:
    """Reports that first said something else: which, by how much, and how much later they were corrected."""

    chosen: Flags
    first_value: Floats
    minutes_later: NDArray[np.int64]


def slips(parameters: Parameters, right: Floats, *, form: str) -> Slips:
    """Choose the reports whose field was first typed wrongly: two digits swapped, or a few too many.

    A slip is always upward, so that no check between two fields of a report is broken by it.
    """
    days, units = right.shape
    chosen = np.zeros((days, units), dtype=bool)
    first = right.copy()
    later = np.zeros((days, units), dtype=np.int64)
    for day in range(days):
        chance = stream(parameters.seed, f"{form}-slips", day)
        chosen[day] = chance.random(units) < parameters.correction_share
        swapped = 10 * (right[day] % 10) + right[day] // 10
        more = right[day] + chance.integers(1, 4, units)
        two_digits = (right[day] >= 10) & (right[day] < 100)
        first[day] = np.where(two_digits & (swapped > right[day]), swapped, more)
        later[day] = chance.integers(60, 40 * 60, units)
    return Slips(chosen=chosen & (first != right), first_value=first, minutes_later=later)
