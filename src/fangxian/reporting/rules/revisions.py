"""What a total that was revised downwards means for the daily counts that were reported before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, MutableMapping
from dataclasses import dataclass, field
from datetime import date

Series = tuple[str, str, str]
"""Place, form, field."""


@dataclass(frozen=True)
class Fall:
    """A published total that fell: how much, and on which day it was noticed."""

    series: Series
    day: date
    amount: float
    previous: float | None
    revised: float | None

    @property
    def reason(self) -> str:
        """Return the reason that the corrected reports carry."""
        if self.previous is None or self.revised is None:
            return f"来源 {self.day} 公布负数 {self.amount:g} negative count published"
        return f"来源累计数 {self.previous:g}→{self.revised:g} ({self.day}) total revised"


@dataclass
class Corrected:
    """Daily counts after one fall, and what of it found no count to come off."""

    values: dict[date, float] = field(default_factory=dict)
    left: float = 0


def take_off(fall: Fall, counts: MutableMapping[date, float]) -> Corrected:
    """Take a fall off the latest daily counts before its day, none below 0.

    The source does not say which days were counted too high; the latest are the likeliest, and so the sum of
    the days stays equal to the published total. ``counts`` is changed, so that the next fall sees the result.
    """
    corrected = Corrected(left=-fall.amount)
    for day in sorted((one for one in counts if one < fall.day), reverse=True):
        if corrected.left <= 0:
            break
        off = min(counts[day], corrected.left)
        if off > 0:
            counts[day] -= off
            corrected.values[day] = counts[day]
            corrected.left -= off
    return corrected


def take_off_all(
    falls: Iterable[Fall], counts: Mapping[Series, MutableMapping[date, float]]
) -> list[tuple[Fall, Corrected]]:
    """Take falls off in the order in which they were noticed."""
    ordered = sorted(falls, key=lambda fall: (fall.day, fall.series))
    return [(fall, take_off(fall, counts.get(fall.series, {}))) for fall in ordered]
