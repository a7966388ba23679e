"""Promises that cannot all be kept: the set that is named is one, and no smaller one is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from fangxian.logistics.allocation.allocate import allocate, unfilled_guarantees
from fangxian.logistics.allocation.collisions import RELAXATION_COST, find_collisions
from fangxian.logistics.allocation.supplies import NEVER, Batches, Items, Needs, SupplyProblem, Warehouses
from fangxian.logistics.allocation.worth import filled_by


def promises(seed, scarce):
    """Draw two items, three warehouses, four points, and promises that may be too many."""
    numbers = np.random.default_rng(seed)
    guaranteed = numbers.integers(0, scarce, 8)
    return SupplyProblem(
        Items(
            ("a", "b"), ("box", "box"), np.array([1.0, 2.0]), *np.ones((2, 2)), np.zeros(2, bool),
            np.ones(2, int),
        ),
        Warehouses(("u", "v", "w"), ("city",) * 3, numbers.integers(6, 30, 3).astype(float), np.ones(3)),
        Batches(
            tuple("123456"), np.repeat(np.arange(3), 2), np.tile([0, 1], 3), numbers.integers(0, 12, 6),
            np.full(6, NEVER),
        ),
        numbers.integers(0, 3, (3, 2)),
        Needs(
            np.tile(np.arange(4), 2), np.repeat([0, 1], 4), np.zeros(8, int), np.zeros(8, int), guaranteed,
            guaranteed[:, None] + 3, np.tile([0.2, 0.3, 0.5], (8, 1)),
        ),
        tuple("ABCD"),
        np.ones(4),
        numbers.choice([0.5, 2.0], (3, 4)),
        np.ones((3, 4)),
        numbers.random((3, 4)) < 0.6,
        np.array([0.5]),
    )  # fmt: skip


def possible(problem, needs):
    """Say, by a general solver, whether some needs can be sent what they are promised."""
    held = np.zeros((3, 2))
    np.add.at(held, (problem.batches.warehouse, problem.batches.item), problem.batches.quantity)
    held = np.maximum(held - problem.reserve, 0)
    arcs = [
        (w, n)
        for n in needs
        for w in range(3)
        if problem.serves[w, problem.needs.point[n]] and problem.hours[w, problem.needs.point[n]] <= 1
    ]
    if not arcs:
        return not problem.needs.guaranteed[list(needs)].any()
    equal = [[float(arc[1] == n) for arc in arcs] for n in needs]
    stock = [
        [float(arc[0] == w and problem.needs.item[arc[1]] == i) for arc in arcs]
        for w in range(3)
        for i in (0, 1)
    ]
    load = [
        [float(arc[0] == w) * problem.items.litres[problem.needs.item[arc[1]]] for arc in arcs]
        for w in range(3)
    ]
    limits = np.concatenate([held.ravel(), problem.warehouses.load_litres])
    promised = problem.needs.guaranteed[list(needs)]
    found = linprog(np.zeros(len(arcs)), np.array(stock + load), limits, np.array(equal), promised)
    return found.status == 0


@given(st.integers(0, 10**6), st.sampled_from([4, 9, 15]))
@settings(deadline=None, max_examples=12)
def test_a_collision_cannot_be_and_without_any_one_demand_it_can(seed, scarce):
    problem = promises(seed, scarce)
    promised = np.flatnonzero(problem.needs.guaranteed)
    found = find_collisions(problem)
    assert bool(found) == (not possible(problem, promised))
    for collision in found:
        assert not possible(problem, collision.needs)
        for left_out in collision.needs:
            assert possible(problem, [need for need in collision.needs if need != left_out])
        assert sum(way.units for way in collision.relaxations) == collision.shortfall
        assert all(way.cost == way.units * RELAXATION_COST[way.kind] for way in collision.relaxations)
    if not found:
        plans = allocate(problem).plans
        for plan in plans:
            assert unfilled_guarantees(plan.ladder, filled_by(plan.ladder, plan.needs, plan.received)) <= 1


def test_more_vehicles_come_before_help_from_elsewhere_and_the_reserve_before_a_smaller_promise():
    kinds = sorted(RELAXATION_COST, key=lambda kind: RELAXATION_COST[kind])
    assert kinds == ["vehicles", "service_area", "time_on_road", "reserve", "demand"]


def test_a_promise_that_no_warehouse_reaches_collides_alone():
    problem = promises(1, 9)
    problem = replace(problem, serves=problem.serves & False)
    found = find_collisions(problem)
    assert (
        sorted(need for collision in found for need in collision.needs)
        == np.flatnonzero(problem.needs.guaranteed).tolist()
    )
    assert all(collision.limits == () for collision in found)
    assert sum(collision.shortfall for collision in found) == pytest.approx(problem.needs.guaranteed.sum())
