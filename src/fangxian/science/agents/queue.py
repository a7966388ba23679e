"""Everything that is still to happen: entries of four words in day buckets, met in order of time.

::

    entry  0  person; the top bit says that it is a position in the listing of the city instead
           1  infector, or what a kind of its own needs
           2  time of the day (17 bits) | kind (3: setting of a contact, or COURSE) | number (12)
           3  place (16) | age group (5) of the infector | contact after its onset (1), or what a kind needs

Buckets are lists of chunks, so that writing is sequential and freed memory is used again. On its day a bucket
is sorted by time; what is added for the same day meanwhile goes into a heap. A day has 2**17 ticks (0.66 s).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fangxian.base.compiled import compiled, compiled_lean
from fangxian.science.agents.whole import whole

UInt32Array = NDArray[np.uint32]
Int64Array = NDArray[np.int64]
UInt64Array = NDArray[np.uint64]

TICKS = 1 << 17
TICK_BITS = 17
COURSE = 6
"""Kind of an entry that is no contact but a step of one person's course; its number says which."""
MOST_CONTACTS = 4000
"""Contacts of one infected person that an entry can number."""
CHUNK = 256
LARGEST_SIZE = 65_535
"""People of a household or group."""
LISTED = 1 << 31
SPARE_LATE = MOST_CONTACTS + 64

_DAY, _OPEN, _LATE, _WAITING, _FREE, _FREE_CHUNKS = range(6)


class Queue(NamedTuple):
    """Buckets of D days."""

    entries: UInt32Array
    """[chunks * CHUNK, 4]"""
    chained: Int64Array
    """[chunks]: the next chunk of the same bucket, or the next free one."""
    newest: Int64Array
    """[D]: chunk that is being filled."""
    filled: Int64Array
    """[D]: number of entries."""
    late: UInt32Array
    """[m, 4]: entries added for the day that is open."""
    heap: UInt64Array
    """[m]: time << 32 | row of late."""
    marks: Int64Array
    """[6]: day, whether it is open, late entries, those in the heap, first free chunk, free chunks."""


def empty_queue(days: int) -> Queue:
    """Return a queue without entries for a number of days."""
    chunks = 2 * _chunks_at_once(days)
    marks = np.zeros(6, dtype=np.int64)
    marks[_FREE_CHUNKS] = chunks
    return Queue(
        entries=np.empty((chunks * CHUNK, 4), dtype=np.uint32),
        chained=np.arange(1, chunks + 1),
        newest=np.full(days, -1, dtype=np.int64),
        filled=np.zeros(days, dtype=np.int64),
        late=np.empty((2 * SPARE_LATE, 4), dtype=np.uint32),
        heap=np.empty(2 * SPARE_LATE, dtype=np.uint64),
        marks=marks,
    )


@compiled_lean(forceinline=True)
def _chunks_at_once(days: int) -> int:
    """Return the most chunks that one person's contacts, or the tracing of a case, can open."""
    return min(days, MOST_CONTACTS) + (MOST_CONTACTS + LARGEST_SIZE) // CHUNK + 16


@compiled()
def grown(queue: Queue, entries_ahead: int) -> Queue:
    """Return the queue with room for a number of entries, and for whatever one more person can add."""
    entries, chained, late, heap, marks = queue.entries, queue.chained, queue.late, queue.heap, queue.marks
    needed = (
        _chunks_at_once(len(queue.newest)) + entries_ahead // CHUNK + min(entries_ahead, len(queue.newest))
    )
    if marks[_FREE_CHUNKS] < needed:
        old = len(chained)
        more = max(needed, old // 2)
        chained = np.empty(old + more, dtype=np.int64)
        for chunk in range(old + more):
            chained[chunk] = queue.chained[chunk] if chunk < old else chunk + 1
        chained[old + more - 1] = marks[_FREE]
        marks[_FREE] = old
        marks[_FREE_CHUNKS] += more
        entries = _longer(queue.entries, (old + more) * CHUNK)
    if marks[_LATE] + SPARE_LATE > len(late):
        size = 2 * len(late)
        late = _longer(queue.late, size)
        heap = np.empty(size, dtype=np.uint64)
        for row in range(len(queue.heap)):
            heap[row] = queue.heap[row]
    return Queue(entries, chained, queue.newest, queue.filled, late, heap, marks)


@compiled()
def _longer(rows: UInt32Array, count: int) -> UInt32Array:
    longer = np.empty((count, 4), dtype=np.uint32)
    for row in range(len(rows)):
        for word in range(4):
            longer[row, word] = rows[row, word]
    return longer


@compiled_lean(forceinline=True)
def needs_room(queue: Queue) -> bool:
    """Return whether one more person might not fit."""
    marks = queue.marks
    few_chunks = marks[_FREE_CHUNKS] < _chunks_at_once(len(queue.newest))
    return bool(few_chunks or marks[_LATE] + SPARE_LATE > len(queue.late))


@compiled_lean(forceinline=True)
def put(queue: Queue, when: int, subject: tuple[int, int], label: int, extra: int) -> None:
    """Add an entry.

    Parameters
    ----------
    queue : Queue
    when : int
        Ticks since the start of the run; what falls after the last day is dropped.
    subject : (int, int)
        First two words.
    label : int
        ``kind << 12 | number``.
    extra : int
        Last word.
    """
    marks = queue.marks
    day = when >> TICK_BITS
    if day >= len(queue.filled):
        return
    time = when & (TICKS - 1)
    if day == marks[_DAY] and marks[_OPEN] == 1:
        row = marks[_LATE]
        marks[_LATE] = row + 1
        _write(queue.late, row, subject, np.uint32(time << 15 | label), extra)
        _push_heap(queue.heap, marks, np.uint64(time << 32 | row))
        return
    filled = queue.filled[day]
    queue.filled[day] = filled + 1
    within = filled & (CHUNK - 1)
    chunk = queue.newest[day]
    if within == 0:
        before = chunk
        chunk = marks[_FREE]
        marks[_FREE] = queue.chained[chunk]
        marks[_FREE_CHUNKS] -= 1
        queue.chained[chunk] = before
        queue.newest[day] = chunk
    _write(queue.entries, chunk * CHUNK + within, subject, np.uint32(time << 15 | label), extra)


@compiled_lean(forceinline=True)
def _write(rows: UInt32Array, row: int, subject: tuple[int, int], word: np.uint32, extra: int) -> None:
    rows[row, 0] = np.uint32(subject[0])
    rows[row, 1] = np.uint32(subject[1])
    rows[row, 2] = word
    rows[row, 3] = np.uint32(extra)


@compiled_lean(forceinline=True)
def _push_heap(heap: UInt64Array, marks: Int64Array, key: np.uint64) -> None:
    at = marks[_WAITING]
    marks[_WAITING] = at + 1
    while at > 0:
        above = (at - 1) >> 1
        if heap[above] <= key:
            break
        heap[at] = heap[above]
        at = above
    heap[at] = key


@compiled_lean(forceinline=True)
def waiting(queue: Queue) -> int:
    """Return how many entries were added for the open day and have not been met."""
    return whole(queue.marks[_WAITING])


@compiled_lean(forceinline=True)
def next_late_time(queue: Queue) -> int:
    """Return the time of the day of the first of them."""
    return whole(queue.heap[0] >> np.uint64(32))


@compiled_lean(forceinline=True)
def pop_late(queue: Queue) -> int:
    """Return the row in ``late`` of the first of them and take it from the heap."""
    heap, marks = queue.heap, queue.marks
    first = whole(heap[0] & np.uint64(0xFFFFFFFF))
    count = marks[_WAITING] - 1
    marks[_WAITING] = count
    key = heap[count]
    at = 0
    while True:
        below = 2 * at + 1
        if below >= count:
            break
        if below + 1 < count and heap[below + 1] < heap[below]:
            below += 1
        if key <= heap[below]:
            break
        heap[at] = heap[below]
        at = below
    heap[at] = key
    return first


@compiled()
def open_day(queue: Queue, day: int) -> UInt32Array:
    """Open a day: return its entries in order of time and one spare row, and free their memory."""
    marks, entries, chained = queue.marks, queue.entries, queue.chained
    count = queue.filled[day]
    low_count = np.zeros(513, dtype=np.int64)
    high_count = np.zeros(257, dtype=np.int64)
    chunk = queue.newest[day]
    rows = ((count - 1) & (CHUNK - 1)) + 1
    left = count
    while left > 0:
        for row in range(chunk * CHUNK, chunk * CHUNK + rows):
            time = whole(entries[row, 2]) >> 15
            low_count[(time & 511) + 1] += 1
            high_count[(time >> 9) + 1] += 1
        left -= rows
        rows = CHUNK
        chunk = chained[chunk]
    for digit in range(512):
        low_count[digit + 1] += low_count[digit]
    for digit in range(256):
        high_count[digit + 1] += high_count[digit]
    half_sorted = np.empty((count, 4), dtype=np.uint32)
    chunk = queue.newest[day]
    rows = ((count - 1) & (CHUNK - 1)) + 1
    left = count
    while left > 0:
        for row in range(chunk * CHUNK, chunk * CHUNK + rows):
            _scatter(entries, row, half_sorted, low_count, (whole(entries[row, 2]) >> 15) & 511)
        left -= rows
        rows = CHUNK
        following = chained[chunk]
        chained[chunk] = marks[_FREE]
        marks[_FREE] = chunk
        marks[_FREE_CHUNKS] += 1
        chunk = following
    in_order = np.empty((count + 1, 4), dtype=np.uint32)
    for row in range(count):
        _scatter(half_sorted, row, in_order, high_count, whole(half_sorted[row, 2]) >> 24)
    marks[_DAY] = day
    marks[_OPEN] = 1
    marks[_LATE] = 0
    marks[_WAITING] = 0
    return in_order


@compiled_lean(forceinline=True)
def _scatter(source: UInt32Array, row: int, target: UInt32Array, count: Int64Array, digit: int) -> None:
    to = count[digit]
    count[digit] = to + 1
    target[to, 0] = source[row, 0]
    target[to, 1] = source[row, 1]
    target[to, 2] = source[row, 2]
    target[to, 3] = source[row, 3]


@compiled_lean(forceinline=True)
def close_day(queue: Queue) -> None:
    """Close the day: what is added from now on waits for its bucket."""
    queue.marks[_OPEN] = 0


def pending(queue: Queue, day: int) -> int:
    """Return the number of entries of this day and later ones."""
    return int(queue.filled[day:].sum())
