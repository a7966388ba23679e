"""The steps of one person's course, each when it falls due."""

from __future__ import annotations

import numpy as np

from fangxian.base.by_pointer import record_at
from fangxian.base.compiled import compiled_lean
from fangxian.base.counter_random import keyed_bits
from fangxian.science.agents import steps
from fangxian.science.agents.apart import end_apart, keep_apart, stay_of
from fangxian.science.agents.beds import (
    INTENSIVE,
    OUTCOME,
    WARD,
    count,
    die_without_care,
    leave_bed,
    need_bed,
    wait_over,
)
from fangxian.science.agents.city import age_of, place_of
from fangxian.science.agents.delays import delay_at
from fangxian.science.agents.draws import lower_half, share_of, traits_of, upper_half
from fangxian.science.agents.measures import NO_TEST, Stay
from fangxian.science.agents.outcome import Flow
from fangxian.science.agents.queue import COURSE, TICK_BITS, TICKS
from fangxian.science.agents.state import (
    CASES,
    CONFIRMED,
    CRITICAL,
    DEAD,
    INFECTED,
    SEVERE,
    TO_TRACE,
    TREATED,
)
from fangxian.science.agents.whole import whole
from fangxian.science.agents.world import Where, home_of, pool_of, schedule

_SYMPTOMATIC, _TESTS, _POSITIVES = int(Flow.SYMPTOMATIC), int(Flow.TESTS), int(Flow.POSITIVES)
_REPORTED, _VISITS = int(Flow.REPORTED), int(Flow.FEVER_CLINIC_VISITS)
_SEVERE, _CRITICAL, _ISOLATED = int(Flow.SEVERE), int(Flow.CRITICAL), int(Flow.CASES_ISOLATED)
_QUARANTINED, _COURSES = int(Flow.CONTACTS_QUARANTINED), int(Flow.ANTIVIRAL_COURSES)
_FOUND, _ROOM, _WARD = int(Flow.CONTACTS_FOUND), int(Stay.ROOM), int(Stay.WARD)

SEVERITY, SEEKING, SAMPLING, COMPLYING, DELAYS = 0, 5, 6, 7, 2
"""Which draws of a course: severe and critical; clinic and test; sample delay and its result; complying as a
case and as a contact; onset to severe and severe to critical."""
_CONTACT_TESTS = 64


@compiled_lean()
def happen(where: Where, person: int, case: int, step: int, tick: int, last_word: int) -> None:  # noqa: C901 -- one branch a step
    """Let one step of a course happen."""
    world = record_at(where)
    if step == steps.ONSET:
        _onset(where, person, case, tick, last_word)
    elif step == steps.SAMPLE:
        _sample(where, person, case, tick, last_word)
    elif step == steps.CONFIRM:
        _confirm(where, person, case, tick)
    elif step == steps.REPORT:
        count(where, person, _REPORTED)
    elif step == steps.SEVERE:
        _severe(where, person, case, tick)
    elif step == steps.CRITICAL:
        if not world.state.case_flags[case] & DEAD:
            count(where, person, _CRITICAL)
            need_bed(where, case, INTENSIVE, tick)
    elif step == steps.WARD_WAIT_OVER:
        wait_over(where, case, WARD, tick, last_word)
    elif step == steps.INTENSIVE_WAIT_OVER:
        wait_over(where, case, INTENSIVE, tick, last_word)
    elif step == steps.LEAVE_WARD:
        leave_bed(where, case, WARD, tick, last_word)
    elif step == steps.LEAVE_INTENSIVE:
        leave_bed(where, case, INTENSIVE, tick, last_word)
    elif step == steps.DEATH:
        die_without_care(where, case, tick)
    elif step == steps.QUARANTINE:
        _quarantine(where, person, tick)
    elif step == steps.CONTACT_TEST:
        _test_contact(where, person, case, tick)
    elif step == steps.END_APART:
        end_apart(where, person, tick)


@compiled_lean()
def _onset(where: Where, person: int, case: int, tick: int, severe: int) -> None:
    world = record_at(where)
    count(where, person, _SYMPTOMATIC)
    action = world.action
    if action.testing:
        last = whole(world.city.card[4 * person + 3])
        place, age = place_of(last), age_of(last)
        bits = keyed_bits(world.course.key, person, SEEKING)
        visits = 1 if share_of(upper_half(bits)) < action.clinic_share[place, age] else 0
        tested = 2 if share_of(lower_half(bits)) < action.test_share[place, age] else 0
        if visits + tested > 0:
            bits = keyed_bits(world.course.key, person, SAMPLING)
            table = action.sample_delay[action.sample_delay_of[place]]
            due = tick + whole(delay_at(table, upper_half(bits)) * TICKS)
            schedule(where, due, (person, case), COURSE << 12 | steps.SAMPLE, visits + tested)
    if severe:
        bits = keyed_bits(world.course.key, person, DELAYS)
        due = tick + whole(delay_at(world.course.onset_to_severe, upper_half(bits)) * TICKS)
        schedule(where, due, (person, case), COURSE << 12 | steps.SEVERE, 0)


@compiled_lean()
def sensitivity_on(table: np.ndarray, tick: int, infected: int) -> float:
    """Return the sensitivity of a test at a time, by whole days since infection."""
    days = (tick - infected) >> TICK_BITS
    return table[days] if 0 <= days < len(table) else 0.0


@compiled_lean()
def _sample(where: Where, person: int, case: int, tick: int, what: int) -> None:
    world = record_at(where)
    if stay_of(world.state, person) >= _WARD and world.state.case_flags[case] & DEAD:
        return
    if what & 1:
        count(where, person, _VISITS)
    if what & 2 and not world.state.case_flags[case] & CONFIRMED:
        count(where, person, _TESTS)
        action = world.action
        place = home_of(where, person)
        table = world.course.antigen
        if action.by_pcr[place]:
            table = world.course.pcr
            world.state.tubes[place] += 1
        chance = sensitivity_on(table, tick, whole(world.state.case_tick[case]))
        if share_of(lower_half(keyed_bits(world.course.key, person, SAMPLING))) < chance:
            due = tick + action.result_ticks[place]
            schedule(where, due, (person, case), COURSE << 12 | steps.CONFIRM, 0)


@compiled_lean()
def _confirm(where: Where, person: int, case: int, tick: int) -> None:
    world = record_at(where)
    state, action = world.state, world.action
    if state.case_flags[case] & (CONFIRMED | DEAD):
        return
    state.case_flags[case] |= np.uint16(CONFIRMED)
    count(where, person, _POSITIVES)
    place = home_of(where, person)
    schedule(where, tick + action.report_ticks[place], (person, case), COURSE << 12 | steps.REPORT, 0)
    if action.isolation:
        share = share_of(upper_half(keyed_bits(world.course.key, person, COMPLYING)))
        if share < action.case_share[place] and stay_of(state, person) < _WARD:
            keep_apart(where, person, tick, action.case_ticks[place], action.cases_in_rooms[place])
            count(where, person, _ISOLATED)
    if action.antivirals and state.antivirals[pool_of(where, person)] > 0:
        _treat(where, person, case, tick)
    if action.tracing:
        row = state.counter[TO_TRACE]
        state.counter[TO_TRACE] = row + 1
        state.trace_case[row] = np.uint32(case)
        state.trace_tick[row] = np.uint32(tick)


@compiled_lean()
def _treat(where: Where, person: int, case: int, tick: int) -> None:
    """Give an antiviral to a case of the right age, with symptoms, in time and not yet severe."""
    world = record_at(where)
    state = world.state
    last = whole(world.city.card[4 * person + 3])
    age = age_of(last)
    if age < world.action.antiviral_age[place_of(last)] or state.case_flags[case] & SEVERE:
        return
    traits = traits_of(world.draw, person, age)
    onset = whole(state.case_tick[case]) + whole(traits.onset * TICKS)
    if traits.symptomatic and onset <= tick <= onset + world.action.antiviral_window_ticks:
        state.case_flags[case] |= np.uint16(TREATED)
        state.antivirals[pool_of(where, person)] -= 1
        count(where, person, _COURSES)


@compiled_lean()
def _severe(where: Where, person: int, case: int, tick: int) -> None:
    world = record_at(where)
    state, course = world.state, world.course
    if state.case_flags[case] & TREATED:
        luck = share_of(lower_half(keyed_bits(course.key, person, OUTCOME)))
        if luck < course.antiviral_efficacy:
            return
    state.case_flags[case] |= np.uint16(SEVERE)
    count(where, person, _SEVERE)
    age = age_of(whole(world.city.card[4 * person + 3]))
    if share_of(lower_half(keyed_bits(course.key, person, SEVERITY))) < course.critical[age]:
        state.case_flags[case] |= np.uint16(CRITICAL)
        bits = keyed_bits(course.key, person, DELAYS)
        due = tick + whole(delay_at(course.severe_to_critical, lower_half(bits)) * TICKS)
        schedule(where, due, (person, case), COURSE << 12 | steps.CRITICAL, 0)
    need_bed(where, case, WARD, tick)


@compiled_lean()
def _quarantine(where: Where, person: int, tick: int) -> None:
    world = record_at(where)
    action = world.action
    if not action.isolation:
        return
    place = home_of(where, person)
    share = share_of(lower_half(keyed_bits(world.course.key, person, COMPLYING)))
    if share >= action.contact_share[place] or stay_of(world.state, person) >= _WARD:
        return
    if not keep_apart(where, person, tick, action.contact_ticks[place], action.contacts_in_rooms[place]):
        return
    count(where, person, _QUARANTINED)
    test_days = action.contact_test_days[place]
    for number in range(len(test_days)):
        if test_days[number] != NO_TEST:
            due = tick + (test_days[number] << TICK_BITS)
            schedule(where, due, (person, number), COURSE << 12 | steps.CONTACT_TEST, 0)


@compiled_lean()
def _test_contact(where: Where, person: int, number: int, tick: int) -> None:
    """Test a contact who is still apart; one infected meanwhile is found by a later test."""
    world = record_at(where)
    state = world.state
    stay = stay_of(state, person)
    if not 1 <= stay <= _ROOM:
        return
    infected = state.status[person] & INFECTED
    case = whole(state.case_of[person]) if infected else state.counter[CASES]
    if infected and state.case_flags[case] & CONFIRMED:
        return
    count(where, person, _TESTS)
    place = home_of(where, person)
    state.tubes[place] += 1
    if not infected:
        return
    infected_at = whole(state.case_tick[case])
    bits = keyed_bits(world.course.key, person, _CONTACT_TESTS + number)
    if share_of(upper_half(bits)) < sensitivity_on(world.course.pcr, tick, infected_at):
        due = tick + world.action.contact_result_ticks[place]
        schedule(where, due, (person, case), COURSE << 12 | steps.CONFIRM, 0)
