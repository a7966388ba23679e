"""Where a unit stands with a form for a day, and why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from fangxian.plans.schema import Deadline

State = Literal["not_due", "due", "in_time", "late", "missing"]
STATES: tuple[State, ...] = ("missing", "late", "due", "in_time", "not_due")


class Arrival(NamedTuple):
    """What is known of the current report: whether its first revision was late, and what came after."""

    late: bool
    revision: int
    zero_declared: bool = False
    reported_at: datetime | None = None


class Standing(NamedTuple):
    """A state, the reason in words, and since when it holds."""

    state: State
    reason: Mapping[str, str]
    deadline: datetime
    since: datetime | None = None
    zero_declared: bool = False
    corrected: bool = False
    contradicted: bool = False


def deadline_at(deadline: Deadline, day: date) -> datetime:
    """Return the instant from which a report about ``day`` is late."""
    local = datetime.combine(day + timedelta(days=deadline.days_after), deadline.time)
    return local.replace(tzinfo=ZoneInfo(deadline.timezone))


def local_day(deadline: Deadline, at: datetime) -> date:
    """Return the calendar day of an instant where the form is due."""
    return at.astimezone(ZoneInfo(deadline.timezone)).date()


def is_late(deadline: Deadline, day: date, reported_at: datetime) -> bool:
    """Say whether a first report made at that instant misses the deadline."""
    return reported_at > deadline_at(deadline, day)


def is_open(opened: date | None, closed: date | None, day: date) -> bool:
    """Say whether a unit exists on a day; ``closed`` is the first day on which it does not."""
    return (opened is None or opened <= day) and (closed is None or day < closed)


class Judge:
    """Decides where units stand with one form on one day; what is the same for all is found once."""

    def __init__(self, deadline: Deadline, day: date, now: datetime) -> None:
        self.until = deadline_at(deadline, day)
        self._silent = self._of_silence(day > local_day(deadline, now), now)
        self._said: dict[tuple[Arrival, bool], Standing] = {}
        self._free = Standing("not_due", _NOT_OWED, self.until)

    def standing(self, *, owes: bool, arrival: Arrival | None = None, contradicted: bool = False) -> Standing:
        """Decide the state of one unit.

        A unit that reported without owing keeps the state of its report: what was said is never hidden.
        """
        if arrival is None:
            return self._silent if owes else self._free
        key = (arrival, contradicted)
        said = self._said.get(key)
        if said is None:
            said = self._said[key] = self._of_report(arrival, contradicted)
        return said

    def _of_report(self, arrival: Arrival, contradicted: bool) -> Standing:
        state: State = "late" if arrival.late else "in_time"
        return Standing(
            state,
            _ARRIVED[state],
            self.until,
            arrival.reported_at,
            arrival.zero_declared,
            arrival.revision > 1,
            contradicted,
        )

    def _of_silence(self, future: bool, now: datetime) -> Standing:
        if future:
            return Standing("not_due", _FUTURE, self.until)
        if now <= self.until:
            return Standing("due", _AHEAD, self.until)
        return Standing("missing", _PASSED, self.until, since=self.until)


def standing(
    *,
    owes: bool,
    deadline: Deadline,
    day: date,
    now: datetime,
    arrival: Arrival | None = None,
    contradicted: bool = False,
) -> Standing:
    """Decide the state of one unit, form and day."""
    return Judge(deadline, day, now).standing(owes=owes, arrival=arrival, contradicted=contradicted)


_ARRIVED: dict[State, dict[str, str]] = {
    "in_time": {
        "zh": "首次报告在截止时间前送达。",
        "en": "The first report came before the deadline.",
    },
    "late": {
        "zh": "首次报告在截止时间后送达。",
        "en": "The first report came after the deadline.",
    },
}
_NOT_OWED = {
    "zh": "该单位当日不承担此表报告任务。",
    "en": "The unit does not owe this form on this day.",
}
_FUTURE = {"zh": "该日尚未到来。", "en": "The day has not begun."}
_AHEAD = {"zh": "尚未到截止时间。", "en": "The deadline is still ahead."}
_PASSED = {
    "zh": "截止时间已过，未收到报告。",
    "en": "The deadline has passed and nothing came.",
}
