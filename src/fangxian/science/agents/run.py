"""A run: a city and a disease, day after day, under a controller that sees only what is reported."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fangxian.base.counter_random import purpose_key
from fangxian.science.agents import gates
from fangxian.science.agents.checks import (
    floats_for_kernel,
    integers_for_kernel,
    rows_for_kernel,
    whole_rows_for_kernel,
)
from fangxian.science.agents.city import City
from fangxian.science.agents.day_tables import (
    CourseTables,
    World,
    action_tables,
    by_pcr,
    course_tables,
    meeting_tables,
    ticks_by_place,
)
from fangxian.science.agents.draws import DrawTables, draw_tables
from fangxian.science.agents.kernel import advance
from fangxian.science.agents.measures import Care, DayMeasures, Screening, Tracing, Vaccination
from fangxian.science.agents.measures_check import check_day_measures
from fangxian.science.agents.morning import most_imports
from fangxian.science.agents.outcome import Controller, Flow, Outcome, Reported, Stock, TransmissionTree
from fangxian.science.agents.queue import TICK_BITS, TICKS, Queue, empty_queue, grown, pending
from fangxian.science.agents.records import SETTINGS, DiseaseCourse, Protection, no_protection
from fangxian.science.agents.screening import Found, found_in_tubes
from fangxian.science.agents.state import CASES, NOBODY, State, new_state

LONGEST_RUN_DAYS = 10_000
_BED_FOR_EVERYBODY = 1 << 40
_FREE_ROOM = 1 << 16


def simulate(  # noqa: PLR0913 -- a city, a disease, a controller and how to run them
    city: City,
    disease: DiseaseCourse,
    controller: Controller,
    *,
    days: int,
    seed: int,
    protection: Protection | None = None,
    tree: bool = False,
) -> Outcome:
    """Let an epidemic run in a city.

    Parameters
    ----------
    city : City
        From ``city.prepare_city``; not changed.
    disease : DiseaseCourse
    controller : Controller
        Called before each day with what was reported so far; returns the measures of the day.
    days : int
        1 to 10 000.
    seed : int
        0 or more. The same seed gives the same luck to every plan; replicates need a seed each.
    protection : Protection, optional
        Nobody is protected without it.
    tree : bool
        Whether to return who infected whom.

    Returns
    -------
    Outcome
        The same for the same arguments, on any number of threads.

    Raises
    ------
    ValueError
        If the number of days is out of range, or something does not fit the city.
    """
    if not 1 <= days <= LONGEST_RUN_DAYS:
        raise ValueError(f"simulate: days must be 1 to {LONGEST_RUN_DAYS} (got {days}); choose a horizon")
    run = _Run(city, disease, protection if protection is not None else no_protection(), days, seed)
    for day in range(days):
        run.step(day, controller(run.reported(day)))
    return run.outcome(tree=tree)


class _Run:
    """The arrays of one run and the steps of a day, in their order."""

    def __init__(
        self, city: City, disease: DiseaseCourse, protection: Protection, days: int, seed: int
    ) -> None:
        sizes = city.sizes
        self.city, self.disease, self.protection, self.seed = city, disease, protection, seed
        self.draw: DrawTables = draw_tables(city, disease, seed)
        self.course: CourseTables = course_tables(disease, sizes.ages, seed)
        self.state: State = new_state(city, protection, seed)
        self.queue: Queue = empty_queue(days)
        shape = (sizes.places, sizes.ages)
        self.flows = np.zeros((days, len(Flow), *shape), dtype=np.int32)
        self.stocks = np.zeros((days, len(Stock), *shape), dtype=np.int32)
        self.tubes, self.backlog = np.zeros((days, sizes.places), dtype=np.int64), np.zeros(days)
        self.rooms_open, self.rooms_used, self.antivirals = np.zeros((3, days, sizes.pools), dtype=np.int64)
        self.waiting_tubes = 0.0

    def reported(self, day: int) -> Reported:
        """Return what is known at the start of a day."""
        return Reported(day, self.flows, self.stocks)

    def step(self, day: int, measures: DayMeasures) -> None:
        """Let one day pass under its measures."""
        check_day_measures(measures, self.city.sizes, self.city.contacts.ceiling)
        if self._nothing_can_happen(day, measures):
            self.antivirals[day] = self.state.antivirals
            return
        self.state = self.state._replace(flow=self.flows[day])
        world = self._world(day, measures)
        world = self._open_beds(world, day, measures.care)
        if measures.vaccination is not None:
            self._vaccinate(world, day, measures.vaccination)
        found = self._screen(world, day, measures.screening)
        wait = self._queue_at_laboratory(day, measures, found.tubes)
        if wait > 0.0:
            world = world._replace(action=action_tables(measures, wait, self.city))
        if len(found.cases):
            due = ticks_by_place(0.5 + found.turnaround_days + wait, len(found.cases))
            world = self._room(world, len(found.cases))
            gates.announce(world, found.cases, (day << TICK_BITS) + due)
        if measures.tracing is not None:
            world = self._trace(world, day, measures.tracing)
        world = self._import(world, day, measures)
        self.queue = advance(world, day)
        self._close(day, measures)

    def _nothing_can_happen(self, day: int, measures: DayMeasures) -> bool:
        """Return whether the epidemic is over, so that a day changes nothing and its zeros are right."""
        quiet = (
            measures.testing is None
            and measures.screening is None
            and measures.vaccination is None
            and measures.care is None
            and measures.isolation is None
        )
        if not quiet or measures.imports.expected.any() or measures.imports.exact.any():
            return False
        return self.waiting_tubes == 0.0 and not self.state.stock.any() and pending(self.queue, day) == 0

    def _world(self, day: int, measures: DayMeasures) -> World:
        return World(
            self.city.tables,
            self.draw,
            self.course,
            meeting_tables(day, measures, self.city, self.disease, self.protection, self.seed),
            action_tables(measures, 0.0, self.city),
            self.state,
            self.queue,
        )

    def _room(self, world: World, entries: int) -> World:
        """Return the world with room in its queue for a number of entries."""
        self.queue = grown(self.queue, entries)
        return world._replace(queue=self.queue)

    def _open_beds(self, world: World, day: int, care: Care | None) -> World:
        pools = self.city.sizes.pools
        everybody = np.full(pools, _BED_FOR_EVERYBODY, dtype=np.int64)
        ward = everybody if care is None else integers_for_kernel(care.ward_beds)
        intensive = everybody if care is None else integers_for_kernel(care.intensive_care_beds)
        self.state.antivirals[:] += whole_rows_for_kernel(
            0 if care is None else care.antiviral_courses, pools
        )
        waiting = int(self.state.stock[[Stock.WAITING_WARD, Stock.WAITING_INTENSIVE_CARE]].sum())
        world = self._room(world, waiting) if waiting else world
        gates.open_beds(world, day, ward, intensive)
        return world

    def _vaccinate(self, world: World, day: int, sessions: Vaccination) -> None:
        statuses = np.zeros(4, dtype=np.bool_)
        statuses[list(sessions.statuses)] = True
        dose_class = self.protection.class_of_dose_day
        gates.vaccinate(
            world,
            integers_for_kernel(sessions.doses),
            rows_for_kernel(sessions.willing, self.city.sizes.places, (self.city.sizes.ages,)),
            statuses,
            int(dose_class[min(day, len(dose_class) - 1)]),
            purpose_key(self.seed, "vaccination"),
        )

    def _screen(self, world: World, day: int, screening: Screening | None) -> Found:
        """Return what the screening of the day finds; count its samples."""
        if screening is None:
            none = np.zeros(self.city.sizes.places, dtype=np.int64)
            return Found(np.zeros(0, dtype=np.int64), np.zeros(0), none)
        share = floats_for_kernel(screening.share)
        self.flows[day, Flow.TESTS] += np.rint(share[:, None] * self.city.cell_people).astype(np.int32)
        cases = gates.positives_of_screening(world, day, share, purpose_key(self.seed, "screening"))
        person = self.state.case_person[cases].astype(np.int64)
        luck = (purpose_key(self.seed, "screening tubes"), day)
        return found_in_tubes(cases, person, screening, self.city, luck)

    def _queue_at_laboratory(self, day: int, measures: DayMeasures, tubes: NDArray[np.int64]) -> float:
        """Take in the tubes known in the morning and return the days that results wait."""
        testing, capacity = measures.testing, measures.laboratory_tubes
        if testing is not None:
            share = self.city.cell_people / np.maximum(self.city.cell_people.sum(axis=1, keepdims=True), 1)
            background = np.rint(testing.background_tests[:, None] * share).astype(np.int32)
            self.flows[day, Flow.TESTS] += background
            tubes = tubes + background.sum(axis=1) * by_pcr(testing, self.city.sizes.places)
        self.tubes[day] = tubes
        if capacity == 0.0:
            return float("inf")
        return max(0.0, float(self.waiting_tubes + tubes.sum() - capacity)) / capacity

    def _trace(self, world: World, day: int, tracing: Tracing) -> World:
        left = integers_for_kernel(tracing.capacity)
        places = self.city.sizes.places
        recall = (
            rows_for_kernel(tracing.recall, places, (SETTINGS,)),
            rows_for_kernel(tracing.other_contacts, places, (SETTINGS,)),
        )
        times = (
            ticks_by_place(tracing.delay_days, places),
            ticks_by_place(tracing.longest_wait_days, places),
        )
        key = purpose_key(self.seed, "tracing")
        world = self._room(world, _FREE_ROOM)
        while not gates.trace(world, day, left, recall, times, key):
            world = self._room(world, _FREE_ROOM)
        return world

    def _import(self, world: World, day: int, measures: DayMeasures) -> World:
        expected = floats_for_kernel(measures.imports.expected)
        if expected.any():
            world = self._room(world, int(sum(most_imports(mean) for mean in expected if mean > 0.0)))
            gates.import_expected(world, day, expected, purpose_key(self.seed, "importation"))
        key = purpose_key(self.seed, "seeding")
        for place in np.flatnonzero(measures.imports.exact):
            left = int(measures.imports.exact[place])
            while left > 0:
                world = self._room(world, 0)
                left = gates.seed_exact(world, day, int(place), left, key)
        return world

    def _close(self, day: int, measures: DayMeasures) -> None:
        state = self.state
        if state.stock.any():  # pages of zeros are left untouched
            self.stocks[day] = state.stock
        if measures.isolation is not None:
            pools = self.city.sizes.pools
            self.rooms_open[day] = whole_rows_for_kernel(measures.isolation.rooms, pools)
        self.rooms_used[day] = state.rooms_used
        self.antivirals[day] = state.antivirals
        self.tubes[day] += state.tubes
        state.tubes[:] = 0
        unfinished = self.waiting_tubes + self.tubes[day].sum() - measures.laboratory_tubes
        self.waiting_tubes = max(0.0, float(unfinished))
        self.backlog[day] = self.waiting_tubes

    def outcome(self, *, tree: bool) -> Outcome:
        """Return what came out."""
        return Outcome(
            flows=self.flows,
            stocks=self.stocks,
            laboratory_tubes=self.tubes,
            laboratory_backlog=self.backlog,
            rooms_open=self.rooms_open,
            rooms_used=self.rooms_used,
            antiviral_stock=self.antivirals,
            tree=self._tree() if tree else None,
        )

    def _tree(self) -> TransmissionTree:
        state = self.state
        cases = int(state.counter[CASES])
        infector = state.case_infector[:cases]
        return TransmissionTree(
            infectee=state.case_person[:cases].astype(np.int32),
            infector=np.where(infector == NOBODY, np.int64(-1), infector).astype(np.int32),
            time_days=state.case_tick[:cases] / TICKS,
            setting=state.case_setting[:cases].copy(),
        )
