"""One vehicle's round: its clock, its load, and where one more request fits best.

Stop ``2 r`` picks request ``r`` up, stop ``2 r + 1`` sets it down; a request whose ``node`` of the second
stop is negative is set down where the round ends. Every round keeps, for each of its stops, when service
begins, the latest moment at which it might begin (Savelsbergh 1992, DOI 10.1287/ijoc.4.2.146), and how many
are aboard after it: an insertion is judged without walking the rest of the round.
"""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from fangxian.base.by_pointer import record_at
from fangxian.base.compiled import compiled_lean

Integers = NDArray[np.int64]
Small = NDArray[np.int32]

Pointer: TypeAlias = Any
"""To one of the records below; ``record_at`` reads it."""

NEVER = 2**60
"""A cost that no plan reaches: there is no place for the request in the round."""


class Instance(NamedTuple):
    """What does not change: stops (S = 2 R), vehicles (V), tables between nodes (N), categories (C).

    ``cleaning[a, b]`` is the time to clean an empty vehicle that carried category ``a`` before it takes
    ``b``; index ``C`` stands for a clean vehicle on the left and for the end of the shift on the right.
    ``alike`` numbers vehicles that cannot be told apart while they are empty. ``near`` lists the requests
    around each, itself first; ``remote`` is how far its pickup lies from the nearest start of a vehicle.
    """

    node: Integers
    service: Integers
    early: Integers
    late: Integers
    load: Integers
    category: Integers
    start: Integers
    end: Integers
    capacity: Integers
    opens: Integers
    closes: Integers
    first_category: Integers
    first_load: Integers
    fixed: Integers
    alike: Integers
    fits: NDArray[np.bool_]
    penalty: Integers
    movable: NDArray[np.bool_]
    distance: Small
    seconds: Small
    cleaning: Integers
    near: Small
    remote: Integers


class Rounds(NamedTuple):
    """The plan: a row a vehicle, of which the first ``length`` entries count.

    ``stamp`` names the content of a row: equal stamps, equal rows. ``vehicle`` is -1 for who is left behind.
    """

    stop: Small
    begin: Integers
    latest: Integers
    aboard: Integers
    length: Integers
    metres: Integers
    stamp: Integers
    vehicle: Integers


@compiled_lean()
def refresh(given_at: Pointer, rounds_at: Pointer, vehicle: int) -> bool:
    """Walk a round forth and back to fill in its clock; say whether it keeps every limit."""
    given, rounds = record_at(given_at), record_at(rounds_at)
    count = rounds.length[vehicle]
    clean = given.cleaning.shape[0] - 1
    at, now = given.start[vehicle], given.opens[vehicle]
    before, load, metres = given.first_category[vehicle], given.first_load[vehicle], 0
    good = True
    for place in range(count):
        stop = rounds.stop[vehicle, place]
        kind = given.category[stop]
        if load == 0:
            now += given.cleaning[before, kind]
        elif before != kind:
            good = False
        there = given.node[stop]
        metres += given.distance[at, there]
        now = max(now + given.seconds[at, there], given.early[stop])
        load += given.load[stop]
        if now > given.late[stop] or load > given.capacity[vehicle]:
            good = False
        rounds.begin[vehicle, place] = now
        rounds.aboard[vehicle, place] = load
        now += given.service[stop]
        at, before = there, kind
    metres += given.distance[at, given.end[vehicle]]
    rounds.metres[vehicle] = metres
    if count == 0:
        return good
    limit, there, load, after = (
        given.closes[vehicle] - given.cleaning[before, clean],
        given.end[vehicle],
        1,
        0,
    )
    if now + given.seconds[at, there] > limit:
        good = False
    for place in range(count - 1, -1, -1):
        stop = rounds.stop[vehicle, place]
        limit -= given.service[stop] + given.seconds[given.node[stop], there]
        if place < count - 1 and rounds.aboard[vehicle, place] == 0:
            limit -= given.cleaning[given.category[stop], after]
        limit = min(limit, given.late[stop])
        rounds.latest[vehicle, place] = limit
        there, after = given.node[stop], given.category[stop]
    return good


@compiled_lean()
def best_insertion(  # noqa: C901 -- one test a limit
    given_at: Pointer, rounds_at: Pointer, request: int, vehicle: int
) -> tuple[int, int, int]:
    """Return (added metres, place of the pickup, place of the delivery) of the best way to take a request.

    Places count stops of the round as it is: both come before the stop that stands there now. The cost is
    :data:`NEVER` where no limit-keeping place exists. Limits further on are kept as they are now, also where
    one more passenger aboard would spare a cleaning.
    """
    given, rounds = record_at(given_at), record_at(rounds_at)
    count, pickup = rounds.length[vehicle], 2 * request
    best, best_pickup, best_delivery = NEVER, -1, -1
    room = given.capacity[vehicle] - given.load[pickup]
    home = given.node[pickup + 1] < 0
    if count + 2 > rounds.stop.shape[1] or room < 0:
        return best, best_pickup, best_delivery
    if home and count > 0 and rounds.aboard[vehicle, count - 1] > room:
        return best, best_pickup, best_delivery
    for first in range(count + 1):
        at, left = given.start[vehicle], given.opens[vehicle]
        before, load = given.first_category[vehicle], given.first_load[vehicle]
        if first > 0:
            stop = rounds.stop[vehicle, first - 1]
            at, left = given.node[stop], rounds.begin[vehicle, first - 1] + given.service[stop]
            before, load = given.category[stop], rounds.aboard[vehicle, first - 1]
        if left > given.late[pickup]:
            break
        if load > room or (load > 0 and before != given.category[pickup]):
            continue
        now = left + given.seconds[at, given.node[pickup]]
        if load == 0:
            now += given.cleaning[before, given.category[pickup]]
        now = max(now, given.early[pickup])
        if now > given.late[pickup]:
            continue
        now += given.service[pickup]
        if home:
            cost, second = _taken_home(given_at, rounds_at, request, vehicle, (first, at, now))
        else:
            cost, second = _set_down(given_at, rounds_at, request, vehicle, (first, at, now, load))
        if cost < best:
            best, best_pickup, best_delivery = cost, first, second
    if count == 0 and best < NEVER:
        best += given.fixed[vehicle]
    return best, best_pickup, best_delivery


@compiled_lean()
def _taken_home(
    given_at: Pointer, rounds_at: Pointer, request: int, vehicle: int, got_in: tuple[int, int, int]
) -> tuple[int, int]:
    """Return (added metres, place) where they stay aboard to the end; got_in: place, whence, when in."""
    given, rounds = record_at(given_at), record_at(rounds_at)
    first, at, now = got_in
    pickup, count = 2 * request, rounds.length[vehicle]
    there, kind = given.node[pickup], given.category[pickup]
    room = given.capacity[vehicle] - given.load[pickup]
    follows = given.end[vehicle]
    limit = given.closes[vehicle] - given.cleaning[kind, given.cleaning.shape[0] - 1]
    if first < count:
        follows, limit = given.node[rounds.stop[vehicle, first]], rounds.latest[vehicle, first]
    if now + given.seconds[there, follows] > limit:
        return NEVER, -1
    for place in range(first, count):
        if rounds.aboard[vehicle, place] > room or given.category[rounds.stop[vehicle, place]] != kind:
            return NEVER, -1
    added = given.distance[at, there] + given.distance[there, follows] - given.distance[at, follows]
    return int(added), first


@compiled_lean()
def _set_down(
    given_at: Pointer, rounds_at: Pointer, request: int, vehicle: int, got_in: tuple[int, int, int, int]
) -> tuple[int, int]:
    """Return (added metres, place) of the best setting down; got_in: place, whence, when in, load before."""
    given, rounds = record_at(given_at), record_at(rounds_at)
    first, at, now, load = got_in
    pickup, delivery, count = 2 * request, 2 * request + 1, rounds.length[vehicle]
    there, goal, kind = given.node[pickup], given.node[delivery], given.category[pickup]
    room = given.capacity[vehicle] - given.load[pickup]
    follows = given.end[vehicle] if first == count else given.node[rounds.stop[vehicle, first]]
    apart = given.distance[at, there] + given.distance[there, follows] - given.distance[at, follows]
    direct = given.distance[at, there] + given.distance[there, goal] - given.distance[at, follows]
    best, best_place, at = NEVER, -1, there
    for second in range(first, count + 1):
        if now > given.late[delivery]:
            break
        arrive = max(now + given.seconds[at, goal], given.early[delivery])
        stop = rounds.stop[vehicle, second]
        if second == count:
            follows = given.end[vehicle]
            limit = given.closes[vehicle] - given.cleaning[kind, given.cleaning.shape[0] - 1]
        else:
            follows, limit = given.node[stop], rounds.latest[vehicle, second]
            if load == 0:
                limit -= given.cleaning[kind, given.category[stop]]
        if second == first:
            cost = direct + given.distance[goal, follows]
        else:
            cost = apart + given.distance[at, goal] + given.distance[goal, follows]
            cost -= given.distance[at, follows]
        leave = arrive + given.service[delivery]
        kept = arrive <= given.late[delivery] and leave + given.seconds[goal, follows] <= limit
        if kept and cost < best:
            best, best_place = int(cost), second
        if second == count:
            break
        load = rounds.aboard[vehicle, second]
        if given.category[stop] != kind or load > room:
            break
        now = max(now + given.seconds[at, follows], given.early[stop])
        if now > rounds.latest[vehicle, second]:
            break
        now += given.service[stop]
        at = follows
    return best, best_place


@compiled_lean()
def insert(rounds_at: Pointer, request: int, vehicle: int, places: tuple[int, int], both: bool) -> None:
    """Put a request's stops (or only its pickup) before the stops that stand at the places now."""
    rounds = record_at(rounds_at)
    count = rounds.length[vehicle]
    added = 2 if both else 1
    for place in range(count - 1, places[0] - 1, -1):
        shift = added if place >= places[1] else 1
        rounds.stop[vehicle, place + shift] = rounds.stop[vehicle, place]
    rounds.stop[vehicle, places[0]] = 2 * request
    if both:
        rounds.stop[vehicle, places[1] + 1] = 2 * request + 1
    rounds.length[vehicle] = count + added
    rounds.vehicle[request] = vehicle


@compiled_lean()
def remove_marked(rounds_at: Pointer, vehicle: int, marked: NDArray[np.bool_]) -> None:
    """Take the stops of marked requests out of a round."""
    rounds = record_at(rounds_at)
    kept = 0
    for place in range(rounds.length[vehicle]):
        stop = rounds.stop[vehicle, place]
        if marked[stop // 2]:
            rounds.vehicle[stop // 2] = -1
        else:
            rounds.stop[vehicle, kept] = stop
            kept += 1
    rounds.length[vehicle] = kept
