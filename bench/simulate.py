"""Speed of the simulator, beside Covasim and beside the floor that memory sets.

    python bench/simulate.py --part plain [--peer /path/to/python-with-covasim]
    python bench/simulate.py --part large | cores | start | measures

plain     1 million people, 180 days, hybrid layers, no measures: person-days a second, ratio to Covasim
large     time per infection from 100 000 to 10 million people, lines of memory touched and what they cost
cores     an ensemble on one process and on two
start     a second process: from the start of Python to the first simulated day
measures  邯郸, 9.4 million people, 180 days, every measure on: seconds and memory
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from fangxian.base.compiled import compiled
from fangxian.plans.cities import packaged_city
from fangxian.plans.loader import packaged_disease, packaged_plan
from fangxian.science.agents.city import City, prepare_city
from fangxian.science.agents.measures import Importation, no_measures
from fangxian.science.agents.outcome import Flow, Outcome
from fangxian.science.agents.records import Delay, DiseaseCourse, Infectiousness
from fangxian.science.agents.reproduction import scaled_to
from fangxian.science.agents.run import simulate
from fangxian.studies.plain_epidemic.towns import ONE_AGE, hybrid_town
from fangxian.studies.rehearsal.city_town import town_of_city
from fangxian.studies.rehearsal.play import Question, make_ready, play

DAYS = 180
REPRODUCTION = 2.5
COVASIM_LIKE = Infectiousness(
    latent=Delay("lognormal", 4.5, 1.5), period=Delay("lognormal", 8.0, 2.0), follows_period=True
)
PEER = """
import time, covasim as cv
sim = cv.Sim(pop_size={people}, pop_type="hybrid", n_days={days}, verbose=0, pop_infected={seeds})
sim.initialize()
start = time.perf_counter()
sim.run()
print(time.perf_counter() - start, cv.__version__, sim.summary["cum_infections"] / {people})
"""


def town(people: int) -> tuple[City, DiseaseCourse]:
    """Return a hybrid town and a disease with a latent period, at R0 2.5."""
    population, contacts = hybrid_town(people, 1)
    city = prepare_city(population, contacts, ONE_AGE)
    return city, scaled_to(city, DiseaseCourse(infectiousness=COVASIM_LIKE), REPRODUCTION)


def run(city: City, disease: DiseaseCourse, seed: int) -> tuple[Outcome, float]:
    """Return a run without measures and its seconds."""
    later = no_measures(1, 1)
    seeds = np.array([max(10, city.population.size // 10_000)])
    first = replace(later, imports=Importation(np.zeros(1), seeds))
    start = time.perf_counter()
    outcome = simulate(city, disease, lambda known: first if known.day == 0 else later, days=DAYS, seed=seed)
    return outcome, time.perf_counter() - start


def part_plain(peer: str | None) -> None:
    """Print person-days a second of one million people, and of the peer."""
    people = 1_000_000
    city, disease = town(people)
    run(*town(2_000), 1)
    timed = [run(city, disease, seed) for seed in (1, 2, 3)]
    seconds = min(each for _, each in timed)
    infections = timed[0][0].total(Flow.INFECTIONS).sum()
    rate = people * DAYS / seconds
    print(f"{'program':22}{'seconds':>9}{'million person-days/s':>24}{'attack rate':>13}{'ratio':>8}")
    print(f"{'fangxian':22}{seconds:9.3f}{rate / 1e6:24.1f}{infections / people:13.3f}")
    if peer:
        program = PEER.format(people=people, days=DAYS, seeds=people // 10_000)
        said = subprocess.run(
            [peer, "-c", program], capture_output=True, text=True, check=True
        ).stdout.split()
        taken, version, attack = float(said[-3]), said[-2], float(said[-1])
        other = people * DAYS / taken
        print(f"{'Covasim ' + version:22}{taken:9.1f}{other / 1e6:24.2f}{attack:13.3f}{rate / other:7.0f}x")


@compiled()
def _chase(order: np.ndarray, steps: int) -> int:
    at = 0
    for _ in range(steps):
        at = order[at]
    return at


def latency_ns(megabytes: int) -> float:
    """Return the time of one dependent load from a working set of a size."""
    places = megabytes * 1_000_000 // 64
    order = np.empty(places * 8, dtype=np.int64)
    cycle = np.random.default_rng(1).permutation(places) * 8
    order[cycle] = np.roll(cycle, -1)
    _chase(order, 1000)
    start = time.perf_counter()
    _chase(order, 2_000_000)
    return (time.perf_counter() - start) / 2_000_000 * 1e9


def part_large() -> None:
    """Print time per infection by size, and the floor."""
    run(*town(2_000), 1)
    print(f"{'people':>12}{'seconds':>9}{'infections':>12}{'ns/infection':>14}{'x smallest':>12}")
    smallest = 0.0
    for people in (100_000, 1_000_000, 10_000_000):
        city, disease = town(people)
        outcome, seconds = min((run(city, disease, seed) for seed in (1, 2)), key=lambda pair: pair[1])
        infections = int(outcome.total(Flow.INFECTIONS).sum())
        each = seconds / infections * 1e9
        smallest = smallest or each
        print(f"{people:12d}{seconds:9.2f}{infections:12d}{each:14.0f}{each / smallest:12.2f}")
    lines = {"cards and members (400 MB)": latency_ns(400), "status (10 MB)": latency_ns(10)}
    for name, nanoseconds in lines.items():
        print(f"dependent load, {name}: {nanoseconds:.0f} ns")
    print("lines per infection at R0 2.5: 2 of the listing, 2.5 of the status, 1 card, 3 ends of buckets")


def _one(seed: int) -> float:
    return run(*_SHARED, seed)[1]


_SHARED: tuple[City, DiseaseCourse] = ()  # type: ignore[assignment]


def part_cores() -> None:
    """Print the gain of a second process, forked so that the city is shared."""
    global _SHARED
    _SHARED = town(1_000_000)
    _one(0)
    seeds = list(range(1, 9))
    start = time.perf_counter()
    for seed in seeds:
        _one(seed)
    alone = time.perf_counter() - start
    with multiprocessing.get_context("fork").Pool(2) as pool:
        start = time.perf_counter()
        pool.map(_one, seeds, chunksize=1)
        both = time.perf_counter() - start
    print(f"8 runs: {alone:.2f} s on one process, {both:.2f} s on two: {alone / both:.2f}x")


def part_start() -> None:
    """Print the seconds a second process needs to its first day."""
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); import simulate; simulate.run(*simulate.town(1000), 1)"
    )
    folder = str(Path(__file__).parent)
    for name in ("first", "second"):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", program, folder], check=True)
        print(
            f"{name} process, start of Python to the end of 180 days of 1 000 people: "
            f"{time.perf_counter() - start:.2f} s"
        )


def part_measures() -> None:
    """Print seconds and memory of 邯郸 under the containment plan: one core, no replicate beside it."""
    plan, disease = packaged_plan("covid19-containment-2022"), packaged_disease("covid19-omicron-ba5")
    start = time.perf_counter()
    town = town_of_city(packaged_city("1304"))
    built = time.perf_counter() - start
    peak_of_building = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    start = time.perf_counter()
    rehearsal = make_ready(plan, disease, town, Question(days=DAYS))
    ready = time.perf_counter() - start
    for name in ("compiling where nothing is cached", "timed"):
        start = time.perf_counter()
        outcome = play(rehearsal, 1).outcome
        print(f"run, {name}: {time.perf_counter() - start:.1f} s")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(
        f"{town.population.size} people built in {built:.1f} s (peak memory {peak_of_building:.2f} GB), "
        f"made ready in {ready:.1f} s; peak memory of all {peak:.2f} GB"
    )
    for flow in Flow:
        print(f"  {flow.name.lower():26}{int(outcome.total(flow).sum()):12d}")


def main() -> None:
    """Run one part."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--part", choices=["plain", "large", "cores", "start", "measures"], required=True)
    options.add_argument("--peer", help="Python with Covasim")
    chosen = options.parse_args()
    if chosen.part == "plain":
        part_plain(chosen.peer)
    else:
        {"large": part_large, "cores": part_cores, "start": part_start, "measures": part_measures}[
            chosen.part
        ]()


if __name__ == "__main__":
    main()
