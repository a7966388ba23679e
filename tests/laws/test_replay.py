"""The replay law: the state before and the events of a verb give the state that is fetched afterwards."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from fangxian.ground.audit.models import AuditEvent
from fangxian.reporting.models import Report
from fangxian.reporting.rules.replay import ReportWritten, replay
from fangxian.reporting.services import (
    BulkOptions,
    ReportSubmission,
    declare_zero,
    submit_bulk,
    submit_report,
)
from worlds import make_places, make_plan, make_units, make_user

DAY = date(2024, 3, 1)


@pytest.fixture
def world(db):
    places = make_places()
    make_plan(places["nation"])
    return {**make_units(places), "officer": make_user("city_duty_officer", places["city"], "officer")}


def fetched():
    reports = Report.objects.filter(is_current=True).select_related("unit")
    return {
        (one.unit.code, one.form, one.day.isoformat()): ReportWritten.of(one.unit.code, one)
        for one in reports
    }


def events_after(sequence):
    """Read the events of the verbs from the audit trail, as anybody could who has only the trail."""
    names = ReportWritten.__dataclass_fields__
    trail = AuditEvent.objects.filter(sequence__gt=sequence, object_kind="report").order_by("sequence")
    return [ReportWritten(**{name: event.detail[name] for name in names}) for event in trail]


def last_sequence():
    return AuditEvent.objects.order_by("-sequence").values_list("sequence", flat=True).first() or 0


def submit(world, values, **rest):
    submission = ReportSubmission(world["H11"], "hospital-daily", DAY, values, **rest)
    return submit_report(actor=world["officer"], submission=submission)


VERBS = {
    "first": lambda world: submit(world, {"new_cases": 3, "deaths": None, "cover_days": 0.5}),
    "same again": lambda world: submit(world, {"new_cases": 3, "deaths": None, "cover_days": 0.5}),
    "correction": lambda world: submit(world, {"new_cases": 4}, expected_revision=1, reason="one more"),
    "zero": lambda world: declare_zero(
        actor=world["officer"], unit=world["H12"], form="hospital-daily", day=DAY
    ),
}


def test_each_verb_replays_from_the_audit_trail(world):
    for name, verb in VERBS.items():
        before, sequence = fetched(), last_sequence()
        verb(world)
        assert replay(before, events_after(sequence)) == fetched(), name


def test_a_batch_replays_from_its_rows_and_the_trail_vouches_for_them(world):
    submit(world, {"new_cases": 3})
    before, known = fetched(), set(Report.objects.values_list("pk", flat=True))
    rows = pl.DataFrame({"unit": ["H11", "H12"], "day": [DAY, DAY], "new_cases": [5, 6]})
    result = submit_bulk(
        actor=world["officer"], form="hospital-daily", frame=rows, options=BulkOptions(reason="file")
    )
    written = Report.objects.exclude(pk__in=known).select_related("unit").order_by("pk")
    events = [ReportWritten.of(one.unit.code, one) for one in written]
    assert replay(before, events) == fetched()
    assert AuditEvent.objects.latest("sequence").detail["sha256"] == result.digest


def test_a_lost_event_is_noticed(world):
    submit(world, {"new_cases": 3})
    sequence = last_sequence()
    submit(world, {"new_cases": 4}, expected_revision=1, reason="one more")
    with pytest.raises(ValueError, match="an event is missing"):
        replay({}, events_after(sequence))
