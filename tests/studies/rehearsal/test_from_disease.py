"""A disease file as the simulator reads it: shares, intervals and protection come through unbent."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fangxian.base.errors import InvalidInput
from fangxian.plans.loader import load_disease, packaged_disease, packaged_diseases
from fangxian.plans.schema import RehearsalDefaults
from fangxian.studies.rehearsal.calibration import transmissibility_for
from fangxian.studies.rehearsal.from_disease import (
    by_group,
    course_of,
    infectiousness_of,
    protection_of,
    severity_of,
)
from small_towns import small_town

TOWN = small_town(4000)
OMICRON = packaged_disease("covid19-omicron-ba5")


@pytest.mark.parametrize("disease_id", packaged_diseases())
def test_conditional_shares_multiply_to_those_of_the_file(disease_id):
    """Severe, critical and dying of all infected, over the diseases of the town's people, are the file's."""
    disease = packaged_disease(disease_id)
    severity = severity_of(disease, TOWN)
    course = disease.course
    group = TOWN.age_groups.of_years()[TOWN.population.person_age]
    factor = np.asarray(severity.severe_by_disease)[TOWN.population.underlying_disease()]
    for age in np.unique(group):
        mean = factor[group == age].mean()
        severe = severity.symptomatic[age] * np.minimum(1.0, severity.severe[age] * mean)
        assert severe == pytest.approx(by_group(course.severe, TOWN)[age], rel=1e-6)
        critical = severe * severity.critical[age]
        assert critical == pytest.approx(by_group(course.critical, TOWN)[age], rel=1e-6)
        dying = critical * severity.death_in_intensive_care[age]
        dying += (severe - critical) * severity.death_in_ward[age]
        assert dying == pytest.approx(by_group(course.dying, TOWN)[age], rel=1e-6)


@pytest.mark.parametrize("disease_id", packaged_diseases())
def test_treatment_prevents_the_file_s_shares_of_severe_disease_and_of_death(disease_id):
    """Death of the treated: first not to be severe, then not to die of it; together the file's share."""
    disease = packaged_disease(disease_id)
    severity, medicine = severity_of(disease, TOWN), disease.antiviral
    if medicine is None:
        assert severity.antiviral_efficacy == severity.antiviral_death_efficacy == 0.0
        return
    assert severity.antiviral_efficacy == medicine.severe_prevented.value
    left = (1.0 - severity.antiviral_efficacy) * (1.0 - severity.antiviral_death_efficacy)
    assert left == pytest.approx(1.0 - medicine.death_prevented.value)
    assert severity.antiviral_transmission_efficacy == medicine.transmission_prevented.value


@pytest.mark.parametrize("disease_id", packaged_diseases())
def test_the_generation_interval_is_the_file_s(disease_id):
    """Latent period and profile add up to the file's means, less what the cut end of the profile holds."""
    spread = packaged_disease(disease_id).transmission
    infectiousness = infectiousness_of(spread)
    slices = np.arange(len(infectiousness.profile)) + 0.5
    profile = np.asarray(infectiousness.profile)
    mean = (profile * slices).sum() / profile.sum() * infectiousness.period.mean_days / len(profile)
    assert mean == pytest.approx(spread.infectiousness.mean_days, rel=0.04)
    assert infectiousness.latent.mean_days == spread.latent_period.mean_days


def test_protection_starts_and_wanes_as_the_file_says():
    """After one half-life half is left of that from infection; severe includes infections prevented."""
    boosted = next(one for one in OMICRON.protections if one.state == "boosted")
    half_life = int(boosted.half_life.value)
    protection = protection_of(OMICRON, TOWN, RehearsalDefaults(months_since_dose=0), days=half_life + 1)
    assert protection.infection[0, 3] == pytest.approx(boosted.infection.value)
    assert protection.infection[half_life, 3] == pytest.approx(boosted.infection.value / 2)
    overall = 1 - (1 - protection.infection[0, 3]) * (1 - protection.severe[0, 3])
    assert overall == pytest.approx(boosted.severe.value)
    assert (protection.infection[:, 0] == 0).all()
    later = protection.class_of_dose_day[20]
    assert protection.infection[20, later] >= protection.infection[20, 3]


def test_a_dose_of_today_protects_more_than_one_of_last_year():
    """Months since the last dose lower what is left at the start."""
    fresh, old = (
        protection_of(OMICRON, TOWN, RehearsalDefaults(months_since_dose=months), days=10)
        for months in (0, 12)
    )
    assert (old.infection[0] <= fresh.infection[0]).all()
    assert old.infection[0, 3] < fresh.infection[0, 3]


@settings(max_examples=15, deadline=None)
@given(st.floats(0.2, 12.0))
def test_more_infections_caused_by_one_need_more_likely_contacts(wanted):
    """The calibration rises with the number wanted and is zero at zero."""
    low = transmissibility_for(OMICRON, TOWN, reproduction_number=wanted)
    high = transmissibility_for(OMICRON, TOWN, reproduction_number=wanted * 1.2)
    assert 0 < low < high


def test_a_disease_that_does_not_pass_on_and_one_that_cannot_be():
    """R0 of zero is a right answer; a negative one is refused."""
    assert transmissibility_for(OMICRON, TOWN, reproduction_number=0.0) == 0.0
    with pytest.raises(ValueError, match=r"reproduction_number must be 0 to 100 \(got -1\)"):
        transmissibility_for(OMICRON, TOWN, reproduction_number=-1)


def test_people_who_meet_too_few_cannot_cause_many():
    """Where nobody meets anybody outside a household of four, one cannot infect ten."""
    lonely = small_town(4000, school=0.0, work=0.0, community=0.0)
    with pytest.raises(ValueError, match="people meet too few others"):
        transmissibility_for(OMICRON, lonely, reproduction_number=10.0)


def test_susceptibility_by_age_keeps_its_ratios():
    """The largest is one; the transmissibility carries the rest."""
    disease = packaged_disease("covid19-ancestral")
    course = course_of(disease, TOWN, transmissibility=0.05)
    assert course.susceptibility.max() == 1.0
    table = by_group(disease.transmission.susceptibility, TOWN)
    assert np.allclose(course.susceptibility * course.transmissibility, 0.05 * table)


def test_a_file_for_the_brief_alone_cannot_be_rehearsed():
    """The refusal says which sections are missing."""
    disease = load_disease(
        'schema = 1\nid = "measles"\nname = { zh = "麻疹", en = "Measles" }\npathogen = "Measles virus"\n'
        "[serial_interval]\nmean_days = 11.7\nsd_days = 2.0\nlow_days = 9\nhigh_days = 14\n"
        'doi = "10.1093/aje/kwu209"\nstatus = "second-hand"\n'
    )
    with pytest.raises(InvalidInput, match=r"enough for a brief, not for a rehearsal"):
        transmissibility_for(disease, TOWN)
