"""Claim: every option of the R functions gives the alarms of R surveillance, and its bounds to 1e-3.

Each option of ``earsC``, ``cusum``, ``farringtonFlexible``, ``farrington``, ``glrnb``, ``glrpois`` and
``bayes`` is set to several values, alone and with others, on six simulated weekly series (模拟数据): common,
rare, ragged, growing, and with outbreaks. Both programs get the same text, ``KEY=VALUE``, ours as
``fangxian detect --option``. Counted are the judged weeks, the alarms that only one of the two has, the
bounds that only one of them has, and the largest relative difference of bounds that both have.

With ``--drawn NUMBER`` as many calls with options drawn at random are made instead, each on six series drawn
anew: sparse, silent, ragged, with steps, and for the methods that know missing weeks with some missing.

    python bench/detection_against_r.py [--only glrnb] [--each] [--drawn 200 --seed 1]
"""

from __future__ import annotations

import argparse
import re
import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np

from fangxian.science.detection.reference_points import TimeAxis
from fangxian.studies.detection.methods import method_of
from fangxian.studies.detection.options import parse_options
from fangxian.studies.detection.series import Panel

SMALL = 0.01  # a bound below it, what a sum lacks to its limit, is compared as if it were as much
WEEKS, FIRST, SERIES = 390, 340, 6  # judged are the weeks FIRST + 1 ... WEEKS


@dataclass(frozen=True)
class Case:
    """One call: the function and its options as texts ``KEY=VALUE``."""

    function: str
    options: tuple[str, ...]


def series() -> np.ndarray:
    """Return weekly counts [week, series] (模拟数据): five kinds of past, outbreaks in all but the first."""
    rng = np.random.default_rng(20_240)
    week = np.arange(WEEKS)[:, None]
    level = np.array([2.5, 0.3, 1.5, 0.5, 3.5, -1.0]) + np.array([0, 0, 0, 1.5, 0, 0]) * (week / WEEKS)
    season = np.array([0.5, 0.3, 0.8, 0.0, 0.4, 0.2]) * np.sin(2 * np.pi * (week / 52 + np.arange(6) / 7))
    mean = np.exp(level + season)
    excess = np.array([0.05, 0.1, 2.0, 0.5, 4.0, 0.05])
    counts = rng.negative_binomial(mean / excess, 1 / (1 + excess) * np.ones_like(mean)).astype(float)
    for place, start, size in (
        (1, 350, 4),
        (2, 200, 25),
        (2, 360, 30),
        (3, 372, 12),
        (4, 345, 90),
        (5, 365, 3),
    ):
        counts[start : start + 4, place] += size
    return counts


def drawn_series(rng: np.random.Generator, missing: bool) -> np.ndarray:
    """Return weekly counts [week, series] (模拟数据) of places drawn at random."""
    week = np.arange(WEEKS)[:, None]
    level = rng.uniform(-2.5, 4, SERIES) + rng.normal(0, 0.5, SERIES) * (week / WEEKS)
    level = level + rng.uniform(0, 1, SERIES) * np.sin(2 * np.pi * (week / 52 + rng.uniform(0, 1, SERIES)))
    excess = rng.choice([0.01, 0.3, 1, 5], SERIES)
    mean = np.exp(level)
    counts = rng.negative_binomial(mean / excess, 1 / (1 + excess) * np.ones_like(mean)).astype(float)
    for place in range(SERIES):
        for start in rng.integers(0, WEEKS - 8, 4):
            counts[start : start + rng.integers(1, 8), place] += rng.integers(1, 40)
    silent = rng.integers(FIRST - 60, WEEKS - 20)
    counts[silent : silent + 20, 0] = 0
    if missing:
        counts[rng.random(counts.shape) < 0.03] = np.nan
    return counts


def drawn_case(rng: np.random.Generator, function: str) -> Case:
    """Return a call with options drawn at random."""

    def one(*values: object) -> str:
        return str(values[rng.integers(len(values))])

    def between(low: float, high: float) -> str:
        return f"{rng.uniform(low, high):.4g}"

    def whole(low: int, high: int) -> str:
        return str(rng.integers(low, high + 1))

    truth = ("TRUE", "FALSE")
    least = whole(1, 6)
    ratio = {
        "c.ARL": between(1, 8),
        "mu0": f"list(S={whole(1, 2)},trend={one(*truth)},refit={one(*truth)})",
        "Mtilde": least,
        "M": one(-1, int(least) + 1, int(least) + 12, 30),
        "change": one("intercept", "intercept", "epi"),
        "theta": one("NULL", "NULL", between(0.1, 0.9)),
        "dir": one("inc", "inc", "dec"),
        "ret": one("value", "value", "cases"),
        "xMax": "300",
    }
    if ratio["change"] == "epi":
        ratio["ret"] = "value"
    options = {
        "earsC": {
            "method": one("C1", "C2", "C3"),
            "baseline": whole(3, 28),
            "minSigma": one(0, 0.5, 2),
            "alpha": one("NULL", 0.001, 0.05, 0.2),
        },
        "cusum": {
            "k": between(0.1, 2),
            "h": between(1, 6),
            "m": one("NULL", "glm", between(0.5, 20)),
            "trans": one("standard", "rossi", "anscombe", "anscombe2nd", "pearsonNegBin", "none"),
            "alpha": one("NULL", between(0.01, 1)),
        },
        "farringtonFlexible": {
            "b": whole(1, 5),
            "w": whole(1, 5),
            "reweight": one(*truth),
            "weightsThreshold": between(0.5, 3),
            "alpha": between(0.0005, 0.2),
            "trend": one(*truth),
            "pThresholdTrend": one(0.05, 0.5, 1),
            "limit54": f"c({whole(0, 10)},{whole(1, 8)})",
            "powertrans": one("2/3", "1/2", "none"),
            "populationOffset": one(*truth),
            "noPeriods": whole(1, 12),
            "pastWeeksNotIncluded": one("NULL", whole(0, 52)),
            "thresholdMethod": one("delta", "nbPlugin", "muan"),
        },
        "farrington": {
            "b": whole(1, 5),
            "w": whole(1, 5),
            "reweight": one(*truth),
            "alpha": between(0.0005, 0.2),
            "trend": one(*truth),
            "limit54": f"c({whole(0, 10)},{whole(1, 8)})",
            "powertrans": one("2/3", "1/2", "none"),
        },
        "glrpois": ratio,
        "glrnb": {**ratio, "alpha": one("NULL", 0, between(0.01, 1))},
        "bayes": {"b": whole(1, 5), "w": whole(1, 8), "actY": one(*truth), "alpha": between(0.0005, 0.2)},
    }[function]
    return Case(function, tuple(f"{name}={value}" for name, value in options.items()))


def drawn(number: int, seed: int) -> list[tuple[Case, np.ndarray]]:
    """Return so many calls of each function with their series; charts know no missing week, in R as here."""
    found = []
    for name in ("earsC", "cusum", "farringtonFlexible", "farrington", "glrpois", "glrnb", "bayes"):
        rng = np.random.default_rng([seed, sum(map(ord, name))])
        missing = name in ("earsC", "farringtonFlexible", "bayes")
        found += [(drawn_case(rng, name), drawn_series(rng, missing)) for _ in range(number)]
    return found


def grid(function: str, base: Iterable[str] = (), **values: Iterable[str]) -> list[Case]:
    """Return the product of the values of some options, beside those that all cases share."""
    names = [name.replace("_", ".") for name in values]
    return [
        Case(function, (*base, *(f"{name}={value}" for name, value in zip(names, chosen, strict=True))))
        for chosen in product(*values.values())
    ]


def cases() -> list[Case]:
    """Return all calls."""
    flexible, plain = "farringtonFlexible", "farrington"
    found = grid("earsC", method=("C1", "C2", "C3"), baseline=("7", "14"), minSigma=("0", "1"))
    found += grid("earsC", method=("C1", "C3"), alpha=("0.01", "NULL"))
    transforms = (
        "standard", "rossi", "anscombe", "anscombe2nd", "pearsonNegBin", "anscombeNegBin", "none",
    )  # fmt: skip
    found += grid("cusum", trans=transforms, alpha=("NULL", "0.3"), m=("NULL", "glm"))
    found += grid("cusum", k=("0.5", "1.04"), h=("2.26", "5"), m=("3", "NULL"))
    found += grid(
        flexible,
        ("b=4", "noPeriods=10", "pastWeeksNotIncluded=26"),
        thresholdMethod=("delta", "nbPlugin", "muan"),
        powertrans=("2/3", "1/2", "none"),
        alpha=("0.05", "0.005"),
    )
    found += grid(
        flexible,
        ("limit54=c(0,4)",),
        reweight=("TRUE", "FALSE"),
        trend=("TRUE", "FALSE"),
        pThresholdTrend=("1", "0.05"),
        noPeriods=("1", "4"),
    )
    found += grid(flexible, b=("2", "5"), w=("2", "5"), weightsThreshold=("1", "2.58"), limit54=("c(8,3)",))
    found += grid(flexible, ("b=3",), populationOffset=("TRUE",), pastWeeksNotIncluded=("NULL", "12"))
    found += grid(plain, b=("3", "5"), w=("2", "4"), powertrans=("2/3", "1/2", "none"), limit54=("c(0,4)",))
    found += grid(plain, reweight=("TRUE", "FALSE"), trend=("TRUE", "FALSE"), alpha=("0.05", "0.01"))
    for function, alphas in (("glrpois", ("",)), ("glrnb", ("alpha=0", "alpha=0.2", "alpha=NULL"))):
        for alpha in alphas:
            shared = (alpha,) if alpha else ()
            means = ("NULL", "list(S=2,trend=TRUE)", "list(S=1,trend=TRUE,refit=TRUE)")
            found += grid(function, (*shared, "ret=value"), mu0=means, dir=("inc", "dec"))
            lasting = {"Mtilde": ("1", "4"), "M": ("-1", "8")}
            found += grid(function, (*shared, "ret=value"), c_ARL=("3", "8"), **lasting)
            found += grid(function, (*shared, "ret=cases"), theta=("NULL", "0.5"))
            found += grid(function, (*shared, "ret=value"), theta=("0.2", "0.7"))
            found += grid(function, (*shared, "ret=value", "change=epi"), c_ARL=("3", "5"), M=("-1", "8"))
    found += grid("bayes", b=("0", "2"), w=("3", "6"), actY=("TRUE",), alpha=("0.05", "0.005"))
    return found + grid("bayes", b=("1", "3"), w=("4",), actY=("FALSE",))


COUNTS = series()
R_SCRIPT = """
suppressMessages(library(surveillance))
p <- as.matrix(read.csv("people.csv", header=FALSE))
run <- function(number, file, f, control) {
  x <- as.matrix(read.csv(file, header=FALSE, na.strings="nan"))
  s <- sts(observed=x, frequency=52, population=p, start=c(2010, 1))
  control$range <- %d:%d
  for (j in seq_len(ncol(x))) {
    job <- parallel::mcparallel(suppressMessages(suppressWarnings(f(s[, j], control=control))), silent=TRUE)
    got <- suppressWarnings(parallel::mccollect(job))[[1]]
    if (is.null(got) || inherits(got, "try-error")) {
      cat(number, j, 0, "error", "error\\n", file="out.txt", append=TRUE)
      next
    }
    u <- upperbound(got)[, 1]; a <- alarms(got)[, 1]
    write(rbind(number, j, seq_along(u), u, as.integer(a)), "out.txt", ncolumns=5, append=TRUE)
  }
}
%s
"""


def in_r(case: Case) -> str:
    """Return the call in the language of R."""
    parts = []
    for text in case.options:
        name, _, value = text.partition("=")
        bare = re.fullmatch(r"-?[\d.]+|TRUE|FALSE|NULL|c\(.*\)|list\(.*\)", value)
        parts.append(f"{name}={value if bare else chr(34) + value + chr(34)}")
    return f"{case.function}, list({', '.join(parts)})"


def peer(people: np.ndarray, chosen: list[tuple[Case, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    """Return bounds and alarms of R [case, series, week, 2], and where its call ends in an error."""
    found = np.full((len(chosen), SERIES, WEEKS - FIRST, 2), np.nan)
    failed = np.zeros((len(chosen), SERIES), dtype=bool)
    with tempfile.TemporaryDirectory() as folder:
        files = {id(counts): f"counts{number}.csv" for number, (_, counts) in enumerate(chosen)}
        for _, counts in chosen:
            np.savetxt(Path(folder) / files[id(counts)], counts, fmt="%.0f", delimiter=",")
        np.savetxt(Path(folder) / "people.csv", people, delimiter=",")
        calls = "\n".join(
            f'run({number}, "{files[id(counts)]}", {in_r(case)})'
            for number, (case, counts) in enumerate(chosen)
        )
        (Path(folder) / "run.R").write_text(R_SCRIPT % (FIRST + 1, WEEKS, calls))
        subprocess.run(["Rscript", "run.R"], cwd=folder, check=True)
        for line in (Path(folder) / "out.txt").read_text().splitlines():
            number, place, week, bound, alarm = line.split()
            if bound == "error":
                failed[int(number), int(place) - 1] = True
            else:
                values = [float(cell.replace("NA", "nan").replace("Inf", "inf")) for cell in (bound, alarm)]
                found[int(number), int(place) - 1, int(week) - 1] = values
    return found, failed


def ours(counts: np.ndarray, people: np.ndarray, case: Case) -> np.ndarray:
    """Return our bounds and alarms [series, week, 2]."""
    labels = tuple(str(week + 1) for week in range(WEEKS))
    places = tuple("ABCDEF")
    panel = Panel(labels, places, counts, people, None, TimeAxis(WEEKS, 52), "numbered")
    method = method_of(case.function)
    given = parse_options(method.name, method.options, list(case.options))
    judged = method.run(panel, given, FIRST, WEEKS - 1)
    return np.stack([judged.threshold.T, judged.alarm.T], axis=-1)


def compare(reference: np.ndarray, found: np.ndarray) -> tuple[int, int, int, float]:
    """Return judged weeks, alarms and bounds that only one has, and the largest relative difference.

    Where R gives no alarm, neither yes nor no, its bound is left out.
    """
    pair = np.where(np.isnan(reference[..., 1:]), np.nan, reference), found.copy()
    pair[1][np.isnan(reference[..., 1]), 0] = np.nan
    alarms = int((np.nan_to_num(reference[..., 1]) != found[..., 1]).sum())
    known = [np.isfinite(one[..., 0]) & (one[..., 0] > 1e-6) & (one[..., 0] < 1e98) for one in pair]
    both = known[0] & known[1]
    first, second = (one[..., 0][both] for one in pair)
    apart = np.abs(first - second) / np.maximum(np.abs(first), SMALL)
    return reference[..., 0].size, alarms, int((known[0] != known[1]).sum()), float(apart.max(initial=0))


def main() -> None:
    """Print the table, one line a function, or with ``--each`` one a case."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default="", help="functions whose name holds this")
    parser.add_argument("--each", action="store_true", help="one line a case that differs")
    parser.add_argument("--drawn", type=int, default=0, help="so many calls of each function drawn at random")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    people = 1e5 * np.exp(np.arange(WEEKS)[:, None] / WEEKS * np.linspace(0, 0.8, SERIES))
    chosen = drawn(given.drawn, given.seed) if given.drawn else [(case, COUNTS) for case in cases()]
    chosen = [(case, counts) for case, counts in chosen if given.only in case.function]
    reference, failed = peer(people, chosen)
    rows: dict[str, list[tuple[int, int, int, float]]] = {}
    for (case, counts), expected, wrong in zip(chosen, reference, failed, strict=True):
        if wrong.all():
            continue
        row = compare(expected[~wrong], ours(counts, people, case)[~wrong])
        rows.setdefault(case.function, []).append(row)
        if given.each and (row[1] or row[2] or row[3] > 1e-3):
            print(case.function, *case.options, "|", *row)
    print(f"In {failed.sum()} of {failed.size} calls R ends in an error; they are left out.\n")
    print("| function | calls | judged weeks | alarms of one | bounds of one | largest difference |")
    print("| --- | --- | --- | --- | --- | --- |")
    for function, several in rows.items():
        weeks, alarms, bounds, apart = np.array(several).T
        print(
            f"| {function} | {len(several)} | {weeks.sum():.0f} | {alarms.sum():.0f} | {bounds.sum():.0f} "
            f"| {apart.max():.1e} |"
        )


if __name__ == "__main__":
    main()
