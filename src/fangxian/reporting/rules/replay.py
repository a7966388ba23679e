"""The events of the verbs, and what state they lead to: old state + events = freshly fetched state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Protocol

from fangxian.reporting.rules.values import Number, Values

Slot = tuple[str, str, str]
"""Unit code, form, day."""


class ReportLike(Protocol):
    """The columns of a stored revision that an event carries."""

    form: str
    day: date
    revision: int
    values: Values
    zero_declared: bool
    late: bool
    reason: str
    channel: str


@dataclass(frozen=True)
class ReportWritten:
    """One revision was written, and took the place of the one before."""

    unit: str
    form: str
    day: str
    revision: int
    values: Mapping[str, Number | None]
    zero_declared: bool
    late: bool
    reason: str
    channel: str

    @classmethod
    def of(cls, unit_code: str, report: ReportLike) -> ReportWritten:
        """Return the event of a stored revision."""
        return cls(
            unit_code,
            report.form,
            report.day.isoformat(),
            report.revision,
            dict(report.values),
            report.zero_declared,
            report.late,
            report.reason,
            str(report.channel),
        )

    def as_detail(self) -> dict[str, Any]:
        """Return the event as the audit trail keeps it."""
        return asdict(self)


def replay(state: Mapping[Slot, ReportWritten], events: Iterable[ReportWritten]) -> dict[Slot, ReportWritten]:
    """Return the current revision of every unit, form and day after some events."""
    after = dict(state)
    for event in events:
        slot = (event.unit, event.form, event.day)
        expected = after[slot].revision + 1 if slot in after else 1
        if event.revision != expected:
            raise ValueError(
                f"revision {event.revision} of {slot} does not follow {expected - 1}; an event is missing"
            )
        after[slot] = event
    return after
