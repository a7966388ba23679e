"""A run as tables: by day, place and age; by day and county; by day for the whole city; levels switched."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fangxian.science.agents.outcome import Flow, Outcome, Stock
from fangxian.science.agents.records import Setting
from fangxian.studies.rehearsal.costs import MeasureDays, measure_cells, measure_days
from fangxian.studies.rehearsal.play import Played, Rehearsal

IntArray = NDArray[np.int64]
UNCOUNTED = np.iinfo(np.int64).max
"""Beds of a day on which no plan counts them."""
FLOWS: Mapping[str, Flow] = {flow.name.lower(): flow for flow in Flow}
STOCKS: Mapping[str, Stock] = {stock.name.lower(): stock for stock in Stock}


def detail_table(rehearsal: Rehearsal, played: Played) -> pl.DataFrame:
    """Return every count by day, place and age group, without the rows in which nothing happened.

    Parameters
    ----------
    rehearsal : Rehearsal
        Of the run.
    played : Played
        The run.

    Returns
    -------
    polars.DataFrame
        ``day`` (from 0), ``place``, ``age_from``, a column for each flow and stock; sorted by these three.
    """
    outcome, population = played.outcome, rehearsal.town.population
    counts = np.concatenate((outcome.flows, outcome.stocks), axis=1)
    some = counts.any(axis=1)
    day, place, age = np.nonzero(some)
    codes = pl.Series(population.place_code, dtype=pl.String)
    columns = {name: counts[day, at, place, age] for at, name in enumerate([*FLOWS, *STOCKS])}
    lower = np.asarray(rehearsal.town.age_groups.lower, dtype=np.int16)
    return pl.DataFrame(
        {"day": day.astype(np.int32), "place": codes[place], "age_from": lower[age], **columns}
    )


def measures_table(rehearsal: Rehearsal, played: Played) -> pl.DataFrame:
    """Return people under each measure and its cost by day, place and age, without the rows of nobody.

    Parameters
    ----------
    rehearsal : Rehearsal
        Of the run.
    played : Played
        The run.

    Returns
    -------
    polars.DataFrame
        ``day``, ``measure``, ``place``, ``age_from``, ``people``, ``cost_yuan``; sorted by the first four, as
        measures stand in the plan.
    """
    town = rehearsal.town
    ids = tuple(measure.id for measure in rehearsal.plan.measures)
    names = pl.Series(ids, dtype=pl.String)
    codes = pl.Series(town.population.place_code, dtype=pl.String)
    lower = np.asarray(town.age_groups.lower, dtype=np.int16)
    days = []
    for cells in measure_cells(ids, town, played.diary, played.outcome):
        measure, place, age = np.nonzero((cells.people > 0) | (cells.cost > 0))
        days.append(
            pl.DataFrame(
                {
                    "day": np.full(len(measure), cells.day, dtype=np.int32),
                    "measure": names[measure],
                    "place": codes[place],
                    "age_from": lower[age],
                    "people": cells.people[measure, place, age],
                    "cost_yuan": cells.cost[measure, place, age],
                }
            )
        )
    return pl.concat(days)


def areas_table(rehearsal: Rehearsal, played: Played) -> pl.DataFrame:
    """Return what counties have in common, by day: laboratories, rooms, medicines and beds.

    Parameters
    ----------
    rehearsal : Rehearsal
        Of the run.
    played : Played
        The run.

    Returns
    -------
    polars.DataFrame
        ``day``, ``area`` (code of the county; that of the city where a small town shares all), tubes handed
        in by who lives there, rooms open and used, medicines used and left, beds open and used; sorted by
        the first two.
    """
    town, outcome = rehearsal.town, played.outcome
    pools = int(town.pool_of_place.max()) + 1
    codes = town.population.parent_code if pools == town.counties and pools > 1 else (town.code,)
    used = outcome.flow(Flow.ANTIVIRAL_COURSES).sum(axis=2, dtype=np.int64)
    places = {
        "laboratory_tubes": outcome.laboratory_tubes,
        "antiviral_courses": used,
        **{
            name: outcome.stock(stock).sum(axis=2, dtype=np.int64)
            for name, stock in STOCKS.items()
            if stock in (Stock.IN_WARD, Stock.IN_INTENSIVE_CARE)
        },
    }
    common = {
        "rooms_open": outcome.rooms_open,
        "rooms_used": outcome.rooms_used,
        "antiviral_stock": outcome.antiviral_stock,
        **_beds(played, pools),
    }
    columns = {name: _by_pool(values, town.pool_of_place, pools) for name, values in places.items()} | common
    return pl.DataFrame(
        {
            "day": np.repeat(np.arange(outcome.days, dtype=np.int32), pools),
            "area": pl.Series(list(codes) * outcome.days, dtype=pl.String),
            **{name: values.ravel() for name, values in columns.items()},
        }
    )


def series_table(rehearsal: Rehearsal, played: Played) -> pl.DataFrame:
    """Return the whole city by day: every flow and stock, laboratories, rooms, medicines, level and cost.

    Parameters
    ----------
    rehearsal : Rehearsal
        Of the run.
    played : Played
        The run.

    Returns
    -------
    polars.DataFrame
        One row a day; ``people_under_<measure>`` and ``cost_yuan_<measure>`` for each measure of the plan.
    """
    outcome = played.outcome
    ids = tuple(measure.id for measure in rehearsal.plan.measures)
    done = measure_days(ids, rehearsal.town, played.diary, outcome)
    columns: dict[str, object] = {"day": np.arange(outcome.days, dtype=np.int32)}
    columns |= {name: outcome.total(flow) for name, flow in FLOWS.items()}
    columns |= {name: outcome.stock(stock).sum(axis=(1, 2), dtype=np.int64) for name, stock in STOCKS.items()}
    columns |= _means(outcome, played)
    columns["level_rank"] = _ranks(rehearsal, played)
    columns["cost_yuan"] = done.cost.sum(axis=1)
    columns |= _by_measure(done)
    return pl.DataFrame(columns)


def switches_table(played: Played) -> pl.DataFrame:
    """Return every level that was started or ended: day, level, county ('' is the city), started."""
    schema = {"day": pl.Int32, "level": pl.String, "area": pl.String, "started": pl.Boolean}
    rows = [(one.day, one.level, one.area, one.started) for one in played.diary.switches]
    return pl.DataFrame(rows, schema=schema, orient="row")


def tree_table(played: Played) -> pl.DataFrame:
    """Return who infected whom: infectee, infector (-1: brought in), time in days, setting; by time.

    Raises
    ------
    ValueError
        If the run kept no tree.
    """
    tree = played.outcome.tree
    if tree is None:
        raise ValueError("tree_table: the run kept no tree (got None); play it with tree=True")
    names = {setting.value: setting.name.lower() for setting in Setting} | {-1: None}
    return pl.DataFrame(
        {
            "infectee": tree.infectee,
            "infector": tree.infector,
            "time_days": tree.time_days,
            "setting": pl.Series([names[int(one)] for one in tree.setting], dtype=pl.String),
        }
    )


def _means(outcome: Outcome, played: Played) -> dict[str, object]:
    return {
        "laboratory_tubes": outcome.laboratory_tubes.sum(axis=1),
        "laboratory_backlog": outcome.laboratory_backlog,
        "rooms_open": outcome.rooms_open.sum(axis=1),
        "rooms_used": outcome.rooms_used.sum(axis=1),
        "antiviral_stock": outcome.antiviral_stock.sum(axis=1),
    } | {
        name: np.where(beds.max(axis=1) == UNCOUNTED, UNCOUNTED, beds.sum(axis=1))
        for name, beds in _beds(played, outcome.rooms_open.shape[1]).items()
    }


def _beds(played: Played, pools: int) -> dict[str, IntArray]:
    """Return beds open by day and pool, `UNCOUNTED` where no plan counts them; int64 arrays [D, B]."""
    care = [measures.care for measures in played.diary.measures]
    uncounted = np.full(pools, UNCOUNTED, dtype=np.int64)
    ward = [uncounted if one is None else one.ward_beds for one in care]
    intensive = [uncounted if one is None else one.intensive_care_beds for one in care]
    return {"ward_beds": np.array(ward), "intensive_care_beds": np.array(intensive)}


def _by_pool(values: IntArray, pool_of_place: IntArray, pools: int) -> IntArray:
    """Add up values of places by pool; [D, P] to [D, B]."""
    summed = np.zeros((len(values), pools), dtype=np.int64)
    np.add.at(summed.T, pool_of_place, values.T)
    return summed


def _ranks(rehearsal: Rehearsal, played: Played) -> list[int]:
    """Return the rank of the gravest level in force anywhere on each day; 0 for none."""
    ranks = [level.rank for level in sorted(rehearsal.plan.levels, key=lambda level: level.rank)]
    gravest = []
    for city, counties in zip(played.diary.city_level, played.diary.county_levels, strict=True):
        held = [index for index in (city, *counties.tolist()) if index >= 0]
        gravest.append(ranks[min(held)] if held else 0)
    return gravest


def _by_measure(done: MeasureDays) -> Mapping[str, object]:
    people = {f"people_under_{name}": done.people[:, at] for at, name in enumerate(done.measures)}
    return people | {f"cost_yuan_{name}": done.cost[:, at] for at, name in enumerate(done.measures)}
