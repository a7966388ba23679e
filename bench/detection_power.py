"""Claim: our detector finds more of the labelled outbreaks, and earlier, than Farrington flexible.

At the same rate of false alarms, on the 14 weekly series of shared/data/06_surveillance whose outbreak weeks
are marked. Every setting is the default for all series. Farrington flexible runs with the settings that
Noufaily 2013 advises, as many years back as there are (one at least), with and without its rule of five cases
in four weeks. An outbreak counts as found if a week of it is an alarm; one that is not found counts with its
whole length as delay. False alarms are alarms in weeks that are not marked. The curve is written as SVG.

With ``--simulated`` the same on simulated series with outbreaks of many sizes, after the design of Noufaily
2013 (模拟数据): nothing was set by them, and only the last of seven years is judged.

    python bench/detection_power.py [CURVE.svg | --simulated]
"""

from __future__ import annotations

import csv
import os
import sys
from pathlib import Path

import numpy as np

from fangxian.science.detection.ears import EarsMethod, detect_ears
from fangxian.science.detection.farrington import FarringtonOptions, Threshold, detect_farrington
from fangxian.science.detection.reference_points import TimeAxis
from fangxian.science.detection.surprise import detect_surprises

SHARED = Path(os.environ.get("FANGXIAN_SHARED", Path(__file__).resolve().parents[2] / "shared"))
NAMES = ("k1", "m1", "m2", "m3", "m4", "m5", "n1", "n2", "q1_nrwh", "q2", "s1", "s2", "s3", "h1_nrwrp")
RATES = (0.005, 0.01, 0.02, 0.03, 0.05)
FIRST_FARRINGTON = 56  # a year and half a window
SIMULATED, WEEKS, LAST_YEAR = 240, 364, 312


def labelled() -> tuple[np.ndarray, np.ndarray]:
    """Return counts and marked weeks [week, series]."""
    counts, marked = [], []
    for name in NAMES:
        with (SHARED / "data" / "06_surveillance" / f"{name}.csv").open() as lines:
            rows = list(csv.DictReader(lines))
        counts.append([float(row["observed"]) for row in rows])
        marked.append([row["state"] == "1" for row in rows])
    return np.array(counts).T.copy(), np.array(marked).T


def simulated() -> tuple[np.ndarray, np.ndarray]:
    """Return counts and weeks with outbreak [week, series]: four before the last year, one in it."""
    rng, series = np.random.default_rng(11), SIMULATED
    week = np.arange(WEEKS)[:, None]
    level, dispersion = rng.uniform(-2, 3.5, series), rng.choice([1.0, 1.1, 1.5, 2, 4], series)
    level = level + rng.choice([0, 0, 0.0025, -0.0025, 0.005], series) * (week - WEEKS / 2)
    harmonics = rng.integers(0, 3, series)
    for harmonic in (1, 2):
        size = rng.uniform(0.1, 0.8, series) * (harmonics >= harmonic) / harmonic
        level = level + size * np.sin(2 * np.pi * (harmonic * week / 52 + rng.uniform(0, 1, series)))
    mean, excess = np.exp(level), np.maximum(dispersion - 1, 1e-6)
    counts = rng.negative_binomial(mean / excess, 1 / (1 + excess) * np.ones_like(mean)).astype(float)
    marked = np.zeros(counts.shape, dtype=bool)
    for place in range(series):
        starts = [*rng.choice(LAST_YEAR, 4, replace=False), LAST_YEAR + rng.integers(0, 44)]
        for start in starts:
            cases = rng.poisson(rng.uniform(2, 10) * np.sqrt(mean[start, place] * dispersion[place]))
            weeks = start + np.floor(rng.lognormal(0, 0.5, cases)).astype(int)
            weeks = weeks[weeks < WEEKS]
            np.add.at(counts[:, place], weeks, 1)
            if len(weeks):
                marked[weeks.min() : weeks.max() + 1, place] = True
    return counts, marked


def print_simulated() -> None:
    """Print the table of the simulated series."""
    counts, marked = simulated()
    axis, last = TimeAxis(WEEKS, 52), range(LAST_YEAR, WEEKS)
    found: dict[str, np.ndarray] = {"surprise (ours)": detect_surprises(counts, axis, steps=last).probability}
    for name, least in (("Farrington flexible", 5), ("Farrington flexible, no rule of five", 0)):
        options = FarringtonOptions(
            seasons=10,
            guard=26,
            trend_error_rate=1.0,
            threshold=Threshold.NEGATIVE_BINOMIAL,
            least_cases=least,
        )
        result = detect_farrington(counts, axis, options, steps=last)
        found[name] = np.where(np.isnan(result.upper), np.nan, result.probability)
    print(f"{SIMULATED} simulated series, {len(outbreaks(marked, LAST_YEAR))} outbreaks; sensitivity, weeks")
    print("| method | " + " | ".join(f"{rate:.1%} false" for rate in RATES) + " |")
    print("| --- |" + " --- |" * len(RATES))
    for name, chance in found.items():
        score = np.full(counts.shape, np.nan)
        score[LAST_YEAR:] = np.round(-np.log10(np.maximum(chance, 1e-30)), 2)
        score[score < 0.8] = np.nan
        points = curve(score, marked, LAST_YEAR)
        cells = [at_rate(points, rate) for rate in RATES]
        print(
            f"| {name} | " + " | ".join(f"{hit:.2f}, {delay:.2f}" for hit, delay in cells) + " |", flush=True
        )


def farrington_score(counts: np.ndarray, *, five_cases: bool) -> np.ndarray:
    """Return -log10 of the chance of each count, NaN where the method says nothing."""
    weeks = len(counts)
    score = np.full(counts.shape, np.nan)
    for years, first, end in ((1, FIRST_FARRINGTON, 108), (2, 108, 160), (3, 160, weeks)):
        options = FarringtonOptions(
            years=years,
            seasons=10,
            guard=26,
            trend_error_rate=1.0,
            threshold=Threshold.NEGATIVE_BINOMIAL,
            least_cases=5 if five_cases else 0,
        )
        found = detect_farrington(counts, TimeAxis(weeks, 52), options, steps=range(first, end))
        chance = np.where(np.isnan(found.upper), np.nan, found.probability)
        score[first:end] = -np.log10(np.maximum(chance, 1e-300))
    return score


def ears_score(counts: np.ndarray) -> np.ndarray:
    """Return by how many standard deviations each count exceeds its baseline."""
    found = detect_ears(counts, EarsMethod.C2, least_standard_deviation=0.5)
    return (counts - found.expected) / np.maximum((found.upper - found.expected) / 3.09, 1e-9)


def surprise_score(counts: np.ndarray) -> np.ndarray:
    """Return -log10 of our chance; each disease is judged alone, as the others do."""
    score = np.full(counts.shape, np.nan)
    for series in range(counts.shape[1]):
        found = detect_surprises(counts[:, series], TimeAxis(len(counts), 52))
        score[found.step, series] = -np.log10(np.maximum(found.probability, 1e-300))
    return score


def outbreaks(marked: np.ndarray, first: int) -> list[tuple[int, int, int]]:
    """Return (series, first week, week after the last) of each outbreak with a week from ``first`` on."""
    found = []
    for series in range(marked.shape[1]):
        edge = np.diff(np.r_[0, marked[:, series].astype(int), 0])
        spans = zip(np.flatnonzero(edge == 1), np.flatnonzero(edge == -1), strict=True)
        found += [(series, max(int(a), first), int(b)) for a, b in spans if b > first]
    return found


def curve(score: np.ndarray, marked: np.ndarray, first: int) -> np.ndarray:
    """Return (false-alarm rate, sensitivity, mean delay) for every threshold."""
    spans = outbreaks(marked, first)
    quiet = ~marked
    quiet[:first] = False
    filled = np.nan_to_num(score, nan=-np.inf)
    points = []
    for threshold in np.unique(filled[np.isfinite(filled)]):
        alarm = filled >= threshold
        hits = [np.flatnonzero(alarm[a:b, series]) for series, a, b in spans]
        delay = [int(hit[0]) if len(hit) else b - a for hit, (_, a, b) in zip(hits, spans, strict=True)]
        points.append(
            (
                (alarm & quiet).sum() / quiet.sum(),
                np.mean([len(hit) > 0 for hit in hits]),
                np.mean(delay),
            )
        )
    return np.array(points)


def at_rate(points: np.ndarray, rate: float) -> tuple[float, float]:
    """Return sensitivity and delay at the lowest threshold whose false alarms do not exceed a rate."""
    allowed = points[points[:, 0] <= rate]
    if len(allowed) == 0:
        return 0.0, float("nan")
    best = allowed[np.argmax(allowed[:, 0])]
    return float(best[1]), float(best[2])


def draw(curves: dict[str, np.ndarray], path: Path) -> None:
    """Write sensitivity and delay against the rate of false alarms."""
    import matplotlib as mpl

    mpl.use("svg")
    import matplotlib.pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6))
    for name, points in curves.items():
        order = np.argsort(points[:, 0])
        left.plot(points[order, 0], points[order, 1], label=name)
        right.plot(points[order, 0], points[order, 2], label=name)
    for axes, label in ((left, "sensitivity"), (right, "weeks to detection")):
        axes.set_xlim(0, 0.1)
        axes.set_xlabel("false alarms a series-week")
        axes.set_ylabel(label)
    left.legend(fontsize=7)
    figure.tight_layout()
    figure.savefig(path)


def main() -> None:
    """Print the table for both ranges of weeks, and write the curve."""
    if "--simulated" in sys.argv:
        print_simulated()
        return
    counts, marked = labelled()
    scores = {
        "surprise (ours)": surprise_score(counts),
        "Farrington flexible": farrington_score(counts, five_cases=True),
        "Farrington flexible, no rule of five": farrington_score(counts, five_cases=False),
        "EARS C2": ears_score(counts),
    }
    for title, first in (("all weeks from the 9th", 8), ("weeks that all can judge", FIRST_FARRINGTON)):
        number = len(outbreaks(marked, first))
        print(f"\n{title}: {number} outbreaks in {len(NAMES)} series; sensitivity, weeks to detection")
        print("| method | " + " | ".join(f"{rate:.1%} false" for rate in RATES) + " |")
        print("| --- |" + " --- |" * len(RATES))
        curves = {name: curve(score, marked, first) for name, score in scores.items()}
        for name, points in curves.items():
            cells = [at_rate(points, rate) for rate in RATES]
            print(f"| {name} | " + " | ".join(f"{found:.2f}, {delay:.1f}" for found, delay in cells) + " |")
        if len(sys.argv) > 1:
            draw(curves, Path(sys.argv[1]).with_suffix(f".from{first + 1}.svg"))


if __name__ == "__main__":
    main()
