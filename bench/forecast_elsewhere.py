"""Claim: the ensemble beats the baseline of the hubs on series that had no part in its design.

Weekly counts of other diseases, Italian regions and Chinese provinces. The baseline is built here as the hubs
build theirs: the last week, plus past one-week changes of both signs drawn with replacement and summed. The
ratio is that of summed scores over 1 to 4 weeks ahead, every fourth week of the last sixty of each series,
each from the past only.

    python bench/forecast_elsewhere.py [--data ../shared/data] [--only Chinese] [--one-by-one]
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fangxian.science.renewal.forecast import Forecaster
from fangxian.science.scoring import HUB_LEVELS, covered, weighted_interval_score

FloatArray = NDArray[np.float64]
LEVELS = np.array(HUB_LEVELS)
ROUNDS = 15
WEEKS = (1, 2, 3, 4)


class Case(NamedTuple):
    """A name, counts [time, place], rows in a week, and counts that may lead."""

    name: str
    counts: FloatArray
    period: int
    leads: tuple[FloatArray, ...] = ()


def _cases(data: Path) -> Iterator[Case]:
    folder = data / "06_surveillance"
    for name, file, columns in (
        ("influenza, Germany", "influMen.csv", ["observed.influenza"]),
        ("meningococcus, Germany", "influMen.csv", ["observed.meningococcus"]),
        ("Salmonella agona, UK", "salmonella.agona.csv", ["observed"]),
        ("hepatitis A, Berlin", "hepatitisA.csv", ["observed"]),
    ):
        yield Case(name, pl.read_csv(folder / file).select(columns).to_numpy().astype(float), 1)
    for name, file in (
        ("Salmonella Newport, 16 states", "salmNewport__observed.csv"),
        ("measles, 16 states", "measlesDE__observed.csv"),
    ):
        table = pl.read_csv(folder / file).select(pl.exclude("t", "epoch"))
        yield Case(name, table.to_numpy().astype(float), 1)
    italy = pl.read_csv(
        data / "04_hospital_icu/italy_regions_daily_2020-02-24_2021-08-31.csv", infer_schema_length=None
    )
    cases = _wide(italy, "data", "denominazione_regione", "nuovi_positivi")
    deaths = _wide(italy, "data", "denominazione_regione", "deceduti")
    deaths = np.diff(deaths, axis=0, prepend=deaths[:1])
    yield Case("COVID-19 cases, 21 Italian regions", cases, 7, (deaths,))
    yield Case("COVID-19 deaths, 21 Italian regions", deaths, 7, (cases,))
    china = pl.read_csv(data / "03_covid_china/province_daily_2020-01_2022-12.csv", infer_schema_length=None)
    yield Case("COVID-19 cases, Chinese provinces", _wide(china, "ymd", "province", "conadd"), 7)


def _wide(table: pl.DataFrame, day: str, place: str, value: str) -> FloatArray:
    table = table.with_columns(pl.col(day).str.slice(0, 10))
    wide = table.pivot(on=place, index=day, values=value, aggregate_function="first").sort(day)
    return wide.drop(day).to_numpy().astype(float)


def _baseline(weeks: FloatArray) -> FloatArray:
    """Return quantiles [horizon, place, level] of the last week plus summed past changes."""
    rng = np.random.default_rng(1)
    made = np.full((len(WEEKS), weeks.shape[1], len(LEVELS)), np.nan)
    for place in range(weeks.shape[1]):
        known = weeks[~np.isnan(weeks[:, place]), place]
        change = np.diff(known)
        drawn = rng.choice(np.concatenate([change, -change]), size=(2000, len(WEEKS))).cumsum(axis=1)
        made[:, place] = np.quantile(np.maximum(known[-1] + drawn, 0), LEVELS, axis=0).T
        made[:, place, len(LEVELS) // 2] = known[-1]
    return np.sort(made, axis=-1)


def _scores(case: Case) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return quantiles and scores of ours, those of the baseline, and what came."""
    ahead = [week * case.period for week in WEEKS]
    forecaster = Forecaster(case.counts, period=case.period, leads=case.leads)
    weekly = np.vstack([np.zeros((1, case.counts.shape[1])), np.nancumsum(case.counts, axis=0)])
    starts = len(case.counts) - ahead[-1] - 4 * case.period * np.arange(ROUNDS)[::-1]
    ours, theirs, came = [], [], []
    for rows in starts:
        ours.append(forecaster.forecast(int(rows), ahead).quantiles)
        past = [weekly[end] - weekly[end - case.period] for end in range(rows, case.period - 1, -case.period)]
        theirs.append(_baseline(np.array(past[::-1])))
        came.append([weekly[rows + step] - weekly[rows + step - case.period] for step in ahead])
    known = ~np.isnan(np.array(ours)[..., 0])
    truth = np.where(known, np.array(came), np.nan)
    kept = np.where(known[..., None], np.array(ours), 0.0)
    own = weighted_interval_score(kept, LEVELS, truth).total
    base = weighted_interval_score(np.array(theirs), LEVELS, truth).total
    return kept, own, base, truth


def _alone(case: Case) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return the same with each place forecast as if there were no other."""
    places = range(case.counts.shape[1])
    parts = [
        _scores(Case(case.name, case.counts[:, [n]], case.period, tuple(lead[:, [n]] for lead in case.leads)))
        for n in places
    ]
    ours, own, base, truth = (np.concatenate(each, axis=2) for each in zip(*parts, strict=True))
    return ours, own, base, truth


def main() -> None:
    """Print one line for each series, and exit 1 where the baseline is better."""
    here = Path(__file__).resolve().parents[1]
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, default=here.parent / "shared/data")
    parser.add_argument("--only", default="", help="series whose name holds this")
    parser.add_argument("--one-by-one", action="store_true", help="each place as if there were no other")
    given = parser.parse_args()
    print(
        f"{'':38}{'tasks':>6}{'ratio':>7}{'1 wk':>7}{'2 wk':>7}{'3 wk':>7}{'4 wk':>7}{'50 %':>7}{'95 %':>7}"
    )
    worst = 0.0
    for case in _cases(given.data):
        if given.only not in case.name:
            continue
        quantiles, own, base, truth = _alone(case) if given.one_by_one else _scores(case)
        ratio = float(np.nansum(own) / np.nansum(base))
        by_week = np.nansum(own, axis=(0, 2)) / np.nansum(base, axis=(0, 2))
        inside = [np.nanmean(covered(quantiles, LEVELS, truth, nominal_coverage=c)) for c in (0.5, 0.95)]
        cells = "".join(f"{value:7.2f}" for value in (ratio, *by_week, *inside))
        print(f"{case.name:38}{int((~np.isnan(truth)).sum()):6}{cells}", flush=True)
        worst = max(worst, ratio)
    print(f"claim: every ratio below 1: {'holds' if worst < 1 else 'DOES NOT HOLD'}")
    raise SystemExit(worst >= 1)


if __name__ == "__main__":
    main()
