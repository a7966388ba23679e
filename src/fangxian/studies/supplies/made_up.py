"""Writes a made-up problem as the folder of tables that an allocation reads (模拟数据)."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fangxian.base.written_tables import write_frames
from fangxian.logistics.allocation.supplies import NEVER, SupplyProblem
from fangxian.logistics.instances.catalogue import CATALOGUE
from fangxian.logistics.instances.geography import road_columns
from fangxian.logistics.instances.supplies import LEVELS, TRIPS, VEHICLE_LITRES, SupplyWorld

ITEM_WORDS = {
    "antiviral": ("抗病毒药", "疗程"),
    "antipyretic": ("退热药", "盒"),
    "antigen_test": ("抗原试剂", "份"),
    "oximeter": ("血氧仪", "台"),
    "mask_n95": ("N95口罩", "只"),
    "mask_surgical": ("外科口罩", "只"),
    "gown": ("防护服", "件"),
    "gloves": ("手套", "双"),
    "disinfectant": ("消毒液", "升"),
    "cough_syrup": ("止咳糖浆", "瓶"),
    "rehydration_salts": ("口服补液盐", "袋"),
    "herbal_granules": ("中药颗粒", "盒"),
    "influenza_vaccine": ("流感疫苗", "剂"),
    "insulin": ("胰岛素", "支"),
    "antibiotic": ("抗生素", "盒"),
    "corticosteroid": ("糖皮质激素", "盒"),
    "anticoagulant": ("抗凝药", "支"),
    "oxygen": ("氧气瓶", "瓶"),
    "thermometer": ("体温计", "支"),
    "infusion_fluid": ("输液", "袋"),
}
"""Name and unit of each item of the catalogue."""
_POINT = {
    "hospital": "医院",
    "township_clinic": "卫生院",
    "pharmacy": "药店",
    "village_clinic": "卫生室",
}
_STORE = {
    "national": "国家储备库",
    "province": "省级库",
    "city": "市级库",
    "county": "县级库",
    "township": "乡级库",
}
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
    words = _words(world)
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
        "items": _items(world.problem, words),
        "warehouses": _warehouses(world, words),
        "batches": _batches(world.problem, words),
        "reserves": _reserves(world.problem, words),
        "points": _points(world, words),
        "needs": _needs(world.problem, words),
    }
    return write_frames(folder, tables)


class _Words(NamedTuple):
    """The words that the tables use: names of items, units, warehouses and points."""

    item: NDArray[np.str_]
    unit: NDArray[np.str_]
    warehouse: NDArray[np.str_]
    point: NDArray[np.str_]


def _words(world: SupplyWorld) -> _Words:
    """Return Chinese names; points of a kind in a place are numbered where there are several."""
    name = np.array(world.region.name)
    chosen = [ITEM_WORDS[code] for code in world.problem.items.code]
    kind = [_POINT[each] for each in world.point_kind]
    several = Counter(zip(world.point_place.tolist(), kind, strict=True))
    seen: Counter[tuple[int, str]] = Counter()
    points = []
    for pair in zip(world.point_place.tolist(), kind, strict=True):
        seen[pair] += 1
        points.append(f"{name[pair[0]]}{pair[1]}{seen[pair] if several[pair] > 1 else ''}")
    level = world.problem.warehouses.level
    stores = [f"{name[at]}{_STORE[each]}" for at, each in zip(world.warehouse_place, level, strict=True)]
    item, unit = zip(*chosen, strict=True)
    return _Words(np.array(item), np.array(unit), np.array(stores), np.array(points))


def _places(world: SupplyWorld) -> pl.DataFrame:
    code = world.region.code
    parents = [code[above] if above >= 0 else None for above in world.region.parent.tolist()]
    return pl.DataFrame({"place": code, "parent": parents, "name": world.region.name})


def _items(problem: SupplyProblem, words: _Words) -> pl.DataFrame:
    chosen = CATALOGUE[: len(problem.items.code)]
    return pl.DataFrame(
        {
            "item": words.item,
            "unit": words.unit,
            "litres": problem.items.litres,
            "floor_days": problem.items.floor_days,
            "longest_hours": problem.items.longest_hours,
            "cold": ["yes" if cold else "no" for cold in problem.items.cold.tolist()],
            "least_shipment": problem.items.least_shipment,
            "red_use": [float(item.red) for item in chosen],
            "yellow_use": [float(item.yellow) for item in chosen],
            "green_use": [1.0 for _ in chosen],
        }
    )


def _warehouses(world: SupplyWorld, words: _Words) -> pl.DataFrame:
    held, code = world.problem.warehouses, np.array(world.region.code)
    return pl.DataFrame(
        {
            "warehouse": words.warehouse,
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


def _batches(problem: SupplyProblem, words: _Words) -> pl.DataFrame:
    batches = problem.batches
    days = batches.expires_days.tolist()
    return pl.DataFrame(
        {
            "warehouse": words.warehouse[batches.warehouse],
            "item": words.item[batches.item],
            "batch": batches.code,
            "quantity": batches.quantity,
            "unit": words.unit[batches.item],
            "expires": [None if day >= NEVER else FIRST_DAY + timedelta(day) for day in days],
        }
    )


def _reserves(problem: SupplyProblem, words: _Words) -> pl.DataFrame:
    warehouse, item = np.nonzero(problem.reserve)
    return pl.DataFrame(
        {
            "warehouse": words.warehouse[warehouse],
            "item": words.item[item],
            "quantity": problem.reserve[warehouse, item],
            "unit": words.unit[item],
        }
    )


def _points(world: SupplyWorld, words: _Words) -> pl.DataFrame:
    people = world.region.people[world.point_place]
    return pl.DataFrame(
        {
            "point": words.point,
            "kind": world.point_kind,
            "place": np.array(world.region.code)[world.point_place],
            "red": people[:, 0],
            "yellow": people[:, 1],
            "green": people[:, 2],
            "severity": world.problem.severity,
        }
    )


def _needs(problem: SupplyProblem, words: _Words) -> pl.DataFrame:
    needs = problem.needs
    names = [f"q{round(100 * level):02d}" for level in LEVELS.tolist()]
    quantiles = {name: needs.quantiles[:, column] for column, name in enumerate(names)}
    return pl.DataFrame(
        {
            "point": words.point[needs.point],
            "item": words.item[needs.item],
            "unit": words.unit[needs.item],
            "on_hand": needs.on_hand,
        }
        | quantiles
    )
