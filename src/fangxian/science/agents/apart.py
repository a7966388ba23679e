"""Keeping people apart: at home, in a central room, in a bed."""

from __future__ import annotations

import numpy as np

from fangxian.base.by_pointer import record_at
from fangxian.base.compiled import compiled_lean
from fangxian.science.agents.city import age_of, place_of
from fangxian.science.agents.measures import Stay
from fangxian.science.agents.outcome import Stock
from fangxian.science.agents.queue import COURSE
from fangxian.science.agents.state import APART, State
from fangxian.science.agents.steps import END_APART
from fangxian.science.agents.whole import whole
from fangxian.science.agents.world import Where, pool_of, schedule

NOWHERE, HOME, ROOM, WARD = int(Stay.NOWHERE), int(Stay.HOME), int(Stay.ROOM), int(Stay.WARD)
_AT_HOME, _IN_ROOMS = int(Stock.AT_HOME_APART), int(Stock.IN_ROOMS)
_UNTIL = (1 << 29) - 1
_COARSER = 5
"""Ticks are kept without their last five bits, so that the end of a stay fits beside its kind."""


@compiled_lean(forceinline=True)
def stay_of(state: State, person: int) -> int:
    """Return where a person is kept apart."""
    if state.status[person] & APART:
        return whole(state.apart[person]) >> 29
    return NOWHERE


@compiled_lean()
def set_stay(where: Where, person: int, stay: int, until: int) -> None:
    """Move a person to a stay until a tick, and count."""
    world = record_at(where)
    state = world.state
    last = whole(world.city.card[4 * person + 3])
    place, age = place_of(last), age_of(last)
    before = stay_of(state, person)
    if before == HOME:
        state.stock[_AT_HOME, place, age] -= 1
    elif before == ROOM:
        state.stock[_IN_ROOMS, place, age] -= 1
        state.rooms_used[whole(world.city.pool_of_place[place])] -= 1
    if stay == HOME:
        state.stock[_AT_HOME, place, age] += 1
    elif stay == ROOM:
        state.stock[_IN_ROOMS, place, age] += 1
        state.rooms_used[whole(world.city.pool_of_place[place])] += 1
    if stay == NOWHERE:
        state.status[person] &= np.uint8(255 - APART)
    else:
        state.status[person] |= np.uint8(APART)
        state.apart[person] = np.uint32(stay << 29 | min(until >> _COARSER, _UNTIL))


@compiled_lean()
def keep_apart(where: Where, person: int, tick: int, length: int, seeks_room: bool) -> bool:
    """Keep a person apart from now on; return whether it was not apart before.

    A person in a bed, or dead, is left there; one who is apart already stays for the longer time.
    """
    world = record_at(where)
    state = world.state
    before = stay_of(state, person)
    if before >= WARD:
        return False
    until = tick + length
    stay = HOME
    if before != NOWHERE:
        until = max(until, (whole(state.apart[person]) & _UNTIL) << _COARSER)
        stay = before
    if stay == HOME and seeks_room:
        pool = pool_of(where, person)
        if state.rooms_used[pool] < world.action.rooms[pool]:
            stay = ROOM
    set_stay(where, person, stay, until)
    schedule(where, until, (person, 0), COURSE << 12 | END_APART, 0)
    return before == NOWHERE


@compiled_lean()
def end_apart(where: Where, person: int, tick: int) -> None:
    """Let a person go whose time is over, unless it was prolonged or the person is in a bed."""
    world = record_at(where)
    stay = stay_of(world.state, person)
    if stay in (HOME, ROOM) and whole(world.state.apart[person]) & _UNTIL <= tick >> _COARSER:
        set_stay(where, person, NOWHERE, 0)
