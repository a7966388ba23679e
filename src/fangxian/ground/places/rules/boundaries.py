"""Outlines from GeoJSON, checked and rounded to about ten metres."""

from __future__ import annotations

import gzip
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from fangxian.base.errors import Finding
from fangxian.ground.places.rules.wording import Cell, finding

DECIMALS = 4
Ring = list[list[float]]
Polygon = list[Ring]


@dataclass(frozen=True, slots=True)
class Outline:
    """One feature: its code in the file's code system, name, label point and polygons."""

    code: str
    name: str
    label: tuple[float, float] | None
    polygons: list[Polygon]
    file: str
    row: int


@dataclass
class Outlines:
    """What a GeoJSON file holds, and what is wrong with it."""

    rows: list[Outline] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    read: int = 0


def read_geojson(name: str, content: bytes) -> Outlines:
    """Read a FeatureCollection of areas; a feature's number stands for its row."""
    try:
        text = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
        document = json.loads(text.decode("utf-8-sig"))
    except (OSError, EOFError, ValueError) as error:
        return Outlines(findings=[finding("geojson-invalid", Cell(name), reason=error)])
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list):
        return Outlines(findings=[finding("geojson-invalid", Cell(name), reason="no features")])
    if document.get("UTF8Encoding"):
        return Outlines(findings=[finding("geojson-invalid", Cell(name), reason="UTF8Encoding")])
    result = Outlines(read=len(features))
    for number, feature in enumerate(features, start=1):
        _read_feature(name, number, feature, result)
    return result


def _read_feature(file: str, number: int, feature: Any, result: Outlines) -> None:  # noqa: ANN401 -- foreign JSON
    holder = feature if isinstance(feature, dict) else {}
    properties = holder.get("properties")
    said = properties if isinstance(properties, dict) else {}
    stated = next(
        (one for one in (said.get("code"), said.get("id"), holder.get("id")) if one is not None), ""
    )
    code = str(stated).strip()
    cell = Cell(file, number, "id", code)
    if not code:
        result.findings.append(finding("value-missing", cell))
        return
    polygons = _polygons(holder.get("geometry"))
    if isinstance(polygons, str):
        result.findings.append(finding("boundary-invalid", cell, reason=polygons))
        return
    label = said.get("cp")
    point = (float(label[0]), float(label[1])) if isinstance(label, list) and _is_point(label) else None
    result.rows.append(Outline(code, str(said.get("name", "")), point, polygons, file, number))


def _polygons(geometry: Any) -> list[Polygon] | str:  # noqa: ANN401 -- foreign JSON
    """Return the polygons of a geometry, or why it has none."""
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in ("Polygon", "MultiPolygon"):
        return str(kind)
    coordinates = geometry.get("coordinates")
    parts = [coordinates] if kind == "Polygon" else coordinates
    if not isinstance(parts, list) or not parts:
        return "no coordinates"
    polygons: list[Polygon] = []
    for part in parts:
        if not isinstance(part, list) or not part:
            return "empty polygon"
        rings = [_ring(ring) for ring in part]
        wrong = [ring for ring in rings if isinstance(ring, str)]
        if wrong:
            return wrong[0]
        polygons.append([ring for ring in rings if not isinstance(ring, str)])
    return polygons


def _ring(points: Any) -> Ring | str:  # noqa: ANN401 -- foreign JSON
    if not isinstance(points, list) or not all(_is_point(point) for point in points):
        return "a point is not [longitude, latitude]"
    rounded = [[round(float(point[0]), DECIMALS), round(float(point[1]), DECIMALS)] for point in points]
    if len(rounded) < 4 or rounded[0] != rounded[-1]:
        return "a ring is not closed"
    slim = [rounded[0]]
    slim += [point for point, before in zip(rounded[1:], rounded, strict=False) if point != before]
    return slim if len(slim) >= 4 else "a ring encloses nothing"


def _is_point(value: Any) -> bool:  # noqa: ANN401 -- foreign JSON
    if not isinstance(value, list) or len(value) < 2:
        return False
    if not all(isinstance(one, int | float) and math.isfinite(one) for one in value[:2]):
        return False
    return bool(-180 <= value[0] <= 180 and -90 <= value[1] <= 90)


def geometry_of(polygons: Sequence[Polygon]) -> dict[str, Any]:
    """Return polygons as one GeoJSON geometry."""
    if len(polygons) == 1:
        return {"type": "Polygon", "coordinates": polygons[0]}
    return {"type": "MultiPolygon", "coordinates": list(polygons)}


def polygons_of(geometry: dict[str, Any]) -> list[Polygon]:
    """Return the polygons of a GeoJSON geometry that was checked before."""
    coordinates = geometry["coordinates"]
    return [coordinates] if geometry["type"] == "Polygon" else list(coordinates)
