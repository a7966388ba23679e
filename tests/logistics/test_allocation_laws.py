"""Allocation: laws that hold for every problem, and a general solver that takes the objectives one by one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from fangxian.logistics.allocation.allocate import AllocationParameters, StopRule, allocate
from fangxian.logistics.allocation.explain import reasons
from fangxian.logistics.allocation.ladder import (
    build_ladder,
    cell_probability,
    expected_shortage,
    point_needs,
)
from fangxian.logistics.allocation.supplies import NEVER, Batches, Items, Needs, SupplyProblem, Warehouses
from fangxian.logistics.allocation.worth import gaps

STEPS = AllocationParameters(floor_steps=4)
SHELF = np.array([2, 5, 9, NEVER])


def make_problem(seed, *, items=1, least=1, load=np.inf, reach=0.7):
    """Draw a small problem: few warehouses and points, ties, stock that ends soon, missing roads."""
    numbers = np.random.default_rng(seed)
    held, wanted = int(numbers.integers(1, 5)), int(numbers.integers(1, 7))
    batches = int(numbers.integers(1, 4)) * held
    quantiles = np.cumsum(numbers.integers(0, 9, (wanted * items, 3)), axis=1)
    return SupplyProblem(
        Items(
            tuple(f"i{k}" for k in range(items)), ("box",) * items, np.ones(items), np.full(items, 4.0),
            np.full(items, 9.0), np.zeros(items, bool), np.full(items, least),
        ),
        Warehouses(tuple(f"w{k}" for k in range(held)), ("city",) * held, *np.full((2, held), load)),
        Batches(
            tuple(f"b{k}" for k in range(batches)), np.arange(batches) % held,
            numbers.integers(0, items, batches), numbers.integers(0, numbers.choice([3, 15]), batches),
            numbers.choice(SHELF, batches),
        ),
        numbers.integers(0, 4, (held, items)),
        Needs(
            np.tile(np.arange(wanted), items), np.repeat(np.arange(items), wanted),
            numbers.integers(0, 6, wanted * items), numbers.integers(0, 2, wanted * items),
            np.zeros(wanted * items, int), quantiles, numbers.dirichlet([1, 1, 1], wanted * items),
        ),
        tuple(f"p{k}" for k in range(wanted)),
        numbers.choice([1.0, 2.0], wanted),
        numbers.choice([1.0, 5.0, 12.0], (held, wanted)),
        numbers.integers(1, 30, (held, wanted)).astype(float),
        numbers.random((held, wanted)) < reach,
        np.array([0.1, 0.5, 0.9]),
        horizon_days=5,
        replan_days=4,
    )  # fmt: skip


def sent(problem, plan):
    """Return units by warehouse and point, checked against what each row of stock holds."""
    table = np.zeros((len(problem.warehouses.code), len(problem.point_code)), int)
    by_row = np.bincount(plan.shipping.row, plan.shipping.amount, plan.stocks.amount.size)
    assert (by_row <= plan.stocks.amount).all()
    np.add.at(
        table,
        (plan.stocks.warehouse[plan.shipping.row], plan.needs.point[plan.shipping.need]),
        plan.shipping.amount,
    )
    return table


def usable_by_hand(problem, item):
    """Return units by warehouse less the reserve, by a plain loop."""
    held = np.zeros(len(problem.warehouses.code), int)
    for warehouse, what, units in zip(
        problem.batches.warehouse, problem.batches.item, problem.batches.quantity, strict=True
    ):
        held[warehouse] += units if what == item else 0
    return np.maximum(held - problem.reserve[:, item], 0)


def oracle(problem):
    """Return the objectives in their order, each found by a general solver with those before it held."""
    needs = point_needs(problem, 0)
    ladder = build_ladder(needs, cell_probability(problem.levels), np.array(problem.tier_weight), 4)
    lots = oldest_first(problem)
    arcs = [
        (lot, need)
        for lot, (warehouse, lasts, _) in enumerate(lots)
        for need, point in enumerate(needs.point)
        if problem.serves[warehouse, point]
        and problem.hours[warehouse, point] <= min(9.0, 24.0 * max(lasts, 1))
    ]
    count, segments, wants = len(arcs), ladder.need.size, needs.need.size
    width = count + segments + wants
    rows, bounds = [], []
    for lot, (_, _, units) in enumerate(lots):
        rows.append([float(arc[0] == lot) for arc in arcs] + [0.0] * (segments + wants))
        bounds.append(units)
    equal = np.zeros((wants, width))
    for index, (_, need) in enumerate(arcs):
        equal[need, index] = 1
    equal[ladder.need, count + np.arange(segments)] = -1
    for need in range(wants):
        for cut in SHELF[:-1]:
            fit = max(int(np.floor(needs.daily_use[need] * cut)) - needs.available[need], 0)
            row = np.zeros(width)
            row[:count] = [float(arc[1] == need and lots[arc[0]][1] <= cut) for arc in arcs]
            row[count + segments + need] = -1
            rows.append(row)
            bounds.append(fit)
    upper = [(0, None)] * count + [(0, amount) for amount in ladder.amount] + [(0, None)] * wants
    goals = [
        np.concatenate([np.zeros(count), -(ladder.step <= step).astype(float), np.zeros(wants)])
        for step in range(4)
    ]
    goals.append(np.concatenate([np.zeros(count), -ladder.value, np.zeros(wants)]))
    risk = [share_lost_if_kept(lots[lot][1], problem.replan_days) for lot, _ in arcs]
    goals.append(np.concatenate([-np.array(risk), np.zeros(segments), np.ones(wants)]))
    km = [np.rint(10 * problem.km[lots[lot][0], needs.point[need]]) for lot, need in arcs]
    goals.append(np.concatenate([km, np.zeros(segments + wants)]))
    found = []
    for goal in goals:
        solved = linprog(
            goal, np.array(rows), np.array(bounds) + 1e-6, equal, np.zeros(wants), upper, method="highs"
        )
        found.append(solved.fun)
        rows, bounds = [*rows, goal], [*bounds, solved.fun]
    left = sum(units * share_lost_if_kept(lasts, problem.replan_days) for _, lasts, units in lots)
    return -np.array(found[:4]), -found[4], found[5] + left, found[6]


def share_lost_if_kept(lasts, replan_days):
    """Return 1 for what is over by the next plan, and 1/n for what sees n more, up to eight."""
    plans = max(lasts // replan_days, 1)
    return 1 / plans if plans <= 8 else 0.0


def oldest_first(problem):
    """Return (warehouse, shelf life, units) that may leave: the reserve is kept from the longest-lived."""
    lots, free = [], usable_by_hand(problem, 0)
    for batch in np.argsort(problem.batches.expires_days, kind="stable"):
        warehouse = problem.batches.warehouse[batch]
        units = min(int(problem.batches.quantity[batch]), int(free[warehouse]))
        free[warehouse] -= units
        lots.append((warehouse, int(problem.batches.expires_days[batch]), units))
    return lots


@given(st.integers(0, 10**6))
@settings(deadline=None, max_examples=25)
def test_a_general_solver_finds_the_same_objectives_one_by_one(seed):
    problem = make_problem(seed)
    (plan,) = allocate(problem, STEPS).plans
    steps, value, lost, hectometres = oracle(problem)
    assert np.cumsum(plan.worth.steps) == pytest.approx(steps, abs=1e-4)
    nothing = expected_shortage(plan.needs, cell_probability(problem.levels), plan.needs.available).sum(
        axis=0
    )
    saved = float(nothing @ np.array(problem.tier_weight)) - plan.worth.weighted_shortage
    assert saved == pytest.approx(value, abs=1e-4)
    assert plan.worth.lost == pytest.approx(lost, abs=1e-4)
    assert plan.worth.hectometres == pytest.approx(hectometres, abs=1e-2)
    assert set(gaps(plan.worth, plan.bound, 1).values()) == {0}
    assert plan.shipping.proven


@given(st.integers(0, 10**6), st.sampled_from([1, 3]), st.sampled_from([np.inf, 12.0]))
@settings(deadline=None, max_examples=25)
def test_nothing_is_shipped_that_is_not_there_and_every_bound_holds(seed, least, load):
    """Two items share the vehicles; shipments keep to stock, reserve, roads, vehicles and least shipment."""
    problem = make_problem(seed, items=2, least=least, load=load)
    carried = np.zeros(len(problem.warehouses.code))
    for plan in allocate(problem, STEPS).plans:
        table = sent(problem, plan)
        assert (table.sum(axis=1) <= usable_by_hand(problem, plan.item)).all()
        assert (table.sum(axis=0)[plan.needs.point] == plan.received).all()
        assert (problem.serves & (problem.hours <= 9))[table > 0].all()
        assert (table[table > 0] >= least).all()
        carried += table.sum(axis=1)
        assert (
            plan.worth.weighted_shortage >= plan.bound.weighted_shortage - 1e-6
            or (np.cumsum(plan.worth.steps) < np.cumsum(plan.bound.steps)).any()
        )
        assert (np.cumsum(plan.worth.steps) <= np.cumsum(plan.bound.steps)).all()
        if plan.same_amounts:
            assert plan.worth.lost >= plan.bound.lost - 1e-9
    assert (carried <= load).all()


@given(st.integers(0, 10**6))
@settings(deadline=None, max_examples=20)
def test_nobody_is_below_the_floor_while_another_holds_more_than_its_share(seed):
    """What a fuller point received could not have come to an emptier one: no warehouse reaches both."""
    problem = make_problem(seed)
    (plan,) = allocate(problem, STEPS).plans
    held, floor = plan.needs.available + plan.received, plan.needs.floor
    table, open_road = sent(problem, plan), problem.serves & (problem.hours <= 9)
    for poor in np.flatnonzero(held < floor):
        step = held[poor] * 4 // floor[poor]
        for rich in np.flatnonzero(plan.received):
            last = held[rich] - 1
            step_of_last = last * 4 // floor[rich] if last < floor[rich] else 4
            if step_of_last > step:
                givers = table[:, plan.needs.point[rich]] > 0
                assert not (givers & open_road[:, plan.needs.point[poor]]).any()


@given(st.integers(0, 10**6))
@settings(deadline=None, max_examples=20)
def test_more_stock_is_never_worse_and_its_price_is_what_it_changes(seed):
    """One more box that lasts, in one warehouse, solved again: what the reasons say is what happens."""
    problem = make_problem(seed)
    problem = replace(problem, reserve=problem.reserve * 0)
    (plan,) = allocate(problem, STEPS).plans
    why = reasons(problem, plan)
    for warehouse in range(len(problem.warehouses.code)):
        more = Batches(
            (*problem.batches.code, "more"), np.append(problem.batches.warehouse, warehouse),
            np.append(problem.batches.item, 0), np.append(problem.batches.quantity, 1),
            np.append(problem.batches.expires_days, NEVER),
        )  # fmt: skip
        (after,) = allocate(replace(problem, batches=more), STEPS).plans
        change = np.cumsum(after.worth.steps) - np.cumsum(plan.worth.steps)
        assert (change >= 0).all()
        reached = (problem.serves & (problem.hours <= 9))[warehouse, plan.needs.point]
        if not change.any():
            saved = plan.worth.weighted_shortage - after.worth.weighted_shortage
            assert saved >= -1e-9
            assert (why.next_stock[reached & ~why.next_stock_floor] <= saved + 1e-9).all()
            from_here = plan.shipping.need[plan.stocks.warehouse[plan.shipping.row] == warehouse]
            assert why.next_stock[from_here] == pytest.approx(np.full(from_here.size, saved))
        else:
            assert (reached & why.next_stock_floor).any()


@given(st.integers(0, 10**6), st.sampled_from([1, 3]))
@settings(deadline=None, max_examples=20)
def test_the_explanation_adds_up_to_the_decision(seed, least):
    problem = make_problem(seed, least=least)
    (plan,) = allocate(problem, STEPS).plans
    why = reasons(problem, plan)
    parts = why.promised + why.to_floor + why.above_floor + why.rounded_up
    assert (parts == plan.received).all() and min(part.min() for part in (why.to_floor, why.rounded_up)) >= 0
    assert why.shortage_after.sum(axis=0) == pytest.approx(plan.worth.shortage)
    # One more unit at a point, taken for given: the expected shortage falls by what is said.
    probability = cell_probability(problem.levels)
    held = plan.needs.available + plan.received
    again = expected_shortage(plan.needs, probability, held) - expected_shortage(
        plan.needs, probability, held + 1
    )
    assert why.next_here == pytest.approx(again, abs=1e-9)
    assert all(
        (limit == "enough") == (not again[row].any()) for row, limit in enumerate(why.limit) if least == 1
    )


@given(st.integers(0, 10**6))
@settings(deadline=None, max_examples=15)
def test_the_order_of_the_tables_changes_no_objective(seed):
    problem = make_problem(seed)
    numbers = np.random.default_rng(seed)
    held, wanted = (
        numbers.permutation(len(problem.warehouses.code)),
        numbers.permutation(len(problem.point_code)),
    )
    lots, rows = numbers.permutation(len(problem.batches.code)), numbers.permutation(problem.needs.point.size)
    batches, needs = problem.batches, problem.needs
    shuffled = replace(
        problem,
        batches=Batches(
            batches.code, np.argsort(held)[batches.warehouse[lots]], batches.item[lots],
            batches.quantity[lots], batches.expires_days[lots],
        ),
        needs=Needs(
            np.argsort(wanted)[needs.point[rows]], needs.item[rows], needs.on_hand[rows], needs.coming[rows],
            needs.guaranteed[rows], needs.quantiles[rows], needs.tier_share[rows],
        ),
        reserve=problem.reserve[held],
        severity=problem.severity[wanted],
        hours=problem.hours[np.ix_(held, wanted)],
        km=problem.km[np.ix_(held, wanted)],
        serves=problem.serves[np.ix_(held, wanted)],
    )  # fmt: skip
    one, other = (allocate(each, STEPS).plans[0].worth for each in (problem, shuffled))
    assert (one.steps == other.steps).all()
    assert one.lost == pytest.approx(other.lost) and one.hectometres == other.hectometres
    assert one.weighted_shortage == pytest.approx(other.weighted_shortage)


def test_a_time_limit_returns_a_plan_with_its_gap():
    """The clock says that time is over at once: amounts are as fair, roads longer, and it says so."""
    problem = make_problem(4)
    ticks = iter(range(100))
    found = allocate(problem, STEPS, StopRule(0.5, lambda: float(next(ticks))))
    best = allocate(problem, STEPS).plans[0]
    assert found.stopped_early and not found.plans[0].shipping.proven
    assert (found.plans[0].worth.steps == best.worth.steps).all()
    assert found.plans[0].worth.weighted_shortage == pytest.approx(best.worth.weighted_shortage)
    worth, bound = found.plans[0].worth, found.plans[0].bound
    assert (best.worth.lost, best.worth.hectometres) <= (worth.lost, worth.hectometres)
    assert bound.lost <= best.worth.lost and bound.hectometres <= min(
        best.worth.hectometres, worth.hectometres
    )


def test_impossible_parameters_are_refused():
    with pytest.raises(ValueError, match=r"floor_steps must be at least 1 \(got 0\)"):
        AllocationParameters(floor_steps=0)
    with pytest.raises(ValueError, match=r"seconds must be above 0 \(got 0\)"):
        StopRule(0)
    problem = make_problem(1)
    for changed, message in (
        (
            {"levels": np.array([0.5, 0.4, 0.9])},
            r"levels must rise between 0 and 1 \(got \[0.5, 0.4, 0.9\]\)",
        ),
        ({"tier_weight": (1.0, 2.0, 3.0)}, r"tier_weight must not rise from red to green"),
        ({"hours": problem.hours[:, :0]}, r"hours must have a row a warehouse and a column a point"),
        ({"reserve": problem.reserve - 9}, r"reserve must be at least 0"),
        ({"horizon_days": 0}, r"horizon_days and replan_days must be at least 1 \(got 0 and 4\)"),
    ):
        with pytest.raises(ValueError, match=message):
            replace(problem, **changed)
    with pytest.raises(ValueError, match=r"quantiles must not fall \(got \[3, 2\] in need 0\)"):
        Needs(*(np.zeros(1, int) for _ in range(5)), np.array([[3, 2]]), np.array([[1.0, 0, 0]]))
    with pytest.raises(ValueError, match=r"tier_share must sum to 1 \(got 0.5 in need 0\)"):
        Needs(*(np.zeros(1, int) for _ in range(5)), np.array([[3, 3]]), np.array([[0.5, 0, 0]]))
