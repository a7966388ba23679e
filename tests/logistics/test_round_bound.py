"""The bound by whole rounds: labels against a plain enumeration, and below the best plan there is."""

from __future__ import annotations

from itertools import pairwise, permutations, product

import numpy as np
import pytest
from test_transfer_rounds import CONFIRMED, ORDINARY, asked, fleet, line, problem

from fangxian.logistics.routing.bounds import lower_bound
from fangxian.logistics.routing.load_bound import can_bound_by_loads
from fangxian.logistics.routing.problem import FOREVER, HOME
from fangxian.logistics.routing.round_bound import bound_by_rounds, can_bound_by_rounds
from fangxian.logistics.routing.round_prices import (
    UNREACHED,
    RoundTables,
    close_rounds,
    label_rounds,
    trace_round,
)
from fangxian.logistics.routing.search import SearchStop, plan_transfers


def scattered(seed, *, count=5, seats=3, starts=(0, 0, 1)):
    """Return patients scattered over a square, two bases, some who ride two together, two categories."""
    numbers = np.random.default_rng(seed)
    spot = numbers.uniform(0, 50_000, (count + 2, 2))
    metres = np.hypot(*np.moveaxis(spot[:, None] - spot, -1, 0)).round().astype(np.int64)
    requests = asked(
        range(2, count + 2),
        [HOME] * count,
        numbers.choice([CONFIRMED, ORDINARY, ORDINARY], count),
        persons=numbers.choice([1, 1, 2], count),
        pickup_until_s=numbers.choice([40_000, FOREVER], count),
    )
    return problem(requests, fleet(list(starts), capacity=seats), metres)


def metres_of(given, car, order):
    """Return metres of a round, None where it cannot be driven."""
    asked_for, cars = given.requests, given.vehicles
    now, at, metres = 0, cars.start[car], 0
    for each in order:
        now += given.travel_s[at, asked_for.pickup[each]]
        metres += given.distance_m[at, asked_for.pickup[each]]
        if now > asked_for.pickup_until_s[each]:
            return None
        at = asked_for.pickup[each]
    return int(metres + given.distance_m[at, cars.end[car]])


def best_by_hand(given):
    """Return metres of the best plan that serves everybody, by trying every order cut into rounds."""
    asked_for, count = given.requests, len(given.requests)
    cheapest = {}
    for size, car in product(range(1, count + 1), range(len(given.vehicles))):
        for order in permutations(range(count), size):
            people = sum(asked_for.persons[list(order)])
            mixed = len({asked_for.category[each] for each in order}) > 1
            if mixed or people > given.vehicles.capacity[car]:
                continue
            metres = metres_of(given, car, order)
            key = (frozenset(order), car)
            if metres is not None and metres < cheapest.get(key, np.inf):
                cheapest[key] = metres
    best = {frozenset(): 0}
    for car in range(len(given.vehicles)):
        more = dict(best)
        for served, metres in best.items():
            for (group, which), cost in cheapest.items():
                if which == car and not served & group:
                    both = served | group
                    more[both] = min(more.get(both, np.inf), metres + cost)
        best = more
    return best.get(frozenset(range(count)), np.inf)


def test_no_plan_is_below_the_bound_and_the_bound_is_near():
    near = []
    for seed in range(10):
        given = scattered(seed)
        plan = plan_transfers(given, stop=SearchStop(attempts=200, bound_s=np.inf))
        least, fast = best_by_hand(given), lower_bound(given)
        assert plan.bound.left_weight == fast.left_weight
        assert fast.cost_m <= plan.bound.cost_m
        if np.isfinite(least):
            assert plan.bound.cost_m <= least <= plan.metres
            near.append((plan.bound.cost_m / least, fast.cost_m / least))
    assert len(near) >= 6
    whole, quick = np.median(near, axis=0)
    assert whole > 0.9 and whole > quick + 0.05


def test_two_rounds_of_two_are_proven_best_by_hand():
    """Four patients 10 km away, 1 km from each other: 21 km a round; the matching goes round in circles."""
    metres = np.full((5, 5), 1_000)
    metres[0], metres[:, 0] = 10_000, 10_000
    np.fill_diagonal(metres, 0)
    given = problem(asked([1, 2, 3, 4], [HOME] * 4, [ORDINARY] * 4), fleet([0, 0], capacity=2), metres)
    plan = plan_transfers(given, stop=SearchStop(attempts=50, bound_s=np.inf))
    assert (plan.metres, plan.bound.cost_m, plan.bound.method) == (42_000, 42_000, "rounds")
    assert plan.gap == 0 and lower_bound(given).cost_m == 4_000


def test_a_bound_cut_short_holds_as_well():
    given = scattered(3, count=6, starts=(0, 0, 0, 1, 1))
    least = best_by_hand(given)
    rounds = [(car, []) for car in range(5)]
    bounds = [
        bound_by_rounds(given, lower_bound(given), rounds, seconds).cost_m for seconds in (1e-9, np.inf)
    ]
    assert bounds[0] <= bounds[1] <= least


def tables_of(seed, *, count=5, memory=4):
    """Return tables of random legs between requests of one or two persons, two groups of vehicles."""
    numbers = np.random.default_rng(seed)
    leg = numbers.integers(1, 90, (count, count))
    leg[numbers.random((count, count)) < 0.2] = UNREACHED
    np.fill_diagonal(leg, UNREACHED)
    near = np.array([[other for other in range(count) if other != one][:memory] for one in range(count)])
    member = np.eye(count)
    np.put_along_axis(member, near, 1, axis=1)
    return RoundTables(
        leg,
        numbers.integers(1, 90, (2, count)),
        numbers.integers(1, 90, (count, 2)),
        numbers.choice([1, 2], count),
        np.array([3, 4]),
        near,
        member @ member.T > 0,
    ), numbers.integers(0, 120, count)


@pytest.mark.parametrize("seed", range(6))
def test_labels_with_a_full_memory_are_the_cheapest_rounds(seed):
    tables, price = tables_of(seed)
    value = label_rounds(tables, price)
    cost, load, memory = close_rounds(tables, value)
    for group, seats in enumerate(tables.seats):
        by_hand = np.full(5, UNREACHED)
        for size in range(1, 5):
            for order in permutations(range(5), size):
                legs = [tables.leg[one, other] for one, other in pairwise(order)]
                if tables.persons[list(order)].sum() <= seats and max(legs, default=0) < UNREACHED:
                    total = tables.first[group, order[0]] + sum(legs) + tables.last[order[-1], group]
                    by_hand[order[-1]] = min(by_hand[order[-1]], total - price[list(order)].sum())
        assert (cost[group] == by_hand).all()
        for last in range(5):
            end = (group, last, int(load[group, last]), int(memory[group, last]))
            way = trace_round(tables, price, value, end)[::-1]
            legs = tables.leg[way[:-1], way[1:]].sum()
            total = tables.first[group, way[0]] + legs + tables.last[last, group] - price[way].sum()
            assert total == cost[group, last] and way.size == np.unique(way).size


def test_a_shorter_memory_is_never_dearer():
    for seed in range(4):
        exact, price = tables_of(seed)
        short, _ = tables_of(seed, memory=1)
        costs = [close_rounds(tables, label_rounds(tables, price))[0] for tables in (short, exact)]
        assert (costs[0] <= costs[1]).all()


def test_who_is_partly_set_down_on_the_way_keeps_the_quick_bound():
    given = problem(asked([1, 1], [2, HOME], [ORDINARY] * 2), fleet([0]), line(0, 5, 9))
    assert not can_bound_by_rounds(given) and not can_bound_by_loads(given)
    assert plan_transfers(given, stop=SearchStop(attempts=5, bound_s=5.0)).bound.method == "successors"
    with pytest.raises(ValueError, match=r"bound_s must be at least 0 \(got -1\)"):
        SearchStop(bound_s=-1)
