"""Board, figures and series as programs receive them; absent is null and never 0."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.http import HttpResponse
from ninja import Field, Schema
from pydantic import BaseModel, ConfigDict, TypeAdapter

from fangxian.reporting.schemas.reports import RevisionOut
from fangxian.reporting.selectors.board import Board, BoardRow
from fangxian.reporting.selectors.coverage import Coverage
from fangxian.reporting.selectors.figures import Figure, FigureNode, FigureUnit
from fangxian.reporting.selectors.series import PlaceSeries
from fangxian.reporting.selectors.standings import Counts

Number = int | float


class Part(BaseModel):
    """A part of an answer that may have thousands of them: plain pydantic, which runs no Python for each."""

    model_config = ConfigDict(from_attributes=True)


class PlaceOut(Part):
    """A place in short."""

    code: str
    name: str
    name_en: str
    level: int


class CoverageOut(Part):
    """How many units of those that owe have reported, and the share of the people whom they serve."""

    reported: int
    due: int
    share: float | None
    population_share: float | None


class CountsOut(Part):
    """Units and forms by state, and how many carry a flag."""

    states: dict[str, int]
    due: int
    reported: int
    zero_declared: int
    corrected: int
    contradicted: int


class BoardRowOut(Part):
    """One unit and form."""

    unit: str
    name: str
    place: str
    form: str
    state: str
    reason: dict[str, str]
    deadline: datetime
    since: datetime | None
    last_day: date | None
    zero_declared: bool
    corrected: bool
    contradicted: bool


class FormCountsOut(Part):
    """A form with the counts of the whole place."""

    form: str
    counts: CountsOut


class ChildCountsOut(Part):
    """A place right below with its counts."""

    place: PlaceOut
    counts: CountsOut


class BoardOut(Part):
    """One page of the board with the counts over all of it."""

    place: PlaceOut
    day: date
    counts: CountsOut
    forms: list[FormCountsOut]
    children: list[ChildCountsOut]
    rows: list[BoardRowOut]
    rows_found: int
    contradictions: int


class FigureNodeOut(Part):
    """The figure of one place; ``given`` units stated a number."""

    place: PlaceOut
    value: Number | None
    given: int
    coverage: CoverageOut
    synthetic: bool


class FigureUnitOut(Schema):
    """One unit behind a figure; ``known`` is false where it declared the number not known."""

    unit: str
    name: str
    state: str
    value: Number | None
    known: bool
    revisions: list[RevisionOut]


class FigureOut(Schema):
    """A figure with what stands right behind it; units only where the caller may see reports."""

    form: str
    field: str
    unit: str = Field(description="What one is: person, bed, test")
    aggregation: str
    day: date
    figure: FigureNodeOut
    path: list[PlaceOut]
    children: list[FigureNodeOut]
    units: list[FigureUnitOut]
    reports_hidden: bool


class PointOut(Part):
    """One day of a series."""

    day: date
    values: dict[str, Number | None]
    coverage: CoverageOut


class SeriesOut(Part):
    """A place over days."""

    place: PlaceOut
    form: str
    as_of: datetime | None
    points: list[PointOut]


def board_answer(board: Board) -> HttpResponse:
    """Return a board for programs."""
    found = {
        "place": board.place,
        "day": board.day,
        "counts": _counts(board.counts),
        "forms": [{"form": one.form.id, "counts": _counts(one.counts)} for one in board.forms],
        "children": [{"place": one.place, "counts": _counts(one.counts)} for one in board.children],
        "rows": [_row(row) for row in board.rows],
        "rows_found": board.rows_found,
        "contradictions": board.contradictions,
    }
    return _answer(BoardOut.model_validate(found).model_dump_json())


def _counts(counts: Counts) -> dict[str, Any]:
    return {name: getattr(counts, name) for name in CountsOut.model_fields}


def _row(row: BoardRow) -> dict[str, Any]:
    return {
        "unit": row.unit.code,
        "name": row.unit.name,
        "place": row.unit.place_code,
        "form": row.form,
        "last_day": row.last_day,
        **row.standing._asdict(),
    }


def _coverage(coverage: Coverage) -> dict[str, Any]:
    return {name: getattr(coverage, name) for name in CoverageOut.model_fields}


def figure_out(figure: Figure) -> dict[str, Any]:
    """Return an opened figure for programs."""
    return {
        "form": figure.form.id,
        "field": figure.field.id,
        "unit": figure.field.unit,
        "aggregation": figure.field.aggregation.value,
        "day": figure.day,
        "figure": _node(figure.whole),
        "path": list(figure.path),
        "children": [_node(node) for node in figure.children],
        "units": [_unit(unit) for unit in figure.units],
        "reports_hidden": figure.reports_hidden,
    }


def _node(node: FigureNode) -> dict[str, Any]:
    return {
        "place": node.place,
        "value": node.value,
        "given": node.given,
        "coverage": _coverage(node.coverage),
        "synthetic": node.synthetic,
    }


def _unit(one: FigureUnit) -> dict[str, Any]:
    return {
        "unit": one.unit.code,
        "name": one.unit.name,
        "state": one.standing.state,
        "value": one.value,
        "known": one.known,
        "revisions": list(one.revisions),
    }


def series_answer(
    series: Sequence[PlaceSeries], fields: Sequence[str], as_of: datetime | None
) -> HttpResponse:
    """Return series for programs, with the fields that were asked for."""
    found = _ALL_SERIES.validate_python([_series(one, fields, as_of) for one in series])
    return _answer(_ALL_SERIES.dump_json(found))


_ALL_SERIES = TypeAdapter(list[SeriesOut])


def _answer(text: str | bytes) -> HttpResponse:
    return HttpResponse(text, content_type="application/json; charset=utf-8")


def _series(series: PlaceSeries, fields: Sequence[str], as_of: datetime | None) -> dict[str, Any]:
    return {
        "place": series.place,
        "form": series.form.id,
        "as_of": as_of,
        "points": [
            {
                "day": day,
                "values": {name: point.values[name] for name in fields},
                "coverage": _coverage(point.coverage),
            }
            for day, point in zip(series.days, series.points, strict=True)
        ],
    }
