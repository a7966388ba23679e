"""Claim: an ensemble is at least 1.8 times as fast on two cores; the controller costs little.

``python bench/rehearse.py [PEOPLE] [REPLICATES]``; the packaged class-B plan, 180 days. The floor of a run is
the same run under a controller that hands the recorded measures over again: the simulator alone.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("NUMBA_NUM_THREADS", "1")

import resource
import sys
import time

from fangxian.plans.cities import packaged_city
from fangxian.plans.loader import packaged_disease_text, packaged_plan_text
from fangxian.science.agents.outcome import Flow
from fangxian.science.agents.run import simulate
from fangxian.studies.rehearsal.city_town import town_of_city
from fangxian.studies.rehearsal.ensemble import run_ensemble
from fangxian.studies.rehearsal.executors import InProcess, LocalPool
from fangxian.studies.rehearsal.play import Question, play
from fangxian.studies.rehearsal.stage import Scenario, Stage
from fangxian.studies.rehearsal.tables import detail_table, series_table

PLAN, DAYS = "covid19-class-b-2023", 180


def seconds(work) -> tuple[float, object]:
    """Return how long a call took, and what it gave."""
    started = time.perf_counter()
    made = work()
    return time.perf_counter() - started, made


def main(people: int, replicates: int) -> None:
    """Print the table."""
    build, town = seconds(lambda: town_of_city(packaged_city("1304"), people=people))
    stage = Stage(
        (Scenario(PLAN, packaged_plan_text(PLAN)),),
        packaged_disease_text("covid19-omicron-ba5"),
        town,
        Question(days=DAYS, infections_per_million=200),
        seed=1,
    )
    ready, rehearsal = seconds(lambda: stage.ready(0))
    loading, played = seconds(lambda: play(rehearsal, 1))
    whole, played = seconds(lambda: play(rehearsal, 1))
    measures = played.diary.measures
    floor, bare = seconds(
        lambda: simulate(
            rehearsal.city,
            rehearsal.course,
            lambda seen: measures[seen.day],
            days=DAYS,
            seed=1,
            protection=rehearsal.protection,
        )
    )
    tables, _ = seconds(lambda: (series_table(rehearsal, played), detail_table(rehearsal, played)))
    one, first = seconds(lambda: run_ensemble(stage, replicates, InProcess()))
    came: list[float] = []
    two, second = seconds(
        lambda: run_ensemble(
            stage, replicates, LocalPool(2), progress=lambda *_: came.append(time.perf_counter())
        )
    )
    steady = (came[-1] - came[1]) / (replicates - 2) * replicates
    infections = int(played.outcome.total(Flow.INFECTIONS).sum())
    print("| what | seconds | x floor |\n| --- | --- | --- |")
    for name, taken in (
        ("the simulator alone, the same measures handed over (floor)", floor),
        ("a run with its controller", whole),
        ("its tables", tables),
        ("loading or compiling, first run", loading),
        (f"the town of {people:,} people", build),
        ("made ready", ready),
    ):
        print(f"| {name} | {taken:.2f} | {taken / floor:.2f} |")
    print(f"| {replicates} runs, one process | {one:.2f} | |")
    print(
        f"| {replicates} runs, two processes with their start | {two:.2f} | {one / two:.2f} times as fast |"
    )
    print(f"| the same once they have started | {steady:.2f} | {one / steady:.2f} times as fast |")
    same = bool((bare.flows == played.outcome.flows).all()) and first.series.equals(second.series)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"\n{infections:,} infections; figures the same in every row: {same}; {peak:.2f} GB at the height")


if __name__ == "__main__":
    given = [int(argument) for argument in sys.argv[1:]]
    main(given[0] if given else 1_000_000, given[1] if len(given) > 1 else 24)
