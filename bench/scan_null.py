"""Claim: where nothing clusters, a scan has a cluster at 5 % on one map in twenty, or fewer.

Simulated tables of daily counts without cluster (模拟数据), judged as ``fangxian scan`` does: what is due
and how ragged counts are is learned from the days before, of which there are few. Printed is the share of
tables whose most likely cluster has a chance of at most 1, 5, 10, 20 and 50 %; right is that much or less.

    python bench/scan_null.py [--tables 200] [--only sparse]
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

import numpy as np

from fangxian.science.detection.reference_points import EPOCH, TimeAxis
from fangxian.science.detection.scan import ScanOptions
from fangxian.studies.detection.clusters import find_clusters
from fangxian.studies.detection.series import Panel

SIDE = 6  # places stand on a grid, 10 km apart
CHANCES = (0.01, 0.05, 0.1, 0.2, 0.5)


@dataclass(frozen=True)
class Kind:
    """Quiet tables: days of past, log mean and its spread over places, variance / mean, weekdays, season."""

    name: str
    days: int
    log_mean: float
    log_spread: float
    dispersion: float
    weekday: float = 0.0
    trend: float = 0.0


KINDS = (
    Kind("40 days, 5 a day, Poisson", 40, 1.6, 0.5, 1.0),
    Kind("40 days, 5 a day, ragged", 40, 1.6, 0.5, 2.5),
    Kind("40 days, sparse", 40, -1.5, 1.0, 1.3),
    Kind("120 days, ragged, weekdays", 120, 1.6, 1.0, 2.5, weekday=0.3),
    Kind("40 days, ragged, places that drift apart", 40, 1.6, 0.5, 2.5, trend=0.5),
)


def quiet(kind: Kind, rng: np.random.Generator) -> np.ndarray:
    """Return counts without cluster [day, place]."""
    places = SIDE * SIDE
    day = np.arange(kind.days)[:, None]
    level = rng.normal(kind.log_mean, kind.log_spread, places)
    level = level + kind.weekday * rng.normal(0, 1, (7, places))[np.arange(kind.days) % 7]
    level = level + kind.trend * rng.normal(0, 1, places) * (day - kind.days) / 365
    mean = np.exp(level)
    if kind.dispersion <= 1:
        return rng.poisson(mean).astype(float)
    return rng.negative_binomial(mean / (kind.dispersion - 1), 1 / kind.dispersion).astype(float)


def row(number: int, kind: Kind, tables: int) -> str:
    """Return the line of one kind."""
    names = tuple(f"P{place}" for place in range(SIDE * SIDE))
    where = 10.0 * np.stack(np.divmod(np.arange(SIDE * SIDE), SIDE), axis=1)
    days = np.arange(kind.days) + 18_000
    labels = tuple(str(EPOCH.fromordinal(EPOCH.toordinal() + int(day))) for day in days)
    axis = TimeAxis(kind.days, 365, days)
    found = []
    for table in range(tables):
        counts = quiet(kind, np.random.default_rng(1_000_000 * number + table))
        panel = Panel(labels, names, counts, None, None, axis, "daily")
        clusters = find_clusters(panel, where, ScanOptions(replicates=99), seed=table)
        found.append(min((one.probability for one in clusters), default=1.0))
    shares = " | ".join(f"{(np.array(found) <= chance).mean():.1%}" for chance in CHANCES)
    return f"| {kind.name} | {shares} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--tables", type=int, default=200)
    parser.add_argument("--only", default="", help="kinds whose name holds this")
    given = parser.parse_args()
    heads = " | ".join(f"at most {chance:.0%}" for chance in CHANCES)
    print(f"| {given.tables} tables of {SIDE * SIDE} places | {heads} |")
    print("| --- |" + " --- |" * len(CHANCES))
    for number, kind in enumerate(KINDS):
        if given.only in kind.name:
            print(row(number, kind, given.tables), flush=True)


if __name__ == "__main__":
    main()
