"""Numbering a tree as nested intervals."""

from __future__ import annotations

from collections.abc import Mapping


def nested_intervals(parents: Mapping[str, str | None]) -> dict[str, tuple[int, int]]:
    """Return (left, right) for every code, siblings in the order of their codes.

    ``left`` is the place's position in a walk that visits a parent before its children, and ``right``
    the ``left`` of the last place below it, so that ``left <= below.left <= right``. A code whose chain
    of parents never ends is left out; ``KeyError`` cannot arise, a parent that is not listed is a root.
    """
    below: dict[str | None, list[str]] = {}
    for code in sorted(parents, reverse=True):
        parent = parents[code]
        below.setdefault(parent if parent in parents else None, []).append(code)
    left: dict[str, int] = {}
    walk: list[str] = []
    stack = below.get(None, [])[:]
    while stack:
        code = stack.pop()
        walk.append(code)
        left[code] = len(walk)
        stack.extend(below.get(code, ()))
    right = dict(left)
    for code in reversed(walk):
        parent = parents[code]
        if parent in left and parent is not None and right[code] > right[parent]:
            right[parent] = right[code]
    return {code: (left[code], right[code]) for code in walk}
