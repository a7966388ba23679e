"""The pointer to the :class:`~fangxian.science.agents.day_tables.World` that kernels hand on."""

from __future__ import annotations

from typing import Any, TypeAlias

from fangxian.base.by_pointer import record_at
from fangxian.base.compiled import compiled_lean
from fangxian.science.agents.queue import put

Where: TypeAlias = Any
"""Pointer to a ``World``; ``record_at(where)`` reads it."""


@compiled_lean()
def schedule(where: Where, when: int, subject: tuple[int, int], label: int, extra: int) -> None:
    """Add an entry to the queue of a world; see :func:`~fangxian.science.agents.queue.put`."""
    world = record_at(where)
    put(world.queue, when, subject, label, extra)
