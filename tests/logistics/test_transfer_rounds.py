"""Rounds of a fleet: hand-worked plans, a slow walk as oracle, laws, and published instances."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations_with_replacement

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from li_lim_instances import BEST, SCALE, published

from fangxian.logistics.routing.itinerary import walk
from fangxian.logistics.routing.problem import (
    FOREVER,
    HOME,
    NOBODY,
    Requests,
    TransferProblem,
    Vehicles,
)
from fangxian.logistics.routing.search import SearchParameters, SearchStop, insertions, plan_transfers
from shared_data import shared_path

CONFIRMED, ORDINARY, CLEAN = 0, 1, 2
CLEANING_S = np.array([[0, 1800, 1800], [0, 0, 0], [0, 0, 0]])
"""After a confirmed case a vehicle is cleaned for half an hour before anybody else, and at the end."""
SHORT = SearchStop(attempts=300)


def line(*km: float) -> np.ndarray:
    """Return metres between places on a straight road."""
    at = np.array(km) * 1000
    return np.abs(at[:, None] - at).astype(np.int64)


def asked(pickup, delivery, category, **columns) -> Requests:
    """Return requests of one person each, ready at once and without a deadline."""
    count = len(pickup)
    plain = {
        "persons": 1,
        "ready_s": 0,
        "pickup_until_s": FOREVER,
        "deliver_from_s": 0,
        "deliver_until_s": FOREVER,
        "pickup_s": 0,
        "delivery_s": 0,
        "weight": 1,
        "aboard": NOBODY,
    } | columns
    wide = {name: np.broadcast_to(np.asarray(value), count).copy() for name, value in plain.items()}
    return Requests(
        pickup=np.asarray(pickup), delivery=np.asarray(delivery), category=np.asarray(category), **wide
    )


def fleet(start, **columns) -> Vehicles:
    """Return vehicles of four seats that start clean, return to their start and never go off duty."""
    count = len(start)
    plain = {"capacity": 4, "opens_s": 0, "closes_s": FOREVER, "fixed_m": 0, "last_category": CLEAN} | columns
    wide = {name: np.broadcast_to(np.asarray(value), count).copy() for name, value in plain.items()}
    return Vehicles(start=np.asarray(start), end=np.asarray(start), **wide)


def problem(requests: Requests, vehicles: Vehicles, metres: np.ndarray) -> TransferProblem:
    """Return a problem in which a kilometre takes a minute."""
    fits = np.ones((len(requests), len(vehicles)), np.bool_)
    return TransferProblem(requests, vehicles, fits, metres, metres * 60 // 1000, CLEANING_S)


def stops(result, vehicle=0):
    """Return a round as words: +1 picks request 1 up, -1 sets it down."""
    return [f"{'+' if each.picks_up else '-'}{each.request}" for each in result.rounds[vehicle].visits]


@st.composite
def problems(draw):
    """Small problems with all limits at work: windows, seats, crew hours, cleaning, rides to the base."""
    numbers = np.random.default_rng(draw(st.integers(0, 10**6)))
    count, vehicles, places = int(numbers.integers(1, 6)), int(numbers.integers(1, 4)), 6
    metres = line(*numbers.uniform(0, 20, places))
    ready = numbers.integers(0, 3600, count)
    delivery = np.where(numbers.random(count) < 0.3, HOME, numbers.integers(0, places, count))
    requests = asked(
        numbers.integers(0, places, count),
        delivery,
        numbers.integers(0, 2, count),
        persons=numbers.integers(1, 4, count),
        ready_s=ready,
        pickup_until_s=ready + numbers.integers(600, 5400, count),
        deliver_until_s=ready + numbers.integers(1800, 9000, count),
        pickup_s=numbers.integers(0, 300, count),
        delivery_s=numbers.integers(0, 300, count),
    )
    crew = fleet(
        numbers.integers(0, places, vehicles),
        capacity=numbers.integers(2, 5, vehicles),
        closes_s=numbers.integers(3600, 12000, vehicles),
        last_category=numbers.integers(0, 3, vehicles),
    )
    given_problem = problem(requests, crew, metres)
    return replace(given_problem, fits=numbers.random((count, vehicles)) < 0.9)


def cheapest_by_walking(given_problem, plan, request, vehicle):
    """Return the least added metres over all places, by walking every round there is."""
    own = [each for each in plan[vehicle] if each[0] != request]
    before = walk(given_problem, vehicle, own).metres
    home = given_problem.requests.delivery[request] == HOME
    best = None
    for first, second in combinations_with_replacement(range(len(own) + 1), 2):
        tried = [*own[:second], *([] if home else [(request, False)]), *own[second:]]
        tried.insert(first, (request, True))
        walked = walk(given_problem, vehicle, tried)
        if not walked.broken and (best is None or walked.metres - before < best):
            best = walked.metres - before
    return best


def test_the_near_patient_rides_along_and_others_wait_for_a_clean_vehicle():
    """Two confirmed on one road share the way; the ordinary patient comes after the cleaning."""
    requests = asked([1, 2, 1], [3, 3, 2], [CONFIRMED, CONFIRMED, ORDINARY])
    given_problem = problem(requests, fleet([0]), line(0, 5, 10, 20))
    result = plan_transfers(given_problem, stop=SHORT)
    # To 20 km with both, back for the third at 5 km and on to 10 km, then home: 20 + 15 + 5 + 10.
    # The ordinary patient first is as long, and then nobody waits for a cleaning but the crew at the end.
    assert result.metres == 50_000
    assert result.left_behind == ()
    first = result.rounds[0]
    assert first.broken == ()
    waited = sum(each.cleaning_s for each in first.visits) + first.last_cleaning_s
    assert waited == 1800


def test_closed_loop_costs_a_second_trip_where_mixing_would_be_one():
    """Next door to each other but of two categories: never aboard together."""
    requests = asked([1, 1], [2, 2], [CONFIRMED, ORDINARY])
    result = plan_transfers(problem(requests, fleet([0]), line(0, 1, 10)), stop=SHORT)
    assert result.metres == 38_000
    for each in result.rounds[0].visits:
        assert each.aboard <= 1
    alike = plan_transfers(
        problem(replace(requests, category=np.array([1, 1])), fleet([0]), line(0, 1, 10)), stop=SHORT
    )
    assert alike.metres == 20_000


def test_a_cleaning_that_would_make_the_next_patient_late_turns_the_order_round():
    """The confirmed one lies on the way (20 km in all), but half an hour of cleaning is too long."""
    requests = asked([1, 3], [2, 2], [CONFIRMED, ORDINARY], pickup_until_s=[FOREVER, 1500])
    result = plan_transfers(problem(requests, fleet([0]), line(0, 1, 2, 10)), stop=SHORT)
    assert stops(result) == ["+1", "-1", "+0", "-0"]
    assert result.metres == 22_000
    relaxed = asked([1, 3], [2, 2], [CONFIRMED, ORDINARY], pickup_until_s=[FOREVER, 2400])
    assert plan_transfers(problem(relaxed, fleet([0]), line(0, 1, 2, 10)), stop=SHORT).metres == 20_000


def test_who_is_taken_to_the_base_stays_aboard_to_the_end():
    requests = asked([1, 2], [HOME, HOME], [ORDINARY, ORDINARY])
    result = plan_transfers(problem(requests, fleet([0]), line(0, 3, 4)), stop=SHORT)
    assert result.metres == 8_000
    assert result.rounds[0].visits[-1].aboard == 2


def test_crew_hours_and_deadlines_leave_somebody_behind_rather_than_break():
    """One vehicle, two patients at opposite ends, twenty minutes: the weightier one is fetched."""
    requests = asked([1, 2], [0, 0], [ORDINARY, ORDINARY], pickup_until_s=1200, weight=[1, 2])
    result = plan_transfers(problem(requests, fleet([0]), line(0, 15, -15)), stop=SHORT)
    assert result.left_behind == (0,)
    assert stops(result) == ["+1", "-1"]


@given(problems(), st.integers(0, 10**6))
@settings(deadline=None, max_examples=60)
def test_plans_can_be_driven_and_count_everybody_once(given_problem, seed):
    result = plan_transfers(given_problem, SearchParameters(seed=seed), SearchStop(attempts=60))
    seen = [each.request for one in result.rounds for each in one.visits if each.picks_up]
    assert sorted([*seen, *result.left_behind]) == list(range(len(given_problem.requests)))
    for one in result.rounds:
        assert one.broken == ()
        down = [each.request for each in one.visits if not each.picks_up]
        up = [each.request for each in one.visits if each.picks_up]
        assert sorted(down) == sorted(r for r in up if given_problem.requests.delivery[r] != HOME)
    assert result.bound.left_weight <= result.left_weight
    if result.left_weight == result.bound.left_weight:
        assert result.bound.cost_m <= result.cost_m


@given(problems(), st.integers(0, 10**6))
@settings(deadline=None, max_examples=60)
def test_places_to_put_a_request_are_those_that_a_slow_walk_finds(given_problem, seed):
    """The kernel may miss a place only where a limit further on would be eased by a cleaning spared."""
    result = plan_transfers(given_problem, SearchParameters(seed=seed), SearchStop(attempts=20))
    request = seed % len(given_problem.requests)
    plan = [[each for each in one if each[0] != request] for one in result.stops()]
    found = insertions(given_problem, plan, request)
    for vehicle in range(len(given_problem.vehicles)):
        slow = cheapest_by_walking(given_problem, plan, request, vehicle)
        if found[vehicle] is not None:
            assert slow is not None
            assert found[vehicle] >= slow
        if slow is not None and not (given_problem.requests.category == CONFIRMED).any():
            assert found[vehicle] == slow


def test_the_same_seed_gives_the_same_plan():
    given_problem = published("lrc101")
    first, second = (plan_transfers(given_problem, stop=SearchStop(attempts=200)) for _ in range(2))
    assert first.stops() == second.stops()


@given(problems())
@settings(deadline=None, max_examples=30)
def test_one_more_vehicle_never_costs(given_problem):
    """The plan without it is a plan with it, so the search begun there is no worse."""
    before = plan_transfers(given_problem, stop=SearchStop(attempts=60))
    wider = {name: np.append(values, values[:1]) for name, values in vars(given_problem.vehicles).items()}
    fits = np.concatenate([given_problem.fits, given_problem.fits[:, :1]], axis=1)
    more = replace(given_problem, vehicles=Vehicles(**wider), fits=fits)
    after = plan_transfers(more, stop=SearchStop(attempts=60), begin_with=[*before.stops(), []])
    assert len(after.left_behind) <= len(before.left_behind)
    if after.left_behind == before.left_behind:
        assert after.metres <= before.metres


@pytest.mark.parametrize("name", list(BEST))
def test_published_instances_are_solved_to_the_best_plan_known(name):
    """With the vehicles of the best plan known, everybody is served within a thousandth of its distance."""
    result = plan_transfers(published(name), stop=SearchStop(attempts=6000))
    assert result.left_behind == ()
    assert result.metres / SCALE == pytest.approx(BEST[name].distance, rel=1e-3)
    assert result.bound.cost_m <= result.metres


def test_the_shared_instance_beats_or_tools_in_a_fifth_of_a_million_attempts():
    """500 patients, 100 vehicles of 5 seats: OR-Tools had 3 289 181 m after 30 s."""
    held = np.load(shared_path("expected/routing_100x500_seed11.npz"))
    metres, start = held["D"], held["start"]
    requests = asked(np.arange(10, 510), np.full(500, HOME), np.zeros(500, int))
    given_problem = problem(requests, fleet(start, capacity=int(held["cap"])), metres)
    result = plan_transfers(given_problem, stop=SearchStop(attempts=60_000))
    assert result.left_behind == ()
    assert result.metres < 3_289_181


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"pickup": np.array([9])}, r"pickup must lie in 0 to 2 \(got 9 in row 0\); correct the row"),
        ({"persons": np.array([0])}, r"persons must lie in 1 to 1000000 \(got 0 in row 0\)"),
        ({"ready_s": np.array([5]), "pickup_until_s": np.array([4])}, r"a pickup window must not end before"),
        ({"weight": np.array([1.5])}, r"requests.weight must hold 1 whole numbers \(got float64\[1\]\)"),
        ({"aboard": np.array([0])}, r"those aboard vehicle 0 must be of its last_category"),
    ],
)
def test_requests_that_cannot_be_are_refused(change, message):
    requests = replace(asked([1], [2], [ORDINARY]), **change)
    with pytest.raises(ValueError, match=message):
        problem(requests, fleet([0]), line(0, 1, 2))


def test_no_vehicle_is_refused():
    with pytest.raises(ValueError, match=r"at least one vehicle and one request \(got 0 and 1\)"):
        problem(asked([1], [2], [ORDINARY]), fleet([]), line(0, 1, 2))


def test_a_round_to_begin_with_must_be_drivable():
    given_problem = problem(asked([1], [2], [ORDINARY]), fleet([0]), line(0, 1, 2))
    with pytest.raises(ValueError, match=r"must keep every limit \(got: request 0 is not set down\)"):
        plan_transfers(given_problem, begin_with=[[(0, True)]])
