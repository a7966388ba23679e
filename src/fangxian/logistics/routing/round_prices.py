"""The cheapest round at given prices, where everybody rides to its end: by load, with a short memory.

A round picks requests up until its seats are full. Label by label it is known where it stands, how many are
aboard, and which of the requests near that place it has served: those it may not serve twice, others it may
(ng-routes: Baldacci, Mingozzi & Roberti 2011, DOI 10.1287/opre.1110.0975). So some "rounds" are none, and the
cheapest costs no more than the cheapest that is one. Prices are whole millimetres: sums are exact, and a
label's predecessors are found again by their values.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fangxian.base.compiled import compiled

Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

UNREACHED = 2**60


class RoundTables(NamedTuple):
    """What does not change with the prices: requests (R), groups of alike vehicles (G), memory (B).

    ``leg``, ``first``, ``last`` are millimetres between requests, from a group's start (its fixed cost
    included), and to its end; ``UNREACHED`` where the second cannot follow. ``near`` lists the requests that
    are remembered at each, ``close`` says whether the memories of two meet.
    """

    leg: Integers
    first: Integers
    last: Integers
    persons: Integers
    seats: Integers
    near: Integers
    close: Flags


@compiled()
def _memory(tables: RoundTables, one: int, other: int, memory: int) -> int:
    """Return what is remembered at the second request after the first; -1 if it was served already."""
    width = tables.near.shape[1]
    kept = 0
    for bit in range(width):
        if memory >> bit & 1 and tables.near[one, bit] == other:
            return -1
    for place in range(width):
        seen = tables.near[other, place]
        if seen == one:
            kept |= 1 << place
            continue
        for bit in range(width):
            if memory >> bit & 1 and tables.near[one, bit] == seen:
                kept |= 1 << place
    return kept


@compiled()
def label_rounds(  # noqa: C901 -- one nest of loops: calls would count references to every table
    tables: RoundTables, price: Integers
) -> Integers:
    """Return int64[Q+1, R, 2^B, G]: the least cost, less prices, of a way to stand there.

    Parameters
    ----------
    tables : RoundTables
    price : int64[R]
        Millimetres that serving each request is paid.
    """
    requests, groups = tables.persons.shape[0], tables.seats.shape[0]
    most, memories = tables.seats.max(), 1 << tables.near.shape[1]
    value = np.full((most + 1, requests, memories, groups), UNREACHED, np.int64)
    reached = np.zeros((most + 1, requests, memories), np.bool_)
    for one in range(requests):
        load = tables.persons[one]
        reached[load, one, 0] = True
        for group in range(groups):
            if tables.first[group, one] < UNREACHED:
                value[load, one, 0, group] = tables.first[group, one] - price[one]
    least = np.empty(groups, np.int64)
    for load in range(1, most):
        for one in range(requests):
            least[:] = UNREACHED
            for memory in range(memories):
                if reached[load, one, memory]:
                    for group in range(groups):
                        least[group] = min(least[group], value[load, one, memory, group])
            if least.min() >= UNREACHED:
                continue
            for other in range(requests):
                after, way = load + tables.persons[other], tables.leg[one, other]
                if after > most or way >= UNREACHED:
                    continue
                added = way - price[other]
                if not tables.close[one, other]:  # nothing near is remembered: only the lowest counts
                    reached[after, other, 0] = True
                    for group in range(groups):
                        if least[group] < UNREACHED:
                            now = value[after, other, 0, group]
                            value[after, other, 0, group] = min(now, least[group] + added)
                    continue
                for memory in range(memories):
                    if not reached[load, one, memory]:
                        continue
                    kept = _memory(tables, one, other, memory)
                    if kept < 0:
                        continue
                    reached[after, other, kept] = True
                    for group in range(groups):
                        if value[load, one, memory, group] < UNREACHED:
                            now = value[after, other, kept, group]
                            so_far = value[load, one, memory, group] + added
                            value[after, other, kept, group] = min(now, so_far)
    return value


@compiled()
def close_rounds(tables: RoundTables, value: Integers) -> tuple[Integers, Integers, Integers]:
    """Return, by group and last request, the cost of the cheapest round, its load and what it remembers."""
    requests, groups = tables.persons.shape[0], tables.seats.shape[0]
    cost = np.full((groups, requests), UNREACHED, np.int64)
    load_of, memory_of = np.zeros((groups, requests), np.int64), np.zeros((groups, requests), np.int64)
    for load in range(1, value.shape[0]):
        for last in range(requests):
            for memory in range(value.shape[2]):
                for group in range(groups):
                    so_far = value[load, last, memory, group]
                    if so_far >= UNREACHED or load > tables.seats[group]:
                        continue
                    if so_far + tables.last[last, group] < cost[group, last]:
                        cost[group, last] = so_far + tables.last[last, group]
                        load_of[group, last], memory_of[group, last] = load, memory
    return cost, load_of, memory_of


@compiled()
def trace_round(
    tables: RoundTables, price: Integers, value: Integers, end: tuple[int, int, int, int]
) -> Integers:
    """Return the requests of a round, the last first; ``end`` is its group, last request, load and memory."""
    group, other, load, memory = end
    found = np.empty(load, np.int64)
    count = 0
    while True:
        found[count] = other
        count += 1
        now = value[load, other, memory, group]
        before = load - tables.persons[other]
        if before == 0:
            return found[:count]
        one, earlier = _before(tables, price, value, (group, other, load, memory), now)
        other, load, memory = one, before, earlier


@compiled()
def _before(
    tables: RoundTables, price: Integers, value: Integers, at: tuple[int, int, int, int], now: int
) -> tuple[int, int]:
    """Return a request and a memory from which a label came."""
    group, other, load, memory = at
    before = load - tables.persons[other]
    for one in range(tables.persons.shape[0]):
        if tables.leg[one, other] >= UNREACHED:
            continue
        wanted = now - tables.leg[one, other] + price[other]
        for earlier in range(value.shape[2]):
            if value[before, one, earlier, group] != wanted:
                continue
            kept = _memory(tables, one, other, earlier) if tables.close[one, other] else 0
            if kept == memory:
                return one, earlier
    return -1, -1
