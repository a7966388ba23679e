"""Free numbers that are searched for, and a nation of places ahead of and behind one wave."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from fangxian.plans.cities import packaged_city
from fangxian.plans.loader import packaged_disease, packaged_plan
from fangxian.studies.hindcast.calibration import calibrate
from fangxian.studies.hindcast.nation import days_behind, mixed
from fangxian.studies.hindcast.phases import Phase, PhasedRehearsal
from fangxian.studies.hindcast.readings import Readings
from fangxian.studies.rehearsal.city_town import town_of_city
from fangxian.studies.rehearsal.play import Question

FIRST = date(2022, 11, 11)
SURVEY = date(2022, 12, 26)
DAYS = 120


def wave() -> Readings:
    """Return a bell of infections, of whom everybody has recovered eight days later."""
    day = np.arange(DAYS)
    infections = 2500.0 * np.exp(-0.5 * ((day - 40) / 8.0) ** 2)
    recovered = np.concatenate((np.zeros(8), np.cumsum(infections)[:-8])) / 1e5
    series = {"infections": infections, "tests": np.full(DAYS, 50.0), "positives": infections / 100.0}
    return Readings(FIRST, series, recovered)


def test_the_numbers_that_show_what_was_observed_are_found() -> None:
    """Two numbers that act on both observations, in few runs; what it shows is what was wanted."""
    runs = []

    def show(numbers: np.ndarray) -> np.ndarray:
        runs.append(numbers)
        start, reproduction = numbers
        return np.array([np.log(start) + 3.0 * reproduction, np.tanh(reproduction) - 0.1 * np.log(start)])

    wanted = show(np.array([40.0, 1.3]))
    runs.clear()
    found = calibrate(show, wanted, np.array([10.0, 1.0]), step=np.array([0.3, 0.05]), tolerance=1e-4)
    assert found.numbers == pytest.approx([40.0, 1.3], rel=0.01)
    assert np.abs(found.shown - wanted).max() <= 1e-4
    assert len(runs) == found.runs <= 15


def test_a_search_that_cannot_arrive_returns_its_best() -> None:
    """Nothing shows more than one; the closest run is told with what it shows."""
    found = calibrate(
        lambda numbers: np.tanh(numbers), np.array([2.0]), np.array([1.0]), step=np.array([0.2]), most_runs=6
    )
    assert found.runs == 6
    assert 0.9 < found.shown[0] <= 1.0


def test_places_stand_where_their_share_of_recovered_says() -> None:
    """The run's own share is no delay; that of three days earlier is three days behind."""
    read = wave()
    ever = np.cumsum(read.series["infections"]) / 1e5
    at = (SURVEY - FIRST).days
    shares = [float(read.recovered[at - late] / ever[at - late]) for late in (0, 3, 10)]
    assert days_behind(read, SURVEY, shares) == pytest.approx([0.0, 3.0, 10.0], abs=0.01)


def test_a_nation_of_one_place_is_that_place_and_of_many_is_lower_and_wider() -> None:
    """People are kept; peaks of different days are less than one peak."""
    read = wave()
    alone = mixed(read, np.zeros(1), np.ones(1))
    assert np.allclose(alone.series["infections"], read.series["infections"])
    nation = mixed(read, np.array([-5.0, 0.0, 5.0, 12.0]), np.array([1.0, 4.0, 3.0, 2.0]))
    assert nation.series["infections"].sum() == pytest.approx(read.series["infections"].sum(), rel=1e-3)
    assert nation.peak("infections").height < 0.9 * read.peak("infections").height
    assert nation.peak("infections").day > read.peak("infections").day
    assert nation.peak("positivity").height == pytest.approx(
        nation.series["positives"].max() / 50.0, rel=1e-6
    )
    late = mixed(read, np.array([7.0]), np.ones(1))
    assert late.first_day == FIRST
    assert late.peak("infections").day == read.peak("infections").day + timedelta(days=7)


def test_a_place_counts_by_its_people_and_positivity_by_all_tests() -> None:
    """Three in four live where the wave is five days late; shares of tests are not averaged."""
    read = wave()
    day = np.arange(DAYS, dtype=float)
    series = {**read.series, "tests": 50.0 + read.series["infections"] / 40.0}
    nation = mixed(replace(read, series=series), np.array([0.0, 5.0]), np.array([1.0, 3.0]))
    for name in ("infections", "tests", "positives"):
        late = np.interp(day - 5.0, day, series[name])
        assert np.allclose(nation.series[name], 0.25 * series[name] + 0.75 * late)
    assert np.allclose(nation.series["positivity"], nation.series["positives"] / nation.series["tests"])


def test_another_start_is_that_of_plans_made_ready_with_it() -> None:
    """Restarted, the same plans run as if they had been prepared with these numbers, to the bit."""
    town = town_of_city(packaged_city("1304"), people=3_000)
    disease, plan = packaged_disease("covid19-omicron-ba5"), packaged_plan("covid19-class-b-2023")
    ready = PhasedRehearsal([Phase(0, plan)], disease, town, Question(20, None, 5.0))
    other = PhasedRehearsal([Phase(0, plan)], disease, town, Question(20, 4.0, 9_000.0))
    restarted = ready.restarted(infections_per_million=9_000.0, reproduction_number=4.0)
    assert np.array_equal(restarted.play(2).outcome.flows, other.play(2).outcome.flows)
    assert not np.array_equal(ready.play(2).outcome.flows, other.play(2).outcome.flows)


def test_other_plans_in_the_same_town_are_those_made_ready_on_their_own() -> None:
    """Another way out from the same start, to the bit; plans with other tiers are refused."""
    town = town_of_city(packaged_city("1304"), people=3_000)
    disease = packaged_disease("covid19-omicron-ba5")
    first, second = packaged_plan("covid19-containment-2022"), packaged_plan("covid19-class-b-2023")
    start = Question(20, 4.0, 9_000.0)
    ready = PhasedRehearsal([Phase(0, first), Phase(9, second)], disease, town, start)
    off = tuple(measure.id for measure in first.measures)
    other = [Phase(0, first, off), Phase(14, second)]
    fresh = PhasedRehearsal(other, disease, town, start)
    assert np.array_equal(ready.instead(other).play(2).outcome.flows, fresh.play(2).outcome.flows)
    with pytest.raises(ValueError, match="must have the tiers of those in use"):
        ready.instead([Phase(0, second.model_copy(update={"tiers": None}))])
