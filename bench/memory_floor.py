"""What memory allows a simulator: lines that one infection must touch, and what a line costs on this machine.

A line is 64 bytes, the least that memory hands over. Counted are the lines at places nobody can foresee from
the line before; what is read and written in order (entries of a day, cases) costs a small part of a line each
and is counted as nothing.
"""

from __future__ import annotations

import time

import numpy as np

from fangxian.base.compiled import compiled
from fangxian.science.agents.city import City
from fangxian.science.agents.draws import draw_tables
from fangxian.science.agents.records import DiseaseCourse

LINE = 64
STEPS = 2_000_000


@compiled()
def _one_after_another(order: np.ndarray, steps: int) -> int:
    at = 0
    for _ in range(steps):
        at = order[at]
    return at


@compiled()
def _at_once(values: np.ndarray, order: np.ndarray) -> int:
    total = 0
    for at in order:
        total += values[at]
    return total


def nanoseconds_a_line(size: int) -> tuple[float, float]:
    """Return the time of a line from so many bytes: each waiting for the one before, and all at once."""
    lines = max(size // LINE, 1024)
    cycle = np.random.default_rng(1).permutation(lines) * (LINE // 8)
    order = np.zeros(lines * (LINE // 8), dtype=np.int64)
    order[cycle] = np.roll(cycle, -1)
    asked = np.resize(cycle, STEPS)
    _one_after_another(order, 1000), _at_once(order, asked[:1000])
    times = []
    for work in (lambda: _one_after_another(order, STEPS), lambda: _at_once(order, asked)):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) / STEPS * 1e9)
    return times[0], times[1]


def lines_per_infection(city: City, disease: DiseaseCourse) -> dict[str, tuple[float, int]]:
    """Return, by kind of memory, the lines that one infection touches and the bytes that they lie in.

    A contact touches the status of whom it meets, and in a class or team the listing before; the person
    infected touches the own card and the number of the own case.
    """
    people, draw = city.population, draw_tables(city, disease, 1)
    days = disease.infectiousness.period.mean_days
    age = city.age_groups.of_years()[people.person_age]
    sizes = np.diff(people.household_start)[people.person_household]
    somewhere = people.person_group >= 0
    group = people.person_group[somewhere]
    members = np.diff(people.group_start)[group]
    rate = draw.group_rate[people.group_kind[group].astype(int) + 1, age[somewhere]]
    at_group = days * float((rate * (members > 1)).sum()) / people.size
    elsewhere = days * float((draw.household_rate[sizes] + draw.community_rate[age]).mean())
    return {
        "status of whom it meets": (at_group + elsewhere, people.size),
        "listing of its class or team": (at_group, city.tables.listing.nbytes),
        "its card": (1.0, city.tables.card.nbytes),
        "the number of its case": (1.0, 4 * people.size),
    }
