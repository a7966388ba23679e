"""Read a morning of patients and beds from a folder of CSV tables; docs/reference/beds.md lists them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from fangxian.base.tables import ROW, Column, Folder, Table, Wrong, cell_words
from fangxian.logistics.assignment.online import reserve_for_tomorrow
from fangxian.logistics.assignment.problem import (
    NOWHERE,
    BedParameters,
    BedProblem,
    Floats,
    Integers,
    Openings,
    Patients,
    Pools,
    Severities,
    open_beds,
)
from fangxian.logistics.travel.roads import Roads
from fangxian.studies.travel.road_table import ROADS, check_joined, check_speed, road_network, road_places

LEVELS = ("primary", "secondary", "tertiary")

SEVERITIES = Table(
    "severities.csv",
    (
        Column("severity"),
        Column("hazard_per_hour", "number", least=0, most=10),
        Column("severe", choices=("yes", "no")),
        Column("least_level", choices=LEVELS),
        Column("source", optional=True),
    ),
    key=("severity",),
)
HOSPITALS = Table(
    "hospitals.csv", (Column("hospital"), Column("place"), Column("level", choices=LEVELS)), key=("hospital",)
)
BEDS = Table(
    "beds.csv",
    (
        Column("hospital"),
        Column("pool"),
        Column("zone"),
        Column("offers", optional=True),
        Column("free", "whole", least=0, most=10_000),
        Column("freed_per_day", "number", optional=True, default=0.0, least=0, most=10_000),
        Column("convertible", "whole", optional=True, default=0.0, least=0, most=10_000),
        Column("convert_hours", "number", optional=True, default=0.0, least=0, most=1000),
        Column("reserve", "whole", optional=True, default=0.0, least=0, most=10_000),
    ),
    key=("hospital", "pool"),
)
PATIENTS = Table(
    "patients.csv",
    (
        Column("patient"),
        Column("place"),
        Column("severity"),
        Column("needs", optional=True),
        Column("zone"),
        Column("at", optional=True),
    ),
    key=("patient",),
)
TOMORROW = Table(
    "tomorrow.csv",
    (Column("zone"), Column("severe_patients", "whole", least=0)),
    key=("zone",),
    optional=True,
)


@dataclass(frozen=True)
class ReferralCase:
    """A problem with the names by which people know its parts.

    Parameters
    ----------
    problem : BedProblem
    patients, hospitals, pools, needs : tuple of str
    """

    problem: BedProblem
    patients: tuple[str, ...]
    hospitals: tuple[str, ...]
    pools: tuple[str, ...]
    needs: tuple[str, ...]


def read_referrals(path: Path, parameters: BedParameters) -> ReferralCase:
    """Read a folder of tables.

    Parameters
    ----------
    path : Path
    parameters : BedParameters

    Returns
    -------
    ReferralCase

    Raises
    ------
    InvalidInput
        Naming file, row, column, value and remedy of each fault.
    """
    folder = Folder(path)
    grades, hospitals, beds = (folder.read(each) for each in (SEVERITIES, HOSPITALS, BEDS))
    who, tomorrow, roads = (folder.read(each) for each in (PATIENTS, TOMORROW, ROADS))
    needs = tuple(sorted({word for text in beds["offers"] for word in cell_words(text)}))
    _check_names(folder, hospitals, beds, who, (grades, tomorrow, roads))
    _check_needs(folder, who, needs)
    check_speed(folder, roads)
    folder.refuse()
    spot = {name: row for row, name in enumerate(road_places(roads))}
    network = road_network(roads, spot)
    named_places = ((HOSPITALS, hospitals, "place"), (PATIENTS, who, "place"))
    check_joined(folder, network, spot, hospitals["place"][0], named_places)
    folder.refuse()
    minutes, metres, number = _travel(network, spot, hospitals["place"], who["place"])
    row = {name: place for place, name in enumerate(hospitals["hospital"])}
    grade = {name: place for place, name in enumerate(grades["severity"])}
    zones = {name: place for place, name in enumerate(dict.fromkeys(beds["zone"]))}
    level = np.array([LEVELS.index(name) + 1 for name in hospitals["level"]], np.int64)
    severities = Severities(
        grades["hazard_per_hour"].to_numpy(),
        (grades["severe"] == "yes").to_numpy(),
        np.array([LEVELS.index(name) + 1 for name in grades["least_level"]], np.int64),
    )
    pools = Pools(
        np.array([row[name] for name in beds["hospital"]], np.int64),
        np.array([zones[name] for name in beds["zone"]], np.int64),
        _flags(beds["offers"], needs),
    )
    patients = Patients(
        np.array([number[name] for name in who["place"]], np.int64),
        np.array([grade[name] for name in who["severity"]], np.int64),
        _flags(who["needs"], needs),
        np.array([zones[name] for name in who["zone"]], np.int64),
        np.array([NOWHERE if name is None else row[name] for name in who["at"]], np.int64),
    )
    kept = _reserves(beds, tomorrow, level[pools.hospital], int(severities.least_level.max()))
    problem = BedProblem(
        patients, severities, level, pools, _openings(beds, kept, parameters), minutes, metres, parameters
    )
    return ReferralCase(
        problem, tuple(who["patient"]), tuple(hospitals["hospital"]), tuple(beds["pool"]), needs
    )


def _flags(texts: pl.Series, words: tuple[str, ...]) -> np.ndarray:
    table = [[word in cell_words(text) for word in words] for text in texts]
    return np.array(table, np.bool_).reshape(len(texts), len(words))


def _check_names(
    folder: Folder,
    hospitals: pl.DataFrame,
    beds: pl.DataFrame,
    who: pl.DataFrame,
    others: tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame],
) -> None:
    grades, tomorrow, roads = others
    places = road_places(roads)
    folder.refer(HOSPITALS, hospitals, "place", places, ROADS.file)
    folder.refer(PATIENTS, who, "place", places, ROADS.file)
    folder.refer(BEDS, beds, "hospital", hospitals["hospital"].drop_nulls(), HOSPITALS.file)
    folder.refer(PATIENTS, who, "at", hospitals["hospital"].drop_nulls(), HOSPITALS.file)
    folder.refer(PATIENTS, who, "severity", grades["severity"].drop_nulls(), SEVERITIES.file)
    folder.refer(PATIENTS, who, "zone", beds["zone"].drop_nulls(), BEDS.file)
    folder.refer(TOMORROW, tomorrow, "zone", beds["zone"].drop_nulls(), BEDS.file)


def _check_needs(folder: Folder, who: pl.DataFrame, needs: tuple[str, ...]) -> None:
    """A need that no bed of any hospital offers is a word misspelt more often than a city without."""
    words = ("没有床位提供“{value}”。", "No bed offers '{value}'.")
    remedy = (
        f"请改正，或在 {BEDS.file} 的 offers 中写上。",
        f"Correct it, or add it to offers in {BEDS.file}.",
    )
    for row, text in who.select(ROW, "needs").iter_rows():
        for word in cell_words(text):
            if word not in needs:
                folder.fault(PATIENTS, row, "needs", word, Wrong("unknown-code", words, remedy))


def _travel(
    network: Roads, spot: dict[str, int], goals: pl.Series, homes: pl.Series
) -> tuple[Integers, Integers, dict[str, int]]:
    """Return minutes and metres from the patients' places to the hospitals, and the row of each place."""
    starts = list(dict.fromkeys(homes))
    hours, km = network.travel(*(np.array([spot[name] for name in names]) for names in (starts, goals)))
    minutes = np.ceil(np.round(hours * 60, 6)).astype(np.int64)
    return minutes, np.rint(km * 1000).astype(np.int64), {name: row for row, name in enumerate(starts)}


def _reserves(beds: pl.DataFrame, tomorrow: pl.DataFrame, level: Integers, needed: int) -> Integers:
    """Return int64[B]: beds kept, those that the table names and those that tomorrow's forecast asks for."""
    kept: Integers = beds["reserve"].to_numpy().astype(np.int64).copy()
    zone, free = beds["zone"].to_numpy(), beds["free"].to_numpy().astype(np.int64)
    freed: Floats = beds["freed_per_day"].to_numpy().astype(np.float64)
    for name, expected in tomorrow.select("zone", "severe_patients").iter_rows():
        mine = (zone == name) & (level >= needed)
        kept[mine] += reserve_for_tomorrow(int(expected), float(freed[mine].sum()), free[mine])
    return kept


def _openings(beds: pl.DataFrame, kept: Integers, parameters: BedParameters) -> Openings:
    rows: list[tuple[int, int, int, bool]] = []
    columns = ("free", "freed_per_day", "convertible", "convert_hours")
    for pool, (free, freed, convertible, hours) in enumerate(beds.select(columns).iter_rows()):
        rows += open_beds(
            pool,
            int(free),
            float(freed),
            (int(convertible), float(hours)),
            int(kept[pool]),
            parameters.horizon_minutes,
        )
    table = np.array([row[:3] for row in rows], np.int64).reshape(-1, 3)
    reserved = np.array([row[3] for row in rows], np.bool_)
    return Openings(table[:, 0].copy(), table[:, 1].copy(), table[:, 2].copy(), reserved)
