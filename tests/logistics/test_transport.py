"""Transport at least cost: hand-worked tables, a general solver as oracle, and laws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from fangxian.logistics.allocation.transport import (
    TransportParameters,
    TransportProblem,
    solve_transport,
)
from shared_data import shared_path


def problem(cost, supply, demand):
    return TransportProblem(np.array(cost), np.array(supply), np.array(demand))


def shipped(result, shape):
    table = np.zeros(shape, int)
    table[result.warehouse, result.point] = result.amount
    return table


@st.composite
def instances(draw):
    """Small tables with ties, empty warehouses and points that want nothing."""
    warehouses, points = draw(st.integers(1, 6)), draw(st.integers(1, 9))
    numbers = np.random.default_rng(draw(st.integers(0, 10**6)))
    supply = numbers.integers(0, 12, warehouses)
    wanted = int(draw(st.floats(0, 1)) * supply.sum())
    demand = numbers.multinomial(wanted, np.full(points, 1 / points))
    return TransportProblem(numbers.integers(0, 8, (warehouses, points)), supply, demand)


def test_two_warehouses_and_three_clinics_by_hand():
    """The near warehouse has 10 of 15: the point that loses least by the far one is served by it."""
    result = solve_transport(problem([[1, 2, 4], [9, 9, 6]], [10, 20], [5, 5, 5]))
    assert shipped(result, (2, 3)).tolist() == [[5, 5, 0], [0, 0, 5]]
    assert result.total_cost == 5 + 10 + 30
    # One more unit near by would move one unit of the third point from 6 to 4.
    assert result.warehouse_price.tolist() == [2, 0]
    assert result.point_price.tolist() == [3, 4, 6]


@given(instances())
@settings(deadline=None, max_examples=100)
def test_no_plan_is_cheaper_says_a_general_solver(given_problem):
    result = solve_transport(given_problem, TransportParameters(stripe=2, nearest=2))
    warehouses, points = given_problem.cost.shape
    leaves = np.kron(np.eye(warehouses), np.ones(points))
    arrives = np.kron(np.ones(warehouses), np.eye(points))
    oracle = linprog(
        given_problem.cost.ravel(),
        A_ub=leaves,
        b_ub=given_problem.supply,
        A_eq=arrives,
        b_eq=given_problem.demand,
    )
    assert result.total_cost == round(oracle.fun)
    assert result.gap == 0
    table = shipped(result, given_problem.cost.shape)
    assert (table.sum(axis=0) == given_problem.demand).all()
    assert (table.sum(axis=1) <= given_problem.supply).all()
    assert (result.amount > 0).all()


@given(instances(), st.integers(0, 10**6))
@settings(deadline=None, max_examples=60)
def test_the_order_of_the_tables_does_not_change_the_cost(given_problem, seed):
    numbers = np.random.default_rng(seed)
    rows = numbers.permutation(given_problem.cost.shape[0])
    columns = numbers.permutation(given_problem.cost.shape[1])
    shuffled = TransportProblem(
        given_problem.cost[np.ix_(rows, columns)],
        given_problem.supply[rows],
        given_problem.demand[columns],
    )
    assert solve_transport(given_problem).total_cost == solve_transport(shuffled).total_cost


@given(instances(), st.integers(0, 5))
@settings(deadline=None, max_examples=60)
def test_a_unit_more_in_stock_saves_at_most_its_price_and_never_costs(given_problem, which):
    before = solve_transport(given_problem)
    warehouse = which % given_problem.supply.shape[0]
    supply = given_problem.supply.copy()
    supply[warehouse] += 1
    after = solve_transport(TransportProblem(given_problem.cost, supply, given_problem.demand))
    saved = before.total_cost - after.total_cost
    assert 0 <= saved <= before.warehouse_price[warehouse]


def test_prices_prove_the_optimum():
    """Where goods move prices meet the cost, elsewhere they stay below it; spare stock is worth nothing."""
    numbers = np.random.default_rng(3)
    given_problem = problem(numbers.integers(1, 99, (7, 30)), np.full(7, 40), np.full(30, 8))
    result = solve_transport(given_problem)
    slack = given_problem.cost - result.point_price[None, :] + result.warehouse_price[:, None]
    assert slack.min() == 0
    assert (slack[result.warehouse, result.point] == 0).all()
    spare = given_problem.supply - shipped(result, given_problem.cost.shape).sum(axis=1)
    assert (result.warehouse_price[spare > 0] == 0).all()
    assert (result.warehouse_price >= 0).all()


def test_nothing_wanted_ships_nothing():
    result = solve_transport(problem([[3]], [0], [0]))
    assert (result.total_cost, result.amount.size, result.gap) == (0, 0, 0)


def test_the_published_instance_is_solved_to_its_optimum():
    """300 warehouses, 3 000 points, 20 items: the total that OR-Tools proves."""
    held = np.load(shared_path("expected/transport_300x3000x20_seed7.npz"))
    results = [
        solve_transport(TransportProblem(held["cost"], held["sup"][item], held["dem"][item]))
        for item in range(held["dem"].shape[0])
    ]
    assert results[0].total_cost == 75_087_174
    assert sum(result.total_cost for result in results) == 1_351_074_567
    assert all(result.gap == 0 for result in results)


@pytest.mark.parametrize(
    ("cost", "supply", "demand", "message"),
    [
        ([[1, 2]], [3], [1], r"one row a warehouse and one column a demand point.*\(1, 2\)"),
        ([[-1]], [3], [1], r"cost must not be negative \(got -1\); correct the record"),
        ([[1]], [3], [-2], r"demand must not be negative \(got -2\)"),
        ([[1.5]], [3], [1], r"cost must be whole numbers \(got float64\); choose a finer unit"),
        ([[1]], [3], [4], r"demands must not exceed supplies \(got 4 wanted, 3 held\); cut demands"),
        ([[2**41]], [3], [1], r"cost must be below 2\^40 \(got 2199023255552\)"),
    ],
)
def test_tables_that_cannot_be_shipped_are_refused(cost, supply, demand, message):
    with pytest.raises(ValueError, match=message):
        problem(cost, supply, demand)


def test_a_stripe_of_nothing_is_refused():
    with pytest.raises(ValueError, match=r"stripe and nearest must be at least 1 \(got 0 and 16\)"):
        TransportParameters(stripe=0)
