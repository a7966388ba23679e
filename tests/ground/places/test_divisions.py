"""Tables of places load all or nothing, and whatever is wrong is named with its row, value and remedy."""

from __future__ import annotations

from datetime import date

import pytest
from django.db.models import Count
from small_places import SMALL, small_files

from fangxian.base.errors import Finding, InvalidInput
from fangxian.ground.places.models import Place
from fangxian.ground.places.selectors import subtree
from fangxian.ground.places.services import (
    Origin,
    division_files,
    import_divisions,
    import_places,
    merge_place,
    rebuild_tree,
)
from shared_data import shared_path

pytestmark = pytest.mark.django_db


def refused(files: list[tuple[str, bytes]]) -> InvalidInput:
    before = Place.objects.count()
    with pytest.raises(InvalidInput, match="nothing was imported") as caught:
        import_divisions(actor=None, files=files, source="test")
    assert Place.objects.count() == before
    counts = caught.value.fields
    assert counts["read"] == counts["accepted"] + counts["refused"] + counts["unchanged"]
    for one in caught.value.findings:
        assert one.remedy["zh"]
        assert one.remedy["en"]
    return caught.value


def places_of(findings: list[Finding]) -> list[tuple[str, str | None, int | None, str | None]]:
    return [(one.code, one.file, one.row, one.value) for one in findings]


def test_small_city_loads_and_counts_add_up() -> None:
    outcome = import_divisions(actor=None, files=small_files(), source="test")
    assert outcome.counts() == {"read": 9, "accepted": 9, "refused": 0, "unchanged": 0}
    assert subtree(Place.objects.get(code="130403")).count() == 4


def test_a_repeated_row_is_refused_with_the_place_of_the_first() -> None:
    error = refused(small_files(provinces='code,name\n13,"河北省"\n13,"河北省"\n'))
    assert places_of(error.findings) == [("code-duplicate", "provinces.csv", 3, "13")]
    assert "provinces.csv, row 2" in error.findings[0].message["en"]
    assert error.fields["refused"] == 1


def test_an_orphan_is_refused_with_the_parent_that_is_missing() -> None:
    streets = SMALL["streets.csv"] + '130499001,"无主街道",130499,13,1304\n'
    error = refused(small_files(streets=streets))
    assert places_of(error.findings) == [("parent-unknown", "streets.csv", 4, "130499")]


def test_a_code_with_a_digit_lost_is_refused() -> None:
    areas = SMALL["areas.csv"].replace('130403,"', '13040,"')
    found = places_of(refused(small_files(areas=areas)).findings)
    assert ("code-invalid", "areas.csv", 3, "13040") in found
    assert ("parent-unknown", "streets.csv", 3, "130403") in found


def test_an_ancestor_column_that_contradicts_the_code_is_refused() -> None:
    areas = SMALL["areas.csv"].replace('丛台区",1304', '丛台区",1305')
    error = refused(small_files(areas=areas))
    assert error.findings[0].code == "ancestor-mismatch"
    assert error.findings[0].column == "cityCode"
    assert "'1305', which does not fit the code 130403" in error.findings[0].message["en"]


@pytest.mark.parametrize(
    ("tail", "code"),
    [('130403002,"联', "file-cut"), ('130403002,"联纺东街道",13', "row-cut"),
     ('130403002,"联纺东街道",130403,13,130', "ancestor-mismatch")],
)  # fmt: skip
def test_a_file_cut_in_mid_row_is_refused_wherever_the_cut_fell(tail: str, code: str) -> None:
    error = refused(small_files(streets=SMALL["streets.csv"] + tail))
    assert [(one.code, one.row) for one in error.findings] == [(code, 4)]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gbk"])
def test_files_as_office_programs_save_them_are_read(encoding: str) -> None:
    files = [(name, text.replace("\n", "\r\n").encode(encoding)) for name, text in SMALL.items()]
    import_divisions(actor=None, files=files, source="test")
    assert Place.objects.get(code="130403001002").name == "邯钢社区"


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"\xff\xfe\x00\x01", "file-not-text"), (b"", "file-empty"), (b"code\n13\n", "column-missing"),
     (b"code,name,name\n13,a,b\n", "column-twice"), (b"\x1f\x8b broken", "file-unreadable")],
)  # fmt: skip
def test_a_file_that_is_no_table_of_places_is_refused(content: bytes, code: str) -> None:
    assert code in [one.code for one in refused([("provinces.csv", content)]).findings]


def test_full_width_digits_are_read_as_digits() -> None:
    import_divisions(actor=None, files=[("provinces.csv", "code,name\n13,河北省\n".encode())], source="")
    assert Place.objects.get().code == "13"


def test_levels_may_come_one_after_another(small_city: Place) -> None:
    more = 'code,name,areaCode,provinceCode,cityCode\n130402002,"陵园路街道",130402,13,1304\n'
    import_divisions(actor=None, files=[("streets.csv", more.encode())], source="test")
    county = Place.objects.get(code="130402")
    assert set(subtree(county).values_list("code", flat=True)) == {
        "130402", "130402001", "130402001006", "130402002",
    }  # fmt: skip
    assert rebuild_tree(actor=None) == 0


def test_a_place_merged_last_year_stays_merged_when_the_old_file_comes_again(small_city: Place) -> None:
    places = {place.code: place for place in Place.objects.all()}
    merge_place(actor=None, place=places["130402"], into=places["130403"], on=date(2025, 7, 1))
    outcome = import_divisions(actor=None, files=small_files(), source="test")
    assert outcome.counts() == {"read": 9, "accepted": 0, "refused": 0, "unchanged": 9}
    assert places_of(outcome.findings) == [("place-ended", "areas.csv", 2, "130402")]
    assert "merged into 130403 on 2025-07-01" in outcome.findings[0].message["en"]
    assert Place.objects.get(code="130402").parent.code == "130403"


def test_another_country_keeps_its_own_codes(small_city: Place) -> None:
    italy = b"code,name,parent_code,level\nIT,Italia,,0\n13,Abruzzo,IT,1\n"
    with pytest.raises(InvalidInput) as caught:
        import_places(actor=None, file=("italy.csv", italy), origin=Origin("IT", "test"))
    assert places_of(caught.value.findings) == [("country-clash", "italy.csv", 3, "13")]
    assert "IT-03" in caught.value.findings[0].remedy["en"]


@pytest.mark.parametrize(
    ("row", "code"),
    [("X,甲,,1,,,,", "value"), ("X,甲,,9,,,,", "number-invalid"), ("X,,,1,,,,", "value-missing"),
     ("X,甲,,1,-5,,,", "number-invalid"), ("X,甲,,1,,2020-02-30,,", "date-invalid"),
     ("X,甲,,1,,2021-01-01,2020-01-01,", "dates-reversed"), ("X,甲,,1,,,,13", "successor-needs-end"),
     ("X,甲,,1,,,2020-01-01,99", "successor-unknown"), ("X,甲,130402,3,,,,", "parent-level"),
     ("X,甲,99,3,,,,", "parent-unknown")],
)  # fmt: skip
def test_each_mistake_in_a_plain_table_has_its_own_finding(small_city: Place, row: str, code: str) -> None:
    header = "code,name,parent_code,level,population,valid_from,valid_to,successor_code\n"
    file = ("places.csv", (header + row + "\n").encode())
    if code == "value":
        assert import_places(actor=None, file=file, origin=Origin("CN", "test")).accepted == 1
        return
    with pytest.raises(InvalidInput, match="1 mistakes; nothing was imported") as caught:
        import_places(actor=None, file=file, origin=Origin("CN", "test"))
    assert [one.code for one in caught.value.findings] == [code]


def test_places_that_succeed_each_other_in_a_circle_are_refused(small_city: Place) -> None:
    text = (
        "code,name,parent_code,level,valid_to,successor_code\n"
        "A,甲,1304,3,2020-01-01,B\nB,乙,1304,3,2020-01-01,A\n"
    )
    with pytest.raises(InvalidInput) as caught:
        import_places(actor=None, file=("places.csv", text.encode()), origin=Origin("CN", "test"))
    assert {one.code for one in caught.value.findings} == {"successor-circle"}


def test_all_of_china_and_five_cities_are_whole() -> None:
    folder = shared_path("data/01_admin_divisions")
    outcome = import_divisions(actor=None, files=division_files(folder), source="china-division 2.7.0")
    raw = {1: 31, 2: 342, 3: 2978, 4: 41352, 5: 5835 + 2628 + 4994 + 5113 + 2906}
    assert dict(Place.objects.order_by().values_list("level").annotate(Count("id"))) == raw
    assert outcome.accepted == outcome.read == sum(raw.values())
    city = Place.objects.get(code="4116")
    inside = set(subtree(city).values_list("code", flat=True))
    assert inside == {
        code for code in Place.objects.values_list("code", flat=True) if code.startswith("4116")
    }
