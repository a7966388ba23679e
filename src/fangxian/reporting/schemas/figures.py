"""Board, figures and series as programs receive them; absent is null and never 0."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from ninja import Field, Schema

from fangxian.reporting.schemas.reports import RevisionOut
from fangxian.reporting.selectors.board import Board, BoardRow, Counts
from fangxian.reporting.selectors.coverage import Coverage
from fangxian.reporting.selectors.figures import Figure, FigureNode, FigureUnit
from fangxian.reporting.selectors.series import PlaceSeries

Number = int | float


class PlaceOut(Schema):
    """A place in short."""

    code: str
    name: str
    name_en: str
    level: int


class CoverageOut(Schema):
    """How many units of those that owe have reported, and the share of the people whom they serve."""

    reported: int
    due: int
    share: float | None
    population_share: float | None


class CountsOut(Schema):
    """Units and forms by state, and how many carry a flag."""

    states: dict[str, int]
    due: int
    reported: int
    zero_declared: int
    corrected: int
    contradicted: int


class BoardRowOut(Schema):
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


class FormCountsOut(Schema):
    """A form with the counts of the whole place."""

    form: str
    counts: CountsOut


class ChildCountsOut(Schema):
    """A place right below with its counts."""

    place: PlaceOut
    counts: CountsOut


class BoardOut(Schema):
    """One page of the board with the counts over all of it."""

    place: PlaceOut
    day: date
    counts: CountsOut
    forms: list[FormCountsOut]
    children: list[ChildCountsOut]
    rows: list[BoardRowOut]
    rows_found: int
    contradictions: int


class FigureNodeOut(Schema):
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


class PointOut(Schema):
    """One day of a series."""

    day: date
    values: dict[str, Number | None]
    coverage: CoverageOut


class SeriesOut(Schema):
    """A place over days."""

    place: PlaceOut
    form: str
    as_of: datetime | None
    points: list[PointOut]


def board_out(board: Board) -> dict[str, Any]:
    """Return a board for programs."""
    return {
        "place": board.place,
        "day": board.day,
        "counts": counts_out(board.counts),
        "forms": [{"form": one.form.id, "counts": counts_out(one.counts)} for one in board.forms],
        "children": [{"place": one.place, "counts": counts_out(one.counts)} for one in board.children],
        "rows": [_row(row) for row in board.rows],
        "rows_found": board.rows_found,
        "contradictions": board.contradictions,
    }


def counts_out(counts: Counts) -> dict[str, Any]:
    """Return counts for programs."""
    return {name: getattr(counts, name) for name in CountsOut.model_fields}


def _row(row: BoardRow) -> dict[str, Any]:
    said = row.standing._asdict()
    return {
        "unit": row.unit.code,
        "name": row.unit.name,
        "place": row.unit.place_code,
        "form": row.form,
        "last_day": row.last_day,
        **{name: said[name] for name in BoardRowOut.model_fields if name in said},
    }


def coverage_out(coverage: Coverage) -> dict[str, Any]:
    """Return coverage for programs."""
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
        "coverage": coverage_out(node.coverage),
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


def series_out(series: PlaceSeries, fields: list[str], as_of: datetime | None) -> dict[str, Any]:
    """Return a series for programs, with the fields that were asked for."""
    return {
        "place": series.place,
        "form": series.form.id,
        "as_of": as_of,
        "points": [
            {
                "day": day,
                "values": {name: point.values[name] for name in fields},
                "coverage": coverage_out(point.coverage),
            }
            for day, point in zip(series.days, series.points, strict=True)
        ],
    }
