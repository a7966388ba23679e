"""What is done at the start of a day: sessions, screening, tracing, people infected elsewhere."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fangxian.base.by_pointer import record_at
from fangxian.base.compiled import compiled_lean
from fangxian.base.counter_random import keyed_bits, next_bits, unit_interval
from fangxian.science.agents import steps
from fangxian.science.agents.apart import stay_of
from fangxian.science.agents.beds import INTENSIVE, OPEN, WARD, count, fill
from fangxian.science.agents.city import tier_of
from fangxian.science.agents.course import sensitivity_on
from fangxian.science.agents.draws import below_half, lower_half, poisson, share_of, upper_half
from fangxian.science.agents.measures import Stay
from fangxian.science.agents.outcome import Flow
from fangxian.science.agents.queue import COURSE, TICK_BITS, TICKS
from fangxian.science.agents.state import CASES, CLASS, CONFIRMED, DEAD, FIRST_ACTIVE, INFECTED
from fangxian.science.agents.whole import whole
from fangxian.science.agents.world import Where, home_of, schedule

Float64Array = NDArray[np.float64]
Int64Array = NDArray[np.int64]
_DOSES = int(Flow.DOSES)
_WARD = int(Stay.WARD)
_TRIES = 1000
_MIDDAY = TICKS // 2


@compiled_lean()
def open_beds(where: Where, day: int, ward_beds: Int64Array, intensive_beds: Int64Array) -> None:
    """Set the beds of the day and give new ones to those who wait."""
    world = record_at(where)
    bed = world.state.bed
    for pool in range(bed.shape[1]):
        bed[WARD, pool, OPEN] = ward_beds[pool]
        bed[INTENSIVE, pool, OPEN] = intensive_beds[pool]
        fill(where, pool, INTENSIVE, day << TICK_BITS)
        fill(where, pool, WARD, day << TICK_BITS)


@compiled_lean()
def vaccinate(
    where: Where,
    doses: Int64Array,
    willing: Float64Array,
    statuses: NDArray[np.bool_],
    new_class: int,
    key: np.uint64,
) -> None:
    """Give the doses of the day, place by place, in the order of the register."""
    world = record_at(where)
    city, state = world.city, world.state
    for place in range(doses.shape[0]):
        for tier in range(doses.shape[1]):
            for age in range(doses.shape[2]):
                left = doses[place, tier, age]
                cell = place * city.ages + age
                start = city.cell_start[cell]
                size = city.cell_start[cell + 1] - start
                cursor = state.dose_cursor[place, tier, age]
                while left > 0 and cursor < size:
                    person = start + cursor if city.ages == 1 else whole(city.listing[start + cursor])
                    cursor += 1
                    if _comes(where, person, tier, willing[place, age], statuses, key):
                        left -= 1
                        count(where, person, _DOSES)
                        if new_class >= 0 and not state.status[person] & INFECTED:
                            state.status[person] = (state.status[person] & np.uint8(255 - CLASS)) | np.uint8(
                                new_class
                            )
                state.dose_cursor[place, tier, age] = cursor


@compiled_lean()
def _comes(
    where: Where, person: int, tier: int, willing: float, statuses: NDArray[np.bool_], key: np.uint64
) -> bool:
    world = record_at(where)
    if tier_of(whole(world.city.card[4 * person + 3])) != tier:
        return False
    if not statuses[min(whole(world.city.vaccination[person]), 3)]:
        return False
    if stay_of(world.state, person) >= _WARD:
        return False
    return unit_interval(keyed_bits(key, person, 0)) < willing


@compiled_lean()
def first_active(where: Where, day: int) -> int:
    """Return the first case that a test on this day may still find."""
    state = record_at(where).state
    oldest = (day << TICK_BITS) + _MIDDAY - (len(record_at(where).course.pcr) << TICK_BITS)
    first = state.counter[FIRST_ACTIVE]
    while first < state.counter[CASES] and whole(state.case_tick[first]) <= oldest:
        first += 1
    state.counter[FIRST_ACTIVE] = first
    return whole(first)


@compiled_lean()
def list_positives(where: Where, day: int, share: Float64Array, key: np.uint64, found: Int64Array) -> int:
    """Write the cases whose own sample would be positive in a round of screening; return their number."""
    state = record_at(where).state
    number = 0
    for case in range(state.counter[FIRST_ACTIVE], state.counter[CASES]):
        if _screened_positive(where, case, day, share, key):
            found[number] = case
            number += 1
    return number


@compiled_lean()
def _screened_positive(where: Where, case: int, day: int, share: Float64Array, key: np.uint64) -> bool:
    world = record_at(where)
    state = world.state
    if state.case_flags[case] & (CONFIRMED | DEAD):
        return False
    person = whole(state.case_person[case])
    bits = keyed_bits(key, person, day)
    if share_of(upper_half(bits)) >= share[home_of(where, person)]:
        return False
    if stay_of(state, person) >= _WARD:
        return False
    midday = (day << TICK_BITS) + _MIDDAY
    chance = sensitivity_on(world.course.pcr, midday, whole(state.case_tick[case]))
    return share_of(lower_half(bits)) < chance


@compiled_lean()
def announce(where: Where, cases: Int64Array, ticks: Int64Array) -> None:
    """Let the results of a screening come, each at its tick."""
    world = record_at(where)
    for number in range(len(cases)):
        case = cases[number]
        person = whole(world.state.case_person[case])
        schedule(where, ticks[number], (person, case), COURSE << 12 | steps.CONFIRM, 0)


@compiled_lean()
def most_imports(expected: float) -> int:
    """Return a number that a Poisson number of this mean never reaches: room that the queue must have."""
    return 1000 + 2 * whole(expected)


@compiled_lean()
def import_expected(where: Where, day: int, expected: Float64Array, key: np.uint64) -> None:
    """Put the day's infections from elsewhere into the queue: a Poisson number at random times."""
    world = record_at(where)
    for place in range(len(expected)):
        start = world.city.place_start[place]
        people = world.city.place_start[place + 1] - start
        number = 0
        if people > 0 and expected[place] > 0.0:
            number = min(
                poisson(expected[place], keyed_bits(key, place, day << 32)),
                most_imports(expected[place]),
            )
        for each in range(number):
            bits = keyed_bits(key, place, (day << 32) + each + 1)
            person = start + below_half(upper_half(bits), people)
            tick = (day << TICK_BITS) + whole(share_of(lower_half(bits)) * TICKS)
            schedule(where, tick, (person, 0), COURSE << 12 | steps.IMPORT, 0)


@compiled_lean()
def choose_seed(where: Where, place: int, bits: np.uint64) -> int:
    """Return a person of a place who was never infected, at random; -1 if there is none."""
    world = record_at(where)
    state = world.state
    start = world.city.place_start[place]
    people = world.city.place_start[place + 1] - start
    if people <= 0:
        return -1
    for _ in range(_TRIES):
        person = start + below_half(upper_half(bits), people)
        if not state.status[person] & INFECTED:
            return whole(person)
        bits = next_bits(bits)
    offset = below_half(upper_half(bits), people)
    for step in range(people):
        person = start + (offset + step) % people
        if not state.status[person] & INFECTED:
            return whole(person)
    return -1
