"""The pointer to the :class:`~fangxian.science.agents.day_tables.World` that kernels hand on."""

from __future__ import annotations

from typing import Any, TypeAlias

from fangxian.base.by_pointer import record_at
from fangxian.base.compiled import compiled_lean
from fangxian.science.agents.city import place_of
from fangxian.science.agents.queue import put
from fangxian.science.agents.whole import whole

Where: TypeAlias = Any
"""Pointer to a ``World``; ``record_at(where)`` reads it."""


@compiled_lean()
def schedule(where: Where, when: int, subject: tuple[int, int], label: int, extra: int) -> None:
    """Add an entry to the queue of a world; see :func:`~fangxian.science.agents.queue.put`."""
    world = record_at(where)
    put(world.queue, when, subject, label, extra)


@compiled_lean()
def home_of(where: Where, person: int) -> int:
    """Return the place where a person lives."""
    world = record_at(where)
    return place_of(whole(world.city.card[4 * person + 3]))


@compiled_lean()
def pool_of(where: Where, person: int) -> int:
    """Return the pool of beds, rooms and medicines of a person."""
    world = record_at(where)
    return whole(world.city.pool_of_place[home_of(where, person)])
