"""A round cut into parts that one linear programme can hold: neighbouring areas with all sites in reach."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fangxian.logistics.testing_round.ground import Ground

Integers = NDArray[np.int64]

_LARGEST = 320
"""Areas of a part."""
_LABS = 8
"""Laboratories of each site, the likeliest first, among which a part chooses."""


class Part(NamedTuple):
    """A part of a ground.

    Attributes
    ----------
    ground : Ground
        Its sites, all areas that can reach one of them, and the laboratories that it chooses among.
    areas, sites, labs, walks : int64[.]
        Their numbers in the whole ground.
    """

    ground: Ground
    areas: Integers
    sites: Integers
    labs: Integers
    walks: Integers


def cut(ground: Ground, share: float = 0.5) -> list[Integers]:
    """Return groups of neighbouring areas, one if they are few.

    Areas are neighbours when their first sites lie alike to the laboratories: divided by the laboratory to
    which the drives differ most, until each group is small.
    """
    going = np.flatnonzero(np.diff(ground.first_walk))
    place = ground.trips[ground.walk_site[ground.first_walk[going]]]
    groups, waiting = [], [np.arange(going.shape[0])]
    while waiting:
        group = waiting.pop()
        if group.shape[0] <= _LARGEST:
            groups.append(going[group])
            continue
        lab = int(np.ptp(place[group], axis=0).argmax())
        order = group[np.argsort(place[group, lab], kind="stable")]
        some = max(1, int(share * order.shape[0]))
        waiting += [order[some:], order[:some]]
    return groups


def part_of(ground: Ground, areas: Integers, likely: Integers) -> Part:
    """Return the part of a ground that these areas can reach.

    Parameters
    ----------
    ground : Ground
    areas : int64[.]
    likely : int64[S, L]
        Laboratories of each site, the likeliest first.
    """
    inside = np.zeros(ground.people.shape[0], np.bool_)
    inside[areas] = True
    sites = np.unique(ground.walk_site[inside[ground.walk_area]])
    walks = np.flatnonzero(np.isin(ground.walk_site, sites))
    all_areas = np.unique(ground.walk_area[walks])
    labs = np.unique(likely[sites, :_LABS])
    area = np.searchsorted(all_areas, ground.walk_area[walks])
    site = np.searchsorted(sites, ground.walk_site[walks])
    guest = np.argsort(site, kind="stable")
    rank = np.isin(ground.near_lab[sites], labs)
    near_lab = np.searchsorted(labs, ground.near_lab[sites][rank].reshape(sites.shape[0], labs.shape[0]))
    each = np.ix_(sites, labs)
    within = ground._replace(
        first_walk=np.searchsorted(area, np.arange(all_areas.shape[0] + 1)),
        walk_site=site,
        first_guest=np.searchsorted(site[guest], np.arange(sites.shape[0] + 1)),
        guest=guest,
        walk_area=area,
        walk_minutes=ground.walk_minutes[walks],
        people=ground.people[all_areas],
        tests=ground.tests[all_areas],
        material=ground.material[all_areas],
        allowed=ground.allowed[all_areas],
        opening=ground.opening[sites],
        most_lanes=ground.most_lanes[sites],
        trips=ground.trips[each],
        timely=ground.timely[each],
        near_lab=near_lab,
        test_cost=ground.test_cost[labs],
        arrival=ground.arrival[each],
        room=ground.room[labs],
        room_again=ground.room_again[labs],
    )
    return Part(within, all_areas, sites, labs, walks)
