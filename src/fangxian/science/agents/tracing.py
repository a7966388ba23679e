"""Contact tracing: the teams take on cases in the order of their confirmation and name contacts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fangxian.base.by_pointer import record_at
from fangxian.base.compiled import compiled_lean
from fangxian.base.counter_random import keyed_bits, next_bits
from fangxian.science.agents import steps
from fangxian.science.agents.beds import count
from fangxian.science.agents.city import CityTables, age_of, kind_of
from fangxian.science.agents.draws import (
    COMMUNITY,
    Spread,
    below_half,
    community_target,
    contact,
    lower_half,
    number_of_contacts,
    poisson,
    share_of,
    spread_of,
    traits_of,
    upper_half,
)
from fangxian.science.agents.outcome import Flow
from fangxian.science.agents.queue import COURSE, LISTED, TICK_BITS, TICKS, needs_room
from fangxian.science.agents.state import NOBODY, TO_TRACE, TRACE_KEPT, TRACE_ROW
from fangxian.science.agents.whole import whole
from fangxian.science.agents.world import Where, home_of, schedule

Float64Array = NDArray[np.float64]
Int64Array = NDArray[np.int64]
_TRACED, _FOUND = int(Flow.CASES_TRACED), int(Flow.CONTACTS_FOUND)
_POSITION = LISTED - 1
_OF_CONTACTS, _OF_OTHERS, _OF_INFECTOR = 1 << 20, 1 << 21, 1 << 22
"""Which draws: household members from 0, contacts, other contacts and the infector from these."""


@compiled_lean()
def trace(
    where: Where,
    day: int,
    left: Int64Array,
    recall: tuple[Float64Array, Float64Array],
    times: tuple[Int64Array, Int64Array],
    key: np.uint64,
) -> bool:
    """Take on as many waiting cases as the teams can; return False if the queue needs room before going on.

    Parameters
    ----------
    world : World
    day : int
    left : int64 array [P]
        Cases that the teams of each place can still take on; written to.
    recall : (float array [P, 6], float array [P, 6])
        Probability that a contact of a case of a place is found, and mean number of other contacts.
    times : (int64 array [P], int64 array [P])
        Ticks from now to quarantine, and the longest wait of a case in ticks.
    key : numpy.uint64
    """
    world = record_at(where)
    state, counter = world.state, world.state.counter
    now = day << TICK_BITS
    for row in range(counter[TRACE_ROW], counter[TO_TRACE]):
        if needs_room(world.queue):
            counter[TRACE_ROW] = row
            return False
        kept = counter[TRACE_KEPT]
        case = whole(state.trace_case[row])
        since = whole(state.trace_tick[row])
        person = whole(state.case_person[case])
        place = home_of(where, person)
        if now - since > times[1][place]:
            continue
        if left[place] <= 0:
            state.trace_case[kept] = np.uint32(case)
            state.trace_tick[kept] = np.uint32(since)
            counter[TRACE_KEPT] = kept + 1
            continue
        left[place] -= 1
        count(where, person, _TRACED)
        _name_contacts(where, case, now, (recall[0][place], recall[1][place]), now + times[0][place], key)
    counter[TO_TRACE] = counter[TRACE_KEPT]
    counter[TRACE_ROW] = 0
    counter[TRACE_KEPT] = 0
    return True


@compiled_lean()
def _name_contacts(
    where: Where, case: int, now: int, recall: tuple[Float64Array, Float64Array], due: int, key: np.uint64
) -> None:
    world = record_at(where)
    person = whole(world.state.case_person[case])
    spread = spread_of(world.city, world.draw, person)
    for member in range(spread.size_of_household):
        other = spread.first_of_household + member
        if other != person and _recalled(key, person, member, recall[0][0]):
            _find(where, other, due)
    _effective_contacts(where, case, spread, recall[0], (now, due), key)
    _name_others(where, spread, recall, due, key)
    infector = whole(world.state.case_infector[case])
    if infector != NOBODY:
        setting = whole(world.state.case_setting[case])
        if setting != 0 and _recalled(key, person, _OF_INFECTOR, recall[0][setting]):
            _find(where, infector, due)


@compiled_lean()
def _name_others(
    where: Where, spread: Spread, recall: tuple[Float64Array, Float64Array], due: int, key: np.uint64
) -> None:
    """Find contacts to whom nothing could be passed on: in the group and in the community."""
    world = record_at(where)
    person = spread.person
    bits = keyed_bits(key, person, _OF_OTHERS)
    if spread.size_of_group > 1:
        setting = kind_of(spread.last)
        # one choice in `size_of_group` is the case itself and void, so the mean is raised to make up for it
        mean = recall[1][setting] * spread.size_of_group / (spread.size_of_group - 1)
        for _ in range(poisson(mean, bits)):
            bits = next_bits(bits)
            if share_of(lower_half(bits)) < recall[0][setting]:
                other = _member(world.city, spread, bits)
                if other != person:
                    _find(where, other, due)
    bits = keyed_bits(key, person, _OF_OTHERS + 1)
    for _ in range(poisson(recall[1][COMMUNITY], bits)):
        bits = next_bits(bits)
        recalled = share_of(lower_half(bits)) < recall[0][COMMUNITY]
        bits = next_bits(bits)
        if recalled:
            uniform = share_of(upper_half(bits))
            target = community_target(world.city, world.draw, spread.last, uniform, next_bits(bits))
            if target >= 0 and _resolved(world.city, target) != person:
                _find(where, _resolved(world.city, target), due)


@compiled_lean()
def _effective_contacts(
    where: Where, case: int, spread: Spread, recall: Float64Array, times: tuple[int, int], key: np.uint64
) -> None:
    """Find those to whom the case could have passed the infection on so far, outside the household."""
    world = record_at(where)
    state, person = world.state, spread.person
    traits = traits_of(world.draw, person, age_of(spread.last))
    infected = whole(state.case_tick[case])
    for number in range(number_of_contacts(world.draw, person, spread.total * traits.strength)):
        offset, setting, target = contact(world.city, world.draw, spread, traits, number)
        if target < 0 or setting == 0 or infected + whole(offset * TICKS) >= times[0]:
            continue
        other = _resolved(world.city, target)
        if other != person and _recalled(key, person, _OF_CONTACTS + number, recall[setting]):
            _find(where, other, times[1])


@compiled_lean(forceinline=True)
def _recalled(key: np.uint64, person: int, which: int, probability: float) -> bool:
    return share_of(upper_half(keyed_bits(key, person, which))) < probability


@compiled_lean(forceinline=True)
def _member(city: CityTables, spread: Spread, bits: np.uint64) -> int:
    return whole(city.listing[spread.start_of_group + below_half(upper_half(bits), spread.size_of_group)])


@compiled_lean(forceinline=True)
def _resolved(city: CityTables, target: int) -> int:
    return whole(city.listing[target & _POSITION]) if target & LISTED else target


@compiled_lean()
def _find(where: Where, person: int, due: int) -> None:
    count(where, person, _FOUND)
    schedule(where, due, (person, 0), COURSE << 12 | steps.QUARANTINE, 0)
