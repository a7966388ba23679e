"""A campaign in words: every village is told who is left and why, every half day has its team."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fangxian.logistics.programme import SolverStop
from fangxian.logistics.vaccination.problem import SessionProblem, SessionRules
from fangxian.logistics.vaccination.solve import SessionResult, sessions_of_today, solve_sessions, worth
from fangxian.studies.vaccination.words import (
    campaign_document,
    schedule_rows,
    second_dose_rows,
    village_rows,
)


def a_campaign(doses: int, teams: int = 1) -> tuple[SessionProblem, SessionResult]:
    """One base with teams; the villages are 30 min, 66 min and 3 h away."""
    drive_hours = np.array([[0.5], [1.1], [3.0]])
    problem = SessionProblem(
        village_code=("near", "far", "beyond"),
        site_code=(),
        base_code=("B",),
        people=np.array([[60, 0, 0], [21, 0, 0], [9, 0, 0]]),
        weight=np.array([1.0, 3.0, 1.0]),
        walk_minutes=np.zeros((3, 0)),
        site_doses=np.zeros(0, np.int64),
        drive_hours=drive_hours,
        drive_km=35 * drive_hours,
        teams=np.array([teams]),
        doses=doses,
        rules=SessionRules(half_days=2, visit_hours=2.0),
    )
    return problem, solve_sessions(problem, SolverStop(20.0, 1e-3))


def test_who_is_left_is_told_why() -> None:
    """A session of 45 doses leaves 15 of the near village; no team gets beyond within half a day."""
    rows = village_rows(*a_campaign(1000))
    assert [(row["village"], row["at_session"], row["left_walks"], row["reason_en"]) for row in rows] == [
        ("near", 45, 15, "teams reach more people elsewhere in the same half day"),
        ("far", 21, 0, "all vaccinated"),
        (
            "beyond",
            0,
            9,
            "those who walk: no site in reach and no team gets there in half a day",
        ),
    ]


def test_where_doses_are_short_they_are_the_reason() -> None:
    """21 of 30 doses go where they weigh three times as much."""
    near = village_rows(*a_campaign(30))[0]
    assert (near["at_session"], near["reason_en"]) == (9, "doses go to villages of more weight")


def test_heavier_villages_come_first_in_the_schedule() -> None:
    rows = schedule_rows(*a_campaign(1000))
    assert [(row["half_day"], row["team"], row["village"], row["kind"]) for row in rows] == [
        (1, 1, "far", "session"),
        (2, 1, "near", "session"),
    ]


def test_teams_work_side_by_side() -> None:
    """Two teams for two half days: 81 people take three sessions."""
    rows = schedule_rows(*a_campaign(1000, teams=2))
    assert [(row["half_day"], row["team"], row["village"]) for row in rows] == [
        (1, 1, "far"),
        (1, 2, "near"),
        (2, 1, "near"),
    ]


def test_the_usual_rule_is_told_as_it_is_counted() -> None:
    """Two half days in the largest village, nobody in the others."""
    problem, result = a_campaign(1000)
    told = campaign_document(problem, result)
    assert told["today"]["vaccinated"] == {"walks": 60, "needs-lift": 0, "homebound": 0}
    assert (told["today"]["weighted"], told["today"]["cost_yuan"]) == worth(
        problem, sessions_of_today(problem)
    )
    assert "vaccinates 60, weighted 60" in told["sentences"][2]["en"]


def test_whom_no_team_reaches_is_said_by_how_far_they_come() -> None:
    """A site takes those who walk; the only base in reach has no teams, so nobody visits the homebound."""
    problem = SessionProblem(
        village_code=("V",),
        site_code=("S",),
        base_code=("empty",),
        people=np.array([[10, 3, 2]]),
        weight=np.ones(1),
        walk_minutes=np.array([[5.0]]),
        site_doses=np.array([10]),
        drive_hours=np.array([[0.2]]),
        drive_km=np.array([[7.0]]),
        teams=np.array([0]),
        doses=100,
    )
    (row,) = village_rows(problem, solve_sessions(problem, SolverStop(5.0)))
    assert (row["at_site"], row["left_needs_lift"], row["left_homebound"]) == (10, 3, 2)
    assert row["reason_en"].startswith("those who need a lift and the homebound: no site in reach")


def test_second_doses_are_given_when_they_are_due_and_listed_for_the_next_campaign() -> None:
    """Of two teams' half days the village due on the second waits; its heavier weight does not hurry it."""
    problem, _ = a_campaign(1000, teams=2)
    rules = SessionRules(half_days=2, visit_hours=2.0, second_dose_after_half_days=6)
    problem = replace(problem, rules=rules, due_half_day=np.array([1, 2, 3]))
    result = solve_sessions(problem, SolverStop(20.0, 1e-3))
    assert [(row["half_day"], row["village"]) for row in schedule_rows(problem, result)] == [
        (1, "near"),
        (1, "near"),
        (2, "far"),
    ]
    assert village_rows(problem, result)[2]["reason_en"] == "due only after the campaign"
    assert [
        (row["village"], row["first_doses"], row["due_half_day"]) for row in second_dose_rows(problem, result)
    ] == [
        ("near", 60, 7),
        ("far", 21, 8),
    ]
