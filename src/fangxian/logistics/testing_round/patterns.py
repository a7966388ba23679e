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
    walks: tuple[Integers, Integers],
    worth: Floats,
    lane_people: int,
    prices: tuple[Floats, Floats],
    lanes: Integers,
) -> tuple[Floats, Integers, Integers, Flags]:
    """Return for each site the set of areas, and the laboratory, that pay most with site and lanes paid.

    Parameters
    ----------
    walks : (int64[S + 1], int64[I])
        Where the walks of each site begin, walks standing by site; and the people of each walk. An area goes
        whole or not at all.
    worth : float[I, L]
        What it is worth to swab the area of a walk at its site and test it in a laboratory.
    lane_people : int
        People of one lane in a round.
    prices : (float[S], float[S, L])
        What one lane costs, and what the site costs that sends to a laboratory.
    lanes : int64[S]
        Most lanes of each site.

    Returns
    -------
    float[S], int64[S], int64[S], bool[I]
        Worth less lanes and site (0 where nothing pays), laboratory, lanes, and the walks taken.

    Notes
    -----
    Exact: the table over people has one entry for each person, so that the reduced costs of all patterns are
    bounded and the master's bound is valid. A laboratory in which all areas together, at the price of the
    lanes that they fill, cannot pay more than another does is left out.
    """
    start, people = walks
    lane_price, fixed = prices
    sites, labs = start.shape[0] - 1, worth.shape[1]
    value = np.zeros(sites)
    which, used = np.zeros(sites, np.int64), np.zeros(sites, np.int64)
    taken = np.zeros(people.shape[0], np.bool_)
    for site in range(sites):
        first, last = start[site], start[site + 1]
        most = np.zeros(labs)
        for lab in range(labs):
            beyond, whole = 0.0, -lane_price[site]
            for item in range(first, last):
                # An area brings at most what is left when the part of a lane that it fills is paid.
                beyond += max(0.0, worth[item, lab] - lane_price[site] * people[item] / lane_people)
                whole += max(0.0, worth[item, lab])
            most[lab] = min(beyond, whole) - fixed[site, lab]
        for lab in np.argsort(-most):
            if most[lab] <= value[site] + 1e-9:
                break
            total = 0
            for item in range(first, last):
                if worth[item, lab] > 0:
                    total += people[item]
            room = min(total, lane_people * lanes[site])
            best = np.zeros(room + 1)
            kept = np.zeros((last - first, room + 1), np.bool_)
            for item in range(first, last):
                gain, weight = worth[item, lab], people[item]
                if gain <= 0:
                    continue
                for level in range(room, weight - 1, -1):
                    if best[level - weight] + gain > best[level]:
                        best[level] = best[level - weight] + gain
                        kept[item - first, level] = True
            chosen = 0
            for count in range(1, lanes[site] + 1):
                level = min(room, count * lane_people)
                net = best[level] - count * lane_price[site] - fixed[site, lab]
                if net > value[site]:
                    value[site], which[site], used[site], chosen = net, lab, count, count
                if level == room:
                    break
            if chosen > 0:
                level = min(room, chosen * lane_people)
                for item in range(last - 1, first - 1, -1):
                    taken[item] = kept[item - first, level]
                    if taken[item]:
                        level -= people[item]
    return value, which, used, taken
