"""Weeks of sharing out supplies: nothing is made or lost unseen, and luck is the same under every rule."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fangxian.logistics.allocation.allocate import AllocationParameters, allocate
from fangxian.logistics.allocation.explain import reasons
from fangxian.logistics.allocation.proportional import in_proportion, share_in_proportion
from fangxian.logistics.allocation.transport_limit import shipped_litre_km
from fangxian.logistics.instances.geography import RegionSize, make_region
from fangxian.logistics.instances.supplies import SupplyOptions, make_supplies
from fangxian.studies.supplies import weeks
from fangxian.studies.supplies.foresight import least_expired
from fangxian.studies.supplies.weeks import (
    WeeksOptions,
    proportional,
    run_weeks,
    targeted,
    targeted_within,
)

SIZE = RegionSize(1, 2, 6, 30, 60_000)


@pytest.fixture(scope="module")
def world():
    """Six townships in two counties: small enough for a few weeks in a second."""
    return make_supplies(make_region(SIZE, 3), SupplyOptions(3, 0.8, aid_hours=1.0), 3)


def own_areas(world):
    """Return whom the warehouses serve without aid."""
    return make_supplies(make_region(SIZE, 3), SupplyOptions(3, 0.8), 3).problem.serves


def test_shares_are_in_proportion_in_whole_units_and_nobody_gets_more_than_asked():
    """7 for 10 wanted: exact shares 0.7, 2.1, 4.2; the unit left goes to the largest remainder."""
    assert in_proportion(7, np.array([1, 3, 6])).tolist() == [1, 2, 4]
    assert in_proportion(99, np.array([1, 3, 6])).tolist() == [1, 3, 6]
    assert in_proportion(0, np.array([1, 3, 6])).tolist() == [0, 0, 0]


def test_the_rule_used_today_keeps_to_stock_and_area(world):
    problem = replace(world.problem, serves=own_areas(world))
    for shared in share_in_proportion(problem):
        sent = np.bincount(shared.shipping.row, shared.shipping.amount, shared.stocks.amount.size)
        assert (sent <= shared.stocks.amount).all() and sent.sum() > 0
        warehouse = shared.stocks.warehouse[shared.shipping.row]
        assert problem.serves[warehouse, shared.needs.point[shared.shipping.need]].all()


@pytest.mark.parametrize("rule", [proportional, targeted])
def test_what_arrived_is_used_thrown_away_or_still_there(world, rule, monkeypatch):
    """Stock at the start and what arrives = what people had + what was thrown away + what is left."""
    seen = {}
    age = weeks.age

    def remember(stock):
        age(stock)
        seen[stock.ndim] = int(stock.sum())

    arrived = []
    arrivals = weeks.arrivals_of

    def count(*given):
        more = arrivals(*given)
        arrived.append(int(more.sum()))
        return more

    monkeypatch.setattr(weeks, "age", remember)
    monkeypatch.setattr(weeks, "arrivals_of", count)
    outcomes = run_weeks(world, rule, WeeksOptions(weeks=4), 5)
    had = sum(int((week.demand - week.unmet).sum()) for week in outcomes)
    start = int(world.problem.batches.quantity.sum() + world.problem.needs.on_hand.sum())
    assert start + sum(arrived) == had + sum(week.expired for week in outcomes) + sum(seen.values())


def test_demand_is_the_same_under_every_rule_and_follows_the_seed(world):
    options = WeeksOptions(weeks=2)
    ours, theirs = run_weeks(world, targeted, options, 5), run_weeks(world, proportional, options, 5)
    other = run_weeks(world, proportional, options, 6)
    assert [week.demand.tolist() for week in ours] == [week.demand.tolist() for week in theirs]
    assert ours[0].demand.tolist() != other[0].demand.tolist()


def test_red_first_takes_from_nobody_else_than_the_others(world):
    """Who comes first changes who goes without, not how many units are had."""
    first, mixed = (
        run_weeks(world, proportional, WeeksOptions(weeks=3, red_first=order), 5) for order in (True, False)
    )
    for one, other in zip(first, mixed, strict=True):
        assert one.unmet.sum() == other.unmet.sum()
        assert one.unmet[0] <= other.unmet[0]


def test_transport_keeps_to_its_limit_and_floors_travel_all_the_same(world):
    """Half the transport: what is left out lies above the floor, and the summary's parts still add up."""
    problem = world.problem
    free = allocate(problem).plans
    used = [
        shipped_litre_km(plan.stocks, plan.shipping, float(problem.items.litres[plan.item])) for plan in free
    ]
    some = allocate(problem, AllocationParameters(most_litre_km=0.7 * sum(used))).plans
    none = allocate(problem, AllocationParameters(most_litre_km=0)).plans
    carried = 0.0
    for plan, less, least in zip(free, some, none, strict=True):
        assert (less.worth.steps == plan.worth.steps).all() and (least.worth.steps == plan.worth.steps).all()
        assert (less.received <= plan.received).all()
        assert less.worth.weighted_shortage >= plan.worth.weighted_shortage - 1e-9
        assert least.worth.hectometres <= less.worth.hectometres
        why = reasons(problem, less)
        assert (why.promised + why.to_floor + why.above_floor + why.rounded_up == less.received).all()
        carried += shipped_litre_km(less.stocks, less.shipping, float(problem.items.litres[less.item]))
    assert carried <= 0.7 * sum(used) * 1.01
    with pytest.raises(ValueError, match=r"most_litre_km must be at least 0 \(got -1\)"):
        AllocationParameters(most_litre_km=-1)


def test_weeks_of_ours_travel_no_farther_than_those_of_todays_rule(world):
    own = replace(world, problem=replace(world.problem, serves=own_areas(world)))
    theirs = run_weeks(own, proportional, WeeksOptions(weeks=3), 5)
    ours = run_weeks(world, targeted_within(week.litre_km for week in theirs), WeeksOptions(weeks=3), 5)
    used, most = (np.cumsum([week.litre_km for week in each]) for each in (ours, theirs))
    assert (used <= most * 1.02).all()


def test_no_rule_in_fixed_areas_lets_less_expire_than_the_bound(world):
    """A township's warehouse holds a million units more of an item, over in the first week: most is lost."""
    own, options = (
        replace(world, problem=replace(world.problem, serves=own_areas(world))),
        WeeksOptions(weeks=2),
    )
    batches, store = own.problem.batches, own.problem.warehouses.level.index("township")
    columns = (("warehouse", store), ("item", 0), ("quantity", 10**6), ("expires_days", 3))
    more = replace(
        batches,
        code=(*batches.code, "more"),
        **{name: np.append(getattr(batches, name), value) for name, value in columns},
    )
    flooded = replace(own, problem=replace(own.problem, batches=more))
    least = least_expired(flooded, options, 5)
    assert 0.98 * 10**6 < least - least_expired(own, options, 5) <= 10**6
    for rule in (proportional, targeted):
        assert least <= sum(week.expired for week in run_weeks(flooded, rule, options, 5))


def test_weeks_that_cannot_be_are_refused():
    with pytest.raises(ValueError, match=r"weeks must be at least 1, .* \(got 0, 0.9 and 0.3\)"):
        WeeksOptions(weeks=0)
