"""Claim: a dataset of 124 000 rows is read, checked and differenced in about a second.

The floor is a bare read of the same file by the same library, in the same run.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl

from fangxian.plans.datasets import load_descriptor, read_dataset

SHARED = Path(os.environ.get("FANGXIAN_SHARED", Path(__file__).resolve().parents[2] / "shared"))
FOLDER = SHARED / "data" / "03_covid_china"
FILE = FOLDER / "china_city_daily_2019-12_2020-12.csv"
REPEATS = 5


def median_seconds(work: Callable[[], object]) -> float:
    """Return the median time of several runs."""
    taken = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def main() -> None:
    """Print the table."""
    descriptor = load_descriptor("china-cities-2020")
    floor = median_seconds(lambda: pl.read_csv(FILE, infer_schema=False))
    whole = median_seconds(lambda: read_dataset(descriptor, FOLDER))
    print("| what | seconds | x floor |\n| --- | --- | --- |")
    print(f"| bare read of the file as text (floor) | {floor:.3f} | 1 |")
    print(f"| read_dataset china-cities-2020, 123 731 rows | {whole:.3f} | {whole / floor:.0f} |")


if __name__ == "__main__":
    main()
