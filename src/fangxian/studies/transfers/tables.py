"""Read a day of transfers from a folder of CSV tables; docs/reference/transfer.md lists the columns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fangxian.base.tables import ROW, Column, Folder, Table, Wrong, cell_words
from fangxian.logistics.routing.problem import (
    FOREVER,
    HOME,
    NOBODY,
    Requests,
    TransferProblem,
    Vehicles,
)
from fangxian.studies.travel.road_table import ROADS, check_joined, check_speed, road_network, road_places

Integers = NDArray[np.int64]

END = "end"
"""Word for the end of the shift in ``cleaning.csv``."""

REQUESTS = Table(
    "requests.csv",
    (
        Column("request"),
        Column("pickup"),
        Column("delivery", optional=True),
        Column("persons", "whole", least=1, most=1000),
        Column("category"),
        Column("ready", "moment"),
        Column("pickup_until", "moment", optional=True),
        Column("deliver_until", "moment", optional=True),
        Column("needs", optional=True),
        Column("pickup_minutes", "number", optional=True, default=0.0, least=0, most=600),
        Column("delivery_minutes", "number", optional=True, default=0.0, least=0, most=600),
        Column("weight", "whole", optional=True, default=1.0, least=1, most=1000),
    ),
    key=("request",),
)
VEHICLES = Table(
    "vehicles.csv",
    (
        Column("vehicle"),
        Column("base"),
        Column("seats", "whole", least=1, most=1000),
        Column("opens", "moment"),
        Column("closes", "moment"),
        Column("has", optional=True),
        Column("categories", optional=True),
        Column("fixed_km", "number", optional=True, default=0.0, least=0, most=10_000),
        Column("carried_last", optional=True),
    ),
    key=("vehicle",),
)
CLEANING = Table(
    "cleaning.csv",
    (Column("after"), Column("before"), Column("minutes", "number", least=0, most=1440)),
    key=("after", "before"),
)


@dataclass(frozen=True)
class TransferCase:
    """A problem with the names by which people know its parts.

    Parameters
    ----------
    problem : TransferProblem
    requests, vehicles, places, categories : tuple of str
    midnight : datetime
        The zero of the seconds.
    needs : tuple of list of str
        What the vehicle of each request must have.
    """

    problem: TransferProblem
    requests: tuple[str, ...]
    vehicles: tuple[str, ...]
    places: tuple[str, ...]
    categories: tuple[str, ...]
    midnight: datetime
    needs: tuple[list[str], ...]

    def clock(self, seconds: int) -> str:
        """Return a moment as the tables write it."""
        return (self.midnight + timedelta(seconds=int(seconds))).isoformat(timespec="seconds")


def read_transfers(path: Path) -> TransferCase:
    """Read a folder of tables.

    Parameters
    ----------
    path : Path

    Returns
    -------
    TransferCase

    Raises
    ------
    InvalidInput
        Naming file, row, column, value and remedy of each fault.
    """
    folder = Folder(path)
    asked, fleet, roads, cleaning = (folder.read(each) for each in (REQUESTS, VEHICLES, ROADS, CLEANING))
    places = road_places(roads)
    categories = tuple(dict.fromkeys(cleaning["after"].drop_nulls()))
    _check_names(folder, asked, fleet, places, categories)
    _check_windows(folder, asked, fleet)
    _check_cleaning(folder, cleaning, categories)
    check_speed(folder, roads)
    folder.refuse()
    number = {name: row for row, name in enumerate(places)}
    kind = {name: row for row, name in enumerate(categories)} | {END: len(categories)}
    network = road_network(roads, number)
    named_places = ((REQUESTS, asked, "pickup"), (REQUESTS, asked, "delivery"), (VEHICLES, fleet, "base"))
    check_joined(folder, network, number, fleet["base"][0], named_places)
    folder.refuse()
    named = (asked["pickup"], asked["delivery"].drop_nulls(), fleet["base"])
    places = tuple(sorted({str(name) for column in named for name in column}))
    spots = np.array([number[name] for name in places])
    travel_h, travel_km = network.travel(spots, spots)
    number = {name: row for row, name in enumerate(places)}
    first: list[datetime] = [*asked["ready"], *fleet["opens"]]
    midnight = min(first).replace(hour=0, minute=0)
    requests = _requests(asked, number, kind, midnight)
    table = np.zeros((len(kind), len(kind)), np.int64)
    for after, before, minutes in cleaning.select("after", "before", "minutes").iter_rows():
        table[kind[after], kind[before]] = round(minutes * 60)
    problem = TransferProblem(
        requests,
        _vehicles(fleet, number, kind, midnight),
        _fits(asked, fleet),
        np.rint(travel_km * 1000).astype(np.int64),
        np.rint(travel_h * 3600).astype(np.int64),
        table,
    )
    needs = tuple(cell_words(text) for text in asked["needs"])
    return TransferCase(
        problem, tuple(asked["request"]), tuple(fleet["vehicle"]), places, categories, midnight, needs
    )


def _check_names(
    folder: Folder,
    asked: pl.DataFrame,
    fleet: pl.DataFrame,
    places: tuple[str, ...],
    categories: tuple[str, ...],
) -> None:
    for column in ("pickup", "delivery"):
        folder.refer(REQUESTS, asked, column, places, ROADS.file)
    folder.refer(VEHICLES, fleet, "base", places, ROADS.file)
    folder.refer(REQUESTS, asked, "category", categories, CLEANING.file)
    folder.refer(VEHICLES, fleet, "carried_last", categories, CLEANING.file)
    remedy = (f"请改正，或在 {CLEANING.file} 中加上。", f"Correct it, or add it to {CLEANING.file}.")
    wrong = Wrong("unknown-code", ("没有“{value}”。", "There is no '{value}'."), remedy)
    for row, text in fleet.select(ROW, "categories").iter_rows():
        for word in sorted(set(cell_words(text)) - set(categories)):
            folder.fault(VEHICLES, row, "categories", word, wrong)


def _check_windows(folder: Folder, asked: pl.DataFrame, fleet: pl.DataFrame) -> None:
    words = ("{value} 在开始之前。", "{value} is before the beginning.")
    remedy = ("请改正其中一个时刻。", "Correct one of the two moments.")
    wrong = Wrong("ends-before-it-begins", words, remedy)
    for table, rows, first, last in (
        (REQUESTS, asked, "ready", "pickup_until"),
        (REQUESTS, asked, "ready", "deliver_until"),
        (VEHICLES, fleet, "opens", "closes"),
    ):
        for row, value in rows.filter(pl.col(last) < pl.col(first)).select(ROW, last).iter_rows():
            folder.fault(table, row, last, value.isoformat(timespec="minutes"), wrong)


def _check_cleaning(folder: Folder, cleaning: pl.DataFrame, categories: tuple[str, ...]) -> None:
    folder.refer(CLEANING, cleaning, "before", (*categories, END) if categories else (), CLEANING.file)
    given = set(cleaning.select("after", "before").iter_rows())
    words = ("缺少一行：{value}。", "A row is missing: {value}.")
    remedy = ("请写明需要多少分钟，不需要写 0。", "Say how many minutes it takes; 0 if none are needed.")
    for after in categories:
        for before in (*categories, END):
            if (after, before) not in given:
                wrong = Wrong("row-missing", words, remedy)
                folder.fault(CLEANING, None, "after,before", f"{after},{before}", wrong)


def _seconds(values: pl.Series, midnight: datetime) -> Integers:
    """Return seconds after midnight; an empty cell is a time that never comes."""
    seconds = (values - midnight).dt.total_seconds()
    return seconds.fill_null(FOREVER).to_numpy().astype(np.int64)


def _requests(
    asked: pl.DataFrame, number: dict[str, int], kind: dict[str, int], midnight: datetime
) -> Requests:
    count = asked.height
    return Requests(
        pickup=np.array([number[name] for name in asked["pickup"]], np.int64),
        delivery=np.array([HOME if name is None else number[name] for name in asked["delivery"]], np.int64),
        persons=asked["persons"].to_numpy().astype(np.int64),
        category=np.array([kind[name] for name in asked["category"]], np.int64),
        ready_s=_seconds(asked["ready"], midnight),
        pickup_until_s=_seconds(asked["pickup_until"], midnight),
        deliver_from_s=np.zeros(count, np.int64),
        deliver_until_s=_seconds(asked["deliver_until"], midnight),
        pickup_s=np.rint(asked["pickup_minutes"].to_numpy() * 60).astype(np.int64),
        delivery_s=np.rint(asked["delivery_minutes"].to_numpy() * 60).astype(np.int64),
        weight=asked["weight"].to_numpy().astype(np.int64),
        aboard=np.full(count, NOBODY, np.int64),
    )


def _vehicles(
    fleet: pl.DataFrame, number: dict[str, int], kind: dict[str, int], midnight: datetime
) -> Vehicles:
    base = np.array([number[name] for name in fleet["base"]], np.int64)
    last = [kind[END] if name is None else kind[name] for name in fleet["carried_last"]]
    return Vehicles(
        start=base,
        end=base,
        capacity=fleet["seats"].to_numpy().astype(np.int64),
        opens_s=_seconds(fleet["opens"], midnight),
        closes_s=_seconds(fleet["closes"], midnight),
        fixed_m=np.rint(fleet["fixed_km"].to_numpy() * 1000).astype(np.int64),
        last_category=np.array(last, np.int64),
    )


def _fits(asked: pl.DataFrame, fleet: pl.DataFrame) -> NDArray[np.bool_]:
    """Say whether a vehicle lacks nothing that a request needs and may carry its category."""
    needs, has = ([set(cell_words(text)) for text in cells] for cells in (asked["needs"], fleet["has"]))
    allowed = [cell_words(text) for text in fleet["categories"]]
    return np.array(
        [
            [need <= own and (not words or kind in words) for own, words in zip(has, allowed, strict=True)]
            for need, kind in zip(needs, asked["category"], strict=True)
        ],
        np.bool_,
    )
