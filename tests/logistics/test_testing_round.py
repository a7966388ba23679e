"""Testing rounds: hand-worked tiny rounds, a brute force as oracle, laws of capacity, collisions."""

from __future__ import annotations

import dataclasses
import itertools
from types import SimpleNamespace

import numba
import numpy as np
import pytest

from fangxian.logistics.pooling.assay import Assay
from fangxian.logistics.programme import SolverStop
from fangxian.logistics.testing_round import generate, solve
from fangxian.logistics.testing_round.columns import Master
from fangxian.logistics.testing_round.ground import Assignment, ground_of, plan_of
from fangxian.logistics.testing_round.intervals import forecast_round
from fangxian.logistics.testing_round.moves import place_all, search
from fangxian.logistics.testing_round.neighbourhood import Searched, nowhere, search_round
from fangxian.logistics.testing_round.patterns import SitePrices, price_sites
from fangxian.logistics.testing_round.plan import (
    RoundPlan,
    account,
    arrival_hours,
    plan_of_today,
    queue_end_hours,
)
from fangxian.logistics.testing_round.problem import RoundRules, TestingRoundProblem
from fangxian.logistics.testing_round.schemes import scheme_choices
from fangxian.logistics.testing_round.solve import _no_dearer, keeps_limits, solve_round

TIGHT = SolverStop(np.inf, 1e-6)
SHORT = SolverStop(np.inf, 0.03)
"""The search ends when it has cooled and the programmes at their gaps: a slow machine finds the same plan."""


def a_round(people, walks, *, rules=None, lanes=4, sites=2, speed=(500.0,), drive=None, prevalence=0.001):
    """Return a round whose sites stand alike; ``walks`` are (area, site, minutes)."""
    area, site, minutes = (np.array(each) for each in zip(*walks, strict=True))
    return TestingRoundProblem(
        tuple(f"A{k}" for k in range(len(people))),
        tuple(f"S{k}" for k in range(sites)),
        tuple(f"L{k}" for k in range(len(speed))),
        np.array(people, np.int64),
        np.full(len(people), prevalence),
        area.astype(np.int64),
        site.astype(np.int64),
        minutes.astype(float),
        np.full(sites, 500.0),
        np.full(sites, lanes, np.int64),
        np.full((sites, len(speed)), 0.5) if drive is None else np.array(drive, float),
        np.array(speed),
        np.full(len(speed), 20.0),
        rules or RoundRules(),
        Assay.perfect(),
    )


TWO_VILLAGES = [(0, 0, 2.0), (0, 1, 15.0), (1, 1, 2.0), (1, 0, 15.0)]


def test_two_small_villages_share_a_site_by_hand():
    """Together one lane is enough: a second site would cost 500 yuan, 5 staff and 8 trips more."""
    result = solve_round(a_round([400, 500], TWO_VILLAGES), TIGHT)
    made = result.account
    assert (result.plan.lab >= 0).sum() == 1
    assert made.staff == 3 + 2
    tubes = 900 / 20 + 900 * (1 - 0.999**20)
    assert made.cost == pytest.approx(
        {
            "sites": 500.0,
            "staff": 5 * 8 * 60.0,
            "tubes": tubes * 6,
            "tests": tubes * 20,
            "couriers": 2 * 0.5 * 8 * 120,
        }
    )
    assert result.gap < 1e-6
    assert made.total_cost < result.today_account.total_cost


def test_the_tube_size_follows_prevalence():
    """At 0.1 % twenty share a tube, at 4 % five do, at 40 % nobody does."""
    problem = a_round([400, 500, 300], [(k, 0, 1.0) for k in range(3)], sites=1)
    problem = dataclasses.replace(problem, prevalence=np.array([0.001, 0.04, 0.4]))
    result = solve_round(problem, TIGHT)
    used = result.plan.share.argmax(axis=1)
    assert result.choice.sizes[used].tolist() == [20, 5, 1]


def test_a_laboratory_that_is_slow_at_first_gets_fewer_and_larger_tubes():
    """At 1 % tubes of ten need fewest tests, but 200 of them do not pass 15 an hour in 12.5 hours: 100 do."""
    rules = RoundRules(retest_hours=30.0, clock_hours=52.0, prevalence_log_sd=0.0)
    for speed, size in ((500.0, 10), (15.0, 20)):
        problem = a_round([2000], [(0, 0, 1.0)], sites=1, prevalence=0.01, rules=rules, speed=(speed,))
        result = solve_round(problem, TIGHT)
        assert result.choice.sizes[result.plan.share.argmax(axis=1)].tolist() == [size]
        assert (result.lab_price[0] > 0) == (speed == 15.0)


def test_a_laboratory_too_slow_for_any_tube_collides_with_everybody():
    problem = a_round([2000], [(0, 0, 1.0)], sites=1, prevalence=0.0, speed=(5.0,))
    result = solve_round(problem, TIGHT)
    assert result.collision.limits == ("everybody", "laboratories")
    # 100 tubes of twenty in 12.5 hours are 8 an hour.
    assert result.collision.relaxation["laboratories"] == pytest.approx([3.0])


def plain_queue(begin, sampling, tubes, speed):
    """Put tubes into the machine one by one."""
    arrivals = np.sort(
        np.concatenate(
            [first + sampling * (np.arange(n) + 1) / n for first, n in zip(begin, tubes, strict=True)]
        )
    )
    free = 0.0
    for arrives in arrivals:
        free = max(free, arrives - 1 / speed) + 1 / speed
    return free


def test_the_queue_ends_when_a_plain_one_ends():
    problem = a_round([1, 1], TWO_VILLAGES, speed=(300.0,), drive=[[0.5], [3.0]])
    tubes = np.array([[3000.0], [1000.0]])
    assert queue_end_hours(problem, tubes)[0] == pytest.approx(
        plain_queue([1.5, 4.0], 8.0, [3000, 1000], 300.0), abs=0.01
    )
    late = np.array([[100.0], [1000.0]])
    assert queue_end_hours(problem, late)[0] == pytest.approx(
        plain_queue([1.5, 4.0], 8.0, [100, 1000], 300.0), abs=0.01
    )


def best_by_trying(problem):
    """Try every site, tube size and laboratory for every area."""
    choice = scheme_choices(problem)
    areas, sites, labs = (len(each) for each in (problem.area_code, problem.site_code, problem.lab_code))
    walk = {(a, s): w for w, (a, s) in enumerate(zip(problem.walk_area, problem.walk_site, strict=True))}
    best = np.inf
    options = itertools.product(range(sites), range(choice.sizes.shape[0]))
    for chosen in itertools.product(list(options), repeat=areas):
        if any((area, site) not in walk for area, (site, _) in enumerate(chosen)):
            continue
        share = np.zeros((problem.walk_area.shape[0], choice.sizes.shape[0]))
        people = np.zeros(sites)
        for area, (site, size) in enumerate(chosen):
            share[walk[area, site], size] = 1.0
            people[site] += problem.people[area]
        lanes = np.ceil(people / problem.rules.lane_people).astype(int)
        if (lanes > problem.most_lanes).any():
            continue
        for lab in itertools.product(range(labs), repeat=sites):
            made = account(problem, choice, RoundPlan(share, lanes, np.where(lanes > 0, lab, -1)))
            first = made.lab_first_hours - problem.rules.assay_hours
            in_time = (first <= problem.rules.first_deadline_hours + 1e-9).all()
            singles = made.lab_retests <= problem.tubes_per_hour * problem.rules.retest_hours + 1e-9
            if in_time and singles.all() and made.staff <= problem.rules.staff:
                best = min(best, made.total_cost)
    return best


@pytest.mark.parametrize("seed", range(4))
def test_nothing_is_cheaper_says_trying_everything(seed):
    numbers = np.random.default_rng(seed)
    walks = [(a, s, float(numbers.integers(1, 30))) for a in range(3) for s in range(3)]
    walks = [each for each in walks if each[2] <= 20 or each[0] == each[1]]
    walks = [(a, s, min(m, 20.0)) for a, s, m in walks]
    problem = a_round(
        numbers.integers(200, 1500, 3),
        walks,
        sites=3,
        lanes=2,
        speed=(30.0, 25.0),
        drive=numbers.uniform(0.2, 2.0, (3, 2)),
        rules=RoundRules(pool_sizes=(5, 20), retest_hours=6.0, clock_hours=28.0, prevalence_log_sd=0.0),
    )
    result = solve_round(problem, TIGHT)
    oracle = best_by_trying(problem)
    assert result.account.total_cost == pytest.approx(oracle)
    assert result.bound <= oracle + 1e-6


def medium(seed=3, **rules):
    """Twelve areas on a line, a site at each, two laboratories."""
    numbers = np.random.default_rng(seed)
    walks = [(a, s, 6.0 * abs(a - s)) for a in range(12) for s in range(12) if abs(a - s) <= 3]
    return a_round(
        numbers.integers(300, 2500, 12),
        walks,
        sites=12,
        speed=(360.0, 120.0),
        drive=numbers.uniform(0.2, 1.5, (12, 2)),
        rules=RoundRules(**rules),
    )


def test_everybody_is_swabbed_once_within_every_limit():
    problem = medium(staff=88)
    result = solve_round(problem, SHORT)
    plan, made, rules = result.plan, result.account, problem.rules
    served = np.bincount(problem.walk_area, plan.share.sum(axis=1), 12)
    assert served == pytest.approx(np.ones(12))
    assert made.unserved == pytest.approx(0)
    assert (made.site_people <= plan.lanes * rules.lane_people + 1e-9).all()
    assert (plan.lanes <= problem.most_lanes).all()
    assert made.staff <= 88
    assert made.end_hours <= rules.clock_hours
    assert (problem.walk_minutes[plan.share.any(axis=1)] <= rules.walk_limit_minutes).all()
    assert sum(made.cost.values()) == pytest.approx(made.total_cost)
    assert result.bound <= made.total_cost + 1e-6
    assert result.gap <= 0.1


def test_with_hardly_any_time_the_plan_is_no_dearer_than_the_usual_one():
    """The best plan so far is at least the one that needs no search, where that keeps the limits."""
    problem = medium()
    result = solve_round(problem, SolverStop(0.01, 1e-6))
    assert keeps_limits(problem, result.choice, result.today, result.today_account)
    assert keeps_limits(problem, result.choice, result.plan, result.account)
    assert result.account.total_cost <= result.today_account.total_cost
    assert result.bound <= result.account.total_cost


def test_more_staff_and_faster_laboratories_never_cost_more():
    """Between proven gaps only: a bound with more may not exceed a plan with less."""
    little = solve_round(medium(staff=80), SHORT)
    much = solve_round(medium(staff=400), SHORT)
    assert much.bound <= little.account.total_cost + 1e-6
    faster = dataclasses.replace(medium(staff=80), tubes_per_hour=np.array([720.0, 240.0]))
    assert solve_round(faster, SHORT).bound <= little.account.total_cost + 1e-6


def test_the_order_of_the_tables_does_not_matter():
    problem = medium()
    order = np.random.default_rng(1).permutation(12)
    place = np.argsort(order)
    other = dataclasses.replace(
        problem,
        people=problem.people[order],
        prevalence=problem.prevalence[order],
        walk_area=place[problem.walk_area],
    )
    stop = SHORT
    first, second = solve_round(problem, stop), solve_round(other, stop)
    assert second.bound <= first.account.total_cost + 1e-6
    assert first.bound <= second.account.total_cost + 1e-6


def test_a_collision_names_only_what_collides_and_the_way_out_works():
    """12 areas need some 17 lanes; 20 staff are too few whatever the laboratories."""
    problem = medium(staff=20)
    result = solve_round(problem, TIGHT)
    assert result.status == "infeasible"
    assert result.plan is None
    assert result.collision.limits == ("everybody", "staff")
    bought = {name: amount.sum() for name, amount in result.collision.relaxation.items() if amount.sum() > 0}
    assert set(bought) <= {"everybody", "staff", "lanes"}
    more = medium(staff=20 + int(np.ceil(bought.get("staff", 0))) + 200)
    assert solve_round(more, SHORT).status != "infeasible"


def test_an_area_too_large_for_every_site_is_named():
    """Split over two sites it would fit, but an area goes whole to one."""
    problem = a_round([3000, 100], TWO_VILLAGES, lanes=2)
    result = solve_round(problem, TIGHT)
    assert result.status == "infeasible"
    assert result.collision.limits == ()
    assert result.collision.uncovered.tolist() == [0]


def test_intervals_hold_the_expectation_and_widen_with_ignorance():
    problem = medium()
    result = solve_round(problem, SHORT)
    sure = forecast_round(
        dataclasses.replace(problem, rules=RoundRules(prevalence_log_sd=0.05)),
        result.choice,
        result.plan,
        seed=1,
        draws=400,
    )
    unsure = forecast_round(problem, result.choice, result.plan, seed=1, draws=400)
    assert sure.cases.low <= result.account.cases <= sure.cases.high
    missed = result.account.cases - result.account.found
    assert sure.missed.low - 1 <= missed <= sure.missed.high + 1
    tubes = (result.account.lab_tubes + result.account.lab_retests).sum()
    assert sure.tests.low - 60 <= tubes <= sure.tests.high + 60
    # The mean stays: the less is known, the longer the tail above and the lower the median.
    doubtful = dataclasses.replace(problem, rules=RoundRules(prevalence_log_sd=1.5))
    wild = forecast_round(doubtful, result.choice, result.plan, seed=1, draws=400)
    assert wild.cases.median < result.account.cases < wild.cases.high
    assert unsure.cases.high - unsure.cases.low > sure.cases.high - sure.cases.low
    assert forecast_round(problem, result.choice, result.plan, seed=1, draws=400) == unsure


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: RoundRules(clock_hours=12), r"more than 19 \(got 12\)"),
        (lambda: RoundRules(people_per_lane_hour=0), r"people_per_lane_hour must be above 0 \(got 0\)"),
        (lambda: a_round([1, -5], TWO_VILLAGES), r"people must not be negative or missing \(got -5\)"),
        (lambda: a_round([[1]], TWO_VILLAGES), r"people must have shape \(1,\) \(got \(1, 1\)\)"),
        (lambda: a_round([1], TWO_VILLAGES), r"walk_area must be in 0..0 \(got 1\)"),
        (lambda: a_round([1, 1], TWO_VILLAGES, speed=(0.0,)), "tubes_per_hour must be above 0"),
        (lambda: SolverStop(0.0), r"time_limit_s must be above 0 .* \(got 0.0"),
    ],
)
def test_wrong_values_are_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_specimens_are_pooled_as_prevalence_and_known_risk_ask():
    """At 3 % an array needs fewer tests than any tube; who is known to be at risk gets small tubes."""
    rules = RoundRules(array_sides=(12,), pool_sizes=(1, 5, 10, 20), own_tube_cost=1.0)
    problem = a_round([1000, 1000, 1000], [(k, 0, 1.0) for k in range(3)], sites=1, rules=rules)
    problem = dataclasses.replace(
        problem,
        prevalence=np.array([0.0005, 0.03, 0.01]),
        group_code=("contacts",),
        group_area=np.array([2]),
        group_people=np.array([30]),
        group_prevalence=np.array([0.3]),
    )
    result = solve_round(problem, TIGHT)
    used = result.plan.share.argmax(axis=1).tolist()
    assert [result.choice.kind[scheme] for scheme in used] == ["tubes", "array", "by-risk"]
    array = 2 / 12 + 0.03 + 0.97 * (1 - 0.97**11) ** 2
    assert result.choice.tubes[1, used[1]] + result.choice.retests[1, used[1]] == pytest.approx(1000 * array)
    # 9 of the 10 cases are among 30 contacts: they are tested singly, the other 970 in tubes of twenty.
    rest = 1 / 970
    tests = 30 + 970 / 20 + 970 * (1 - (1 - rest) ** 20)
    assert result.choice.tubes[2, used[2]] + result.choice.retests[2, used[2]] == pytest.approx(tests)
    mixed = (result.choice.tubes + result.choice.retests)[2, :4].min()
    assert tests < 0.75 * mixed
    parts = result.choice.parts(problem, 2, used[2])
    assert [(part.name, part.size) for part in parts] == [("contacts", 1), ("", 20)]
    forecast = forecast_round(problem, result.choice, result.plan, seed=1, draws=400)
    expected = (result.account.lab_tubes + result.account.lab_retests).sum()
    assert forecast.tests.low < expected < forecast.tests.high


def test_an_array_sees_what_mixing_leaves_and_needs_no_second_swab():
    """Mixed in the laboratory a weak load is lost, whatever swabs in one medium would show."""
    problem = a_round([1000], [(0, 0, 1.0)], sites=1, rules=RoundRules(array_sides=(10,)))
    problem = dataclasses.replace(problem, assay=Assay(specificity=1.0, dilution_exponent=0.0))
    kept = scheme_choices(dataclasses.replace(problem, rules=RoundRules(array_sides=(10,), least_found=0.99)))
    column = kept.kind.index("array")
    assert not kept.allowed[0, column]
    undiluted = RoundRules(array_sides=(10,), array_dilution_exponent=0.0)
    bright = scheme_choices(dataclasses.replace(problem, rules=undiluted))
    assert bright.found[0, column] > kept.found[0, column]
    # One swab serves row, column and single test: tubes lose those whom a second swab misses.
    ten = bright.sizes.tolist().index(10)
    assert bright.found[0, column] > bright.found[0, ten] + 0.03
    assert bright.found[0, column] < bright.found[0, 0]


def test_groups_that_exceed_their_area_are_refused():
    problem = a_round([100, 100], TWO_VILLAGES, prevalence=0.01)
    group = {"group_code": ("contacts",), "group_area": np.array([1])}
    for people, share, told in ((101, 0.0, "got 101 people and 0 cases"), (10, 0.2, "10 people and 2 cases")):
        more = {"group_people": np.array([people]), "group_prevalence": np.array([share])}
        with pytest.raises(ValueError, match=f"groups must not exceed their area .*{told}"):
            dataclasses.replace(problem, **group, **more)


def test_the_search_alone_keeps_every_limit_and_its_accounts():
    """What the moves add up is what the plan's accounts say; a tight laboratory and staff are kept to."""
    problem = dataclasses.replace(medium(staff=84), tubes_per_hour=np.array([120.0, 60.0]))
    choice = scheme_choices(problem)
    ground, walks = ground_of(problem, choice)
    searched = search_round(ground, seconds=np.inf)
    assert searched.legal
    plan = plan_of(problem, choice, walks, searched.found)
    assert keeps_limits(problem, choice, plan, account(problem, choice, plan))
    best = solve_round(problem, SHORT)
    assert account(problem, choice, plan).total_cost <= 1.15 * best.bound
    state = nowhere(ground)
    cost = state.charge[2] * problem.people.sum() + place_all(ground, state)
    kept = Assignment(state.walk.copy(), state.scheme.copy(), state.lab.copy())
    run = np.array([cost, np.inf, 2000.0, 100.0])
    search(ground, state, kept, np.random.default_rng(2).random((3000, 4)), run)
    now = plan_of(problem, choice, walks, Assignment(state.walk, state.scheme, state.lab))
    made = account(problem, choice, now)
    assert run[0] - state.totals[1] == pytest.approx(made.total_cost)
    assert state.totals[0] == made.staff


def test_the_best_set_of_a_site_is_found_by_trying_all():
    """Prices of areas, lanes, sites and laboratories at random; every set tried."""
    numbers = np.random.default_rng(5)
    for _ in range(30):
        count, labs = int(numbers.integers(1, 7)), 3
        rules = RoundRules(people_per_lane_hour=2.5, pool_sizes=(1, 5))
        given = a_round(
            numbers.integers(1, 30, count),
            [(area, 0, 1.0) for area in range(count)],
            sites=1,
            lanes=2,
            speed=(500.0,) * labs,
            rules=rules,
        )
        ground, _ = ground_of(given, scheme_choices(given))
        assert ground.lane_people == 20
        pays, lane = numbers.uniform(20, 900, count), numbers.uniform(50, 300)
        fixed, dearer = numbers.uniform(0, 300, (1, labs)), numbers.uniform(0, 9, (1, labs))
        prices = SitePrices(pays, lane, fixed, dearer, numbers.uniform(0, 9, labs))
        value, upper, lab, taken, schemes = price_sites(ground, prices)
        cost = (
            ground.tests[:, :, :1] * dearer
            + ground.tests[:, :, 1:2] * prices.again
            + ground.tests[:, :, 2:] * ground.test_cost
            + ground.material[:, :, None]
        )
        worth = pays[:, None] - cost.min(axis=1)
        best = 0.0
        for chosen in itertools.product((False, True), repeat=count):
            need = int(np.ceil(given.people[list(chosen)].sum() / 20))
            if 1 <= need <= 2:
                best = max(best, (worth[list(chosen)].sum(0) - fixed[0]).max() - need * lane)
        assert value[0] == pytest.approx(best) == upper[0]
        if best > 0:
            lanes = np.ceil(given.people[taken].sum() / 20)
            paid = worth[taken, lab[0]].sum() - fixed[0, lab[0]] - lanes * lane
            assert paid == pytest.approx(best)
            assert (schemes[taken] == cost.argmin(axis=1)[taken, lab[0]]).all()
            assert lanes <= 2


def test_running_out_of_time_is_not_told_as_a_collision(monkeypatch):
    """Where no plan was met and none is excluded, that is said; it is not that limits collide."""
    nobody = Assignment(*(np.zeros(0, np.int64),) * 3)
    monkeypatch.setattr(solve, "search_round", lambda *_, **__: Searched(nobody, legal=False))
    with pytest.raises(TimeoutError, match="no plan was found within 1e-06 s; allow more time"):
        solve_round(medium(staff=66), SolverStop(1e-6, 1e-6))


def test_drives_count_to_the_next_quarter_of_an_hour():
    """12 minutes are a quarter, 15 too, 16 are two: tubes begin to come an hour's wait after that."""
    problem = a_round([1], [(0, 0, 1.0)], sites=3, drive=[[0.2], [0.25], [16 / 60]])
    begin, end = arrival_hours(problem)
    assert begin[:, 0] == pytest.approx([1.25, 1.25, 1.5])
    assert end - begin == pytest.approx(np.full((3, 1), 8.0))


def test_tables_that_were_read_compile_nothing_anew():
    """Numba compiles a kernel for each kind of array; numbers of a table that was read cannot be written."""
    problem = medium()
    names = [name for name, value in vars(problem).items() if getattr(value, "dtype", None) == np.float64]
    columns = {name: getattr(problem, name).copy() for name in names}
    for values in columns.values():
        values.flags.writeable = False
    read = dataclasses.replace(problem, **columns)
    made, other = (ground_of(each, scheme_choices(each))[0] for each in (problem, read))
    assert numba.typeof(made) == numba.typeof(other)


def test_a_dive_makes_no_column_after_its_time(monkeypatch):
    """The clock is looked at before each pricing: here it jumps once the first column is fixed."""
    problem = medium(staff=84)
    choice = scheme_choices(problem)
    ground, _ = ground_of(problem, choice)
    master = Master(ground, generate.stand_in_cost(ground))
    master.add(generate.lonely(ground))
    hours = iter([0.0])
    monkeypatch.setattr(generate, "time", SimpleNamespace(monotonic=lambda: next(hours, 2.0)))
    before = len(master.patterns)
    generate._dive(master, 1.0)
    assert len(master.patterns) == before


def test_the_search_keeps_to_the_hours_of_the_first_round():
    """At 1 % tubes of ten need fewest tests; a laboratory of 15 an hour has time for those of twenty only."""
    rules = RoundRules(retest_hours=30.0, clock_hours=52.0, prevalence_log_sd=0.0)
    for speed, size in ((500.0, 10), (15.0, 20)):
        problem = a_round([2000], [(0, 0, 1.0)], sites=1, prevalence=0.01, rules=rules, speed=(speed,))
        choice = scheme_choices(problem)
        ground, walks = ground_of(problem, choice)
        plan = plan_of(problem, choice, walks, search_round(ground, seconds=np.inf).found)
        assert choice.sizes[plan.share.argmax(axis=1)].tolist() == [size]


def test_the_usual_plan_stands_where_what_was_found_is_dearer():
    problem = a_round([400, 500], TWO_VILLAGES)
    choice = scheme_choices(problem)
    today = plan_of_today(problem, choice)
    usual = account(problem, choice, today)
    singly = np.zeros_like(today.share)
    singly[:, 0] = today.share.sum(axis=1)
    assert not _no_dearer(problem, choice, dataclasses.replace(today, share=singly), usual)
    assert not _no_dearer(problem, choice, None, usual)
    assert _no_dearer(problem, choice, solve_round(problem, TIGHT).plan, usual)
