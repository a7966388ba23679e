"""Vaccination sessions: tiny campaigns by hand, laws of doses and teams, a bound that holds."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from fangxian.logistics.programme import SolverStop
from fangxian.logistics.vaccination import solve
from fangxian.logistics.vaccination.problem import HOMEBOUND, SessionProblem, SessionRules
from fangxian.logistics.vaccination.solve import sessions_of_today, solve_sessions, worth

STOP = SolverStop(20.0, 1e-3)


def a_campaign(people, *, drive_minutes=None, walk=None, doses=10**6, teams=(1,), sites=(), **rules):
    """Return a campaign; ``people`` are (walks, needs a lift, homebound) by village."""
    count = len(people)
    drive = np.full((count, len(teams)), 30.0) if drive_minutes is None else np.array(drive_minutes, float)
    return SessionProblem(
        tuple(f"V{k}" for k in range(count)),
        tuple(f"S{k}" for k in range(len(sites))),
        tuple(f"B{k}" for k in range(len(teams))),
        np.array(people, np.int64),
        np.ones(count),
        np.zeros((count, 0)) if walk is None else np.array(walk, float),
        np.array(sites, np.int64),
        drive / 60,
        drive / 60 * 35,
        np.array(teams, np.int64),
        doses,
        SessionRules(**rules),
    )


def test_one_team_and_one_half_day_by_hand():
    """4 h less 0.75 h to set up and two drives of 0.5 h are 2.25 h: 45 doses of 20 an hour."""
    problem = a_campaign([(60, 30, 0)], half_days=1)
    assert problem.session_doses().tolist() == [[45]]
    assert problem.round_visits().tolist() == [[7]]  # 3 h of visits of 0.4 h
    result = solve_sessions(problem, STOP)
    assert result.value == 45
    assert result.bound == pytest.approx(45)
    assert result.cost == pytest.approx(45 * 40 + 600 + 2 * 17.5 * 1.5)
    assert result.team_price.tolist() == pytest.approx([45], rel=0.02)


def test_who_walks_goes_to_the_site_and_the_team_to_those_who_cannot():
    """The site takes all who walk; the only half day is for the village that has nobody who could."""
    problem = a_campaign([(80, 0, 0), (0, 40, 0)], walk=[[20], [20]], sites=(100,), half_days=1)
    plan = solve_sessions(problem, STOP).plan
    assert plan.at_site.sum(axis=1).tolist() == [80, 0]
    assert plan.sessions.sum(axis=1).tolist() == [0, 1]
    assert plan.vaccinated.sum() == 120


def test_a_half_day_too_short_for_a_visit_can_be_long_enough_for_a_session():
    """66 min there and back leave 1.8 h: no visit of 2 h, but 21 doses after setting up."""
    problem = a_campaign([(60, 30, 0)], drive_minutes=[[66]], half_days=2, visit_hours=2.0)
    assert problem.round_visits().tolist() == [[0]]
    result = solve_sessions(problem, STOP)
    assert result.value == 42
    assert result.bound == pytest.approx(42)
    assert worth(problem, sessions_of_today(problem))[0] == 42


def test_bases_without_teams_do_not_hide_the_one_that_has_some():
    """Three empty bases are nearer; the teams of the fourth hold 43 doses a half day in the village."""
    problem = a_campaign(
        [(60, 30, 0)], drive_minutes=[[10, 11, 12, 33]], teams=(0, 0, 0, 4), half_days=1, home_share=0.0
    )
    result = solve_sessions(problem, STOP)
    assert result.value == 90
    assert result.plan.sessions.tolist() == [[0, 0, 0, 3]]


def test_those_who_cannot_leave_the_house_have_their_share_of_the_half_days():
    """Of ten half days two are kept: 14 visits; without that nobody would be visited."""
    people = [(500, 0, 20)]
    kept = solve_sessions(a_campaign(people, half_days=10), STOP).plan
    assert kept.rounds.sum() == 2
    assert kept.at_home.sum() == 14
    none = solve_sessions(a_campaign(people, half_days=10, home_share=0.0), STOP).plan
    assert none.at_home.sum() == 0
    nobody = solve_sessions(a_campaign([(500, 0, 0)], half_days=10), STOP).plan
    assert nobody.rounds.sum() == 0


def test_half_days_are_not_kept_where_open_vials_would_eat_all_doses():
    """Two kept half days would lose 4 of 3 doses; one session loses 2 and gives 1."""
    result = solve_sessions(a_campaign([(500, 0, 20)], half_days=10, doses=3, vial_doses=5), STOP)
    assert (result.status, result.value) == ("optimal", 1)


def test_scarce_doses_go_where_they_weigh_most_and_open_vials_cost_some():
    problem = a_campaign([(40, 0, 0), (40, 0, 0)], doses=40, half_days=4, vial_doses=5)
    problem = dataclasses.replace(problem, weight=np.array([1.0, 2.0]))
    result = solve_sessions(problem, STOP)
    assert result.plan.vaccinated.sum(axis=1).tolist() == [0, 38]  # two doses are lost with the open vial
    assert result.dose_price == pytest.approx(2.0, rel=0.1)


def a_county(seed=5, **changed):
    numbers = np.random.default_rng(seed)
    people = np.stack([numbers.integers(5, 90, 20), numbers.integers(0, 30, 20), numbers.integers(0, 12, 20)])
    values = {"doses": 1250, "teams": (1, 2), "sites": (150, 100), "half_days": 6, "vial_doses": 5}
    return a_campaign(
        people.T.tolist(),
        drive_minutes=numbers.uniform(5, 70, (20, 2)),
        walk=numbers.uniform(5, 120, (20, 2)),
        **(values | changed),
    )


def keeps_limits(problem, result):
    """People, sites, doses, half days and what a call can do: none is exceeded."""
    plan, calls = result.plan, result.plan.sessions + result.plan.rounds
    done = plan.vaccinated
    assert (done <= problem.people).all()
    assert (plan.at_site.sum(axis=0) <= problem.site_doses).all()
    assert done.sum() + 2 * calls.sum() <= problem.doses
    assert (calls.sum(axis=0) <= problem.teams * 6).all()
    assert (plan.at_session.sum(axis=1) <= (plan.sessions * problem.session_doses()).sum(axis=1)).all()
    assert (plan.at_home <= (plan.rounds * problem.round_visits()).sum(axis=1)).all()
    assert not plan.at_session[:, HOMEBOUND].any()
    assert (problem.walk_minutes[plan.at_site > 0] <= problem.rules.reach_minutes).all()
    assert worth(problem, plan) == (result.value, result.cost)


def test_nothing_is_given_that_is_not_there():
    problem = a_county()
    result = solve_sessions(problem, STOP)
    keeps_limits(problem, result)
    assert result.value <= result.bound + 1e-6
    assert result.gap < 0.005


def test_without_time_the_usual_rule_and_the_home_visits_are_the_plan_and_the_gap_is_told(monkeypatch):
    monkeypatch.setattr(solve, "_LEAST_S", 1e-9)
    problem = a_county(home_share=0.5)
    result = solve_sessions(problem, SolverStop(1e-9, 0.0))
    keeps_limits(problem, result)
    plan = result.plan
    assert (plan.rounds.sum(axis=0) >= problem.least_rounds()).all() and plan.rounds.sum() > 0
    assert plan.at_home.sum() > 0 and result.value > 0
    assert result.status == "stopped" and result.bound >= solve_sessions(problem, STOP).value - 1e-6


def test_more_doses_and_teams_never_reach_fewer():
    less = solve_sessions(a_county(), STOP)
    assert solve_sessions(a_county(doses=1400), STOP).bound >= less.value - 1e-6
    assert solve_sessions(a_county(teams=(2, 3)), STOP).bound >= less.value - 1e-6


def test_the_order_of_villages_does_not_matter():
    problem = a_county()
    order = np.random.default_rng(2).permutation(20)
    names = ("people", "weight", "walk_minutes", "drive_hours", "drive_km")
    turned = dataclasses.replace(problem, **{name: getattr(problem, name)[order] for name in names})
    first, second = solve_sessions(problem, STOP), solve_sessions(turned, STOP)
    assert second.bound >= first.value - 1e-6
    assert first.bound >= second.value - 1e-6


def test_the_usual_rule_keeps_the_limits_and_reaches_fewer():
    problem = a_county(home_share=0.0)
    usual = sessions_of_today(problem)
    assert (usual.vaccinated <= problem.people).all()
    assert usual.vaccinated.sum() + 2 * usual.sessions.sum() <= problem.doses
    assert (usual.sessions.sum(axis=0) <= problem.teams * 6).all()
    assert worth(problem, usual)[0] <= solve_sessions(problem, STOP).bound + 1e-6


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: a_campaign([(1, 2, -3)]), r"people must not be negative or missing \(got -3\)"),
        (lambda: a_campaign([(1, 2)]), r"people must have shape \(1, 3\) \(got \(1, 2\)\)"),
        (lambda: a_campaign([(1, 2, 3)], doses=-1), r"doses must not be negative \(got -1\)"),
        (lambda: a_campaign([(1, 2, 3)], teams=()), r"a campaign needs villages, and sites or bases"),
        (lambda: SessionRules(half_days=0), r"half_days must be above 0 \(got 0\)"),
        (lambda: SessionRules(home_share=2.0), r"home_share must be in \[0, 1\] \(got 2.0\)"),
    ],
)
def test_wrong_values_are_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_the_homebound_have_their_share_though_the_nearest_base_has_no_teams():
    problem = a_campaign([(500, 0, 20)], drive_minutes=[[5, 30]], teams=(0, 1), half_days=10)
    assert problem.least_rounds().tolist() == [0, 2]
    assert solve_sessions(problem, STOP).plan.rounds.tolist() == [[0, 2]]


def test_what_is_due_late_gets_only_what_is_left_of_the_campaign():
    """Of four half days one is left for the village due on the fourth: 45 of its 90; three for the other."""
    problem = a_campaign([(135, 0, 0), (90, 0, 0)], half_days=4)
    assert solve_sessions(problem, STOP).value == 180
    late = dataclasses.replace(problem, due_half_day=np.array([1, 4]), weight=np.array([1.0, 2.0]))
    result = solve_sessions(late, STOP)
    assert result.plan.sessions[:, 0].tolist() == [3, 1]
    assert result.bound == pytest.approx(135 + 90)
    over = dataclasses.replace(problem, due_half_day=np.array([1, 5]))
    assert solve_sessions(over, STOP).plan.sessions[:, 0].tolist() == [3, 0]


def test_second_doses_are_kept_back():
    """Of 40 doses 20 are given where one is kept for each."""
    result = solve_sessions(a_campaign([(40, 0, 0)], doses=40, half_days=4, second_doses_kept=1.0), STOP)
    assert result.value == 20


def test_the_bound_holds_for_plans_in_which_any_base_calls():
    """Four bases can each make one call: a plan may use them all, though only one is the nearest."""
    problem = a_campaign([(400, 0, 0)], drive_minutes=[[10, 20, 30, 40]], teams=(1, 1, 1, 1), half_days=1)
    result = solve_sessions(problem, STOP)
    assert result.value == problem.session_doses().sum()
    assert result.bound == pytest.approx(result.value)


def test_without_doses_no_team_sets_out():
    result = solve_sessions(a_campaign([(40, 0, 20)], doses=0, half_days=10), STOP)
    assert (result.value, result.cost, result.bound) == (0, 0, 0)


def test_what_rounding_leaves_is_given():
    """90 doses, 40 at the site: a session and a round, both with room, take the other 50, whole people."""
    problem = a_campaign(
        [(50, 10, 4), (30, 20, 6)],
        walk=[[10], [500]],
        sites=(40,),
        drive_minutes=[[1], [30]],
        doses=90,
        half_days=6,
    )
    result = solve_sessions(problem, STOP)
    assert result.value == result.bound == 90
    assert (result.plan.vaccinated <= problem.people).all()
