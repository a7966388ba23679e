"""Kept totals equal the sum of the reports, whatever was submitted, corrected or imported, in any order."""

from __future__ import annotations

import contextlib
from datetime import UTC, date, datetime, timedelta

import polars as pl
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from fangxian.base.errors import Conflict, RefusedReport
from fangxian.reporting.models import Report, Total
from fangxian.reporting.selectors import Period, form_at, series, verify_totals
from fangxian.reporting.services import (
    BulkOptions,
    ReportSubmission,
    declare_zero,
    recompute_totals,
    submit_bulk,
    submit_report,
)

FIRST = date(2024, 3, 1)
NUMBERS = dict.fromkeys(("new_cases", "in_hospital", "longest_wait_hours", "cover_days"), pl.Float64)
PLAYED = {
    "deadline": None,  # each example rolls its own writes back, so that one world serves them all
    "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
}
UNITS = ("H11", "H12", "H21", "H22")


counts = st.one_of(st.none(), st.integers(0, 60))
decimals = st.one_of(st.none(), st.integers(0, 9_999).map(lambda value: value / 1000))
values = st.fixed_dictionaries(
    {"new_cases": st.integers(0, 60)},
    optional={
        "in_hospital": counts,
        "longest_wait_hours": decimals,
        "cover_days": decimals,
    },
)
slots = st.tuples(st.sampled_from(UNITS), st.integers(0, 2))
hours = st.integers(0, 60)
submitted = st.tuples(st.just("submit"), slots, values, hours)
declared = st.tuples(st.just("zero"), slots)
imported = st.tuples(
    st.just("import"), st.lists(st.tuples(slots, values, hours), min_size=1, max_size=6), st.booleans()
)
steps = st.lists(st.one_of(submitted, declared, imported), min_size=1, max_size=10)


def day_of(slot):
    return FIRST + timedelta(days=slot[1])


def said_at(slot, hour):
    return datetime(2024, 3, 2, tzinfo=UTC) + timedelta(days=slot[1], hours=hour)


def revision(world, slot):
    reports = Report.objects.filter(
        unit=world[slot[0]], day=day_of(slot), form="hospital-daily", is_current=True
    )
    return reports.values_list("revision", flat=True).first()


def play(world, step):
    """Do one step as a person or an import would; what is refused changes nothing."""
    with contextlib.suppress(RefusedReport, Conflict):
        if step[0] == "submit":
            _, slot, said, hour = step
            submission = ReportSubmission(
                unit=world[slot[0]],
                form="hospital-daily",
                day=day_of(slot),
                values=said,
                expected_revision=revision(world, slot),
                reason="again",
                confirmed_warnings=True,
                reported_at=said_at(slot, hour),
            )
            submit_report(actor=world["officer"], submission=submission)
        elif step[0] == "zero":
            declare_zero(
                actor=world["officer"],
                unit=world[step[1][0]],
                form="hospital-daily",
                day=day_of(step[1]),
                expected_revision=revision(world, step[1]),
                reason="nothing",
            )
        else:
            rows = [
                {
                    "unit": slot[0],
                    "day": day_of(slot),
                    "reported_at": said_at(slot, hour),
                    "not_known": [name for name, value in said.items() if value is None],
                    **said,
                }
                for slot, said, hour in step[1]
            ]
            frame = pl.DataFrame(rows, schema_overrides=NUMBERS, infer_schema_length=None)
            submit_bulk(
                actor=world["officer"],
                form="hospital-daily",
                frame=frame,
                options=BulkOptions(reason="file" if step[2] else ""),
            )


def kept():
    return {
        (one.place_id, one.form, one.day): {
            key: value for key, value in vars(one).items() if key not in ("_state", "id")
        }
        for one in Total.objects.all()
    }


@given(steps)
@settings(max_examples=25, **PLAYED)
def test_totals_are_the_sum_of_the_reports(world, sequence):
    with transaction.atomic():
        for step in sequence:
            play(world, step)
        assert verify_totals() == []
        before = kept()
        recompute_totals(actor=None)
        assert kept() == before
        transaction.set_rollback(True)


BACK_DATED = [
    ("submit", ("H11", 0), {"new_cases": 0}, 0),
    ("zero", ("H11", 0)),
    ("submit", ("H11", 0), {"new_cases": 5}, 0),
]


@example(BACK_DATED, 0)  # a correction that says it was made before the one that it corrects
@given(steps, hours)
@settings(max_examples=15, **PLAYED)
def test_an_as_of_view_is_the_sum_of_what_had_been_said(world, sequence, hour):
    as_of = said_at(("", 1), hour)
    with transaction.atomic():
        for step in sequence:
            play(world, step)
        places = [world["places"][key] for key in ("city", "county-1", "township-22")]
        form = form_at(places[0], "hospital-daily", FIRST)
        period = Period(FIRST, FIRST + timedelta(days=2))
        for one in series(places, form, period, as_of=as_of):
            for day, point in zip(one.days, one.points, strict=True):
                assert (point.values["new_cases"], point.coverage.reported) == plain(one.place, day, as_of)
        transaction.set_rollback(True)


def plain(place, day, as_of):
    """Add up by hand what each unit had last said about a day by an instant."""
    stood = {}
    reports = Report.objects.filter(
        form="hospital-daily",
        day=day,
        reported_at__lte=as_of,
        unit__place__tree_left__range=(place.tree_left, place.tree_right),
    )
    for report in reports.order_by("revision"):
        stood[report.unit_id] = report.values["new_cases"]
    return (sum(stood.values()) if stood else None), len(stood)
