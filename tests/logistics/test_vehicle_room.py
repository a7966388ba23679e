"""Items that share vehicles: floors of all come before what lies above any, in whatever order."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fangxian.logistics.allocation.allocate import allocate
from fangxian.logistics.allocation.supplies import NEVER, Batches, Items, Needs, SupplyProblem, Warehouses

ONE_TIER = [[0.0, 0.0, 1.0]]


def two_items(load, *, swapped=False, guaranteed=0):
    """Return one warehouse with some litres of vehicles; masks used 10 a day, insulin 2; 2 days of floor."""
    order = [1, 0] if swapped else [0, 1]
    demand = np.array([50, 10])[order]
    return SupplyProblem(
        Items(
            ("masks", "insulin") if not swapped else ("insulin", "masks"), ("piece", "pen"), np.ones(2),
            np.full(2, 2.0), np.full(2, 9.0), np.zeros(2, bool), np.ones(2, int),
        ),
        Warehouses(("w",), ("county",), np.array([float(load)]), np.zeros(1)),
        Batches(("m", "i"), np.zeros(2, int), np.arange(2), np.full(2, 100), np.full(2, NEVER)),
        np.zeros((1, 2), int),
        Needs(
            np.arange(2), np.arange(2), np.zeros(2, int), np.zeros(2, int), np.array([0, guaranteed]),
            demand[:, None], np.repeat(ONE_TIER, 2, axis=0),
        ),
        ("a", "b"),
        np.ones(2),
        np.ones((1, 2)),
        np.ones((1, 2)),
        np.ones((1, 2), bool),
        np.array([0.5]),
        horizon_days=5,
    )  # fmt: skip


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize(
    ("load", "masks", "insulin"), [(24, 20, 4), (12, 10, 2), (60, 50, 10), (40, (36, 30), (4, 10))]
)
def test_floors_of_all_items_come_before_the_rest_of_any(load, masks, insulin, swapped):
    """Floors are 20 and 4: 24 litres carry both, 12 half of each; of 40 the first of equals takes 16 more."""
    plans = allocate(two_items(load, swapped=swapped)).plans
    sent = [int(plan.received.sum()) for plan in plans]
    wanted = [each[int(swapped)] if isinstance(each, tuple) else each for each in (masks, insulin)]
    assert sent == (wanted[::-1] if swapped else wanted)


@pytest.mark.parametrize("swapped", [False, True])
def test_above_the_floors_the_units_worth_most_ride_whatever_the_order_of_the_table(swapped):
    """Insulin for the red tier: its 10 pens ride before the masks beyond their floor of 20."""
    problem = two_items(40, swapped=swapped)
    share = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])[:: -1 if swapped else 1]
    red = replace(problem, needs=replace(problem.needs, tier_share=share))
    sent = [int(plan.received.sum()) for plan in allocate(red).plans]
    assert sent == ([10, 30] if swapped else [30, 10])


@pytest.mark.parametrize(("days", "masks"), [(NEVER, 36), (20, 30)])
def test_units_that_would_expire_ride_before_units_that_would_not(days, masks):
    """Of 40 litres 24 are for floors; insulin that sees two more plans counts half a unit more than masks."""
    problem = two_items(40)
    expires = np.array([NEVER, days])
    ends = replace(problem, batches=replace(problem.batches, expires_days=expires))
    sent = [int(plan.received.sum()) for plan in allocate(ends).plans]
    assert sent == [masks, 40 - masks]


def test_what_must_be_sent_of_a_later_item_comes_before_the_floor_of_an_earlier():
    sent = [int(plan.received.sum()) for plan in allocate(two_items(12, guaranteed=9)).plans]
    assert sent == [3, 9]


def test_cold_vehicles_are_not_kept_for_what_travels_warm():
    problem = two_items(24)
    cold = replace(problem.items, cold=np.array([True, False]))
    both = replace(problem.warehouses, cold_load_litres=np.array([24.0]))
    plans = allocate(replace(problem, items=cold, warehouses=both)).plans
    assert [int(plan.received.sum()) for plan in plans] == [24, 10]


def test_floors_share_cold_vehicles_as_they_share_the_others():
    problem = two_items(24)
    held = replace(problem.warehouses, load_litres=np.zeros(1), cold_load_litres=np.array([24.0]))
    cold = replace(problem, items=replace(problem.items, cold=np.ones(2, bool)), warehouses=held)
    assert [int(plan.received.sum()) for plan in allocate(cold).plans] == [20, 4]


def test_no_room_is_kept_for_what_rides_in_other_vehicles():
    """24 litres of masks go, though 9 of insulin must: it has its own vehicle."""
    problem = two_items(24, guaranteed=9)
    held = replace(problem.warehouses, cold_load_litres=np.array([10.0]))
    apart = replace(problem, items=replace(problem.items, cold=np.array([False, True])), warehouses=held)
    assert [int(plan.received.sum()) for plan in allocate(apart).plans] == [24, 10]
