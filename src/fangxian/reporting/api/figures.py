"""Board, figures and series through the API; absent is null and never 0."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from fangxian.base.errors import InvalidInput
from fangxian.ground.accounts.choices import Action
from fangxian.ground.accounts.selectors import requires
from fangxian.reporting.schemas.figures import (
    BoardOut,
    FigureOut,
    SeriesOut,
    board_answer,
    figure_out,
    series_answer,
)
from fangxian.reporting.selectors import BoardQuery, FigureName, Period, board, collected_day, figure, series
from fangxian.reporting.selectors.plans import form_at
from fangxian.reporting.selectors.units import children_of

router = Router(tags=["figures"])
LONGEST = 1_100
"""Days of a series that are given at once: three years."""


@router.get("/board/{code}", response=BoardOut, summary="Who has reported")
@requires(Action.VIEW_REPORTS, place="code")
def show_board(  # noqa: PLR0913 -- each argument is one parameter of the address
    request: HttpRequest,
    code: str,
    day: date | None = None,
    form: Query[list[str]] = (),
    state: Query[list[str]] = (),
    offset: Query[int] = 0,
    limit: Query[int] = 200,
) -> HttpResponse:
    """Return states of units and forms on a day (by default the day being collected), worst first."""
    query = BoardQuery(tuple(form), tuple(state), max(0, offset), min(max(0, limit), 1000))
    return board_answer(board(request.user, request.place, day or collected_day(request.place), query))


@router.get("/figures/{code}/{form}/{field}/{day}", response=FigureOut, summary="Open a figure")
@requires(Action.VIEW_FIGURES, place="code")
def show_figure(request: HttpRequest, code: str, form: str, field: str, day: date) -> dict[str, Any]:
    """Return a figure, the places right below, and the reports behind it down to every revision."""
    return figure_out(figure(request.user, request.place, FigureName(form, field, day)))


@router.get("/series/{code}", response=list[SeriesOut], summary="Figures over days")
@requires(Action.VIEW_FIGURES, place="code")
def show_series(  # noqa: PLR0913 -- each argument is one parameter of the address
    request: HttpRequest,
    code: str,
    form: str,
    first: date | None = None,
    last: date | None = None,
    field: Query[list[str]] = (),
    as_of: datetime | None = None,
    below: bool = False,
) -> HttpResponse:
    """Return a place (and with ``below`` those right below it) over days, by default the last sixty.

    With ``as_of`` only what had been reported by then counts.
    """
    period = _period(first, last or collected_day(request.place))
    chosen = form_at(request.place, form, period.last)
    known = [one.id for one in chosen.fields]
    _refuse_unknown(set(field) - set(known), known)
    places = [request.place, *(children_of(request.place) if below else ())]
    found = series(places, chosen, period, as_of=as_of)
    return series_answer(found, list(field) or known, as_of)


def _period(first: date | None, last: date) -> Period:
    period = Period(first or last - timedelta(days=59), last)
    days = (period.last - period.first).days + 1
    if not 1 <= days <= LONGEST:
        raise InvalidInput(
            {
                "zh": f"时段应为1至{LONGEST}天，收到{days}天。",
                "en": f"A period has 1 to {LONGEST} days (got {days}).",
            },
            {"zh": "请核对起止日期。", "en": "Check first and last day."},
            {"first": period.first.isoformat(), "last": period.last.isoformat()},
        )
    return period


def _refuse_unknown(unknown: set[str], known: list[str]) -> None:
    if unknown:
        raise InvalidInput(
            {
                "zh": f"表单没有名为{'、'.join(sorted(unknown))}的项目。",
                "en": f"The form has no field named {', '.join(sorted(unknown))}.",
            },
            {"zh": "可用项目：" + "、".join(known), "en": "Its fields are: " + ", ".join(known)},
            {"fields": sorted(unknown)},
        )
