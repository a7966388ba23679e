"""Rosters: tiny teams by hand and by trying, rules walked day by day, bounds and reasons that hold."""

from __future__ import annotations

import dataclasses
import itertools
from types import SimpleNamespace

import numpy as np
import pytest

from fangxian.logistics.rostering import solve
from fangxian.logistics.rostering.explain import explain_unfilled
from fangxian.logistics.rostering.kernel import respond
from fangxian.logistics.rostering.problem import UNPUBLISHED, RosterProblem, RosterRules
from fangxian.logistics.rostering.relaxation import level_bound
from fangxian.logistics.rostering.rest import REASONS, rest_table
from fangxian.logistics.rostering.rotation import fixed_rotation
from fangxian.logistics.rostering.solve import RosterCost, RosterStop, cost_of, make_arena, solve_roster

BRIEF = RosterStop(0.4, 1e-6)
DAY, NIGHT = 0, 1


def a_roster(skills, needs, days, **changed):
    """Return a problem with day (8-16) and night (0-8) shifts; needs are (day, shift, place, skill, need)."""
    able = np.array(skills, bool)
    people, kinds = able.shape
    home = np.array(changed.pop("home", [0] * people))
    places = max(int(home.max()), max(each[2] for each in needs)) + 1
    columns = [np.array(each, np.int64) for each in zip(*needs, strict=True)]
    values = {
        "helps": np.eye(places, dtype=bool),
        "available": np.ones((people, days), bool),
        "most_load": np.full(people, 60),
        "fair_load": np.zeros(people, np.int64),
        "weight": np.ones(len(needs)),
        "days_in_row": np.zeros(people, np.int64),
        "nights_in_row": np.zeros(people, np.int64),
        "last_shift": np.full(people, -1),
        "published": np.full((people, days), UNPUBLISHED),
        "rules": RosterRules(),
    }
    return RosterProblem(
        staff_code=tuple(f"P{k}" for k in range(people)),
        place_code=tuple(f"W{k}" for k in range(places)),
        skill_code=tuple(f"K{k}" for k in range(kinds)),
        shift_code=("day", "night"),
        day_code=tuple(f"D{k}" for k in range(days)),
        skills=able,
        home=home,
        start_hour=np.array([8.0, 0.0]),
        hours=np.array([8.0, 8.0]),
        night=np.array([False, True]),
        load=np.array([2, 3]),
        need_day=columns[0],
        need_shift=columns[1],
        need_place=columns[2],
        need_skill=columns[3],
        need=columns[4],
        **(values | changed),
    )


def test_two_nurses_share_four_days_evenly_by_hand():
    """Four days of 2 points: two each, so nobody is beside the fair share of 4; the bound says so."""
    needs = [(day, DAY, 0, 0, 1) for day in range(4)]
    result = solve_roster(a_roster([[1], [1]], needs, 4, fair_load=np.array([4, 4])), stop=BRIEF)
    assert result.missing.sum() == 0
    assert (result.step > 0).sum(axis=1).tolist() == [2, 2]
    assert result.cost.total == 0
    assert result.bound == pytest.approx(0, abs=1e-6)
    assert [level.gap for level in result.levels] == [0.0] * 5


def test_one_nurse_cannot_do_every_night_and_is_told_why():
    """Three nights, then two days off: of seven nights one person does five."""
    needs = [(day, NIGHT, 0, 0, 1) for day in range(7)]
    result = solve_roster(a_roster([[1]], needs, 7), stop=BRIEF)
    assert result.missing.sum() == 2
    reasons = [each.reasons for each in explain_unfilled(a_roster([[1]], needs, 7), result)]
    assert all(set(each) <= {"rest-after-nights", "nights-in-row", "days-in-row"} for each in reasons)
    assert all(sum(each.values()) == 1 for each in reasons)


def test_the_scarce_skill_goes_where_only_it_will_do():
    """The intensive-care nurse could do the ward, too, but the ward has another."""
    problem = a_roster([[1, 1], [1, 0]], [(0, DAY, 0, 0, 1), (0, DAY, 0, 1, 1)], 1)
    result = solve_roster(problem, stop=BRIEF)
    assert result.missing.sum() == 0
    assert result.duty[:, 0].tolist() == [1, 0]


def test_help_goes_only_where_it_is_agreed_and_leave_is_leave():
    needs = [(0, DAY, 1, 0, 1)]
    alone = a_roster([[1]], needs, 1)
    assert solve_roster(alone, stop=BRIEF).missing.tolist() == [1]
    paired = dataclasses.replace(alone, helps=np.array([[1, 1], [0, 1]], bool))
    lent = solve_roster(paired, stop=BRIEF)
    assert lent.missing.tolist() == [0]
    assert lent.cost.lending == RosterRules().lend_weight
    ill = dataclasses.replace(paired, available=np.array([[False]]))
    result = solve_roster(ill, stop=BRIEF)
    assert explain_unfilled(ill, result)[0].reasons == {"absent": 1}
    assert explain_unfilled(ill, result)[0].way_out == ("staff", -1)
    (told,) = explain_unfilled(alone, solve_roster(alone, stop=BRIEF))
    assert (told.reasons, told.way_out) == ({"elsewhere": 1}, ("help", 0))


def test_a_published_roster_stays_when_it_is_as_good():
    """Whichever of the two works, needs are met; what was published decides."""
    told = np.array([[0, 1, 0, 1], [1, 0, 1, 0]])
    needs = [(day, DAY, 0, 0, 1) for day in range(4)]
    problem = a_roster([[1], [1]], needs, 4, fair_load=np.array([4, 4]), published=told)
    result = solve_roster(problem, stop=BRIEF)
    assert result.step.tolist() == told.tolist()
    assert result.cost.changes == 0
    ill = np.ones((2, 4), bool)
    ill[0, 1] = False
    moved = solve_roster(dataclasses.replace(problem, available=ill), stop=BRIEF)
    assert moved.missing.sum() == 0
    # Four changes of 2 keep the loads fair; two changes would cost 4 and 8 of unfairness.
    assert (moved.cost.changes, moved.cost.fairness) == (8.0, 0.0)


def test_illness_to_come_asks_for_a_reserve():
    """Of five at 10 % one may lack: a sixth makes 5 come with 89 %, a seventh with 97 %."""
    problem = a_roster([[1]] * 8, [(0, DAY, 0, 0, 5)], 1, rules=RosterRules(absence_share=0.1))
    assert problem.reserve().tolist() == [2]
    assert (solve_roster(problem, stop=BRIEF).step > 0).sum() == 7


def every_roster(problem):
    """Yield every roster that the rules allow, with each person's best choice of needs tried out."""
    rest = rest_table(problem)
    people, days = problem.available.shape
    periods = []
    for person in range(people):
        mine = []
        for steps in itertools.product(range(3), repeat=days):
            mode = int(rest.start[person])
            for step in steps:
                mode = int(rest.following[mode, step]) if mode >= 0 else -1
            works = [day for day, step in enumerate(steps) if step]
            if mode >= 0 and problem.available[person, works].all():
                mine.append(steps)
        periods.append(mine)
    yield from itertools.product(*periods)


def duties_of(problem, arena, chosen):
    """Give everybody the first need that still lacks somebody; enough where there is one skill."""
    step = np.array(chosen)
    duty = np.full(step.shape, -1)
    left = problem.need.copy()
    for person, day in np.argwhere(step > 0):
        wanted = int(arena.duty[day, step[person, day] - 1, 0])
        if wanted < 0:
            return None
        duty[person, day] = wanted
        left[wanted] -= 1
    return step, duty


@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_better_says_trying_every_roster(seed):
    numbers = np.random.default_rng(seed)
    days = 3
    needs = [(day, shift, 0, 0, int(numbers.integers(0, 3))) for day in range(days) for shift in (DAY, NIGHT)]
    problem = a_roster(
        [[1]] * 3,
        needs,
        days,
        available=numbers.random((3, days)) < 0.85,
        fair_load=numbers.integers(2, 8, 3),
        last_shift=np.array([-1, NIGHT, DAY]),
        nights_in_row=np.array([0, 2, 0]),
        days_in_row=np.array([0, 2, 4]),
        rules=RosterRules(most_days_in_row=5, unit_weight=40.0),
    )
    arena = make_arena(problem)
    best = min(
        cost_of(problem, arena, *made).total
        for chosen in every_roster(problem)
        if (made := duties_of(problem, arena, chosen)) is not None
    )
    result = solve_roster(problem, stop=BRIEF, seed=seed)
    assert result.cost.total == pytest.approx(best)
    assert result.bound <= best + 1e-6
    assert result.uncovered_bound <= result.cost.uncovered + 1e-6


def a_ward(people=14, days=14, seed=2):
    """Two skills, two places that help each other one way, absences."""
    numbers = np.random.default_rng(seed)
    able = np.stack([np.ones(people, bool), numbers.random(people) < 0.4], axis=1)
    needs = [
        (day, shift, place, skill, 1 + (place == 0))
        for day in range(days)
        for shift in (DAY, NIGHT)
        for place in (0, 1)
        for skill in (0, 1)
    ]
    return a_roster(
        able,
        needs,
        days,
        home=numbers.integers(0, 2, people),
        helps=np.array([[1, 1], [0, 1]], bool),
        available=numbers.random((people, days)) < 0.9,
        fair_load=np.full(people, 20),
        most_load=np.full(people, 24),
        weight=np.where(np.arange(len(needs)) % 2, 3.0, 1.0),
    )


def test_every_rule_holds_when_walked_day_by_day():
    problem = a_ward()
    result = solve_roster(problem, stop=RosterStop(1.0, 1e-3))
    points = np.array([0, 2, 3])
    for person in range(14):
        steps = result.step[person]
        assert points[steps].sum() <= problem.most_load[person]
        for day, step in enumerate(steps):
            if step == 0:
                assert result.duty[person, day] == -1
                continue
            need = result.duty[person, day]
            assert problem.available[person, day]
            assert (problem.need_day[need], problem.need_shift[need]) == (day, step - 1)
            assert problem.skills[person, problem.need_skill[need]]
            assert problem.helps[problem.home[person], problem.need_place[need]]
            after = steps[day + 1 : day + 3]
            if step == 2:  # a run of nights ends with two days off
                assert after[:1].tolist() in ([], [0], [2])
                assert after.tolist() != [0, 1]
            else:  # a day ends at 16, the next night begins at 24
                assert after[:1].tolist() != [2]
        runs = "".join("x" if step else "." for step in steps)
        assert "x" * 7 not in runs
        assert "2222" not in "".join(map(str, steps))
    cover = np.bincount(result.duty[result.duty >= 0], minlength=problem.need.shape[0])
    assert np.maximum(0, problem.need - cover).tolist() == result.missing.tolist()
    assert result.bound <= result.cost.total + 1e-6
    assert result.cost.total == pytest.approx(sum(dataclasses.asdict(result.cost).values()))


def test_more_staff_never_need_more_and_order_does_not_matter():
    """Between proven values only: a bound with more may not exceed a roster with less."""
    less, more = a_ward(), a_ward(16)
    more = dataclasses.replace(
        more,
        **{
            name: np.concatenate([getattr(less, name), getattr(more, name)[14:]])
            for name in ("skills", "home", "available", "fair_load", "most_load")
        },
    )
    few = solve_roster(less, stop=RosterStop(0.6))
    assert solve_roster(more, stop=BRIEF).uncovered_bound <= few.cost.uncovered + 1e-6
    order = np.random.default_rng(3).permutation(14)
    names = ("skills", "home", "available", "fair_load", "most_load", "published")
    turned = dataclasses.replace(less, **{name: getattr(less, name)[order] for name in names})
    again = solve_roster(turned, stop=RosterStop(0.6))
    assert again.bound <= few.cost.total + 1e-6
    assert few.bound <= again.cost.total + 1e-6


def test_the_fixed_rotation_keeps_the_rules_and_covers_less():
    problem = a_ward()
    step, duty, usual = fixed_rotation(problem)
    assert cost_of(problem, make_arena(problem), step, duty) == usual
    assert solve_roster(problem, stop=RosterStop(1.0)).cost.uncovered < usual.uncovered


def test_reasons_add_up_to_everybody_with_the_skill():
    problem = a_ward(6)
    result = solve_roster(problem, stop=BRIEF)
    told = explain_unfilled(problem, result)
    assert told
    for each in told:
        assert sum(each.reasons.values()) == each.with_skill
        assert each.missing == result.missing[each.need]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: RosterRules(most_days_in_row=0), r"most_days_in_row .* at least 1"),
        (lambda: RosterRules(absence_share=1.0), r"absence_share must be a share \(got 1.0\)"),
        (lambda: RosterStop(-1.0), r"time_limit_s must be above 0"),
        (
            lambda: a_roster([[1]], [(0, DAY, 0, 0, 1)], 2, helps=np.ones((2, 2), bool)),
            r"helps must have shape \(1, 1\) \(got \(2, 2\)\)",
        ),
        (lambda: a_roster([[1]], [(3, DAY, 0, 0, 1)], 2), r"need_day must be in 0..1 \(got 3 to 3\)"),
        (lambda: a_roster([[1]], [(0, DAY, 0, 0, -2)], 2), r"need must not be negative \(got -2\)"),
        (lambda: a_roster([[1]], [(0, DAY, 0, 0, 1)] * 2, 2), "may be needed once only"),
        (lambda: a_roster([[1]], [(0, DAY, 0, 0, 1)], 2, helps=np.zeros((1, 1), bool)), "diagonal"),
    ],
)
def test_wrong_values_are_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_fairness_has_a_bound_of_its_own_below_cover():
    """One of two nurses has the skill of the three evenings: 6 points and 0 of a fair share of 3 each.

    With every need covered no roster is fairer: 9 + 9. Leaving needs open would be, and does not count.
    """
    needs = [(day, DAY, 0, 1, 1) for day in range(3)]
    problem = a_roster([[1, 1], [1, 0]], needs, 3, fair_load=np.array([3, 3]))
    result = solve_roster(problem, stop=BRIEF)
    levels = {level.name: level for level in result.levels}
    assert levels["uncovered"].value == levels["uncovered"].bound == 0
    assert (levels["fairness"].value, levels["fairness"].bound) == (18.0, pytest.approx(18.0, abs=1e-3))
    assert result.bound == pytest.approx(18.0)
    arena = make_arena(problem)
    free = level_bound(problem, arena, "fairness", {"uncovered": 3000.0}, 5.0)
    # Two evenings are 4 and 0 points (1 + 9); one is 2 and 0 (1 + 9): the relaxation shares 3 and 0.
    assert free == pytest.approx(9.0, abs=1e-3)


def test_the_bounds_of_the_levels_share_the_time_that_is_left(monkeypatch):
    """Each programme takes 8 of 20 seconds: the third has 4; without time no bound is sought."""
    problem = a_roster([[1]], [(0, DAY, 0, 0, 1)], 1)
    now, given = [0.0], []

    def bound(*written):
        given.append(written[-1])
        now[0] += 8
        return 0.0

    monkeypatch.setattr(solve, "time", SimpleNamespace(monotonic=lambda: now[0]))
    monkeypatch.setattr(solve, "level_bound", bound)
    cost = RosterCost(0.0, 1.0, 1.0, 1.0, 1.0)
    for until, left in ((20.0, [20, 12, 4]), (12.0, [12, 4])):
        now[0] = 0.0
        given.clear()
        solve._levels(problem, make_arena(problem), (cost, 0.0), until)
        assert given == left


def test_changes_that_illness_forces_are_not_counted_as_a_gap():
    told = np.array([[1, 1], [0, 0]])
    ill = np.array([[False, True], [True, True]])
    needs = [(day, DAY, 0, 0, 1) for day in range(2)]
    problem = a_roster([[1], [1]], needs, 2, published=told, available=ill, fair_load=np.array([2, 2]))
    result = solve_roster(problem, stop=BRIEF)
    changes = next(level for level in result.levels if level.name == "changes")
    assert changes.bound == RosterRules().change_weight
    assert changes.value == 2 * changes.bound


@pytest.mark.parametrize("seed", range(3))
def test_the_bound_of_each_level_holds_for_rosters_with_as_much_cover(seed):
    """Whatever order people choose in, no roster with that cover counts less than the bound says."""
    numbers = np.random.default_rng(seed)
    needs = [(d, s, w, k, 1) for d in range(5) for s in (0, 1) for w in (0, 1) for k in (0, 1)]
    needs = [each for each in needs if numbers.random() < 0.6]
    problem = a_roster(
        numbers.random((5, 2)) < 0.7,
        needs,
        5,
        home=[0, 0, 1, 1, 0],
        helps=np.ones((2, 2), bool),
        fair_load=np.full(5, 6),
    )
    arena = make_arena(problem)
    result = solve_roster(problem, stop=BRIEF)
    for turn in range(40):
        step, duty = np.zeros((5, 5), np.int64), np.full((5, 5), -1, np.int64)
        roster = duty, step, np.zeros(len(needs), np.int64)
        for cap in (numbers.choice([8.0, 30.0, 1e9]), 1e9):
            respond(arena, roster, np.random.default_rng(turn).permutation(5), cap)
        cost = cost_of(problem, arena, step, duty)
        assert result.bound <= cost.total + 1e-6
        assert result.uncovered_bound <= cost.uncovered + 1e-6
        above = {"uncovered": cost.uncovered}
        for name in ("fairness", "lending"):
            value = getattr(cost, name)
            assert level_bound(problem, arena, name, above, 5.0) <= value + 1e-3
            above[name] = value


def test_what_was_before_the_first_day_counts_against_the_rules():
    """After six days in a row, or three nights, a day off is due; a record beyond the limits counts as them.

    Who comes from a night has worked one at least, and who comes from a day none, whatever the record says.
    """
    needs = [(0, DAY, 0, 0, 1), (0, NIGHT, 0, 0, 1)]

    def first_steps(last, days, nights):
        problem = a_roster(
            [[1]],
            needs,
            2,
            last_shift=np.array([last]),
            days_in_row=np.array([days]),
            nights_in_row=np.array([nights]),
        )
        table = rest_table(problem)
        assert table.following.shape[0] <= 60  # no mode for what no rule can tell apart
        return [REASONS[why] for why in table.reason[table.start[0], 1:]]

    assert first_steps(DAY, 5, 0) == ["", "rest-hours"]
    assert first_steps(DAY, 6, 0) == ["days-in-row", "days-in-row"]
    assert first_steps(DAY, 40, 0) == ["days-in-row", "days-in-row"]
    assert first_steps(DAY, 2, 3) == ["", "rest-hours"]
    assert first_steps(NIGHT, 1, 0) == ["rest-after-nights", ""]
    assert first_steps(NIGHT, 3, 2) == ["rest-after-nights", ""]
    assert first_steps(NIGHT, 3, 9) == ["rest-after-nights", "nights-in-row"]
    assert first_steps(-1, 6, 3) == ["", ""]
