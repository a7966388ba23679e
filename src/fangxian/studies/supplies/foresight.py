"""What no rule that keeps to fixed areas can better, even one that knows all weeks ahead. 模拟数据."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fangxian.logistics.instances.geography import COUNTY, PROVINCE, TOWNSHIP
from fangxian.logistics.instances.supplies import SupplyWorld
from fangxian.studies.supplies.weeks import (
    LONGEST_WEEKS,
    WeeksOptions,
    age,
    arrivals_of,
    demand_of,
    serve,
    stock_at_begin,
    usual_demand,
    wave_of,
)

Integers = NDArray[np.int64]


def least_expired(world: SupplyWorld, options: WeeksOptions, seed: int) -> int:
    """Return units that expire under any rule that keeps to areas.

    In each township, each county and the whole region, the stock of its warehouses and points is thrown
    together and serves all that is wanted there, whatever ends first, first: nothing lets less of it expire.
    Of a place itself and the sum of the places in it the larger counts.

    Parameters
    ----------
    world : SupplyWorld
        In which no warehouse serves points outside its area.
    options : WeeksOptions
    seed : int
        As in :func:`fangxian.studies.supplies.weeks.run_weeks`.

    Returns
    -------
    int
    """
    region = world.region
    least = np.zeros(region.level.shape[0], np.int64)
    for depth, inner in ((TOWNSHIP, None), (COUNTY, TOWNSHIP), (PROVINCE, COUNTY)):
        alone, within = _expired_together(world, depth, options, seed), np.zeros_like(least)
        if inner is not None:
            parts = region.of_level(inner)
            np.add.at(within, region.above(depth)[parts], least[parts])
        places = region.of_level(depth)
        least[places] = np.maximum(alone, within)[places]
    return int(least[region.of_level(PROVINCE)].sum())


def _expired_together(world: SupplyWorld, depth: int, options: WeeksOptions, seed: int) -> Integers:
    """Return int64[places]: units that expire where all stock of a place of one level is thrown together."""
    problem, region = world.problem, world.region
    items, places = len(problem.items.code), region.level.shape[0]
    of_need = region.above(depth)[world.point_place][problem.needs.point]
    inside = of_need >= 0
    pool = of_need[inside] * items + problem.needs.item[inside]
    area = world.warehouse_area
    stores = np.flatnonzero((region.level[area] >= depth) & (region.above(depth)[area] >= 0))
    usual, wave = usual_demand(problem), wave_of(world, options.weeks, seed)
    at_points, held = stock_at_begin(problem)
    stock = np.zeros((places, items, LONGEST_WEEKS + 1), np.int64)
    together = stock.reshape(places * items, -1)
    np.add.at(together, pool, at_points[inside])
    lost = np.zeros((places, items), np.int64)
    for week in range(options.weeks):
        more = arrivals_of(problem, usual, options, seed, week) + (held if week == 0 else 0)
        np.add.at(stock, region.above(depth)[area[stores]], more[stores])
        wanted = np.zeros((places * items, 3), np.int64)
        np.add.at(wanted, pool, demand_of(problem, usual * wave[:, week], seed, week)[inside])
        serve(together, wanted, red_first=True)
        lost += stock[:, :, 0]
        age(stock)
    expired: Integers = lost.sum(axis=1)
    return expired
