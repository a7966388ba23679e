"""Outlines of places as GeoJSON."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from fangxian.ground.places.models import Boundary, Place
from fangxian.ground.places.rules.boundaries import geometry_of, polygons_of
from fangxian.ground.places.selectors.places import children


def boundaries_below(place: Place, *, on: date) -> dict[str, Any]:
    """Return the outlines of the places right below on a day, with their current codes.

    A place that others were merged into by then shows their outlines too, unless its own outline was
    drawn after the merger. Places without an outline are named in ``without_outline``.
    """
    places = children(place, on=on)
    merged = _merged_into(places, on)
    everybody = [one.pk for one in places] + [one.pk for group in merged.values() for one in group]
    outlines = _latest_outlines(everybody, on)
    features, without = [], []
    for one in places:
        feature = _feature(one, merged.get(one.pk, []), outlines)
        if feature is None:
            without.append(one.code)
        else:
            features.append(feature)
    sources = sorted({f"{outline.source} ({outline.licence})" for outline in outlines.values()})
    return {
        "type": "FeatureCollection",
        "features": features,
        "without_outline": without,
        "sources": sources,
    }


def boundaries_to_show(place: Place, *, on: date) -> dict[str, Any]:
    """Return the outlines below a place, or its own where nothing below has one."""
    below = boundaries_below(place, on=on)
    if below["features"]:
        return below
    outlines = _latest_outlines([place.pk], on)
    own = _feature(place, [], outlines)
    sources = sorted({f"{outline.source} ({outline.licence})" for outline in outlines.values()})
    return {
        "type": "FeatureCollection",
        "features": [own] if own is not None else [],
        "without_outline": [] if own is not None else below["without_outline"],
        "sources": sources,
    }


def _merged_into(places: Iterable[Place], on: date) -> dict[int, list[Place]]:
    """Return for each place what was merged into it by a day, at whatever remove."""
    home = {one.pk: one.pk for one in places}
    found: dict[int, list[Place]] = {}
    successors = list(home)
    while successors:
        merged = list(Place.objects.filter(successor__in=successors, valid_to__lte=on))
        for one in merged:
            home[one.pk] = home[one.successor_id]
            found.setdefault(home[one.pk], []).append(one)
        successors = [one.pk for one in merged]
    return found


def _latest_outlines(place_ids: list[int], on: date) -> dict[int, Boundary]:
    """Return each place's outline in force on a day, or the latest drawn before it, or any at all."""
    outlines: dict[int, Boundary] = {}
    for one in Boundary.objects.filter(place__in=place_ids).order_by("pk"):
        best = outlines.get(one.place_id)
        if best is None or _fitness(one, on) >= _fitness(best, on):
            outlines[one.place_id] = one
    return outlines


def _fitness(outline: Boundary, on: date) -> tuple[bool, date]:
    begun = outline.valid_from is None or outline.valid_from <= on
    return begun, outline.valid_from or date.min


def _feature(place: Place, merged: list[Place], outlines: dict[int, Boundary]) -> dict[str, Any] | None:
    own = outlines.get(place.pk)
    drawn = own.valid_from if own is not None and own.valid_from is not None else date.min
    parts = [own] if own is not None else []
    parts += [outlines[one.pk] for one in merged if one.pk in outlines and one.valid_to > drawn]
    if not parts:
        return None
    polygons = [polygon for part in parts for polygon in polygons_of(part.geometry)]
    label = next(
        ([part.label_longitude, part.label_latitude] for part in parts if part.label_longitude is not None),
        None,
    )
    return {
        "type": "Feature",
        "id": place.code,
        "properties": {"code": place.code, "name": place.name, "name_en": place.name_en, "label": label},
        "geometry": geometry_of(polygons),
    }
