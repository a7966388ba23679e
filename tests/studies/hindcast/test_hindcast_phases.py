"""Plans that follow each other in one run."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from fangxian.plans.cities import packaged_city
from fangxian.plans.loader import packaged_disease, packaged_plan
from fangxian.plans.schema import ContactQuarantine
from fangxian.science.agents.outcome import Flow, Stock
from fangxian.studies.hindcast.exits import (
    FROM_NOVEMBER,
    TEN_MEASURES_DAY,
    always,
    as_ordered,
    borrowing,
    measure_of,
    twenty_measures,
)
from fangxian.studies.hindcast.phases import Phase, PhasedRehearsal
from fangxian.studies.hindcast.readings import Readings, read_run
from fangxian.studies.rehearsal.city_town import town_of_city
from fangxian.studies.rehearsal.costs import measure_days
from fangxian.studies.rehearsal.play import Question, make_ready, play

START = Question(30, None, 3_000.0)


@pytest.fixture(scope="module")
def town():
    """Return 5 000 people of 邯郸: enough for a wave, few enough for a test."""
    return town_of_city(packaged_city("1304"), people=5_000)


@pytest.fixture(scope="module")
def disease():
    """Return the variant of that winter."""
    return packaged_disease("covid19-omicron-ba5")


CONTAINMENT = packaged_plan("covid19-containment-2022")
CLASS_B = packaged_plan("covid19-class-b-2023")


def test_one_phase_is_a_plain_rehearsal(town, disease):
    """A plan that is never followed by another gives the rehearsal of that plan, to the bit."""
    phased = PhasedRehearsal([Phase(0, CLASS_B)], disease, town, START).play(3)
    plain = play(make_ready(CLASS_B, disease, town, START), 3)
    assert np.array_equal(phased.outcome.flows, plain.outcome.flows)
    assert np.array_equal(phased.outcome.stocks, plain.outcome.stocks)


def test_days_before_a_switch_do_not_know_of_it(town, disease):
    """Two ways out share every day before they part, and differ after it."""
    day = 12
    careful = borrowing(always(CLASS_B, ["masks"]), measure_of(CONTAINMENT, "standstill"))
    strict = PhasedRehearsal([Phase(0, CONTAINMENT), Phase(day, careful)], disease, town, START).play(3)
    loose = PhasedRehearsal([Phase(0, CONTAINMENT), Phase(day, CLASS_B)], disease, town, START).play(3)
    assert np.array_equal(strict.outcome.flows[:day], loose.outcome.flows[:day])
    after = slice(day, None)
    assert (
        strict.outcome.total(Flow.INFECTIONS)[after].sum() < loose.outcome.total(Flow.INFECTIONS)[after].sum()
    )


def test_the_second_plan_seeds_nobody(town, disease):
    """The epidemic is seeded once; later plans find what the first left."""
    nobody = Question(30, None, 0.0)
    quiet = CONTAINMENT.model_copy(
        update={"rehearsal": CONTAINMENT.rehearsal.model_copy(update={"imported_per_million_per_day": 0.0})}
    )
    also_quiet = CLASS_B.model_copy(
        update={"rehearsal": CLASS_B.rehearsal.model_copy(update={"imported_per_million_per_day": 0.0})}
    )
    run = PhasedRehearsal([Phase(0, quiet), Phase(9, also_quiet)], disease, town, nobody).play(1)
    assert run.outcome.total(Flow.INFECTIONS).sum() == 0


def test_costs_are_billed_across_plans(town, disease):
    """Measures of both plans appear once each, and those of the first cost nothing after it."""
    run = PhasedRehearsal([Phase(0, CONTAINMENT), Phase(10, CLASS_B)], disease, town, START).play(3)
    assert len(run.measures) == len(set(run.measures))
    assert len(run.diary.in_force) == START.days
    done = measure_days(run.measures, town, run.diary, run.outcome)
    tracing = done.measures.index("contact-tracing")
    assert done.cost[:10, tracing].sum() > 0
    assert done.cost[10:, tracing].sum() == 0


@pytest.mark.parametrize("days", [[], [1], [0, 5, 5], [0, 9, 4]])
def test_phases_begin_on_day_0_and_rise(town, disease, days):
    """Anything else leaves days without a plan, or with two."""
    with pytest.raises(ValueError, match=r"must begin on day 0 and rise \(got"):
        PhasedRehearsal([Phase(day, CLASS_B) for day in days], disease, town, START)


class TestExits:
    """The packaged plans as they stood on a day."""

    def test_what_was_ordered(self):
        """Twenty measures: the quarantine of November, neither screening nor standstill; then class B."""
        first, second = as_ordered(CONTAINMENT, CLASS_B)
        schedules = {
            effect.contact
            for measure in first.plan.measures
            for effect in measure.effects
            if isinstance(effect, ContactQuarantine)
        }
        assert schedules == {FROM_NOVEMBER}
        assert set(first.off) == {"pooled-testing", "standstill"}
        assert (second.from_day, second.plan) == (26, CLASS_B)
        assert TEN_MEASURES_DAY == 26

    def test_a_plan_without_the_schedule(self):
        """The plan of class B names no contacts: there is nothing to shorten."""
        with pytest.raises(ValueError, match="has no contact schedule close-contact-from-november"):
            twenty_measures(CLASS_B)

    def test_always_and_borrowing(self):
        """A measure that is always taken, and one of another plan with another dose."""
        assert measure_of(always(CLASS_B, ["masks"]), "masks").always
        elderly = measure_of(CLASS_B, "vaccinate-elderly")
        made = measure_of(borrowing(CONTAINMENT, elderly, doses_per_day_per_1000=4.0), "vaccinate-elderly")
        assert made.always
        assert made.effects[0].doses_per_day_per_1000 == 4.0
        with pytest.raises(ValueError, match="has no measure mask; name one of"):
            always(CLASS_B, ["mask"])


class TestReadings:
    """What a run shows of published figures."""

    def test_recovered_follow_the_infected(self, town, disease):
        """Nobody recovers before being infected, and in the end everybody alive has."""
        run = PhasedRehearsal([Phase(0, CLASS_B)], disease, town, Question(90, None, 3_000.0)).play(2)
        read = read_run(run.outcome, town.population.size, disease, date(2022, 12, 7))
        infected = np.cumsum(read.series["infections"]) / 1e5
        assert np.all(read.recovered <= infected + 1e-12)
        assert read.recovered[-1] == pytest.approx(infected[-1], rel=0.05)
        half = int(np.searchsorted(read.recovered, infected[-1] / 2))
        half_infected = int(np.searchsorted(infected, infected[-1] / 2))
        assert 8 <= half - half_infected <= 11
        assert read.ever_infected(date(2022, 12, 7)) == pytest.approx(infected[0])

    def test_every_series_is_its_count_per_100_000(self, disease):
        """Deaths in hospital are all deaths but those without the bed that was needed."""

        class Counts:
            """Flow f has f + day + 30, stock s has 100 (s + 1)."""

            def total(self, flow: Flow) -> np.ndarray:
                return np.arange(3) + int(flow) + 30

            def stock(self, stock: Stock) -> np.ndarray:
                return np.full((3, 2, 2), 25 * (int(stock) + 1))

        read = read_run(Counts(), 1_000, disease, date(2022, 12, 7))
        wanted = {
            "infections": 30, "fever_clinic_visits": 35, "in_hospital": 300, "severe": 600,
            "intensive_care": 200, "deaths": 43, "deaths_in_hospital": -1, "positives": 33, "tests": 32,
        }  # fmt: skip
        counts = {name: values[0] / 100.0 for name, values in read.series.items() if name != "positivity"}
        assert counts == pytest.approx(wanted)
        assert read.series["positivity"] == pytest.approx([33 / 32, 34 / 33, 35 / 34])

    def test_peak_from_a_day_on(self):
        """An earlier, higher day of another regime is left out."""
        series = {"positivity": np.array([0.9, 0.1, 0.3, 0.2])}
        read = Readings(date(2022, 12, 7), series, np.zeros(4))
        assert read.peak("positivity").day == date(2022, 12, 7)
        peak = read.peak("positivity", since=date(2022, 12, 8))
        assert (peak.day, peak.height) == (date(2022, 12, 9), 0.3)
