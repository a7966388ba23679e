"""Who must know when the register changes: rooms above are called here, and never imported."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager

Follower = Callable[[], AbstractContextManager[None]]
"""Entered before units or places move, and left after, inside the transaction of the move."""

_followers: list[Follower] = []


def follow_register(follower: Follower) -> None:
    """Have a room told of every move from now on; rooms do so once, when they start."""
    if follower not in _followers:
        _followers.append(follower)


@contextmanager
def register_changes() -> Iterator[None]:
    """Surround a change by which units or places move, or the people they serve are counted anew."""
    with ExitStack() as stack:
        for follower in _followers:
            stack.enter_context(follower())
        yield
