"""Writes a made-up morning of patients and beds as the folder that ``fangxian beds`` reads (模拟数据)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fangxian.base.counter_random import purpose_key
from fangxian.base.written_tables import write_frames
from fangxian.logistics.instances.geography import (
    CITY,
    COUNTY,
    TOWNSHIP,
    Region,
    RegionSize,
    make_region,
    road_columns,
)

SEVERITIES = (
    ("mild", 0.0005, "no", "primary", "(default)"),
    ("moderate", 0.003, "no", "secondary", "(default)"),
    ("severe", 0.02, "yes", "secondary", "(default)"),
    ("critical", 0.08, "yes", "tertiary", "(default)"),
)
"""Working values without a source: put those of your disease file."""
NEEDS = ("ventilator", "dialysis", "paediatric", "obstetric")
ZONES = ("infected", "others")
_LEVEL_BEDS = {"primary": (3, 1.5), "secondary": (5, 5.0), "tertiary": (4, 8.0)}
"""Mean of free beds, and of discharges a day, in each pool of a hospital."""
_OFFER_CHANCE = {"primary": 0.1, "secondary": 0.5, "tertiary": 0.9}


def write_referrals(folder: Path, *, patients: int, hospitals: int, seed: int) -> tuple[str, ...]:
    """Write the tables of a made-up morning in a made-up city of 20 counties.

    Parameters
    ----------
    folder : Path
        Made if it does not exist; tables of the same names are replaced.
    patients, hospitals : int
    seed : int
        The same seed writes the same tables.

    Returns
    -------
    tuple of str
        Names of the files.
    """
    region = make_region(RegionSize(1, 20, 240, 240, 9_400_000), seed)
    numbers = np.random.Generator(np.random.Philox(key=int(purpose_key(seed, "referrals"))))
    houses = _hospitals(region, hospitals)
    tables = {
        "severities": pl.DataFrame(
            SEVERITIES,
            schema=["severity", "hazard_per_hour", "severe", "least_level", "source"],
            orient="row",
        ),
        "hospitals": houses,
        "beds": _beds(houses, numbers),
        "patients": _patients(region, patients, houses, numbers),
        "roads": pl.DataFrame(road_columns(region, digits=(4, 3))),
        "tomorrow": pl.DataFrame({"zone": list(ZONES), "severe_patients": [patients // 40, patients // 80]}),
    }
    return write_frames(folder, tables)


def _hospitals(region: Region, count: int) -> pl.DataFrame:
    """Return tertiary hospitals at the city's seat, secondary at the counties', primary at townships'."""
    city, counties = region.of_level(CITY), region.of_level(COUNTY)
    townships = region.of_level(TOWNSHIP)
    tertiary, secondary = max(1, count // 12), max(1, count // 3)
    seats = [
        *(("tertiary", city[row % city.size]) for row in range(tertiary)),
        *(("secondary", counties[row % counties.size]) for row in range(secondary)),
        *(
            ("primary", townships[row * 7 % townships.size])
            for row in range(max(0, count - tertiary - secondary))
        ),
    ]
    names = {"tertiary": "市医院", "secondary": "县医院", "primary": "乡镇卫生院"}
    return pl.DataFrame(
        {
            "hospital": [f"模拟{names[level]}{row + 1}" for row, (level, _) in enumerate(seats)],
            "place": [region.code[place] for _, place in seats],
            "level": [level for level, _ in seats],
        }
    )


def _beds(houses: pl.DataFrame, numbers: np.random.Generator) -> pl.DataFrame:
    rows = []
    for hospital, level in houses.select("hospital", "level").iter_rows():
        free, freed = _LEVEL_BEDS[level]
        for zone in ZONES:
            offers = [need for need in NEEDS if numbers.random() < _OFFER_CHANCE[level]]
            for special in (True, False):
                if special and not offers:
                    continue
                rows.append(
                    {
                        "hospital": hospital,
                        "pool": f"{zone}-{'special' if special else 'general'}",
                        "zone": zone,
                        "offers": ";".join(offers) if special else "",
                        "free": int(numbers.poisson(free * (0.5 if special else 1.0))),
                        "freed_per_day": round(float(numbers.gamma(2.0, freed / (4 if special else 2))), 2),
                        "convertible": int(numbers.integers(0, 4)),
                        "convert_hours": float(numbers.integers(4, 13)),
                        "reserve": 0,
                    }
                )
    return pl.DataFrame(rows)


def _patients(region: Region, count: int, houses: pl.DataFrame, numbers: np.random.Generator) -> pl.DataFrame:
    townships = region.of_level(TOWNSHIP)
    living = region.people[townships].sum(axis=1)
    homes = townships[numbers.choice(townships.size, count, p=living / living.sum())]
    severity = numbers.choice(4, count, p=[0.45, 0.3, 0.18, 0.07])
    needs = numbers.random((count, len(NEEDS))) < _need_chance(severity)
    zone = numbers.choice(2, count, p=[0.7, 0.3])
    primary = houses.filter(pl.col("level") == "primary")
    where = primary["hospital"].to_list()
    place = dict(houses.select("hospital", "place").iter_rows())
    lies = numbers.random(count) < (0.1 if where else 0.0)
    at = [where[numbers.integers(len(where))] if each else None for each in lies]
    return pl.DataFrame(
        {
            "patient": [f"P{row + 1:04d}" for row in range(count)],
            "place": [
                region.code[home] if name is None else place[name]
                for home, name in zip(homes, at, strict=True)
            ],
            "severity": [SEVERITIES[each][0] for each in severity],
            "needs": [";".join(np.array(NEEDS)[row]) for row in needs],
            "zone": [ZONES[each] for each in zone],
            "at": at,
        }
    )


def _need_chance(severity: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return float64[P, 4]: chance of each need."""
    ventilator = np.array([0.0, 0.02, 0.2, 0.7])[severity]
    others = np.broadcast_to([0.03, 0.08, 0.03], (severity.size, 3))
    return np.concatenate([ventilator[:, None], others], axis=1)
