"""The brief on screen, on paper and as a Word file."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from fangxian.assessment.selectors import boundaries_below, brief_for, issued_briefs, latest_as_of
from fangxian.assessment.services import record_brief_issued
from fangxian.base.errors import InvalidInput
from fangxian.ground.accounts.choices import Action
from fangxian.ground.accounts.selectors import requires
from fangxian.studies.brief.charts import forecast_chart, map_colours, map_key
from fangxian.studies.brief.contract import Brief, ForecastPart, ForecastWeekPart
from fangxian.studies.brief.labels import label
from fangxian.studies.brief.render_docx import render_docx
from fangxian.studies.brief.render_html import render_html
from fangxian.studies.brief.wording import number
from fangxian.studies.brief.wording_forecast import forecast_number, forecast_span

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ALARMS_SHOWN = 12
PAST_SHOWN = 24


@require_GET
@requires(Action.VIEW_FIGURES, place="code")
def brief(request: HttpRequest, code: str) -> HttpResponse:
    """Show where a place stands; each figure opens down to its reports."""
    as_of = _as_of(request)
    made = brief_for(request.place, as_of)
    below = _below(made)
    figures = [part for part in made.indicators if part.value is not None or part.coverage.due]
    return render(
        request,
        "assessment/brief.html",
        {
            "brief": made,
            "place": request.place,
            "as_of": as_of,
            "latest": latest_as_of(),
            "day_before": as_of - timedelta(days=1),
            "day_after": as_of + timedelta(days=1) if as_of < latest_as_of() else None,
            "figures": figures,
            "alarms": made.alarms[:ALARMS_SHOWN],
            "several_methods": len(made.alarm_methods) > 1,
            "alarms_hidden": max(0, len(made.alarms) - ALARMS_SHOWN),
            "below": below,
            "per_people": any(row["per_100000_7d"] is not None for row in below),
            "map": _map(made),
            "charts": _charts(made),
            "forecasts": [_forecast(part) for part in made.forecasts],
            **{key: label(key, _language()) for key in ("forecast_note", "interval_50", "interval_95")},
            "issued": issued_briefs(request.place, limit=5),
        },
    )


@require_GET
@requires(Action.VIEW_FIGURES, place="code")
def brief_print(request: HttpRequest, code: str) -> HttpResponse:
    """Return the brief as it is printed on two A4 sheets, and record that it was issued."""
    as_of = _as_of(request)
    made = brief_for(request.place, as_of)
    record_brief_issued(actor=request.user, place=request.place, brief=made, document="print")
    return HttpResponse(render_html(made, _language(), boundaries=boundaries_below(request.place, day=as_of)))


@require_GET
@requires(Action.VIEW_FIGURES, place="code")
def brief_document(request: HttpRequest, code: str) -> HttpResponse:
    """Return the brief as a Word file, and record that it was issued."""
    made = brief_for(request.place, _as_of(request))
    record_brief_issued(actor=request.user, place=request.place, brief=made, document="docx")
    name = f"brief-{request.place.code}-{made.as_of.isoformat()}.docx"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(render_docx(made, _language()), content_type=WORD, headers=headers)


def _language() -> str:
    return "zh" if (get_language() or "zh").startswith("zh") else "en"


def _as_of(request: HttpRequest) -> date:
    given = request.GET.get("as_of", "")
    if not given:
        return latest_as_of()
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise InvalidInput(
            {"zh": f"{given} 不是日期。", "en": f"{given} is not a date."},
            {"zh": "请写成 2024-03-01。", "en": "Write it as 2024-03-01."},
        ) from None


def _below(made: Brief) -> list[dict[str, Any]]:
    """Return what the row of each place below says of its new cases and of its beds, the most cases first."""
    english = _language() == "en"
    rows = []
    for place in made.below:
        cases, in_hospital = place.figure("new_cases"), place.figure("in_hospital")
        rows.append(
            {
                "address": _address(place.code, made),
                "name": (english and place.name_en) or place.name,
                "value": cases.value,
                "lineage": cases.lineage,
                "sum_7d": cases.sum_7d,
                "change_7d": cases.change_7d,
                "per_100000_7d": cases.per_100000_7d,
                "in_hospital": in_hospital.value,
                "coverage": cases.coverage.share,
            }
        )
    return sorted(rows, key=lambda row: -(row["sum_7d"] or -1.0))


def _address(code: str, made: Brief) -> str:
    return f"/brief/{quote(code)}/?as_of={made.as_of.isoformat()}"


def _map(made: Brief) -> dict[str, Any] | None:
    """Return colours and names of the places below; the page fetches their outlines beside it."""
    parts = {place.code: place.figure("new_cases") for place in made.below}
    if not parts:
        return None
    by_population = any(part.per_100000_7d is not None for part in parts.values())
    values = {code: part.per_100000_7d if by_population else part.sum_7d for code, part in parts.items()}
    english = _language() == "en"
    names = {place.code: (place.name_en or place.name) if english else place.name for place in made.below}
    day = made.as_of.isoformat()
    return {
        "title": _("New cases per 100 000 people, 7 days") if by_population else _("New cases, 7 days"),
        "key": mark_safe(map_key(values, _("not known"))),  # noqa: S308 -- made by us, every word in it escaped
        "outlines": f"/api/v1/places/{made.place.code}/boundaries?on={day}",
        "places": {
            code: {
                "name": names[code],
                "value": values[code],
                "colour": colour,
                "href": _address(code, made),
            }
            for code, colour in map_colours(values).items()
        },
    }


def _forecast(part: ForecastPart) -> dict[str, Any]:
    """Return what the card of a forecast says, in the language of the page."""
    language = _language()
    title = part.label.say(language)
    return {
        "indicator": part.indicator,
        "label": title,
        "as_of": part.as_of,
        "chart": mark_safe(forecast_chart(part, title)),  # noqa: S308 -- made by us, every word in it escaped
        "chart_words": label("forecast_chart", language),
        "words": part.words.say(language),
        "weeks": [_forecast_week(week) for week in part.weeks],
        "record": "" if part.record is None else part.record.words.say(language),
        "past": [
            _forecast_week(week)
            | {
                "as_of": week.as_of,
                "observed": number(week.observed),
                "inside": week.lower_95 <= week.observed <= week.upper_95,
            }
            for week in part.past[:PAST_SHOWN]
        ],
    }


def _forecast_week(week: ForecastWeekPart) -> dict[str, Any]:
    return {
        "last_day": week.last_day,
        "median": forecast_number(week.median),
        "half": forecast_span(week.lower_50, week.upper_50),
        "most": forecast_span(week.lower_95, week.upper_95),
    }


def _charts(made: Brief) -> list[dict[str, Any]]:
    """Return what the curves draw, in the language of the page."""
    language = _language()
    charts: list[dict[str, Any]] = [
        {
            "id": curve.indicator,
            "title": curve.label.say(language),
            "kind": curve.kind,
            "first_day": curve.first_day.isoformat(),
            "values": curve.values,
            "mean": curve.mean_7d,
            "words": {"value": curve.label.say(language), "mean": _("7-day mean")},
        }
        for curve in made.curves
    ]
    curve = made.reproduction_curve
    if curve is not None:
        charts.insert(
            1,
            {
                "id": "reproduction",
                "title": _("Reproduction number"),
                "kind": "reproduction",
                "first_day": curve.first_day.isoformat(),
                "values": curve.median,
                "lower": curve.lower,
                "upper": curve.upper,
                "words": {"value": _("Reproduction number"), "mean": _("95% interval")},
            },
        )
    return charts
