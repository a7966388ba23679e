"""The made-up province that problems of logistics are drawn in."""

from __future__ import annotations

import numpy as np
import pytest

from fangxian.logistics.instances.geography import (
    CITY,
    CITY_SIZE,
    COUNTY,
    TOWNSHIP,
    VILLAGE,
    RegionSize,
    make_region,
)
from fangxian.logistics.travel.roads import Roads


def test_a_city_has_the_places_and_people_asked_for_and_all_are_joined():
    region = make_region(CITY_SIZE, 3)
    assert [region.of_level(kind).size for kind in (CITY, COUNTY, TOWNSHIP, VILLAGE)] == [1, 20, 240, 5800]
    assert region.people[0].sum() == CITY_SIZE.people
    assert len(set(region.code)) == region.level.size
    assert np.unique(region.roads.parts()).size == 1
    # One city of 6.7 million counted 178 000 in the red tier: 2.7 %.
    assert 0.02 < region.people[0, 0] / region.people[0].sum() < 0.035


def test_people_of_a_place_are_those_of_its_children():
    region = make_region(RegionSize(2, 4, 9, 30, 5_000), 1)
    for kind in (CITY, COUNTY, TOWNSHIP):
        for place in region.of_level(kind):
            assert (region.people[place] == region.people[region.parent == place].sum(axis=0)).all()
            assert region.above(CITY)[place] == (
                place if kind == CITY else region.above(CITY)[region.parent[place]]
            )


def test_a_seed_is_a_region():
    size = RegionSize(1, 2, 4, 9, 900)
    one, again, other = make_region(size, 5), make_region(size, 5), make_region(size, 6)
    assert (one.x_km == again.x_km).all() and (one.people == again.people).all()
    assert (one.x_km != other.x_km).any()


def test_the_shorter_of_two_roads_counts_and_no_road_is_infinite():
    """Three places: two roads of 3 and 2 hours between the first two, none to the third."""
    roads = Roads(3, np.array([0, 1]), np.array([1, 0]), np.array([3.0, 2.0]), np.array([10.0, 90.0]))
    hours, km = roads.travel(np.array([0, 0]), np.array([0, 1, 2]))
    assert hours.tolist() == [[0, 2, np.inf]] * 2
    assert km.tolist() == [[0, 10, np.inf]] * 2
    assert roads.parts().tolist() == [0, 0, 1]


def test_impossible_sizes_and_roads_are_refused():
    with pytest.raises(ValueError, match=r"1 <= cities <= counties .* \(got 3, 2, 240, 5800, 9400000\)"):
        RegionSize(cities=3, counties=2)
    end, length = np.array([0]), np.array([1.0])
    with pytest.raises(ValueError, match=r"ends of roads must be 0 to 1 \(got 0 to 4\)"):
        Roads(2, end, np.array([4]), length, length)
    with pytest.raises(ValueError, match=r"hours of a road must be above 0 and finite \(got 0.0\)"):
        Roads(2, end, np.array([1]), length * 0, length)
    with pytest.raises(ValueError, match=r"two ends, hours and km each"):
        Roads(2, end, np.array([1]), np.array([1.0, 2.0]), length)
