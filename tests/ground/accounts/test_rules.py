"""The role table, as the people who answer for it read it."""

from __future__ import annotations

import runpy
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fangxian.ground.accounts.choices import Action, Role
from fangxian.ground.accounts.rules import ACTION_NAMES, ROLE_ACTIONS, ROLES, Scope, Target, decide

ROOT = Path(__file__).resolve().parents[3]
NOW = datetime(2022, 12, 1, tzinfo=UTC)
CITY = Target("city", 1, 100)
COUNTY = Target("county", 10, 20)


def test_every_role_and_action_has_words_and_a_reason():
    """Nothing may be granted that nobody can explain."""
    assert set(ROLES) == set(Role)
    assert set(ACTION_NAMES) == set(Action)
    assert all(rule.why_zh and rule.why_en for rule in ROLES.values())


@pytest.mark.parametrize(
    ("action", "allowed"),
    [
        (
            Action.VIEW_REPORTS,
            {"reporter", "county_officer", "city_duty_officer", "supervisor", "epidemiologist"},
        ),
        (Action.ENTER_REPORTS, {"reporter", "county_officer", "city_duty_officer"}),
        (Action.IMPORT_REPORTS, {"reporter", "county_officer", "city_duty_officer"}),
        (Action.CHANGE_ACCOUNTS, {"administrator"}),
        (Action.CHANGE_PLAN, {"administrator"}),
        (Action.CHANGE_PLACES, {"administrator"}),
        (Action.VIEW_AUDIT, {"administrator", "supervisor"}),
    ],
)
def test_who_holds_what(action, allowed):
    """The separations that matter: who writes figures, who hands out rights, who looks over both."""
    assert {role.value for role in Role if action in ROLE_ACTIONS[role]} == allowed


def test_nobody_who_hands_out_rights_or_supervises_can_write_a_figure():
    """One person must not be able to change a number and hide it."""
    writing = {Action.ENTER_REPORTS, Action.IMPORT_REPORTS}
    guarding = {Action.CHANGE_ACCOUNTS, Action.VIEW_AUDIT}
    assert [role for role in Role if ROLE_ACTIONS[role] & writing and ROLE_ACTIONS[role] & guarding] == []


@pytest.mark.parametrize(
    ("scopes", "action", "target", "reason"),
    [
        ([], Action.VIEW_FIGURES, COUNTY, "You hold no role at present"),
        (
            [Scope(Role.LEADER, "city", 1, 100, valid_to=NOW)],
            Action.VIEW_FIGURES,
            COUNTY,
            "ended or not yet begun",
        ),
        (
            [Scope(Role.LEADER, "city", 1, 100)],
            Action.VIEW_REPORTS,
            COUNTY,
            r"Your role \(Leader\) does not include: see single reports",
        ),
        (
            [Scope(Role.LEADER, "town", 12, 13)],
            Action.VIEW_FIGURES,
            COUNTY,
            r"county lies outside your scope \(town\)",
        ),
    ],
)
def test_a_refusal_says_which_of_four_reasons(scopes, action, target, reason):
    """No role, ended, wrong role, or wrong place: each leads to another remedy."""
    decision = decide(scopes, action, target, NOW)
    assert not decision.allowed
    with pytest.raises(AssertionError, match=reason):
        raise AssertionError(decision.reason_en)
    assert decision.reason_zh


def test_the_plan_above_binds_and_is_seen_from_below():
    """The plan in force at the city is open to the county; the figures of the city are not."""
    scope = [Scope(Role.COUNTY_OFFICER, "county", 10, 20)]
    assert decide(scope, Action.VIEW_PLAN, CITY, NOW).allowed
    assert not decide(scope, Action.VIEW_FIGURES, CITY, NOW).allowed
    assert not decide(scope, Action.VIEW_PLAN, Target("elsewhere", 30, 40), NOW).allowed


def test_the_page_of_roles_says_what_the_rules_say():
    """The reference is written from the table; after a change run scripts/write_roles_page.py."""
    script = runpy.run_path(str(ROOT / "scripts/write_roles_page.py"))
    assert (ROOT / "docs/reference/roles.md").read_text() == script["page"]()
