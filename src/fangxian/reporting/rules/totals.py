"""How reports add up: exact, in thousandths, and the same in whatever order they come."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from fangxian.plans.schema import Aggregation, Form
from fangxian.reporting.rules.values import SCALE, Number, Values, tidy, whole

COUNTERS = ("reported", "zero_declared", "late", "corrected", "population_reported", "synthetic")


@dataclass(frozen=True)
class Tally:
    """What reports add to the totals of a place: sums in thousandths, units that gave a number, counters."""

    sums: Mapping[str, int] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    counters: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Counted:
    """One current report as the totals see it."""

    values: Values
    zero_declared: bool = False
    late: bool = False
    revision: int = 1
    population: int = 0
    synthetic: bool = False


def tally(report: Counted) -> Tally:
    """Return what one report adds."""
    given = {key: value for key, value in report.values.items() if value is not None}
    return Tally(
        sums={key: round(value * SCALE) for key, value in given.items()},
        counts=dict.fromkeys(given, 1),
        counters={
            "reported": 1,
            "zero_declared": int(report.zero_declared),
            "late": int(report.late),
            "corrected": int(report.revision > 1),
            "population_reported": report.population,
            "synthetic": int(report.synthetic),
        },
    )


def change(old: Counted | None, new: Counted) -> Tally:
    """Return what the totals gain when ``new`` takes the place of ``old``."""
    return tally(new) if old is None else add([tally(new), negative(tally(old))])


def negative(one: Tally) -> Tally:
    """Return the tally that undoes another."""
    return Tally(*({key: -value for key, value in part.items()} for part in _parts(one)))


def add(tallies: Iterable[Tally]) -> Tally:
    """Return the sum of tallies."""
    totals: tuple[dict[str, int], dict[str, int], dict[str, int]] = ({}, {}, {})
    for one in tallies:
        for total, part in zip(totals, _parts(one), strict=True):
            for key, value in part.items():
                total[key] = total.get(key, 0) + value
    return Tally(*totals)


def settle(one: Tally) -> Tally:
    """Return the tally without fields that no unit gave: absent has no key, it is not 0."""
    given = {key: count for key, count in one.counts.items() if count}
    return replace(one, sums={key: one.sums.get(key, 0) for key in given}, counts=given)


def to_thousandths(sums: Mapping[str, Number]) -> dict[str, int]:
    """Return kept sums as exact thousandths."""
    return {key: round(value * SCALE) for key, value in sums.items()}


def from_thousandths(sums: Mapping[str, int]) -> dict[str, Number]:
    """Return exact thousandths as they are kept, sorted by field."""
    return {key: whole(sums[key]) for key in sorted(sums)}


def combine(aggregation: Aggregation, total: Number, count: int, maximum: Number | None) -> Number | None:
    """Return the figure of a place for one field; ``None`` when no unit gave it or it does not add up."""
    if count == 0 or aggregation is Aggregation.NONE:
        return None
    if aggregation is Aggregation.SUM:
        return total
    return maximum if aggregation is Aggregation.MAX else tidy(total / count)


def figures(
    form: Form, sums: Mapping[str, Number], counts: Mapping[str, int], maxima: Mapping[str, Number]
) -> dict[str, Number | None]:
    """Return the figure of every field of a form, each combined as the plan says."""
    return {
        field.id: combine(field.aggregation, sums[field.id], counts[field.id], maxima.get(field.id))
        if field.id in sums
        else None
        for field in form.fields
    }


def _parts(one: Tally) -> tuple[Mapping[str, int], Mapping[str, int], Mapping[str, int]]:
    return (one.sums, one.counts, one.counters)
