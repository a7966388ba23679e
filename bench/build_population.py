"""Claim: the 9.4 million people of 邯郸 are built in under 15 s on one core, in at most 24 bytes a person.

The floor is one pass of keyed random numbers over all persons and one write of all arrays of the result, in
the same run. Compiling is measured apart: the second process finds the machine code in the cache.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import resource
import time

import numpy as np

from fangxian.base.compiled import compiled
from fangxian.base.counter_random import keyed_bits, purpose_key, unit_interval
from fangxian.plans.cities import packaged_city
from fangxian.science.population.build import build_population
from fangxian.science.population.sample import scaled_city


@compiled()
def floor_pass(people: int, key: np.uint64) -> float:
    """Look up one number a person and add them."""
    total = 0.0
    for person in range(people):
        total += unit_interval(keyed_bits(key, person, 0))
    return total


def main() -> None:
    """Print the table."""
    city = packaged_city("1304")
    people = city.margins.people.value
    started = time.perf_counter()
    build_population(scaled_city(city, 20_000))
    compiling = time.perf_counter() - started
    started = time.perf_counter()
    made = build_population(city, seed=1)
    taken = time.perf_counter() - started
    arrays = list(made.population.arrays().values())
    floor_pass(1, purpose_key(1, "floor"))
    started = time.perf_counter()
    floor_pass(people, purpose_key(1, "floor"))
    copies = [array.copy() for array in arrays]
    floor = time.perf_counter() - started
    peak = (
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6 - sum(copy.nbytes for copy in copies) / 1e9
    )
    print("| what | seconds | x floor |\n| --- | --- | --- |")
    print(f"| one keyed number a person and one write of the result (floor) | {floor:.3f} | 1 |")
    print(f"| {people:,} people built | {taken:.2f} | {taken / floor:.0f} |")
    print(f"| loading or compiling the kernels, 20,000 people | {compiling:.2f} | |")
    print(
        f"\n{made.population.bytes_per_person:.2f} bytes a person (at most 24); "
        f"{sum(array.nbytes for array in arrays) / 1e6:.0f} MB of arrays, {peak:.2f} GB at the height"
    )


if __name__ == "__main__":
    main()
