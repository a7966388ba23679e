"""Claim: 2 000 patients, 150 hospitals in under 5 s; the severe wait 25 % less than by nearest hospital.

``python bench/beds.py [--mornings N]``. Made-up mornings (模拟数据) from seeds. The same morning is also run
by the rules people use: everybody to the nearest hospital that has such beds, and to the nearest with one
free at once. Those rules keep no bed for tomorrow; the plan does.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from pathlib import Path

import numpy as np

from fangxian.logistics.assignment.assign import assign_beds
from fangxian.logistics.assignment.online import place_more
from fangxian.logistics.assignment.problem import BedParameters, BedProblem, Patients
from fangxian.logistics.assignment.usual_rules import nearest_hospital
from fangxian.studies.referral.made_up import write_referrals
from fangxian.studies.referral.tables import read_referrals


def morning(seed: int, patients: int = 2000, hospitals: int = 150) -> BedProblem:
    """Return a made-up morning."""
    with tempfile.TemporaryDirectory() as folder:
        write_referrals(Path(folder), patients=patients, hospitals=hospitals, seed=seed)
        return read_referrals(Path(folder), BedParameters()).problem


def moving(problem: BedProblem, rows: np.ndarray) -> BedProblem:
    """Return the morning with some patients only."""
    patients = Patients(**{name: values[rows] for name, values in vars(problem.patients).items()})
    return BedProblem(**(vars(problem) | {"patients": patients}))


def main() -> None:
    """Print a line a morning."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--mornings", type=int, default=5)
    mornings = parser.parse_args().mornings
    assign_beds(morning(99, 20, 12))  # compiled before timing
    heads = (
        "seed",
        "seconds",
        "gap",
        "severe h",
        "nearest h",
        "less",
        "nearest free h",
        "less",
        "one more s",
    )
    print(("{:>6}{:>9}{:>6}" + "{:>15}" * 6).format(*heads))
    for seed in range(1, mornings + 1):
        problem = morning(seed)
        began = time.perf_counter()
        plan = assign_beds(problem)
        spent = time.perf_counter() - began
        going = ~plan.stays
        severe = problem.severities.severe[problem.patients.severity] & going
        ours = plan.minutes[severe].sum() / 60
        who = moving(problem, going)
        theirs = [nearest_hospital(who, go_on=each)[severe[going]].sum() / 60 for each in (False, True)]
        one = moving(problem, np.arange(len(problem.patients)) == np.flatnonzero(severe)[0])
        began = time.perf_counter()
        place_more(problem, plan, one.patients)
        online = time.perf_counter() - began
        gap = max(aim.gap for aim in plan.aims)
        cells = (ours, theirs[0], 1 - ours / theirs[0], theirs[1], 1 - ours / theirs[1], online)
        forms = ("{:>15.1f}", "{:>15.1f}", "{:>15.1%}", "{:>15.1f}", "{:>15.1%}", "{:>15.3f}")
        shown = "".join(form.format(cell) for form, cell in zip(forms, cells, strict=True))
        print(f"{seed:>6}{spent:>9.2f}{gap:>6.0%}{shown}")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{len(problem.openings)} openings; peak {memory:.0f} MB")


if __name__ == "__main__":
    main()
