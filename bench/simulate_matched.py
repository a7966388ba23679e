"""The simulator against Covasim on Covasim's own hybrid people, with matched parameters.

    python bench/simulate_matched.py --peer /path/to/python-with-covasim

Covasim is stripped of what the plain disease here has not: age-dependent susceptibility, symptoms, waning.
Its contacts are read from the running program. Matched are the mean latent and infectious periods, the spread
of individual infectiousness, the weights of the layers, and the *realised* viral load: with a day of 1 the
high first 30 % of the period last 3 days of 8. A contact of Covasim falls on whole days, so that its first
infectious day is half a day earlier than in continuous time: the latent period here is shortened by that.

What is left: Covasim's contacts in school, at work and in the community are fixed random pairs, which
infections use up; here a partner is drawn anew from the same people at each contact, so that somewhat more
people are reached.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from fangxian.science.agents.city import City, prepare_city
from fangxian.science.agents.measures import Importation, no_measures
from fangxian.science.agents.outcome import Flow
from fangxian.science.agents.records import AgeGroups, Contacts, Delay, DiseaseCourse, Infectiousness
from fangxian.science.agents.run import simulate
from fangxian.science.population.records import GroupKind
from fangxian.science.population.uniform import uniform_population

DAYS, PEOPLE, SEEDS, REPLICATES = 180, 100_000, 100, 4
BETA, WEIGHTS = 0.016, {"h": 3.0, "s": 0.6, "w": 0.6, "c": 0.3}
MEAN_LOAD = (3 * 2 + 5 * 1) / 8 / 1.3
"""Three days of 8 at twice the load; Covasim divides by the 1.3 that 30 % of the period would give."""
PEER = """
import json, sys
import covasim as cv, numpy as np
out = []
for seed in range({replicates}):
    sim = cv.Sim(pop_size={people}, pop_type="hybrid", n_days={days}, verbose=0, pop_infected={seeds},
                 use_waning=False, rand_seed=seed)
    sim.initialize()
    sim.people.symp_prob[:] = 0
    sim.people.rel_sus[:] = 1.0
    if seed == 0:
        layers = sim.people.contacts
        np.savez(sys.argv[1], **{{k + q: np.asarray(layers[k][q]) for k in "hswc" for q in ("p1", "p2")}})
    sim.run()
    new = sim.results["new_infections"].values
    out.append([float(new.sum()) / {people}, int(new.argmax()), float(new.max()) / {people}])
print(json.dumps(out))
"""


def city_of(edges: dict[str, np.ndarray]) -> City:
    """Return the city of Covasim's households, with everybody of a layer in one group."""

    def pairs(layer: str) -> tuple[np.ndarray, np.ndarray]:
        return edges[f"{layer}p1"].astype(int), edges[f"{layer}p2"].astype(int)

    one, other = pairs("h")
    graph = coo_matrix((np.ones(len(one)), (one, other)), shape=(PEOPLE, PEOPLE))
    household = connected_components(graph, directed=False)[1]
    order = np.argsort(household, kind="stable")
    place_in_order = np.empty(PEOPLE, dtype=int)
    place_in_order[order] = np.arange(PEOPLE)
    sizes = np.bincount(household)
    group = np.full(PEOPLE, -1, dtype=np.int32)
    rates = np.zeros((4, 1))
    for number, (layer, kind) in enumerate((("s", GroupKind.SCHOOL_CLASS), ("w", GroupKind.WORKPLACE))):
        one, other = pairs(layer)
        members = np.unique(np.concatenate((one, other)))
        group[place_in_order[members]] = number
        rates[kind] = 2 * len(one) / len(members)
    member = np.flatnonzero(group >= 0)
    member = member[np.argsort(group[member], kind="stable")].astype(np.int32)
    population = replace(
        uniform_population(PEOPLE),
        person_household=np.repeat(np.arange(len(sizes)), sizes).astype(np.int32),
        household_start=np.concatenate(([0], np.cumsum(sizes))).astype(np.int32),
        person_group=group,
        group_start=np.concatenate(([0], np.cumsum(np.bincount(group[member])))).astype(np.int32),
        group_member=member,
        group_kind=np.array([GroupKind.SCHOOL_CLASS, GroupKind.WORKPLACE], dtype=np.uint8),
        group_site=np.arange(2, dtype=np.int32),
    )
    community = 2 * len(edges["cp1"]) / PEOPLE
    weight = np.array([WEIGHTS["h"], WEIGHTS["s"], WEIGHTS["w"], 1.0, 1.0, WEIGHTS["c"]])
    contacts = Contacts(1.0, rates, np.full((1, 1), community), weight=weight)
    return prepare_city(population, contacts, AgeGroups())


def main() -> None:
    """Print attack rate, peak day and peak of both."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--peer", required=True, help="Python with Covasim")
    peer = options.parse_args().peer
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "edges.npz"
        program = PEER.format(replicates=REPLICATES, people=PEOPLE, days=DAYS, seeds=SEEDS)
        said = subprocess.run(
            [peer, "-c", program, str(file)], capture_output=True, text=True, check=True
        ).stdout
        theirs = np.array(json.loads(said.strip().splitlines()[-1]))
        with np.load(file) as edges:
            city = city_of(dict(edges))
    disease = DiseaseCourse(
        infectiousness=Infectiousness(
            latent=Delay("lognormal", 4.0, 1.5),
            period=Delay("lognormal", 8.0, 2.0),
            profile=(2, 2, 2, 1, 1, 1, 1, 1),
            dispersion=0.45,
        ),
        transmissibility=BETA * MEAN_LOAD,
    )
    later = no_measures(1, 1)
    first = replace(later, imports=Importation(np.zeros(1), np.array([SEEDS])))
    ours = []
    for seed in range(REPLICATES):
        outcome = simulate(
            city, disease, lambda known: first if known.day == 0 else later, days=DAYS, seed=seed
        )
        daily = outcome.total(Flow.INFECTIONS)
        ours.append((daily.sum() / PEOPLE, int(daily.argmax()), daily.max() / PEOPLE))
    print(f"{'mean of ' + str(REPLICATES):12}{'attack rate':>13}{'peak day':>10}{'peak share a day':>18}")
    for name, rows in (("fangxian", np.array(ours)), ("Covasim", theirs)):
        attack, day, height = rows.mean(axis=0)
        print(f"{name:12}{attack:13.3f}{day:10.1f}{height:18.4f}")
    attack, day, _ = np.array(ours).mean(axis=0) - theirs.mean(axis=0)
    print(f"difference: {100 * attack:+.1f} points of attack rate, {day:+.1f} days of peak")


if __name__ == "__main__":
    main()
