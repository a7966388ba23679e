"""Tables of a testing round: ``areas``, ``sites``, ``laboratories``, maybe ``risk_groups``, walks, drives."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fangxian.base.settings import read_records
from fangxian.base.tables import ROW, Column, Folder, Table, Wrong
from fangxian.logistics.pooling.assay import Assay
from fangxian.logistics.testing_round.collision import RelaxationPrices
from fangxian.logistics.testing_round.problem import RoundRules, TestingRoundProblem
from fangxian.studies.travel.straight_lines import SPOT, check_spots, straight_km

Floats = NDArray[np.float64]

_AT_ONCE = 500
"""Areas whose lines to all sites are held in memory at once."""

AREAS = Table(
    "areas.csv",
    (
        Column("area"),
        Column("people", "whole", least=0, most=5_000_000),
        Column("prevalence", "number", least=0, most=0.6),
        *SPOT,
    ),
    key=("area",),
)
SITES = Table(
    "sites.csv",
    (
        Column("site"),
        *SPOT,
        Column("most_lanes", "whole", least=1, most=1000),
        Column("opening_yuan", "number", optional=True, default=500.0, least=0),
    ),
    key=("site",),
)
LABORATORIES = Table(
    "laboratories.csv",
    (
        Column("laboratory"),
        *SPOT,
        Column("tubes_per_hour", "number", least=0.001),
        Column("test_yuan", "number", optional=True, default=20.0, least=0),
    ),
    key=("laboratory",),
)
RISK_GROUPS = Table(
    "risk_groups.csv",
    (
        Column("area"),
        Column("group"),
        Column("people", "whole", least=0, most=5_000_000),
        Column("prevalence", "number", least=0, most=0.6),
    ),
    key=("area", "group"),
    optional=True,
)
WALKS = Table(
    "walks.csv",
    (Column("area"), Column("site"), Column("walk_minutes", "number", least=0)),
    key=("area", "site"),
    optional=True,
)
DRIVES = Table(
    "drives.csv",
    (Column("site"), Column("laboratory"), Column("drive_minutes", "number", least=0)),
    key=("site", "laboratory"),
    optional=True,
)


@dataclass(frozen=True)
class TravelRules:
    """Times where the tables give none.

    Parameters
    ----------
    walk_km_per_hour, drive_km_per_hour : float
        Speeds; old people walk at about 3 km/h.
    detour : float
        Length of the road over the straight line.
    """

    walk_km_per_hour: float = 4.0
    drive_km_per_hour: float = 40.0
    detour: float = 1.3

    def __post_init__(self) -> None:
        """Refuse speeds of nothing and roads shorter than the straight line."""
        if min(self.walk_km_per_hour, self.drive_km_per_hour) <= 0 or self.detour < 1:
            raise ValueError(
                f"speeds must be above 0 and detour at least 1 (got {self.walk_km_per_hour}, "
                f"{self.drive_km_per_hour}, {self.detour}); give km/h"
            )


def read_round(path: Path) -> tuple[TestingRoundProblem, RelaxationPrices]:
    """Read a folder of tables.

    Parameters
    ----------
    path : Path
        The folder.

    Returns
    -------
    TestingRoundProblem, RelaxationPrices

    Raises
    ------
    InvalidInput
        Naming every fault of every file.
    """
    folder = Folder(path)
    areas, sites, labs = (folder.read(table) for table in (AREAS, SITES, LABORATORIES))
    walks, drives, groups = (folder.read(table) for table in (WALKS, DRIVES, RISK_GROUPS))
    rules, assay, travel, prices = read_records(
        folder, "rules.csv", RoundRules, Assay, TravelRules, RelaxationPrices
    )
    for table, rows in ((WALKS, walks), (RISK_GROUPS, groups)):
        folder.refer(table, rows, "area", areas["area"].drop_nulls(), "areas.csv")
    for table, rows in ((WALKS, walks), (DRIVES, drives)):
        folder.refer(table, rows, "site", sites["site"].drop_nulls(), "sites.csv")
    folder.refer(DRIVES, drives, "laboratory", labs["laboratory"].drop_nulls(), "laboratories.csv")
    check_spots(folder, (AREAS, areas), (SITES, sites), (LABORATORIES, labs))
    _check_groups(folder, areas, groups)
    folder.refuse()
    drive_hours = travel.detour * straight_km(sites, labs) / travel.drive_km_per_hour
    area_row, site_row, lab_row = _index(areas, "area"), _index(sites, "site"), _index(labs, "laboratory")
    for site, lab, minutes in drives.select("site", "laboratory", "drive_minutes").iter_rows():
        drive_hours[site_row[site], lab_row[lab]] = minutes / 60
    walk = _walks(areas, sites, walks, travel, rules.walk_limit_minutes)
    _check_near(folder, areas, walk[0])
    folder.refuse()
    problem = TestingRoundProblem(
        tuple(areas["area"]),
        tuple(sites["site"]),
        tuple(labs["laboratory"]),
        areas["people"].to_numpy().astype(np.int64),
        areas["prevalence"].to_numpy(),
        *walk,
        sites["opening_yuan"].to_numpy(),
        sites["most_lanes"].to_numpy().astype(np.int64),
        drive_hours,
        labs["tubes_per_hour"].to_numpy(),
        labs["test_yuan"].to_numpy(),
        rules,
        assay,
        tuple(groups["group"]),
        np.array([area_row[code] for code in groups["area"]], np.int64),
        groups["people"].to_numpy().astype(np.int64),
        groups["prevalence"].to_numpy().astype(np.float64),
    )
    return problem, prices


def _index(rows: pl.DataFrame, column: str) -> dict[str, int]:
    return {code: row for row, code in enumerate(rows[column])}


def _walks(
    areas: pl.DataFrame, sites: pl.DataFrame, walks: pl.DataFrame, travel: TravelRules, limit_minutes: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """Return walks by table where it is given, else by the straight line; longer ones are left out."""
    if len(walks):
        area, site = _index(areas, "area"), _index(sites, "site")
        kept = walks.filter(pl.col("walk_minutes") <= limit_minutes)
        return (
            np.array([area[code] for code in kept["area"]], np.int64),
            np.array([site[code] for code in kept["site"]], np.int64),
            kept["walk_minutes"].to_numpy(),
        )
    near = []
    for first in range(0, len(areas), _AT_ONCE):
        lines = straight_km(areas[first : first + _AT_ONCE], sites)
        minutes = 60 * travel.detour * lines / travel.walk_km_per_hour
        area_, site_ = np.nonzero(minutes <= limit_minutes)
        near.append((first + area_, site_, minutes[area_, site_]))
    areas_, sites_, minutes_ = (np.concatenate(each) for each in zip(*near, strict=True))
    return areas_, sites_, minutes_


def _check_groups(folder: Folder, areas: pl.DataFrame, groups: pl.DataFrame) -> None:
    """Find the groups that are more, in people or in cases, than the area that they are part of."""
    known = {
        code: (people, people * share)
        for code, people, share in areas.select("area", "people", "prevalence").drop_nulls().iter_rows()
    }
    sums: dict[str, list[float]] = {}
    for row, code, people, share in (
        groups.select(ROW, "area", "people", "prevalence").drop_nulls().iter_rows()
    ):
        if code not in known:
            continue
        total = sums.setdefault(code, [0.0, 0.0])
        total[0] += people
        total[1] += people * share
        if total[0] > known[code][0]:
            folder.fault(RISK_GROUPS, row, "people", people, _TOO_MANY)
        elif total[1] > known[code][1] + 1e-6:
            folder.fault(RISK_GROUPS, row, "prevalence", share, _TOO_ILL)


def _check_near(folder: Folder, areas: pl.DataFrame, served: NDArray[np.int64]) -> None:
    """Find the areas from which no site can be walked to: no plan could serve them."""
    lonely = np.setdiff1d(np.flatnonzero(areas["people"].to_numpy() > 0), served)
    for area in lonely.tolist():
        folder.fault(AREAS, areas[ROW][area], "area", areas["area"][area], _NO_SITE)


_TOO_MANY = Wrong(
    "group-exceeds-area",
    ("到此行，各组人数合计超过片区人数。", "Up to this row the groups hold more people than their area."),
    ("请改正，或提高 areas.csv 的 people。", "Correct it, or raise people in areas.csv."),
)
_TOO_ILL = Wrong(
    "group-exceeds-area",
    (
        "到此行，各组感染人数合计超过片区的 people × prevalence。",
        "Up to this row the groups hold more cases than people x prevalence of their area.",
    ),
    ("请改正，或提高 areas.csv 的 prevalence。", "Correct it, or raise prevalence in areas.csv."),
)
_NO_SITE = Wrong(
    "no-site-in-reach",
    ("“{value}”步行限时内没有采样点。", "From '{value}' no site is within the walking limit."),
    (
        "请在 sites.csv 增设采样点，或放宽 walk_limit_minutes。",
        "Add a site to sites.csv, or raise walk_limit_minutes.",
    ),
)
