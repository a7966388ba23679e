"""Whether runs of the simulator and of its slow twin come from one distribution.

Every statistic of a run (attack rate, peak day, peak height, totals of every flow and stock, ...) is compared
twice by rank tests, which know nothing of its distribution: where it lies (Mann and Whitney 1947,
DOI 10.1214/aoms/1177730491) and how wide it spreads (the same test on distances from the common median). Two
programs that agree fail a comparison with probability ``FALSE_ALARM``; a scene has less than 150 comparisons.
Seeds are fixed, so that a test does not flicker: the chance is that of a first run after a change of luck.
With 50 runs against 40 a shift of .96 standard deviations of a run is seen in half of all trials.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from day_by_day import run_day_by_day
from day_by_day_town import Scene, Town
from scipy.stats import mannwhitneyu
from small_city import (
    POOL_OF_PLACE,
    no_limits,
    small_city,
    small_disease,
    small_protection,
    small_tiers,
    with_seeds,
)

from fangxian.science.agents.measures import DayMeasures
from fangxian.science.agents.outcome import Flow, Outcome, Stock
from fangxian.science.agents.records import SETTINGS, DiseaseCourse, Protection
from fangxian.science.agents.run import simulate

FALSE_ALARM = 1e-5
Statistics = dict[str, float]
Runs = dict[str, np.ndarray]


def small_scene(
    people: int,
    days: int,
    disease: DiseaseCourse | None = None,
    protection: Protection | None = None,
    **measures: object,
) -> Scene:
    """Return a small city under the same measures on every day."""
    day = replace(no_limits(), **measures)
    first = with_seeds(day)
    city = small_city(people=people)

    def measures_of(number: int) -> DayMeasures:
        return first if number == 0 else day

    return Scene(
        city,
        disease or small_disease(),
        protection or small_protection(),
        measures_of,
        days,
        small_tiers(city.population),
        POOL_OF_PLACE,
    )


def fast_run(scene: Scene, seed: int) -> Statistics:
    """Return the statistics of a run of the simulator."""
    outcome: Outcome = simulate(
        scene.city,
        scene.disease,
        lambda reported: scene.measures_of(reported.day),
        days=scene.days,
        seed=seed,
        protection=scene.protection,
        tree=True,
    )
    assert outcome.tree is not None
    laboratory = (outcome.laboratory_tubes.sum(axis=1), outcome.laboratory_backlog)
    others = (outcome.rooms_used.sum(axis=1), outcome.antiviral_stock.sum(axis=1))
    return statistics(scene, (outcome.flows, outcome.stocks), outcome.tree.setting, (*laboratory, *others))


def slow_run(scene: Scene, seed: int) -> Statistics:
    """Return the statistics of a run of the slow twin."""
    town: Town = run_day_by_day(scene, seed)
    others = (town.tubes, town.backlogs, town.rooms, town.courses_left)
    return statistics(
        scene, (town.flows, town.stocks), town.infected_in[np.isfinite(town.infected_at)], others
    )


def statistics(
    scene: Scene,
    tables: tuple[np.ndarray, np.ndarray],
    settings: np.ndarray,
    others: tuple[np.ndarray, ...],
) -> Statistics:
    """Return every number that is compared, by name."""
    flows, stocks = tables
    infections = flows[:, Flow.INFECTIONS].astype(int)
    daily = (infections - flows[:, Flow.IMPORTED]).sum(axis=(1, 2))  # of the town itself: seeds have no peak
    values: Statistics = {
        "attack rate": infections.sum() / scene.city.population.size,
        "peak day": int(daily.argmax()),
        "peak height": int(daily.max()),
        "day of half": int(np.searchsorted(np.cumsum(daily), daily.sum() / 2)),
    }
    for flow in Flow:
        values[flow.name] = flows[:, flow].sum()
    for stock in Stock:
        values[f"{stock.name} days"] = stocks[:, stock].sum()
        values[f"{stock.name} peak"] = stocks[:, stock].sum(axis=(1, 2)).max()
    for age, number in enumerate(infections.sum(axis=(0, 1))):
        values[f"infections of age {age}"] = number
    for place, number in enumerate(infections.sum(axis=(0, 2))):
        values[f"infections of place {place}"] = number
    for setting in range(SETTINGS):
        values[f"infections in setting {setting}"] = (settings == setting).sum()
    for name, series in zip(("tubes", "backlog", "rooms used", "courses left"), others, strict=True):
        values[name] = series.sum()
    return values


def disagreements(one: Runs, other: Runs) -> list[str]:
    """Return a line for every statistic in which the runs of the two programs differ."""
    lines = []
    for name in one:
        middle = np.median(np.concatenate((one[name], other[name])))
        place = rank_p(one[name], other[name])
        spread = rank_p(np.abs(one[name] - middle), np.abs(other[name] - middle))
        if min(place, spread) < FALSE_ALARM:
            lines.append(described(name, (one[name], other[name]), (place, spread)))
    return lines


def side_by_side(runs: list[Statistics]) -> Runs:
    """Return the values of all runs by statistic."""
    return {name: np.array([values[name] for values in runs], dtype=float) for name in runs[0]}


def described(name: str, values: tuple[np.ndarray, np.ndarray], p_values: tuple[float, float]) -> str:
    """Return a line for people about a difference."""
    one, other = values
    return (
        f"{name}: {one.mean():.4g} (sd {one.std():.3g}) in {len(one)} runs, slowly {other.mean():.4g} "
        f"(sd {other.std():.3g}) in {len(other)}; p {p_values[0]:.1g} for the place, "
        f"{p_values[1]:.1g} for the spread"
    )


def rank_p(one: np.ndarray, other: np.ndarray) -> float:
    """Return the p-value of the rank test; 1 where all values are alike."""
    if np.ptp(np.concatenate((one, other))) == 0.0:
        return 1.0
    return float(mannwhitneyu(one, other, method="asymptotic").pvalue)
