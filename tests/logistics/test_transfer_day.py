"""Days on which something goes wrong: who is left behind and why, and a vehicle that fails on the way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_transfer_rounds import CLEAN, CONFIRMED, ORDINARY, asked, fleet, line, problem, problems, stops

from fangxian.logistics.routing.explain import explain_left_behind
from fangxian.logistics.routing.first_come import dispatch_by_call
from fangxian.logistics.routing.problem import FOREVER, HOME, NOBODY
from fangxian.logistics.routing.replan import remainder
from fangxian.logistics.routing.search import SearchStop, plan_transfers

SHORT = SearchStop(attempts=100)


def why(given_problem):
    """Return the explanation of the only request left behind."""
    (found,) = explain_left_behind(given_problem, plan_transfers(given_problem, stop=SHORT))
    return found


def test_a_patient_out_of_reach_is_told_which_limits_collide():
    """10 km away, a minute a kilometre, wanted within 6 minutes: only the deadline is in the way, 240 s."""
    given_problem = problem(asked([1], [0], [ORDINARY], pickup_until_s=360), fleet([0]), line(0, 10))
    found = why(given_problem)
    assert found.alone == ("pickup deadline",)
    assert found.short == {"pickup deadline": 240}
    assert found.reliefs == ()


def test_limits_are_named_only_while_all_of_them_are_needed():
    """No vehicle of that kind: that the seats would not do either changes nothing."""
    requests = asked([1], [0], [ORDINARY], persons=9, pickup_until_s=1)
    given_problem = problem(requests, fleet([0]), line(0, 10))
    assert why(given_problem).alone in {("vehicle kind",), ("seats",)}
    nothing_fits = replace(given_problem, fits=np.zeros((1, 1), np.bool_))
    assert why(nothing_fits).alone == ("vehicle kind",)


def test_two_vehicles_each_missing_another_limit_make_a_pair():
    """One is too small, the other too far: neither limit alone explains it."""
    requests = asked([1], [1], [ORDINARY], persons=3, pickup_until_s=700)
    given_problem = problem(requests, fleet([1, 0], capacity=[2, 4]), line(0, 30))
    found = why(given_problem)
    assert set(found.alone) == {"seats", "pickup deadline"}


def test_others_in_the_way_are_named_with_the_cheapest_relief():
    """Two patients 15 km to either side, 20 minutes: the one left could be fetched 25 minutes later."""
    requests = asked([1, 2], [0, 0], [ORDINARY, ORDINARY], pickup_until_s=1200, weight=[1, 2])
    found = why(problem(requests, fleet([0]), line(0, 15, -15)))
    assert (found.request, found.alone, found.in_the_way) == (0, (), (1,))
    relief = {each.kind: each for each in found.reliefs}
    # Out and back with the other takes 30 minutes, then 15 to this one: 45 against 20.
    assert relief["later"].amount == 1500
    assert relief["later"].added_m == 30_000
    assert relief["vehicle"].added_m == 30_000
    assert relief["instead"].amount == 1
    assert "overtime" not in relief


def test_who_rides_in_a_failed_vehicle_is_fetched_from_the_roadside():
    """After 6 minutes patient 0 is aboard vehicle 0, which fails where it stands; vehicle 1 takes both."""
    requests = asked([1, 2], [3, 3], [CONFIRMED, CONFIRMED])
    metres = line(0, 5, 10, 20)
    given_problem = problem(requests, fleet([0, 0], fixed_m=[0, 1000]), metres)
    plan = plan_transfers(given_problem, stop=SHORT)
    assert stops(plan, 0) == ["+0", "+1", "-0", "-1"] or stops(plan, 0) == ["+0", "+1", "-1", "-0"]
    left = remainder(given_problem, plan, 6 * 60, {0: None})
    assert left.stranded == (0,)
    assert left.arrived == ()
    assert left.problem.requests.pickup.tolist() == [1, 2]
    after = plan_transfers(left.problem, stop=SHORT, begin_with=left.begin_with)
    assert after.left_behind == ()
    assert stops(after, 0) == []
    assert after.rounds[1].visits[0].begin_s == 6 * 60 + 5 * 60


def test_a_cleaning_begun_is_finished_and_a_leg_begun_is_driven():
    """The confirmed patient is handed over after 10 minutes, then half an hour of cleaning begins."""
    requests = asked([1, 0], [2, 1], [CONFIRMED, ORDINARY], ready_s=[0, 3000], pickup_until_s=[600, 9000])
    given_problem = problem(requests, fleet([0]), line(0, 5, 10))
    plan = plan_transfers(given_problem, stop=SHORT)
    cleaning = remainder(given_problem, plan, 11 * 60, {})
    assert cleaning.arrived == (0,)
    assert cleaning.problem.vehicles.opens_s.tolist() == [40 * 60]
    assert cleaning.problem.vehicles.last_category.tolist() == [CLEAN]
    driving = remainder(given_problem, plan, 4 * 60, {})
    assert driving.problem.vehicles.start.tolist() == [1]
    assert driving.problem.requests.aboard.tolist() == [0, NOBODY]


@given(problems(), st.integers(0, 9000), st.booleans())
@settings(deadline=None, max_examples=60)
def test_nobody_is_lost_or_doubled_when_a_vehicle_fails(given_problem, now_s, breaks):
    plan = plan_transfers(given_problem, stop=SearchStop(attempts=30))
    try:
        left = remainder(given_problem, plan, now_s, {0: None} if breaks else {})
    except ValueError as error:
        assert "everybody has arrived" in str(error)
        return
    assert sorted([*left.request, *left.arrived]) == list(range(len(given_problem.requests)))
    after = plan_transfers(left.problem, stop=SearchStop(attempts=30), begin_with=left.begin_with)
    for one in after.rounds:
        assert one.broken == ()
        assert all(visit.begin_s >= min(now_s, one.visits[0].begin_s) for visit in one.visits)
    if breaks:
        assert after.rounds[0].visits == ()
    riding = left.problem.requests.aboard
    set_down = {visit.request for one in after.rounds for visit in one.visits if not visit.picks_up}
    away = set(np.flatnonzero((riding != NOBODY) & (left.problem.requests.delivery != HOME)))
    assert away <= set_down
    assert not set(np.flatnonzero(riding != NOBODY)) & set(after.left_behind)


@given(problems(), st.integers(0, 9000))
@settings(deadline=None, max_examples=40)
def test_without_a_failure_the_old_plan_can_go_on(given_problem, now_s):
    """What was promised before is still kept: nobody who had a vehicle loses it."""
    plan = plan_transfers(given_problem, stop=SearchStop(attempts=30))
    try:
        left = remainder(given_problem, plan, now_s, {})
    except ValueError:
        return
    after = plan_transfers(left.problem, stop=SearchStop(attempts=0), begin_with=left.begin_with)
    assert {int(left.request[each]) for each in after.left_behind} <= set(plan.left_behind)


def test_a_vehicle_that_does_not_exist_cannot_fail():
    given_problem = problem(asked([1], [0], [ORDINARY]), fleet([0]), line(0, 10))
    plan = plan_transfers(given_problem, stop=SHORT)
    with pytest.raises(ValueError, match=r"must be of the fleet \(got 7 of 1\)"):
        remainder(given_problem, plan, 0, {7: None})


def test_dispatching_by_call_fetches_one_after_the_other():
    """To 20 km and back for each of the confirmed, clean, then the ordinary one: the plan has 50 km.

    5 + 15, 10 + 10, 15 + 5 and home 10 km; half an hour of cleaning after minute 60.
    """
    requests = asked([1, 2, 1], [3, 3, 2], [CONFIRMED, CONFIRMED, ORDINARY])
    found = dispatch_by_call(problem(requests, fleet([0]), line(0, 5, 10, 20)))
    assert stops(found) == ["+0", "-0", "+1", "-1", "+2", "-2"]
    assert found.metres == 70_000
    assert found.rounds[0].visits[4].begin_s == (20 + 20 + 15 + 30) * 60
    assert found.left_behind == ()


def test_the_soonest_vehicle_goes_and_who_would_be_too_late_is_left():
    """The nearer crew begins at half past; the second call has six minutes and nobody free within them."""
    requests = asked([1, 1], [2, 2], [ORDINARY, ORDINARY], ready_s=[0, 60], pickup_until_s=[FOREVER, 360])
    crews = fleet([3, 0], opens_s=[1800, 0])
    found = dispatch_by_call(problem(requests, crews, line(0, 10, 20, 8)))
    assert stops(found, 1) == ["+0", "-0"]
    assert found.left_behind == (1,)
    assert found.left_weight == 1


def test_of_two_who_would_wait_the_nearer_goes():
    """Both are there before the call is ready: 2 km and not 5."""
    requests = asked([1], [2], [ORDINARY], ready_s=[3600])
    found = dispatch_by_call(problem(requests, fleet([0, 3]), line(0, 5, 10, 7)))
    assert stops(found, 1) == ["+0", "-0"]


@given(problems())
@settings(max_examples=60, deadline=None)
def test_what_is_dispatched_by_call_keeps_every_limit(given_problem):
    """Every round can be driven, and everybody is aboard once or left behind."""
    found = dispatch_by_call(given_problem)
    assert [words for each in found.rounds for words in each.broken] == []
    taken = [visit.request for each in found.rounds for visit in each.visits if visit.picks_up]
    assert sorted([*taken, *found.left_behind]) == list(range(len(given_problem.requests)))
    assert found.left_weight >= plan_transfers(given_problem, stop=SHORT).bound.left_weight


def test_a_day_half_driven_is_not_dispatched_anew():
    riding = asked([1], [0], [ORDINARY], aboard=[0])
    half = problem(riding, fleet([0], last_category=[ORDINARY]), line(0, 10))
    with pytest.raises(ValueError, match=r"nobody may be aboard \(got 1 requests\); dispatch a day from"):
        dispatch_by_call(half)
