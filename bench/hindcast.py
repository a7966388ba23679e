"""Hindcast: 邯郸 through the exit wave of December 2022, the packaged plans held against what was published.

    python bench/hindcast.py [--part calibrate|published|exits] [--start N] [--people N] [--sample N] ...

Prints (1) what was published beside two runs, one with nothing calibrated and one with a single number
calibrated to the Hebei survey of 26 December; (2) other ways out, with peak, deaths and cost. The published
figures are read from the shared data beside the checkout (FANGXIAN_SHARED), which is not in the repository.

The packaged start of 5 infected per million needs 2 000 000 people or more, since a rehearsal seeds 10 at
the least; calibration and other ways out begin with more and are run in a smaller sample.
"""

from __future__ import annotations

import argparse
import csv
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from fangxian.plans.cities import packaged_city
from fangxian.plans.loader import packaged_disease, packaged_plan
from fangxian.plans.schema import DiseaseFile, Plan
from fangxian.studies.hindcast.exits import (
    FIRST_DAY,
    TEN_MEASURES_DAY,
    always,
    as_ordered,
    borrowing,
    measure_of,
    twenty_measures,
)
from fangxian.studies.hindcast.phases import Phase, PhasedRehearsal, PhasedRun
from fangxian.studies.hindcast.readings import Readings, read_run
from fangxian.studies.rehearsal.city_town import town_of_city
from fangxian.studies.rehearsal.costs import measure_days
from fangxian.studies.rehearsal.play import Question
from fangxian.studies.rehearsal.town import Town

SHARED = Path(os.environ.get("FANGXIAN_SHARED", Path(__file__).resolve().parents[2] / "shared"))
NATION = 1_411_780_000
"""People of the mainland, census of 2020: makes national figures comparable per 100 000."""
DAYS = 120
CALIBRATION_SEEDS = (101, 102, 103)
"""Not those of the runs that are printed."""
SURVEY_DAY = date(2022, 12, 26)
SINCE = date(2022, 12, 9)
"""National positivity was published from this day on; an earlier peak would be of another regime."""
PUBLISHED = {
    "positivity": ("national_pcr_positivity_peak", "test positivity", "share"),
    "fever_clinic_visits": ("national_fever_clinic_visits_peak", "fever-clinic visits", "/100 000"),
    "in_hospital": ("national_inpatients_with_covid_peak", "in hospital", "/100 000"),
    "severe": ("national_severe_peak", "severe (model: in or waiting for intensive care)", "/100 000"),
    "deaths": ("national_inhospital_deaths_peak", "deaths (published: in hospital only)", "/100 000"),
}


@dataclass(frozen=True)
class World:
    """Town, disease and plans of every run."""

    town: Town
    disease: DiseaseFile
    containment: Plan
    class_b: Plan

    def rehearsal(self, phases: list[Phase], infected_per_million: float) -> PhasedRehearsal:
        """Make phases ready with a start."""
        return PhasedRehearsal(phases, self.disease, self.town, Question(DAYS, None, infected_per_million))

    def read(self, run: PhasedRun) -> Readings:
        """Return the readings of a run."""
        return read_run(run.outcome, self.town.population.size, self.disease, FIRST_DAY)


def main() -> None:
    """Run the parts that are asked for, print, draw."""
    asked = _arguments()
    started = time.perf_counter()
    survey = _survey()
    start = asked.start
    sample = _world(asked.sample) if start is None or asked.part in (None, "exits") else None
    if start is None and sample is not None:
        start = _calibrated(sample, survey["Recovered"] / (1 - survey["Uninfected"]))
        print(f"calibrated in {asked.sample:,} people: {start:.0f} infected per million on {FIRST_DAY}")
    if asked.part in (None, "published"):
        _published(_world(asked.people), start, asked.replicates, asked.figures)
    if asked.part in (None, "exits") and sample is not None:
        print(f"\n{asked.sample:,} people (模拟数据), {asked.replicates} runs each, {start:.0f} per million")
        _print_exits(sample, start, asked.replicates)
    print(f"\n{time.perf_counter() - started:.0f} s")


def _published(world: World, calibrated: float, replicates: int, figures: Path | None) -> None:
    packaged = world.containment.rehearsal.infections_per_million if world.containment.rehearsal else 5.0
    ordered = as_ordered(world.containment, world.class_b)
    runs = {
        name: [world.read(world.rehearsal(ordered, start).play(seed)) for seed in range(1, replicates + 1)]
        for name, start in (("as packaged", packaged), ("calibrated", calibrated))
    }
    print(
        f"\n{world.town.population.size:,} people standing for {world.town.people_stood_for:,} (模拟数据), "
        f"{replicates} runs each; infected per million on {FIRST_DAY}: "
        f"{packaged:g} as packaged, {calibrated:.0f} calibrated"
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
    parser.add_argument("--part", choices=("calibrate", "published", "exits"), default=None)
    parser.add_argument("--start", type=float, default=None, help="calibrated infected per million")
    parser.add_argument("--people", type=int, default=2_000_000)
    parser.add_argument("--sample", type=int, default=300_000)
    parser.add_argument("--replicates", type=int, default=5)
    parser.add_argument("--figures", type=Path, default=None)
    return parser.parse_args()


def _calibrated(world: World, recovered_of_infected: float) -> float:
    """Return the start for which as many of the infected have recovered on the survey's day as it found.

    The survey's ratio of recovered to ever infected tells when the wave rose and not how high; one number,
    infected per million on the first day, is searched for by halving an interval of its logarithm.
    """
    ordered = as_ordered(world.containment, world.class_b)

    def ratio(logarithm: float) -> float:
        ready = world.rehearsal(ordered, float(np.exp(logarithm)))
        reads = [world.read(ready.play(seed)) for seed in CALIBRATION_SEEDS]
        return float(
            np.mean([read.recovered_share(SURVEY_DAY) / read.ever_infected(SURVEY_DAY) for read in reads])
        )

    low, high = np.log(2.0), np.log(5_000.0)
    for _ in range(7):
        middle = (low + high) / 2
        low, high = (middle, high) if ratio(middle) < recovered_of_infected else (low, middle)
    return float(np.exp((low + high) / 2))


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


def _print_exits(world: World, start: float, replicates: int) -> None:
    print(
        "\n| way out (start as calibrated) | infections peak | delay, days | /100 000 a day | "
        "severe peak /100 000 | ever infected | deaths /100 000 | yuan a person |\n|" + " --- |" * 8
    )
    baseline: list[date] = []
    for name, phases in _exits(world).items():
        ready = world.rehearsal(phases, start)
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
        print(f"| {name} | " + " | ".join(cells) + " |")


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
    colours = {"as packaged": "tab:blue", "calibrated": "tab:orange"}
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
