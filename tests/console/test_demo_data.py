"""The demonstration fills itself, and opened again later it only adds what came in since."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from fangxian.console.cli import demo_data
from fangxian.ground.accounts.models import User
from fangxian.ground.places.models import Facility, Place
from fangxian.reporting.models import Contradiction, Report

pytestmark = pytest.mark.django_db


def _at(text: str) -> datetime:
    return timezone.make_aware(datetime.fromisoformat(text))


def _told() -> set[tuple[object, ...]]:
    rows = Report.objects.values_list("unit__code", "form", "day", "revision", "reported_at", "zero_declared")
    return set(rows)


def test_opened_again_it_tells_the_same_and_adds_what_is_new(monkeypatch: pytest.MonkeyPatch) -> None:
    """Places, facilities, plan and accounts are there; a later filling keeps every report and adds some."""
    monkeypatch.setattr(demo_data, "DAYS", 4)
    said: list[str] = []
    first = _at("2026-03-10T09:00:00")
    demo_data.fill(say=said.append, now=first)
    before = _told()
    assert Place.objects.filter(level=5).count() == 5835
    assert not Facility.objects.filter(synthetic=False).exists()
    assert not Report.objects.filter(synthetic=False).exists()
    assert User.objects.filter(username__in=[one.username for one in demo_data.ACCOUNTS]).count() == 8
    assert all(
        User.objects.get(username=one.username).check_password(demo_data.PASSWORD)
        for one in demo_data.ACCOUNTS
    )
    assert not Report.objects.filter(reported_at__gt=first).exists()
    days = sorted(Report.objects.values_list("day", flat=True).distinct())
    assert days[-1] == first.date() - timedelta(days=1)
    assert len(days) == 4

    demo_data.fill(say=said.append, now=first)
    assert _told() == before

    demo_data.fill(say=said.append, now=_at("2026-03-11T20:00:00"))
    after = _told()
    assert before < after
    assert {row[2] for row in after} - {row[2] for row in before} == {first.date()}
    assert Contradiction.objects.exists()
