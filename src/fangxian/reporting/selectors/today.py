"""Which day is today's: the one whose reports are being collected."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.utils import timezone

from fangxian.ground.places.models import Place
from fangxian.plans.schema import Form
from fangxian.reporting.rules import local_day
from fangxian.reporting.selectors.plans import plan_at


def focus_day(forms: Sequence[Form], now: datetime) -> date:
    """Return the latest day about which every form has begun to be owed."""
    return min(local_day(form.deadline, now) - timedelta(days=form.deadline.days_after) for form in forms)


def collected_day(place: Place, now: datetime | None = None) -> date:
    """Return the day whose reports are being collected at a place."""
    now = now or timezone.now()
    return focus_day(plan_at(place, timezone.localdate(now)).forms, now)
