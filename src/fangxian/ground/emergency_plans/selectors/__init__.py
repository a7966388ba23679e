"""Reading which plan holds where, and what it says."""

from fangxian.ground.emergency_plans.selectors.in_force import (
    Preview,
    edition_in_force,
    labels_of_plans,
    plan_history,
    plan_in_force,
    plan_of_edition,
    plans_around,
    preview_plan,
    sha256_in_force,
)
from fangxian.ground.emergency_plans.selectors.reading import PlanPage, plan_page

__all__ = [
    "PlanPage",
    "Preview",
    "edition_in_force",
    "labels_of_plans",
    "plan_history",
    "plan_in_force",
    "plan_of_edition",
    "plan_page",
    "plans_around",
    "preview_plan",
    "sha256_in_force",
]
