"""Tables of a campaign: ``villages``, ``sites``, ``bases``, and ``rules`` with the doses there are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fangxian.base.settings import read_records
from fangxian.base.tables import Column, Folder, Table, Wrong
from fangxian.base.written_tables import write_rows
from fangxian.logistics.instances.geography import TOWNSHIP, VILLAGE, RegionSize, make_region
from fangxian.logistics.vaccination.problem import SessionProblem, SessionRules
from fangxian.studies.travel.straight_lines import SPOT, check_spots, straight_km

Floats = NDArray[np.float64]

_PEOPLE = Column("walks", "whole", least=0, most=1_000_000)
VILLAGES = Table(
    "villages.csv",
    (
        Column("village"),
        *SPOT,
        _PEOPLE,
        Column("needs_lift", "whole", optional=True, default=0, least=0, most=1_000_000),
        Column("homebound", "whole", optional=True, default=0, least=0, most=1_000_000),
        Column("weight", "number", optional=True, default=1.0, least=0, most=1000),
        Column("due_half_day", "whole", optional=True, default=1, least=1, most=1000),
    ),
    key=("village", "due_half_day"),
)
SITES = Table(
    "sites.csv", (Column("site"), *SPOT, Column("doses", "whole", least=0)), ("site",), optional=True
)
BASES = Table(
    "bases.csv",
    (Column("base"), *SPOT, Column("teams", "whole", least=0, most=1000)),
    ("base",),
    optional=True,
)


_NOWHERE = Wrong(
    "no-site-and-no-base",
    (
        "既没有有疫苗的固定点，也没有流动队。",
        "There is neither a site with doses nor a base with teams.",
    ),
    ("请在 sites.csv 或 bases.csv 中补上。", "Add some to sites.csv or bases.csv."),
)


@dataclass(frozen=True)
class CampaignSupply:
    """Doses, and how people and teams travel.

    Parameters
    ----------
    doses : int
        Doses there are.
    walk_km_per_hour, drive_km_per_hour : float
        Speeds; old people walk at about 3 km/h.
    detour : float
        Length of the road over the straight line.
    """

    doses: int = 10**9
    walk_km_per_hour: float = 3.0
    drive_km_per_hour: float = 35.0
    detour: float = 1.3

    def __post_init__(self) -> None:
        """Refuse negative doses, speeds of nothing and roads shorter than the straight line."""
        if self.doses < 0 or min(self.walk_km_per_hour, self.drive_km_per_hour) <= 0 or self.detour < 1:
            raise ValueError(
                f"doses must not be negative, speeds above 0 and detour at least 1 (got {self.doses}, "
                f"{self.walk_km_per_hour}, {self.drive_km_per_hour}, {self.detour}); correct them"
            )


def read_campaign(path: Path) -> SessionProblem:
    """Read a folder of tables.

    Parameters
    ----------
    path : Path
        The folder.

    Returns
    -------
    SessionProblem

    Raises
    ------
    InvalidInput
        Naming every fault of every file.
    """
    folder = Folder(path)
    villages, sites, bases = (folder.read(table) for table in (VILLAGES, SITES, BASES))
    rules, supply = read_records(folder, "rules.csv", SessionRules, CampaignSupply)
    check_spots(folder, (VILLAGES, villages), (SITES, sites), (BASES, bases))
    able = [*sites["doses"], *bases["teams"]]
    if not any(able) and None not in able:
        folder.fault(BASES, None, None, None, _NOWHERE)
    folder.refuse()
    drive_km = supply.detour * straight_km(villages, bases)
    return SessionProblem(
        tuple(villages["village"]),
        tuple(sites["site"]),
        tuple(bases["base"]),
        villages.select("walks", "needs_lift", "homebound").to_numpy().astype(np.int64),
        villages["weight"].to_numpy(),
        60 * supply.detour * straight_km(villages, sites) / supply.walk_km_per_hour,
        sites["doses"].to_numpy().astype(np.int64),
        drive_km / supply.drive_km_per_hour,
        drive_km,
        bases["teams"].to_numpy().astype(np.int64),
        supply.doses,
        rules,
        villages["due_half_day"].to_numpy().astype(np.int64),
    )


def write_synthetic_campaign(
    folder: Path, *, seed: int, townships: int = 12, villages: int = 290
) -> tuple[str, ...]:
    """Write the tables of a campaign in a made-up county (模拟数据).

    Parameters
    ----------
    folder : Path
        Made when missing.
    seed : int
        The same seed gives the same tables.
    townships, villages : int
        Sizes.

    Returns
    -------
    tuple of str
        Names of the files.
    """
    numbers = np.random.default_rng(seed)
    region = make_region(RegionSize(1, 1, townships, villages, 1600 * villages), seed)
    village, township = region.of_level(VILLAGE), region.of_level(TOWNSHIP)
    old = np.maximum(1, (0.18 * region.people[village].sum(axis=1) * numbers.uniform(0.1, 0.5, villages)))
    shares = numbers.dirichlet([14.0, 4.0, 2.0], villages)
    people = np.floor(old[:, None] * shares).astype(int)
    red = region.people[village, 0] / np.maximum(1, region.people[village].sum(axis=1))
    folder.mkdir(parents=True, exist_ok=True)
    rows = [
        [
            region.code[place],
            f"{region.x_km[place]:.3f}",
            f"{region.y_km[place]:.3f}",
            *people[k].tolist(),
            f"{1 + 20 * red[k]:.2f}",
        ]
        for k, place in enumerate(village.tolist())
    ]
    write_rows(
        folder / "villages.csv",
        ["village", "x_km", "y_km", "walks", "needs_lift", "homebound", "weight"],
        rows,
    )
    spots = [[region.code[k], f"{region.x_km[k]:.3f}", f"{region.y_km[k]:.3f}"] for k in township.tolist()]
    share = int(people.sum() / townships)
    write_rows(folder / "sites.csv", ["site", "x_km", "y_km", "doses"], [[*spot, share] for spot in spots])
    write_rows(
        folder / "bases.csv",
        ["base", "x_km", "y_km", "teams"],
        [[*spot, 1 + k % 2] for k, spot in enumerate(spots)],
    )
    rules = [["doses", int(0.8 * people.sum())], ["vial_doses", 5], ["half_days", 20]]
    write_rows(folder / "rules.csv", ["name", "value"], rules)
    return "villages.csv", "sites.csv", "bases.csv", "rules.csv"
