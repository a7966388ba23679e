"""The brief as a page, on paper, as a Word file and as JSON; and who may see it."""

from __future__ import annotations

import io
import json

import pytest
from django.test import Client
from docx import Document

from fangxian.assessment.models import BriefRun
from fangxian.ground.audit.models import AuditEvent
from fangxian.studies.brief.contract import Brief
from town import AS_OF, Town
from worlds import make_user


@pytest.fixture
def leader(town: Town, client: Client) -> Client:
    """Sign a leader of the city in."""
    client.force_login(make_user("leader", town.places["city"], "leader"))
    return client


def test_api_answers_the_published_contract(leader: Client, django_assert_max_num_queries) -> None:
    """Every key of the contract is there, absent figures are null, in at most 15 queries."""
    with django_assert_max_num_queries(15):
        answer = leader.get(f"/api/v1/brief/T11?as_of={AS_OF}")
    assert answer.status_code == 200
    said = json.loads(answer.content)
    assert Brief.model_validate(said).place.code == "T11"
    assert set(said["place"]) >= {"code", "name", "level"}
    figures = {part["id"]: part for part in said["indicators"]}
    assert set(figures["new_cases"]) >= {"id", "value", "unit", "coverage", "change_7d", "lineage"}
    assert figures["new_cases"]["value"] == 18
    assert figures["home_care"]["value"] is None
    assert set(said["reproduction_number"]) >= {"median", "lower", "upper", "method"}
    assert set(said["timeliness"]) >= {"on_time", "late", "missing"}
    assert {place["code"] for place in said["below"]} == {"T111", "T112"}


def test_page_links_each_figure_to_its_reports(leader: Client) -> None:
    """A figure opens its drill-down, an unreported one says so, and both languages are complete."""
    page = leader.get(f"/brief/T11/?as_of={AS_OF}").content.decode()
    assert "/figures/T11/hospital-daily/new_cases/2024-03-09/" in page
    assert "未报告" in page
    leader.cookies["django_language"] = "en"
    english = leader.get(f"/brief/T11/?as_of={AS_OF}").content.decode()
    assert "What is not known" in english


def test_page_colours_places_and_fetches_their_outlines(
    leader: Client, django_assert_max_num_queries
) -> None:
    """The map's colours and links are in the page, the outlines are not, in at most 15 queries."""
    leader.get(f"/brief/T11/?as_of={AS_OF}")
    with django_assert_max_num_queries(15):
        page = leader.get(f"/brief/T11/?as_of={AS_OF}").content.decode()
    assert f'data-map="/api/v1/places/T11/boundaries?on={AS_OF}"' in page
    inside = page.split('<script id="brief-map" type="application/json">')[1].split("</script>")[0]
    places = json.loads(inside)
    assert set(places) == {"T111", "T112"}
    assert places["T111"]["href"] == f"/brief/T111/?as_of={AS_OF}"
    assert places["T111"]["value"] > places["T112"]["value"]
    assert places["T111"]["colour"] != places["T112"]["colour"]
    assert leader.get(f"/api/v1/places/T11/boundaries?on={AS_OF}").status_code == 200


def test_printed_brief_is_recorded_and_audited(leader: Client) -> None:
    """What leaves the system leaves a record with the hash of what it said."""
    page = leader.get(f"/brief/T11/print/?as_of={AS_OF}").content.decode()
    assert page.count('<section class="sheet">') == 2
    run = BriefRun.objects.get()
    assert (run.as_of, run.document, run.actor.username) == (AS_OF, "print", "leader")
    event = AuditEvent.objects.get(code="assessment.brief_issued")
    assert event.detail["sha256"] == run.sha256


def test_word_file_opens_and_says_the_headline(leader: Client) -> None:
    """The download is a document that holds the first sentence of the brief."""
    answer = leader.get(f"/brief/T11/brief.docx?as_of={AS_OF}")
    text = "\n".join(line.text for line in Document(io.BytesIO(answer.content)).paragraphs)
    assert "3月9日新增 18 人" in text


@pytest.mark.parametrize("address", ["/brief/T11/", "/brief/T11/print/", "/brief/T11/brief.docx"])
def test_officer_of_another_place_is_refused(town: Town, client: Client, address: str) -> None:
    """A county officer does not see the brief of the city."""
    client.force_login(make_user("county_officer", town.places["county-2"], "elsewhere"))
    assert client.get(f"{address}?as_of={AS_OF}").status_code == 403


def test_nonsense_date_is_named_with_its_remedy(leader: Client) -> None:
    """A date that is none is refused with what to write instead."""
    answer = leader.get("/api/v1/brief/T11?as_of=yesterday")
    assert answer.status_code == 422
