"""A run as tables: by day, place and age; by day for the whole city; levels switched."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from fangxian.science.agents.outcome import Flow, Outcome, Stock
from fangxian.science.agents.records import Setting
from fangxian.studies.rehearsal.costs import MeasureDays, measure_days
from fangxian.studies.rehearsal.play import Played, Rehearsal

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
    care = [measures.care for measures in played.diary.measures]
    unlimited = np.iinfo(np.int64).max
    return {
        "laboratory_tubes": outcome.laboratory_tubes,
        "laboratory_backlog": outcome.laboratory_backlog,
        "rooms_open": outcome.rooms_open,
        "rooms_used": outcome.rooms_used,
        "antiviral_stock": outcome.antiviral_stock,
        "ward_beds": [unlimited if one is None else int(one.ward_beds.sum()) for one in care],
        "intensive_care_beds": [
            unlimited if one is None else int(one.intensive_care_beds.sum()) for one in care
        ],
    }


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
