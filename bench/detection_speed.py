"""Claim: EARS on 10 000 daily series of a year in under 1 s, Farrington flexible on 10 000 weeks under 10 s.

The second is one week each of 10 000 weekly series of ten years, with the settings that Noufaily 2013
advises. Where Rscript and its package surveillance are installed, the ratio to it is measured in the same
run, on a few of the same series (模拟数据).
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from fangxian.science.detection.ears import EarsMethod, detect_ears
from fangxian.science.detection.farrington import FarringtonOptions, Threshold, detect_farrington
from fangxian.science.detection.reference_points import TimeAxis
from fangxian.science.detection.surprise import SurpriseOptions, detect_surprises

SERIES, WEEKS, DAYS = 10_000, 520, 365
NOUFAILY = FarringtonOptions(
    seasons=10, guard=26, trend_error_rate=1.0, threshold=Threshold.NEGATIVE_BINOMIAL
)
R_SERIES = 16
R_SCRIPT = """
suppressMessages(library(surveillance))
w <- as.matrix(read.csv("weekly.csv", header=FALSE)); d <- as.matrix(read.csv("daily.csv", header=FALSE))
f <- function(j) farringtonFlexible(sts(observed=w[,j], frequency=52), list(range=nrow(w), noPeriods=10,
  pastWeeksNotIncluded=26, pThresholdTrend=1, thresholdMethod="nbPlugin", glmWarnings=FALSE))
e <- function(j) earsC(sts(observed=d[,j], frequency=365), list(method="C2", range=10:nrow(d)))
invisible(f(1)); invisible(e(1))
cat(system.time(for (j in seq_len(ncol(w))) f(j))[["elapsed"]] / ncol(w),
    system.time(for (j in seq_len(ncol(d))) e(j))[["elapsed"]] / ncol(d))
"""


def counts(steps: int, places: int, a_year: float) -> np.ndarray:
    """Return seasonal negative binomial counts (模拟数据)."""
    rng = np.random.default_rng(11)
    season = rng.uniform(0, 0.8, places) * np.sin(2 * np.pi * np.arange(steps)[:, None] / a_year)
    level = np.exp(rng.normal(1, 1.2, places) + season)
    excess = rng.gamma(1, 1, places) + 0.01
    return rng.negative_binomial(level / excess, 1 / (1 + excess) * np.ones_like(level)).astype(float)


def seconds(work: Callable[[], object]) -> float:
    """Return the shortest of two runs, the kernels compiled before."""
    taken = []
    for _ in range(2):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return min(taken)


def peer(weekly: np.ndarray, daily: np.ndarray) -> tuple[float, float] | None:
    """Return seconds a series of R surveillance for both tasks, or None where it is not installed."""
    if shutil.which("Rscript") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        np.savetxt(Path(folder) / "weekly.csv", weekly[:, :R_SERIES], fmt="%d", delimiter=",")
        np.savetxt(Path(folder) / "daily.csv", daily[:, :R_SERIES], fmt="%d", delimiter=",")
        done = subprocess.run(
            ["Rscript", "-e", R_SCRIPT], cwd=folder, capture_output=True, text=True, check=False
        )
    if done.returncode != 0:
        return None
    weekly_seconds, daily_seconds = (float(part) for part in done.stdout.split()[-2:])
    return weekly_seconds, daily_seconds


def main() -> None:
    """Print the table."""
    weekly, daily = counts(WEEKS, SERIES, 52), counts(DAYS, SERIES, 365)
    axis = TimeAxis(WEEKS, 52)
    small = weekly[:, :50]
    detect_farrington(small, axis, NOUFAILY, steps=[WEEKS - 1])
    detect_ears(daily[:, :50], EarsMethod.C2)
    detect_surprises(small, axis, SurpriseOptions(), steps=[WEEKS - 1])
    ours = (
        seconds(lambda: detect_farrington(weekly, axis, NOUFAILY, steps=[WEEKS - 1])),
        seconds(lambda: detect_ears(daily, EarsMethod.C2)),
    )
    started = time.perf_counter()
    detect_surprises(weekly, axis, SurpriseOptions(), steps=[WEEKS - 1])
    own = time.perf_counter() - started
    reference = peer(weekly, daily)
    print("| task, one core | seconds | target | R surveillance, same task | ratio |")
    print("| --- | --- | --- | --- | --- |")
    for name, index, target in (
        ("Farrington flexible, 10 000 weekly series of ten years, one week each", 0, 10),
        ("EARS C2, 10 000 daily series x 365 days", 1, 1),
    ):
        scaled = reference[index] * SERIES if reference else None
        print(
            f"| {name} | {ours[index]:.2f} | {target} | "
            + (
                f"{scaled:.0f} (from {R_SERIES} series) | {scaled / ours[index]:.0f} |"
                if scaled
                else "- | - |"
            )
        )
    print(f"| surprise, 10 000 weekly series of ten years, one week each | {own:.2f} | - | - | - |")


if __name__ == "__main__":
    main()
