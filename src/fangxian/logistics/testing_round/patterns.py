"""The best set of areas for one site at given prices: a knapsack with steps, one step a lane."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fangxian.base.compiled import compiled, compiled_lean
from fangxian.logistics.testing_round.ground import Ground

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

_TRIED = 3
"""Laboratories of a site in which the best set is sought."""


class SitePrices(NamedTuple):
    """What areas pay, what sites cost, and what tests cost because limits bind.

    Attributes
    ----------
    area : float[A]
    lane : float
        What one lane costs.
    fixed : float[S, L]
        What a site costs that sends to a laboratory.
    tube : float[C, L]
        For a tube of the first round, by the hours at which a site's tubes come.
    again : float[L]
        For a single test, with room for more.
    """

    area: Floats
    lane: float
    fixed: Floats
    tube: Floats
    again: Floats


@compiled_lean()
def worth_of(ground: Ground, prices: SitePrices, walk: int, kind: int, lab: int) -> tuple[float, int]:
    """Return what it is worth to swab the area of a walk and test it in a laboratory, and the best scheme."""
    area = ground.walk_area[walk]
    least, best = np.inf, 0
    for scheme in range(ground.allowed.shape[1]):
        if ground.allowed[area, scheme]:
            tests = ground.tests[area, scheme]
            cost = tests[0] * prices.tube[kind, lab] + tests[1] * prices.again[lab]
            cost += tests[2] * ground.test_cost[lab] + ground.material[area, scheme]
            if cost < least:
                least, best = cost, scheme
    return prices.area[area] - least, best


@compiled_lean()
def fill(
    ground: Ground, site: int, worth: Floats, lane_price: float, table: tuple[Floats, Flags]
) -> tuple[float, int, int]:
    """Return worth less lanes, lanes, and at most how many people, of the best set of a site's walks.

    ``worth`` is that of its walks; the table is filled: ``best[P]``, what so many people bring at most, and
    ``kept[W, P]``, which walk is taken then.
    """
    best, kept = table
    first, lane_people, most = ground.first_guest[site], ground.lane_people, ground.most_lanes[site]
    total = 0
    for item in range(worth.shape[0]):
        if worth[item] > 0:
            total += ground.people[ground.walk_area[ground.guest[first + item]]]
    room = min(total, lane_people * most)
    best[: room + 1] = 0.0
    for item in range(worth.shape[0]):
        kept[item, : room + 1] = False
        gain, weight = worth[item], ground.people[ground.walk_area[ground.guest[first + item]]]
        if gain <= 0:
            continue
        for level in range(room, weight - 1, -1):
            if best[level - weight] + gain > best[level]:
                best[level] = best[level - weight] + gain
                kept[item, level] = True
    value, lanes, people = 0.0, 0, 0
    for count in range(1, most + 1):
        level = min(room, count * lane_people)
        net = best[level] - count * lane_price
        if net > value:
            value, lanes, people = net, count, level
        if level == room:
            break
    return value, lanes, people


@compiled()
def price_sites(  # noqa: C901 -- one kernel: laboratories are tried and the set is read back in one place
    ground: Ground, prices: SitePrices
) -> tuple[Floats, Floats, Integers, Flags, Integers]:
    """Return for each site the set of areas, and the laboratory, that pay most with site and lanes paid.

    Parameters
    ----------
    ground : Ground
    prices : SitePrices

    Returns
    -------
    float[S], float[S], int64[S], bool[I], int64[I]
        Worth less lanes and site (0 where nothing pays), what no set and no laboratory can be above,
        laboratory; the walks taken, standing by site (as ``guest``), and their schemes.

    Notes
    -----
    The table over people has one entry for each person: in a laboratory that is tried the best set is found.
    Of the others it is known what they cannot pay more than: all areas together, at the price of the lanes
    that they fill, and what the best set brought in a laboratory that was tried with what areas bring more in
    this one. The likeliest are tried until no other can be better, or so many that what they may be better by
    is left to the bound.
    """
    sites, labs = ground.trips.shape
    value, upper = np.zeros(sites), np.zeros(sites)
    which = np.zeros(sites, np.int64)
    taken = np.zeros(ground.guest.shape[0], np.bool_)
    schemes = np.zeros(ground.guest.shape[0], np.int64)
    widest = int(np.diff(ground.first_guest).max())
    full = ground.lane_people * ground.most_lanes.max() + 1
    table = np.zeros(full), np.zeros((widest, full), np.bool_)
    worth, scheme = np.zeros((labs, widest)), np.zeros((labs, widest), np.int64)
    most = np.zeros(labs)
    for site in range(sites):
        first, count = ground.first_guest[site], ground.first_guest[site + 1] - ground.first_guest[site]
        for lab in range(labs):
            most[lab] = 0.0
            if not ground.timely[site, lab]:
                continue
            # An area brings at most what is left when the part of a lane that it fills is paid.
            beyond, whole = 0.0, -prices.lane
            for item in range(count):
                walk = ground.guest[first + item]
                kind = ground.arrival[site, lab]
                worth[lab, item], scheme[lab, item] = worth_of(ground, prices, walk, kind, lab)
                part = prices.lane * ground.people[ground.walk_area[walk]] / ground.lane_people
                beyond += max(0.0, worth[lab, item] - part)
                whole += max(0.0, worth[lab, item])
            most[lab] = min(beyond, whole) - prices.fixed[site, lab]
        for _ in range(_TRIED):
            lab = int(np.argmax(most))
            if most[lab] <= value[site] + 1e-9:
                break
            net, lanes, level = fill(ground, site, worth[lab, :count], prices.lane, table)
            most[lab] = net - prices.fixed[site, lab]
            for other in range(labs):
                if most[other] > max(0.0, most[lab]):
                    more = 0.0
                    for item in range(count):
                        more += max(0.0, worth[other, item] - worth[lab, item])
                    most[other] = min(most[other], net + more - prices.fixed[site, other])
            if lanes > 0 and net - prices.fixed[site, lab] > value[site]:
                value[site], which[site] = net - prices.fixed[site, lab], lab
                for item in range(count - 1, -1, -1):
                    taken[first + item] = table[1][item, level]
                    schemes[first + item] = scheme[lab, item]
                    if table[1][item, level]:
                        level -= ground.people[ground.walk_area[ground.guest[first + item]]]
        upper[site] = max(0.0, np.max(most))
    return value, upper, which, taken, schemes


@compiled()
def send_all(
    ground: Ground, prices: SitePrices, walks: Integers
) -> tuple[float, Floats, Floats, Integers, Integers]:
    """Return what it costs at least to test everybody where the walks are given, what that uses, and how.

    Parameters
    ----------
    ground : Ground
    prices : SitePrices
    walks : int64[A]
        Walk of each area, -1 for none.

    Returns
    -------
    float, float[L, H], float[L], int64[A], int64[S]
        Yuan for couriers, tubes and tests, with what limits cost; tubes of the first round by laboratory
        after each hour, and single tests; schemes and laboratories.
    """
    sites, labs = ground.trips.shape
    first, again = np.zeros_like(ground.room), np.zeros(labs)
    schemes, which = np.zeros(walks.shape[0], np.int64), ground.near_lab[:, 0].copy()
    total = 0.0
    for site in range(sites):
        guests = ground.guest[ground.first_guest[site] : ground.first_guest[site + 1]]
        least, best = np.inf, -1
        for lab in range(labs):
            cost, count = ground.trips[site, lab], 0
            for walk in guests:
                if walks[ground.walk_area[walk]] == walk and ground.timely[site, lab]:
                    cost -= worth_of(ground, prices, walk, ground.arrival[site, lab], lab)[0]
                    count += 1
            if count > 0 and cost < least:
                least, best = cost, lab
        if best < 0:
            continue
        total += least
        which[site] = best
        kind = ground.arrival[site, best]
        for walk in guests:
            area = ground.walk_area[walk]
            if walks[area] == walk:
                schemes[area] = worth_of(ground, prices, walk, kind, best)[1]
                again[best] += ground.tests[area, schemes[area], 1]
                for hour in range(ground.room.shape[1]):
                    first[best, hour] += ground.tests[area, schemes[area], 0] * ground.late[kind, hour]
    return total, first, again, schemes, which
