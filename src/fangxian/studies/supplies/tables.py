"""The tables of an allocation problem, and what must hold between them."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path

import polars as pl

from fangxian.base.tables import ROW, Column, Folder, Table, Wrong
from fangxian.studies.travel.road_table import ROADS

LEVELS = ("national", "province", "city", "county", "township")
KINDS = ("hospital", "township_clinic", "village_clinic", "pharmacy", "other")

PLAN = Table(
    "plan.csv",
    (
        Column("date", "date"),
        Column("horizon_days", "whole", optional=True, default=7, least=1, most=366),
        Column("replan_days", "whole", optional=True, default=7, least=1, most=366),
        Column("red_weight", "number", optional=True, default=8.0, least=0.001),
        Column("yellow_weight", "number", optional=True, default=3.0, least=0.001),
        Column("green_weight", "number", optional=True, default=1.0, least=0.001),
        Column("note", optional=True, default=""),
    ),
)
PLACES = Table("places.csv", (Column("place"), Column("parent", optional=True)), key=("place",))
ITEMS = Table(
    "items.csv",
    (
        Column("item"),
        Column("unit"),
        Column("litres", "number", least=1e-6),
        Column("floor_days", "number", least=0),
        Column("longest_hours", "number", optional=True, least=0),
        Column("cold", optional=True, default="no", choices=("yes", "no")),
        Column("least_shipment", "whole", optional=True, default=1, least=1),
        Column("red_use", "number", optional=True, default=1.0, least=0),
        Column("yellow_use", "number", optional=True, default=1.0, least=0),
        Column("green_use", "number", optional=True, default=1.0, least=0),
    ),
    key=("item",),
)
WAREHOUSES = Table(
    "warehouses.csv",
    (
        Column("warehouse"),
        Column("level", choices=LEVELS),
        Column("place"),
        Column("serves", optional=True),
        Column("aid_hours", "number", optional=True, default=0.0, least=0),
        Column("vehicles", "whole", least=0),
        Column("cold_vehicles", "whole", optional=True, default=0, least=0),
        Column("vehicle_litres", "number", least=0),
        Column("trips", "whole", optional=True, default=1, least=1),
    ),
    key=("warehouse",),
)
BATCHES = Table(
    "batches.csv",
    (
        Column("warehouse"),
        Column("item"),
        Column("batch"),
        Column("quantity", "whole", least=0),
        Column("unit"),
        Column("expires", "date", optional=True),
    ),
    key=("warehouse", "item", "batch"),
)
RESERVES = Table(
    "reserves.csv",
    (Column("warehouse"), Column("item"), Column("quantity", "whole", least=0), Column("unit")),
    key=("warehouse", "item"),
    optional=True,
)
POINTS = Table(
    "points.csv",
    (
        Column("point"),
        Column("kind", choices=KINDS),
        Column("place"),
        Column("red", "whole", least=0),
        Column("yellow", "whole", least=0),
        Column("green", "whole", least=0),
        Column("severity", "number", optional=True, default=1.0, least=0.01, most=100),
    ),
    key=("point",),
)
ON_ROAD = Table(
    "on_road.csv",
    (
        Column("shipment"),
        Column("point"),
        Column("item"),
        Column("quantity", "whole", least=0),
        Column("unit"),
        Column("arrives", "date"),
    ),
    key=("shipment",),
    optional=True,
)
_NEEDS = (
    Column("point"),
    Column("item"),
    Column("unit"),
    Column("on_hand", "whole", least=0),
    Column("guaranteed", "whole", optional=True, default=0, least=0),
)
_QUANTILE = re.compile(r"^q(\d{1,3})$")

_EXPIRED = Wrong(
    "batch-expired",
    ("{value} 已过期。", "It expired on {value}."),
    ("请将其下架并从表中删去。", "Take it off the shelf and out of the table."),
)
_NO_VEHICLE = Wrong(
    "no-vehicle",
    ("仓库“{value}”有库存而没有车辆。", "The warehouse '{value}' holds stock but has no vehicle."),
    (
        "请填写车辆数与容积，或删去这个仓库的库存。",
        "Give it vehicles with a volume, or take its stock out of the table.",
    ),
)
_NO_COLD_VEHICLE = Wrong(
    "no-cold-vehicle",
    (
        "“{value}”须冷链运输，而这个仓库没有冷藏车。",
        "'{value}' travels cold, and this warehouse has no cold vehicle.",
    ),
    ("请在 warehouses.csv 填写 cold_vehicles。", "Give it cold_vehicles in warehouses.csv."),
)
_RESERVE = Wrong(
    "reserve-above-stock",
    ("储备 {value} 大于库存。", "The reserve of {value} is more than the stock."),
    ("请核对储备与各批次数量。", "Check the reserve and the quantities of the batches."),
)
_LATE = Wrong(
    "arrival-in-the-past",
    ("到达日 {value} 早于计划日。", "It was to arrive on {value}, before the day of the plan."),
    ("已到的请计入 on_hand，未到的请改到达日。", "Count it in on_hand if it came; else correct the day."),
)
_NOT_NEEDED = Wrong(
    "shipment-not-needed",
    (
        "needs.csv 没有这个机构对“{value}”的需求。",
        "needs.csv has no row for '{value}' at this point.",
    ),
    ("请在 needs.csv 加上这一行。", "Add the row to needs.csv."),
)
_FALLING = Wrong(
    "quantiles-fall",
    ("分位数从左到右变小：{value}。", "The quantiles fall from left to right: {value}."),
    ("请按从小到大填写。", "Write them in rising order."),
)


@dataclass(frozen=True)
class Tables:
    """The tables as read, without faults.

    Parameters
    ----------
    plan, places, roads, items, warehouses, batches, reserves, points, needs, on_road : polars.DataFrame
    levels : tuple of float
        Of the quantile columns of ``needs``.
    """

    plan: pl.DataFrame
    places: pl.DataFrame
    roads: pl.DataFrame
    items: pl.DataFrame
    warehouses: pl.DataFrame
    batches: pl.DataFrame
    reserves: pl.DataFrame
    points: pl.DataFrame
    needs: pl.DataFrame
    on_road: pl.DataFrame
    levels: tuple[float, ...]

    @property
    def today(self) -> date:
        """Return the day of the plan."""
        day: date = self.plan["date"][0]
        return day


def read_tables(folder: Folder) -> Tables:
    """Read all tables and check them against each other.

    Parameters
    ----------
    folder : Folder
        Faults are noted in it; more may be added before it refuses.

    Returns
    -------
    Tables

    Raises
    ------
    InvalidInput
        Naming file, row, column, value and remedy of every fault.
    """
    quantiles = _quantile_columns(folder)
    needs_table = Table(
        "needs.csv",
        (*_NEEDS, *(Column(name, "whole", least=0) for name in quantiles or ("q50",))),
        key=("point", "item"),
    )
    tables = Tables(
        plan=folder.read(PLAN),
        places=folder.read(PLACES),
        roads=folder.read(ROADS),
        items=folder.read(ITEMS),
        warehouses=folder.read(WAREHOUSES),
        batches=folder.read(BATCHES),
        reserves=folder.read(RESERVES),
        points=folder.read(POINTS),
        needs=folder.read(needs_table),
        on_road=folder.read(ON_ROAD),
        levels=tuple(int(name[1:]) / 10 ** (len(name) - 1) for name in quantiles),
    )
    _check_plan(folder, tables)
    _check_codes(folder, tables, needs_table)
    for table, rows in (
        (BATCHES, tables.batches),
        (RESERVES, tables.reserves),
        (needs_table, tables.needs),
        (ON_ROAD, tables.on_road),
    ):
        _check_units(folder, table, rows, tables.items)
    _check_vehicles(folder, tables)
    _check_reserves(folder, tables)
    _check_quantiles(folder, needs_table, tables, quantiles)
    folder.refuse()
    return tables


def _quantile_columns(folder: Folder) -> tuple[str, ...]:
    """Return the names q05, q50, ... in the header of the needs, by rising level."""
    path: Path = folder.path / "needs.csv"
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            header = [name.strip() for name in next(csv.reader(file), [])]
    except (OSError, UnicodeDecodeError):
        return ()
    found = [name for name in header if _QUANTILE.match(name) and int(name[1:])]
    return tuple(sorted(found, key=lambda name: int(name[1:]) / 10 ** (len(name) - 1)))


def _check_plan(folder: Folder, tables: Tables) -> None:
    if tables.plan.height > 1:
        words = ("计划表应只有一行，有 {value} 行。", "The plan has one row; there are {value}.")
        remedy = ("请只留一行。", "Keep one row.")
        folder.fault(PLAN, 3, None, tables.plan.height, Wrong("plan-rows", words, remedy))
    for row in tables.plan.head(1).iter_rows(named=True):
        weights = [row[f"{tier}_weight"] for tier in ("red", "yellow", "green")]
        if None not in weights and weights != sorted(weights, reverse=True):
            words = ("权重应按红、黄、绿不增：{value}。", "Weights must not rise from red to green: {value}.")
            remedy = ("红色人群最危险，权重应最大。", "The red tier is most endangered: give it the most.")
            wrong = Wrong("weights-rise", words, remedy)
            folder.fault(PLAN, row[ROW], "red_weight", ", ".join(map(str, weights)), wrong)


def _check_codes(folder: Folder, tables: Tables, needs_table: Table) -> None:
    places, items = tables.places["place"].to_list(), tables.items["item"].to_list()
    points, warehouses = tables.points["point"].to_list(), tables.warehouses["warehouse"].to_list()
    for table, rows, column, known, where in (
        (PLACES, tables.places, "parent", places, "places.csv"),
        (ROADS, tables.roads, "from", places, "places.csv"),
        (ROADS, tables.roads, "to", places, "places.csv"),
        (WAREHOUSES, tables.warehouses, "place", places, "places.csv"),
        (WAREHOUSES, tables.warehouses, "serves", places, "places.csv"),
        (POINTS, tables.points, "place", places, "places.csv"),
        (BATCHES, tables.batches, "warehouse", warehouses, "warehouses.csv"),
        (BATCHES, tables.batches, "item", items, "items.csv"),
        (RESERVES, tables.reserves, "warehouse", warehouses, "warehouses.csv"),
        (RESERVES, tables.reserves, "item", items, "items.csv"),
        (needs_table, tables.needs, "point", points, "points.csv"),
        (needs_table, tables.needs, "item", items, "items.csv"),
        (ON_ROAD, tables.on_road, "point", points, "points.csv"),
        (ON_ROAD, tables.on_road, "item", items, "items.csv"),
    ):
        folder.refer(table, rows, column, known, where)


def _check_units(folder: Folder, table: Table, rows: pl.DataFrame, items: pl.DataFrame) -> None:
    units = items.select("item", declared="unit").unique("item")
    both = rows.join(units, on="item", how="left").filter(pl.col("unit") != pl.col("declared"))
    for row in both.iter_rows(named=True):
        words = (
            f"单位“{{value}}”与 {row['item']} 在 items.csv 的单位“{row['declared']}”不同。",
            f"The unit '{{value}}' is not that of {row['item']} in items.csv, '{row['declared']}'.",
        )
        remedy = ("请换算数量并改用同一单位。", "Convert the amount and use the same unit.")
        folder.fault(table, row[ROW], "unit", row["unit"], Wrong("unit-differs", words, remedy))


def _check_vehicles(folder: Folder, tables: Tables) -> None:
    today = tables.plan["date"][0] if tables.plan.height else None
    if today is not None:
        for row in tables.batches.filter(pl.col("expires") < today).iter_rows(named=True):
            folder.fault(BATCHES, row[ROW], "expires", row["expires"], _EXPIRED)
        for row in tables.on_road.filter(pl.col("arrives") < today).iter_rows(named=True):
            folder.fault(ON_ROAD, row[ROW], "arrives", row["arrives"], _LATE)
    pairs = tables.on_road.drop_nulls(["point", "item"])
    for row in pairs.join(tables.needs, on=["point", "item"], how="anti").iter_rows(named=True):
        folder.fault(ON_ROAD, row[ROW], "item", row["item"], _NOT_NEEDED)
    held = tables.batches.filter(pl.col("quantity") > 0)
    cars = tables.warehouses.select("warehouse", "vehicles", "cold_vehicles", "vehicle_litres", at=ROW)
    empty = cars.filter((pl.col("vehicles") + pl.col("cold_vehicles") == 0) | (pl.col("vehicle_litres") == 0))
    for row in empty.filter(pl.col("warehouse").is_in(held["warehouse"].implode())).iter_rows(named=True):
        folder.fault(WAREHOUSES, row["at"], "vehicles", row["warehouse"], _NO_VEHICLE)
    cold = tables.items.filter(pl.col("cold") == "yes")["item"]
    frozen = held.filter(pl.col("item").is_in(cold.implode())).join(cars, on="warehouse")
    warm = frozen.filter((pl.col("cold_vehicles") == 0) & (pl.col("vehicles") > 0))
    for row in warm.iter_rows(named=True):
        folder.fault(BATCHES, row[ROW], "item", row["item"], _NO_COLD_VEHICLE)


def _check_reserves(folder: Folder, tables: Tables) -> None:
    held = tables.batches.group_by("warehouse", "item").agg(held=pl.col("quantity").sum())
    both = tables.reserves.join(held, on=["warehouse", "item"], how="left").with_columns(
        pl.col("held").fill_null(0)
    )
    for row in both.filter(pl.col("quantity") > pl.col("held")).iter_rows(named=True):
        folder.fault(RESERVES, row[ROW], "quantity", row["quantity"], _RESERVE)


def _check_quantiles(folder: Folder, table: Table, tables: Tables, names: tuple[str, ...]) -> None:
    for lower, upper in pairwise(names):
        for row in tables.needs.filter(pl.col(lower) > pl.col(upper)).iter_rows(named=True):
            folder.fault(table, row[ROW], upper, f"{row[lower]} > {row[upper]}", _FALLING)
