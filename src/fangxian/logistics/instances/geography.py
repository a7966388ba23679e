"""A made-up province: cities, counties, townships and villages with people, places and roads (模拟数据).

Sizes are those of northern China: a city like 邯郸 has 20 counties, some 240 townships and 5 800
villages. Where a place lies and how many live there is drawn from a seed; nobody and nothing of it exists.
Shares of the tiers of key people are those that one city of 6.7 million counted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from fangxian.base.counter_random import purpose_key
from fangxian.logistics.travel.roads import Roads

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

PROVINCE, CITY, COUNTY, TOWNSHIP, VILLAGE = range(5)
LEVEL_NAMES = ("province", "city", "county", "township", "village")
_SUFFIX = ("省", "市", "县", "乡", "村")
_RADIUS_KM = (0.0, 320.0, 55.0, 17.0, 4.0)
"""How far children lie from the seat of their parent, by their level."""
_SPEED_KM_H = (0.0, 80.0, 60.0, 40.0, 25.0)
"""Speed on roads between places of a level, and from them to their seat."""
_DETOUR = 1.3
_RED, _YELLOW = 178_000 / 6_700_000, 225_000 / 6_700_000


@dataclass(frozen=True)
class RegionSize:
    """How many places of each kind to make.

    Parameters
    ----------
    cities, counties, townships, villages : int
        Of the whole region; each at least as many as the kind above, and at least one.
    people : int
        Who live in the villages and neighbourhoods together.

    Raises
    ------
    ValueError
        When a kind has fewer places than the kind above it, or there are fewer people than villages.
    """

    cities: int = 1
    counties: int = 20
    townships: int = 240
    villages: int = 5_800
    people: int = 9_400_000

    def __post_init__(self) -> None:
        """Check that every place can have a child."""
        counts = (1, self.cities, self.counties, self.townships, self.villages, self.people)
        if list(counts) != sorted(counts):
            raise ValueError(
                "a region needs 1 <= cities <= counties <= townships <= villages <= people "
                f"(got {', '.join(map(str, counts[1:]))}); raise the smaller"
            )


CITY_SIZE = RegionSize()
"""A city like 邯郸."""
PROVINCE_SIZE = RegionSize(14, 170, 2_300, 50_000, 66_000_000)
"""A province of 14 cities."""


@dataclass(frozen=True)
class Region:
    """Places as a tree, parents before children, and the roads between them. 模拟数据.

    Parameters
    ----------
    code, name : tuple of str
        Of each place; synthetic.
    level : int64[P]
        ``PROVINCE`` to ``VILLAGE``.
    parent : int64[P]
        The place above; -1 for the province.
    x_km, y_km : float64[P]
        Where its seat lies.
    people : int64[P, 3]
        Who live there and below, by tier: red, yellow, green.
    roads : Roads
    """

    code: tuple[str, ...]
    name: tuple[str, ...]
    level: Integers
    parent: Integers
    x_km: Floats
    y_km: Floats
    people: Integers
    roads: Roads

    def of_level(self, level: int) -> Integers:
        """Return the numbers of the places of a level."""
        return np.flatnonzero(self.level == level)

    def above(self, level: int) -> Integers:
        """Return int64[P]: the place of a level that each place lies in, itself included; -1 above it."""
        found = np.arange(self.level.shape[0])
        for _ in range(VILLAGE):
            found = np.where(self.level[found] > level, self.parent[found], found)
        return np.where(self.level[found] == level, found, -1)


def part_of(region: Region, top: int) -> Region:
    """Return a place with all below it, and the province itself, as a region of its own.

    Parameters
    ----------
    region : Region
    top : int
        Number of the place, e.g. of a city.

    Returns
    -------
    Region
        Roads between the places that stay; the province, with the people of the part, is place 0.
    """
    inside = region.above(int(region.level[top])) == top
    inside[0] = True
    kept = np.flatnonzero(inside)
    number = np.full(inside.shape[0], -1, np.int64)
    number[kept] = np.arange(kept.shape[0])
    parent = np.where(region.parent[kept] >= 0, number[region.parent[kept]], -1)
    people = region.people[kept].copy()
    people[0] = region.people[top]
    roads = region.roads
    both = inside[roads.first] & inside[roads.second]
    return Region(
        tuple(region.code[place] for place in kept.tolist()),
        tuple(region.name[place] for place in kept.tolist()),
        region.level[kept],
        parent,
        region.x_km[kept],
        region.y_km[kept],
        people,
        Roads(
            kept.shape[0],
            number[roads.first[both]],
            number[roads.second[both]],
            roads.hours[both],
            roads.km[both],
        ),
    )


def road_columns(
    region: Region, *, digits: tuple[int, int] | None = None, named: bool = False
) -> dict[str, NDArray[np.str_] | Floats]:
    """Return the roads by the codes of their ends, or by their names, as columns ``from, to, hours, km``.

    ``digits`` are the decimal places of hours and of km; without them nothing is rounded.
    """
    roads, code = region.roads, np.array(region.name if named else region.code)
    hours, km = roads.hours, roads.km
    if digits is not None:
        hours, km = hours.round(digits[0]), km.round(digits[1])
    return {"from": code[roads.first], "to": code[roads.second], "hours": hours, "km": km}


def make_region(size: RegionSize, seed: int) -> Region:
    """Make a region; the same size and seed give the same one.

    Parameters
    ----------
    size : RegionSize
    seed : int
        0 or more.

    Returns
    -------
    Region
    """
    counts = (1, size.cities, size.counties, size.townships, size.villages)
    level = np.repeat(np.arange(5), counts)
    starts = np.concatenate([[0], np.cumsum(counts)])
    parent = np.full(level.shape[0], -1, np.int64)
    spot = np.zeros((level.shape[0], 2))
    for kind in range(CITY, VILLAGE + 1):
        numbers = _stream(seed, f"{LEVEL_NAMES[kind]} places")
        mine = slice(starts[kind], starts[kind + 1])
        parent[mine] = starts[kind - 1] + _shares(numbers, counts[kind], counts[kind - 1])
        spot[mine] = spot[parent[mine]] + _offsets(numbers, counts[kind], _RADIUS_KM[kind])
    people = _people(size, parent, level, seed)
    code, name = _names(parent, level)
    return Region(code, name, level, parent, spot[:, 0], spot[:, 1], people, _roads(spot, parent, level))


def _stream(seed: int, purpose: str) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(key=int(purpose_key(seed, purpose))))


def _shares(numbers: np.random.Generator, children: int, parents: int) -> Integers:
    """Give every parent a child, and the others by size; children of one parent stand together."""
    weight = numbers.lognormal(0.0, 0.35, parents)
    more = numbers.multinomial(children - parents, weight / weight.sum())
    return np.repeat(np.arange(parents), 1 + more)


def _offsets(numbers: np.random.Generator, count: int, radius_km: float) -> Floats:
    angle = numbers.uniform(0, 2 * np.pi, count)
    distance = radius_km * np.sqrt(numbers.uniform(0.01, 1, count))
    return np.stack([distance * np.cos(angle), distance * np.sin(angle)], axis=1)


def _people(size: RegionSize, parent: Integers, level: Integers, seed: int) -> Integers:
    numbers = _stream(seed, "people")
    villages = np.flatnonzero(level == VILLAGE)
    weight = numbers.lognormal(0.0, 0.6, villages.shape[0])
    living = 1 + numbers.multinomial(size.people - villages.shape[0], weight / weight.sum())
    older = numbers.lognormal(0.0, 0.3, villages.shape[0])  # where the young left, more are in the tiers
    red = np.minimum(numbers.poisson(living * _RED * older), living // 3)
    yellow = np.minimum(numbers.poisson(living * _YELLOW * older), living // 3)
    people = np.zeros((level.shape[0], 3), np.int64)
    people[villages] = np.stack([red, yellow, living - red - yellow], axis=1)
    for kind in range(VILLAGE, PROVINCE, -1):
        mine = np.flatnonzero(level == kind)
        np.add.at(people, parent[mine], people[mine])
    return people


def _names(parent: Integers, level: Integers) -> tuple[tuple[str, ...], tuple[str, ...]]:
    codes, names = ["99"], ["模拟省"]
    rank: dict[int, int] = {}
    for place in range(1, level.shape[0]):
        above, kind = int(parent[place]), int(level[place])
        rank[above] = rank.get(above, 0) + 1
        codes.append(f"{codes[above]}{rank[above]:0{3 if kind >= TOWNSHIP else 2}d}")
        stem = "模拟" if kind == CITY else names[above]
        names.append(f"{stem}{rank[above]}{_SUFFIX[kind]}")
    return tuple(codes), tuple(names)


def _roads(spot: Floats, parent: Integers, level: Integers) -> Roads:
    children = np.flatnonzero(parent >= 0)
    pairs = [np.stack([children, parent[children]], axis=1)]
    for kind, neighbours in ((CITY, 3), (COUNTY, 3), (TOWNSHIP, 3), (VILLAGE, 2)):
        mine = np.flatnonzero(level == kind)
        near = min(neighbours, mine.shape[0] - 1)
        if near > 0:
            _, found = cKDTree(spot[mine]).query(spot[mine], near + 1)
            pairs.append(np.stack([np.repeat(mine, near), mine[found[:, 1:].ravel()]], axis=1))
    # Both ends of a road name it among their nearest; it is one road.
    both = np.unique(np.sort(np.concatenate(pairs), axis=1), axis=0)
    km = _DETOUR * np.hypot(*(spot[both[:, 0]] - spot[both[:, 1]]).T) + 0.2
    speed = np.asarray(_SPEED_KM_H)[level[both].max(axis=1)]
    return Roads(level.shape[0], both[:, 0], both[:, 1], km / speed, km)
