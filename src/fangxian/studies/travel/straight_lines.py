"""Distances where tables give coordinates and no roads."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fangxian.base.tables import ROW, Column, Folder, Table, Wrong

SPOT = (Column("x_km", "number"), Column("y_km", "number"))
"""Columns of a place on a plane."""


_FARTHEST_KM = 1000.0
_FAR = Wrong(
    "unit-mismatch",
    ("离其余地点 {value} 公里。", "It lies {value} km from the other places."),
    ("请检查单位：x_km、y_km 为公里。", "Check the units: x_km and y_km are kilometres."),
)


def check_spots(folder: Folder, *named: tuple[Table, pl.DataFrame]) -> None:
    """Find places a thousand kilometres from the middle of all: metres, or degrees among kilometres."""
    spots = pl.concat([rows.select("x_km", "y_km") for _, rows in named]).drop_nulls()
    if not len(spots):
        return
    x, y = (float(np.median(spots[name].to_numpy())) for name in ("x_km", "y_km"))
    for table, rows in named:
        apart = ((pl.col("x_km") - x) ** 2 + (pl.col("y_km") - y) ** 2).sqrt()
        for row, value in rows.filter(apart > _FARTHEST_KM).select(ROW, apart.alias("km")).iter_rows():
            folder.fault(table, row, "x_km,y_km", f"{value:.0f}", _FAR)


def straight_km(first: pl.DataFrame, second: pl.DataFrame) -> NDArray[np.float64]:
    """Return float[len(first), len(second)]: kilometres in a straight line between rows with ``SPOT``."""
    here, there = (each.select("x_km", "y_km").to_numpy() for each in (first, second))
    return np.asarray(np.hypot(*np.moveaxis(here[:, None] - there[None], -1, 0)))
