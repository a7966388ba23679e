"""Claim: all townships of China and the villages of five cities load, checked and audited, in a few seconds.

``python bench/places_load.py [sqlite] [postgresql]``. The floor is measured in the same run, in the same
database: the same rows, already checked, parents known, numbered, by executemany or COPY. A second
table says what a load of the same files again costs, and a change at the root of the tree.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from private_database import ROOT, on_each_database, peak_megabytes

SHARED = Path(os.environ.get("FANGXIAN_SHARED", ROOT.parent / "shared"))
FOLDER = SHARED / "data/01_admin_divisions"


def timed(work: Callable[[], object]) -> float:
    """Return the seconds that some work took."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def floor_seconds() -> float:
    """Load the rows that are there now once more, after an empty table, and nothing else."""
    from django.db import transaction

    from fangxian.ground.places.models import Place
    from fangxian.ground.places.services.storage import COLUMNS, insert_places

    rows = list(Place.objects.order_by("tree_left").values_list(*COLUMNS))
    Place.objects.all()._raw_delete("default")

    def insert() -> None:
        with transaction.atomic():
            insert_places(rows)

    seconds = timed(insert)
    assert Place.objects.count() == len(rows)
    return seconds


def measure() -> None:
    """Print one table for the database at hand."""
    from django.db import connection

    from fangxian.ground.places.models import Place
    from fangxian.ground.places.services import division_files, import_divisions, merge_place

    files = division_files(FOLDER)

    def load() -> None:
        import_divisions(actor=None, files=files, source="bench")

    first, again = timed(load), timed(load)
    count = Place.objects.count()
    floor = floor_seconds()
    one, other = Place.objects.get(code="110101"), Place.objects.get(code="110102")
    from datetime import date

    merger = timed(lambda: merge_place(actor=None, place=other, into=one, on=date(2025, 1, 1)))
    print(f"\n{connection.vendor}: {count} places, peak {peak_megabytes():.0f} MB")
    print(f"{'':<34}{'seconds':>9}{'x floor':>9}")
    for name, seconds in (
        ("bare insert of the same rows", floor),
        ("load, checked and audited", first),
        ("the same files again", again),
        ("merge two districts, renumber", merger),
    ):
        print(f"{name:<34}{seconds:>9.2f}{seconds / floor:>9.1f}")


if __name__ == "__main__":
    on_each_database(__file__, measure)
