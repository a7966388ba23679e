"""Least shipments: the bound holds, and the plan is near it, beside an integer programme."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp
from test_allocation_laws import STEPS, make_problem, sent, usable_by_hand

from fangxian.logistics.allocation.allocate import allocate
from fangxian.logistics.allocation.blocks import build_blocks, by_worth
from fangxian.logistics.allocation.decomposition import allocate_parts
from fangxian.logistics.allocation.explain import reasons
from fangxian.logistics.allocation.ladder import build_ladder, cell_probability, point_needs
from fangxian.logistics.allocation.worth import gaps
from fangxian.logistics.instances.geography import RegionSize, make_region
from fangxian.logistics.instances.supplies import SupplyOptions, make_parts, make_supplies

LEAST = 4


def exact(problem):
    """Return units by step of the floor, and the value above it, of the best plan of whole shipments."""
    needs = point_needs(problem, 0)
    ladder = build_ladder(needs, cell_probability(problem.levels), np.array(problem.tier_weight), 4)
    free = usable_by_hand(problem, 0)
    arcs = [
        (warehouse, need)
        for warehouse in range(free.size)
        for need, point in enumerate(needs.point)
        if problem.serves[warehouse, point] and problem.hours[warehouse, point] <= 9
    ]
    count, segments, wants = len(arcs), ladder.need.size, needs.need.size
    width = 2 * count + segments + wants  # units, whether sent, units of segments, units beyond them
    rows, low, high = [], [], []
    for warehouse, units in enumerate(free):
        rows.append([float(arc[0] == warehouse) for arc in arcs] + [0.0] * (width - count))
        low.append(0)
        high.append(units)
    for index in range(count):
        for sign, size in ((1, LEAST), (-1, int(free.max()))):
            row = np.zeros(width)
            row[index], row[count + index] = sign, -sign * size
            rows.append(row)
            low.append(0)
            high.append(np.inf)
    for need in range(wants):
        row = np.zeros(width)
        row[:count] = [float(arc[1] == need) for arc in arcs]
        row[2 * count : 2 * count + segments] = -(ladder.need == need).astype(float)
        row[2 * count + segments + need] = -1
        rows.append(row)
        low.append(0)
        high.append(0)
    upper = np.concatenate([np.full(count, np.inf), np.ones(count), ladder.amount, np.full(wants, np.inf)])
    whole = np.concatenate([np.ones(2 * count), np.zeros(segments + wants)])
    goals = [(ladder.step <= step).astype(float) for step in range(4)]
    goals.append(ladder.value)
    found = []
    for goal in goals:
        objective = np.zeros(width)
        objective[2 * count : 2 * count + segments] = goal
        solved = milp(
            -objective,
            constraints=LinearConstraint(np.array(rows), low, high),
            bounds=Bounds(np.zeros(width), upper),
            integrality=whole,
        )
        found.append(-solved.fun)
        # units are whole: half a unit less keeps the same plans; with 1e-6 less HiGHS ends some in an error
        rows, low, high = [*rows, objective], [*low, np.round(-solved.fun) - 0.5], [*high, np.inf]
    return np.round(found[:4]), found[4]


@given(st.integers(0, 10**6))
@settings(deadline=None, max_examples=15)
def test_no_whole_plan_betters_the_bound_and_ours_is_one(seed):
    problem = make_problem(seed, least=LEAST)
    (plan,) = allocate(problem, STEPS).plans
    table = sent(problem, plan)
    assert (table[table > 0] >= LEAST).all()
    steps, value = exact(problem)
    assert (np.cumsum(plan.bound.steps) >= steps).all()
    assert tuple(np.cumsum(plan.worth.steps)) <= tuple(steps)
    nothing = plan.worth.weighted_shortage + float(
        plan.ladder.value @ np.clip((plan.needs.available + plan.received)[plan.ladder.need]
        - plan.ladder.start, 0, plan.ladder.amount)
    )  # fmt: skip
    if (np.cumsum(plan.bound.steps) == steps).all():
        assert plan.bound.weighted_shortage <= nothing - value + 1e-6
        if (np.cumsum(plan.worth.steps) == steps).all():
            assert plan.worth.weighted_shortage >= nothing - value - 1e-6


def test_blocks_are_worth_their_first_units_on_average():
    """Least 4: two units of worth 8 and a floor come with two of worth 1; the rest stands alone."""
    problem = make_problem(3, least=LEAST)
    needs = point_needs(problem, 0)
    ladder = build_ladder(needs, cell_probability(problem.levels), np.array(problem.tier_weight), 4)
    blocks = build_blocks(ladder, needs, LEAST, problem.tier_weight[0])
    for ladders in (blocks.ladder, by_worth(blocks)):
        assert (np.diff(ladders.rank) >= 0).all()
    for need in np.unique(ladder.need):
        mine = np.flatnonzero(ladder.need == need)
        units = np.repeat(ladder.value[mine], ladder.amount[mine])[:LEAST]
        first = (blocks.ladder.need == need) & (blocks.ladder.start == needs.available[need])
        assert blocks.ladder.amount[first] == LEAST
        assert blocks.ladder.value[first] == pytest.approx(units.sum() / LEAST, abs=1e-8)
        later = (blocks.ladder.need == need) & ~first
        assert blocks.ladder.amount[later].sum() == max(ladder.amount[mine].sum() - LEAST, 0)


def test_every_item_of_a_made_up_city_is_within_a_thousandth():
    """Boxes of 5 to 20 in a county of small villages, where shipments too small were the whole gap."""
    world = make_supplies(make_region(RegionSize(1, 3, 20, 500, 600_000), 5), SupplyOptions(3), 5)
    for plan in allocate(world.problem).plans:
        gap = gaps(plan.worth, plan.bound, int(plan.stocks.amount.sum()))
        assert max(gap["fairness"], gap["shortage"]) <= 1e-3


def test_a_warehouse_with_less_than_the_least_shipment_sends_nothing():
    problem = make_problem(8, least=LEAST)
    few = replace(problem.batches, quantity=np.minimum(problem.batches.quantity, 1))
    (plan,) = allocate(replace(problem, batches=few), STEPS).plans
    held = np.bincount(few.warehouse, few.quantity, len(problem.warehouses.code))
    assert held.max() < LEAST and plan.stocks.amount.size == 0 and plan.received.sum() == 0
    assert "vehicles" not in reasons(replace(problem, batches=few), plan).limit


@pytest.mark.parametrize("seed", [1, 2])
def test_a_province_of_small_villages_is_bounded_as_a_whole(seed):
    parts, shared = make_parts(make_region(RegionSize(3, 6, 20, 120, 160_000), seed), SupplyOptions(3), seed)
    found = allocate_parts(parts, shared)
    for item in range(3):
        assert (np.cumsum(found.steps[item]) <= np.cumsum(found.steps_bound[item])).all()
        if (found.steps[item] == found.steps_bound[item]).all():
            excess = found.weighted_shortage[item] / found.shortage_bound[item] - 1
            assert -1e-9 <= excess < 5e-3
