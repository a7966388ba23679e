"""A merger moves a place under its successor: sums go on, and each day keeps the map that it had."""

from __future__ import annotations

from datetime import date

import pytest

from fangxian.base.errors import Conflict, InvalidInput
from fangxian.ground.audit.models import AuditEvent
from fangxian.ground.places.models import Place
from fangxian.ground.places.selectors import (
    capacity_totals,
    children,
    former_names,
    place_by_code,
    predecessors,
    units_under,
)
from fangxian.ground.places.services import end_place, merge_place, rename_place

pytestmark = pytest.mark.django_db
MERGER = date(2025, 7, 1)
BEFORE, AFTER = date(2025, 6, 30), date(2025, 7, 1)


def merge(code: str, into: str) -> Place:
    return merge_place(actor=None, place=place_by_code(code), into=place_by_code(into), on=MERGER)


def test_sums_above_are_unchanged_and_the_successor_takes_all(two_hospitals: Place) -> None:
    city_before = capacity_totals(two_hospitals, on=AFTER)
    merge("130402", "130403")
    assert capacity_totals(place_by_code("1304"), on=AFTER) == city_before
    assert capacity_totals(place_by_code("130403"), on=AFTER) == city_before
    assert {unit.code for unit in units_under(place_by_code("130403"), on=AFTER)} == {"H1", "H2"}
    assert {unit.code for unit in units_under(place_by_code("130402"), on=AFTER)} == {"H1"}


def test_each_day_keeps_its_map(small_city: Place) -> None:
    merge("130402", "130403")
    city = place_by_code("1304")
    assert [place.code for place in children(city, on=BEFORE)] == ["130402", "130403"]
    assert [place.code for place in children(city, on=AFTER)] == ["130403"]
    successor = place_by_code("130403")
    assert [place.code for place in children(successor, on=BEFORE)] == ["130403001"]
    assert [place.code for place in children(successor, on=AFTER)] == ["130402001", "130403001"]
    assert [place.code for place in predecessors(successor)] == ["130402"]
    assert AuditEvent.objects.filter(code="places.merged", place_code="130402").count() == 1


@pytest.mark.parametrize(
    ("code", "into", "reason"),
    [("1304", "130403", "lies below it"), ("130402", "130402", "is 130402 itself"),
     ("130402", "130403001", "cannot succeed 130402")],
)  # fmt: skip
def test_a_merger_that_makes_no_sense_is_refused(
    small_city: Place, code: str, into: str, reason: str
) -> None:
    with pytest.raises(InvalidInput, match=reason):
        merge(code, into)


def test_a_place_is_merged_once(small_city: Place) -> None:
    merge("130402", "130403")
    with pytest.raises(InvalidInput, match="130402 already ended on 2025-07-01"):
        merge("130402", "1304")
    with pytest.raises(InvalidInput, match="is 130403 itself or lies below"):
        merge("130403", "130402")


def test_a_rename_keeps_the_name_before(small_city: Place) -> None:
    place = place_by_code("130402")
    rename_place(actor=None, place=place, name="新邯山区", name_en="New Hanshan", on=MERGER)
    assert place_by_code("130402").name == "新邯山区"
    assert [(one.name, one.until) for one in former_names(place)] == [("邯山区", MERGER)]
    with pytest.raises(InvalidInput, match="1 to 100 characters, got 0"):
        rename_place(actor=None, place=place, name="", name_en="", on=MERGER)


def test_a_place_ends_only_when_nothing_stands_in_it(two_hospitals: Place) -> None:
    with pytest.raises(Conflict, match="still has 1 places and 1 facilities"):
        end_place(actor=None, place=place_by_code("130402"), on=MERGER)
    ended = end_place(actor=None, place=place_by_code("130402001006"), on=MERGER)
    assert ended.valid_to == MERGER
    assert children(place_by_code("130402001"), on=AFTER) == []
    assert [place.code for place in children(place_by_code("130402001"), on=BEFORE)] == ["130402001006"]
