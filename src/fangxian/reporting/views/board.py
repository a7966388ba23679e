"""The board of reports: who has reported, who is late, missing or contradicted, since when."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from fangxian.ground.accounts.choices import Action
from fangxian.ground.accounts.selectors import policy, requires
from fangxian.reporting.selectors import BoardQuery, Period, collected_day, open_contradictions, timeliness
from fangxian.reporting.selectors import board as read_board
from fangxian.reporting.selectors.timeliness import TARGET
from fangxian.reporting.views.board_table import place_rows, unit_rows

PAGE = 50
STATES = ("missing", "late", "due", "in_time")
SPANS = (7, 14, 28, 90)
SILENT_SHOWN = 60


@require_GET
@requires(Action.VIEW_REPORTS, place="code")
def board(request: HttpRequest, code: str) -> HttpResponse:
    """Show one page of the board, filtered."""
    day = _day(request)
    states = [state for state in request.GET.getlist("state") if state in STATES]
    form = request.GET.get("form", "")
    offset = _number(request.GET.get("offset", ""), 0)
    query = BoardQuery(
        forms=(form,) if form else (),
        states=states,
        offset=offset,
        limit=PAGE,
        search=request.GET.get("q", "").strip(),
    )
    seen = read_board(request.user, request.place, day, query)
    shown = {
        "board": seen,
        "day": day,
        "before": day - timedelta(days=1),
        "after": day + timedelta(days=1),
        "today": timezone.localdate(),
        "form": form,
        "states": states,
        "all_states": STATES,
        "query": query,
        "places": list(place_rows(seen, form)),
        "units": list(unit_rows(seen)),
        "previous_page": _page(request, offset - PAGE) if offset else "",
        "next_page": _page(request, offset + PAGE) if offset + PAGE < seen.rows_found else "",
        "may_remind": policy.may(request.user, Action.EXPORT_REMINDERS, place=request.place).allowed,
    }
    return render(request, "reporting/board.html", shown)


@require_GET
@requires(Action.VIEW_REPORTS, place="code")
def board_timeliness(request: HttpRequest, code: str) -> HttpResponse:
    """Show how timely and complete reports were over a period, as a part of the board."""
    last = _day(request)
    days = _number(request.GET.get("days", ""), SPANS[0])
    days = days if days in SPANS else SPANS[0]
    form = request.GET.get("form", "")
    period = Period(last - timedelta(days=days - 1), last)
    found = timeliness(request.user, request.place, period, forms=(form,) if form else ())
    shown = {
        "timeliness": found,
        "days": days,
        "spans": SPANS,
        "day": last,
        "form": form,
        "target": TARGET,
        "below_target": found.below_target,
    }
    return render(request, "reporting/partials/timeliness.html", shown)


@require_GET
@requires(Action.VIEW_REPORTS, place="code")
def board_contradictions(request: HttpRequest, code: str) -> HttpResponse:
    """Show figures that cannot all be true side by side, as a part of the board."""
    found = open_contradictions(request.user, request.place, _day(request))
    return render(request, "reporting/partials/contradictions.html", {"contradictions": found})


@require_GET
@requires(Action.VIEW_REPORTS, place="code")
def board_silent(request: HttpRequest, code: str) -> HttpResponse:
    """Show who in a place has not reported yet, as a part of the first page."""
    query = BoardQuery(states=("missing", "due"), limit=SILENT_SHOWN)
    seen = read_board(request.user, request.place, _day(request), query)
    shown = {
        "rows": seen.rows,
        "found": seen.rows_found,
        "place": request.place,
        "day": seen.day,
        "titles": {one.form.id: one.form.title for one in seen.forms},
    }
    return render(request, "reporting/partials/silent.html", shown)


def _day(request: HttpRequest) -> date:
    try:
        return date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return collected_day(request.place)


def _number(text: str, otherwise: int) -> int:
    return int(text) if text.isdecimal() and len(text) < 8 else otherwise


def _page(request: HttpRequest, offset: int) -> str:
    asked: dict[str, Any] = {key: request.GET.getlist(key) for key in request.GET if key != "offset"}
    return "?" + urlencode(asked | {"offset": max(0, offset)}, doseq=True)
