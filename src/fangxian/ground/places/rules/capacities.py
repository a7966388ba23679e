"""How dated amounts follow each other."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date


def spans(starts: Iterable[date]) -> dict[date, date | None]:
    """Return for each start the day on which the next amount takes over; the last has no end."""
    ordered = sorted(set(starts))
    return dict(zip(ordered, [*ordered[1:], None], strict=True))
