"""A small linear programme that every roster satisfies: the first prices of needs, and a first bound.

Staff of one class (home and skills) are counted together, day by day. What the rules of rest forbid to one
person holds for sums: who works a night cannot also work a day after it, so both together are at most the
people who are there.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fangxian.logistics.programme import INFINITY, Indices, Programme, SolverStop
from fangxian.logistics.rostering.kernel import Arena
from fangxian.logistics.rostering.problem import RosterProblem

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


class FirstPrices(NamedTuple):
    """What the linear programme says.

    Attributes
    ----------
    bound : float
        What no roster can be below; minus infinity when the programme was not solved in time.
    price : float[R]
        Prices of needs.
    """

    bound: float
    price: Floats


LEVELS = ("uncovered", "reserve", "fairness", "lending")
"""What a roster counts that the programme knows; changes of a published roster are each person's own."""


class _Columns(NamedTuple):
    """Staff by class, day, shift and need; ``column`` numbers them in the programme."""

    column: Indices
    kind: Integers
    day: Integers
    shift: Integers
    duty: Integers


class _Written(NamedTuple):
    """The programme, its rows of cover, what each level counts by column, and what it counts at least.

    ``counted`` has the columns and the cost of each; ``base`` is the unfairness of a class that never works.
    """

    programme: Programme
    cover: Indices
    counted: dict[str, tuple[Indices, Floats]]
    base: float


def first_prices(
    problem: RosterProblem, arena: Arena, seconds: float, *, levels: tuple[str, ...] = LEVELS
) -> FirstPrices:
    """Solve the programme.

    Parameters
    ----------
    problem : RosterProblem
        What is needed.
    arena : Arena
        The same for the kernels.
    seconds : float
        Time it may take.
    levels : tuple of str
        What is counted; all that there is if not given.

    Returns
    -------
    FirstPrices
    """
    written = _write(problem, arena, levels)
    found = written.programme.solve(SolverStop(seconds), relaxed=True)
    if found.status != "optimal":
        return FirstPrices(-np.inf, np.where(arena.need > 0, 0.5 * arena.unit, 0.0))
    base = written.base if "fairness" in levels else 0.0
    price = np.clip(found.row_dual[written.cover], 0.0, arena.unit)
    return FirstPrices(found.bound + base, price)


def level_bound(
    problem: RosterProblem, arena: Arena, level: str, above: dict[str, float], seconds: float
) -> float:
    """Return what a level counts at least in any roster that is no worse in the levels above it.

    Parameters
    ----------
    problem : RosterProblem
    arena : Arena
    level : str
        One of ``LEVELS``.
    above : dict of float
        What the levels above may count at most.
    seconds : float

    Returns
    -------
    float
        0 when the programme was not solved in time: nothing counts less.
    """
    written = _write(problem, arena, (level,))
    programme = written.programme
    for name, most in above.items():
        columns, cost = written.counted[name]
        slack = written.base if name == "fairness" else 0.0
        row = programme.add_rows(-INFINITY, most - slack + 1e-6 * max(1.0, abs(most)), 1)
        programme.add_entries(np.full(columns.shape[0], row[0]), columns, cost)
    found = programme.solve(SolverStop(seconds), relaxed=True)
    if found.status != "optimal":
        return 0.0
    return max(0.0, found.bound + (written.base if level == "fairness" else 0.0))


def _write(problem: RosterProblem, arena: Arena, levels: tuple[str, ...]) -> _Written:
    programme = Programme()
    paid = {name: float(name in levels) for name in LEVELS}
    columns = _columns(problem, arena, programme, paid["lending"])
    cover = programme.add_rows(arena.need + arena.reserve, INFINITY, arena.need.shape[0])
    programme.add_entries(cover[columns.duty], columns.column, 1.0)
    home = np.zeros(arena.option_first.shape[0] - 1, np.int64)
    home[arena.kind] = arena.home
    away = (home[columns.kind] != problem.need_place[columns.duty]).astype(np.float64)
    counted = {"lending": (columns.column, arena.lend_weight * away)}
    for name, amount, unit in (
        ("uncovered", arena.need, arena.unit),
        ("reserve", arena.reserve, arena.reserve_unit),
    ):
        lacking = programme.add_columns(paid[name] * unit, amount)
        programme.add_entries(cover, lacking, 1.0)
        counted[name] = lacking, unit
    _class_rows(problem, arena, programme, columns)
    counted["fairness"], base = _fairness(arena, programme, columns, paid["fairness"])
    return _Written(programme, cover, counted, base)


def _fairness(
    arena: Arena, programme: Programme, columns: _Columns, paid: float
) -> tuple[tuple[Indices, Floats], float]:
    """Count the load points of each class at the least unfairness that so many points can be shared with.

    The k-th point of a person adds 2 (k - fair) - 1 to the square; points that add less come first, so a
    linear programme fills them in order, and no sharing of the points can be fairer.
    """
    kinds = arena.option_first.shape[0] - 1
    rows = programme.add_rows(0.0, 0.0, kinds)
    programme.add_entries(rows[columns.kind], columns.column, arena.load[1 + columns.shift])
    kind, adds = [], []
    for person in range(arena.kind.shape[0]):
        points = np.arange(1, int(arena.most_load[person]) + 1)
        adds.append(2 * (points - arena.fair_load[person]) - 1)
        kind.append(np.full(points.shape[0], arena.kind[person]))
    table = np.stack([np.concatenate(kind), np.concatenate(adds)])
    steps, room = np.unique(table, axis=1, return_counts=True)
    cost = arena.fairness_weight * steps[1].astype(np.float64)
    step = programme.add_columns(paid * cost, room)
    programme.add_entries(rows[steps[0]], step, -1.0)
    base = float(arena.fairness_weight * (arena.fair_load.astype(np.float64) ** 2).sum())
    return (step, cost), base


def _columns(problem: RosterProblem, arena: Arena, programme: Programme, paid: float) -> _Columns:
    kinds = arena.option_first.shape[0] - 1
    option_kind = np.repeat(np.arange(kinds), np.diff(arena.option_first))
    duty = arena.duty[:, :, arena.option_slot]
    day, shift, option = np.nonzero(duty >= 0)
    cost = paid * arena.lend_weight * arena.option_away[option]
    return _Columns(programme.add_columns(cost), option_kind[option], day, shift, duty[day, shift, option])


def _class_rows(problem: RosterProblem, arena: Arena, programme: Programme, columns: _Columns) -> None:
    kinds, days = arena.option_first.shape[0] - 1, arena.available.shape[1]
    there = np.zeros((kinds, days, days), np.int64)  # who is there on either of two days
    for kind in range(kinds):
        mine = arena.available[arena.kind == kind].astype(np.int64)
        none = (1 - mine).T @ (1 - mine)
        there[kind] = mine.shape[0] - none
    for shifts, later, gap in _conflicts(problem, arena):
        _pair_rows(programme, columns, there, (shifts, later, gap))
    rules = problem.rules
    size = np.bincount(arena.kind, minlength=kinds)
    ordinary = np.arange(len(problem.shift_code))
    nights = np.flatnonzero(problem.night)
    cycle = rules.most_nights_in_row + max(1, rules.days_off_after_nights)
    for shifts, window, most in (
        (ordinary, rules.most_days_in_row + 1, rules.most_days_in_row),
        (nights, cycle, rules.most_nights_in_row),
    ):
        chosen = np.isin(columns.shift, shifts)
        for first in range(days - window + 1):
            inside = chosen & (columns.day >= first) & (columns.day < first + window)
            rows = programme.add_rows(-INFINITY, most * size, kinds)
            programme.add_entries(rows[columns.kind[inside]], columns.column[inside], 1.0)
    most_load = np.bincount(arena.kind, arena.most_load, kinds)
    rows = programme.add_rows(-INFINITY, most_load, kinds)
    programme.add_entries(rows[columns.kind], columns.column, arena.load[1 + columns.shift])


def _conflicts(problem: RosterProblem, arena: Arena) -> list[tuple[Integers, Integers, int]]:
    """Return (shifts, shifts that nobody of them can work, so many days later)."""
    shifts = np.arange(len(problem.shift_code))
    found = [(shifts, shifts[:0], 0)]
    rest = 24 + problem.start_hour[None, :] - (problem.start_hour + problem.hours)[:, None]
    forbidden = rest < problem.rules.least_rest_hours - 1e-9
    after_nights = problem.night[:, None] & ~problem.night[None, :]
    off = problem.rules.days_off_after_nights
    if off > 0:
        forbidden = forbidden | after_nights
    found += [(shifts[[shift]], np.flatnonzero(forbidden[shift]), 1) for shift in shifts]
    nights = np.flatnonzero(problem.night)
    found += [(nights, np.flatnonzero(~problem.night), gap) for gap in range(2, off + 1)]
    return [(each, later, gap) for each, later, gap in found if each.size and (later.size or gap == 0)]


def _pair_rows(
    programme: Programme, columns: _Columns, there: Integers, conflict: tuple[Integers, Integers, int]
) -> None:
    shifts, later, gap = conflict
    kinds, days = there.shape[0], there.shape[1]
    span = max(0, days - gap)
    first = np.arange(span)
    rows = programme.add_rows(-INFINITY, there[:, first, first + gap].ravel(), kinds * span)
    place = rows.reshape(kinds, span)
    mine = np.isin(columns.shift, shifts) & (columns.day < span)
    programme.add_entries(place[columns.kind[mine], columns.day[mine]], columns.column[mine], 1.0)
    theirs = np.isin(columns.shift, later) & (columns.day >= gap)
    programme.add_entries(place[columns.kind[theirs], columns.day[theirs] - gap], columns.column[theirs], 1.0)
