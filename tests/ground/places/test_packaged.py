"""The packaged Handan is whole, numbered rightly, and loading it again changes nothing."""

from __future__ import annotations

import pytest
from django.db.models import Count

from fangxian.base.errors import NotFound
from fangxian.ground.audit.models import AuditEvent
from fangxian.ground.places.models import Place
from fangxian.ground.places.services import load_packaged

pytestmark = pytest.mark.django_db


def test_handan_is_whole_down_to_every_village() -> None:
    load_packaged(actor=None)
    levels = dict(Place.objects.order_by().values_list("level").annotate(Count("id")))
    assert levels == {1: 1, 2: 1, 3: 20, 4: 246, 5: 5835}


def test_loading_again_changes_nothing() -> None:
    first = load_packaged(actor=None)
    before = list(Place.objects.values_list())
    second = load_packaged(actor=None)
    assert first.counts() == {"read": 6103, "accepted": 6103, "refused": 0, "unchanged": 0}
    assert second.counts() == {"read": 6103, "accepted": 0, "refused": 0, "unchanged": 6103}
    assert list(Place.objects.values_list()) == before
    assert AuditEvent.objects.filter(code="places.imported").count() == 2


def test_intervals_say_the_same_as_the_chain_of_parents() -> None:
    load_packaged(actor=None)
    places = {place.code: place for place in Place.objects.select_related("parent")}
    villages = [place for place in places.values() if place.code.startswith("130481")]
    wuan = places["130481"]
    inside = Place.objects.filter(tree_left__range=(wuan.tree_left, wuan.tree_right))
    assert set(inside) == set(villages)
    for place in places.values():
        if place.parent is not None:
            assert place.parent.tree_left < place.tree_left <= place.tree_right <= place.parent.tree_right


def test_a_city_that_is_not_packaged_is_named_in_the_error() -> None:
    with pytest.raises(NotFound, match="No city 9999 is packaged"):
        load_packaged(actor=None, city="9999")
