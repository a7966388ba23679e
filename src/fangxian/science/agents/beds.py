"""Beds: who gets one, who waits, who is refused, and what becomes of each."""

from __future__ import annotations

import numpy as np

from fangxian.base.by_pointer import record_at
from fangxian.base.compiled import compiled_lean
from fangxian.base.counter_random import keyed_bits
from fangxian.science.agents.apart import NOWHERE, set_stay
from fangxian.science.agents.city import age_of, place_of
from fangxian.science.agents.delays import delay_at
from fangxian.science.agents.draws import lower_half, share_of, upper_half
from fangxian.science.agents.measures import Stay
from fangxian.science.agents.outcome import Flow, Stock
from fangxian.science.agents.queue import COURSE, TICKS
from fangxian.science.agents.state import (
    CLASS,
    CRITICAL,
    DEAD,
    IN_INTENSIVE,
    IN_WARD,
    INTENSIVE_REFUSED,
    INTENSIVE_WAIT,
    NOBODY,
    TREATED,
    WARD_REFUSED,
    WARD_WAIT,
)
from fangxian.science.agents.steps import (
    DEATH,
    INTENSIVE_WAIT_OVER,
    LEAVE_INTENSIVE,
    LEAVE_WARD,
    WARD_WAIT_OVER,
)
from fangxian.science.agents.whole import whole
from fangxian.science.agents.world import Where, home_of, pool_of, schedule

WARD, INTENSIVE = 0, 1
WITH_BED, WITHOUT_BED = 0, 1
OPEN, USED, FIRST, LAST = range(4)
_IN_BED = (IN_WARD, IN_INTENSIVE)
_WAITS = (WARD_WAIT, INTENSIVE_WAIT)
_REFUSED = (WARD_REFUSED, INTENSIVE_REFUSED)
_WAIT_OVER = (WARD_WAIT_OVER, INTENSIVE_WAIT_OVER)
_LEAVE = (LEAVE_WARD, LEAVE_INTENSIVE)
_STAY = (int(Stay.WARD), int(Stay.INTENSIVE_CARE))
_DEAD = int(Stay.DEAD)
_ADMITTED = (int(Flow.ADMISSIONS), int(Flow.INTENSIVE_CARE_ADMISSIONS))
_TURNED_AWAY = (int(Flow.REFUSED_WARD), int(Flow.REFUSED_INTENSIVE_CARE))
_STOCK = (int(Stock.IN_WARD), int(Stock.IN_INTENSIVE_CARE))
_STOCK_WAITING = (int(Stock.WAITING_WARD), int(Stock.WAITING_INTENSIVE_CARE))
_DISCHARGES, _DEATHS = int(Flow.DISCHARGES), int(Flow.DEATHS)
_DEATHS_WITHOUT_CARE = int(Flow.DEATHS_WITHOUT_CARE)
OUTCOME, LENGTHS, UNTREATED = 1, 3, 4
"""Which draws of a course: death and antiviral; ward and intensive-care stay; untreated to death."""
_ENDLESS = 1 << 33


@compiled_lean()
def count(where: Where, person: int, flow: int) -> None:
    """Count a person in a flow of today."""
    world = record_at(where)
    last = whole(world.city.card[4 * person + 3])
    world.state.flow[flow, place_of(last), age_of(last)] += 1


@compiled_lean()
def count_stock(where: Where, person: int, stock: int, change: int) -> None:
    """Count a person in or out of a stock."""
    world = record_at(where)
    last = whole(world.city.card[4 * person + 3])
    world.state.stock[stock, place_of(last), age_of(last)] += change


@compiled_lean()
def dies(where: Where, person: int, which: int, care: int) -> bool:
    """Return whether a person dies, with the bed or without; who dies with it also dies without."""
    world = record_at(where)
    last = whole(world.city.card[4 * person + 3])
    probability = world.course.death[which, care, age_of(last)]
    probability *= 1.0 - world.meeting.death_protection[whole(world.state.status[person]) & CLASS]
    if world.state.case_flags[whole(world.state.case_of[person])] & TREATED:
        probability *= 1.0 - world.course.antiviral_death_efficacy
    return bool(share_of(upper_half(keyed_bits(world.course.key, person, OUTCOME))) < probability)


@compiled_lean()
def need_bed(where: Where, case: int, which: int, tick: int) -> None:
    """Give a case a bed or let it wait for one."""
    world = record_at(where)
    state = world.state
    person = whole(state.case_person[case])
    bed = state.bed[which, pool_of(where, person)]
    if bed[USED] < bed[OPEN]:
        _occupy(where, case, which, tick)
        if which == INTENSIVE:
            fill(where, pool_of(where, person), WARD, tick)  # the ward bed it may have left
        return
    state.case_flags[case] |= np.uint16(_WAITS[which])
    state.bed_next[which, case] = np.uint32(NOBODY)
    if bed[FIRST] < 0:
        bed[FIRST] = case
    else:
        state.bed_next[which, bed[LAST]] = np.uint32(case)
    bed[LAST] = case
    count_stock(where, person, _STOCK_WAITING[which], 1)
    place = home_of(where, person)
    due = tick + world.action.longest_wait_ticks[place]
    schedule(where, due, (person, case), COURSE << 12 | _WAIT_OVER[which], tick)


@compiled_lean()
def fill(where: Where, pool: int, which: int, tick: int) -> None:
    """Give free beds to those who wait, first come first served."""
    world = record_at(where)
    state = world.state
    bed = state.bed[which, pool]
    while bed[FIRST] >= 0 and bed[USED] < bed[OPEN]:
        case = bed[FIRST]
        following = whole(state.bed_next[which, case])
        bed[FIRST] = -1 if following == NOBODY else following
        if state.case_flags[case] & _WAITS[which]:
            _stop_waiting(where, case, which)
            _occupy(where, case, which, tick)


@compiled_lean()
def _stop_waiting(where: Where, case: int, which: int) -> None:
    world = record_at(where)
    world.state.case_flags[case] &= np.uint16(65535 - _WAITS[which])
    count_stock(where, whole(world.state.case_person[case]), _STOCK_WAITING[which], -1)


@compiled_lean()
def _leave(where: Where, case: int, which: int) -> None:
    """Free the bed of a case; the caller fills it."""
    world = record_at(where)
    state = world.state
    person = whole(state.case_person[case])
    state.case_flags[case] &= np.uint16(65535 - _IN_BED[which])
    state.bed[which, pool_of(where, person), USED] -= 1
    count_stock(where, person, _STOCK[which], -1)


@compiled_lean()
def _occupy(where: Where, case: int, which: int, tick: int) -> None:
    world = record_at(where)
    state = world.state
    person = whole(state.case_person[case])
    if which == INTENSIVE:
        if state.case_flags[case] & IN_WARD:
            _leave(where, case, WARD)
        if state.case_flags[case] & WARD_WAIT:
            _stop_waiting(where, case, WARD)
    state.case_flags[case] |= np.uint16(_IN_BED[which])
    state.bed[which, pool_of(where, person), USED] += 1
    count(where, person, _ADMITTED[which])
    count_stock(where, person, _STOCK[which], 1)
    set_stay(where, person, _STAY[which], _ENDLESS)
    flags = state.case_flags[case]
    if which == INTENSIVE or not flags & CRITICAL:
        _plan_leaving(where, case, which, tick, 1 if dies(where, person, which, WITH_BED) else 0)
    elif flags & INTENSIVE_REFUSED and not dies(where, person, INTENSIVE, WITHOUT_BED):
        _plan_leaving(where, case, which, tick, 0)


@compiled_lean()
def _plan_leaving(where: Where, case: int, which: int, tick: int, by_death: int) -> None:
    world = record_at(where)
    person = whole(world.state.case_person[case])
    bits = keyed_bits(world.course.key, person, LENGTHS)
    if which == WARD:
        length = delay_at(world.course.stay[0], upper_half(bits))
    else:
        length = delay_at(world.course.stay[1], lower_half(bits))
    due = tick + whole(length * TICKS)
    schedule(where, due, (person, case), COURSE << 12 | _LEAVE[which], by_death)


@compiled_lean()
def wait_over(where: Where, case: int, which: int, tick: int, needed: int) -> None:
    """Refuse a case that still waits: it dies without the bed, or recovers without."""
    world = record_at(where)
    state = world.state
    if not state.case_flags[case] & _WAITS[which]:
        return
    person = whole(state.case_person[case])
    _stop_waiting(where, case, which)
    state.case_flags[case] |= np.uint16(_REFUSED[which])
    count(where, person, _TURNED_AWAY[which])
    if which == WARD and state.case_flags[case] & CRITICAL:
        return  # its fate is decided in intensive care, or by not finding it
    if dies(where, person, which, WITHOUT_BED):
        bits = keyed_bits(world.course.key, person, UNTREATED)
        due = max(tick, needed + whole(delay_at(world.course.untreated_to_death, upper_half(bits)) * TICKS))
        schedule(where, due, (person, case), COURSE << 12 | DEATH, 0)
    elif state.case_flags[case] & IN_WARD:
        _plan_leaving(where, case, WARD, tick, 0)


@compiled_lean()
def leave_bed(where: Where, case: int, which: int, tick: int, by_death: int) -> None:
    """Let a case leave its bed, alive or dead, and give the bed on."""
    world = record_at(where)
    state = world.state
    if not state.case_flags[case] & _IN_BED[which] or state.case_flags[case] & DEAD:
        return
    person = whole(state.case_person[case])
    _leave(where, case, which)
    if by_death:
        _bury(where, case)
    else:
        count(where, person, _DISCHARGES)
        set_stay(where, person, NOWHERE, 0)
    _fill_both(where, pool_of(where, person), tick)


@compiled_lean()
def die_without_care(where: Where, case: int, tick: int) -> None:
    """Let a case die that did not get the bed it needed."""
    world = record_at(where)
    state = world.state
    flags = state.case_flags[case]
    person = whole(state.case_person[case])
    if flags & DEAD:
        return
    if flags & IN_WARD:
        _leave(where, case, WARD)
    if flags & WARD_WAIT:
        _stop_waiting(where, case, WARD)
    count(where, person, _DEATHS_WITHOUT_CARE)
    _bury(where, case)
    _fill_both(where, pool_of(where, person), tick)


@compiled_lean()
def _bury(where: Where, case: int) -> None:
    world = record_at(where)
    person = whole(world.state.case_person[case])
    world.state.case_flags[case] |= np.uint16(DEAD)
    count(where, person, _DEATHS)
    set_stay(where, person, _DEAD, _ENDLESS)


@compiled_lean()
def _fill_both(where: Where, pool: int, tick: int) -> None:
    fill(where, pool, INTENSIVE, tick)  # first: it may free beds of the ward
    fill(where, pool, WARD, tick)
