"""Slack induction by string removals: tear neighbouring pieces out of a few rounds, put them back greedily.

Christiaens J, Vanden Berghe G. Slack induction by string removals for vehicle routing problems.
Transportation Science 2020;54:417-433. DOI 10.1287/trsc.2019.0914. What is new here: the best place of a
request in a round is remembered by the content of the round, so that only the few rounds an attempt touched
are searched again, and a blink skips a whole round instead of one place.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fangxian.base.by_pointer import pointer_to, record_at
from fangxian.base.compiled import compiled_lean
from fangxian.base.counter_random import below, next_bits, unit_interval
from fangxian.logistics.routing.route_kernel import (
    NEVER,
    Instance,
    Integers,
    Pointer,
    Rounds,
    Small,
    best_insertion,
    insert,
    refresh,
    remove_marked,
)

LONGEST_STRING = 10
ATTEMPTS, STAMPS, TOUCHED, ABSENT, LONGEST, SEEN = range(6)
"""What ``Memory.counter`` counts; ``LONGEST`` is the longest string of this attempt."""


class Memory(NamedTuple):
    """Room to work in: remembered insertions, copies of the rounds touched, and lists."""

    known_stamp: Integers
    known_cost: Integers
    known_places: Small
    marked: NDArray[np.bool_]
    absent: Integers
    touched: Integers
    touched_in: Integers
    key: Integers
    seen_alike: Integers
    counter: Integers
    bits: NDArray[np.uint64]


class Dials(NamedTuple):
    """How hard to tear: mean stops removed, chance to keep a piece inside a string, chance to blink."""

    removed: float
    keep: float
    blink: float


@compiled_lean()
def _chance(memory_at: Pointer) -> float:
    memory = record_at(memory_at)
    memory.bits[0] = next_bits(memory.bits[0])
    return unit_interval(memory.bits[0])


@compiled_lean()
def _pick(memory_at: Pointer, count: int) -> int:
    memory = record_at(memory_at)
    memory.bits[0] = next_bits(memory.bits[0])
    return below(memory.bits[0], count)


@compiled_lean()
def copy_round(source_at: Pointer, target_at: Pointer, vehicle: int) -> None:
    """Copy one vehicle's round, its clock included."""
    source, target = record_at(source_at), record_at(target_at)
    count = source.length[vehicle]
    for place in range(count):
        target.stop[vehicle, place] = source.stop[vehicle, place]
        target.begin[vehicle, place] = source.begin[vehicle, place]
        target.latest[vehicle, place] = source.latest[vehicle, place]
        target.aboard[vehicle, place] = source.aboard[vehicle, place]
    target.length[vehicle] = count
    target.metres[vehicle] = source.metres[vehicle]
    target.stamp[vehicle] = source.stamp[vehicle]


@compiled_lean()
def _touch(rounds_at: Pointer, saved_at: Pointer, memory_at: Pointer, vehicle: int) -> None:
    """Remember a round as it was before this attempt."""
    memory = record_at(memory_at)
    if memory.touched_in[vehicle] != memory.counter[ATTEMPTS]:
        memory.touched_in[vehicle] = memory.counter[ATTEMPTS]
        copy_round(rounds_at, saved_at, vehicle)
        memory.touched[memory.counter[TOUCHED]] = vehicle
        memory.counter[TOUCHED] += 1


@compiled_lean()
def _renew(given_at: Pointer, rounds_at: Pointer, memory_at: Pointer, vehicle: int) -> bool:
    rounds, memory = record_at(rounds_at), record_at(memory_at)
    memory.counter[STAMPS] += 1
    rounds.stamp[vehicle] = memory.counter[STAMPS]
    return refresh(given_at, rounds_at, vehicle)


@compiled_lean()
def _mark_string(given_at: Pointer, rounds_at: Pointer, memory_at: Pointer, around: int, keep: float) -> None:
    """Mark the requests of a string of stops that holds the pickup of ``around``."""
    given, rounds, memory = record_at(given_at), record_at(rounds_at), record_at(memory_at)
    vehicle = rounds.vehicle[around]
    count = rounds.length[vehicle]
    where = 0
    while rounds.stop[vehicle, where] != 2 * around:
        where += 1
    size = 1 + _pick(memory_at, min(count, memory.counter[LONGEST]))
    spared = 0
    if size > 1 and size < count and _chance(memory_at) < 0.5:
        spared = 1
        while size + spared < count and _chance(memory_at) > keep:
            spared += 1
    whole = size + spared
    low = max(0, where - whole + 1)
    high = min(where, count - whole)
    begin = low + _pick(memory_at, high - low + 1)
    hole = begin + 1 + (_pick(memory_at, size - 1) if spared else 0)
    for place in range(begin, begin + whole):
        request = rounds.stop[vehicle, place] // 2
        if (place < hole or place >= hole + spared) and given.movable[request]:
            memory.marked[request] = True
    memory.marked[around] = True


@compiled_lean()
def _take_out(given_at: Pointer, rounds_at: Pointer, memory_at: Pointer, vehicle: int) -> None:
    rounds, memory = record_at(rounds_at), record_at(memory_at)
    for place in range(rounds.length[vehicle]):
        request = rounds.stop[vehicle, place] // 2
        if memory.marked[request] and (rounds.stop[vehicle, place] % 2 == 0):
            memory.absent[memory.counter[ABSENT]] = request
            memory.counter[ABSENT] += 1
    remove_marked(rounds_at, vehicle, memory.marked)


@compiled_lean()
def _tear(given_at: Pointer, rounds_at: Pointer, saved_at: Pointer, memory_at: Pointer, dials: Dials) -> None:
    """Take strings out of rounds near a request drawn at random."""
    given, rounds, memory = record_at(given_at), record_at(rounds_at), record_at(memory_at)
    requests = rounds.vehicle.shape[0]
    stops, used = 0, 0
    for vehicle in range(rounds.length.shape[0]):
        if rounds.length[vehicle] > 0:
            stops += rounds.length[vehicle]
            used += 1
    if used == 0:
        return
    longest = max(1, min(LONGEST_STRING, stops // used))
    memory.counter[LONGEST] = longest
    strings = int(1.0 + _chance(memory_at) * max(1.0, 4.0 * dials.removed / (1.0 + longest) - 1.0))
    seed = _pick(memory_at, requests)
    for rank in range(given.near.shape[1]):
        around = given.near[seed, rank]
        vehicle = rounds.vehicle[around]
        if vehicle < 0 or not given.movable[around]:
            continue
        if memory.touched_in[vehicle] == memory.counter[ATTEMPTS]:
            continue
        _touch(rounds_at, saved_at, memory_at, vehicle)
        _mark_string(given_at, rounds_at, memory_at, around, dials.keep)
        _take_out(given_at, rounds_at, memory_at, vehicle)
        if not _renew(given_at, rounds_at, memory_at, vehicle):
            # Tables that break the triangle inequality: a shorter round can be a later one. Empty it.
            for place in range(rounds.length[vehicle]):
                request = rounds.stop[vehicle, place] // 2
                memory.marked[request] = given.movable[request]
            _take_out(given_at, rounds_at, memory_at, vehicle)
            _renew(given_at, rounds_at, memory_at, vehicle)
        strings -= 1
        if strings == 0:
            break


@compiled_lean()
def _sort_absent(given_at: Pointer, memory_at: Pointer) -> None:
    """Order who is put back first: by chance, load, distance from a base, or by the window."""
    given, memory = record_at(given_at), record_at(memory_at)
    count = memory.counter[ABSENT]
    draw = _pick(memory_at, 12)
    for place in range(count):
        request = memory.absent[place]
        memory.marked[request] = False
        pickup = 2 * request
        if draw < 4:
            key = _pick(memory_at, 2**30)
        elif draw < 6:
            key = -given.load[pickup]
        elif draw < 8:
            key = -given.remote[request]
        elif draw < 9:
            key = given.remote[request]
        elif draw < 11:
            key = given.late[pickup] - given.early[pickup]
        else:
            key = given.late[pickup]
        memory.key[request] = key
    for place in range(1, count):
        request = memory.absent[place]
        lower = place - 1
        while lower >= 0 and memory.key[memory.absent[lower]] > memory.key[request]:
            memory.absent[lower + 1] = memory.absent[lower]
            lower -= 1
        memory.absent[lower + 1] = request


@compiled_lean()
def _put_back(
    given_at: Pointer, rounds_at: Pointer, saved_at: Pointer, memory_at: Pointer, blink: float
) -> None:
    """Insert each absent request where it costs least; who finds no place stays absent."""
    given, rounds, memory = record_at(given_at), record_at(rounds_at), record_at(memory_at)
    vehicles = rounds.length.shape[0]
    left = 0
    for turn in range(memory.counter[ABSENT]):
        request = memory.absent[turn]
        best, chosen = NEVER, -1
        memory.counter[SEEN] += 1
        for vehicle in range(vehicles):
            if not given.fits[request, vehicle]:
                continue
            if memory.known_stamp[request, vehicle] != rounds.stamp[vehicle]:
                cost, first, second = best_insertion(given_at, rounds_at, request, vehicle)
                memory.known_stamp[request, vehicle] = rounds.stamp[vehicle]
                memory.known_cost[request, vehicle] = cost
                memory.known_places[request, vehicle, 0] = first
                memory.known_places[request, vehicle, 1] = second
            cost = memory.known_cost[request, vehicle]
            if cost < best:
                if rounds.length[vehicle] == 0:
                    kind = given.alike[vehicle]
                    if memory.seen_alike[kind] == memory.counter[SEEN]:
                        continue
                    memory.seen_alike[kind] = memory.counter[SEEN]
                if _chance(memory_at) < blink:
                    continue
                best, chosen = cost, vehicle
        if chosen < 0 or best >= given.penalty[request]:
            memory.absent[left] = request
            left += 1
            continue
        _touch(rounds_at, saved_at, memory_at, chosen)
        places = (
            int(memory.known_places[request, chosen, 0]),
            int(memory.known_places[request, chosen, 1]),
        )
        insert(rounds_at, request, chosen, places, given.node[2 * request + 1] >= 0)
        _renew(given_at, rounds_at, memory_at, chosen)
    memory.counter[ABSENT] = left


@compiled_lean()
def total_cost(given_at: Pointer, rounds_at: Pointer) -> int:
    """Return metres driven, fixed costs of the vehicles used and penalties of who is left behind."""
    given, rounds = record_at(given_at), record_at(rounds_at)
    total = 0
    for vehicle in range(rounds.length.shape[0]):
        total += rounds.metres[vehicle]
        if rounds.length[vehicle] > 0:
            total += given.fixed[vehicle]
    for request in range(rounds.vehicle.shape[0]):
        if rounds.vehicle[request] < 0:
            total += given.penalty[request]
    return total


@compiled_lean()
def _copy_all(source_at: Pointer, target_at: Pointer) -> None:
    source, target = record_at(source_at), record_at(target_at)
    for vehicle in range(source.length.shape[0]):
        if source.stamp[vehicle] != target.stamp[vehicle]:
            copy_round(source_at, target_at, vehicle)
    for request in range(source.vehicle.shape[0]):
        target.vehicle[request] = source.vehicle[request]


@compiled_lean()
def _undo(rounds_at: Pointer, saved_at: Pointer, memory_at: Pointer) -> None:
    """Bring back the rounds that this attempt touched, and who rode in them."""
    rounds, memory = record_at(rounds_at), record_at(memory_at)
    for turn in range(memory.counter[TOUCHED]):
        vehicle = memory.touched[turn]
        for place in range(rounds.length[vehicle]):
            rounds.vehicle[rounds.stop[vehicle, place] // 2] = -1
    for turn in range(memory.counter[TOUCHED]):
        vehicle = memory.touched[turn]
        copy_round(saved_at, rounds_at, vehicle)
        for place in range(rounds.length[vehicle]):
            rounds.vehicle[rounds.stop[vehicle, place] // 2] = vehicle


@compiled_lean()
def _gather_absent(given_at: Pointer, rounds_at: Pointer, memory_at: Pointer) -> int:
    """Begin an attempt: nothing touched, and those left behind are absent; return their penalties."""
    given, rounds, memory = record_at(given_at), record_at(rounds_at), record_at(memory_at)
    memory.counter[ATTEMPTS] += 1
    memory.counter[TOUCHED] = 0
    memory.counter[ABSENT] = 0
    penalty = 0
    for request in range(rounds.vehicle.shape[0]):
        if rounds.vehicle[request] < 0:
            memory.absent[memory.counter[ABSENT]] = request
            memory.counter[ABSENT] += 1
            penalty += given.penalty[request]
    return penalty


@compiled_lean()
def mend_once(given: Instance, states: tuple[Rounds, Rounds, Rounds], memory: Memory) -> int:
    """Wind the clocks of the present plan, put everybody absent where they cost least; return the cost.

    Parameters
    ----------
    given : Instance
    states : tuple of Rounds
        The present plan, the best so far, and room for copies. The first two are changed in place.
    memory : Memory
        Fresh.
    """
    rounds, best, saved = states
    given_at, rounds_at, best_at = pointer_to(given), pointer_to(rounds), pointer_to(best)
    saved_at, memory_at = pointer_to(saved), pointer_to(memory)
    for vehicle in range(rounds.length.shape[0]):
        _renew(given_at, rounds_at, memory_at, vehicle)
    _gather_absent(given_at, rounds_at, memory_at)
    _sort_absent(given_at, memory_at)
    _put_back(given_at, rounds_at, saved_at, memory_at, 0.0)
    _copy_all(rounds_at, best_at)
    return total_cost(given_at, rounds_at)


@compiled_lean()
def search(
    given: Instance,
    states: tuple[Rounds, Rounds, Rounds],
    memory: Memory,
    dials: Dials,
    warmth: float,
    attempts: int,
) -> tuple[int, int]:
    """Make attempts at one temperature; return the costs of the present and the best plan.

    Parameters
    ----------
    given : Instance
    states : tuple of Rounds
        The present plan, the best so far, and room for copies. The first two are changed in place.
    memory : Memory
        Carried from call to call.
    dials : Dials
    warmth : float
        Temperature, metres: a plan that is worse by so much is taken with probability 1/e.
    attempts : int
    """
    rounds, best, saved = states
    given_at, rounds_at, best_at = pointer_to(given), pointer_to(rounds), pointer_to(best)
    saved_at, memory_at = pointer_to(saved), pointer_to(memory)
    present, least = total_cost(given_at, rounds_at), total_cost(given_at, best_at)
    for _ in range(attempts):
        change = -_gather_absent(given_at, rounds_at, memory_at)
        _tear(given_at, rounds_at, saved_at, memory_at, dials)
        _sort_absent(given_at, memory_at)
        _put_back(given_at, rounds_at, saved_at, memory_at, dials.blink)
        change += _change(given_at, rounds_at, saved_at, memory_at)
        if change < -warmth * np.log(_chance(memory_at)):
            present += change
            if present < least:
                least = present
                _copy_all(rounds_at, best_at)
        else:
            _undo(rounds_at, saved_at, memory_at)
    return present, least


@compiled_lean()
def _change(given_at: Pointer, rounds_at: Pointer, saved_at: Pointer, memory_at: Pointer) -> int:
    """Return what the touched rounds cost more than before, with the penalties of who is absent now."""
    given, rounds = record_at(given_at), record_at(rounds_at)
    saved, memory = record_at(saved_at), record_at(memory_at)
    change = 0
    for turn in range(memory.counter[ABSENT]):
        change += given.penalty[memory.absent[turn]]
    for turn in range(memory.counter[TOUCHED]):
        vehicle = memory.touched[turn]
        used = np.int64(rounds.length[vehicle] > 0) - np.int64(saved.length[vehicle] > 0)
        change += rounds.metres[vehicle] - saved.metres[vehicle] + given.fixed[vehicle] * used
    return change


@compiled_lean()
def list_insertions(given: Instance, rounds: Rounds, request: int, found: Integers) -> None:
    """Write, for each vehicle, the added metres of taking a request into its round; NEVER where it cannot."""
    given_at, rounds_at = pointer_to(given), pointer_to(rounds)
    for vehicle in range(rounds.length.shape[0]):
        refresh(given_at, rounds_at, vehicle)
        found[vehicle] = NEVER
        if given.fits[request, vehicle]:
            found[vehicle] = best_insertion(given_at, rounds_at, request, vehicle)[0]
