"""The best set of areas for one site at given prices: a knapsack with steps, one step a lane."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fangxian.base.compiled import compiled

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]


@compiled()
def price_sites(  # noqa: C901 -- one kernel: the table is filled and read back in one place
    start: Integers, people: Integers, worth: Floats, lane_people: int, lane_price: Floats, lanes: Integers
) -> tuple[Floats, Integers, Flags]:
    """Return for each site and laboratory the set of areas that is worth most, lanes paid.

    Parameters
    ----------
    start : int64[S + 1]
        Where the walks of each site begin; walks stand by site.
    people : int64[I]
        People of each walk; an area goes whole or not at all.
    worth : float[I, L]
        What it is worth to swab the area of a walk at its site and test it in a laboratory.
    lane_people : int
        People of one lane in a round.
    lane_price : float[S]
        What one lane costs.
    lanes : int64[S]
        Most lanes of each site.

    Returns
    -------
    float[S, L], int64[S, L], bool[L, I]
        Worth less lanes (0 where nothing is worth a lane), lanes, and the walks taken.

    Notes
    -----
    Exact: the table over people has one entry for each person, so that the reduced costs of all patterns are
    bounded and the master's bound is valid.
    """
    sites, labs = start.shape[0] - 1, worth.shape[1]
    value = np.zeros((sites, labs))
    used = np.zeros((sites, labs), np.int64)
    taken = np.zeros((labs, people.shape[0]), np.bool_)
    for site in range(sites):
        first, last = start[site], start[site + 1]
        for lab in range(labs):
            total = 0
            for item in range(first, last):
                if worth[item, lab] > 0:
                    total += people[item]
            room = min(total, lane_people * lanes[site])
            if total == 0:
                continue
            best = np.zeros(room + 1)
            kept = np.zeros((last - first, room + 1), np.bool_)
            for item in range(first, last):
                gain, weight = worth[item, lab], people[item]
                if gain <= 0:
                    continue
                for full in range(room, weight - 1, -1):
                    if best[full - weight] + gain > best[full]:
                        best[full] = best[full - weight] + gain
                        kept[item - first, full] = True
            for count in range(1, lanes[site] + 1):
                full = min(room, count * lane_people)
                net = best[full] - count * lane_price[site]
                if net > value[site, lab]:
                    value[site, lab], used[site, lab] = net, count
                if full == room:
                    break
            if used[site, lab] > 0:
                full = min(room, used[site, lab] * lane_people)
                for item in range(last - 1, first - 1, -1):
                    if kept[item - first, full]:
                        taken[lab, item] = True
                        full -= people[item]
    return value, used, taken
