"""From the tables of a folder to the problem that is solved; what the roads say is checked on the way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fangxian.base.tables import ROW, Folder, Wrong
from fangxian.logistics.allocation.supplies import (
    NEVER,
    Batches,
    Items,
    Needs,
    SupplyProblem,
    Warehouses,
)
from fangxian.studies.supplies.tables import POINTS, Tables, read_tables
from fangxian.studies.travel.road_table import check_speed, road_network

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

_DEEPEST = 16
"""Levels of places, far more than the five of the administration."""

_NO_ROAD = Wrong(
    "no-road",
    (
        "没有道路从任何可供应它的仓库通到“{value}”。",
        "No road leads to '{value}' from any warehouse that may serve it.",
    ),
    (
        "请在 roads.csv 补上道路，或调整仓库的 serves。",
        "Add the road to roads.csv, or widen a warehouse's serves.",
    ),
)


@dataclass(frozen=True)
class SupplyCase:
    """A problem with the words that its tables use.

    Parameters
    ----------
    problem : SupplyProblem
    today : datetime.date
    note : str
        What the plan table says of itself, e.g. that it is synthetic.
    kind, place : tuple of str
        Of each point.
    """

    problem: SupplyProblem
    today: date
    note: str
    kind: tuple[str, ...]
    place: tuple[str, ...]


def read_case(path: Path) -> SupplyCase:
    """Read an allocation problem from a folder of tables.

    Parameters
    ----------
    path : Path
        See docs/reference/allocate.md for the tables.

    Returns
    -------
    SupplyCase

    Raises
    ------
    InvalidInput
        Naming file, row, column, value and remedy of every fault.
    """
    folder = Folder(path)
    tables = read_tables(folder)
    place = {code: index for index, code in enumerate(tables.places["place"].to_list())}
    item = {code: index for index, code in enumerate(tables.items["item"].to_list())}
    warehouse = {code: index for index, code in enumerate(tables.warehouses["warehouse"].to_list())}
    point = {code: index for index, code in enumerate(tables.points["point"].to_list())}
    hours, km, serves = _ways(folder, tables, place)
    folder.refuse()
    plan = tables.plan.row(0, named=True)
    points = tables.points
    problem = SupplyProblem(
        _items(tables),
        _warehouses(tables),
        _batches(tables, warehouse, item),
        _reserve(tables, warehouse, item),
        _needs(tables, point, item),
        tuple(points["point"].to_list()),
        points["severity"].to_numpy().astype(np.float64),
        hours,
        km,
        serves,
        np.array(tables.levels),
        plan["horizon_days"],
        plan["replan_days"],
        (plan["red_weight"], plan["yellow_weight"], plan["green_weight"]),
    )
    kinds, places = tuple(points["kind"].to_list()), tuple(points["place"].to_list())
    return SupplyCase(problem, tables.today, plan["note"], kinds, places)


def _numbers(codes: pl.Series, known: dict[str, int]) -> Integers:
    return np.array([known[code] for code in codes.to_list()], np.int64)


def _items(tables: Tables) -> Items:
    rows = tables.items
    return Items(
        tuple(rows["item"].to_list()),
        tuple(rows["unit"].to_list()),
        rows["litres"].to_numpy().astype(np.float64),
        rows["floor_days"].to_numpy().astype(np.float64),
        rows["longest_hours"].fill_null(np.inf).to_numpy().astype(np.float64),
        (rows["cold"] == "yes").to_numpy(),
        rows["least_shipment"].to_numpy().astype(np.int64),
    )


def _warehouses(tables: Tables) -> Warehouses:
    rows = tables.warehouses.with_columns(each=pl.col("vehicle_litres") * pl.col("trips"))
    return Warehouses(
        tuple(rows["warehouse"].to_list()),
        tuple(rows["level"].to_list()),
        (rows["each"] * rows["vehicles"]).to_numpy().astype(np.float64),
        (rows["each"] * rows["cold_vehicles"]).to_numpy().astype(np.float64),
    )


def _batches(tables: Tables, warehouse: dict[str, int], item: dict[str, int]) -> Batches:
    rows = tables.batches
    left = (rows["expires"] - tables.today).dt.total_days().fill_null(NEVER)
    return Batches(
        tuple(rows["batch"].to_list()),
        _numbers(rows["warehouse"], warehouse),
        _numbers(rows["item"], item),
        rows["quantity"].to_numpy().astype(np.int64),
        left.to_numpy().astype(np.int64),
    )


def _reserve(tables: Tables, warehouse: dict[str, int], item: dict[str, int]) -> Integers:
    reserve = np.zeros((len(warehouse), len(item)), np.int64)
    for row in tables.reserves.iter_rows(named=True):
        reserve[warehouse[row["warehouse"]], item[row["item"]]] = row["quantity"]
    return reserve


def _needs(tables: Tables, point: dict[str, int], item: dict[str, int]) -> Needs:
    rows = tables.needs
    names = [name for name in rows.columns if name.startswith("q") and name[1:].isdigit()]
    at, what = _numbers(rows["point"], point), _numbers(rows["item"], item)
    people = tables.points.select("red", "yellow", "green").to_numpy().astype(np.float64)
    use = tables.items.select("red_use", "yellow_use", "green_use").to_numpy().astype(np.float64)
    users = people[at] * use[what]
    total = users.sum(axis=1, keepdims=True)
    share = np.where(total > 0, users / np.where(total > 0, total, 1.0), np.array([0.0, 0.0, 1.0]))
    last_day = tables.plan["horizon_days"][0]
    coming = np.zeros(rows.height, np.int64)
    place_of = {pair: index for index, pair in enumerate(zip(at.tolist(), what.tolist(), strict=True))}
    for row in tables.on_road.iter_rows(named=True):
        pair = (point[row["point"]], item[row["item"]])
        if (row["arrives"] - tables.today).days <= last_day and pair in place_of:
            coming[place_of[pair]] += row["quantity"]
    return Needs(
        at,
        what,
        rows["on_hand"].to_numpy().astype(np.int64),
        coming,
        rows["guaranteed"].to_numpy().astype(np.int64),
        rows.select(names).to_numpy().astype(np.int64),
        share,
    )


def _ways(folder: Folder, tables: Tables, place: dict[str, int]) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Return hours, kilometres and service areas; a point that no road reaches is a fault."""
    check_speed(folder, tables.roads)
    roads = road_network(tables.roads, place)
    ends = _numbers(tables.points["place"], place)
    hours, km = roads.travel(_numbers(tables.warehouses["place"], place), ends)
    area = tables.warehouses.select(pl.coalesce("serves", "place").alias("area"))["area"]
    serves = _below(tables, place, _numbers(area, place))[:, ends]
    aid = tables.warehouses["aid_hours"].to_numpy()[:, None]
    serves |= (aid > 0) & (hours <= aid)
    joined: list[bool] = np.any(serves & np.isfinite(hours), axis=0).tolist()
    used = set(tables.needs["point"].to_list())
    for row, code, reached in zip(
        tables.points[ROW].to_list(), tables.points["point"].to_list(), joined, strict=True
    ):
        if not reached and code in used:
            folder.fault(POINTS, row, "place", code, _NO_ROAD)
    return hours, km, serves


def _below(tables: Tables, place: dict[str, int], tops: Integers) -> NDArray[np.bool_]:
    """Return bool[len(tops), P]: whether a place is one of these or lies below it."""
    parent = np.full(len(place), -1, np.int64)
    for code, above in zip(tables.places["place"].to_list(), tables.places["parent"].to_list(), strict=True):
        if above is not None:
            parent[place[code]] = place[above]
    found = np.zeros((tops.shape[0], len(place)), np.bool_)
    current = np.arange(len(place))
    for _ in range(_DEEPEST):
        found |= tops[:, None] == current[None, :]
        current = np.where(current >= 0, parent[current], -1)
        if (current < 0).all():
            return found
    return found
