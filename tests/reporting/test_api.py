"""Reports and figures through the API: what programs send, and what they are told when it cannot be taken."""

from __future__ import annotations

import json
from datetime import date

import pytest

from fangxian.reporting.models import Report
from fangxian.reporting.services import ReportSubmission, submit_report
from worlds import make_places, make_plan, make_units, make_user

DAY = date(2024, 3, 1)
ADDRESS = "/api/v1/reports/H11/hospital-daily/2024-03-01"


@pytest.fixture
def world(db, client):
    places = make_places()
    make_plan(places["nation"])
    units = make_units(places)
    officer = make_user("city_duty_officer", places["city"], "officer")
    client.force_login(officer)
    return {"places": places, "officer": officer, **units}


def post(client, body, address=ADDRESS):
    answer = client.post(address, json.dumps(body), content_type="application/json")
    return answer.status_code, answer.json()


def test_a_report_is_taken_read_back_and_corrected(client, world):
    status, said = post(client, {"values": {"new_cases": 3, "deaths": None}})
    assert (status, said["revision"], said["values"]) == (201, 1, {"deaths": None, "new_cases": 3})
    assert post(client, {"values": {"new_cases": 3, "deaths": None}})[0] == 200
    status, said = post(client, {"values": {"new_cases": 4}, "expected_revision": 1, "reason": "one more"})
    assert (status, [one["revision"] for one in said["revisions"]]) == (201, [1, 2])
    read = client.get(ADDRESS).json()
    assert [(one["entered_by"], one["reason"]) for one in read["revisions"]] == [
        ("officer", ""),
        ("officer", "one more"),
    ]
    assert Report.objects.get(revision=2).channel == "api"


def test_a_refusal_names_the_field_in_both_languages(client, world):
    status, said = post(client, {"values": {"new_cases": -1, "deaths": "many", "beds": 2}})
    assert (status, said["code"]) == (422, "refused-report")
    assert {(one["code"], one["column"]) for one in said["findings"]} == {
        ("value-negative", "new_cases"),
        ("value-not-number", "deaths"),
        ("value-unknown-field", "beds"),
    }
    assert all(one["message"]["zh"] and one["remedy"]["en"] for one in said["findings"])


def test_the_second_of_two_is_told_who_was_first(client, world):
    submission = ReportSubmission(world["H11"], "hospital-daily", DAY, {"new_cases": 8})
    submit_report(actor=world["officer"], submission=submission)
    status, said = post(client, {"values": {"new_cases": 3}})
    assert (status, said["fields"]["entered_by"], said["fields"]["changed"]) == (
        409,
        "officer",
        ["new_cases"],
    )


def test_zero_is_declared_in_one_call(client, world):
    status, said = post(client, {}, f"{ADDRESS}/zero")
    assert (status, said["values"]["new_cases"], said["revisions"][0]["zero_declared"]) == (201, 0, True)


def test_a_boolean_is_no_number_and_a_wrong_day_is_told(client, world):
    assert post(client, {"values": {"new_cases": True}})[1]["findings"][0]["code"] == "value-not-number"
    assert client.get("/api/v1/reports/H11/hospital-daily/2024-02-31").status_code == 422


def test_board_figure_and_series_say_null_where_nobody_spoke(client, world):
    post(client, {"values": {"new_cases": 3}})
    board = client.get("/api/v1/board/T11?day=2024-03-01&form=hospital-daily").json()
    assert (board["counts"]["due"], board["counts"]["reported"]) == (4, 1)
    assert {row["unit"]: row["state"] for row in board["rows"]}["H22"] == "missing"
    figure = client.get("/api/v1/figures/T11/hospital-daily/new_cases/2024-03-01").json()
    assert figure["figure"]["value"] == 3
    assert figure["figure"]["coverage"] == {"reported": 1, "due": 4, "share": 0.25, "population_share": 0.25}
    assert [(one["place"]["code"], one["value"]) for one in figure["children"]] == [
        ("T111", 3),
        ("T112", None),
    ]
    series = client.get(
        "/api/v1/series/T11?form=hospital-daily&field=new_cases&first=2024-02-29&last=2024-03-01&below=true"
    ).json()
    assert [[point["values"]["new_cases"] for point in one["points"]] for one in series] == [
        [None, 3],
        [None, 3],
        [None, None],
    ]


def test_a_field_or_period_that_makes_no_sense_is_refused_in_words(client, world):
    said = client.get("/api/v1/series/T11?form=hospital-daily&field=beds&last=2024-03-01")
    assert (said.status_code, "no field named beds" in said.json()["message"]["en"]) == (422, True)
    said = client.get("/api/v1/series/T11?form=hospital-daily&first=2024-03-02&last=2024-03-01")
    assert (said.status_code, "1 to 1100 days (got 0)" in said.json()["message"]["en"]) == (422, True)


def test_a_stranger_is_asked_to_sign_in_and_an_outsider_is_refused(client, world):
    client.logout()
    assert client.get(ADDRESS).status_code == 401
    outsider = make_user("county_officer", world["places"]["county-2"])
    client.force_login(outsider)
    assert post(client, {"values": {"new_cases": 1}})[0] == 403
