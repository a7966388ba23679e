"""Keeping the nested intervals of the tree of places."""

from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from fangxian.ground.audit.services import record_event
from fangxian.ground.places.models import Place
from fangxian.ground.places.rules.tree import nested_intervals
from fangxian.ground.places.services.followers import register_changes
from fangxian.ground.places.services.storage import lock_tree, write_intervals


def rebuild_tree(*, actor: AbstractBaseUser | None) -> int:
    """Number the whole tree anew; return how many places had to change."""
    with transaction.atomic():
        with register_changes():
            changed = renumber()
        record_event(actor=actor, code="places.tree_rebuilt", detail={"changed": changed})
    return changed


def renumber() -> int:
    """Bring every interval up to date inside the caller's transaction; return how many changed."""
    lock_tree()
    places = list(Place.objects.order_by().values_list("id", "code", "parent_id", "tree_left", "tree_right"))
    codes = {place_id: code for place_id, code, *_ in places}
    intervals = nested_intervals({code: codes.get(parent_id) for _, code, parent_id, *_ in places})
    moved = [
        (place_id, *intervals[code])
        for place_id, code, _, left, right in places
        if (left, right) != intervals[code]
    ]
    write_intervals(moved)
    return len(moved)
