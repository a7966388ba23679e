"""Pages and API of places: everybody sees her own scope, administrators change it, nobody leaves it."""

from __future__ import annotations

import io
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from fangxian.ground.accounts.models import Grant, User
from fangxian.ground.places.models import Capacity, Facility, Place
from fangxian.ground.places.selectors import place_by_code
from fangxian.ground.places.services import merge_place, rename_place

pytestmark = pytest.mark.django_db
HEADER = "机构代码,机构名称,类型,地区代码,普通床位\n"


def signed_in(role: str, **scope: object) -> Client:
    user = User.objects.create_user(f"{role}{User.objects.count()}", password="a long pass-phrase")
    Grant.objects.create(user=user, role=role, **scope)
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def administrator(two_hospitals: Place) -> Client:
    return signed_in("administrator", place=two_hospitals)


def upload(text: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("f.csv", text.encode())


def test_a_place_page_shows_its_chain_children_and_beds(administrator: Client) -> None:
    page = administrator.get("/places/1304/").content.decode()
    for shown in ("邯郸市", "河北省", "邯山区", "第一医院", "1,100"):
        assert shown in page
    administrator.cookies["django_language"] = "en"
    assert "No sourced population" in administrator.get("/places/1304/").content.decode()


def test_a_merged_place_says_where_its_figures_go_on(administrator: Client) -> None:
    merge_place(actor=None, place=place_by_code("130402"), into=place_by_code("130403"), on=date(2025, 7, 1))
    rename_place(actor=None, place=place_by_code("130403"), name="新丛台区", name_en="", on=date(2025, 7, 1))
    assert "2025-07-01" in administrator.get("/places/130402/").content.decode()
    page = administrator.get("/places/130403/").content.decode()
    assert "130402" in page
    assert "曾用名" in page


def test_search_stays_inside_the_viewers_scope(two_hospitals: Place) -> None:
    officer = signed_in("county_officer", place=place_by_code("130402"))
    page = officer.get("/places/?q=社区").content.decode()
    assert "焦窑社区" in page
    assert "丛中社区" not in page
    assert officer.get("/places/?q=").status_code == 200
    units = officer.get("/places/?q=医院").content.decode()
    assert "第一医院" in units
    assert "第二医院" not in units


def test_a_reporter_finds_her_own_unit(two_hospitals: Place) -> None:
    reporter = signed_in("reporter", facility=Facility.objects.get(code="H1"))
    assert "第一医院" in reporter.get("/places/").content.decode()
    assert reporter.get("/facilities/H1/").status_code == 200


def test_an_administrator_states_a_capacity(administrator: Client) -> None:
    said = {"kind": "intensive_care_bed", "amount": "60", "valid_from": "2022-12-10"}
    assert administrator.post("/facilities/H1/capacities/", said).status_code == 302
    assert Capacity.objects.get(valid_from=date(2022, 12, 10)).amount == 60
    wrong = administrator.post("/facilities/H1/capacities/", said | {"amount": "-1"})
    assert wrong.status_code == 422
    assert Capacity.objects.count() == 4


def test_an_administrator_changes_a_facility_but_not_beyond_her_places(two_hospitals: Place) -> None:
    client = signed_in("administrator", place=place_by_code("130402"))
    said = {"code": "H1", "name": "新名", "kind": "hospital", "grade": "tertiary", "place_code": "130402"}
    assert client.post("/facilities/H1/change/", said).status_code == 302
    assert Facility.objects.get(code="H1").name == "新名"
    beyond = client.post("/facilities/H1/change/", said | {"place_code": "130403"})
    assert beyond.status_code == 422
    assert Facility.objects.get(code="H1").place.code == "130402"
    nowhere = client.post("/facilities/H1/change/", said | {"place_code": "9"})
    assert "没有代码为 9 的地区" in nowhere.content.decode()


def test_a_new_facility_is_set_up(administrator: Client) -> None:
    said = {"code": "P1", "name": "药店", "kind": "pharmacy", "grade": "", "place_code": "130402001"}
    assert administrator.post("/places/1304/facilities/new/", said).url == "/facilities/P1/"
    again = administrator.post("/places/1304/facilities/new/", said)
    assert again.status_code == 422


def test_facilities_are_previewed_and_then_written(administrator: Client) -> None:
    address = "/places/1304/facilities/import/"
    said = {"file": upload(HEADER + "H9,第九医院,医院,130402,50\n"), "capacity_from": "2022-01-01"}
    preview = administrator.post(address, said)
    assert not Facility.objects.filter(code="H9").exists()
    held = {name: preview.context[name] for name in ("held", "held_name")}
    committed = administrator.post(address, held | {"capacity_from": "2022-01-01", "commit": "1"})
    assert committed.url == "/places/1304/"
    assert Capacity.objects.get(facility__code="H9").amount == 50


def test_a_preview_names_each_mistake_and_offers_no_writing(administrator: Client) -> None:
    text = HEADER + "H9,第九医院,诊所,130402,50\nH8,第八医院,医院,999,五\n"
    answer = administrator.post(
        "/places/1304/facilities/import/", {"file": upload(text), "capacity_from": "2022-01-01"}
    )
    found = [(one.row, one.column, one.value) for one in answer.context["findings"]]
    assert sorted(found) == [(2, "类型", "诊所"), (3, "地区代码", "999"), (3, "普通床位", "五")]
    assert 'name="commit"' not in answer.content.decode()


def test_an_import_cannot_reach_beyond_the_place(two_hospitals: Place) -> None:
    client = signed_in("administrator", place=place_by_code("130402"))
    said = {"file": upload(HEADER + "H9,第九医院,医院,130403,\n")}
    page = client.post("/places/130402/facilities/import/", said)
    assert [one.code for one in page.context["findings"]] == ["place-outside"]


@pytest.mark.parametrize("content", [b"", b"\x00\x01", b"PK\x03\x04 broken"])
def test_a_broken_upload_is_explained(administrator: Client, content: bytes) -> None:
    said = {"file": io.BytesIO(content)}
    said["file"].name = "f.xlsx"
    answer = administrator.post("/places/1304/facilities/import/", said)
    assert answer.status_code in (200, 422)
    assert not Facility.objects.filter(code="H9").exists()


def test_api_tells_the_same(administrator: Client) -> None:
    place = administrator.get("/api/v1/places/1304").json()
    assert place["ancestors"][0]["code"] == "13"
    assert place["population"] is None
    assert {one["kind"]: one["amount"] for one in place["capacities"]} == {
        "ordinary_bed": 1100, "intensive_care_bed": 40,
    }  # fmt: skip
    children = administrator.get("/api/v1/places/1304/children").json()
    assert [child["code"] for child in children] == ["130402", "130403"]
    assert administrator.get("/api/v1/places/1304/boundaries").json()["without_outline"] == [
        "130402",
        "130403",
    ]
    facility = administrator.get("/api/v1/facilities/H1").json()
    assert facility["place"]["code"] == "130402"
    assert facility["capacities"][0]["valid_to"] is None
    said = {"kind": "ordinary_bed", "amount": 900, "valid_from": "2023-01-01"}
    written = administrator.post("/api/v1/facilities/H1/capacities", said, content_type="application/json")
    assert written.json()["amount"] == 900
    wrong = administrator.post(
        "/api/v1/facilities/H1/capacities", said | {"kind": "beds"}, content_type="application/json"
    )
    assert wrong.status_code == 422


def test_the_page_of_a_place_takes_few_queries(
    administrator: Client, django_assert_max_num_queries: object
) -> None:
    with django_assert_max_num_queries(32):
        administrator.get("/places/1304/")
