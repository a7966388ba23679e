"""Compiled parts of the roster: the best period of one person at given prices, and sweeps over all."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fangxian.base.compiled import compiled

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

IMPOSSIBLE = -1e15


class Arena(NamedTuple):
    """What the kernels need of a problem.

    Attributes
    ----------
    following : int64[M, F + 1]
        Rest table.
    start : int64[P]
        First mode of each person.
    load : int64[F + 1]
        Points of each step; a day off has none.
    most_load, fair_load : int64[P]
    fairness_weight, change_weight, lend_weight : float
    available : bool[P, D]
    published : int64[P, D]
    home : int64[P]
    kind : int64[P]
        Class of each person: home and skills.
    option_first : int64[C + 1]
        Where the options of a class begin.
    option_slot : int64[O]
        Place and skill that a class may fill, as one number.
    option_away : bool[O]
        Whether that is away from home.
    duty : int64[D, F, W * K]
        Number of the need of a day, shift, place and skill; -1 where none.
    need, reserve : int64[R]
    unit, reserve_unit : float[R]
        What a missing member of staff, and a missing reserve, counts.
    """

    following: Integers
    start: Integers
    load: Integers
    most_load: Integers
    fair_load: Integers
    fairness_weight: float
    change_weight: float
    lend_weight: float
    available: NDArray[np.bool_]
    published: Integers
    home: Integers
    kind: Integers
    option_first: Integers
    option_slot: Integers
    option_away: NDArray[np.bool_]
    duty: Integers
    need: Integers
    reserve: Integers
    unit: Floats
    reserve_unit: Floats


@compiled()
def rewards(arena: Arena, person: int, price: Floats, reward: Floats, which: Integers) -> None:
    """Fill reward[D, F + 1] and which[D, F + 1]: the best need for each step, at prices of needs."""
    days, steps = reward.shape
    kind = arena.kind[person]
    for day in range(days):
        told = arena.published[person, day]
        reward[day, 0] = -arena.change_weight if told > 0 else 0.0
        which[day, 0] = -1
        for step in range(1, steps):
            best, chosen = IMPOSSIBLE, -1
            if arena.available[person, day]:
                for option in range(arena.option_first[kind], arena.option_first[kind + 1]):
                    duty = arena.duty[day, step - 1, arena.option_slot[option]]
                    if duty < 0:
                        continue
                    value = price[duty]
                    if arena.option_away[option]:
                        value -= arena.lend_weight
                    if value > best:
                        best, chosen = value, duty
            if chosen >= 0 and told >= 0 and told != step:
                best -= arena.change_weight
            reward[day, step] = best
            which[day, step] = chosen


@compiled()
def best_period(  # noqa: C901 -- one table, filled and read back
    arena: Arena, person: int, reward: Floats, taken: Integers
) -> float:
    """Fill taken[D] with the steps of most reward that the rules allow, and return it less the unfairness.

    The table runs over days, modes of rest and load points, so the rules hold exactly.
    """
    days, steps = reward.shape
    modes, most = arena.following.shape[0], arena.most_load[person]
    value = np.full((modes, most + 1), IMPOSSIBLE)
    ahead = np.full((modes, most + 1), IMPOSSIBLE)
    came = np.full((days, modes, most + 1), -1, np.int32)
    value[arena.start[person], 0] = 0.0
    highest = 0
    heaviest = arena.load.max()
    for day in range(days):
        ahead[:, :] = IMPOSSIBLE
        for mode in range(modes):
            for load in range(min(highest, most) + 1):
                here = value[mode, load]
                if here <= IMPOSSIBLE / 2:
                    continue
                for step in range(steps):
                    after = arena.following[mode, step]
                    total = load + arena.load[step]
                    if after < 0 or total > most or reward[day, step] <= IMPOSSIBLE / 2:
                        continue
                    if here + reward[day, step] > ahead[after, total]:
                        ahead[after, total] = here + reward[day, step]
                        came[day, after, total] = mode * steps + step
        highest += heaviest
        value, ahead = ahead, value
    best, mode, load = IMPOSSIBLE, -1, -1
    for end in range(modes):
        for total in range(most + 1):
            beside = total - arena.fair_load[person]
            worth = value[end, total] - arena.fairness_weight * beside * beside
            if worth > best:
                best, mode, load = worth, end, total
    for day in range(days - 1, -1, -1):
        code = came[day, mode, load]
        step = code % steps
        taken[day] = step
        mode, load = code // steps, load - arena.load[step]
    return best


@compiled()
def respond(arena: Arena, roster: tuple[Integers, Integers, Integers], order: Integers, cap: float) -> None:
    """Let each person of ``order`` in turn take the best period, given what the others do.

    The roster, ``duties[P, D]`` (-1 off), ``steps[P, D]`` and ``cover[R]``, is changed in place. No missing
    member of staff is worth more than ``cap``: where it is low, people work about their fair share and leave
    the rest to those who come after them.
    """
    duties, steps, cover = roster
    days = duties.shape[1]
    reward = np.empty((days, arena.load.shape[0]))
    which = np.empty((days, arena.load.shape[0]), np.int64)
    price = np.empty(cover.shape[0])
    for person in order:
        for day in range(days):
            if duties[person, day] >= 0:
                cover[duties[person, day]] -= 1
        for duty in range(cover.shape[0]):
            price[duty] = min(cap, missing_price(arena, duty, cover[duty]))
        rewards(arena, person, price, reward, which)
        best_period(arena, person, reward, steps[person])
        for day in range(days):
            duty = which[day, steps[person, day]]
            duties[person, day] = duty
            if duty >= 0:
                cover[duty] += 1


@compiled()
def missing_price(arena: Arena, duty: int, cover: int) -> float:
    """Return what one more member of staff is worth where ``cover`` are there."""
    if cover < arena.need[duty]:
        return float(arena.unit[duty])
    if cover < arena.need[duty] + arena.reserve[duty]:
        return float(arena.reserve_unit[duty])
    return 0.0


@compiled()
def all_best(arena: Arena, price: Floats, demand: Integers, own: Floats) -> None:
    """At prices of needs, fill own[P] with everybody's best value and add up demand[R], who is where."""
    people, days = arena.available.shape
    reward = np.empty((days, arena.load.shape[0]))
    which = np.empty((days, arena.load.shape[0]), np.int64)
    taken = np.empty(days, np.int64)
    demand[:] = 0
    for person in range(people):
        rewards(arena, person, price, reward, which)
        own[person] = best_period(arena, person, reward, taken)
        for day in range(days):
            duty = which[day, taken[day]]
            if duty >= 0:
                demand[duty] += 1


@compiled()
def own_cost(arena: Arena, person: int, steps: Integers, away: int) -> float:
    """Return what a person's period counts: unfairness, changes and shifts away from home."""
    load, cost = 0, 0.0
    for day in range(steps.shape[0]):
        load += arena.load[steps[day]]
        told = arena.published[person, day]
        if told >= 0 and told != steps[day]:
            cost += arena.change_weight
    beside = load - arena.fair_load[person]
    return float(cost + arena.fairness_weight * beside * beside + arena.lend_weight * away)


@compiled()
def shortage_cost(arena: Arena, cover: Integers) -> float:
    """Return what missing staff and missing reserves count."""
    cost = 0.0
    for duty in range(cover.shape[0]):
        missing = max(0, arena.need[duty] - cover[duty])
        lacking = max(0, arena.need[duty] + arena.reserve[duty] - cover[duty]) - missing
        cost += missing * arena.unit[duty] + lacking * arena.reserve_unit[duty]
    return cost


@compiled()
def try_leavers(
    arena: Arena,
    roster: tuple[Integers, Integers, Integers],
    leavers: Integers,
    place: Integers,
    luck: tuple[Floats, Floats],
) -> float:
    """Let staff leave and come back, row by row of ``leavers``; keep what is not worse, or hot enough.

    Parameters
    ----------
    arena : Arena
        The problem.
    roster : (int64[P, D], int64[P, D], int64[R])
        Needs, steps and cover; changed in place.
    leavers : int64[N, L]
        Who leaves in each try, -1 at the end of a shorter row.
    place : int64[R]
        Where each need is.
    luck : (float[N], float[N])
        By how much a try may be worse and still be kept; and the cap of what a missing member of staff is
        worth when they first come back.

    Returns
    -------
    float
        The change of the total.
    """
    duties, steps, cover = roster
    heat, cap = luck
    days = duties.shape[1]
    total = 0.0
    for row in range(leavers.shape[0]):
        count = 0
        while count < leavers.shape[1] and leavers[row, count] >= 0:
            count += 1
        who = leavers[row, :count]
        before = shortage_cost(arena, cover)
        old_steps, old_duties, old_cover = steps[who].copy(), duties[who].copy(), cover.copy()
        for person in who:
            before += own_cost(arena, person, steps[person], count_away(arena, duties, person, place))
            for day in range(days):
                if duties[person, day] >= 0:
                    cover[duties[person, day]] -= 1
                    duties[person, day] = -1
        respond(arena, roster, who, cap[row])
        respond(arena, roster, who, np.inf)
        after = shortage_cost(arena, cover)
        for person in who:
            after += own_cost(arena, person, steps[person], count_away(arena, duties, person, place))
        if after <= before + heat[row]:
            total += after - before
        else:
            for k in range(count):
                steps[who[k]] = old_steps[k]
                duties[who[k]] = old_duties[k]
            cover[:] = old_cover
    return total


@compiled()
def count_away(arena: Arena, duties: Integers, person: int, place: Integers) -> int:
    """Return a person's shifts away from home."""
    away = 0
    for day in range(duties.shape[1]):
        if duties[person, day] >= 0 and place[duties[person, day]] != arena.home[person]:
            away += 1
    return away
