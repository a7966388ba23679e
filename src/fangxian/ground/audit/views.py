"""The trail on a page: who did what, where and when, in words."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from fangxian.ground.accounts.choices import Action
from fangxian.ground.accounts.selectors import requires
from fangxian.ground.audit.forms import TrailForm
from fangxian.ground.audit.selectors import described, events_for


@require_GET
@requires(Action.VIEW_AUDIT)
def trail(request: HttpRequest) -> HttpResponse:
    """Show the events in the viewer's scope, newest first, fifty at a time."""
    language = "zh" if (get_language() or "zh").startswith("zh") else "en"
    form = TrailForm(request.GET, language)
    wanted = form.wanted()
    events = events_for(request.user, wanted) if form.is_valid() else []
    query = request.GET.copy()
    query.pop("before", None)
    shown = {
        "form": form,
        "events": described(events, language),
        "more": events[-1].sequence if len(events) == wanted.limit else None,
        "query": query.urlencode(),
    }
    return render(request, "audit/trail.html", shown, status=200 if form.is_valid() else 422)
