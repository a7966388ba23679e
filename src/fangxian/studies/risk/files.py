"""The tables of `fangxian risk`: places, and if they are known trips and tiers of risk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fangxian.base.tables import ROW, Column, Folder, Table, Wrong
from fangxian.science.detection.plane import kilometres
from fangxian.science.detection.risk import severe_share
from fangxian.studies.risk.places import RiskPlace

FloatArray = NDArray[np.float64]

_PLACES = (
    Column("place"),
    Column("population", "number", least=1),
    Column("weekly_cases", "number", least=0),
    Column("weekly_cases_before", "number", optional=True, least=0),
    Column("growth_per_day", "number", optional=True, least=-1, most=1),
    Column("growth_deviation", "number", optional=True, least=0, most=1),
    Column("severe_per_case", "number", optional=True, least=0, most=1),
    Column("free_beds", "number", least=0),
    Column("longitude", "number", optional=True, least=-180, most=180),
    Column("latitude", "number", optional=True, least=-90, most=90),
)
_TRIPS = (Column("from"), Column("to"), Column("people_per_day", "number", least=0))
_TIERS = (
    Column("place"),
    Column("tier"),
    *(
        Column(name, "number", least=0, most=1)
        for name in ("population_share", "severe_unvaccinated", "vaccinated", "effectiveness")
    ),
)
_NO_GROWTH = Wrong(
    "growth-unknown",
    ("没有增长率，也没有前一周的病例。", "Neither the growth nor the cases of the week before are given."),
    (
        "请填 weekly_cases_before，或同时填 growth_per_day 和 growth_deviation。",
        "Fill in weekly_cases_before, or both growth_per_day and growth_deviation.",
    ),
)
_NO_SEVERITY = Wrong(
    "severity-unknown",
    ("没有每例的重症数。", "Severe cases per case are not given."),
    ("请填 severe_per_case，或用 --tiers 给出分级。", "Fill in severe_per_case, or give --tiers."),
)
_NO_COORDINATES = Wrong(
    "coordinates-unknown",
    ("没有经纬度，也没有出行数据。", "Neither coordinates nor trips are given."),
    (
        "请填 longitude 和 latitude，或用 --trips 给出出行。",
        "Fill in longitude and latitude, or give --trips.",
    ),
)
_MORE_THAN_PEOPLE = Wrong(
    "more-than-people",
    ("{value} 超过了当地人口。", "{value} is more than the people of the place."),
    ("请核对这个数和人口 population。", "Check this figure and the population."),
)
_SHARES = Wrong(
    "shares-not-one",
    ("{value} 各级人口占比之和不是 1。", "The population shares of {value} do not sum to 1."),
    ("请改正 population_share。", "Correct population_share."),
)


def read_risk_places(
    path: Path, *, trips: Path | None = None, tiers: Path | None = None
) -> tuple[list[RiskPlace], FloatArray | None]:
    """Read the places, and the trips between them where a file of them is given.

    Parameters
    ----------
    path : Path
        Columns ``place,population,weekly_cases,free_beds`` and, of each pair, one: ``weekly_cases_before`` or
        ``growth_per_day,growth_deviation``; ``severe_per_case`` or tiers; ``longitude,latitude`` or trips.
    trips : Path, optional
        ``from,to,people_per_day``; pairs that are not listed have none.
    tiers : Path, optional
        ``place,tier,population_share,severe_unvaccinated,vaccinated,effectiveness``.

    Returns
    -------
    places : list of RiskPlace
    trips : float array [from, to] or None

    Raises
    ------
    InvalidInput
        Naming file, row and column of everything that cannot be taken.
    """
    folder, table = Folder(path.parent), Table(path.name, _PLACES, key=("place",))
    rows = folder.read(table)
    names = rows["place"].drop_nulls().to_list()
    severe = _severity(folder, tiers, names, path.name)
    found = _trips(folder, trips, rows, path.name)
    for row in rows.iter_rows(named=True):
        _refuse_more_than_people(
            folder, table, row, ("weekly_cases", "weekly_cases_before"), row["population"]
        )
        known = row["growth_per_day"] is not None and row["growth_deviation"] is not None
        if not known and row["weekly_cases_before"] is None:
            folder.fault(table, row[ROW], "growth_per_day", None, _NO_GROWTH)
        if row["severe_per_case"] is None and row["place"] not in severe:
            folder.fault(table, row[ROW], "severe_per_case", None, _NO_SEVERITY)
        if found is None and (row["longitude"] is None or row["latitude"] is None):
            folder.fault(table, row[ROW], "longitude", None, _NO_COORDINATES)
    folder.refuse()
    north = float(rows["latitude"].mean() or 0.0)  # type: ignore[arg-type]
    return [_place(row, severe, north) for row in rows.iter_rows(named=True)], found


def _refuse_more_than_people(
    folder: Folder, table: Table, row: dict[str, Any], columns: tuple[str, ...], people: float | None
) -> None:
    """Note each figure of a row that is larger than the population."""
    for column in columns:
        if people is not None and row[column] is not None and row[column] > people:
            folder.fault(table, row[ROW], column, f"{row[column]:.12g}", _MORE_THAN_PEOPLE)


def _place(row: dict[str, float], severe: dict[str, float], middle: float) -> RiskPlace:
    growth, deviation = row["growth_per_day"], row["growth_deviation"]
    if growth is None or deviation is None:
        now, before = row["weekly_cases"] + 0.5, row["weekly_cases_before"] + 0.5
        growth, deviation = np.log(now / before) / 7, np.sqrt(1 / now + 1 / before) / 7
    name, where = str(row["place"]), (row["longitude"], row["latitude"])
    placed = None if None in where else kilometres(np.array(where), middle).tolist()
    given = row["severe_per_case"]
    return RiskPlace(
        name=name,
        population=row["population"],
        weekly_cases=row["weekly_cases"],
        growth_per_day=float(growth),
        growth_deviation=float(deviation),
        severe_per_case=severe[name] if given is None else given,
        free_beds=row["free_beds"],
        east_km=placed[0] if placed else None,
        north_km=placed[1] if placed else None,
    )


def _trips(folder: Folder, path: Path | None, places: pl.DataFrame, where: str) -> FloatArray | None:
    if path is None:
        return None
    names = places["place"].drop_nulls().to_list()
    people = dict(places.select("place", "population").iter_rows())
    other = Folder(path.parent, folder.findings)
    table = Table(path.name, _TRIPS, key=("from", "to"))
    rows = other.read(table)
    for column in ("from", "to"):
        other.refer(table, rows, column, names, where)
    index = {name: position for position, name in enumerate(names)}
    found = np.zeros((len(names), len(names)))
    for row in rows.drop_nulls().iter_rows(named=True):
        if row["from"] in index and row["to"] in index:
            _refuse_more_than_people(other, table, row, ("people_per_day",), people[row["from"]])
            found[index[row["from"]], index[row["to"]]] = row["people_per_day"]
    return found


def _severity(folder: Folder, path: Path | None, names: list[str], where: str) -> dict[str, float]:
    """Return severe cases per case of the places that the tiers speak of."""
    if path is None:
        return {}
    other = Folder(path.parent, folder.findings)
    table = Table(path.name, _TIERS, key=("place", "tier"))
    rows = other.read(table)
    other.refer(table, rows, "place", names, where)
    severe: dict[str, float] = {}
    for (place,), tiers in rows.drop_nulls().group_by("place", maintain_order=True):
        severe[str(place)] = _severe_share(other, table, tiers)
    return severe


def _severe_share(folder: Folder, table: Table, tiers: pl.DataFrame) -> float:
    share = tiers["population_share"].to_numpy()
    if abs(share.sum() - 1) > 1e-6:
        folder.fault(table, tiers[ROW][0], "population_share", tiers["place"][0], _SHARES)
        return 0.0
    columns = (tiers[name].to_numpy() for name in ("severe_unvaccinated", "vaccinated", "effectiveness"))
    severity, covered, shield = columns
    return float(severe_share(share[None, :], severity, covered[None, :], shield)[0])
