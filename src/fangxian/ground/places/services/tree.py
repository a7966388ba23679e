"""Keeping the nested intervals of the tree of places."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.contrib.auth.models import AbstractBaseUser
from django.db import connection, transaction

from fangxian.ground.audit.services import record_event
from fangxian.ground.places.models import Place
from fangxian.ground.places.rules.tree import nested_intervals

_CHUNK = 5000
_WRITE_INTERVALS = (
    "UPDATE places_place SET tree_left = moved.column2, tree_right = moved.column3 "
    "FROM (VALUES ROWS) AS moved WHERE places_place.id = moved.column1"
)


def rebuild_tree(*, actor: AbstractBaseUser | None) -> int:
    """Number the whole tree anew; return how many places had to change."""
    with transaction.atomic():
        changed = renumber()
        record_event(actor=actor, code="places.tree_rebuilt", detail={"changed": changed})
    return changed


def lock_tree() -> None:
    """Let one writer at a time shape the tree (SQLite already has one writer)."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE places_place IN SHARE ROW EXCLUSIVE MODE")


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


def write_intervals(moved: Sequence[tuple[int, int, int]]) -> None:
    """Set (id, left, right) in chunks: one statement for thousands of places, on both databases."""
    for start in range(0, len(moved), _CHUNK):
        chunk = moved[start : start + _CHUNK]
        statement = _WRITE_INTERVALS.replace("ROWS", ",".join(["(%s,%s,%s)"] * len(chunk)))
        with connection.cursor() as cursor:
            cursor.execute(statement, list(_flat(chunk)))


def _flat(chunk: Iterable[tuple[int, int, int]]) -> Iterable[int]:
    for row in chunk:
        yield from row
