"""What pages read: states with reasons, figures with coverage, and nothing absent shown as zero."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from fangxian.base.errors import NotFound, NotPermitted
from fangxian.reporting.selectors import (
    BoardQuery,
    FigureName,
    Period,
    board,
    collected_day,
    figure,
    form_at,
    open_contradictions,
    reminder_list,
    series,
    timeliness,
    unit_history,
)
from fangxian.reporting.selectors.overview import overview
from fangxian.reporting.services import ReportSubmission, submit_report
from worlds import make_places, make_plan, make_unit, make_units, make_user

CHINA = ZoneInfo("Asia/Shanghai")
DAY = date(2024, 3, 1)
AFTER = datetime(2024, 3, 2, 18, tzinfo=CHINA)
BEFORE = datetime(2024, 3, 2, 8, tzinfo=CHINA)


@pytest.fixture
def world(db):
    """H11 reports 3 in time, H12 reports 4 late and corrects to 5; the county of H21 and H22 is silent."""
    places = make_places()
    make_plan(places["nation"])
    units = make_units(places)
    officer = make_user("city_duty_officer", places["city"], "officer")

    def say(unit, values, reported_at, **rest):
        submission = ReportSubmission(
            units[unit], "hospital-daily", DAY, values, reported_at=reported_at, **rest
        )
        submit_report(actor=officer, submission=submission)

    say("H11", {"new_cases": 3, "cover_days": 2}, datetime(2024, 3, 2, 9, tzinfo=CHINA))
    say("H12", {"new_cases": 4, "cover_days": 5}, datetime(2024, 3, 2, 17, 30, tzinfo=CHINA))
    say(
        "H12",
        {"new_cases": 5, "cover_days": 5},
        datetime(2024, 3, 3, 9, tzinfo=CHINA),
        expected_revision=1,
        reason="one more",
    )
    return {"places": places, "units": units, "officer": officer}


def test_the_board_knows_each_state_and_its_reason(world):
    seen = board(world["officer"], world["places"]["city"], DAY, now=AFTER)
    states = {row.unit.code: row.standing for row in seen.rows}
    assert {code: one.state for code, one in states.items() if code.startswith("H")} == {
        "H11": "in_time",
        "H12": "late",
        "H21": "missing",
        "H22": "missing",
    }
    assert states["H12"].corrected and not states["H11"].corrected
    assert states["H21"].reason["en"] == "The deadline has passed and nothing came."
    assert states["H21"].since == datetime(2024, 3, 2, 17, tzinfo=CHINA)
    assert [row.unit.code for row in seen.rows][:2] == ["V111", "V121"]  # missing first, in tree order


def test_counts_add_up_over_children_and_forms(world):
    seen = board(world["officer"], world["places"]["city"], DAY, now=AFTER)
    assert seen.counts.due == 8
    assert sum(child.counts.due for child in seen.children) == 8
    assert sum(one.counts.reported for one in seen.forms) == seen.counts.reported == 2
    county_2 = next(child for child in seen.children if child.place.code == "T112")
    assert county_2.counts.states == {"missing": 4}


def test_before_the_deadline_nobody_is_missing(world):
    seen = board(world["officer"], world["places"]["city"], DAY, now=BEFORE)
    assert "missing" not in seen.counts.states
    assert seen.counts.states["due"] == 6


def test_a_closed_unit_owes_nothing(world):
    make_unit("H99", world["places"]["township-11"], closed=DAY)
    make_unit("H98", world["places"]["township-11"], opened=date(2024, 3, 2))
    seen = board(world["officer"], world["places"]["city"], DAY, now=AFTER)
    assert seen.counts.due == 8
    assert seen.counts.states["not_due"] == 2
    name = FigureName("hospital-daily", "new_cases", DAY)
    assert figure(world["officer"], world["places"]["city"], name, now=AFTER).whole.coverage.due == 4


def test_the_board_is_filtered_and_paged(world):
    query = BoardQuery(forms=("hospital-daily",), states=("missing",), offset=1, limit=1)
    seen = board(world["officer"], world["places"]["city"], DAY, query, now=AFTER)
    assert ([row.unit.code for row in seen.rows], seen.rows_found) == (["H22"], 2)


def test_a_viewer_outside_is_refused(world):
    stranger = make_user("county_officer", world["places"]["county-2"])
    with pytest.raises(NotPermitted):
        board(stranger, world["places"]["city"], DAY)


def test_the_reminder_list_names_the_last_day_heard(world):
    unit = world["units"]["H21"]
    submission = ReportSubmission(unit, "hospital-daily", date(2024, 2, 20), {"new_cases": 0})
    submit_report(actor=world["officer"], submission=submission)
    missing = {
        row.unit.code: row for row in reminder_list(world["officer"], world["places"]["city"], DAY, now=AFTER)
    }
    assert missing["H21"].last_day == date(2024, 2, 20)
    assert missing["H22"].last_day is None
    assert "H11" not in missing and len(missing) == 6


def test_timeliness_counts_only_days_whose_deadline_has_passed(world):
    period = Period(DAY, date(2024, 3, 2))
    seen = timeliness(world["officer"], world["places"]["city"], period, forms=("hospital-daily",), now=AFTER)
    assert (seen.whole.due, seen.whole.on_time, seen.whole.late, seen.whole.missing) == (4, 1, 1, 2)
    assert seen.whole.timeliness == 0.25
    assert seen.whole.completeness == 0.5
    assert seen.whole.meets_target is False
    assert [(each.place.code, each.punctuality.missing) for each in seen.children] == [
        ("T111", 0),
        ("T112", 2),
    ]
    worst, *_, best = seen.below_target
    assert (worst.unit.code, worst.punctuality.timeliness) == ("H12", 0.0)
    assert (best.unit.code, len(seen.below_target)) == ("H22", 3)  # H11 meets the target


def test_unit_history_keeps_every_revision_and_every_silent_day(world):
    seen = unit_history(
        world["officer"], world["units"]["H12"], "hospital-daily", Period(date(2024, 2, 29), DAY), now=AFTER
    )
    newest, before = seen.days
    assert [one.values["new_cases"] for one in newest.revisions] == [4, 5]
    assert [one.entered_by.username for one in newest.revisions] == ["officer", "officer"]
    assert newest.standing.state == "late"
    assert (before.current, before.standing.state) == (None, "missing")


def test_a_figure_opens_down_to_the_report_and_says_its_coverage(world):
    name = FigureName("hospital-daily", "new_cases", DAY)
    places, officer = world["places"], world["officer"]
    city = figure(officer, places["city"], name, now=AFTER)
    assert (city.whole.value, city.whole.coverage.reported, city.whole.coverage.due) == (8, 2, 4)
    assert city.whole.coverage.population_share == 0.5
    assert [(node.place.code, node.value) for node in city.children] == [("T111", 8), ("T112", None)]
    assert [place.code for place in city.path] == ["T", "T1", "T11"]
    township = figure(officer, places["township-12"], name, now=AFTER)
    (unit,) = township.units
    assert (unit.value, [one.revision for one in unit.revisions]) == (5, [1, 2])
    assert unit.current.entered_by == officer


def test_a_leader_sees_totals_and_no_single_report(world):
    leader = make_user("leader", world["places"]["city"])
    name = FigureName("hospital-daily", "new_cases", DAY)
    seen = figure(leader, world["places"]["township-12"], name)
    assert (seen.whole.value, list(seen.units), seen.reports_hidden) == (5, [], True)


def test_a_village_is_read_from_its_reports(world):
    submission = ReportSubmission(
        world["units"]["V111"], "village-daily", DAY, {"referred": 2, "home_care": None}
    )
    submit_report(actor=world["officer"], submission=submission)
    name = FigureName("village-daily", "referred", DAY)
    township = figure(world["officer"], world["places"]["township-11"], name, now=AFTER)
    assert [(node.place.code, node.value, node.given) for node in township.children] == [("T11111", 2, 1)]
    unknown = figure(
        world["officer"],
        world["places"]["village-111"],
        FigureName("village-daily", "home_care", DAY),
        now=AFTER,
    )
    assert (unknown.whole.value, unknown.units[0].value, unknown.units[0].known) == (None, None, False)


def test_an_unknown_field_names_those_there_are(world):
    with pytest.raises(NotFound, match="Its fields are: new_cases"):
        figure(world["officer"], world["places"]["city"], FigureName("hospital-daily", "beds", DAY))


def test_series_are_absent_where_nobody_spoke_and_a_mean_is_over_those_who_did(world):
    places = world["places"]
    form = form_at(places["city"], "hospital-daily", DAY)
    city, county_2 = series([places["city"], places["county-2"]], form, Period(date(2024, 2, 29), DAY))
    assert city.column("new_cases") == [None, 8]
    assert city.column("cover_days") == [None, 3.5]
    assert city.column("deaths") == [None, None]
    assert county_2.column("new_cases") == [None, None]
    assert county_2.points[1].coverage.due == 2


@pytest.mark.parametrize(
    ("hour", "expected"),
    [
        (datetime(2024, 3, 2, 0, tzinfo=CHINA), None),
        (datetime(2024, 3, 2, 12, tzinfo=CHINA), 3),
        (datetime(2024, 3, 2, 23, tzinfo=CHINA), 7),
        (datetime(2024, 3, 3, 23, tzinfo=CHINA), 8),
    ],
)
def test_as_of_shows_only_what_had_been_said(world, hour, expected):
    places = world["places"]
    form = form_at(places["city"], "hospital-daily", DAY)
    (city,) = series([places["city"]], form, Period(DAY, DAY), as_of=hour)
    assert city.column("new_cases") == [expected]


def test_the_first_page_is_about_the_day_being_collected_and_names_the_silent(world):
    seen = overview(world["officer"], world["places"]["city"], now=AFTER)
    assert seen.day == collected_day(world["places"]["city"], AFTER) == DAY
    assert (seen.counts.states["missing"], seen.silent_found, seen.still_missing) == (6, 6, 0)
    assert [(part.place.code, part.found) for part in seen.silent] == [("T111", 2), ("T112", 4)]
    assert [row.unit.code for row in seen.silent[0].rows] == ["V111", "V121"]
    assert list(seen.silent[1].rows) == []  # asked for when it is opened
    assert [(one.form.id, one.due, one.reported, one.missing) for one in seen.progress] == [
        ("hospital-daily", 4, 2, 2),
        ("village-daily", 4, 0, 4),
    ]


def test_the_first_page_names_who_stands_in_the_place_itself(world):
    seen = overview(world["officer"], world["places"]["township-21"], now=AFTER)
    assert [(part.place.code, [row.unit.code for row in part.rows]) for part in seen.silent] == [
        ("T1121", ["H21"]),
        ("T11211", []),
    ]


def test_contradictions_stand_side_by_side_with_the_rule_in_words(world):
    for unit, referred in (("V111", 20), ("V121", 0)):
        submission = ReportSubmission(
            world["units"][unit], "village-daily", DAY, {"referred": referred, "home_care": 0}
        )
        submit_report(actor=world["officer"], submission=submission)
    (found,) = open_contradictions(world["officer"], world["places"]["city"], DAY)
    assert found.message.en == "More referrals than new cases at hospitals."
    assert {(one.form.en, one.field.en, one.value) for one in found.figures} == {
        ("Village clinic daily report", "Referred", 20),
        ("Hospital daily report", "New cases", 8),
    }
    seen = board(world["officer"], world["places"]["city"], DAY, now=AFTER)
    assert (seen.contradictions, seen.children[0].counts.contradicted) == (1, 1)
