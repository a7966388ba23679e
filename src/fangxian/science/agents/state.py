"""What changes during a run: persons, cases, beds, counters. Case c is the c-th infection in order of time.

::

    status     8 bits a person: infected ever | kept apart or dead | class of protection (6)
    apart      32 bits a person, meaningful while that bit is set: Stay (3) | until, in 2**-12 days (29)
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fangxian.base.compiled import compiled
from fangxian.base.counter_random import keyed_bits, purpose_key, unit_interval
from fangxian.science.agents.city import City, CityTables, age_of
from fangxian.science.agents.outcome import Flow, Stock
from fangxian.science.agents.records import Protection
from fangxian.science.agents.whole import whole

UInt8Array = NDArray[np.uint8]
UInt16Array = NDArray[np.uint16]
UInt32Array = NDArray[np.uint32]
Int8Array = NDArray[np.int8]
Int32Array = NDArray[np.int32]
Int64Array = NDArray[np.int64]

INFECTED = 128
APART = 64
CLASS = 63
NOBODY = 0xFFFFFFFF

CASES, FIRST_ACTIVE, TO_TRACE, TRACE_ROW, TRACE_KEPT = range(5)
"""Places of the counters."""

CONFIRMED, TREATED, SEVERE, CRITICAL = 1, 2, 4, 8
WARD_WAIT, IN_WARD, WARD_REFUSED = 16, 32, 64
INTENSIVE_WAIT, IN_INTENSIVE, INTENSIVE_REFUSED = 128, 256, 512
DEAD = 1024
"""Flags of a case."""


class State(NamedTuple):
    """n persons, P places, A ages, B pools; memory of cases is taken only as they occur."""

    status: UInt8Array
    apart: UInt32Array
    case_of: UInt32Array
    """[n]: case of an infected person."""
    case_person: UInt32Array
    case_infector: UInt32Array
    """Person, or NOBODY."""
    case_tick: UInt32Array
    case_setting: Int8Array
    case_flags: UInt16Array
    bed_next: UInt32Array
    """[2, n]: the case behind this one in the queue for a ward bed, for intensive care."""
    bed: Int64Array
    """[2, B, 4]: beds open, beds used, first and last case waiting (-1)."""
    rooms_used: Int64Array
    """[B]"""
    antivirals: Int64Array
    """[B]: courses in stock."""
    tubes: Int64Array
    """[P]: tubes of single people handed in on the day, by where they live."""
    trace_case: UInt32Array
    trace_tick: UInt32Array
    dose_cursor: Int64Array
    """[P, T, A]"""
    counter: Int64Array
    flow: Int32Array
    """[22, P, A]: of the day."""
    stock: Int32Array
    """[6, P, A]"""


def new_state(city: City, protection: Protection, seed: int) -> State:
    """Return the state at the start of a run.

    Parameters
    ----------
    city : City
    protection : Protection
    seed : int
        Of the run: it decides who was infected earlier.

    Returns
    -------
    State
    """
    people, sizes = city.population.size, city.sizes
    shape = (sizes.places, sizes.ages)
    bed = np.zeros((2, sizes.pools, 4), dtype=np.int64)
    bed[:, :, 2:4] = -1
    state = State(
        status=np.zeros(people, dtype=np.uint8),
        apart=np.zeros(people, dtype=np.uint32),
        case_of=np.empty(people, dtype=np.uint32),
        case_person=np.empty(people, dtype=np.uint32),
        case_infector=np.empty(people, dtype=np.uint32),
        case_tick=np.empty(people, dtype=np.uint32),
        case_setting=np.empty(people, dtype=np.int8),
        case_flags=np.zeros(people, dtype=np.uint16),
        bed_next=np.empty((2, people), dtype=np.uint32),
        bed=bed,
        rooms_used=np.zeros(sizes.pools, dtype=np.int64),
        antivirals=np.zeros(sizes.pools, dtype=np.int64),
        tubes=np.zeros(sizes.places, dtype=np.int64),
        trace_case=np.empty(people, dtype=np.uint32),
        trace_tick=np.empty(people, dtype=np.uint32),
        dose_cursor=np.zeros((sizes.places, sizes.tiers, sizes.ages), dtype=np.int64),
        counter=np.zeros(5, dtype=np.int64),
        flow=np.zeros((len(Flow), *shape), dtype=np.int32),
        stock=np.zeros((len(Stock), *shape), dtype=np.int32),
    )
    classes = np.asarray(protection.class_of_status, dtype=np.int64)
    earlier = np.broadcast_to(protection.earlier_infection, (sizes.ages,)).astype(np.float64)
    if classes.any() or earlier.any():
        _protect(
            city.tables,
            state.status,
            classes,
            earlier,
            protection.class_of_earlier_infection,
            purpose_key(seed, "earlier infection"),
        )
    return state


@compiled()
def _protect(
    city: CityTables,
    status: UInt8Array,
    classes: Int64Array,
    earlier: NDArray[np.float64],
    earlier_class: int,
    key: np.uint64,
) -> None:
    for person in range(city.people):
        status[person] = np.uint8(classes[min(whole(city.vaccination[person]), 3)])
        share = earlier[age_of(whole(city.card[4 * person + 3]))]
        if share > 0.0 and unit_interval(keyed_bits(key, person, 0)) < share:
            status[person] = np.uint8(earlier_class)
