"""Made-up rosters (模拟数据): hospitals that help each other and townships, in a wave of sickness."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from fangxian.base.written_tables import write_rows

FIRST = date(2022, 12, 12)
SKILLS = ("nurse", "critical-nurse", "doctor", "critical-doctor", "sampler")
SHARES = (0.42, 0.13, 0.22, 0.08, 0.15)
SHIFTS = (("day", 8, 8, "no", 2), ("evening", 16, 8, "no", 2), ("night", 0, 8, "yes", 3))
"""The night of a date begins at its hour 0."""


def write_synthetic_roster(
    folder: Path, *, seed: int, staff: int = 500, days: int = 28, tightness: float = 0.95
) -> tuple[str, ...]:
    """Write the tables of a roster.

    Parameters
    ----------
    folder : Path
        Made when missing.
    seed : int
        The same seed gives the same tables.
    staff, days : int
        Sizes.
    tightness : float
        Load wanted over load that all staff may carry.

    Returns
    -------
    tuple of str
        Names of the files.
    """
    numbers = np.random.default_rng(seed)
    places = ["H1", "H2", "H3", *(f"T{k}" for k in range(1, 8))]
    weight = np.array([0.3, 0.2, 0.15, *[0.05] * 7])
    home = numbers.choice(len(places), staff, p=weight / weight.sum())
    skill = numbers.choice(len(SKILLS), staff, p=SHARES)
    second = {1: 0, 3: 2}  # who can do intensive care can do the ward, too
    people, absences = [], []
    for person in range(staff):
        able = [int(skill[person])]
        if able[0] in second:
            able.append(second[able[0]])
        elif numbers.random() < 0.15:
            able.append(4)
        people.append([f"P{person:04d}", places[home[person]], ";".join(SKILLS[k] for k in able), 40])
        if numbers.random() < 0.35:
            begin = int(numbers.integers(0, days))
            length = int(numbers.integers(5, 9))
            span = [FIRST + timedelta(days=begin), FIRST + timedelta(days=begin + length - 1)]
            reason = "infected" if numbers.random() < 0.8 else "leave"
            absences.append([f"P{person:04d}", *span, reason])
    folder.mkdir(parents=True, exist_ok=True)
    write_rows(folder / "staff.csv", ["staff", "home", "skills", "most_load"], people)
    write_rows(folder / "shifts.csv", ["shift", "start_hour", "hours", "night", "load"], SHIFTS)
    needs = _needs(numbers, places, (home, skill), (days, tightness))
    write_rows(folder / "needs.csv", ["date", "place", "shift", "skill", "need", "weight"], needs)
    pairs = [("H1", "H2"), ("H1", "H3"), ("H2", "H3"), ("H2", "H1")]
    pairs += [("H1" if k % 2 else "H2", f"T{k}") for k in range(1, 8)]
    lived_in = {places[each] for each in home.tolist()}  # a small team leaves places empty
    told = [pair for pair in pairs if lived_in.issuperset(pair)]
    write_rows(folder / "pairs.csv", ["home", "place"], told)
    write_rows(folder / "absences.csv", ["staff", "from", "to", "reason"], absences)
    return "staff.csv", "shifts.csv", "needs.csv", "pairs.csv", "absences.csv"


def _needs(
    numbers: np.random.Generator,
    places: Sequence[str],
    teams: tuple[np.ndarray, np.ndarray],
    size: tuple[int, float],
) -> list[list[object]]:
    """Return needs that follow the teams at home, with a wave of critical care in the middle."""
    home, skill = teams
    days, tightness = size
    share = {"day": 0.5, "evening": 0.25, "night": 0.25}
    points = sum(share[name] * load for name, _, _, _, load in SHIFTS)
    rows: list[list[object]] = []
    for day in range(days):
        wave = np.exp(-(((day - 0.6 * days) / (0.25 * days)) ** 2))
        for place, name in enumerate(places):
            for kind, code in enumerate(SKILLS):
                there = int(((home == place) & (skill == kind)).sum())
                surge = 1.0 + (0.45 * wave if kind in {1, 3} else 0.0)
                daily = there * 40 * tightness * surge / (points * days)
                for shift, part in share.items():
                    if kind == 4 and shift == "night":
                        continue
                    need = int(np.floor(daily * part + numbers.random()))
                    if need:
                        weight = 3.0 if kind in {1, 3} else 1.0
                        rows.append([FIRST + timedelta(days=day), name, shift, code, need, weight])
    return rows
