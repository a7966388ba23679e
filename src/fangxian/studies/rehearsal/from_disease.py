"""From a disease file to the numbers of the simulator: conditional shares, infectiousness, protection."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

from fangxian.base.errors import InvalidInput
from fangxian.plans.schema import (
    ByAge,
    Course,
    DiseaseFile,
    Duration,
    RehearsalDefaults,
    Stays,
    Transmission,
)
from fangxian.plans.schema import (
    Protection as FileProtection,
)
from fangxian.science.agents.records import Delay, DiseaseCourse, Infectiousness, Protection, Severity
from fangxian.studies.rehearsal.town import Town

FloatArray = NDArray[np.float64]

SLICES = 48
"""Slices of the period in which a person is infectious."""
LAST_SHARE = 0.995
"""The period ends when this share of infectiousness is over; the rest is left out."""
DAYS_OF_MONTH = 30.44
DOSE_CLASS_DAYS = 14
"""Doses of one fortnight wane together."""


def complete(disease: DiseaseFile) -> tuple[Transmission, Course, Stays]:
    """Return the sections that a rehearsal needs.

    Raises
    ------
    InvalidInput
        If the file holds no more than a brief needs.
    """
    if disease.transmission is None or disease.course is None or disease.stays is None:
        raise InvalidInput(
            {
                "zh": f"疾病“{disease.id}”的参数只够晨报使用，不能推演。",
                "en": f"The file of {disease.id!r} is enough for a brief, not for a rehearsal.",
            },
            {
                "zh": "请补写 [transmission]、[course] 和 [stay]。",
                "en": "Add [transmission], [course] and [stay]; see docs/reference/disease-file.md.",
            },
        )
    return disease.transmission, disease.course, disease.stays


def course_of(disease: DiseaseFile, town: Town, *, transmissibility: float) -> DiseaseCourse:
    """Return a disease as the simulator reads it.

    Parameters
    ----------
    disease : DiseaseFile
        With transmission, course and stays.
    town : Town
        Its ages, and who of its people has an underlying disease.
    transmissibility : float
        Probability that a contact of weight 1 infects (`calibration.transmissibility_for`).

    Returns
    -------
    DiseaseCourse
        For the age groups of the town.
    """
    spread, _, _ = complete(disease)
    ages = town.age_groups.count
    susceptibility = np.ones(ages) if spread.susceptibility is None else by_group(spread.susceptibility, town)
    tests = {test.kind: np.array(test.by_day) for test in disease.tests}
    return DiseaseCourse(
        infectiousness=infectiousness_of(spread),
        transmissibility=transmissibility * float(susceptibility.max()),
        susceptibility=susceptibility / susceptibility.max(),
        severity=severity_of(disease, town),
        pcr_sensitivity=tests.get("pcr", np.zeros(1)),
        antigen_sensitivity=tests.get("antigen", np.zeros(1)),
    )


def infectiousness_of(spread: Transmission) -> Infectiousness:
    """Return latent period and profile: infections passed on are spread as the file's distribution says."""
    period, edges = _profile(spread.infectiousness)
    return Infectiousness(
        latent=delay_of(spread.latent_period),
        period=Delay("fixed", period),
        profile=tuple(np.diff(edges).tolist()),
        follows_period=False,
        dispersion=float("inf") if spread.dispersion is None else spread.dispersion.value,
        asymptomatic_factor=min(1.0, spread.asymptomatic_infectiousness.value),
    )


def severity_of(disease: DiseaseFile, town: Town) -> Severity:
    """Return the clinical course: shares of all infected turned into shares of those one step before."""
    spread, course, stays = complete(disease)
    symptomatic = by_group(course.symptomatic, town)
    severe = by_group(course.severe, town)
    critical = by_group(course.critical, town)
    dying = by_group(course.dying, town)
    in_intensive_care = np.minimum(
        course.deaths_in_intensive_care.value * _ratio(dying, critical),
        course.death_without_intensive_care.value,
    )
    in_ward = np.minimum(
        _ratio(dying - critical * in_intensive_care, severe - critical), course.death_without_ward.value
    )
    factors = (1.0, course.stable_disease.value, course.unstable_disease.value)
    ages, treated = np.ones(town.age_groups.count), _treatment(disease)
    return Severity(
        symptomatic=symptomatic,
        severe=np.minimum(1.0, _ratio(severe, symptomatic) / _mean_factor(town, factors)),
        critical=_ratio(critical, severe),
        death_in_ward=in_ward,
        death_without_ward=ages * course.death_without_ward.value,
        death_in_intensive_care=in_intensive_care,
        death_without_intensive_care=ages * course.death_without_intensive_care.value,
        severe_by_disease=factors,
        infectious_to_onset=_until_onset(spread),
        onset_to_severe=delay_of(stays.onset_to_admission),
        severe_to_critical=delay_of(stays.admission_to_intensive_care),
        ward_stay=delay_of(stays.ward),
        intensive_care_stay=delay_of(stays.intensive_care),
        antiviral_efficacy=treated.severe,
        antiviral_death_efficacy=treated.death_once_severe,
        antiviral_transmission_efficacy=treated.passed_on,
    )


class _Treatment(NamedTuple):
    """Shares prevented by treatment: severe disease, death once severe, infections passed on."""

    severe: float
    death_once_severe: float
    passed_on: float


def _treatment(disease: DiseaseFile) -> _Treatment:
    medicine = disease.antiviral
    if medicine is None:
        return _Treatment(0.0, 0.0, 0.0)
    severe, death = medicine.severe_prevented.value, medicine.death_prevented.value
    passed_on = medicine.transmission_prevented
    return _Treatment(
        severe,
        1.0 - (1.0 - max(severe, death)) / max(1.0 - severe, 1e-12),
        0.0 if passed_on is None else passed_on.value,
    )


def protection_of(disease: DiseaseFile, town: Town, start: RehearsalDefaults, *, days: int) -> Protection:
    """Return the protection of vaccination and earlier infection, and how it wanes over the run.

    Classes are: none; partial, full and boosted at the start; earlier infection; then one for the doses of
    each fortnight, which protect as a full vaccination does (a booster where the file has one).

    Parameters
    ----------
    disease : DiseaseFile
        Its [[protection]].
    town : Town
        For the number of age groups.
    start : RehearsalDefaults
        Months since the last dose, and the share infected earlier.
    days : int
        Length of the run, D.

    Returns
    -------
    Protection
        Arrays [D, K].
    """
    known = {one.state: one for one in disease.protections}
    since = start.months_since_dose * DAYS_OF_MONTH
    fallback = known.get("full")
    states = [known.get("partial"), fallback, known.get("boosted", fallback), known.get("infection")]
    fortnights = -(-days // DOSE_CLASS_DAYS)
    columns = [_waning(None, 0.0, days)]
    columns += [_waning(one, since, days) for one in states]
    fresh = known.get("boosted", fallback)
    columns += [_waning(fresh, -float(number * DOSE_CLASS_DAYS), days) for number in range(fortnights)]
    infection, severe, death = (np.stack([column[part] for column in columns], axis=1) for part in range(3))
    first_dose = 1 + len(states)
    return Protection(
        infection=infection,
        severe=severe,
        death=death,
        class_of_status=(0, 1, 2, 3),
        class_of_dose_day=(first_dose + np.arange(days) // DOSE_CLASS_DAYS).astype(np.int32),
        earlier_infection=np.full(town.age_groups.count, start.earlier_infection),
        class_of_earlier_infection=len(states),
    )


def by_group(table: ByAge, town: Town) -> FloatArray:
    """Return a table by age as the mean over the people of each age group of a town; float array [A]."""
    group = town.age_groups.of_years()
    years = np.arange(len(group))
    at = np.searchsorted(np.asarray(table.age_from), years, side="right") - 1
    values = np.asarray(table.values)[at]
    people = np.bincount(town.population.person_age, minlength=len(group)).astype(np.float64) + 1e-9
    weighted = np.bincount(group, weights=people * values, minlength=town.age_groups.count)
    means: FloatArray = weighted / np.bincount(group, weights=people, minlength=town.age_groups.count)
    return means


def delay_of(duration: Duration) -> Delay:
    """Return a duration of a file as the simulator's delay; a Weibull becomes the gamma of equal moments."""
    shape = "lognormal" if duration.distribution == "lognormal" else "gamma"
    return Delay("lognormal" if shape == "lognormal" else "gamma", duration.mean_days, duration.sd_days)


def _until_onset(spread: Transmission) -> Delay:
    """Return the time from infectious to ill: what of the incubation period the latent period leaves."""
    mean = spread.incubation_period.mean_days - spread.latent_period.mean_days
    if mean <= 0:
        return Delay("fixed", 0.0)
    variance = spread.incubation_period.sd_days**2 - spread.latent_period.sd_days**2
    return Delay("gamma", mean, float(np.sqrt(max(variance, (0.3 * mean) ** 2))))


def _profile(duration: Duration) -> tuple[float, FloatArray]:
    """Return when all but a rest is over, and the share that is over at the end of each slice until then."""
    mean, sd = duration.mean_days, duration.sd_days
    slices = np.linspace(0.0, 1.0, SLICES + 1)
    if duration.distribution == "lognormal":
        spread = np.sqrt(np.log1p((sd / mean) ** 2))
        middle = np.log(mean) - spread**2 / 2
        period = float(np.exp(middle + spread * special.ndtri(LAST_SHARE)))
        with np.errstate(divide="ignore"):
            edges: FloatArray = special.ndtr((np.log(slices * period) - middle) / spread)
        return period, edges
    shape, scale = (mean / sd) ** 2, sd**2 / mean
    period = float(special.gammaincinv(shape, LAST_SHARE) * scale)
    over: FloatArray = special.gammainc(shape, slices * period / scale)
    return period, over


def _ratio(part: FloatArray, whole: FloatArray) -> FloatArray:
    ratio: FloatArray = np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)
    return np.clip(ratio, 0.0, 1.0)


def _mean_factor(town: Town, factors: tuple[float, float, float]) -> FloatArray:
    """Return the mean factor on severe disease over the people of each age group; float array [A]."""
    group = town.age_groups.of_years()[town.population.person_age]
    factor = np.asarray(factors)[town.population.underlying_disease()]
    people = np.bincount(group, minlength=town.age_groups.count)
    total = np.bincount(group, weights=factor, minlength=town.age_groups.count)
    return np.divide(total, people, out=np.ones(town.age_groups.count), where=people > 0)


def _waning(
    one: FileProtection | None, age_days: float, days: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return protection on each day against infection, severe once ill, and death once severe.

    ``age_days`` is the time since the dose on day 0; negative for a dose during the run.
    """
    if one is None:
        nothing = np.zeros(days)
        return nothing, nothing, nothing
    since = np.maximum(0.0, age_days + np.arange(days))
    late = 0.5 ** (since / one.severe_half_life.value)
    infection = one.infection.value * 0.5 ** (since / one.half_life.value)
    severe = np.maximum(one.severe.value * late, infection)
    death = np.maximum(one.death.value * late, severe)
    given_infection = 1.0 - (1.0 - severe) / np.maximum(1.0 - infection, 1e-12)
    given_severe = 1.0 - (1.0 - death) / np.maximum(1.0 - severe, 1e-12)
    return infection, np.clip(given_infection, 0, 1), np.clip(given_severe, 0, 1)
