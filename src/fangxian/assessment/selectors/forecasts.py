"""Forecasts that were kept, as a brief of a day may know them."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np
from django.utils import timezone

from fangxian.assessment.models import KeptForecast
from fangxian.ground.places.models import Place
from fangxian.studies.brief.outlook import ROUNDS_SHOWN
from fangxian.studies.brief.records import WEEKS_AHEAD, Basis, PlaceForecast

_WEEK = timedelta(days=7)
_LOOKED_BACK = (ROUNDS_SHOWN + WEEKS_AHEAD + 1) * _WEEK


def kept_forecasts(place: Place, as_of: date) -> list[PlaceForecast]:
    """Return what was forecast by a day of the weeks that a brief of that day shows, the latest first."""
    rows = (
        KeptForecast.objects.filter(place=place, as_of__range=(as_of - _LOOKED_BACK, as_of))
        .order_by("-last_day", "-as_of")
        .values_list(
            "indicator",
            "as_of",
            "last_day",
            "model",
            "program_version",
            "at",
            "quantiles",
            "baseline",
        )
    )
    return [
        PlaceForecast(
            indicator=indicator,
            as_of=made_as_of,
            last_day=last_day,
            quantiles=np.array(quantiles),
            baseline=np.array(baseline),
            model=model,
            version=version,
            basis=_basis(made_as_of, at),
        )
        for indicator, made_as_of, last_day, model, version, at, quantiles, baseline in rows
    ]


def _basis(as_of: date, at: datetime) -> Basis:
    """Tell a forecast that was made in time from one made when its first week could be known."""
    in_time = timezone.localdate(at) <= as_of + timedelta(days=1)
    return Basis.KEPT if in_time else Basis.REPLAYED
