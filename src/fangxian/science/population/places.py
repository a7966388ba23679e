"""The tree of places with whole people in each leaf."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fangxian.plans.cities.schema import Place
from fangxian.science.population.whole_numbers import largest_remainder

Int64Array = NDArray[np.int64]


@dataclass(frozen=True)
class PlaceTree:
    """Counties, townships and villages of a city, each in the order of its table.

    Parameters
    ----------
    parent_code : tuple of str
        Of the counties.
    place_code : tuple of str
        Of the townships, in the order of their counties.
    place_parent : int64 array [place]
    village_code : tuple of str
        Of the villages, in the order of their townships; of the townships where no villages are told apart.
    village_place : int64 array [village]
    village_people : int64 array [village]
        Sums to the people of the city.
    has_villages : bool
    """

    parent_code: tuple[str, ...]
    place_code: tuple[str, ...]
    place_parent: Int64Array
    village_code: tuple[str, ...]
    village_place: Int64Array
    village_people: Int64Array
    has_villages: bool


def place_tree(places: Sequence[Place], city_code: str, people: int) -> PlaceTree:
    """Return the tree with the people of the city divided among its leaves.

    Parameters
    ----------
    places : sequence of Place
        Parents before children; one to three levels below the city.
    city_code : str
        What a place of the highest level may name as its parent.
    people : int
        Of the city.

    Returns
    -------
    PlaceTree

    Raises
    ------
    ValueError
        If the tree is deeper than county, township and village, or uneven: each level must reach everywhere.
    """
    level = {"": 0, city_code: 0}
    children: dict[str, list[Place]] = {}
    for place in places:
        parent = "" if place.parent == city_code else place.parent
        level[place.code] = level[parent] + 1
        children.setdefault(parent, []).append(place)
    depths = {level[place.code] for place in places if place.code not in children}
    if len(depths) != 1 or not 1 <= max(depths) <= 3:
        raise ValueError(
            "place_tree: every branch must end at the same level, 1 to 3 below the city "
            f"(got {sorted(depths)}); give each county its townships and each township its villages, or none"
        )
    counted: dict[str, int] = {}
    _divide("", people, (children, _weights(places, children)), counted)
    return _arranged(max(depths), city_code, children, counted)


def _weights(places: Sequence[Place], children: dict[str, list[Place]]) -> dict[str, float]:
    """Return the weight of every place: its own, or the sum of those below it, or 1."""
    weight: dict[str, float] = {}
    for place in reversed(places):
        below = children.get(place.code)
        implied = sum(weight[child.code] for child in below) if below else 1.0
        weight[place.code] = implied if place.weight is None else place.weight
    return weight


def _divide(
    parent: str,
    people: int,
    tree: tuple[dict[str, list[Place]], dict[str, float]],
    counted: dict[str, int],
) -> None:
    """Give the people of a place to its children: what is published first, the rest by weight."""
    counted[parent] = people
    children, weight = tree
    below = children.get(parent)
    if below is None:
        return
    known = sum(place.people for place in below if place.people is not None)
    weights = [0.0 if place.people is not None else weight[place.code] for place in below]
    if sum(weights) == 0 and known != people:
        raise ValueError(
            f"place_tree: the places in {parent or 'the city'} have {known} people together and it has "
            f"{people}; give the right numbers, or leave out the number of one place"
        )
    rest = (
        largest_remainder(weights, people - known) if sum(weights) else np.zeros(len(below), dtype=np.int64)
    )
    for place, share in zip(below, rest, strict=True):
        _divide(place.code, int(share) if place.people is None else place.people, tree, counted)


def _arranged(
    depth: int, city_code: str, children: dict[str, list[Place]], people: dict[str, int]
) -> PlaceTree:
    if depth == 1:
        parents: tuple[str, ...] = (city_code,)
        below = {city_code: children[""]}
    else:
        parents = tuple(place.code for place in children[""])
        below = {code: children[code] for code in parents}
    places = [(number, place.code) for number, code in enumerate(parents) for place in below[code]]
    villages = [
        (number, place.code)
        for number, (_, code) in enumerate(places)
        for place in (children[code] if depth == 3 else [Place(code=code)])
    ]
    return PlaceTree(
        parent_code=parents,
        place_code=tuple(code for _, code in places),
        place_parent=np.array([number for number, _ in places], dtype=np.int64),
        village_code=tuple(code for _, code in villages),
        village_place=np.array([number for number, _ in villages], dtype=np.int64),
        village_people=np.array([people[code] for _, code in villages], dtype=np.int64),
        has_villages=depth == 3,
    )
