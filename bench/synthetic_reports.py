"""Claim: 60 days of reports of 6 000 units are generated in under 3 seconds.

The floor is drawing as many Poisson counts as there are values, in the same run.
"""

from __future__ import annotations

import time
from datetime import date

import numpy as np

from fangxian.plans.schema import RehearsalDefaults
from fangxian.studies.demonstration.kept import packaged_run, reports_of_demonstration
from fangxian.studies.rehearsal.told import Span
from fangxian.studies.synthetic_reports import Unit

DAYS, VILLAGES, OTHERS = 60, 5600, 400


def main() -> None:
    """Print the table."""
    codes = list(packaged_run().counts().people)
    county = [codes[number % len(codes)] for number in range(VILLAGES)]
    units = [Unit(f"v{number:05}", "village_clinic", county[number], 1500) for number in range(VILLAGES)]
    units += [Unit(f"h{number:05}", "hospital", county[number], 20_000, 150, 5) for number in range(OTHERS)]
    started = time.perf_counter()
    made = reports_of_demonstration(units, RehearsalDefaults(), Span(date(2026, 1, 1), DAYS, 30))
    taken = time.perf_counter() - started
    values = DAYS * (VILLAGES * 5 + OTHERS * 12)
    started = time.perf_counter()
    np.random.Generator(np.random.Philox(1)).poisson(0.5, values)
    floor = time.perf_counter() - started
    reports = sum(table.reports.height + table.corrections.height for table in made.tables)
    print("| what | seconds | x floor |\n| --- | --- | --- |")
    print(f"| {values:,} Poisson counts (floor) | {floor:.2f} | 1 |")
    print(f"| {len(units):,} units x {DAYS} days: {reports:,} reports | {taken:.2f} | {taken / floor:.0f} |")


if __name__ == "__main__":
    main()
