"""What each role may do: pure, and reviewed by the people who answer for it."""

from __future__ import annotations

from dataclasses import dataclass

from fangxian.ground.accounts.choices import Action, Role

_EVERYBODY = frozenset({Action.USE_OWN_ACCOUNT})
_READER = _EVERYBODY | {Action.VIEW_FIGURES, Action.VIEW_PLAN, Action.VIEW_PLACES}

ROLE_ACTIONS: dict[Role, frozenset[Action]] = {
    Role.REPORTER: _EVERYBODY
    | {
        Action.ENTER_REPORTS,
        Action.IMPORT_REPORTS,
        Action.VIEW_REPORTS,
        Action.VIEW_PLAN,
        Action.VIEW_PLACES,
    },
    Role.COUNTY_OFFICER: _READER
    | {Action.VIEW_REPORTS, Action.ENTER_REPORTS, Action.IMPORT_REPORTS, Action.EXPORT_REMINDERS},
    Role.CITY_DUTY_OFFICER: _READER
    | {Action.VIEW_REPORTS, Action.ENTER_REPORTS, Action.IMPORT_REPORTS, Action.EXPORT_REMINDERS},
    Role.LEADER: _READER,
    Role.SUPERVISOR: _READER | {Action.VIEW_REPORTS, Action.EXPORT_REMINDERS, Action.VIEW_AUDIT},
    Role.EPIDEMIOLOGIST: _READER | {Action.VIEW_REPORTS},
    Role.ADMINISTRATOR: _EVERYBODY
    | {
        Action.VIEW_PLACES,
        Action.CHANGE_PLACES,
        Action.VIEW_PLAN,
        Action.CHANGE_PLAN,
        Action.VIEW_AUDIT,
        Action.CHANGE_ACCOUNTS,
    },
}


@dataclass(frozen=True)
class Decision:
    """Whether something is allowed, and why."""

    allowed: bool
    reason_zh: str
    reason_en: str
