"""Writes a made-up day of transfers as the folder of tables that ``fangxian transfer`` reads (模拟数据)."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fangxian.base.counter_random import purpose_key
from fangxian.base.written_tables import write_frames
from fangxian.logistics.instances.geography import (
    COUNTY,
    VILLAGE,
    Region,
    RegionSize,
    make_region,
    road_columns,
)

DAY = datetime(2022, 12, 7)  # noqa: DTZ001 -- tables hold local times
_CLEANING = (
    ("confirmed", 30, 30, 30, 30),
    ("contact", 0, 0, 30, 30),
    ("ordinary", 0, 0, 0, 0),
)
"""Minutes after a category: before confirmed, contact, ordinary, and at the end of the shift."""
_CATEGORY = {"confirmed": "阳性", "contact": "密接", "ordinary": "普通"}
_NEGATIVE_PRESSURE = "负压"
_KINDS = (
    ("负压救护车", 2, f"{_NEGATIVE_PRESSURE};担架", _CATEGORY["confirmed"]),
    ("转运中巴", 15, "", f"{_CATEGORY['contact']};{_CATEGORY['ordinary']}"),
    ("普通救护车", 2, "担架", f"{_CATEGORY['contact']};{_CATEGORY['ordinary']}"),
)
"""Vehicles: kind, seats, what it has, what it may carry."""


def write_transfers(folder: Path, *, requests: int, vehicles: int, seed: int) -> tuple[str, ...]:
    """Write the tables of a made-up day in a made-up city of 20 counties.

    Parameters
    ----------
    folder : Path
        Made if it does not exist; tables of the same names are replaced.
    requests, vehicles : int
    seed : int
        The same seed writes the same tables.

    Returns
    -------
    tuple of str
        Names of the files.
    """
    region = make_region(RegionSize(1, 20, 240, 720, 9_400_000), seed)
    numbers = np.random.Generator(np.random.Philox(key=int(purpose_key(seed, "transfers"))))
    tables = {
        "requests": _requests(region, requests, numbers),
        "vehicles": _vehicles(region, vehicles, numbers),
        "roads": pl.DataFrame(road_columns(region, digits=(4, 3), named=True)),
        "cleaning": _cleaning(),
    }
    return write_frames(folder, tables)


def _requests(region: Region, count: int, numbers: np.random.Generator) -> pl.DataFrame:
    villages = region.of_level(VILLAGE)
    living = region.people[villages].sum(axis=1)
    homes = villages[numbers.choice(villages.shape[0], count, p=living / living.sum())]
    county = region.above(COUNTY)[homes]
    counties = region.of_level(COUNTY)
    designated = counties[::4]
    category = numbers.choice(3, count, p=[0.35, 0.45, 0.2])
    ready = numbers.integers(8 * 60, 16 * 60, count)
    rows: list[dict[str, Any]] = []
    for row in range(count):
        kind = ("confirmed", "contact", "ordinary")[category[row]]
        goal = _nearest(region, homes[row], designated) if kind == "confirmed" else county[row]
        wait = {"confirmed": 120, "contact": 480, "ordinary": 150}[kind]
        rows.append(
            {
                "request": f"T{row + 1:04d}",
                "pickup": region.name[homes[row]],
                "delivery": region.name[goal],
                "persons": int(numbers.integers(1, {"confirmed": 3, "contact": 7, "ordinary": 2}[kind])),
                "category": _CATEGORY[kind],
                "ready": _clock(ready[row]),
                "pickup_until": _clock(ready[row] + wait),
                "deliver_until": _clock(ready[row] + wait),
                "needs": _NEGATIVE_PRESSURE if kind == "confirmed" else "",
                "pickup_minutes": 10,
                "delivery_minutes": 10,
                "weight": {"confirmed": 4, "contact": 1, "ordinary": 2}[kind],
            }
        )
    return pl.DataFrame(rows)


def _nearest(region: Region, place: int, among: NDArray[np.int64]) -> int:
    apart = np.hypot(region.x_km[among] - region.x_km[place], region.y_km[among] - region.y_km[place])
    return int(among[apart.argmin()])


def _clock(minutes: int) -> str:
    return (DAY + timedelta(minutes=int(minutes))).isoformat(timespec="minutes")


def _vehicles(region: Region, count: int, numbers: np.random.Generator) -> pl.DataFrame:
    counties = region.of_level(COUNTY)
    kinds = numbers.choice(len(_KINDS), count, p=[0.5, 0.25, 0.25])
    bases = counties[np.arange(count) % counties.shape[0]]
    early = numbers.integers(0, 2, count) * 120
    return pl.DataFrame(
        {
            "vehicle": [f"{_KINDS[kind][0]}{row + 1:03d}" for row, kind in enumerate(kinds)],
            "base": [region.name[each] for each in bases],
            "seats": [_KINDS[kind][1] for kind in kinds],
            "opens": [_clock(7 * 60 + shift) for shift in early],
            "closes": [_clock(19 * 60 + shift) for shift in early],
            "has": [_KINDS[kind][2] for kind in kinds],
            "categories": [_KINDS[kind][3] for kind in kinds],
        }
    )


def _cleaning() -> pl.DataFrame:
    heads = (*_CATEGORY.values(), "end")
    return pl.DataFrame(
        [
            {"after": _CATEGORY[after], "before": before, "minutes": each}
            for after, *minutes in _CLEANING
            for before, each in zip(heads, minutes, strict=True)
        ]
    )
