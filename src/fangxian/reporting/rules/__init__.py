"""What a report may say, where a unit stands, how figures add up: pure, with reasons."""

from fangxian.reporting.rules.state import (
    STATES,
    Arrival,
    Judge,
    Standing,
    State,
    deadline_at,
    is_late,
    is_open,
    local_day,
    standing,
)
from fangxian.reporting.rules.totals import Counted, Tally, change, combine
from fangxian.reporting.rules.values import Number, Values, canonical, check_values, zero_declaration
from fangxian.reporting.rules.words import refusal

__all__ = [
    "STATES",
    "Arrival",
    "Counted",
    "Judge",
    "Number",
    "Standing",
    "State",
    "Tally",
    "Values",
    "canonical",
    "change",
    "check_values",
    "combine",
    "deadline_at",
    "is_late",
    "is_open",
    "local_day",
    "refusal",
    "standing",
    "zero_declaration",
]
