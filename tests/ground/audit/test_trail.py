"""Who may read which part of the trail, on the page, by the API and at the machine."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import transaction
from django.urls import reverse
from typer.testing import CliRunner

from fangxian.console.cli import app
from fangxian.ground.audit.selectors import described, events_at
from fangxian.ground.audit.services import record_event
from fangxian.ground.emergency_plans.services import put_in_force
from fangxian.plans.loader import packaged_plan_text
from worlds import make_places, make_user


@pytest.fixture
def places(db):
    """One event in each of two counties, one in the city, one without a place."""
    places = make_places()
    officer = make_user("county_officer", places["city"], "officer")
    with transaction.atomic():
        for key in ("city", "county-1", "village-111", "county-2"):
            record_event(
                actor=officer,
                code="reports.submitted",
                place_code=places[key].code,
                subject=("report", key),
                detail={"form": "hospital-daily"},
            )
        record_event(actor=None, code="places.imported", detail={"rows": 3})
    return places


def seen(client, query: str = "") -> list[str]:
    """Return what the API shows of the reports and places, oldest first."""
    answer = client.get(f"/api/v1/audit{query}")
    assert answer.status_code == 200
    return [
        event["object_id"] or event["code"] for event in reversed(answer.json()) if event["code"][0] in "rp"
    ]


def test_a_reader_sees_only_her_subtree(client, places):
    """County 1 does not read what happened in the city or next door, nor what belongs nowhere."""
    client.force_login(make_user("supervisor", places["county-1"]))
    assert seen(client) == ["county-1", "village-111"]


def test_the_top_also_sees_what_belongs_nowhere(client, places):
    """Imports of whole countries have no place; those who keep every place read them."""
    client.force_login(make_user("administrator", places["nation"]))
    assert seen(client) == ["city", "county-1", "village-111", "county-2", "places.imported"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?place=T111", ["county-1", "village-111"]),
        ("?place=none", []),
        ("?code=places.imported", ["places.imported"]),
        ("?person=offi&limit=2", ["village-111", "county-2"]),
        ("?day=2001-01-01", []),
    ],
)
def test_filters_narrow(client, places, query, expected):
    """By place with all below it, by event, by person, by day."""
    client.force_login(make_user("administrator", places["nation"]))
    assert seen(client, query) == expected


def test_pages_follow_each_other_without_gap(client, places):
    """Asking for what came before the last one read gives the rest, once."""
    client.force_login(make_user("administrator", places["nation"]))
    everything = [event["sequence"] for event in client.get("/api/v1/audit").json()]
    first = [event["sequence"] for event in client.get("/api/v1/audit?limit=3").json()]
    rest = [event["sequence"] for event in client.get(f"/api/v1/audit?before={first[-1]}").json()]
    assert first + rest == everything


def test_the_page_speaks_the_language_of_its_reader(client, places, django_assert_max_num_queries):
    """The same event reads in Chinese and in English; the number of questions stays small."""
    client.force_login(make_user("supervisor", places["county-1"]))
    with django_assert_max_num_queries(15):
        page = client.get(reverse("audit:trail")).content.decode()
    assert "officer 报送了报表：报告 county-1" in page
    assert "报告 county-2" not in page
    client.cookies["django_language"] = "en"
    assert (
        "officer submitted a report: report county-1" in client.get(reverse("audit:trail")).content.decode()
    )


def test_details_are_words_and_what_is_absent_is_left_out(places):
    """Fields by their labels, units by name, truths as yes and no; never the marks of a program."""
    put_in_force(
        actor=None,
        place=places["nation"],
        text=packaged_plan_text("covid19-class-b-2023"),
        valid_from=date(2024, 1, 1),
    )
    with transaction.atomic():
        record_event(
            actor=None,
            code="reports.corrected",
            subject=("report", "7"),
            detail={
                "unit": "T111",
                "form": "village-daily",
                "values": {"antigen_positive": 4, "referred": None},
                "late": False,
                "reason": "",
                "confirmed_warnings": [],
                "channel": "web",
            },
        )
    event = events_at(None, None, 1)
    told = {language: described(event, language)[0] for language in ("zh", "en")}
    assert told["zh"].said == "系统 更正了报表：某county-1（T111）"
    assert dict(told["zh"].detail) == {
        "方式": "网页填报",
        "报表": "村卫生室日报",
        "迟报": "否",
        "填报数值": "抗原检测阳性 4、转诊上级 不详",
    }
    assert dict(told["en"].detail)["late"] == "no"
    assert "antigen_positive" not in str(told["en"].detail)


def test_a_day_that_is_none_is_said(client, places):
    """A field that cannot be read is an error beside it, not a page with everything."""
    client.force_login(make_user("supervisor", places["county-1"]))
    answer = client.get(reverse("audit:trail"), {"day": "32.13.2022"})
    assert answer.status_code == 422
    assert "report county-1" not in answer.content.decode()


def test_text_of_an_event_cannot_become_a_script(client, places):
    """Names and details come from outside."""
    with transaction.atomic():
        record_event(
            actor=None,
            code="accounts.sign_in_failed",
            place_code="T111",
            detail={"username": "<script>alert(1)</script>"},
        )
    client.force_login(make_user("supervisor", places["county-1"]))
    page = client.get(reverse("audit:trail")).content.decode()
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert(1)" not in page
    assert "有人 登录失败" in page


def test_the_operator_reads_by_place_and_since(places):
    """``audit show`` prints a line for each event of a subtree."""
    shown = CliRunner().invoke(app, ["audit", "show", "--place", "T111", "--lang", "en"])
    assert shown.exit_code == 0, shown.output
    assert [line.split("\t")[-1] for line in shown.output.splitlines()] == [
        "officer submitted a report: report county-1",
        "officer submitted a report: report village-111",
    ]
    assert CliRunner().invoke(app, ["audit", "show", "--since", "2999-01-01"]).output == ""
