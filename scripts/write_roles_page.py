"""Write docs/reference/roles.md from the role table, so that the page cannot say anything else.

python scripts/write_roles_page.py            write the page
"""

from __future__ import annotations

import os
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fangxian.console.settings.testing")

from fangxian.ground.accounts.choices import Action
from fangxian.ground.accounts.rules import ACTION_NAMES, FOR_EVERYBODY, REACHES_UPWARD, ROLES

PAGE = Path(__file__).resolve().parents[1] / "docs/reference/roles.md"


def page() -> str:
    """Return the page as text."""
    lines = [
        "# 角色 Roles",
        "",
        "Written by `scripts/write_roles_page.py` from `src/fangxian/ground/accounts/rules.py`.",
        "",
        "A role is held over the subtree of a place or at one facility, for a span of time. What a role",
        "allows, it allows there and nowhere else. There are no superusers and no other flags.",
        "",
    ]
    lines += _table()
    lines += ["", "## 缘由 Why", ""]
    for rule in ROLES.values():
        lines.append(f"- **{rule.zh} {rule.en}**: {rule.why_zh} {rule.why_en}")
    lines += [
        "",
        "## 规则 Laws",
        "",
        "1. Every account, with or without a role, may: "
        + "; ".join(ACTION_NAMES[action][1] for action in Action if action in FOR_EVERYBODY)
        + ".",
        "2. These also reach the places above a scope, since what binds a village is in force at its city: "
        + "; ".join(ACTION_NAMES[action][1] for action in Action if action in REACHES_UPWARD)
        + ".",
        "3. Nobody grants or ends a role outside the subtree in which she keeps accounts, and nobody changes",
        "   her own.",
        "4. An account is closed, signed out or given a new password only by somebody who keeps every place",
        "   that the account opens, now or later.",
        "5. A role is ended, never deleted: who could do what at a past moment can always be said.",
        "6. No role can both write a figure and hand out rights or read the audit trail.",
        "",
    ]
    return "\n".join(lines)


def _table() -> list[str]:
    names = " | ".join(f"{rule.zh} {rule.en}" for rule in ROLES.values())
    lines = [f"| | {names} |", "|---" * (len(ROLES) + 1) + "|"]
    for action in Action:
        if action in FOR_EVERYBODY:
            continue
        zh, en = ACTION_NAMES[action]
        marks = " | ".join("●" if action in rule.actions else "" for rule in ROLES.values())
        lines.append(f"| {zh} {en} | {marks} |")
    return lines


if __name__ == "__main__":
    PAGE.write_text(page())
