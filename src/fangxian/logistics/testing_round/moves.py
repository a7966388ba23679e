"""Compiled moves of a round: areas change site, sites change laboratory, close or are taken over.

A move is made, counted and, where it is not accepted, undone; broken limits are charged for, so that a search
may pass through plans that break them, and only plans that keep all are kept.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fangxian.base.compiled import compiled, compiled_lean
from fangxian.logistics.testing_round.ground import Ground

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

IMPOSSIBLE = 1e15
_SITE, _LAB, _SCHEME, _CLOSE = 0.5, 0.65, 0.75, 0.9
"""Shares of the kinds of moves, added up; the rest lets a neighbour take over a whole site."""
_TRIED = 8
"""Laboratories of each site, the likeliest first, that are tried most often."""


class State(NamedTuple):
    """A plan while it is searched; all arrays are changed in place.

    Attributes
    ----------
    walk, scheme : int64[A]
        The walk of each area (-1: none) and its scheme.
    lab : int64[S]
        Laboratory of each site; kept while the site is closed.
    site_people : int64[S]
    site_areas : int64[S]
    site_tests : float[S, 2]
    load : float[L, H]
    load_again : float[L]
    totals : float[2]
        Staff, and what broken limits count.
    charge : float[3]
        Yuan for a tube too many, a member of staff too many, and an area without site, for each person.
    """

    walk: Integers
    scheme: Integers
    lab: Integers
    site_people: Integers
    site_areas: Integers
    site_tests: Floats
    load: Floats
    load_again: Floats
    totals: Floats
    charge: Floats


@compiled_lean()
def lanes_of(ground: Ground, people: int) -> int:
    """Return lanes for so many people."""
    return int(np.ceil(people / ground.lane_people - 1e-9))


@compiled_lean()
def broken(ground: Ground, state: State, lab: int) -> float:
    """Return tubes too many in a laboratory, at its worst hour, and single tests too many."""
    worst = 0.0
    for hour in range(ground.room.shape[1]):
        worst = max(worst, state.load[lab, hour] - ground.room[lab, hour])
    over = worst if worst > 1e-7 else 0.0
    again = state.load_again[lab] - ground.room_again[lab]
    return over + (again if again > 1e-7 else 0.0)


@compiled_lean()
def send(ground: Ground, state: State, site: int, lab: int, tests: tuple[float, float]) -> float:
    """Add tests of a site to a laboratory, or take them off; return what its broken limits change by."""
    before = broken(ground, state, lab)
    late = ground.late[ground.arrival[site, lab]]
    for hour in range(ground.room.shape[1]):
        state.load[lab, hour] += tests[0] * late[hour]
    state.load_again[lab] += tests[1]
    change = float(state.charge[0] * (broken(ground, state, lab) - before))
    state.totals[1] += change
    return change


@compiled_lean()
def put(ground: Ground, state: State, area: int, walk: int, sign: int) -> float:
    """Let an area come to a site (sign 1) or leave it (-1); return the change of cost and charges."""
    site, scheme = ground.walk_site[walk], state.scheme[area]
    lab, people = state.lab[site], ground.people[area]
    lanes = lanes_of(ground, state.site_people[site])
    was_open = state.site_areas[site] > 0
    state.site_people[site] += sign * people
    state.site_areas[site] += sign
    more = lanes_of(ground, state.site_people[site]) - lanes
    is_open = state.site_areas[site] > 0
    opened = int(is_open) - int(was_open)
    cost = more * ground.lane_cost + opened * (ground.opening[site] + ground.trips[site, lab])
    cost += sign * (ground.test_cost[lab] * ground.tests[area, scheme, 2] + ground.material[area, scheme])
    first, again = sign * ground.tests[area, scheme, 0], sign * ground.tests[area, scheme, 1]
    state.site_tests[site, 0] += first
    state.site_tests[site, 1] += again
    cost += send(ground, state, site, lab, (first, again))
    before = max(0.0, state.totals[0] - ground.staff)
    state.totals[0] += more * ground.lane_staff + opened * ground.site_staff
    change = state.charge[1] * (max(0.0, state.totals[0] - ground.staff) - before)
    state.totals[1] += change
    return float(cost + change)


@compiled_lean()
def has_room(ground: Ground, state: State, area: int, site: int) -> bool:
    """Say whether the site has lanes for the area, and a laboratory in time."""
    full = state.site_people[site] + ground.people[area]
    return bool(ground.timely[site, state.lab[site]]) and lanes_of(ground, full) <= ground.most_lanes[site]


@compiled_lean()
def move(ground: Ground, state: State, area: int, walk: int) -> float:
    """Send an area by another walk (-1: by none); return the change, or IMPOSSIBLE with nothing changed."""
    old = state.walk[area]
    if old == walk:
        return 0.0
    if walk >= 0 and not has_room(ground, state, area, ground.walk_site[walk]):
        return IMPOSSIBLE
    cost = 0.0
    if old >= 0:
        cost += put(ground, state, area, old, -1)
    else:
        state.totals[1] -= state.charge[2] * ground.people[area]
        cost -= state.charge[2] * ground.people[area]
    if walk >= 0:
        cost += put(ground, state, area, walk, 1)
    else:
        state.totals[1] += state.charge[2] * ground.people[area]
        cost += state.charge[2] * ground.people[area]
    state.walk[area] = walk
    return cost


@compiled_lean()
def change_lab(ground: Ground, state: State, site: int, lab: int) -> float:
    """Let a site send to another laboratory; return the change."""
    old = state.lab[site]
    if old == lab or not ground.timely[site, lab]:
        return IMPOSSIBLE
    tests = state.site_tests[site]
    cost = 0.0
    if state.site_areas[site] > 0:
        cost = ground.trips[site, lab] - ground.trips[site, old]
        for item in range(ground.first_guest[site], ground.first_guest[site + 1]):
            walk = ground.guest[item]
            area = ground.walk_area[walk]
            if state.walk[area] == walk:
                dearer = ground.test_cost[lab] - ground.test_cost[old]
                cost += dearer * ground.tests[area, state.scheme[area], 2]
        cost += send(ground, state, site, old, (-tests[0], -tests[1]))
        cost += send(ground, state, site, lab, (tests[0], tests[1]))
    state.lab[site] = lab
    return cost


@compiled_lean()
def change_scheme(ground: Ground, state: State, area: int, scheme: int) -> float:
    """Pool an area in another way; return the change."""
    walk, old = state.walk[area], state.scheme[area]
    if walk < 0 or scheme == old or not ground.allowed[area, scheme]:
        return IMPOSSIBLE
    cost = put(ground, state, area, walk, -1)
    state.scheme[area] = scheme
    return cost + put(ground, state, area, walk, 1)


@compiled_lean()
def empty_site(ground: Ground, state: State, site: int, into: int, undo: Integers) -> tuple[float, int]:
    """Send the areas of a site elsewhere, to one site where it can be, else to the cheapest open one.

    Returns the change (IMPOSSIBLE where one finds no place) and how many rows of ``undo[., 2]``, area and
    walk before, were filled.
    """
    cost, count = 0.0, 0
    for item in range(ground.first_guest[site], ground.first_guest[site + 1]):
        old = ground.guest[item]
        area = ground.walk_area[old]
        if state.walk[area] != old:
            continue
        best, chosen = IMPOSSIBLE, -1
        for walk in range(ground.first_walk[area], ground.first_walk[area + 1]):
            other = ground.walk_site[walk]
            if other == site or (other != into and state.site_areas[other] == 0):
                continue
            change = move(ground, state, area, walk)
            if change < IMPOSSIBLE:
                move(ground, state, area, old)
                # The site that takes over is paid for by the first that comes: it goes before.
                value = change - (IMPOSSIBLE if other == into else 0.0)
                if value < best:
                    best, chosen = value, walk
        if chosen < 0:
            return IMPOSSIBLE, count
        undo[count, 0], undo[count, 1] = area, old
        count += 1
        cost += move(ground, state, area, chosen)
    return cost, count


@compiled()
def search(  # noqa: C901 -- one loop: what is tried, whether it is kept, how it is undone
    ground: Ground, state: State, kept: tuple[Integers, Integers, Integers], luck: Floats, run: Floats
) -> None:
    """Try a move for each row of luck; keep what is not worse, or hot enough.

    Parameters
    ----------
    ground : Ground
    state : State
        Changed in place.
    kept : (int64[A], int64[A], int64[S])
        Walks, schemes and laboratories of the cheapest plan so far that keeps all limits; changed in place.
    luck : float[N, 4]
        Uniform numbers: kind, what, whereto, acceptance.
    run : float[4]
        Cost with charges now, cost of the plan kept, heat at the first row, and at the last; the first two
        are changed in place.
    """
    areas, labs = state.walk.shape[0], ground.room.shape[0]
    schemes = ground.allowed.shape[1]
    undo = np.empty((areas, 2), np.int64)
    for row in range(luck.shape[0]):
        kind = luck[row, 0]
        heat = run[2] * (run[3] / run[2]) ** (row / luck.shape[0])
        worse = -heat * np.log(max(luck[row, 3], 1e-12))
        area = min(int(luck[row, 1] * areas), areas - 1)
        walks = ground.first_walk[area + 1] - ground.first_walk[area]
        if walks == 0:
            continue
        walk = ground.first_walk[area] + min(int(luck[row, 2] * walks), walks - 1)
        old = state.walk[area]
        site = ground.walk_site[old] if old >= 0 else ground.walk_site[walk]
        change, lab, scheme, count = IMPOSSIBLE, state.lab[site], state.scheme[area], 0
        if kind < _SITE or old < 0:
            change = move(ground, state, area, walk)
        elif kind < _LAB:
            if labs > 1:
                # One time in ten any laboratory, else one of the likeliest.
                reach = labs if luck[row, 2] < 0.1 else min(labs, _TRIED)
                rank = min(int(10 * luck[row, 2] % 1 * reach), reach - 1)
                change = change_lab(ground, state, site, ground.near_lab[site, rank])
        elif kind < _SCHEME:
            change = change_scheme(ground, state, area, min(int(luck[row, 2] * schemes), schemes - 1))
        else:
            into = -1 if kind < _CLOSE else ground.walk_site[walk]
            change, count = empty_site(ground, state, site, into, undo)
        if change <= worse:
            run[0] += change
            if state.totals[1] < 1e-6 and run[0] < run[1] - 1e-6:
                run[1] = run[0]
                kept[0][:], kept[1][:], kept[2][:] = state.walk, state.scheme, state.lab
            continue
        for back in range(count - 1, -1, -1):
            move(ground, state, undo[back, 0], undo[back, 1])
        if change < IMPOSSIBLE and count == 0:
            if state.walk[area] != old:
                move(ground, state, area, old)
            elif state.scheme[area] != scheme:
                change_scheme(ground, state, area, scheme)
            elif state.lab[site] != lab:
                change_lab(ground, state, site, lab)


@compiled()
def place_all(ground: Ground, state: State) -> float:
    """Send every area, the largest first, to the site that costs least; return the change of the cost.

    A site that opens takes the laboratory that costs least with what is sent there so far. Who finds no room
    gets it where others can go elsewhere.
    """
    cost = 0.0
    order = np.argsort(-ground.people)
    for area in order:
        best, chosen, best_lab = IMPOSSIBLE, -1, -1
        for walk in range(ground.first_walk[area], ground.first_walk[area + 1]):
            site = ground.walk_site[walk]
            old = state.lab[site]
            is_open = state.site_areas[site] > 0
            for rank in range(1 if is_open else min(_TRIED, ground.room.shape[0])):
                lab = old if is_open else ground.near_lab[site, rank]
                state.lab[site] = lab
                change = move(ground, state, area, walk)
                if change < IMPOSSIBLE:
                    move(ground, state, area, -1)
                    if change < best:
                        best, chosen, best_lab = change, walk, lab
            state.lab[site] = old
        if chosen >= 0:
            state.lab[ground.walk_site[chosen]] = best_lab
            cost += move(ground, state, area, chosen)
    for area in order:
        for walk in range(ground.first_walk[area], ground.first_walk[area + 1]):
            if state.walk[area] < 0:
                cost += make_room(ground, state, area, walk)
    return cost


@compiled_lean()
def make_room(ground: Ground, state: State, area: int, walk: int) -> float:
    """Send guests of a site elsewhere, one by one, until an area finds room there; return the change."""
    cost, site = 0.0, ground.walk_site[walk]
    for item in range(ground.first_guest[site], ground.first_guest[site + 1]):
        change = move(ground, state, area, walk)
        if change < IMPOSSIBLE:
            return cost + change
        old = ground.guest[item]
        guest = ground.walk_area[old]
        if state.walk[guest] != old:
            continue
        for other in range(ground.first_walk[guest], ground.first_walk[guest + 1]):
            change = move(ground, state, guest, other) if other != old else IMPOSSIBLE
            if change < IMPOSSIBLE:
                cost += change
                break
    change = move(ground, state, area, walk)
    return cost + change if change < IMPOSSIBLE else cost


@compiled()
def settle(ground: Ground, state: State, walks: Integers) -> float:
    """Send every area by a walk of its own, -1 for none; return the change of the cost."""
    cost = 0.0
    for area in range(walks.shape[0]):
        if walks[area] >= 0:
            change = move(ground, state, area, walks[area])
            cost += change if change < IMPOSSIBLE else 0.0
    return cost
