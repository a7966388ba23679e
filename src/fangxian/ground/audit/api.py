"""The trail for programs."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Query, Router

from fangxian.ground.accounts.choices import Action
from fangxian.ground.accounts.selectors import requires
from fangxian.ground.audit.models import AuditEvent
from fangxian.ground.audit.schemas import EventOut, TrailQuery
from fangxian.ground.audit.selectors import Wanted, events_for

router = Router(tags=["audit"])


@router.get("/audit", response=list[EventOut], summary="Who did what, newest first, in the reader's scope")
@requires(Action.VIEW_AUDIT)
def list_events(request: HttpRequest, query: Query[TrailQuery]) -> list[AuditEvent]:
    """Return the events in the reader's scope; page by ``before``."""
    return events_for(request.user, Wanted(**query.dict()))
