"""Levels switched by the plan's rules, on the morning of each day, from what has been reported by then."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from fangxian.plans.expressions import Rule, compile_rule, value_key
from fangxian.plans.schema import Level, Plan
from fangxian.plans.triggers import POPULATION
from fangxian.science.agents.measures import DayMeasures
from fangxian.science.agents.outcome import Reported
from fangxian.studies.rehearsal.from_plan import MeasuresOfDay
from fangxian.studies.rehearsal.in_force import InForce, Switchboard
from fangxian.studies.rehearsal.observables import Observed
from fangxian.studies.rehearsal.town import Town

FloatArray = NDArray[np.float64]
NO_LEVEL = -1


@dataclass
class LevelState:
    """One level in one area: how long its rule has held, and from which day it is in force."""

    held_days: int = 0
    over_days: int = 0
    from_day: int | None = None


@dataclass(frozen=True)
class Switch:
    """A level that was started or ended: on the morning of which day, in which county ('' is the city)."""

    day: int
    level: str
    area: str
    started: bool


@dataclass
class Diary:
    """What the controller did, day by day.

    Parameters
    ----------
    city_level : list of int
        Index of the level of the city in force on each day, -1 for none; levels by rank.
    county_levels : list of int arrays [counties]
        The same for each county.
    switches : list of Switch
        In order.
    in_force : list of InForce
        Effects in force on each day.
    measures : list of DayMeasures
        What the simulator was handed.
    """

    city_level: list[int] = field(default_factory=list)
    county_levels: list[NDArray[np.int64]] = field(default_factory=list)
    switches: list[Switch] = field(default_factory=list)
    in_force: list[InForce] = field(default_factory=list)
    measures: list[DayMeasures] = field(default_factory=list)


class LevelController:
    """Decides the measures of each day; it keeps a diary and sees reported figures only.

    Parameters
    ----------
    plan : Plan
        Levels with rules.
    town : Town
        Counties and their people.
    switchboard : Switchboard
        From levels to effects.
    measures : MeasuresOfDay
        From effects to the simulator.
    observed : Observed
        Indicators as reported.
    """

    def __init__(
        self, plan: Plan, town: Town, switchboard: Switchboard, measures: MeasuresOfDay, observed: Observed
    ) -> None:
        self.town, self.switchboard, self.measures, self.observed = town, switchboard, measures, observed
        self.diary = Diary()
        self._rules = [
            (_compiled(level.start_when), _compiled(level.end_when)) for level in switchboard.levels
        ]
        self._states = [
            [LevelState() for _ in range(town.counties if _of_county(level) else 1)]
            for level in switchboard.levels
        ]
        self._cache: tuple[bytes, InForce] | None = None

    def __call__(self, seen: Reported) -> DayMeasures:
        """Return the measures of the day that is about to start."""
        day = seen.day
        figures = self._figures(seen)
        for index, level in enumerate(self.switchboard.levels):
            self._step(index, level, figures, day)
        city = self._gravest(day, of_county=False)[0]
        counties = self._gravest(day, of_county=True)
        in_force = self._in_force(int(city), counties)
        made = self.measures.build(in_force, day)
        diary = self.diary
        diary.city_level.append(int(city))
        diary.county_levels.append(counties)
        diary.in_force.append(in_force)
        diary.measures.append(made)
        return made

    def _figures(self, seen: Reported) -> dict[str, tuple[FloatArray, FloatArray]]:
        """Return, by name, the newest figure and the one before: of counties, then of the city; NaN: none."""
        wanted = {name for pair in self._rules for rule in pair if rule for name in _names(rule)}
        people = self.town.by_county(self.town.people_of_place.astype(np.float64))
        population = np.append(people, people.sum())
        figures = {POPULATION: (population, population)}
        for name in wanted - {POPULATION}:
            series = self.observed.series(name, seen)
            areas = len(population)
            if series is None or len(series) == 0:
                nothing = np.full(areas, np.nan)
                figures[name] = (nothing, nothing)
                continue
            rows = self._by_area(name, series[-2:], seen)
            figures[name] = (rows[-1], rows[-2] if len(rows) > 1 else np.full(areas, np.nan))
        return figures

    def _by_area(self, name: str, rows: FloatArray, seen: Reported) -> FloatArray:
        """Add up places; a ratio is that of the sums."""
        indicator = self.observed.ratio_of(name)
        if indicator is None:
            counties = self.town.by_county(rows)
            return np.concatenate((counties, counties.sum(axis=1, keepdims=True)), axis=1)
        above, below = (self.observed.series(part, seen) for part in indicator)
        if above is None or below is None:
            return np.full((len(rows), self.town.counties + 1), np.nan)
        days = min(len(above), len(below))
        sums = [
            self._by_area(part, series[:days][-2:], seen)
            for part, series in zip(indicator, (above, below), strict=True)
        ]
        return np.divide(sums[0], sums[1], out=np.full_like(sums[0], np.nan), where=sums[1] > 0)

    def _step(
        self, index: int, level: Level, figures: dict[str, tuple[FloatArray, FloatArray]], day: int
    ) -> None:
        start, end = self._rules[index]
        if start is None:
            return
        states = self._states[index]
        areas = slice(0, self.town.counties) if _of_county(level) else slice(self.town.counties, None)
        begins = _holds(start, figures, areas)
        ends = _holds(end, figures, areas) if end is not None else np.zeros(len(states), dtype=np.bool_)
        for number, state in enumerate(states):
            area = self.town.population.parent_code[number] if _of_county(level) else ""
            if state.from_day is None:
                state.held_days = state.held_days + 1 if begins[number] else 0
                if state.held_days >= level.start_days:
                    state.from_day, state.over_days = day + level.delay_days, 0
                    self.diary.switches.append(Switch(state.from_day, level.id, area, started=True))
            else:
                state.over_days = state.over_days + 1 if ends[number] else 0
                if state.over_days >= level.end_days and day >= state.from_day:
                    state.from_day, state.held_days = None, 0
                    self.diary.switches.append(Switch(day, level.id, area, started=False))

    def _gravest(self, day: int, *, of_county: bool) -> NDArray[np.int64]:
        gravest = np.full(self.town.counties if of_county else 1, NO_LEVEL, dtype=np.int64)
        for index, level in enumerate(self.switchboard.levels):
            if _of_county(level) != of_county:
                continue
            for number, state in enumerate(self._states[index]):
                if gravest[number] == NO_LEVEL and state.from_day is not None and day >= state.from_day:
                    gravest[number] = index
        return gravest

    def _in_force(self, city: int, counties: NDArray[np.int64]) -> InForce:
        key = np.append(counties, city).tobytes()
        if self._cache is None or self._cache[0] != key:
            self._cache = (key, self.switchboard.in_force(city, counties))
        return self._cache[1]


def _of_county(level: Level) -> bool:
    return level.decided_by == "county"


def _compiled(rule: str | None) -> Rule | None:
    return None if rule is None else compile_rule(rule)


def _names(rule: Rule) -> set[str]:
    return {name for _, name in rule.names | rule.previous_names}


def _holds(rule: Rule, figures: dict[str, tuple[FloatArray, FloatArray]], areas: slice) -> NDArray[np.bool_]:
    """Return where a rule holds; a rule that is not decided, for want of a figure, does not."""
    values = {value_key((None, name)): now[areas] for name, (now, _) in figures.items()}
    values |= {value_key((None, name), previous=True): before[areas] for name, (_, before) in figures.items()}
    decided: NDArray[np.bool_] = rule.evaluate(values) == 1.0
    return decided
