"""Writing many places at once: executemany on SQLite, COPY on PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from django.db import connection
from django.db.models import Max

from fangxian.ground.places.models import Place

COLUMNS = (
    "id",
    "code",
    "name",
    "name_en",
    "country",
    "level",
    "parent_id",
    "successor_id",
    "former_parent_id",
    "tree_left",
    "tree_right",
    "valid_from",
    "valid_to",
    "population",
    "source",
)
CHUNK = 5000
_NAMES = ", ".join(COLUMNS)
_INSERT = f"INSERT INTO places_place ({_NAMES}) VALUES ({', '.join(['%s'] * len(COLUMNS))})"  # noqa: S608 -- fixed names
_COPY = f"COPY places_place ({_NAMES}) FROM STDIN"
_RESERVE = "SELECT nextval(pg_get_serial_sequence('places_place', 'id')) FROM generate_series(1, %s)"
_WRITE_INTERVALS = (
    "UPDATE places_place SET tree_left = moved.column2, tree_right = moved.column3 "
    "FROM (VALUES ROWS) AS moved WHERE places_place.id = moved.column1"
)
PlaceTuple = tuple[int | str | None, ...]


def lock_tree() -> None:
    """Let one writer at a time shape the tree (SQLite already has one writer)."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE places_place IN SHARE ROW EXCLUSIVE MODE")


def reserve_ids(count: int) -> list[int]:
    """Return ids that no other place has or will get; the tree is locked."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(_RESERVE, [count])
            return [row[0] for row in cursor.fetchall()]
    last = Place.objects.aggregate(last=Max("id"))["last"] or 0
    return list(range(last + 1, last + 1 + count))


def insert_places(rows: Sequence[PlaceTuple]) -> None:
    """Insert places; each row has exactly `COLUMNS`, days as ISO text, a parent before its children."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(_COPY) as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            cursor.executemany(_INSERT, rows)


def write_intervals(moved: Sequence[tuple[int, int, int]]) -> None:
    """Set (id, left, right) in chunks: one statement for thousands of places, on both databases."""
    for start in range(0, len(moved), CHUNK):
        part = moved[start : start + CHUNK]
        statement = _WRITE_INTERVALS.replace("ROWS", ",".join(["(%s,%s,%s)"] * len(part)))
        with connection.cursor() as cursor:
            cursor.execute(statement, list(chain.from_iterable(part)))
