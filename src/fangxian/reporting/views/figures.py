"""Any figure opens: the places below, the units, the reports, their revisions and who entered them."""

from __future__ import annotations

from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from fangxian.ground.accounts.choices import Action
from fangxian.ground.accounts.selectors import policy, requires
from fangxian.reporting.selectors import FigureName
from fangxian.reporting.selectors import figure as open_figure


@require_GET
@requires(Action.VIEW_FIGURES, place="code")
def figure(request: HttpRequest, code: str, form: str, field: str, day: date) -> HttpResponse:
    """Show one figure with what stands right behind it."""
    opened = open_figure(request.user, request.place, FigureName(form, field, day))
    path = [
        place for place in opened.path if policy.may(request.user, Action.VIEW_FIGURES, place=place).allowed
    ]
    shown = {
        "figure": opened,
        "path": path,
        "suffix": f"{form}/{field}/{day.isoformat()}/",
        "before": day - timedelta(days=1),
        "after": day + timedelta(days=1),
    }
    return render(request, "reporting/figure.html", shown)
