"""What hospitals and township clinics see: diagnoses, admissions, stays, intensive care and deaths.

Stocks are the result of flows: of each unit, in hospital today is in hospital yesterday + admissions -
discharges - deaths, and nobody lies in a bed that is not there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fangxian.studies.synthetic_reports.epidemic import Floats
from fangxian.studies.synthetic_reports.parameters import Parameters
from fangxian.studies.synthetic_reports.streams import stream

DIAGNOSIS_DELAY_DAYS = 2.5
SEVERE_ON_THE_WARD = 0.07
ASYMPTOMATIC_PER_CASE = 0.15

Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Wards:
    """The units that treat patients, as columns; ``area`` is the index of the county."""

    area: Integers
    people: Floats
    ordinary_beds: Integers
    intensive_beds: Integers


def share_within_area(weight: Floats, area: Integers, areas: int) -> Floats:
    """Return the share of each unit in the sum of its area."""
    total = np.bincount(area, weights=weight, minlength=areas)
    return weight / np.maximum(total[area], 1e-12)


def counts(seed: int, purpose: str, mean: Floats) -> Integers:
    """Draw a Poisson count for each day and unit, a stream for each day."""
    return np.stack([stream(seed, purpose, day).poisson(row) for day, row in enumerate(mean)])


def hospital_values(
    parameters: Parameters, wards: Wards, *, cases: Floats, admissions: Floats, weekday: Floats
) -> dict[str, Integers]:
    """Return each field of the hospital form by day and unit.

    Parameters
    ----------
    wards : Wards
        The units.
    cases, admissions : ndarray, shape (day, area)
        Expected numbers.
    weekday : ndarray, shape (day,)
        Care sought by weekday, around 1.
    """
    areas = cases.shape[1]
    outpatient = share_within_area(wards.people, wards.area, areas)
    weight = wards.ordinary_beds + 8.0 * wards.intensive_beds
    inpatient = share_within_area(weight.astype(np.float64), wards.area, areas)
    seed = parameters.seed
    new_cases = counts(seed, "new-cases", cases[:, wards.area] * outpatient)
    other = parameters.other_fever_visits * wards.people / 1e5 * weekday[:, None]
    visits = new_cases + counts(seed, "other-fever", other)
    asymptomatic = counts(seed, "asymptomatic", ASYMPTOMATIC_PER_CASE * cases[:, wards.area] * outpatient)
    wanted = counts(seed, "admissions", admissions[:, wards.area] * inpatient)
    flows = _flows(parameters, wards, wanted)
    return {
        "new_cases": new_cases,
        "asymptomatic": asymptomatic,
        "recovered": flows["discharges"],
        "fever_clinic_visits": visits,
        **flows,
    }


def _flows(parameters: Parameters, wards: Wards, wanted: Integers) -> dict[str, Integers]:
    """Walk through the days: who is admitted where, who leaves, who dies."""
    days, units = wanted.shape
    names = ("admissions", "discharges", "deaths", "in_hospital", "intensive_care", "severe")
    found = {name: np.zeros((days, units), dtype=np.int64) for name in names}
    ward = np.zeros(units, dtype=np.int64)
    intensive = np.zeros(units, dtype=np.int64)
    critical = np.where(wards.intensive_beds > 0, parameters.intensive_share, 0.0)
    for day in range(days):
        chance = stream(parameters.seed, "wards", day)
        leave_ward = chance.binomial(ward, 1 / parameters.ward_stay_days)
        leave_intensive = chance.binomial(intensive, 1 / parameters.intensive_stay_days)
        dead_ward = chance.binomial(leave_ward, parameters.ward_fatality)
        dead_intensive = chance.binomial(leave_intensive, parameters.intensive_fatality)
        ward, intensive = ward - leave_ward, intensive - leave_intensive
        admitted = np.minimum(wanted[day], wards.ordinary_beds - ward)
        to_intensive = np.minimum(chance.binomial(admitted, critical), wards.intensive_beds - intensive)
        ward, intensive = ward + admitted - to_intensive, intensive + to_intensive
        found["admissions"][day] = admitted
        found["deaths"][day] = dead_ward + dead_intensive
        found["discharges"][day] = leave_ward + leave_intensive - dead_ward - dead_intensive
        found["in_hospital"][day] = ward + intensive
        found["intensive_care"][day] = intensive
        found["severe"][day] = intensive + np.rint(SEVERE_ON_THE_WARD * ward).astype(np.int64)
    return found
