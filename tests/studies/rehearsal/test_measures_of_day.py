"""Effects of a plan as measures of a day: what the plan states elsewhere is read there; nothing is lost."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fangxian.plans.loader import load_plan, packaged_disease, packaged_plan, packaged_plan_text
from fangxian.science.agents.measures import NO_LIMIT, no_measures
from fangxian.science.agents.records import Setting
from fangxian.studies.rehearsal.from_plan import MeasuresOfDay, apportion
from fangxian.studies.rehearsal.in_force import Switchboard
from small_towns import small_town

TOWN = small_town(4000)
CONTAINMENT = packaged_plan("covid19-containment-2022")
CLASS_B = packaged_plan("covid19-class-b-2023")
OMICRON = packaged_disease("covid19-omicron-ba5")
NOWHERE = np.array([-1, -1])
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
        assert np.array_equal(getattr(day.meeting, name), getattr(nothing.meeting, name))
    for field in dataclasses.fields(day):
        if field.name not in ("meeting", "imports"):
            assert getattr(day, field.name) == getattr(nothing, field.name), field.name
    assert day.laboratory_tubes == NO_LIMIT


def test_the_schedule_of_contacts_is_read_from_the_plan():
    """Seven days in a room and the test days of that stage; monitoring at home keeps nobody apart."""
    isolation = day_of(CONTAINMENT, GRAVEST).isolation
    assert isolation.contact_days == 7.0
    assert isolation.contacts_in_rooms
    assert isolation.contact_test_days == (1, 2, 3, 5, 7)
    text = packaged_plan_text("covid19-containment-2022")
    november = text.replace('contact = "close-contact"', 'contact = "close-contact-from-november"', 1)
    isolation = day_of(load_plan(november), GRAVEST).isolation
    assert isolation.contact_days == 8.0
    assert isolation.contact_test_days == ()


def test_clocks_and_reserves_are_read_from_the_plan():
    """Eight hours to isolation; intensive care is 4 % of the ward beds."""
    assert day_of(CONTAINMENT, GRAVEST).tracing.delay_days == pytest.approx(8 / 24)
    care = day_of(CLASS_B, GRAVEST).care
    assert care.ward_beds.sum() == round(TOWN.population.size * 2.0 / 1000)
    assert care.intensive_care_beds.sum() == round(care.ward_beds.sum() * 0.04)


def test_a_level_of_one_county_leaves_the_other_alone():
    """Tracing teams work, and screening is done, where the level is in force only."""
    day = day_of(CONTAINMENT, -1, [COUNTY, -1], day=2)
    assert day.tracing.capacity[:2].sum() > 0
    assert day.tracing.capacity[2:].sum() == 0
    assert (day.screening.share[:2] == 0.9).all()
    assert (day.screening.share[2:] == 0).all()


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
