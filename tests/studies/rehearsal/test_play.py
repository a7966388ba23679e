"""Laws of a rehearsal: off is nothing to the bit, the same again, nobody lost, capacity costs no lives."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from fangxian.plans.loader import load_plan, packaged_disease, packaged_plan, packaged_plan_text
from fangxian.science.agents.measures import no_measures
from fangxian.science.agents.outcome import Flow, Stock
from fangxian.science.agents.run import simulate
from fangxian.studies.rehearsal.costs import measure_days
from fangxian.studies.rehearsal.play import Question, make_ready, play
from fangxian.studies.rehearsal.tables import (
    areas_table,
    detail_table,
    measures_table,
    series_table,
    switches_table,
    tree_table,
)
from small_towns import small_town

TOWN = small_town(4000)
OMICRON = packaged_disease("covid19-omicron-ba5")
QUESTION = Question(days=60, infections_per_million=5000)
CLASS_B = packaged_plan_text("covid19-class-b-2023")


def ready(text: str = CLASS_B, *, off=(), question=QUESTION):
    """Return the class-B plan as changed, made ready in a small town."""
    return make_ready(load_plan(text), OMICRON, TOWN, question, off=off)


@pytest.fixture(scope="module")
def run():
    """One run that the tests below read: a wave through a small town under the class-B plan."""
    rehearsal = ready()
    return rehearsal, play(rehearsal, 11)


def test_a_plan_with_all_measures_off_equals_no_plan_to_the_bit():
    """Levels still switch, and change nothing."""
    rehearsal = ready(off=[measure.id for measure in load_plan(CLASS_B).measures])
    played = play(rehearsal, 5)

    def nobody_decides(seen):
        day = no_measures(TOWN.population.places, TOWN.age_groups.count)
        return type(day)(day.meeting, played.diary.measures[seen.day].imports)

    bare = simulate(
        rehearsal.city,
        rehearsal.course,
        nobody_decides,
        days=QUESTION.days,
        seed=5,
        protection=rehearsal.protection,
    )
    assert np.array_equal(played.outcome.flows, bare.flows)
    assert np.array_equal(played.outcome.stocks, bare.stocks)
    assert played.outcome.total(Flow.INFECTIONS).sum() > 500


def test_a_measure_without_effect_changes_nothing_to_the_bit(run):
    """A reduction of nothing, in force always, leaves every count as it was."""
    _, played = run
    idle = """
[[measure]]
id = "nothing-at-all"
title = { zh = "无", en = "Nothing" }
description = { zh = "无。", en = "Nothing." }
applies_to = "public"
always = true

  [[measure.effect]]
  kind = "contact_reduction"
  settings = ["school", "workplace", "community", "household"]
  reduction = 0.0

# ---- 时限 Clocks ----"""
    again = play(ready(CLASS_B.replace("# ---- 时限 Clocks ----", idle.strip(), 1)), 11)
    assert np.array_equal(played.outcome.flows, again.outcome.flows)
    assert np.array_equal(played.outcome.stocks, again.outcome.stocks)


def test_the_same_question_has_the_same_answer(run):
    """Twice the same seed, twice the same run; another seed, another."""
    rehearsal, played = run
    assert np.array_equal(play(rehearsal, 11).outcome.flows, played.outcome.flows)
    assert not np.array_equal(play(rehearsal, 12).outcome.flows, played.outcome.flows)


def test_people_beds_and_tests_are_conserved(run):
    """Who is admitted is in a bed, has left or has died; no bed holds two; no case without a test."""
    _, played = run
    outcome = played.outcome
    admitted, left = (outcome.total(flow).cumsum() for flow in (Flow.ADMISSIONS, Flow.DISCHARGES))
    died = (outcome.total(Flow.DEATHS) - outcome.total(Flow.DEATHS_WITHOUT_CARE)).cumsum()
    in_beds = outcome.stock(Stock.IN_WARD).sum(axis=(1, 2))
    in_beds = in_beds + outcome.stock(Stock.IN_INTENSIVE_CARE).sum(axis=(1, 2))
    assert (in_beds >= 0).all()
    assert (in_beds <= admitted + outcome.total(Flow.INTENSIVE_CARE_ADMISSIONS).cumsum() - left).all()
    assert (died >= 0).all()
    for day, measures in enumerate(played.diary.measures):
        by_pool = TOWN.by_pool(outcome.stock(Stock.IN_WARD)[day].sum(axis=1).astype(float))
        assert (by_pool <= measures.care.ward_beds).all()
        intensive = TOWN.by_pool(outcome.stock(Stock.IN_INTENSIVE_CARE)[day].sum(axis=1).astype(float))
        assert (intensive <= measures.care.intensive_care_beds).all()
    assert (outcome.flow(Flow.INFECTIONS).sum(axis=0) <= TOWN.people).all()
    assert outcome.total(Flow.POSITIVES).sum() <= outcome.total(Flow.TESTS).sum()
    assert outcome.total(Flow.REPORTED).sum() <= outcome.total(Flow.POSITIVES).sum()
    assert (outcome.antiviral_stock >= 0).all()
    used = outcome.total(Flow.ANTIVIRAL_COURSES).cumsum()
    assert np.array_equal(
        used + outcome.antiviral_stock.sum(axis=1),
        np.full(QUESTION.days, round(TOWN.population.size * 2 / 1000)),
    )


def test_rooms_hold_no_more_than_there_are():
    """Central isolation never uses a room that is not open."""
    text = packaged_plan_text("covid19-containment-2022").replace(
        "rooms_per_100000 = 400", "rooms_per_100000 = 150"
    )
    rehearsal = make_ready(load_plan(text), OMICRON, TOWN, QUESTION)
    outcome = play(rehearsal, 3).outcome
    assert outcome.rooms_used.max() > 0
    opened = np.maximum.accumulate(outcome.rooms_open)
    assert (outcome.rooms_used <= opened).all()


def test_more_beds_never_cost_lives_beyond_noise():
    """On the same luck, three times the beds save lives in the mean, and never lose many in one run."""
    few = ready(CLASS_B.replace("ward_per_1000 = 2.0", "ward_per_1000 = 1.0", 1))
    many = ready(CLASS_B.replace("ward_per_1000 = 2.0", "ward_per_1000 = 9.0", 1))
    saved = []
    for seed in range(4):
        deaths = [play(one, seed).outcome.total(Flow.DEATHS).sum() for one in (few, many)]
        saved.append(int(deaths[0]) - int(deaths[1]))
    assert np.mean(saved) > 0
    assert min(saved) >= -2


def test_without_beds_the_severe_die_as_the_file_says():
    """Zero beds is an answer: everybody who needs one is refused, and most die."""
    rehearsal = ready(CLASS_B.replace("ward_per_1000 = 2.0", "ward_per_1000 = 0", 1))
    outcome = play(rehearsal, 2).outcome
    assert outcome.total(Flow.ADMISSIONS).sum() == 0
    assert outcome.total(Flow.REFUSED_WARD).sum() > 0
    assert outcome.total(Flow.DEATHS_WITHOUT_CARE).sum() == outcome.total(Flow.DEATHS).sum()


def test_a_disease_with_a_reproduction_number_of_zero_stays_with_its_seeds():
    """Nobody passes anything on; only those seeded or brought in are infected."""
    rehearsal = ready(question=Question(days=30, reproduction_number=0.0, infections_per_million=5000))
    outcome = play(rehearsal, 1).outcome
    assert outcome.total(Flow.INFECTIONS).sum() == outcome.total(Flow.IMPORTED).sum() >= 20


def test_tables_hold_what_the_run_held(run):
    """Sums of the details are those of the city; the level of each day is that of the diary."""
    rehearsal, played = run
    details, series = detail_table(rehearsal, played), series_table(rehearsal, played)
    for flow in Flow:
        name = flow.name.lower()
        assert details[name].sum() == series[name].sum() == played.outcome.total(flow).sum()
    assert details["place"].unique().sort().to_list() == list(TOWN.population.place_code)
    assert details.select("day", "place", "age_from").is_unique().all()
    assert set(series["level_rank"].to_list()) <= {0, 1, 2, 3, 4}
    assert switches_table(played).height == len(played.diary.switches)


def test_measures_by_place_and_age_sum_to_those_of_the_city(run):
    """People and cost of each measure, day by day; nobody below the age that a measure names."""
    rehearsal, played = run
    cells, series = measures_table(rehearsal, played), series_table(rehearsal, played)
    assert cells.select("day", "measure", "place", "age_from").is_unique().all()
    days = cells.group_by("day", "measure").agg(pl.col("people", "cost_yuan").sum())
    for measure in rehearsal.plan.measures:
        own = dict(days.filter(measure=measure.id).select("day", "cost_yuan").iter_rows())
        whole = series[f"cost_yuan_{measure.id}"].to_list()
        assert [own.get(day, 0.0) for day in range(len(whole))] == pytest.approx(whole)
        own = dict(days.filter(measure=measure.id).select("day", "people").iter_rows())
        whole = series[f"people_under_{measure.id}"].to_list()
        assert [own.get(day, 0.0) for day in range(len(whole))] == pytest.approx(whole)
    elderly = cells.filter(measure="vaccinate-elderly")
    living = zip(TOWN.age_groups.lower, TOWN.people.sum(axis=0), strict=True)
    assert elderly["age_from"].min() == min(age for age, people in living if age >= 60 and people)
    assert cells["cost_yuan"].sum() == pytest.approx(series["cost_yuan"].sum())


def test_areas_hold_what_counties_have_in_common(run):
    """Rooms, medicines, tubes and beds of the areas are those of the city together, and none runs over."""
    rehearsal, played = run
    areas, series = areas_table(rehearsal, played), series_table(rehearsal, played)
    sums = areas.drop("area").group_by("day").sum().sort("day")
    for name in ("laboratory_tubes", "rooms_open", "rooms_used", "antiviral_stock", "in_ward", "ward_beds"):
        assert sums[name].to_list() == series[name].to_list(), name
    assert sums["antiviral_courses"].sum() == series["antiviral_courses"].sum()
    assert (areas["in_ward"] <= areas["ward_beds"]).all()
    assert areas["area"].unique().to_list() == [TOWN.code]


def test_costs_are_units_times_what_a_unit_costs(run):
    """Bed-days, courses and doses are counted once, each at the plan's price."""
    rehearsal, played = run
    plan = rehearsal.plan
    ids = tuple(measure.id for measure in plan.measures)
    done = measure_days(ids, TOWN, played.diary, played.outcome)
    cost = dict(zip(ids, done.cost.sum(axis=0), strict=True))
    in_beds = played.outcome.stock(Stock.IN_WARD).sum() + played.outcome.stock(Stock.IN_INTENSIVE_CARE).sum()
    assert cost["tiered-care"] == pytest.approx(1500 * in_beds)
    assert cost["vaccinate-elderly"] == pytest.approx(100 * played.outcome.total(Flow.DOSES).sum())
    courses = played.outcome.total(Flow.ANTIVIRAL_COURSES).sum()
    assert cost["home-care-referral"] == pytest.approx(1890 * courses)
    assert done.people[:, ids.index("tiered-care")].min() == pytest.approx(TOWN.population.size)
    elderly = TOWN.people @ TOWN.ages_within(60, 130)
    assert done.people[:, ids.index("vaccinate-elderly")].max() == pytest.approx(elderly.sum())


def test_a_measure_that_is_not_in_the_plan_cannot_be_left_out():
    """The refusal lists what the plan has."""
    with pytest.raises(ValueError, match=r"the plan has no measure lockdown; name one of tiered-care"):
        make_ready(packaged_plan("covid19-class-b-2023"), OMICRON, TOWN, QUESTION, off=["lockdown"])
    with pytest.raises(ValueError, match=r"days must be 1 to 1000 \(got 0\)"):
        Question(days=0)


def test_who_infected_whom_is_kept_on_request(run):
    """Every infection has its row; infectors were infected before; the run itself is unchanged."""
    rehearsal, played = run
    with pytest.raises(ValueError, match="the run kept no tree"):
        tree_table(played)
    with_tree = play(rehearsal, 11, tree=True)
    assert np.array_equal(with_tree.outcome.flows, played.outcome.flows)
    tree = tree_table(with_tree)
    assert tree.height == played.outcome.total(Flow.INFECTIONS).sum()
    when = dict(zip(tree["infectee"], tree["time_days"], strict=True))
    passed_on = tree.filter(tree["infector"] >= 0)
    assert all(
        when[infector] < time
        for infector, time in zip(passed_on["infector"], passed_on["time_days"], strict=True)
    )
    assert set(passed_on["setting"].unique()) >= {"household", "community", "workplace"}
