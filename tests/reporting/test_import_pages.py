"""Files come in through the pages and the API by the same verbs, and only for whom they concern."""

from __future__ import annotations

import io
import json

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from fangxian.ground.audit.models import AuditEvent
from fangxian.reporting.models import ImportBatch, Report
from reporting.import_files import DAY, bad_workbook, csv_file
from worlds import make_places, make_plan, make_units, make_user

GOOD = csv_file("H11,2024-03-01,3,0", "H12,2024-03-01,0,0")


@pytest.fixture
def world(db):
    places = make_places()
    make_plan(places["nation"])
    units = make_units(places)
    return {**units, "places": places, "officer": make_user("city_duty_officer", places["city"], "officer")}


@pytest.fixture
def page(world, client):
    client.force_login(world["officer"])
    return client


def upload(content: bytes, name: str = "日报.csv", **said) -> dict[str, object]:
    return {"file": SimpleUploadedFile(name, content), **said}


def test_from_upload_to_commit_on_the_pages(page, world):
    """Errors are shown with row, column and remedy; the rest is committed; the file comes back."""
    answer = page.post("/imports/", upload(bad_workbook(), "坏.xlsx"))
    batch = ImportBatch.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/imports/{batch.pk}/")
    shown = page.get(f"/imports/{batch.pk}/").content.decode()
    assert "不能为负数" in shown
    assert "D 新增病例" in shown
    page.cookies["django_language"] = "en"
    english = page.get(f"/imports/{batch.pk}/").content.decode()
    assert "cannot be negative" in english
    assert not Report.objects.exists()
    unconfirmed = page.post(f"/imports/{batch.pk}/", {"action": "commit"})
    if batch.options["warnings"]:
        assert unconfirmed.status_code == 422
    page.post(f"/imports/{batch.pk}/", {"action": "commit", "confirmed": "yes"})
    assert Report.objects.count() == 2
    back = page.get(f"/imports/{batch.pk}/errors")
    assert "attachment" in back["Content-Disposition"]
    book = openpyxl.load_workbook(io.BytesIO(back.content))
    assert book["日报"]["G1"].value == "错误 Errors"


def test_a_file_that_cannot_be_read_says_why_on_the_page(page):
    """The upload page answers 422 with the reason and keeps nothing."""
    answer = page.post("/imports/", upload(b"%PDF-1.7", "日报.xlsx"))
    assert answer.status_code == 422
    assert "PDF" in answer.content.decode()
    assert page.post("/imports/", {}).status_code == 422
    assert not ImportBatch.objects.exists()


def test_abandoning_on_the_page(page):
    """An abandoned file writes nothing and can no longer be committed."""
    page.post("/imports/", upload(GOOD))
    batch = ImportBatch.objects.get()
    assert page.post(f"/imports/{batch.pk}/", {"action": "abandon"}).status_code == 302
    assert page.post(f"/imports/{batch.pk}/", {"action": "commit"}).status_code == 409
    assert not Report.objects.exists()
    assert AuditEvent.objects.filter(code="reports.import_abandoned").count() == 1


def test_the_template_page_hands_out_a_workbook(page):
    """The template of one form lists the units in scope."""
    answer = page.get("/imports/template.xlsx?form=hospital-daily&day=2024-03-01")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames == ["医院日报", "填表说明 Read me"]
    assert page.get("/imports/template.xlsx?day=tomorrow").status_code == 422


def test_the_reminder_list_names_the_missing_units(page, world):
    """The list holds each missing unit with place, form and deadline, and taking it is recorded."""
    code = world["places"]["city"].code
    answer = page.get(f"/board/{code}/reminders.csv?day=2024-03-01")
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert len(lines) == 1 + len([one for one in world if one[0] in "HV"])
    assert "H11" in answer.content.decode()
    assert "2024-03-02 17:00" in answer.content.decode()
    book = openpyxl.load_workbook(
        io.BytesIO(page.get(f"/board/{code}/reminders.xlsx?day=2024-03-01").content)
    )
    assert book.active.max_row == len(lines)
    assert AuditEvent.objects.filter(code="reports.reminders_exported").count() == 2


def test_the_api_previews_commits_and_lists_findings(page):
    """The API says the same as the pages."""
    answer = page.post("/api/v1/imports", upload(GOOD + b"H9,2024-03-01,1,0\n"))
    assert answer.status_code == 201, answer.content
    said = answer.json()
    assert (said["rows_read"], said["rows_accepted"], said["rows_refused"], said["status"]) == (
        3,
        2,
        1,
        "previewed",
    )
    findings = page.get(f"/api/v1/imports/{said['id']}/findings").json()
    assert [(one["row"], one["code"], one["value"]) for one in findings] == [(4, "unit-unknown", "H9")]
    done = page.post(
        f"/api/v1/imports/{said['id']}/commit",
        json.dumps({"confirm_warnings": True}),
        content_type="application/json",
    )
    assert done.json()["status"] == "committed"
    again = page.post(f"/api/v1/imports/{said['id']}/commit", "{}", content_type="application/json")
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    assert page.get("/api/v1/imports/999999").status_code == 404
    bad = page.post("/api/v1/imports", upload(b"%PDF", "x.pdf"))
    assert (bad.status_code, bad.json()["findings"][0]["code"]) == (422, "file-not-a-table")


def value_set(*values: tuple[str, str, str, str], **above) -> dict[str, object]:
    names = ("orgUnit", "period", "dataElement", "value")
    return {**above, "dataValues": [dict(zip(names, value, strict=True)) for value in values]}


def send(page, body, query: str = ""):
    return page.post(f"/api/v1/dhis2/dataValueSets{query}", json.dumps(body), content_type="application/json")


def test_a_dhis2_value_set_comes_in_and_goes_out(page):
    """Values become reports, come out as they went in, and a second time change nothing."""
    body = value_set(
        ("H11", "20240301", "new_cases", "3"),
        ("H11", "20240301", "deaths", "0"),
        ("H12", "20240301", "new_cases", "0"),
        dataSet="hospital-daily",
    )
    answer = send(page, body)
    assert answer.status_code == 200, answer.content
    summary = answer.json()["response"]
    assert summary["status"] == "SUCCESS"
    assert summary["importCount"] == {"imported": 3, "updated": 0, "ignored": 0, "deleted": 0}
    out = page.get("/api/v1/dhis2/dataValueSets?dataSet=hospital-daily&orgUnit=T11&period=20240301").json()
    sent = {(one["orgUnit"], one["period"], one["dataElement"], one["value"]) for one in body["dataValues"]}
    given = {(one["orgUnit"], one["period"], one["dataElement"], one["value"]) for one in out["dataValues"]}
    assert given == sent
    again = send(page, out).json()["response"]["importCount"]
    assert again == {"imported": 0, "updated": 0, "ignored": 3, "deleted": 0}
    assert Report.objects.count() == 2


def test_a_dhis2_value_changes_its_own_figure_only(page):
    """A later value is a correction; the other figures of the report stay."""
    first = value_set(
        ("H11", "20240301", "new_cases", "3"), ("H11", "20240301", "deaths", "0"), dataSet="hospital-daily"
    )
    send(page, first)
    second = value_set(
        ("H11", "20240301", "new_cases", "5"),
        ("H11", "20240301", "in_hospital", "2"),
        dataSet="hospital-daily",
    )
    counts = send(page, second).json()["response"]["importCount"]
    assert counts == {"imported": 1, "updated": 1, "ignored": 0, "deleted": 0}
    current = Report.objects.get(is_current=True)
    assert (current.revision, current.values) == (2, {"deaths": 0, "in_hospital": 2, "new_cases": 5})


def test_dhis2_conflicts_name_the_value_and_the_reason(page):
    """What was not taken is a conflict with its index; a dry run writes nothing; uids are translated."""
    body = value_set(
        ("H11", "20240301", "aBcDeF12345", "3"),
        ("H99", "20240301", "new_cases", "3"),
        ("H12", "202403", "new_cases", "3"),
        ("H12", "20240301", "new_cases", "-3"),
        ("H21", "20240301", "nonsense", "3"),
        ("H22", "20240301", "new_cases", ""),
        dataSet="DsUid000001",
    )
    query = "?mapping=aBcDeF12345:new_cases&mapping=DsUid000001:hospital-daily"
    dry = send(page, body, query + "&dryRun=true")
    assert dry.json()["response"]["importCount"]["imported"] == 1
    assert not Report.objects.exists()
    answer = send(page, body, query)
    assert answer.status_code == 409
    summary = answer.json()["response"]
    assert summary["status"] == "WARNING"
    assert summary["importCount"] == {"imported": 1, "updated": 0, "ignored": 5, "deleted": 0}
    found = {(one["indexes"][0], one["errorCode"]) for one in summary["conflicts"]}
    assert found == {
        (1, "unit-unknown"),
        (2, "day-unreadable"),
        (3, "value-negative"),
        (4, "value-unknown-field"),
        (5, "value-deleted"),
    }
    assert Report.objects.get().unit.code == "H11"
    assert send(page, {"dataValues": "x"}).status_code == 422
    assert send(page, body, "?mapping=nonsense").status_code == 422


def test_a_dhis2_export_shows_only_units_in_scope(world, client):
    """A reporter of one hospital gets that hospital's values, whatever place she asks for."""
    client.force_login(world["officer"])
    send(
        client,
        value_set(*[(one, "20240301", "new_cases", "1") for one in ("H11", "H12")], dataSet="hospital-daily"),
    )
    client.force_login(make_user("reporter", world["H12"], "nurse"))
    out = client.get(
        "/api/v1/dhis2/dataValueSets?dataSet=hospital-daily&orgUnit=T11&startDate=2024-03-01&endDate=2024-03-02"
    )
    assert {one["orgUnit"] for one in out.json()["dataValues"]} == {"H12"}
    assert DAY.strftime("%Y%m%d") == out.json()["dataValues"][0]["period"]
