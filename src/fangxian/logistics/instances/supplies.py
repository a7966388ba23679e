"""A made-up morning of scarce supplies in a made-up region (模拟数据)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import nbinom

from fangxian.base.counter_random import purpose_key
from fangxian.logistics.allocation.decomposition import SharedStock
from fangxian.logistics.allocation.supplies import Batches, Items, Needs, SupplyProblem, Warehouses
from fangxian.logistics.instances.catalogue import CATALOGUE, CatalogueItem
from fangxian.logistics.instances.geography import CITY, COUNTY, PROVINCE, TOWNSHIP, VILLAGE, Region, part_of

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

LEVELS = np.array([0.05, 0.25, 0.5, 0.75, 0.95])
VEHICLE_LITRES, TRIPS = 1_500.0, 2
_PROVINCE_STOCK = 1
"""Number of the warehouse with the province's stock; that before it holds the nation's."""
AIDS = ("none", "parent", "region")
_DISPERSION = 4.0
"""k of the negative binomial of a week's demand: its spread is half the mean where that is large."""
_STOCK_SHARE = {"national": 0.10, "province": 0.15, "city": 0.20, "county": 0.30, "township": 0.25}
_SERVED = {"hospital": 0.15, "township_clinic": 0.35, "pharmacy": 0.15, "village_clinic": 0.5}
"""Part of the people of its place that turn to a point."""


@dataclass(frozen=True)
class SupplyOptions:
    """What is scarce, and who may help whom.

    Parameters
    ----------
    items : int
        How many of the catalogue, from its top; 1 to 20.
    supply_ratio : float
        Stock beside what is expected to be used in a week and not on hand; above 0.
    aid : {"none", "parent", "region"}
        Whom a warehouse may serve 药物共享共济: the places below its own, those of its parent too, or all.
    aid_hours : float
        It may also serve any point within these hours; at least 0.
    """

    items: int = 20
    supply_ratio: float = 0.7
    aid: str = "none"
    aid_hours: float = 0.0

    def __post_init__(self) -> None:
        """Check ranges."""
        if not 1 <= self.items <= len(CATALOGUE):
            raise ValueError(f"items must be 1 to {len(CATALOGUE)} (got {self.items}); choose fewer")
        if self.aid not in AIDS:
            raise ValueError(f"aid must be one of {', '.join(AIDS)} (got {self.aid})")
        if not self.aid_hours >= 0:
            raise ValueError(f"aid_hours must be at least 0 (got {self.aid_hours:g}); 0 is no further aid")
        if not self.supply_ratio > 0:
            raise ValueError(f"supply_ratio must be above 0 (got {self.supply_ratio:g}); 0.7 is scarce")


@dataclass(frozen=True)
class SupplyWorld:
    """A problem and where its points and warehouses stand. 模拟数据.

    Parameters
    ----------
    region : Region
    problem : SupplyProblem
    point_kind : tuple of str
    point_place, warehouse_place : int64[D], int64[W]
        Places of the region.
    warehouse_area : int64[W]
        Place whose points, itself and below, each warehouse serves.
    vehicles, cold_vehicles : int64[W]
    aid_hours : float
        Hours within which each warehouse serves points outside its area too.
    """

    region: Region
    problem: SupplyProblem
    point_kind: tuple[str, ...]
    point_place: Integers
    warehouse_place: Integers
    warehouse_area: Integers
    vehicles: Integers
    cold_vehicles: Integers
    aid_hours: float


def make_supplies(region: Region, options: SupplyOptions, seed: int) -> SupplyWorld:
    """Make a morning; the same region, options and seed give the same one.

    Parameters
    ----------
    region : Region
    options : SupplyOptions
    seed : int
        0 or more.

    Returns
    -------
    SupplyWorld
    """
    chosen = CATALOGUE[: options.items]
    kind, place = _points(region)
    level, home, area = _warehouses(region, options.aid)
    needs = _needs(region, chosen, kind, place, seed)
    stock = _stock(chosen, level, needs, options.supply_ratio, seed)
    vehicles = _vehicles(chosen, stock, seed)
    hours, km = region.roads.travel(home, place)
    serves = np.zeros((home.shape[0], place.shape[0]), np.bool_)
    for depth in range(PROVINCE, VILLAGE + 1):
        mine = region.level[area] == depth
        serves[mine] = region.above(depth)[place][None, :] == area[mine, None]
    serves |= (options.aid_hours > 0) & (hours <= options.aid_hours)
    load = VEHICLE_LITRES * TRIPS
    batches = _batches(chosen, stock, seed)
    problem = SupplyProblem(
        _items(chosen),
        Warehouses(
            tuple(f"W{region.code[at]}{name[0]}" for at, name in zip(home.tolist(), level, strict=True)),
            level,
            (vehicles[0] * load).astype(np.float64),
            (vehicles[1] * load).astype(np.float64),
        ),
        batches,
        np.where(np.isin(level, ("province", "city", "county"))[:, None], stock // 8, 0),
        needs,
        tuple(
            f"{region.code[at]}{name[0]}{index}"
            for index, (at, name) in enumerate(zip(place, kind, strict=True))
        ),
        _stream(seed, "severity").choice([1.0, 1.25, 1.5], place.shape[0], p=[0.7, 0.2, 0.1]),
        hours,
        km,
        serves,
        LEVELS,
    )
    return SupplyWorld(region, problem, kind, place, home, area, *vehicles, options.aid_hours)


def make_parts(
    region: Region, options: SupplyOptions, seed: int
) -> tuple[tuple[SupplyProblem, ...], SharedStock]:
    """Make a morning in every city of a province, and the stock that may go to any of them.

    Parameters
    ----------
    region : Region
    options : SupplyOptions
    seed : int

    Returns
    -------
    tuple of SupplyProblem, and SharedStock
        National and province stock, less reserves, is shared; vehicles for it are hired as needed.
    """
    parts, lots = [], []
    for number, city in enumerate(region.of_level(CITY).tolist()):
        problem = make_supplies(part_of(region, city), options, seed + number).problem
        batches = problem.batches
        shared = batches.warehouse <= _PROVINCE_STOCK
        lots.append(np.stack([batches.item, batches.quantity, batches.expires_days])[:, shared])
        own = np.flatnonzero(~shared)
        load = problem.warehouses.load_litres.copy(), problem.warehouses.cold_load_litres.copy()
        for litres in load:
            litres[_PROVINCE_STOCK] = np.inf
        reserve = problem.reserve.copy()
        reserve[_PROVINCE_STOCK] = 0
        parts.append(
            replace(
                problem,
                warehouses=replace(problem.warehouses, load_litres=load[0], cold_load_litres=load[1]),
                reserve=reserve,
                batches=Batches(
                    tuple(batches.code[index] for index in own.tolist()),
                    batches.warehouse[own],
                    batches.item[own],
                    batches.quantity[own],
                    batches.expires_days[own],
                ),
            )
        )
    return tuple(parts), SharedStock(_PROVINCE_STOCK, *np.concatenate(lots, axis=1))


def _stream(seed: int, purpose: str) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(key=int(purpose_key(seed, f"supplies {purpose}"))))


def _points(region: Region) -> tuple[tuple[str, ...], Integers]:
    """Return kind and place: hospitals in cities and counties, clinics and pharmacies below."""
    groups = (
        ("hospital", CITY, 6),
        ("hospital", COUNTY, 2),
        ("township_clinic", TOWNSHIP, 1),
        ("pharmacy", TOWNSHIP, 1),
        ("village_clinic", VILLAGE, 1),
    )
    kinds: list[str] = []
    places = []
    for kind, level, each in groups:
        mine = np.repeat(region.of_level(level), each)
        kinds += [kind] * mine.shape[0]
        places.append(mine)
    return tuple(kinds), np.concatenate(places)


def _warehouses(region: Region, aid: str) -> tuple[tuple[str, ...], Integers, Integers]:
    """Return level, place and service area; national and province stock lies at the seat of the province."""
    levels, homes = ["national", "province"], [np.zeros(2, np.int64)]
    for name, level in (("city", CITY), ("county", COUNTY), ("township", TOWNSHIP)):
        mine = region.of_level(level)
        levels += [name] * mine.shape[0]
        homes.append(mine)
    home = np.concatenate(homes)
    own = home[2:]
    below = {"none": own, "parent": region.parent[own], "region": np.zeros_like(own)}
    area = np.concatenate([[0, 0], below[aid]])
    return tuple(levels), home, area


def _items(chosen: tuple[CatalogueItem, ...]) -> Items:
    return Items(
        tuple(item.code for item in chosen),
        tuple(item.unit for item in chosen),
        np.array([item.litres for item in chosen]),
        np.array([float(item.floor_days) for item in chosen]),
        np.array([item.longest_hours for item in chosen]),
        np.array([item.cold for item in chosen]),
        np.array([item.least_shipment for item in chosen]),
    )


def use_of(item: CatalogueItem) -> Floats:
    """Return float64[3]: how much more than a person of the green tier one of each tier uses."""
    return np.array([item.red, item.yellow, 1.0])


def _needs(
    region: Region, chosen: tuple[CatalogueItem, ...], kind: tuple[str, ...], place: Integers, seed: int
) -> Needs:
    people: Floats = region.people[place] * np.array([_SERVED[name] for name in kind])[:, None]
    wave = _stream(seed, "wave").lognormal(0.0, 0.5, (region.level.size,))
    county = region.above(COUNTY)[place]
    here = np.where(county >= 0, wave[county], 1.0)
    clinical = np.isin(np.array(kind), ("hospital", "township_clinic"))
    columns: list[tuple[NDArray[Any], ...]] = []
    for index, item in enumerate(chosen):
        mine = np.flatnonzero(clinical) if item.hospitals_only else np.arange(place.shape[0])
        users = people[mine] * use_of(item)
        mean = users.sum(axis=1) * item.weekly_per_1000 / 1_000 * here[mine]
        quantiles = week_quantiles(mean)
        days = _stream(seed, f"on hand {item.code}").gamma(0.8, 2.0, mine.shape[0])
        on_hand = np.floor(mean / 7 * days).astype(np.int64)
        share = users / users.sum(axis=1, keepdims=True)
        columns.append((mine, np.full(mine.shape[0], index), on_hand, quantiles, share))
    point, item_column, on_hand, quantiles, share = (
        np.concatenate(part) for part in zip(*columns, strict=True)
    )
    nothing = np.zeros(point.shape[0], np.int64)
    return Needs(point, item_column, on_hand, nothing, nothing, quantiles, share)


def week_quantiles(mean: Floats) -> Integers:
    """Return int64[N, K]: quantiles of a week's demand at ``LEVELS``, negative binomial around a mean."""
    safe = np.maximum(mean, 1e-6)[:, None]
    found = nbinom.ppf(LEVELS[None, :], _DISPERSION, _DISPERSION / (_DISPERSION + safe))
    quantiles: Integers = np.maximum.accumulate(found.astype(np.int64), axis=1)
    return quantiles


def _stock(
    chosen: tuple[CatalogueItem, ...], level: tuple[str, ...], needs: Needs, ratio: float, seed: int
) -> Integers:
    """Return int64[W, I]: stock by level in fixed shares, within a level at random."""
    stock = np.zeros((len(level), len(chosen)), np.int64)
    names = np.array(level)
    for index, item in enumerate(chosen):
        numbers = _stream(seed, f"stock {item.code}")
        mine = needs.item == index
        lacking = np.maximum(needs.quantiles[mine, 2] - needs.on_hand[mine], 0).sum()
        total = int(lacking * ratio * numbers.uniform(0.7, 1.3))
        for name, share in _STOCK_SHARE.items():
            of_level = np.flatnonzero(names == name)
            weight = numbers.gamma(1.0, 1.0, of_level.shape[0])
            stock[of_level, index] = numbers.multinomial(int(total * share), weight / weight.sum())
    return stock


def _batches(chosen: tuple[CatalogueItem, ...], stock: Integers, seed: int) -> Batches:
    """Split each stock into batches; one unit in seven ends within three weeks."""
    numbers = _stream(seed, "batches")
    parts: list[Integers] = []
    for index, item in enumerate(chosen):
        near = stock[:, index] // 7
        for units, low, high in ((near, 2, 22), (stock[:, index] - near, 30, item.shelf_days)):
            ends = numbers.integers(low, high, stock.shape[0])
            here = np.arange(stock.shape[0])
            parts.append(np.stack([here, np.full_like(here, index), units, ends]))
    warehouse, of_item, quantity, ends = np.concatenate(parts, axis=1)
    held = quantity > 0
    codes = tuple(f"B{number}" for number in range(int(held.sum())))
    return Batches(codes, warehouse[held], of_item[held], quantity[held], ends[held])


def _vehicles(chosen: tuple[CatalogueItem, ...], stock: Integers, seed: int) -> tuple[Integers, Integers]:
    """Return ordinary and cold vehicles: enough for the stock with room, in some warehouses barely."""
    numbers = _stream(seed, "vehicles")
    litres = np.array([item.litres for item in chosen])
    cold = np.array([item.cold for item in chosen])
    found = []
    for fit in (~cold, cold):
        volume = stock[:, fit] @ litres[fit]
        found.append(
            1 + np.floor(volume * numbers.uniform(0.9, 1.6, volume.shape[0]) / (VEHICLE_LITRES * TRIPS))
        )
    return found[0].astype(np.int64), found[1].astype(np.int64)
