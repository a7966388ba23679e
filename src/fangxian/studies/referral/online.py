"""One patient more: the others keep what they were promised."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fangxian.logistics.assignment.assign import BedPlan, assign_beds
from fangxian.logistics.assignment.online import beds_left, place_more
from fangxian.logistics.assignment.problem import Patients
from fangxian.logistics.programme import SolverStop
from fangxian.studies.referral.tables import ReferralCase


def newcomer(case: ReferralCase, name: str, stop: SolverStop) -> tuple[ReferralCase, BedPlan]:
    """Place one patient after all the others.

    Parameters
    ----------
    case : ReferralCase
    name : str
        Of the patient.
    stop : SolverStop
        For placing the others.

    Returns
    -------
    tuple of ReferralCase and BedPlan
        With only this patient, and the beds that the others leave.
    """
    mine = np.array([each == name for each in case.patients])
    before, after = (
        Patients(**{key: values[rows] for key, values in vars(case.problem.patients).items()})
        for rows in (~mine, mine)
    )
    left = case.problem.openings
    if len(before):
        others = replace(case.problem, patients=before)
        plan = assign_beds(others, stop)
        left = replace(left, beds=beds_left(others, plan))
        return replace(
            case, problem=replace(case.problem, patients=after, openings=left), patients=(name,)
        ), place_more(others, plan, after)
    return case, assign_beds(case.problem, stop)
