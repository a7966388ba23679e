"""The bound by stops and loads: below the best plan there is, tried out, and near it."""

from __future__ import annotations

from itertools import permutations, product

import numpy as np
from test_transfer_rounds import CONFIRMED, ORDINARY, asked, fleet, problem

from fangxian.logistics.routing.bounds import lower_bound
from fangxian.logistics.routing.itinerary import walk
from fangxian.logistics.routing.load_bound import bound_by_loads
from fangxian.logistics.routing.search import SearchStop, plan_transfers


def scattered(seed, *, count=3):
    """Return patients who are brought to either of two hospitals, two bases, some of another category."""
    numbers = np.random.default_rng(seed)
    spot = numbers.uniform(0, 40_000, (count + 4, 2))
    metres = np.hypot(*np.moveaxis(spot[:, None] - spot, -1, 0)).round().astype(np.int64)
    ready = numbers.integers(0, 3_000, count)
    requests = asked(
        range(4, count + 4),
        numbers.integers(2, 4, count),
        numbers.choice([CONFIRMED, ORDINARY, ORDINARY], count),
        persons=numbers.choice([1, 1, 2], count),
        ready_s=ready,
        pickup_until_s=ready + numbers.choice([4_000, 90_000], count),
        deliver_until_s=ready + numbers.choice([9_000, 90_000], count),
        pickup_s=np.full(count, 300),
        delivery_s=np.full(count, 300),
    )
    return problem(requests, fleet([0, 1], capacity=2), metres)


def best_by_hand(given):
    """Return metres of the best plan that serves everybody, by walking every order of every share."""
    count, best = len(given.requests), np.inf
    for share in product(range(2), repeat=count):
        total = 0.0
        for car in range(2):
            mine = [request for request in range(count) if share[request] == car]
            stops = [(request, up) for request in mine for up in (True, False)]
            walked = [
                walk(given, car, list(order))
                for order in permutations(stops)
                if all(order.index((each, True)) < order.index((each, False)) for each in mine)
            ]
            total += min((each.metres for each in walked if not each.broken), default=np.inf)
        best = min(best, total)
    return best


def test_no_plan_is_below_the_bound_and_the_bound_is_near():
    near = []
    for seed in range(12):
        given = scattered(seed)
        plan = plan_transfers(given, stop=SearchStop(attempts=100, bound_s=20.0))
        least, fast = best_by_hand(given), lower_bound(given)
        if np.isfinite(least):
            assert fast.cost_m <= plan.bound.cost_m <= least <= plan.metres
            near.append((plan.bound.cost_m / least, fast.cost_m / least))
    assert len(near) >= 8
    whole, quick = np.mean(near, axis=0)
    assert whole > 0.85 and whole > quick + 0.03


def test_two_rides_together_are_proven_best_where_the_matching_goes_in_circles():
    """Four patients 1 km from each other, 10 km from base and hospital, which are one place: twice 21 km."""
    metres = np.full((5, 5), 1_000)
    metres[0], metres[:, 0] = 10_000, 10_000
    np.fill_diagonal(metres, 0)
    service = {"pickup_s": np.full(4, 60), "delivery_s": np.full(4, 60)}
    given = problem(
        asked([1, 2, 3, 4], [0] * 4, [ORDINARY] * 4, **service), fleet([0, 0], capacity=2), metres
    )
    plan = plan_transfers(given, stop=SearchStop(attempts=50, bound_s=20.0))
    assert (plan.metres, plan.bound.cost_m, plan.bound.method) == (42_000, 42_000, "loads")
    assert plan.gap == 0 and lower_bound(given).cost_m < 42_000


def test_without_time_the_quick_bound_stays():
    given = scattered(1)
    quick = lower_bound(given)
    assert bound_by_loads(given, quick, [], 1e-9) == quick
