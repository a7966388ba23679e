"""Effects of a plan as measures of a day: what the plan states elsewhere is read there; nothing is lost."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fangxian.plans.loader import load_plan, packaged_disease, packaged_plan, packaged_plan_text
from fangxian.plans.schema import (
    Antivirals,
    Beds,
    CaseIsolation,
    ContactQuarantine,
    ContactTracing,
    IsolationRooms,
    ScreeningRounds,
    StayHomeWhenIll,
    SymptomaticTesting,
)
from fangxian.science.agents.measures import NO_LIMIT, NO_TEST, Stay, no_measures
from fangxian.science.agents.records import Delay, Setting
from fangxian.studies.rehearsal.from_plan import NOBODY_TREATED, MeasuresOfDay
from fangxian.studies.rehearsal.in_force import Applied, InForce, Switchboard
from fangxian.studies.rehearsal.shares import apportion
from small_towns import small_town

TOWN = small_town(4000)
CONTAINMENT = packaged_plan("covid19-containment-2022")
CLASS_B = packaged_plan("covid19-class-b-2023")
OMICRON = packaged_disease("covid19-omicron-ba5")
NOWHERE = np.array([-1, -1])
FIRST_COUNTY = np.array([True, True, False, False])
MEASURE = CONTAINMENT.measures[0]
GRAVEST, COUNTY = 0, 3


def day_of(plan, city: int, counties=NOWHERE, *, day: int = 1, off=(), town=TOWN):
    """Return the measures of a day with levels in force."""
    in_force = Switchboard(plan, town.population.place_parent, off).in_force(city, np.asarray(counties))
    return MeasuresOfDay(plan, OMICRON, town).build(in_force, day)


def test_a_plan_with_all_measures_off_is_no_plan():
    """Nothing is left but the infections that come from outside."""
    off = [measure.id for measure in CONTAINMENT.measures]
    day, nothing = day_of(CONTAINMENT, GRAVEST, off=off), no_measures(4, TOWN.age_groups.count)
    for name in ("contact_factor", "mask_factor", "symptomatic_factor", "travel_factor"):
        values, usual = getattr(day.meeting, name), getattr(nothing.meeting, name)
        assert np.array_equal(values, np.broadcast_to(usual, values.shape))
    for field in dataclasses.fields(day):
        if field.name not in ("meeting", "imports"):
            assert getattr(day, field.name) == getattr(nothing, field.name), field.name
    assert day.laboratory_tubes == NO_LIMIT


def test_the_schedule_of_contacts_is_read_from_the_plan():
    """Seven days in a room and the test days of that stage; monitoring at home keeps nobody apart."""
    isolation = day_of(CONTAINMENT, GRAVEST).isolation
    assert (isolation.contact_days == 7.0).all()
    assert isolation.contacts_in_rooms.all()
    assert (isolation.contact_test_days == (1, 2, 3, 5, 7)).all()
    text = packaged_plan_text("covid19-containment-2022")
    november = text.replace('contact = "close-contact"', 'contact = "close-contact-from-november"', 1)
    isolation = day_of(load_plan(november), GRAVEST).isolation
    assert (isolation.contact_days == 8.0).all()
    assert isolation.contact_test_days.shape == (4, 0)


def test_clocks_and_reserves_are_read_from_the_plan():
    """Eight hours to isolation; intensive care is 4 % of the ward beds."""
    assert day_of(CONTAINMENT, GRAVEST).tracing.delay_days == pytest.approx(8 / 24)
    care = day_of(CLASS_B, GRAVEST).care
    assert care.ward_beds.sum() == round(TOWN.population.size * 2.0 / 1000)
    assert care.intensive_care_beds.sum() == round(care.ward_beds.sum() * 0.04)


def test_a_level_of_one_county_leaves_the_other_alone():
    """Every number of a day is the level's in the one, and in the other what it is without the level."""
    here, everywhere, nowhere = (
        day_of(CONTAINMENT, -1, levels, day=2) for levels in ([COUNTY, -1], [COUNTY, COUNTY], NOWHERE)
    )
    assert here.tracing.capacity[:2].sum() > 0 and here.tracing.capacity[2:].sum() == 0
    for part in ("meeting", "testing", "screening", "tracing", "isolation", "vaccination", "care"):
        for name, rows in rows_of(here, part).items():
            if name not in ("capacity", "rooms"):  # divided in whole numbers
                assert np.array_equal(rows[:2], rows_of(everywhere, part)[name][:2]), (part, name)
            if getattr(nowhere, part) is not None:
                assert np.array_equal(rows[2:], rows_of(nowhere, part)[name][2:]), (part, name)
    assert not here.screening.share[2:].any()
    assert not here.isolation.case_share[2:].any() and not here.isolation.contact_share[2:].any()


def rows_of(day, part: str) -> dict[str, np.ndarray]:
    """Return what a part of a day says by place."""
    record = getattr(day, part)
    fields = () if record is None else dataclasses.fields(record)
    arrays = {field.name: np.asarray(getattr(record, field.name), dtype=object) for field in fields}
    return {name: array for name, array in arrays.items() if array.shape[:1] == (4,)}


def test_one_county_s_number_is_not_diluted_over_the_city():
    """Staying at home, recall, delay, shares, schedules: as the effect says where it is, and only there."""
    day = made_of(
        stay_home_when_ill(0.75), tracing(0.8, 2.5), quarantine(), CaseIsolation(
            kind="case_isolation", share=0.6, days=9, home_leak={"community": 0.3}
        ),
    )  # fmt: skip
    assert (day.meeting.symptomatic_factor[:2, Setting.COMMUNITY] == 0.25).all()
    assert (day.meeting.symptomatic_factor[2:] == 1.0).all()
    assert day.tracing.recall[:, Setting.WORKPLACE].tolist() == [0.8, 0.8, 0.0, 0.0]
    assert day.tracing.delay_days.tolist() == [2.5, 2.5, 0.0, 0.0]
    assert day.isolation.case_share.tolist() == [0.6, 0.6, 0.0, 0.0]
    assert day.isolation.contact_share.tolist() == [0.9, 0.9, 0.0, 0.0]
    assert day.isolation.leak[:, Stay.HOME, Setting.COMMUNITY].tolist() == [0.3, 0.3, 0.1, 0.1]
    assert (day.isolation.contact_test_days[:2, 0] == 1).all()
    assert (day.isolation.contact_test_days[2:] == NO_TEST).all()


def test_the_stronger_of_two_effects_leads_where_both_are_in_force():
    """A weak one everywhere and a strong one in one county."""
    everywhere = np.ones(4, dtype=bool)
    weak = CaseIsolation(kind="case_isolation", share=0.2, days=5)
    strong = CaseIsolation(kind="case_isolation", share=0.9, days=12, where="room")
    isolation = made_of(strong, others=[(weak, everywhere)]).isolation
    assert isolation.case_share.tolist() == [0.9, 0.9, 0.2, 0.2]
    assert isolation.case_days.tolist() == [12, 12, 5, 5]
    assert isolation.cases_in_rooms.tolist() == [True, True, False, False]


def test_of_two_effects_alike_the_first_leads():
    """The order of the plan decides."""
    first, second = (CaseIsolation(kind="case_isolation", share=0.5, days=days) for days in (5, 12))
    assert made_of(first, second).isolation.case_days.tolist() == [5, 5, 0, 0]


def test_teams_join_and_rooms_are_those_of_the_people_where_they_are():
    """Two bodies of tracing teams add up; rooms are counted for the people of the county."""
    one, two = made_of(tracing(0.8, 2.5)), made_of(tracing(0.8, 2.5), tracing(0.1, 1.0))
    here = TOWN.people_of_place[FIRST_COUNTY].sum()
    assert one.tracing.capacity.sum() == np.ceil(here * 1e-3)
    assert two.tracing.capacity.sum() == np.ceil(here * 2e-3)
    rooms = IsolationRooms(kind="isolation_rooms", rooms_per_100000=1000)
    opened = made_of(CaseIsolation(kind="case_isolation", share=0.5, days=5), rooms).isolation.rooms
    assert opened.sum() == int(here * 0.01)


def test_the_beds_of_a_pool_are_those_of_its_place_with_most():
    """Wherever that place stands in the pool, and intensive care is that place's with the wards."""
    few, many = beds(1.0, 90.0), beds(5.0, 20.0)
    for places in ([0], [1], [3]):
        where = np.isin(np.arange(4), places)
        care = made_of(few, others=[(many, where)]).care
        people = TOWN.by_pool(TOWN.people_of_place.astype(float))[0]
        assert care.ward_beds[0] == pytest.approx(people * 5.0 / 1e3, abs=1)
        assert care.intensive_care_beds[0] == pytest.approx(people * 20.0 / 1e5, abs=1)


def beds(ward: float, intensive_care: float) -> Beds:
    """Return beds for so many people."""
    return Beds(kind="beds", ward_per_1000=ward, intensive_care_per_100000=intensive_care)


def test_who_is_ill_is_tested_as_the_place_says():
    """Delay, method and result of the leading effect of each place; elsewhere a test would be at once."""
    one = symptomatic_testing(0.9, delay_days=4.0, turnaround_days=2.0, report_delay_days=1.5)
    other = symptomatic_testing(0.2, delay_days=0.25, method="antigen")
    testing = made_of(one, others=[(other, np.array([True, False, True, False]))]).testing
    assert testing.delay == tuple(
        Delay(*shape) for shape in (("exponential", 4.0),) * 2 + (("exponential", 0.25), ("fixed", 0.0))
    )
    assert testing.method == ("pcr", "pcr", "antigen", "pcr")
    assert testing.turnaround_days.tolist() == [2.0, 2.0, 0.5, 0.5]
    assert testing.report_delay_days.tolist() == [1.5, 1.5, 0.5, 0.0]
    assert testing.test_share[:, 0].tolist() == [0.9, 0.9, 0.2, 0.0]


def symptomatic_testing(share: float, **values) -> SymptomaticTesting:
    """Return testing of people of all ages."""
    return SymptomaticTesting(kind="symptomatic_testing", share=share, **values)


def test_medicines_are_delivered_once_where_and_when_the_measure_begins():
    """Two courses a thousand to one county on its first day, to the other when it follows."""
    effect = Antivirals(kind="antivirals", courses_per_1000=2, age_from=60)
    build = MeasuresOfDay(CLASS_B, OMICRON, TOWN).build
    days = [
        build(InForce((Applied(MEASURE, effect, where),)), day).care
        for day, where in ((7, FIRST_COUNTY), (8, FIRST_COUNTY), (9, np.ones(4, dtype=bool)))
    ]
    assert [int(care.antiviral_courses.sum()) for care in days] == [4, 0, 4]
    assert (days[0].antiviral_age[2:] == NOBODY_TREATED).all()
    assert (days[0].ward_beds >= 10**9).all()


def test_tubes_are_diluted_as_the_plan_says_or_the_disease():
    """A tube of ten that finds nine of ten lone positives; without a word, the file's exponent."""
    said = screening(pool_size=10, pool_sensitivity=0.9)
    assert 10.0 ** -made_of(said).screening.dilution[0] == pytest.approx(0.9)
    silent = made_of(screening(pool_size=20)).screening
    assert silent.dilution[0] == next(one.dilution.value for one in OMICRON.tests if one.kind == "pcr")
    assert silent.pool_size.tolist()[:2] == [20, 20]
    alone = made_of(screening(pool_size=1, pool_sensitivity=0.9)).screening
    assert alone.dilution[0] == silent.dilution[0]


def made_of(*effects, others=()):
    """Return a day with effects in force in the first county, and others where they say."""
    applied = [(effect, FIRST_COUNTY) for effect in effects] + list(others)
    in_force = InForce(tuple(Applied(MEASURE, effect, where) for effect, where in applied))
    return MeasuresOfDay(CONTAINMENT, OMICRON, TOWN).build(in_force, 0)


def stay_home_when_ill(reduction: float) -> StayHomeWhenIll:
    """Return an effect on contacts in the community."""
    return StayHomeWhenIll(kind="stay_home_when_ill", settings=("community",), reduction=reduction)


def tracing(recall: float, delay_days: float) -> ContactTracing:
    """Return tracing at work."""
    return ContactTracing(
        kind="contact_tracing",
        recall={"workplace": recall},
        cases_per_day_per_million=1000,
        delay_days=delay_days,
    )


def quarantine() -> ContactQuarantine:
    """Return quarantine by the plan's schedule."""
    return ContactQuarantine(kind="contact_quarantine", contact="close-contact", share=0.9)


def screening(**values) -> ScreeningRounds:
    """Return a round of all."""
    return ScreeningRounds(kind="screening", share=1.0, interval_days=1, **values)


def test_two_reductions_of_one_setting_multiply():
    """Risk areas and standstill together leave half of fifteen hundredths of the contacts."""
    factor = day_of(CONTAINMENT, GRAVEST).meeting.contact_factor
    assert np.allclose(factor[:, Setting.SCHOOL], 0.5 * 0.15)
    assert (factor[:, Setting.HOUSEHOLD] == 1.0).all()


def test_screening_keeps_its_days():
    """Every second day, counted from the first of the run."""
    assert day_of(CONTAINMENT, GRAVEST, day=4).screening is not None
    assert day_of(CONTAINMENT, GRAVEST, day=5).screening is None


def test_a_first_day_has_its_seeds_and_no_other():
    """In a small town there are still ten, so that chance alone does not end the wave."""
    assert day_of(CLASS_B, -1, day=0).imports.exact.sum() == 10
    assert day_of(CLASS_B, -1, day=1).imports.exact.sum() == 0
    assert day_of(CLASS_B, -1, day=0, town=small_town(8)).imports.exact.sum() == 8


def test_doses_of_days_add_up():
    """Half a dose a thousand a day is two thousandths in four days, whatever the day begins with."""
    doses = [day_of(CLASS_B, -1, day=day).vaccination.doses.sum() for day in range(10)]
    assert sum(doses) == int(10 * 0.5 * TOWN.population.size / 1000)
    assert day_of(CLASS_B, -1, day=1).vaccination.doses[:, :, :8].sum() == 0  # nobody below 60


@pytest.mark.parametrize(
    ("before", "after", "part", "name"),
    [
        ("rooms_per_100000 = 400", "rooms_per_100000 = 0", "isolation", "rooms"),
        ("cases_per_day_per_million = 100", "cases_per_day_per_million = 0", "tracing", "capacity"),
        ("ward_per_1000 = 1.0", "ward_per_1000 = 0", "care", "ward_beds"),
    ],
)
def test_a_capacity_of_zero_is_none_and_not_no_limit(before, after, part, name):
    """Zero rooms, teams or beds are zero, not absent."""
    text = packaged_plan_text("covid19-containment-2022").replace(before, after, 1)
    record = getattr(day_of(load_plan(text), GRAVEST), part)
    assert record is not None
    assert np.sum(getattr(record, name)) == 0


@given(st.lists(st.integers(0, 50), min_size=1, max_size=12), st.integers(0, 400))
def test_what_is_apportioned_is_neither_lost_nor_made(weights, total):
    """Whole numbers that add up; nothing for a weight of nothing; within one of the exact share."""
    given_weights = np.asarray(weights, dtype=np.float64)
    parts = apportion(given_weights, total)
    if given_weights.sum() == 0:
        assert parts.sum() == 0
        return
    assert parts.sum() == total
    exact = given_weights / given_weights.sum() * total
    assert (np.abs(parts - exact) < 1).all()
    assert (parts[given_weights == 0] == 0).all()
