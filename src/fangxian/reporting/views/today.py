"""The first page: what waits for this person now."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from fangxian.ground.accounts.choices import Action
from fangxian.ground.accounts.selectors import policy, requires
from fangxian.reporting.selectors.entry import entry_list
from fangxian.reporting.selectors.overview import figures_now, overview


@require_GET
@requires(Action.USE_OWN_ACCOUNT)
def today(request: HttpRequest) -> HttpResponse:
    """Show the state of reporting to who watches over it, her own forms to who reports."""
    watched = policy.places(request.user, Action.VIEW_REPORTS)
    if watched:
        shown = {"overview": overview(request.user, watched[0]), "others": watched[1:]}
        return render(request, "reporting/today_watch.html", shown)
    led = policy.places(request.user, Action.VIEW_FIGURES)
    if led:
        return render(request, "reporting/today_figures.html", {"now": figures_now(led[0])})
    may_enter = policy.may(request.user, Action.ENTER_REPORTS).allowed
    shown = {"list": entry_list(request.user) if may_enter else None}
    return render(request, "reporting/today_own.html", shown)
