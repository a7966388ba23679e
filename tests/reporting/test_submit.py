"""One report at a time: what is taken, what is refused and with which words, and what two people see."""

from __future__ import annotations

from datetime import date

import pytest

from fangxian.base.errors import Conflict, NotPermitted, RefusedReport
from fangxian.ground.audit.models import AuditEvent
from fangxian.reporting.models import Contradiction, Report, Total
from fangxian.reporting.selectors.totals import verify_totals
from fangxian.reporting.services import ReportSubmission, declare_zero, submit_report
from worlds import PLAN, make_plan

DAY = date(2024, 3, 1)


def say(world, values, unit="H11", form="hospital-daily", who="officer", **rest):
    submission = ReportSubmission(unit=world[unit], form=form, day=DAY, values=values, **rest)
    return submit_report(actor=world[who], submission=submission)


def refused(world, values, **rest):
    with pytest.raises(RefusedReport) as caught:
        say(world, values, **rest)
    return {finding.code: finding for finding in caught.value.findings}


def total(world, place, form="hospital-daily"):
    return Total.objects.filter(place=world["places"][place], form=form, day=DAY).first()


def test_a_report_climbs_to_every_level_and_leaves_an_audit_row(world):
    report = say(world, {"new_cases": 3, "deaths": None, "longest_wait_hours": 2.5})
    assert report.revision == 1
    for place in ("township-11", "county-1", "city", "province", "nation"):
        assert total(world, place).sums == {"longest_wait_hours": 2.5, "new_cases": 3}
        assert total(world, place).maxima == {"longest_wait_hours": 2.5}
    assert total(world, "county-2") is None
    event = AuditEvent.objects.get(code="reports.submitted")
    assert (event.actor_name, event.detail["unit"], event.detail["values"]["new_cases"]) == (
        "officer",
        "H11",
        3,
    )


def test_declared_not_known_not_reported_and_zero_stay_three_things(world):
    say(world, {"new_cases": 0, "deaths": None})
    assert Report.objects.get().values == {"deaths": None, "new_cases": 0}
    assert total(world, "city").counts == {"new_cases": 1}
    assert total(world, "city").sums == {"new_cases": 0}


@pytest.mark.parametrize(
    ("values", "code", "words"),
    [
        ({"new_cases": -2}, "value-negative", "new_cases cannot be negative (got -2)"),
        ({"new_cases": 10**12}, "value-too-large", "cannot be above 10000000000 (got 1000000000000)"),
        ({"new_cases": 1.5}, "value-not-whole", "must be a whole number (got 1.5)"),
        ({"new_cases": float("nan")}, "value-not-finite", "must be a finite number (got nan)"),
        ({"new_cases": float("inf")}, "value-not-finite", "must be a finite number (got inf)"),
        ({"new_cases": True}, "value-not-number", "must be a number (got True)"),
        ({"new_cases": "3"}, "value-not-number", "must be a number (got 3)"),
        ({"new_cases": 1, "cover_days": 1.00049}, "value-decimals", "at most three decimals (got 1.00049)"),
        ({"new_cases": 1, "beds": 1}, "value-unknown-field", "no field named beds"),
        ({"deaths": 0}, "value-required", "new_cases is required and was not given"),
        ({}, "report-empty", "The report has no value at all"),
        (
            {"new_cases": 1, "deaths": 5, "in_hospital": 2},
            "check-deaths-within-patients",
            "deaths = 5, in_hospital = 2",
        ),
    ],
)
def test_a_bad_value_is_refused_with_its_field_and_nothing_is_written(world, values, code, words):
    finding = refused(world, values)[code]
    assert words in finding.message["en"]
    assert finding.message["zh"] and finding.remedy["en"] and finding.remedy["zh"]
    assert not Report.objects.exists()
    assert not Total.objects.exists()


def test_a_future_day_and_a_form_that_is_not_owed_are_refused(world):
    submission = ReportSubmission(world["H11"], "hospital-daily", date(2999, 1, 1), {"new_cases": 1})
    with pytest.raises(RefusedReport) as caught:
        submit_report(actor=world["officer"], submission=submission)
    assert "2999-01-01 has not begun" in str(caught.value)
    assert "form-not-owed" in refused(world, {"referred": 1, "home_care": 0}, form="village-daily")


def test_a_unit_outside_the_scope_is_refused(world):
    with pytest.raises(NotPermitted, match="outside your scope"):
        say(world, {"new_cases": 1}, unit="H21", who="county")


def test_the_same_report_twice_changes_nothing(world):
    first = say(world, {"new_cases": 3})
    again = say(world, {"new_cases": 3.0})
    assert again.pk == first.pk
    assert AuditEvent.objects.count() == 1


def test_a_correction_keeps_the_original_and_moves_the_totals(world):
    say(world, {"new_cases": 3, "deaths": 1, "longest_wait_hours": 9})
    say(world, {"new_cases": 4, "longest_wait_hours": 1}, unit="H12")
    corrected = say(
        world, {"new_cases": 7, "longest_wait_hours": 2}, expected_revision=1, reason="counted twice"
    )
    assert (corrected.revision, corrected.reason) == (2, "counted twice")
    original = Report.objects.get(unit=world["H11"], revision=1)
    assert (original.values["new_cases"], original.is_current) == (3, False)
    county = total(world, "county-1")
    assert (county.sums["new_cases"], county.counts, county.corrected) == (
        11,
        {"longest_wait_hours": 2, "new_cases": 2},
        1,
    )
    assert county.maxima == {"longest_wait_hours": 2}
    assert verify_totals() == []


def test_a_correction_needs_a_reason(world):
    say(world, {"new_cases": 3})
    assert "correction-needs-reason" in refused(world, {"new_cases": 4}, expected_revision=1)


def test_the_second_of_two_people_is_told_who_changed_what(world):
    say(world, {"new_cases": 3})
    say(world, {"new_cases": 4}, who="county", expected_revision=1, reason="late result")
    with pytest.raises(
        Conflict, match=r"county entered revision 2 .* differs from yours in new_cases"
    ) as caught:
        say(world, {"new_cases": 5}, expected_revision=1, reason="mine")
    assert caught.value.fields["values"] == {"new_cases": 4}
    with pytest.raises(Conflict):
        say(world, {"new_cases": 6})
    assert Report.objects.count() == 2


def test_a_warning_must_be_confirmed_and_the_audit_says_that_it_was(world):
    assert "check-sudden-rise" not in refused(world, {"deaths": 1})
    before = ReportSubmission(world["H11"], "hospital-daily", date(2024, 2, 29), {"new_cases": 0})
    submit_report(actor=world["officer"], submission=before)
    finding = refused(world, {"new_cases": 51})["check-sudden-rise"]
    assert (finding.severity, finding.column) == ("warning", "new_cases")
    say(world, {"new_cases": 51}, confirmed_warnings=True)
    detail = AuditEvent.objects.latest("sequence").detail
    assert detail["confirmed_warnings"] == ["check-sudden-rise"]


def test_zero_in_one_tap_sets_only_what_may_be_zero(world):
    report = declare_zero(actor=world["officer"], unit=world["H11"], form="hospital-daily", day=DAY)
    assert report.zero_declared
    assert report.values == {"deaths": 0, "in_hospital": 0, "longest_wait_hours": 0, "new_cases": 0}
    assert total(world, "nation").zero_declared == 1


def test_a_required_stock_cannot_be_declared_away(world):
    with pytest.raises(RefusedReport) as caught:
        declare_zero(actor=world["officer"], unit=world["V111"], form="village-daily", day=DAY)
    assert "home_care is a required stock" in str(caught.value)


def test_figures_of_a_county_contradict_only_when_everybody_has_reported(world):
    say(world, {"referred": 9, "home_care": 0}, unit="V111", form="village-daily")
    say(world, {"referred": 0, "home_care": 0}, unit="V121", form="village-daily")
    say(world, {"new_cases": 1})
    assert not Contradiction.objects.exists()
    say(world, {"new_cases": 2}, unit="H12")
    found = Contradiction.objects.get()
    assert (found.place, found.unit, found.check_id) == (
        world["places"]["county-1"],
        None,
        "referrals-arrive",
    )
    assert found.figures == {"village_daily.referred": 9, "hospital_daily.new_cases": 3}
    say(world, {"new_cases": 8}, unit="H12", expected_revision=1, reason="found more")
    found.refresh_from_db()
    assert found.resolved_at is not None


def test_a_zero_that_was_doubted_and_confirmed_is_still_a_zero_report(world):
    """R10: a warning asks for confirmation; it does not turn a declaration into an ordinary row of zeros."""
    doubtful = "new_cases >= previous(new_cases) - 5"
    text = PLAN.replace("new_cases <= 10 * previous(new_cases) + 50", doubtful)
    make_plan(world["places"]["city"], text, valid_from=date(2024, 1, 1))
    before = ReportSubmission(
        unit=world["H11"], form="hospital-daily", day=date(2024, 2, 29), values={"new_cases": 9}
    )
    submit_report(actor=world["officer"], submission=before)
    zero = {"actor": world["officer"], "unit": world["H11"], "form": "hospital-daily", "day": DAY}
    with pytest.raises(RefusedReport) as caught:
        declare_zero(**zero)
    assert [one.severity for one in caught.value.findings] == ["warning"]
    report = declare_zero(**zero, confirmed_warnings=True)
    assert (report.zero_declared, report.values["new_cases"]) == (True, 0)
    assert AuditEvent.objects.latest("sequence").code == "reports.zero_declared"
    assert total(world, "city").zero_declared == 1
