"""Speed of the simulator, beside Covasim and Starsim and beside the floor that memory sets.

    python bench/simulate.py --part plain [--covasim PYTHON] [--starsim PYTHON]
    python bench/simulate.py --part large | cores | start

plain     1 million people, 180 days, hybrid layers, no measures: person-days a second, ratio to the peers
large     time per infection from 100 000 to 10 million people, and the floor: lines of memory x their cost
cores     an ensemble on one process and on two
start     a second process, from the start of Python to the end of a small run; the first one compiles

``bench/simulate_city.py`` measures 邯郸 under every measure. A peer is left out, with the reason, where no
Python that has it is given.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from fangxian.science.agents.city import City, prepare_city
from fangxian.science.agents.measures import Importation, no_measures
from fangxian.science.agents.outcome import Flow, Outcome
from fangxian.science.agents.records import Delay, DiseaseCourse, Infectiousness
from fangxian.science.agents.reproduction import scaled_to
from fangxian.science.agents.run import simulate
from fangxian.studies.plain_epidemic.towns import ONE_AGE, hybrid_town
from memory_floor import lines_per_infection, nanoseconds_a_line

DAYS = 180
REPRODUCTION = 2.5
COVASIM_LIKE = Infectiousness(
    latent=Delay("lognormal", 4.5, 1.5), period=Delay("lognormal", 8.0, 2.0), follows_period=True
)
COVASIM = """
import time, covasim as cv
sim = cv.Sim(pop_size={people}, pop_type="hybrid", n_days={days}, verbose=0, pop_infected={seeds})
sim.initialize()
start = time.perf_counter()
sim.run()
print(time.perf_counter() - start, cv.__version__, sim.summary["cum_infections"] / {people})
"""
STARSIM_PEOPLE = 100_000
"""A tenth of the others' town: a million take Starsim many minutes. Its size stands in the table."""
STARSIM = """
import time, starsim as ss
disease = ss.SIR(beta=ss.perday(0.0125), init_prev={seeds} / {people}, dur_inf=ss.days(8), p_death=0)
sim = ss.Sim(n_agents={people}, diseases=disease, networks=ss.RandomNet(n_contacts=ss.poisson(20)),
             start=ss.date("2020-01-01"), dur=ss.days({days}), dt=ss.days(1), verbose=0)
sim.init()
start = time.perf_counter()
sim.run()
taken = time.perf_counter() - start
print(taken, ss.__version__, 1.0 - float(sim.results.sir.n_susceptible[-1]) / {people})
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


def part_plain(peers: dict[str, str | None]) -> None:
    """Print person-days a second of one million people, and of the peers."""
    people = 1_000_000
    city, disease = town(people)
    run(*town(2_000), 1)
    timed = [run(city, disease, seed) for seed in (1, 2, 3)]
    seconds = min(each for _, each in timed)
    infections = timed[0][0].total(Flow.INFECTIONS).sum()
    rate = people * DAYS / seconds
    rate_of = "million person-days/s"
    print(f"{'program':22}{'people':>10}{'seconds':>9}{rate_of:>24}{'attack rate':>13}{'ratio':>8}")
    print(
        f"{'fangxian':22}{people:10d}{seconds:9.3f}{rate / 1e6:24.1f}{infections / people:13.3f}", flush=True
    )
    for name, program, theirs in (("Covasim", COVASIM, people), ("Starsim", STARSIM, STARSIM_PEOPLE)):
        python = peers[name]
        if python is None:
            print(f"{name:22}left out: no --{name.lower()} PYTHON was given")
            continue
        filled = program.format(people=theirs, days=DAYS, seeds=theirs // 10_000)
        done = subprocess.run([python, "-c", filled], capture_output=True, text=True, check=False)
        if done.returncode:
            print(f"{name:22}left out: {done.stderr.strip().splitlines()[-1]}")
            continue
        said = done.stdout.split()
        taken, version, attack = float(said[-3]), said[-2], float(said[-1])
        other = theirs * DAYS / taken
        print(
            f"{f'{name} {version}':22}{theirs:10d}{taken:9.1f}{other / 1e6:24.2f}{attack:13.3f}"
            f"{rate / other:7.0f}x",
            flush=True,
        )


def part_large() -> None:
    """Print time per infection by size, and the floor."""
    run(*town(2_000), 1)
    print(
        f"{'people':>12}{'seconds':>9}{'infections':>12}{'ns/infection':>14}{'x smallest':>12}"
        f"{'lines':>7}{'floor ns':>10}{'x floor':>9}{'ns if lines wait':>18}"
    )
    smallest = 0.0
    for people in (100_000, 1_000_000, 10_000_000):
        city, disease = town(people)
        outcome, seconds = min((run(city, disease, seed) for seed in (1, 2, 3)), key=lambda pair: pair[1])
        infections = int(outcome.total(Flow.INFECTIONS).sum())
        each = seconds / infections * 1e9
        smallest = smallest or each
        touched = lines_per_infection(city, disease)
        costs = [(lines, *nanoseconds_a_line(size)) for lines, size in touched.values()]
        lines = sum(cost[0] for cost in costs)
        waiting = sum(cost[0] * cost[1] for cost in costs)
        floor = sum(cost[0] * cost[2] for cost in costs)
        print(
            f"{people:12d}{seconds:9.2f}{infections:12d}{each:14.0f}{each / smallest:12.2f}"
            f"{lines:7.1f}{floor:10.0f}{each / floor:9.1f}{waiting:18.0f}"
        )
    for name, (lines, size) in touched.items():
        one, many = nanoseconds_a_line(size)
        print(
            f"  {name:30}{lines:5.2f} lines in {size / 1e6:6.0f} MB: {one:4.0f} ns waiting, {many:4.1f} not"
        )


def _one(seed: int) -> float:
    return run(*_SHARED, seed)[1]


_SHARED: tuple[City, DiseaseCourse] = ()  # type: ignore[assignment]


def part_cores() -> None:
    """Print the gain of a second process, forked so that the city is shared."""
    global _SHARED
    _SHARED = town(1_000_000)
    _one(0)
    seeds = list(range(1, 13))
    start = time.perf_counter()
    for seed in seeds:
        _one(seed)
    alone = time.perf_counter() - start
    with multiprocessing.get_context("fork").Pool(2) as pool:
        start = time.perf_counter()
        pool.map(_one, seeds, chunksize=1)
        both = time.perf_counter() - start
    print(f"{len(seeds)} runs: {alone:.2f} s on one process, {both:.2f} s on two: {alone / both:.2f}x")


def part_start() -> None:
    """Print the seconds that a process needs to simulate: without any cache, then with it."""
    command = [str(Path(sys.executable).with_name("fangxian")), "simulate", "--population", "1000"]
    command += ["--r0", "2.5", "--layers", "hybrid", "--days", str(DAYS)]
    with tempfile.TemporaryDirectory() as cache:
        environment = os.environ | {"NUMBA_CACHE_DIR": cache}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        for name in ("first process, nothing compiled", "second process", "third process"):
            start = time.perf_counter()
            subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
            print(
                f"{name}, start of Python to the end of 180 days: {time.perf_counter() - start:.2f} s",
                flush=True,
            )


def main() -> None:
    """Run one part."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--part", choices=["plain", "large", "cores", "start"], required=True)
    options.add_argument("--covasim", help="Python with Covasim")
    options.add_argument("--starsim", help="Python with Starsim")
    chosen = options.parse_args()
    if chosen.part == "plain":
        part_plain({"Covasim": chosen.covasim, "Starsim": chosen.starsim})
    else:
        {"large": part_large, "cores": part_cores, "start": part_start}[chosen.part]()


if __name__ == "__main__":
    main()
