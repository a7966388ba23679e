"""Outlines of places, and the older codes by which files name them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from fangxian.base.errors import Finding, NotFound
from fangxian.ground.audit.services import record_event
from fangxian.ground.places.models import Boundary, Place, PlaceCode
from fangxian.ground.places.rules.boundaries import Outline, geometry_of, read_geojson
from fangxian.ground.places.rules.outcome import Outcome, fits
from fangxian.ground.places.rules.wording import Cell, finding


@dataclass(frozen=True)
class BoundaryOrigin:
    """Whose outlines these are, by which codes they name places, and when they hold."""

    code_system: str
    source: str
    licence: str
    valid_from: date | None = None
    valid_to: date | None = None


def register_codes(*, actor: AbstractBaseUser | None, system: str, codes: Mapping[str, str]) -> None:
    """State which place another code system means: ``codes`` maps its code to the place's own."""
    with transaction.atomic():
        places = {one.code: one for one in Place.objects.filter(code__in=set(codes.values()))}
        strangers = sorted(set(codes.values()) - set(places))
        if strangers:
            raise NotFound(
                {
                    "zh": f"没有代码为 {'、'.join(strangers)} 的地区。",
                    "en": f"There is no place with the code {', '.join(strangers)}.",
                },
                {"zh": "请先导入这些地区。", "en": "Import these places first."},
            )
        for code, own in codes.items():
            PlaceCode.objects.update_or_create(system=system, code=code, defaults={"place": places[own]})
        record_event(
            actor=actor, code="places.codes_registered", subject=("codes", system), detail=dict(codes)
        )


def import_boundaries(
    *, actor: AbstractBaseUser | None, file: tuple[str, bytes], origin: BoundaryOrigin
) -> Outcome:
    """Load outlines; a feature whose code means no place is left out with a warning."""
    said = read_geojson(*file)
    with transaction.atomic():
        by_place, findings = _outlines_by_place(said.rows, origin)
        outcome = Outcome(said.read, 0, 0, said.findings + findings)
        if not fits(outcome.findings):
            raise outcome.refusal()
        known = {one.place_id: one for one in Boundary.objects.filter(source=origin.source)}
        for place_id, outlines in by_place.items():
            if _write(place_id, outlines, origin, known.get(place_id)):
                outcome.accepted += len(outlines)
            else:
                outcome.unchanged += len(outlines)
        record_event(
            actor=actor,
            code="places.boundaries_imported",
            subject=("file", file[0][:64]),
            detail={**outcome.counts(), "source": origin.source, "licence": origin.licence},
        )
    return outcome


def _outlines_by_place(
    outlines: list[Outline], origin: BoundaryOrigin
) -> tuple[dict[int, list[Outline]], list[Finding]]:
    codes = {outline.code for outline in outlines}
    own = dict(Place.objects.filter(code__in=codes).values_list("code", "id"))
    other = dict(
        PlaceCode.objects.filter(system=origin.code_system, code__in=codes).values_list("code", "place_id")
    )
    by_place: dict[int, list[Outline]] = {}
    findings = []
    for outline in outlines:
        place_id = other.get(outline.code, own.get(outline.code))
        if place_id is None:
            cell = Cell(outline.file, outline.row, "id", outline.code)
            findings.append(finding("boundary-unmapped", cell, name=outline.name, system=origin.code_system))
        else:
            by_place.setdefault(place_id, []).append(outline)
    return by_place, findings


def _write(place_id: int, outlines: list[Outline], origin: BoundaryOrigin, known: Boundary | None) -> bool:
    """Write one place's outline, made of one feature or several; say whether anything changed."""
    label = next((outline.label for outline in outlines if outline.label), None)
    values = {
        "geometry": geometry_of([polygon for outline in outlines for polygon in outline.polygons]),
        "label_longitude": label[0] if label else None,
        "label_latitude": label[1] if label else None,
        "valid_from": origin.valid_from,
        "valid_to": origin.valid_to,
        "licence": origin.licence,
    }
    if known is not None and all(getattr(known, name) == value for name, value in values.items()):
        return False
    Boundary.objects.update_or_create(place_id=place_id, source=origin.source, defaults=values)
    return True
