"""A small country of one city: few enough places to count by hand."""

from __future__ import annotations

from datetime import date

import pytest
from small_places import small_files

from fangxian.ground.places.models import Place
from fangxian.ground.places.rules.tables import table_from
from fangxian.ground.places.services import import_divisions, import_facilities


@pytest.fixture
def small_city(db: None) -> Place:
    """邯郸 with two counties, one township each, and three villages."""
    import_divisions(actor=None, files=small_files(), source="test")
    return Place.objects.get(code="1304")


@pytest.fixture
def two_hospitals(small_city: Place) -> Place:
    """One hospital in each county, with beds from 2022 on."""
    rows = [
        {"code": "H1", "name": "第一医院", "kind": "hospital", "grade": "tertiary", "place_code": "130402",
         "ordinary_bed": 800, "intensive_care_bed": 40},
        {"code": "H2", "name": "第二医院", "kind": "hospital", "grade": "secondary", "place_code": "130403",
         "ordinary_bed": 300},
    ]  # fmt: skip
    import_facilities(actor=None, table=table_from("facilities.csv", rows), capacity_from=date(2022, 1, 1))
    return small_city
