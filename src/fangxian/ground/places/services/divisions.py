"""Loading places from tables: the Chinese divisions, and any other country's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from fangxian.base.errors import NotFound
from fangxian.ground.audit.services import record_event
from fangxian.ground.places.models import LevelName, Place
from fangxian.ground.places.rules.comparison import Comparison, KnownPlace, compare
from fangxian.ground.places.rules.divisions import PlaceRow, PlaceRows, read_divisions, read_places
from fangxian.ground.places.rules.outcome import Outcome, fits
from fangxian.ground.places.rules.tables import read_csv
from fangxian.ground.places.rules.tree import nested_intervals
from fangxian.ground.places.rules.wording import Cell, finding
from fangxian.ground.places.services.followers import register_changes
from fangxian.ground.places.services.storage import (
    CHUNK,
    PlaceTuple,
    insert_places,
    lock_tree,
    reserve_ids,
    write_intervals,
)

DIVISION_FILES = ("provinces", "cities", "areas", "streets", "villages")
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Origin:
    """Where places come from: their country and the source that is written beside each."""

    country: str
    source: str


def division_files(folder: Path) -> list[tuple[str, bytes]]:
    """Read the files of the Chinese divisions in a folder, upper levels first."""
    found = [
        path
        for stem in DIVISION_FILES
        for path in sorted(folder.glob(f"{stem}*.csv*"))
        if path.suffix in (".csv", ".gz")
    ]
    if not found:
        raise NotFound(
            {
                "zh": f"{folder} 中没有 provinces.csv、cities.csv、areas.csv、streets.csv 或 villages*.csv。",
                "en": f"{folder} holds no provinces, cities, areas, streets or villages CSV.",
            },
            {"zh": "请核对文件夹。", "en": "Check the folder."},
        )
    return [(path.name, path.read_bytes()) for path in found]


def import_divisions(
    *,
    actor: AbstractBaseUser | None,
    files: Iterable[tuple[str, bytes]],
    source: str,
    progress: Progress | None = None,
) -> Outcome:
    """Load Chinese divisions of any levels, all or nothing; the same files again change nothing."""
    return _store(actor, read_divisions(files), Origin("CN", source), progress)


def import_places(
    *,
    actor: AbstractBaseUser | None,
    file: tuple[str, bytes],
    origin: Origin,
    progress: Progress | None = None,
) -> Outcome:
    """Load the plain table of places of any country, all or nothing."""
    return _store(actor, read_places(read_csv(*file)), origin, progress)


def set_level_names(
    *, actor: AbstractBaseUser | None, country: str, names: Mapping[int, tuple[str, str]]
) -> None:
    """State what a country calls its levels, as (Chinese, English) by level."""
    with transaction.atomic():
        for level, (name_zh, name_en) in names.items():
            LevelName.objects.update_or_create(
                country=country, level=level, defaults={"name_zh": name_zh, "name_en": name_en}
            )
        record_event(
            actor=actor,
            code="places.levels_named",
            subject=("country", country),
            detail={str(level): list(both) for level, both in names.items()},
        )


def _store(
    actor: AbstractBaseUser | None, said: PlaceRows, origin: Origin, progress: Progress | None
) -> Outcome:
    with transaction.atomic():
        lock_tree()
        known = _known_places()
        compared = compare(said.rows, known, origin.country)
        parents, circles = _parents_after(compared, known)
        findings = said.findings + compared.findings + circles
        outcome = Outcome(said.read, len(compared.new) + len(compared.changed), compared.unchanged, findings)
        if not fits(findings):
            outcome.accepted -= len(circles)
            raise outcome.refusal()
        if outcome.accepted:
            with register_changes():
                _write(compared, known, parents, origin, progress)
        record_event(
            actor=actor,
            code="places.imported",
            subject=("country", origin.country),
            detail={**outcome.counts(), "source": origin.source},
        )
    return outcome


def _known_places() -> dict[str, KnownPlace]:
    rows = list(
        Place.objects.order_by().values_list(
            "id", "code", "name", "name_en", "level", "country", "parent_id", "population",
            "valid_from", "valid_to", "successor_id", "tree_left", "tree_right",
        )
    )  # fmt: skip
    codes = {row[0]: row[1] for row in rows}
    return {
        row[1]: KnownPlace(*row[:6], codes.get(row[6]), *row[7:10], codes.get(row[10]), (row[11], row[12]))
        for row in rows
    }


def _parents_after(
    compared: Comparison, known: Mapping[str, KnownPlace]
) -> tuple[dict[str, str | None], list]:
    parents = {code: place.parent_code for code, place in known.items()}
    rows = compared.new + compared.changed
    parents.update((row.code, row.successor_code or row.parent_code) for row in rows)
    if not any(row.successor_code for row in rows):
        return parents, []
    reached = nested_intervals(parents)
    return parents, [
        finding("successor-circle", Cell(row.file, row.row, "successor_code", row.successor_code))
        for row in rows
        if row.code not in reached
    ]


def _write(
    compared: Comparison,
    known: Mapping[str, KnownPlace],
    parents: Mapping[str, str | None],
    origin: Origin,
    progress: Progress | None,
) -> None:
    intervals = nested_intervals(parents)
    ids = {code: place.id for code, place in known.items()}
    new = sorted(compared.new, key=lambda row: intervals[row.code])
    ids.update(zip((row.code for row in new), reserve_ids(len(new)), strict=True))
    for start in range(0, len(new), CHUNK):
        part = new[start : start + CHUNK]
        insert_places([_new_place(row, ids, intervals[row.code], origin) for row in part])
        if progress is not None:
            progress(start + len(part), len(new))
    for row in compared.changed:
        Place.objects.filter(pk=ids[row.code]).update(**_changes(row, ids))
    write_intervals(
        [(place.id, *intervals[code]) for code, place in known.items() if place.tree != intervals[code]]
    )


def _new_place(row: PlaceRow, ids: Mapping[str, int], tree: tuple[int, int], origin: Origin) -> PlaceTuple:
    """Return a row of the table of places, in the order of its columns."""
    parent = ids[row.parent_code] if row.parent_code is not None else None
    successor = ids[row.successor_code] if row.successor_code is not None else None
    return (
        ids[row.code],
        row.code,
        row.name,
        row.name_en or "",
        origin.country,
        row.level,
        parent if successor is None else successor,
        successor,
        None if successor is None else parent,
        *tree,
        row.valid_from.isoformat() if row.valid_from else None,
        row.valid_to.isoformat() if row.valid_to else None,
        row.population,
        origin.source,
    )


def _changes(row: PlaceRow, ids: Mapping[str, int]) -> dict[str, object]:
    changes: dict[str, object] = {"name": row.name, "level": row.level}
    stated = {
        "name_en": row.name_en,
        "population": row.population,
        "valid_from": row.valid_from,
        "valid_to": row.valid_to,
    }
    changes.update((field, value) for field, value in stated.items() if value is not None)
    changes["parent_id"] = ids.get(row.successor_code or row.parent_code)
    if row.successor_code is not None:
        changes["successor_id"] = ids[row.successor_code]
        changes["former_parent_id"] = ids.get(row.parent_code)
    return changes
