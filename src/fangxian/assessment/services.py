"""Issuing a brief and keeping a forecast: what assessment writes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from fangxian import __version__
from fangxian.assessment.models import BriefRun, KeptForecast
from fangxian.assessment.selectors.briefs import check_day_has_come
from fangxian.assessment.selectors.snapshot import HISTORY_DAYS, snapshot
from fangxian.ground.audit.services import record_event
from fangxian.ground.places.models import Place
from fangxian.reporting.selectors.units import children_of
from fangxian.studies.brief.contract import Brief
from fangxian.studies.brief.figures import make_figures
from fangxian.studies.brief.forecasting import forecast_places, forecastable, places_to_forecast


def record_brief_issued(
    *, actor: AbstractBaseUser | None, place: Place, brief: Brief, document: str
) -> BriefRun:
    """Record that a brief left the system as a document, with the hash of what it said."""
    digest = hashlib.sha256(brief.to_json().encode()).hexdigest()
    with transaction.atomic():
        run = BriefRun.objects.create(
            place=place,
            as_of=brief.as_of,
            plan_id=brief.plan.get("id", ""),
            plan_version=brief.plan.get("version", ""),
            program_version=brief.generated_by.version,
            sha256=digest,
            document=document,
            synthetic=brief.synthetic,
            actor=actor,
            at=timezone.now(),
        )
        record_event(
            actor=actor,
            code="assessment.brief_issued",
            place_code=place.code,
            subject=("brief", str(run.pk)),
            detail={"as_of": brief.as_of, "document": document, "sha256": digest},
        )
    return run


def keep_forecasts(
    *, actor: AbstractBaseUser | None, place: Place, as_of: date, only_below: bool = False
) -> list[KeptForecast]:
    """Forecast a place and those directly below it from what had been reported by a day, and keep it.

    A forecast that is already kept stays as it is, and is not made again; with ``only_below`` the place
    itself is left out. Nothing that was reported after ``as_of`` enters, whenever this is called. The place
    is locked while its forecasts are written, so that two calls do not keep one twice.
    """
    check_day_has_come(as_of)
    source = snapshot(place, as_of, below_days=HISTORY_DAYS)
    figures = make_figures(source)
    places = {one.code: one for one in (place, *children_of(place))}
    if only_below:
        del places[place.code]
    before = _kept(places, as_of)
    lacking = [
        index
        for index in forecastable(source)
        if any(
            code in places and (code, source.indicators[index].id) not in before
            for code in places_to_forecast(figures, index)
        )
    ]
    now = timezone.now()
    rows = [
        KeptForecast(
            place=places[code],
            indicator=one.indicator,
            as_of=as_of,
            last_day=one.last_day,
            model=one.model,
            program_version=one.version,
            quantiles=one.quantiles.tolist(),
            baseline=one.baseline.tolist(),
            synthetic=source.synthetic,
            actor=actor,
            at=now,
        )
        for index in lacking
        for made in forecast_places(figures, index, __version__)
        for code, one in made.items()
        if code in places
    ]
    with transaction.atomic():
        Place.objects.select_for_update(no_key=True).get(pk=place.pk)
        known = _kept(places, as_of)
        new = [row for row in rows if (row.place.code, row.indicator) not in known]
        kept = KeptForecast.objects.bulk_create(new)
        if kept:
            record_event(
                actor=actor,
                code="assessment.forecasts_kept",
                place_code=place.code,
                subject=("place", place.code),
                detail={"as_of": as_of, "rows": len(kept)},
            )
    return kept


def _kept(places: Mapping[str, Place], as_of: date) -> set[tuple[str, str]]:
    """Return place code and indicator of the forecasts of a day that are kept."""
    rows = KeptForecast.objects.filter(place__in=places.values(), as_of=as_of)
    return set(rows.values_list("place__code", "indicator"))
