"""Writes a made-up problem as the folder of tables that an allocation reads (模拟数据)."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from fangxian.base.written_tables import write_frames
from fangxian.logistics.allocation.supplies import NEVER, SupplyProblem
from fangxian.logistics.instances.catalogue import CATALOGUE
from fangxian.logistics.instances.geography import road_columns
from fangxian.logistics.instances.supplies import LEVELS, TRIPS, VEHICLE_LITRES, SupplyWorld

FIRST_DAY = date(2022, 12, 7)
NOTE = "模拟数据"


def write_world(world: SupplyWorld, folder: Path) -> tuple[str, ...]:
    """Write the tables of a made-up problem.

    Parameters
    ----------
    world : SupplyWorld
    folder : Path
        Made if it does not exist; tables of the same names are replaced.

    Returns
    -------
    tuple of str
        Names of the files.
    """
    tables = {
        "plan": pl.DataFrame(
            {
                "date": [FIRST_DAY],
                "horizon_days": [world.problem.horizon_days],
                "replan_days": [world.problem.replan_days],
                "note": [NOTE],
            }
        ),
        "places": _places(world),
        "roads": pl.DataFrame(road_columns(world.region)),
        "items": _items(world.problem),
        "warehouses": _warehouses(world),
        "batches": _batches(world.problem),
        "reserves": _reserves(world.problem),
        "points": _points(world),
        "needs": _needs(world.problem),
    }
    return write_frames(folder, tables)


def _places(world: SupplyWorld) -> pl.DataFrame:
    code = world.region.code
    parents = [code[above] if above >= 0 else None for above in world.region.parent.tolist()]
    return pl.DataFrame({"place": code, "parent": parents, "name": world.region.name})


def _items(problem: SupplyProblem) -> pl.DataFrame:
    chosen = CATALOGUE[: len(problem.items.code)]
    return pl.DataFrame(
        {
            "item": problem.items.code,
            "unit": problem.items.unit,
            "litres": problem.items.litres,
            "floor_days": problem.items.floor_days,
            "longest_hours": problem.items.longest_hours,
            "cold": ["yes" if cold else "no" for cold in problem.items.cold.tolist()],
            "least_shipment": problem.items.least_shipment,
            "red_use": [item.red for item in chosen],
            "yellow_use": [item.yellow for item in chosen],
            "green_use": [1.0 for _ in chosen],
        }
    )


def _warehouses(world: SupplyWorld) -> pl.DataFrame:
    held, code = world.problem.warehouses, np.array(world.region.code)
    return pl.DataFrame(
        {
            "warehouse": held.code,
            "level": held.level,
            "place": code[world.warehouse_place],
            "serves": code[world.warehouse_area],
            "aid_hours": np.full(len(held.code), world.aid_hours),
            "vehicles": world.vehicles,
            "cold_vehicles": world.cold_vehicles,
            "vehicle_litres": np.full(len(held.code), VEHICLE_LITRES),
            "trips": np.full(len(held.code), TRIPS),
        }
    )


def _batches(problem: SupplyProblem) -> pl.DataFrame:
    batches = problem.batches
    days = batches.expires_days.tolist()
    return pl.DataFrame(
        {
            "warehouse": np.array(problem.warehouses.code)[batches.warehouse],
            "item": np.array(problem.items.code)[batches.item],
            "batch": batches.code,
            "quantity": batches.quantity,
            "unit": np.array(problem.items.unit)[batches.item],
            "expires": [None if day >= NEVER else FIRST_DAY + timedelta(day) for day in days],
        }
    )


def _reserves(problem: SupplyProblem) -> pl.DataFrame:
    warehouse, item = np.nonzero(problem.reserve)
    return pl.DataFrame(
        {
            "warehouse": np.array(problem.warehouses.code)[warehouse],
            "item": np.array(problem.items.code)[item],
            "quantity": problem.reserve[warehouse, item],
            "unit": np.array(problem.items.unit)[item],
        }
    )


def _points(world: SupplyWorld) -> pl.DataFrame:
    people = world.region.people[world.point_place]
    return pl.DataFrame(
        {
            "point": world.problem.point_code,
            "kind": world.point_kind,
            "place": np.array(world.region.code)[world.point_place],
            "red": people[:, 0],
            "yellow": people[:, 1],
            "green": people[:, 2],
            "severity": world.problem.severity,
        }
    )


def _needs(problem: SupplyProblem) -> pl.DataFrame:
    needs = problem.needs
    names = [f"q{round(100 * level):02d}" for level in LEVELS.tolist()]
    quantiles = {name: needs.quantiles[:, column] for column, name in enumerate(names)}
    return pl.DataFrame(
        {
            "point": np.array(problem.point_code)[needs.point],
            "item": np.array(problem.items.code)[needs.item],
            "unit": np.array(problem.items.unit)[needs.item],
            "on_hand": needs.on_hand,
        }
        | quantiles
    )
