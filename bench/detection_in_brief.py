"""Claim: on the demonstration wave, false discovery control leaves a week of alarms that a person can read.

The wave of the demonstration (模拟数据), summed by county as the brief does; alarms of a week for all
counties, by EARS C1 and C2, which test each county alone, and by our detector.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from fangxian.plans.schema import RehearsalDefaults
from fangxian.science.detection.ears import EarsMethod
from fangxian.studies.brief.estimators import AlarmDetector, EarsDetector, SurpriseDetector
from fangxian.studies.demonstration.kept import packaged_run, reports_of_demonstration
from fangxian.studies.rehearsal.told import Span
from fangxian.studies.synthetic_reports import Unit

DAYS = 90
FIRST_DAY_OF_RUN = 30
CODES = tuple(packaged_run().counts().people)
COUNTIES = len(CODES)
WEEKS = (30, 45, 60, 90)


def by_county(table: pl.DataFrame, county: dict[str, int], first: date) -> dict[str, np.ndarray]:
    """Return each whole-number field summed by day and county."""
    day = np.array([(one - first).days for one in table["day"]])
    place = np.array([county[code] for code in table["unit"]])
    found = {}
    for name in table.columns:
        if name in {"unit", "day", "reported_at", "zero_declared", "reason"} or "bed" in name:
            continue
        if table[name].dtype.is_numeric() and (table[name].drop_nulls() % 1 == 0).all():
            total = np.zeros((DAYS, COUNTIES))
            np.add.at(total, (day, place), table[name].fill_null(0).to_numpy())
            found[name] = total
    return found


def main() -> None:
    """Print the table."""
    first = date(2026, 1, 1)
    area = [CODES[number % COUNTIES] for number in range(2000)]
    units = [Unit(f"v{number:05}", "village_clinic", area[number], 1500) for number in range(2000)]
    units += [Unit(f"h{number:05}", "hospital", area[number], 20_000, 150, 5) for number in range(200)]
    county = {unit.code: CODES.index(unit.area) for unit in units}
    made = reports_of_demonstration(units, RehearsalDefaults(), Span(first, DAYS, FIRST_DAY_OF_RUN))
    detectors: dict[str, tuple[AlarmDetector, ...]] = {
        "EARS C1 or C2": (EarsDetector(EarsMethod.C1), EarsDetector(EarsMethod.C2)),
        "surprise, 5 %": (SurpriseDetector(),),
    }
    fields = {
        f"{table.form}.{name}": total
        for table in made.tables
        for name, total in by_county(table.reports, county, first).items()
    }
    print(
        f"| {len(fields)} fields x {COUNTIES} counties | "
        + " | ".join(f"week to day {k}" for k in WEEKS)
        + " |"
    )
    print("| --- |" + " --- |" * len(WEEKS))
    for name, chosen in detectors.items():
        cells = []
        for end in WEEKS:
            alarms = [
                np.logical_or.reduce([one.detect(total[:end]).alarm[-7:] for one in chosen]).sum()
                for total in fields.values()
            ]
            cells.append(str(sum(alarms)))
        print(f"| {name} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
