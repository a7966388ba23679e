"""邯郸, 9.4 million people, 180 days, one core, every measure on: seconds and memory.

    python bench/simulate_city.py --part contained | wave [--people N]

contained  the packaged containment plan with what it lacks of the simulator's measures (sessions, medicines,
           staying home when ill), levels by their triggers: the controller of a rehearsal decides each day
wave       the same with measures too weak to hold the disease: a wave through the city, and every queue full

Both print which measures were on, on how many days, and what each of them did. 模拟数据: the city is made up.
"""

from __future__ import annotations

import argparse
import resource
import time

import numpy as np

from fangxian.plans.cities import packaged_city
from fangxian.plans.loader import load_plan, packaged_disease, packaged_plan_text
from fangxian.science.agents.measures import DayMeasures
from fangxian.science.agents.outcome import Flow
from fangxian.studies.rehearsal.city_town import town_of_city
from fangxian.studies.rehearsal.play import Played, Question, make_ready, play

DAYS = 180
PLAN = "covid19-containment-2022"
LACKING = """
[[measure]]
id = "bench-lacking"
title = { zh = "测速补充措施", en = "What the plan lacks" }
description = { zh = "仅用于测速。", en = "For this measurement alone." }
applies_to = "public"
always = true
status = "default"

  [[measure.effect]]
  kind = "vaccination"
  doses_per_day_per_1000 = 0.5
  willing = 0.8
  age_from = 60

  [[measure.effect]]
  kind = "stay_home_when_ill"
  settings = ["school", "workplace", "community"]
  reduction = 0.6

  [[measure.effect]]
  kind = "antivirals"
  courses_per_1000 = 2
  age_from = 60
"""
DID = {
    "testing of the symptomatic": (Flow.TESTS, Flow.POSITIVES, Flow.FEVER_CLINIC_VISITS),
    "screening rounds": (),
    "laboratories with a capacity": (),
    "contact tracing": (Flow.CASES_TRACED, Flow.CONTACTS_FOUND),
    "isolation of cases": (Flow.CASES_ISOLATED,),
    "quarantine of contacts": (Flow.CONTACTS_QUARANTINED,),
    "central rooms": (),
    "vaccination sessions": (Flow.DOSES,),
    "beds with a capacity": (Flow.ADMISSIONS, Flow.REFUSED_WARD, Flow.REFUSED_INTENSIVE_CARE),
    "antivirals": (Flow.ANTIVIRAL_COURSES,),
    "importation": (Flow.IMPORTED,),
    "fewer contacts": (),
    "masks": (),
    "staying home when ill": (),
    "less travel": (),
}
WEAKER = (
    ("interval_days = 2", "interval_days = 14"),
    ("reduction = 0.5", "reduction = 0.1"),
    ("reduction = 0.85", "reduction = 0.2"),
)
"""Numbers of the plan that are made too weak to hold the disease."""


def on(measures: DayMeasures) -> dict[str, bool | np.ndarray]:
    """Return which measures act on a day, somewhere or place by place."""
    isolation, care, meeting = measures.isolation, measures.care, measures.meeting
    return {
        "testing of the symptomatic": measures.testing is not None,
        "screening rounds": measures.screening is not None and bool(np.any(measures.screening.share)),
        "laboratories with a capacity": np.isfinite(measures.laboratory_tubes),
        "contact tracing": measures.tracing is not None,
        "isolation of cases": isolation is not None and np.greater(isolation.case_share, 0.0),
        "quarantine of contacts": isolation is not None and np.greater(isolation.contact_share, 0.0),
        "central rooms": isolation is not None and np.greater(isolation.rooms, 0),
        "vaccination sessions": measures.vaccination is not None,
        "beds with a capacity": care is not None,
        "antivirals": care is not None and np.greater(care.antiviral_courses, 0),
        "importation": bool(np.any(measures.imports.expected)),
        "fewer contacts": bool(np.any(meeting.contact_factor < 1.0)),
        "masks": bool(np.any(meeting.mask_factor < 1.0)),
        "staying home when ill": bool(np.any(meeting.symptomatic_factor < 1.0)),
        "less travel": bool(np.any(meeting.travel_factor < 1.0)),
    }


def report(played: Played) -> None:
    """Print every measure with its days and what it did, the levels switched and the wave."""
    outcome, diary = played.outcome, played.diary
    days = dict.fromkeys(DID, 0)
    for measures in diary.measures:
        for name, acts in on(measures).items():
            days[name] += int(np.any(acts))
    extra = {
        "laboratories with a capacity": f"most tubes unfinished {outcome.laboratory_backlog.max():.0f}",
        "central rooms": f"most used {outcome.rooms_used.sum(axis=1).max()} "
        f"of {outcome.rooms_open.sum(axis=1).max()}",
        "screening rounds": f"tubes {outcome.laboratory_tubes.sum():.0f}",
    }
    for name, flows in DID.items():
        did = [f"{flow.name.lower()} {int(outcome.total(flow).sum())}" for flow in flows]
        print(f"  {name:30}on {days[name]:4d} days  {', '.join(did) or extra.get(name, '')}")
    print(f"  levels switched by triggers: {len(diary.switches)}")
    for flow in (Flow.INFECTIONS, Flow.SEVERE, Flow.DEATHS, Flow.DEATHS_WITHOUT_CARE):
        print(f"  {flow.name.lower():30}{int(outcome.total(flow).sum()):10d}")


def main(part: str, people: int | None) -> None:
    """Build the city, play the plan twice, print."""
    text = packaged_plan_text(PLAN) + LACKING
    question = Question(days=DAYS)
    if part == "wave":
        for strong, weak in WEAKER:
            if strong not in text:
                raise SystemExit(f"the plan has no {strong} any more: mend WEAKER")
            text = text.replace(strong, weak)
        question = Question(days=DAYS, infections_per_million=200)
    start = time.perf_counter()
    town = town_of_city(packaged_city("1304"), people=people)
    built = time.perf_counter() - start
    of_building = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    start = time.perf_counter()
    rehearsal = make_ready(
        load_plan(text, name=f"{PLAN}.toml"), packaged_disease("covid19-omicron-ba5"), town, question
    )
    ready = time.perf_counter() - start
    times = []
    for _ in range(2):
        start = time.perf_counter()
        played = play(rehearsal, 1)
        times.append(time.perf_counter() - start)
    infections = int(played.outcome.total(Flow.INFECTIONS).sum())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(
        f"{town.population.size} people, {DAYS} days, one core: {times[1]:.1f} s "
        f"({times[0]:.1f} s with loading), {times[1] / max(infections, 1) * 1e6:.2f} us an infection\n"
        f"built in {built:.1f} s, made ready in {ready:.1f} s; peak memory {peak:.2f} GB "
        f"({of_building:.2f} GB when built)"
    )
    report(played)


if __name__ == "__main__":
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--part", choices=["contained", "wave"], required=True)
    options.add_argument("--people", type=int, help="A smaller copy of the city")
    chosen = options.parse_args()
    main(chosen.part, chosen.people)
