"""Where Python enters the kernels: each takes the world as a record and hands it on by pointer."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fangxian.base.by_pointer import pointer_to
from fangxian.base.compiled import compiled
from fangxian.science.agents import kernel, morning, tracing
from fangxian.science.agents.day_tables import World
from fangxian.science.agents.state import CASES

Float64Array = NDArray[np.float64]
Int64Array = NDArray[np.int64]


@compiled(nogil=True)
def open_beds(world: World, day: int, ward_beds: Int64Array, intensive_beds: Int64Array) -> None:
    """See :func:`morning.open_beds`."""
    morning.open_beds(pointer_to(world), day, ward_beds, intensive_beds)


@compiled(nogil=True)
def vaccinate(
    world: World,
    doses: Int64Array,
    willing: Float64Array,
    statuses: NDArray[np.bool_],
    new_class: int,
    key: np.uint64,
) -> None:
    """See :func:`morning.vaccinate`."""
    morning.vaccinate(pointer_to(world), doses, willing, statuses, new_class, key)


@compiled(nogil=True)
def positives_of_screening(world: World, day: int, share: Float64Array, key: np.uint64) -> Int64Array:
    """Return the cases whose own sample of a round of screening would be positive, in order of infection."""
    cases = np.empty(
        world.state.counter[CASES] - morning.first_active(pointer_to(world), day), dtype=np.int64
    )
    number = morning.list_positives(pointer_to(world), day, share, key, cases)
    return cases[:number].copy()


@compiled(nogil=True)
def announce(world: World, cases: Int64Array, ticks: Int64Array) -> None:
    """See :func:`morning.announce`."""
    morning.announce(pointer_to(world), cases, ticks)


@compiled(nogil=True)
def import_expected(world: World, day: int, expected: Float64Array, key: np.uint64) -> None:
    """See :func:`morning.import_expected`."""
    morning.import_expected(pointer_to(world), day, expected, key)


@compiled(nogil=True)
def trace(
    world: World,
    day: int,
    left: Int64Array,
    recall: tuple[Float64Array, Float64Array],
    times: tuple[Int64Array, Int64Array],
    key: np.uint64,
) -> bool:
    """See :func:`tracing.trace`."""
    return tracing.trace(pointer_to(world), day, left, recall, times, key)


@compiled(nogil=True)
def seed_exact(world: World, day: int, place: int, number: int, key: np.uint64) -> int:
    """See :func:`kernel.seed_exact`."""
    return kernel.seed_exact(pointer_to(world), day, place, number, key)
