"""Counts by day of event and delay of report, as they were known at the end of a day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]

LONGEST_DELAY_DAYS = 120


@dataclass(frozen=True)
class ReportingTriangle:
    """Reports known at the end of a day.

    Parameters
    ----------
    counts : float array [event day, delay in days]
        The last event day is the day of the view; NaN where the report would lie after it.
    """

    counts: FloatArray

    def __post_init__(self) -> None:
        days, delays = self.counts.shape
        future = np.add.outer(np.arange(days), np.arange(delays)) >= days
        wrong = np.isnan(self.counts) != future
        if wrong.any() or np.any(self.counts[~future] < 0):
            raise ValueError(
                "counts must be NaN exactly where event day plus delay lies after the last event day, "
                f"and not negative elsewhere (got {int(wrong.sum())} entries against that); "
                "build it with from_reports"
            )

    @classmethod
    def from_reports(
        cls,
        event_day: ArrayLike,
        report_day: ArrayLike,
        *,
        as_of: int,
        first: int | None = None,
        number: ArrayLike | None = None,
    ) -> ReportingTriangle:
        """Count a line list as it was known at the end of day ``as_of``.

        Parameters
        ----------
        event_day, report_day : int arrays [record]
            Days counted from any origin.
        as_of : int
            Later reports are left out: they were not known.
        first : int, optional
            First event day; by default that of the first known event.
        number : array [record], optional
            Events in each record; 1 by default.

        Raises
        ------
        ValueError
            Where a report comes before its event.
        """
        event, report = np.asarray(event_day, dtype=np.int64), np.asarray(report_day, dtype=np.int64)
        many = np.ones(len(event)) if number is None else np.asarray(number, dtype=np.float64)
        if np.any(report < event):
            row = int(np.flatnonzero(report < event)[0])
            raise ValueError(
                f"report_day must not be before event_day (got {report[row]} before {event[row]} at {row}); "
                "correct the dates or leave the record out"
            )
        seen = (report <= as_of) & (event <= as_of)
        origin = first if first is not None else (int(event[seen].min()) if seen.any() else as_of)
        seen &= event >= origin
        place = event[seen] - origin
        delay = np.minimum((report - event)[seen], LONGEST_DELAY_DAYS)
        days = as_of - origin + 1
        delays = int(delay.max()) + 1 if len(delay) else 1
        counts = np.zeros((days, delays))
        np.add.at(counts, (place, delay), many[seen])
        counts[np.add.outer(np.arange(days), np.arange(delays)) >= days] = np.nan
        return cls(counts)

    @property
    def reported(self) -> FloatArray:
        """Events of each day that are known: [event day]."""
        return np.asarray(np.nansum(self.counts, axis=1))
