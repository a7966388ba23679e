"""The table of roads that several problems share, and what must hold for it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import polars as pl

from fangxian.base.tables import ROW, Column, Folder, Table, Wrong
from fangxian.logistics.travel.roads import Roads

ROADS = Table(
    "roads.csv",
    (
        Column("from"),
        Column("to"),
        Column("hours", "number", least=0.001, most=100),
        Column("km", "number", least=0.001, most=10_000),
    ),
    key=("from", "to"),
)

_FAST_KM_H, _SLOW_KM_H, _SHORT_KM = 200.0, 2.0, 5.0
"""No road is so fast; nor so slow, unless it is short."""
_FAST = Wrong(
    "unit-mismatch",
    ("速度达 {value} 公里/小时。", "The speed would be {value} km/h."),
    ("请检查单位：hours 为小时，km 为公里。", "Check the units: hours are hours, km kilometres."),
)
_CUT_OFF = Wrong(
    "roads-disconnected",
    ("没有道路通到“{value}”。", "No road leads to '{value}'."),
    (f"请在 {ROADS.file} 中补上道路。", f"Add the roads that join it to {ROADS.file}."),
)


def road_places(roads: pl.DataFrame) -> tuple[str, ...]:
    """Return the places that roads join, in the order in which the table names them."""
    return tuple(dict.fromkeys(name for column in ("from", "to") for name in roads[column].drop_nulls()))


def road_network(roads: pl.DataFrame, number: dict[str, int]) -> Roads:
    """Return the roads between numbered places.

    Parameters
    ----------
    roads : polars.DataFrame
        A table of roads without faults.
    number : dict of str to int
        Number of each place, from 0 up.

    Returns
    -------
    Roads
    """
    first, second = (np.array([number[name] for name in roads[end]], np.int64) for end in ("from", "to"))
    hours, km = (roads[name].to_numpy().astype(np.float64) for name in ("hours", "km"))
    return Roads(len(number), first, second, hours, km)


def check_speed(folder: Folder, roads: pl.DataFrame) -> None:
    """Metres written as kilometres, or minutes as hours, show as a speed that no road has."""
    speed = pl.col("km") / pl.col("hours")
    slow = (speed < _SLOW_KM_H) & (pl.col("km") > _SHORT_KM)
    odd = roads.filter((speed > _FAST_KM_H) | slow)
    for row, value in odd.select(ROW, speed.alias("speed")).iter_rows():
        folder.fault(ROADS, row, "hours,km", f"{value:.3g}" if value < _SLOW_KM_H else f"{value:.0f}", _FAST)


def check_joined(
    folder: Folder,
    network: Roads,
    number: dict[str, int],
    home: str,
    named: Iterable[tuple[Table, pl.DataFrame, str]],
) -> None:
    """Find the places that no road joins to a first one.

    Parameters
    ----------
    folder : Folder
        Faults are noted in it.
    network : Roads
        The roads.
    number : dict of str to int
        Number of each place.
    home : str
        The first place.
    named : iterable of (Table, polars.DataFrame, str)
        Tables, their rows and the columns that name places; an empty cell names none.
    """
    part = network.parts()
    for table, rows, column in named:
        for row, name in rows.select(ROW, column).drop_nulls().iter_rows():
            if part[number[name]] != part[number[home]]:
                folder.fault(table, row, column, name, _CUT_OFF)
