"""One day: entries are met in order of time, contacts are thinned by the measures of the day and infect."""

from __future__ import annotations

import numpy as np

from fangxian.base.by_pointer import pointer_to, record_at
from fangxian.base.compiled import compiled, compiled_lean
from fangxian.base.counter_random import keyed_bits, unit_interval
from fangxian.base.prefetch import prefetch
from fangxian.science.agents import steps
from fangxian.science.agents.city import age_of, disease_of, place_of
from fangxian.science.agents.course import SEVERITY, happen
from fangxian.science.agents.day_tables import World
from fangxian.science.agents.draws import (
    Traits,
    contact,
    number_of_contacts,
    share_of,
    spread_of,
    traits_of,
    upper_half,
)
from fangxian.science.agents.morning import choose_seed
from fangxian.science.agents.outcome import Flow
from fangxian.science.agents.queue import (
    COURSE,
    LISTED,
    TICK_BITS,
    TICKS,
    Queue,
    UInt32Array,
    close_day,
    grown,
    needs_room,
    next_late_time,
    open_day,
    pop_late,
    put,
    waiting,
)
from fangxian.science.agents.state import APART, CASES, CLASS, INFECTED, NOBODY, TREATED
from fangxian.science.agents.whole import whole
from fangxian.science.agents.world import Where

_FAR, _NEAR, _CLOSE = 48, 28, 12
"""How many entries ahead the listing, the status and the card are asked for."""
_POSITION = LISTED - 1
_AFTER_ONSET = 1 << 10
_INFECTIONS, _SYMPTOMATIC, _IMPORTED = int(Flow.INFECTIONS), int(Flow.SYMPTOMATIC), int(Flow.IMPORTED)
NO_SETTING = -1


@compiled(nogil=True)
def advance(world: World, day: int) -> Queue:
    """Let one day pass.

    Returns
    -------
    Queue
        The queue, grown if there was need.
    """
    queue = world.queue
    today = open_day(queue, day)
    at = _run(pointer_to(_with(world, queue)), today, 0)
    while at < len(today) - 1 or waiting(queue) > 0:
        queue = grown(queue, 0)
        at = _run(pointer_to(_with(world, queue)), today, at)
    close_day(queue)
    return queue


@compiled(nogil=True)
def _with(world: World, queue: Queue) -> World:
    return World(world.city, world.draw, world.course, world.meeting, world.action, world.state, queue)


@compiled_lean()
def _run(where: Where, today: UInt32Array, at: int) -> int:
    """Meet entries from one on, until the day is over or the queue needs room; return the next entry."""
    world = record_at(where)
    queue = world.queue
    count = len(today) - 1
    start = queue.marks[0] << TICK_BITS
    while not needs_room(queue):
        late = waiting(queue) > 0
        row = at
        if at < count:
            _look_ahead(world, today, at)
            late = late and (whole(today[at, 2]) >> 15) > next_late_time(queue)
        elif not late:
            break
        if late:
            row = count  # the spare one
            from_row = pop_late(queue)
            for word in range(4):
                today[row, word] = queue.late[from_row, word]
        else:
            at += 1
        _meet(where, world, today, row, start)
    return at


@compiled_lean(forceinline=True)
def _look_ahead(world: World, today: UInt32Array, at: int) -> None:
    """Ask for what entries further on will touch: the listing, then the status, then the card."""
    city, status = world.city, world.state.status
    count = len(today) - 1
    if at + _FAR < count:
        word = whole(today[at + _FAR, 0])
        if word & LISTED:
            prefetch(city.listing, word & _POSITION)
        else:
            prefetch(status, word)
    if at + _NEAR < count:
        word = whole(today[at + _NEAR, 0])
        if word & LISTED:
            person = city.listing[word & _POSITION]
            today[at + _NEAR, 0] = person
            prefetch(status, whole(person))
    if at + _CLOSE < count:
        word = whole(today[at + _CLOSE, 0])
        if not word & LISTED and status[word] < INFECTED:
            prefetch(city.card, 4 * word)


@compiled_lean(forceinline=True)
def _meet(where: Where, world: World, rows: UInt32Array, row: int, start: int) -> None:
    """Let one entry happen."""
    state = world.state
    person = whole(rows[row, 0])
    infector = whole(rows[row, 1])
    label = whole(rows[row, 2])
    last_word = whole(rows[row, 3])
    kind = (label >> 12) & 7
    tick = start + (label >> 15)
    if kind == COURSE:
        step = label & 4095
        if step == steps.ONSET and not last_word and not world.action.testing:
            last = whole(world.city.card[4 * person + 3])
            state.flow[_SYMPTOMATIC, place_of(last), age_of(last)] += 1
            return
        if step != steps.IMPORT:
            happen(where, person, infector, step, tick, last_word)
            return
        if state.status[person] & INFECTED:
            return
        infector, kind = NOBODY, NO_SETTING
        last = whole(world.city.card[4 * person + 3])
        state.flow[_IMPORTED, place_of(last), age_of(last)] += 1
    else:
        if person & LISTED:
            person = whole(world.city.listing[person & _POSITION])
        if state.status[person] & INFECTED:
            return
        if world.meeting.active or world.meeting.uneven:
            kept = _kept(world, person, infector, kind, last_word)
            if kept < 1.0:
                luck = unit_interval(keyed_bits(world.meeting.key, infector, label & 4095))
                if luck >= kept:
                    return
    _infect(world, person, tick, infector, kind)


@compiled_lean(forceinline=True)
def _kept(world: World, person: int, infector: int, setting: int, extra: int) -> float:
    """Return the probability that an effective contact at its ceiling infects today."""
    meeting, state = world.meeting, world.state
    last = whole(world.city.card[4 * person + 3])
    place, age = place_of(last), age_of(last)
    status = whole(state.status[person])
    kept = meeting.susceptibility[age] * (1.0 - meeting.protection[status & CLASS])
    if not meeting.active:
        return float(kept)
    other_place, other_age = extra >> 16, (extra >> 11) & 31
    kept *= min(meeting.kept[place, setting, age], meeting.kept[other_place, setting, other_age])
    if extra & _AFTER_ONSET:
        kept *= meeting.symptomatic[other_place, setting]
    if place != other_place:
        kept *= min(meeting.travel[place], meeting.travel[other_place])
    leak = 1.0
    if status & APART:
        leak = meeting.leak[place, whole(state.apart[person]) >> 29, setting]
    if state.status[infector] & APART:
        leak = min(leak, meeting.leak[other_place, whole(state.apart[infector]) >> 29, setting])
    if meeting.treated < 1.0 and state.case_flags[whole(state.case_of[infector])] & TREATED:
        kept *= meeting.treated
    return float(kept * leak)


@compiled_lean(forceinline=True)
def _infect(world: World, person: int, tick: int, infector: int, setting: int) -> None:
    """Infect a person and put all that this person could pass on, and its course, into the queue."""
    state, draw = world.state, world.draw
    state.status[person] |= np.uint8(INFECTED)
    case = state.counter[CASES]
    state.counter[CASES] = case + 1
    state.case_of[person] = np.uint32(case)
    state.case_person[case] = np.uint32(person)
    state.case_infector[case] = np.uint32(infector)
    state.case_tick[case] = np.uint32(tick)
    state.case_setting[case] = np.int8(setting)
    spread = spread_of(world.city, draw, person)
    place, age = place_of(spread.last), age_of(spread.last)
    state.flow[_INFECTIONS, place, age] += 1
    traits = traits_of(draw, person, age)
    if draw.clinical and traits.symptomatic:
        _fall_ill(world, person, case, tick, traits)
    extra = place << 16 | age << 11
    for number in range(number_of_contacts(draw, person, spread.total * traits.strength)):
        offset, where, target = contact(world.city, draw, spread, traits, number)
        if target < 0 or (where == 0 and state.status[target] & INFECTED):
            continue  # nobody, or a member of the household who is infected already
        after = _AFTER_ONSET if traits.symptomatic and offset >= traits.onset else 0
        put(
            world.queue,
            tick + whole(offset * TICKS),
            (target, person),
            where << 12 | number,
            extra | after,
        )


@compiled_lean(forceinline=True)
def _fall_ill(world: World, person: int, case: int, tick: int, traits: Traits) -> None:
    draw = world.draw
    last = whole(world.city.card[4 * person + 3])
    status = whole(world.state.status[person])
    severe = min(draw.severe[age_of(last)] * draw.severe_by_disease[disease_of(last)], 1.0)
    severe *= 1.0 - world.meeting.severe_protection[status & CLASS]
    luck = share_of(upper_half(keyed_bits(world.course.key, person, SEVERITY)))
    due = tick + whole(traits.onset * TICKS)
    put(world.queue, due, (person, case), COURSE << 12 | steps.ONSET, 1 if luck < severe else 0)


@compiled_lean()
def seed_exact(where: Where, day: int, place: int, number: int, key: np.uint64) -> int:
    """Infect a number of people of a place at the start of a day; return how many want of room leaves."""
    world = record_at(where)
    for each in range(number):
        if needs_room(world.queue):
            return number - each
        bits = keyed_bits(key, place, (day << 32) + number - each)
        person = choose_seed(where, place, bits)
        if person < 0:
            return 0
        last = whole(world.city.card[4 * person + 3])
        world.state.flow[_IMPORTED, place_of(last), age_of(last)] += 1
        _infect(world, person, day << TICK_BITS, NOBODY, NO_SETTING)
    return 0
