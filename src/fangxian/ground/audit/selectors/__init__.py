"""Reading the trail, and telling it in the words of its reader."""

from fangxian.ground.audit.selectors.telling import Told, described
from fangxian.ground.audit.selectors.trail import (
    BrokenLink,
    ChainReport,
    Wanted,
    changed_since,
    events_at,
    events_for,
    last_sequence,
    verify_chain,
)

__all__ = [
    "BrokenLink",
    "ChainReport",
    "Told",
    "Wanted",
    "changed_since",
    "described",
    "events_at",
    "events_for",
    "last_sequence",
    "verify_chain",
]
