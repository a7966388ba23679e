"""Plans in force, as data. Annotations stay objects here: the router reads them through the guard."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router

from fangxian.ground.accounts.choices import Action
from fangxian.ground.accounts.selectors import requires
from fangxian.ground.emergency_plans import selectors, services
from fangxian.ground.emergency_plans.models import PlanInForce
from fangxian.ground.emergency_plans.schemas import InForceOut, PlanIn, PlanOut
from fangxian.plans.loader import plan_json_schema

router = Router(tags=["emergency_plans"])


@router.get("/plans/{code}", response=PlanOut, summary="The plan in force at a place")
@requires(Action.VIEW_PLAN, place="code")
def plan_at_place(request: HttpRequest, code: str) -> dict[str, Any]:
    """Return the plan that holds today, and by which decision."""
    in_force = selectors.edition_in_force(request.place, timezone.localdate())
    plan = selectors.plan_of_edition(in_force.edition.sha256)
    return {
        "in_force": _said(in_force),
        "plan": plan.model_dump(mode="json", by_alias=True, exclude_none=True),
    }


@router.post("/plans/{code}", response=InForceOut, summary="Put a plan in force at a place")
@requires(Action.CHANGE_PLAN, place="code")
def put_plan_in_force(request: HttpRequest, code: str, payload: PlanIn) -> InForceOut:
    """Check the text and let it hold from a day on; 422 lists every mistake with its line."""
    in_force = services.put_in_force(
        actor=request.user, place=request.place, text=payload.text, valid_from=payload.valid_from
    )
    return _said(in_force)


@router.get("/plan-schema", summary="JSON Schema of a plan file")
@requires(Action.USE_OWN_ACCOUNT)
def plan_schema(request: HttpRequest) -> dict[str, Any]:
    """Return the JSON Schema of version 1 of the plan format."""
    return plan_json_schema()


def _said(in_force: PlanInForce) -> InForceOut:
    return InForceOut(
        place=in_force.place.code,
        plan_id=in_force.edition.plan_id,
        version=in_force.edition.version,
        sha256=in_force.edition.sha256,
        valid_from=in_force.valid_from,
        valid_to=in_force.valid_to,
        decided_at=in_force.decided_at,
    )
