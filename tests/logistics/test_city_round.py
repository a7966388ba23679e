"""A testing round of a city: parts bound what no plan is below, and prices prove which limits collide."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from test_testing_round import SHORT, TWO_VILLAGES, a_round, medium

from fangxian.logistics.programme import SolverStop
from fangxian.logistics.testing_round import parts
from fangxian.logistics.testing_round.city import bound_of, charges, price_parts, shares
from fangxian.logistics.testing_round.collision import least_staff, overload
from fangxian.logistics.testing_round.columns import free, limits_of, load_of
from fangxian.logistics.testing_round.ground import ground_of, nowhere_to_go, plan_of
from fangxian.logistics.testing_round.moves import make_room, move, place_all
from fangxian.logistics.testing_round.neighbourhood import nowhere, search_round
from fangxian.logistics.testing_round.plan import account
from fangxian.logistics.testing_round.schemes import scheme_choices
from fangxian.logistics.testing_round.solve import NoPlanFoundError, keeps_limits, solve_round


@pytest.fixture
def small_parts(monkeypatch):
    """Let twelve areas be as many as a city has."""
    monkeypatch.setattr(parts, "_LARGEST", 5)


def tight():
    """Twelve areas whose laboratories are both short of time for single tests."""
    return dataclasses.replace(
        medium(), tubes_per_hour=np.array([110.0, 60.0]), test_cost=np.array([20.0, 30.0])
    )


def test_parts_bound_the_best_plan_of_the_whole(small_parts):
    """The whole in one programme is the oracle: parts are not above its plan, nor far below its bound."""
    problem = tight()
    result = solve_round(problem, SHORT)
    assert len(parts.cut(ground_of(problem, result.choice)[0])) >= 3
    assert keeps_limits(problem, result.choice, result.plan, result.account)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "_LARGEST", 99)
        whole = solve_round(problem, SHORT)
    assert result.bound <= whole.account.total_cost + 1e-6
    assert result.bound >= 0.97 * whole.bound
    assert result.account.total_cost >= whole.bound - 1e-6


def test_no_part_lowers_the_bound_and_charges_raise_it(small_parts):
    """Whatever part has its turn, and whatever prices it begins from."""
    problem = tight()
    ground, _ = ground_of(problem, scheme_choices(problem))
    plan = search_round(ground, seconds=np.inf).found
    charge = charges(ground, plan, np.inf)
    assert charge.again.max() > 0
    bounds = []
    for prices in (free(ground), charge):
        price = 0.8 * shares(ground, plan)
        bounds.append([bound_of(ground, price, prices)])
        for areas in parts.cut(ground):
            price_parts(ground, plan, (price, prices), [areas], np.inf)
            bounds[-1].append(bound_of(ground, price, prices))
        assert (np.diff(bounds[-1]) >= -1e-6).all()
        assert bounds[-1][-1] > bounds[-1][0]
    assert bounds[1][-1] > bounds[0][-1]


def test_a_part_has_all_sites_of_its_areas_and_all_areas_of_its_sites():
    ground, _ = ground_of(medium(), scheme_choices(medium()))
    part = parts.part_of(ground, np.array([0, 1]), ground.near_lab)
    assert part.sites.tolist() == [0, 1, 2, 3, 4]
    assert part.areas.tolist() == list(range(8))
    site, area = part.sites[part.ground.walk_site], part.areas[part.ground.walk_area]
    assert (site == ground.walk_site[part.walks]).all()
    assert (area == ground.walk_area[part.walks]).all()
    assert (part.ground.trips == ground.trips[part.sites][:, part.labs]).all()
    for groups in (parts.cut(ground), parts.cut(ground, 0.38)):
        assert sorted(np.concatenate(groups).tolist()) == list(range(12))


def test_load_is_what_the_accounts_say():
    problem = tight()
    choice = scheme_choices(problem)
    ground, walks = ground_of(problem, choice)
    found = search_round(ground, seconds=np.inf).found
    made = account(problem, choice, plan_of(problem, choice, walks, found))
    load, room = load_of(ground, found), limits_of(ground)
    assert load.staff == made.staff
    assert load.first[:, 0] == pytest.approx(made.lab_tubes)
    assert (load.first <= room.first + 1e-6).all() and (load.again <= room.again + 1e-6).all()


def test_a_large_area_gets_room_where_others_can_go_elsewhere():
    """The small one sits in the only site that takes the large one; it can go to the other."""
    problem = a_round([1100, 900], [(0, 0, 2.0), (1, 0, 2.0), (1, 1, 9.0)], lanes=1)
    ground, _ = ground_of(problem, scheme_choices(problem))
    state = nowhere(ground)
    move(ground, state, 1, 1)
    assert move(ground, state, 0, 0) == 1e15
    make_room(ground, state, 0, 0)
    assert state.walk.tolist() == [0, 2]
    assert state.site_people.tolist() == [1100, 900]
    again = nowhere(ground)
    place_all(ground, again)
    assert again.walk.tolist() == [0, 2]


def test_areas_with_nowhere_to_go_are_told_apart():
    problem = a_round([3000, 100], TWO_VILLAGES, lanes=2)
    late, large = nowhere_to_go(ground_of(problem, scheme_choices(problem))[0])
    assert (late.tolist(), large.tolist()) == ([], [0])
    far = dataclasses.replace(problem, drive_hours=np.full((2, 1), 9.0))
    late, large = nowhere_to_go(ground_of(far, scheme_choices(far))[0])
    assert (late.tolist(), large.tolist()) == ([0, 1], [])


@pytest.mark.parametrize(
    ("problem", "limits"),
    [
        (medium(staff=20), ("everybody", "staff")),
        (dataclasses.replace(medium(), tubes_per_hour=np.array([30.0, 15.0])), ("everybody", "laboratories")),
    ],
)
def test_prices_prove_what_the_plain_programme_proves(problem, limits, small_parts):
    """And the nearest plan that was met says what would be enough."""
    result = solve_round(problem, SolverStop(2.0, 0.03))
    assert result.status == "infeasible"
    assert result.collision.limits == limits
    assert not result.collision.exact
    assert result.collision.price > 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "_LARGEST", 99)
        assert solve_round(problem, SolverStop(30.0, 0.03)).collision.limits == limits


def test_a_round_that_can_be_is_never_proven_impossible():
    problem = tight()
    ground, _ = ground_of(problem, scheme_choices(problem))
    made = solve_round(problem, SHORT).account
    assert least_staff(ground) <= made.staff
    for names in (("laboratories",), ("retests",), ("laboratories", "retests")):
        assert overload(ground, names, np.inf) <= 0


def test_what_the_nearest_plan_lacks_is_told_where_nothing_is_proven(small_parts):
    """As many staff as were enough if every site were full: no plan is met, nor excluded."""
    problem = medium()
    ground, _ = ground_of(problem, scheme_choices(problem))
    few = medium(staff=int(np.ceil(least_staff(ground))))
    with pytest.raises(NoPlanFoundError, match=r"no plan was found within 0\.5 s") as caught:
        solve_round(few, SolverStop(0.5, 0.03))
    assert caught.value.nearest.relaxation["staff"][0] > 0
