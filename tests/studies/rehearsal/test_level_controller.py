"""Levels are switched by what has been reported, on time, late or never; the truth is never looked at."""

from __future__ import annotations

import numpy as np
import pytest

from fangxian.plans.loader import load_plan, packaged_disease, packaged_plan_text
from fangxian.science.agents.outcome import REPORTED_FLOWS, Flow, Reported, Stock
from fangxian.studies.rehearsal.controller import LevelController
from fangxian.studies.rehearsal.from_plan import MeasuresOfDay
from fangxian.studies.rehearsal.in_force import Switchboard
from fangxian.studies.rehearsal.observables import Observed
from small_towns import small_town

TOWN = small_town(4000)
PLACES, AGES = 4, TOWN.age_groups.count
TEXT = packaged_plan_text("covid19-containment-2022")
CERTAIN = """reported_in_time = 1.0
late_days = 0
never_reported = 0.0
"""


def certain(text: str = TEXT) -> str:
    """Return the plan with units that always report in time."""
    start = text.index("reported_in_time")
    return text[:start] + CERTAIN + text[text.index("\n# ----", start) :]


def controller_of(text: str) -> LevelController:
    """Return a controller of the containment plan as changed."""
    plan = load_plan(text)
    return LevelController(
        plan,
        TOWN,
        Switchboard(plan, TOWN.population.place_parent),
        MeasuresOfDay(plan, packaged_disease(plan.identity.disease), TOWN),
        Observed(plan, 0.7),
    )


def run(controller: LevelController, flows: np.ndarray, stocks: np.ndarray) -> LevelController:
    """Let a controller decide every day of given series."""
    for day in range(len(flows)):
        controller(Reported(day, flows, stocks))
    return controller


def series(days: int = 30) -> tuple[np.ndarray, np.ndarray]:
    """Return flows and stocks of nothing."""
    flows = np.zeros((days, len(Flow), PLACES, AGES), dtype=np.int32)
    return flows, np.zeros((days, len(Stock), PLACES, AGES), dtype=np.int32)


def test_a_level_starts_when_its_figure_is_in_and_its_delay_is_over():
    """A case of day 5 is in by the deadline of day 6, seen on the morning of day 7, acted on on day 8."""
    flows, stocks = series()
    flows[5:, Flow.REPORTED, 0, 0] = 1
    diary = run(controller_of(certain()), flows, stocks).diary
    first = next(one for one in diary.switches if one.level == "level-4")
    assert (first.day, first.area, first.started) == (8, "A", True)
    assert [levels[0] for levels in diary.county_levels[:9]] == [-1] * 8 + [3]
    assert all(levels[1] == -1 for levels in diary.county_levels)


def test_a_level_of_the_city_needs_the_whole_city_s_figures():
    """Five cases in each county are ten in the city, and start level III there alone."""
    flows, stocks = series()
    flows[5:, Flow.REPORTED, 0, 0] = 5
    flows[5:, Flow.REPORTED, 3, 2] = 5
    text = certain().replace("2 * population", "9000 * population", 1).replace(">= 20 *", ">= 90000 *")
    diary = run(controller_of(text), flows, stocks).diary
    started = {(one.level, one.area) for one in diary.switches if one.started}
    assert started == {("level-3", ""), ("level-4", "A"), ("level-4", "B")}


def test_a_level_ends_after_its_days_without():
    """Fourteen days in a row without a case; a case in between starts the count again."""
    flows, stocks = series(60)
    flows[5, Flow.REPORTED, 0, 0] = 1
    flows[12, Flow.REPORTED, 0, 0] = 1
    diary = run(controller_of(certain()), flows, stocks).diary
    ended = [one.day for one in diary.switches if one.level == "level-4" and not one.started]
    assert ended == [12 + 14 + 2]


def test_the_truth_is_never_looked_at():
    """Two worlds that differ only in what nobody reports are governed alike."""
    random = np.random.default_rng(3)
    flows, stocks = series(25)
    flows[:, list(REPORTED_FLOWS)] = random.integers(0, 3, (25, len(REPORTED_FLOWS), PLACES, AGES))
    stocks[:] = random.integers(0, 3, stocks.shape)
    worse = flows.copy()
    hidden = [flow for flow in Flow if flow not in REPORTED_FLOWS]
    worse[:, hidden] = 1000
    first, second = (run(controller_of(TEXT), one, stocks).diary for one in (flows, worse))
    assert first.switches == second.switches
    assert first.switches
    assert first.city_level == second.city_level


def test_what_is_still_to_come_changes_nothing():
    """A decision of a day rests on days before it: later rows may hold anything."""
    flows, stocks = series(12)
    flows[:, Flow.REPORTED] = 1
    future = flows.copy()
    future[6:] = 500
    short = run(controller_of(TEXT), flows[:6], stocks[:6]).diary
    long = controller_of(TEXT)
    for day in range(6):
        long(Reported(day, future, stocks))
    assert short.city_level == long.diary.city_level
    assert short.switches == long.diary.switches


def test_under_reporting_and_lateness_delay_a_level():
    """If half the reports are late, a figure passes its threshold later than if all were in time."""
    flows, stocks = series(60)
    flows[:, Flow.REPORTED, 0, 0] = (np.arange(60) ** 2) // 60
    slow = (
        certain()
        .replace("reported_in_time = 1.0", "reported_in_time = 0.4")
        .replace("late_days = 0", "late_days = 9")
    )
    starts = []
    for text in (certain(), slow):
        diary = run(controller_of(text), flows, stocks).diary
        starts.append(min(one.day for one in diary.switches if one.level == "level-3"))
    assert starts[0] < starts[1]


def test_a_report_is_in_more_and_more():
    """Completeness rises from those in time towards all but those that never come."""
    observed = Observed(load_plan(TEXT), 0.7)
    share = observed.completeness(np.arange(0, 60))
    assert share[0] == pytest.approx(observed.start.reported_in_time)
    assert (np.diff(share) >= 0).all()
    assert share[-1] == pytest.approx(1 - observed.start.never_reported, abs=1e-6)


def test_a_ratio_is_that_of_the_sums():
    """Positivity of the city is positives over tests, not a mean of places."""
    flows, stocks = series(10)
    flows[:, Flow.TESTS, 0, 0], flows[:, Flow.TESTS, 1, 0] = 100, 10
    flows[:, Flow.REPORTED, 0, 0], flows[:, Flow.REPORTED, 1, 0] = 1, 10
    text = certain().replace(
        'start_when = "new_cases + asymptomatic >= 10"', 'start_when = "positivity >= 0.11"'
    )
    diary = run(controller_of(text), flows, stocks).diary
    assert "level-3" not in {one.level for one in diary.switches}
    text = text.replace("positivity >= 0.11", "positivity >= 0.09")
    diary = run(controller_of(text), flows, stocks).diary
    assert "level-3" in {one.level for one in diary.switches}
