"""When a plan may be put in force; pure."""

from __future__ import annotations

from datetime import date

from fangxian.base.errors import Finding
from fangxian.plans.schema import Plan


def outside_validity(plan: Plan, valid_from: date) -> Finding | None:
    """Return what speaks against a day on which the plan, by its own words, holds no more."""
    last = plan.identity.valid_to
    if last is None or valid_from <= last:
        return None
    return Finding(
        "plan-expired",
        {
            "zh": f"预案自身的有效期到 {last} 为止，不能从 {valid_from} 起启用。",
            "en": f"The plan itself is valid to {last}; it cannot be put in force from {valid_from}.",
        },
        {
            "zh": "请改用现行预案，或修改 plan.valid_to。",
            "en": "Use a plan that is current, or change plan.valid_to.",
        },
        column="valid_to",
    )
