"""The brief for programs."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest, HttpResponse
from ninja import Router

from fangxian.assessment.schemas import Brief
from fangxian.assessment.selectors import brief_for, latest_as_of
from fangxian.ground.accounts.choices import Action
from fangxian.ground.accounts.selectors import requires

router = Router(tags=["assessment"])


@router.get("/brief/{code}", response=Brief, summary="Where a place stood at the end of a day")
@requires(Action.VIEW_FIGURES, place="code")
def brief(request: HttpRequest, code: str, as_of: date | None = None) -> HttpResponse:
    """Return the brief; absent is null and never 0. Without ``as_of``: today, as of now."""
    made = brief_for(request.place, as_of or latest_as_of())
    return HttpResponse(made.model_dump_json(), content_type="application/json")
