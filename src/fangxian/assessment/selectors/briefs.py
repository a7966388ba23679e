"""Briefs of places, made anew from the database each time: the database is the only truth."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from django.utils import timezone

from fangxian.assessment.models import BriefRun
from fangxian.assessment.selectors.forecasts import kept_forecasts
from fangxian.assessment.selectors.snapshot import snapshot
from fangxian.base.errors import InvalidInput
from fangxian.ground.places.models import Place
from fangxian.ground.places.selectors import boundaries_below as outlines_below
from fangxian.ground.places.selectors import place_by_code
from fangxian.studies.brief.compose import compose_brief
from fangxian.studies.brief.contract import Brief
from fangxian.studies.brief.estimators import ESTIMATORS


def brief_for(place: Place, as_of: date, *, estimator: str = "cori") -> Brief:
    """Return the brief of a place as of the end of a day; the estimator is one of `ESTIMATORS`."""
    check_day_has_come(as_of)
    source = replace(snapshot(place, as_of), forecasts=kept_forecasts(place, as_of))
    return compose_brief(source, ESTIMATORS[estimator](source.serial_interval))


def brief_of(*, place_code: str, as_of: date, estimator: str = "cori") -> Brief:
    """Return the brief of the place with a code."""
    return brief_for(place_by_code(place_code), as_of, estimator=estimator)


def check_day_has_come(as_of: date) -> None:
    """Refuse a day of which nothing can have been reported yet."""
    latest = latest_as_of()
    if as_of > latest:
        raise InvalidInput(
            {"zh": f"{as_of} 还没有到。", "en": f"{as_of} has not come yet."},
            {"zh": f"请选 {latest} 或更早的日期。", "en": f"Choose {latest} or an earlier day."},
            {"as_of": as_of.isoformat()},
        )


def latest_as_of() -> date:
    """Return the last day of which a brief can be asked: today, as of now."""
    return timezone.localdate()


def boundaries_below(place: Place | None = None, *, place_code: str = "", day: date) -> dict[str, Any]:
    """Return the GeoJSON geometry of each place below that has an outline, by code."""
    where = place or place_by_code(place_code)
    features = outlines_below(where, on=day)["features"]
    return {feature["properties"]["code"]: feature["geometry"] for feature in features}


def issued_briefs(place: Place, *, limit: int = 10) -> list[BriefRun]:
    """Return the briefs of a place that left the system, latest first."""
    return list(BriefRun.objects.filter(place=place).select_related("actor")[:limit])
