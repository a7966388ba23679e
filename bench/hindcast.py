"""Hindcast: 邯郸 through the exit wave of December 2022, the packaged plans held against what was published.

    python bench/hindcast.py --part calibrate
    python bench/hindcast.py --part published --start N --reproduction-number R [--figures docs/images]
    python bench/hindcast.py --part levels --start N --reproduction-number R
    python bench/hindcast.py --part exits --start N --reproduction-number R

All in the whole city of 9.4 million unless ``--people`` says otherwise. (1) Two free numbers, infected per
million on the first day and infections caused by one, are searched for so that a run shows the Hebei survey
of 26 December. (2) What was published beside three runs: as packaged, calibrated, and a nation made of
the calibrated wave, each province at the time that the same survey tells. (3) Levels in hospital with a bed
for everybody. (4) Other ways out: peak, deaths and cost, paired. The published figures are read from the
shared data beside the checkout (FANGXIAN_SHARED), which is not in the repository.
"""

from __future__ import annotations

import argparse
import csv
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from fangxian.plans.cities import packaged_city
from fangxian.plans.loader import packaged_disease, packaged_plan
from fangxian.plans.schema import DiseaseFile, Plan
from fangxian.studies.hindcast.calibration import calibrate
from fangxian.studies.hindcast.exits import (
    FIRST_DAY,
    TEN_MEASURES_DAY,
    always,
    as_ordered,
    borrowing,
    measure_of,
    twenty_measures,
)
from fangxian.studies.hindcast.nation import days_behind, mixed
from fangxian.studies.hindcast.phases import Phase, PhasedRehearsal, PhasedRun
from fangxian.studies.hindcast.readings import Readings, read_run
from fangxian.studies.rehearsal.city_town import town_of_city
from fangxian.studies.rehearsal.costs import measure_days
from fangxian.studies.rehearsal.play import Question
from fangxian.studies.rehearsal.town import Town

FloatArray = NDArray[np.float64]
SHARED = Path(os.environ.get("FANGXIAN_SHARED", Path(__file__).resolve().parents[2] / "shared"))
NATION = 1_411_780_000
"""People of the mainland, census of 2020: makes national figures comparable per 100 000."""
DAYS = 120
WHOLE_CITY = 9_413_990
PACKAGED_START = 5.0
CALIBRATION_SEED = 101
"""Not one of the runs that are printed."""
FIRST_GUESS = (110.0, 4.1)
FIRST_STEP = (0.4, 0.05)
SURVEY_DAY = date(2022, 12, 26)
SINCE = date(2022, 12, 9)
"""National positivity was published from this day on; an earlier peak would be of another regime."""
PUBLISHED = {
    "positivity": ("national_pcr_positivity_peak", "test positivity", "share"),
    "fever_clinic_visits": ("national_fever_clinic_visits_peak", "fever-clinic visits", "/100 000"),
    "in_hospital": ("national_inpatients_with_covid_peak", "in hospital", "/100 000"),
    "severe": ("national_severe_peak", "severe (model: in or waiting for intensive care)", "/100 000"),
    "deaths_in_hospital": ("national_inhospital_deaths_peak", "deaths in hospital", "/100 000"),
}


@dataclass(frozen=True)
class World:
    """Town, disease and plans of every run."""

    town: Town
    disease: DiseaseFile
    containment: Plan
    class_b: Plan

    def rehearsal(self, phases: list[Phase]) -> PhasedRehearsal:
        """Make phases ready, with the packaged start."""
        return PhasedRehearsal(phases, self.disease, self.town, Question(DAYS, None, PACKAGED_START))

    def read(self, run: PhasedRun) -> Readings:
        """Return the readings of a run."""
        return read_run(run.outcome, self.town.population.size, self.disease, FIRST_DAY)


@dataclass(frozen=True)
class Start:
    """The two free numbers."""

    infected_per_million: float
    reproduction_number: float

    def of(self, ready: PhasedRehearsal) -> PhasedRehearsal:
        """Return a rehearsal that begins so."""
        return ready.restarted(
            infections_per_million=self.infected_per_million, reproduction_number=self.reproduction_number
        )


def main() -> None:
    """Run the part that is asked for, print, draw."""
    asked = _arguments()
    started = time.perf_counter()
    world = _world(asked.people)
    print(f"{world.town.population.size:,} people (模拟数据)", flush=True)
    if asked.part == "calibrate":
        _calibrate(world)
    else:
        start = Start(asked.start, asked.reproduction_number)
        if asked.part == "published":
            _published(world, start, asked.replicates, asked.figures)
        elif asked.part == "levels":
            _levels(world, start)
        else:
            _print_exits(world, start, asked.replicates, asked.skip)
    print(f"\n{time.perf_counter() - started:.0f} s")


def _published(world: World, start: Start, replicates: int, figures: Path | None) -> None:
    ready = world.rehearsal(as_ordered(world.containment, world.class_b))
    runs = {}
    for name, begun in (("as packaged", ready), ("calibrated", start.of(ready))):
        runs[name] = [world.read(begun.play(seed)) for seed in range(1, replicates + 1)]
    people, shares = _provinces()
    behind = [days_behind(read, SURVEY_DAY, shares) for read in runs["calibrated"]]
    runs["nation of calibrated waves"] = [
        mixed(read, late, people) for read, late in zip(runs["calibrated"], behind, strict=True)
    ]
    low, middle, high = np.quantile(behind[0], (0.0, 0.5, 1.0))
    print(
        f"\n{replicates} runs each; infected per million on {FIRST_DAY}: {PACKAGED_START:g} as packaged, "
        f"{start.infected_per_million:.0f} calibrated with R {start.reproduction_number:.2f}; "
        f"{len(people)} provinces, {low:.1f} to {high:.1f} days behind Hebei, median {middle:.1f}"
    )
    _print_observed(runs, _survey())
    if figures is not None:
        _draw(runs, figures)


def _world(people: int) -> World:
    return World(
        town_of_city(packaged_city("1304"), people=people),
        packaged_disease("covid19-omicron-ba5"),
        packaged_plan("covid19-containment-2022"),
        packaged_plan("covid19-class-b-2023"),
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Hindcast of the exit wave of December 2022")
    parser.add_argument("--part", choices=("calibrate", "published", "levels", "exits"), required=True)
    parser.add_argument("--start", type=float, default=FIRST_GUESS[0], help="infected per million")
    parser.add_argument("--reproduction-number", type=float, default=FIRST_GUESS[1])
    parser.add_argument("--people", type=int, default=WHOLE_CITY)
    parser.add_argument("--replicates", type=int, default=1)
    parser.add_argument("--figures", type=Path, default=None)
    parser.add_argument("--skip", type=int, default=0, help="ways out, after the ordered one, not run again")
    return parser.parse_args()


def _calibrate(world: World) -> None:
    """Search for the start at which a run shows the survey: ever infected, and recovered among them."""
    survey = _survey()
    ever = 1 - survey["Uninfected"]
    wanted = np.array([ever, survey["Recovered"] / ever])
    ready = world.rehearsal(as_ordered(world.containment, world.class_b))

    def show(numbers: FloatArray) -> FloatArray:
        read = world.read(Start(float(numbers[0]), float(numbers[1])).of(ready).play(CALIBRATION_SEED))
        infected = read.ever_infected(SURVEY_DAY)
        shown = np.array([infected, read.recovered_share(SURVEY_DAY) / infected])
        print(f"{numbers[0]:9.1f} per million, R {numbers[1]:.3f}: {shown.round(4).tolist()}", flush=True)
        return _logit(shown)

    found = calibrate(show, _logit(wanted), np.array(FIRST_GUESS), step=np.array(FIRST_STEP))
    shown = expit(found.shown)
    print(
        f"calibrated in {found.runs} runs: {found.numbers[0]:.1f} infected per million on {FIRST_DAY}, "
        f"R {found.numbers[1]:.3f}; ever infected on {SURVEY_DAY} {shown[0]:.3f} "
        f"(survey {wanted[0]:.3f}), recovered among them {shown[1]:.3f} ({wanted[1]:.3f})"
    )


def _logit(shares: FloatArray) -> FloatArray:
    return np.asarray(logit(shares))


def _levels(world: World, start: Start) -> None:
    """Print what the levels in hospital would be with a bed for everybody."""
    first, second = as_ordered(world.containment, world.class_b)
    no_count = replace(second, off=(*second.off, "tiered-care"))
    people, shares = _provinces()
    print(
        "\n| nation of calibrated waves, one run each | peak in hospital /100 000 | deaths /100 000 | "
        "of them in hospital |\n" + "| --- " * 4 + "|"
    )
    ordered = start.of(world.rehearsal([first, second]))
    for label, phases in (("beds of the plan", [first, second]), ("a bed for everybody", [first, no_count])):
        read = world.read(ordered.instead(phases).play(1))
        nation = mixed(read, days_behind(read, SURVEY_DAY, shares), people)
        peak = nation.peak("in_hospital")
        print(
            f"| {label} | {peak.day:%m-%d}, {peak.height:.0f} | {nation.series['deaths'].sum():.0f} | "
            f"{nation.series['deaths_in_hospital'].sum():.1f} |",
            flush=True,
        )


def _provinces() -> tuple[FloatArray, FloatArray]:
    """Return people, and recovered among the ever infected, of every province of the survey."""
    with (SHARED / "data/03_covid_china/exit_wave_province_survey_2022-12-26.csv").open() as file:
        rows = list(csv.DictReader(file))
    people = np.array([float(row["PopulationSize2021"]) for row in rows])
    shares = np.array([float(row["Recovered"]) / (1.0 - float(row["Uninfected"])) for row in rows])
    return people, shares


def _survey() -> dict[str, float]:
    with (SHARED / "data/03_covid_china/exit_wave_province_survey_2022-12-26.csv").open() as file:
        [row] = [row for row in csv.DictReader(file) if row["province"] == "Hebei"]
    return {key: float(row[key]) for key in ("Uninfected", "Asymptomatic", "Symptomatic", "Recovered")}


def _facts() -> dict[str, tuple[date, float]]:
    with (SHARED / "data/08_capacity_supply_params/facts_cn.csv").open(encoding="utf-8") as file:
        rows = {row["indicator"]: row for row in csv.DictReader(file)}
    facts = {}
    for name, (indicator, _, unit) in PUBLISHED.items():
        value = float(rows[indicator]["value"])
        height = value / 100 if unit == "share" else value / NATION * 1e5
        facts[name] = (date.fromisoformat(rows[indicator]["date"]), height)
    return facts


def _print_observed(runs: dict[str, list[Readings]], survey: dict[str, float]) -> None:
    print("\n| figure | published | " + " | ".join(runs) + " |\n| --- | --- |" + " --- |" * len(runs))
    for name, (day, height) in _facts().items():
        _, label, unit = PUBLISHED[name]
        cells = [f"{day:%m-%d}, {height:.3g} {unit}"]
        for reads in runs.values():
            peaks = [read.peak(name, since=SINCE) for read in reads]
            cells.append(
                f"{_middle_day([peak.day for peak in peaks])}, {_spread([peak.height for peak in peaks])}"
            )
        print(f"| peak of {label} | " + " | ".join(cells) + " |")
    cells = ["none"]
    for reads in runs.values():
        peaks = [read.peak("infections") for read in reads]
        cells.append(
            f"{_middle_day([peak.day for peak in peaks])}, {_spread([peak.height for peak in peaks])}"
        )
    print("| peak of infections, /100 000 | " + " | ".join(cells) + " |")
    shares: list[tuple[str, float, Callable[[Readings], float]]] = [
        ("ever infected on 12-26", 1 - survey["Uninfected"], lambda read: read.ever_infected(SURVEY_DAY)),
        ("recovered on 12-26", survey["Recovered"], lambda read: read.recovered_share(SURVEY_DAY)),
        (
            "recovered of the ever infected on 12-26",
            survey["Recovered"] / (1 - survey["Uninfected"]),
            lambda read: read.recovered_share(SURVEY_DAY) / read.ever_infected(SURVEY_DAY),
        ),
    ]
    for label, published, take in shares:
        cells = [f"{published:.2f} (Hebei)"] + [
            _spread([take(read) for read in reads]) for reads in runs.values()
        ]
        print(f"| {label} | " + " | ".join(cells) + " |")
    cells = ["none"]
    for reads in runs.values():
        cells.append(_spread([float(read.series["infections"].sum()) / 1e5 for read in reads]))
    print("| ever infected at the end | " + " | ".join(cells) + " |")
    cells = ["none"] + [
        _spread([float(read.series["deaths"].sum()) for read in reads]) for reads in runs.values()
    ]
    print("| deaths, all, /100 000 | " + " | ".join(cells) + " |")


def _exits(world: World) -> dict[str, list[Phase]]:
    """Return other ways out, all from the same first phase but where they say otherwise."""
    first, second = as_ordered(world.containment, world.class_b)
    beds = {
        measure.id for measure in world.class_b.measures if any(e.kind == "beds" for e in measure.effects)
    }
    others = tuple(measure.id for measure in world.class_b.measures if measure.id not in beds)
    half = measure_of(world.containment, "risk-areas")
    elderly = measure_of(world.class_b, "vaccinate-elderly")
    care = measure_of(world.class_b, "tiered-care")
    month = TEN_MEASURES_DAY + 28
    masks = always(world.class_b, ["masks"])
    fewer = always(world.class_b, ["masks", "fewer-gatherings"])
    slower = borrowing(fewer, half)
    early = borrowing(world.class_b, elderly, doses_per_day_per_1000=4.0)
    first_early = Phase(
        0, borrowing(twenty_measures(world.containment), elderly, doses_per_day_per_1000=4.0), first.off
    )
    return {
        "as ordered": [first, second],
        "beds only from 12-07": [first, Phase(TEN_MEASURES_DAY, world.class_b, others)],
        "masks from 12-07": [first, Phase(TEN_MEASURES_DAY, masks)],
        "masks, no school, less travel from 12-07": [first, Phase(TEN_MEASURES_DAY, fewer)],
        "the same and contacts halved for 4 weeks": [
            first,
            Phase(TEN_MEASURES_DAY, slower),
            Phase(month, fewer),
        ],
        "twenty measures 4 weeks longer": [first, Phase(month, world.class_b)],
        "8 times the doses for 60+, from 11-11": [first_early, Phase(TEN_MEASURES_DAY, early)],
        "twice the beds": [
            first,
            Phase(TEN_MEASURES_DAY, borrowing(world.class_b, care, ward_per_1000=4.0)),
        ],
    }


def _print_exits(world: World, start: Start, replicates: int, skip: int) -> None:
    print(
        "\n| way out (start as calibrated) | infections peak | delay, days | /100 000 a day | "
        "severe peak /100 000 | ever infected | deaths /100 000 | yuan a person |\n|" + " --- |" * 8
    )
    baseline: list[date] = []
    ordered = start.of(world.rehearsal(as_ordered(world.containment, world.class_b)))
    for number, (name, phases) in enumerate(_exits(world).items()):
        if 0 < number <= skip:
            continue
        ready = ordered.instead(phases)
        played = [ready.play(seed) for seed in range(1, replicates + 1)]
        reads = [world.read(run) for run in played]
        days = [read.peak("infections").day for read in reads]
        baseline = baseline or days
        delays = [(day - usual).days for day, usual in zip(days, baseline, strict=True)]
        people = world.town.population.size
        costs = [
            float(measure_days(run.measures, world.town, run.diary, run.outcome).cost.sum()) / people
            for run in played
        ]
        cells = [
            _middle_day(days),
            _spread([float(delay) for delay in delays]),
            _spread([read.peak("infections").height for read in reads]),
            _spread([read.peak("severe").height for read in reads]),
            _spread([float(read.series["infections"].sum()) / 1e5 for read in reads]),
            _spread([float(read.series["deaths"].sum()) for read in reads]),
            _spread(costs),
        ]
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


def _middle_day(days: list[date]) -> str:
    ordinal = sorted(day.toordinal() for day in days)
    low, middle, high = (date.fromordinal(ordinal[at]) for at in (0, len(ordinal) // 2, -1))
    return f"{middle:%m-%d}" if low == high else f"{middle:%m-%d} ({low:%m-%d} to {high:%m-%d})"


def _spread(values: list[float]) -> str:
    low, middle, high = min(values), float(np.median(values)), max(values)
    digits = ".2f" if abs(middle) < 1 else ".1f" if abs(middle) < 100 else ".0f"
    if format(low, digits) == format(high, digits):
        return format(middle, digits)
    return f"{middle:{digits}} ({low:{digits}} to {high:{digits}})"


def _draw(runs: dict[str, list[Readings]], folder: Path) -> None:
    """Draw the curves of every run beside the published peaks; no other published series may be passed on."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "hindcast"
    import matplotlib.pyplot as plt

    from fangxian.studies.comparison.charts import chinese_font

    font = chinese_font()
    label_of_synthetic = "simulated 模拟数据" if font else "simulated data"
    if font:
        mpl.rcParams["font.sans-serif"] = [font, "DejaVu Sans"]
    facts = _facts()
    figure, axes = plt.subplots(len(PUBLISHED), 1, figsize=(8, 12), sharex=True, layout="constrained")
    days = [FIRST_DAY + timedelta(days=day) for day in range(DAYS)]
    colours = {
        "as packaged": "tab:blue",
        "calibrated": "tab:orange",
        "nation of calibrated waves": "tab:green",
    }
    for axis, (name, (_, label, unit)) in zip(axes, PUBLISHED.items(), strict=True):
        for run, reads in runs.items():
            for number, read in enumerate(reads):
                axis.plot(
                    days, read.series[name], color=colours[run], lw=0.9, label=run if number == 0 else None
                )
        day, height = facts[name]
        axis.plot([day], [height], "k^", label="published peak, nation")
        axis.set_title(f"{label} ({unit})", loc="left", fontsize=9)
        axis.axvline(FIRST_DAY + timedelta(days=TEN_MEASURES_DAY), color="grey", lw=0.6)
    axes[0].legend(fontsize=8, frameon=False)
    axes[0].set_ylim(0, 1)
    figure.suptitle(f"Handan, {label_of_synthetic}, and published figures of the nation", fontsize=10)
    folder.mkdir(parents=True, exist_ok=True)
    figure.savefig(folder / "hindcast.svg", metadata={"Date": None})


if __name__ == "__main__":
    main()
