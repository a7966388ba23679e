"""Reading the trail, and telling it in the words of its reader."""

from fangxian.ground.audit.selectors.telling import Told, described
from fangxian.ground.audit.selectors.trail import (
    BrokenLink,
    ChainReport,
    Wanted,
    events_at,
    events_for,
    verify_chain,
)

__all__ = [
    "BrokenLink",
    "ChainReport",
    "Told",
    "Wanted",
    "described",
    "events_at",
    "events_for",
    "verify_chain",
]
