"""Reading kept totals, and building the same from the reports to prove them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.db.models import QuerySet

from fangxian.ground.places.choices import Level
from fangxian.ground.places.models import Place
from fangxian.reporting.models import Report, Total
from fangxian.reporting.rules import Counted, Number
from fangxian.reporting.rules.totals import (
    COUNTERS,
    Tally,
    add,
    from_thousandths,
    settle,
    tally,
    to_thousandths,
)
from fangxian.reporting.selectors.plans import peak_fields
from fangxian.reporting.selectors.units import MANY, keep_named

Key = tuple[int, date]
"""Place and day."""
Whole = tuple[Tally, Mapping[str, Number]]
"""A tally and the maxima beside it."""


class Kept(NamedTuple):
    """One kept total as it is stored."""

    sums: Mapping[str, Number]
    counts: Mapping[str, int]
    maxima: Mapping[str, Number]
    reported: int
    zero_declared: int
    late: int
    corrected: int
    population_reported: int
    synthetic: int

    @property
    def whole(self) -> Whole:
        """The same as an exact tally, and the maxima beside it."""
        counters = dict(zip(COUNTERS, self[3:], strict=True))
        return Tally(to_thousandths(self.sums), self.counts, counters), self.maxima


def undo(kept: Kept, later: Tally) -> Kept:
    """Return a total after a tally was added to it; the maxima stay as they are."""
    after = settle(add([kept.whole[0], later]))
    return Kept(
        from_thousandths(after.sums),
        after.counts,
        kept.maxima,
        *(after.counters.get(name, 0) for name in COUNTERS),
    )


_KEPT = ("place_id", "day", "sums", "counts", "maxima", *COUNTERS)


def kept_totals(form: str, keys: Iterable[Key]) -> dict[Key, Kept]:
    """Return the kept totals of the keys that have any."""
    wanted = set(keys)
    if not wanted:
        return {}
    days = [day for _, day in wanted]
    found = kept_between(form, {place for place, _ in wanted}, min(days), max(days))
    return {key: kept for key, kept in found.items() if key in wanted}


def kept_between(form: str, place_ids: set[int], first: date, last: date) -> dict[Key, Kept]:
    """Return the kept totals of places over days."""
    if not place_ids:
        return {}
    kept = Total.objects.filter(form=form, day__range=(first, last))
    if len(place_ids) <= MANY:
        return _read(kept.filter(place__in=place_ids))
    return _read(keep_named(kept, "place_id", sorted(place_ids)))


def kept_of_forms(forms: Sequence[str], place: Place, first: date, last: date) -> dict[str, dict[Key, Kept]]:
    """Return the kept totals of one place over days, of several forms in one question."""
    found: dict[str, dict[Key, Kept]] = {}
    query = Total.objects.filter(place=place, form__in=forms, day__range=(first, last))
    for form, *row in query.values_list("form", *_KEPT):
        found.setdefault(form, {})[row[0], row[1]] = Kept._make(row[2:])
    return found


def _read(query: QuerySet[Total]) -> dict[Key, Kept]:
    return {(row[0], row[1]): Kept._make(row[2:]) for row in query.values_list(*_KEPT)}


def peaks_of(key: Key, form: str, fields: frozenset[str]) -> dict[str, Number]:
    """Return the largest current value of each field among the units of a place."""
    place = Place.objects.get(pk=key[0])
    found: dict[str, Number] = {}
    reports = Report.objects.filter(
        form=form,
        day=key[1],
        is_current=True,
        unit__place__tree_left__range=(place.tree_left, place.tree_right),
    )
    for values in reports.values_list("values", flat=True):
        raise_peaks(found, values, fields)
    return found


def raise_peaks(
    found: dict[str, Number], values: Mapping[str, Number | None], fields: frozenset[str]
) -> None:
    """Let the largest values of some fields take in one more report."""
    for name in fields:
        value = values.get(name)
        if value is not None:
            found[name] = max(found.get(name, value), value)


def chains() -> dict[int, list[int]]:
    """Return for each place those whose totals its reports enter: itself and those above, no villages."""
    open_places: list[tuple[int, int, int]] = []
    found: dict[int, list[int]] = {}
    rows = Place.objects.order_by("tree_left").values_list("pk", "level", "tree_left", "tree_right")
    for pk, level, left, right in rows:
        while open_places and open_places[-1][2] < left:
            open_places.pop()
        open_places.append((pk, level, right))
        found[pk] = [above for above, its_level, _ in open_places if its_level < Level.VILLAGE]
    return found


def current_tallies(form: str) -> Iterator[tuple[Key, Whole]]:
    """Build the totals of a form from its current reports, day by day, with no use of the kept ones."""
    chain = chains()
    peaks = peak_fields(form)
    days = Report.objects.filter(form=form).order_by("day").values_list("day", flat=True).distinct()
    for day in days:
        by_place: dict[int, list[Tally]] = {}
        maxima: dict[int, dict[str, Number]] = {}
        for place_id, values, *said in _reports_of(form, day):
            by_place.setdefault(place_id, []).append(tally(_counted(values, said)))
            raise_peaks(maxima.setdefault(place_id, {}), values, peaks)
        yield from _roll_up(day, chain, {pk: add(each) for pk, each in by_place.items()}, maxima)


def _reports_of(form: str, day: date) -> Iterator[tuple]:
    return (
        Report.objects.filter(form=form, day=day, is_current=True)
        .values_list(
            "unit__place_id",
            "values",
            "zero_declared",
            "late",
            "revision",
            "unit__population_served",
            "synthetic",
        )
        .iterator()
    )


def _counted(values: Mapping[str, Number | None], said: list) -> Counted:
    zero_declared, late, revision, population, synthetic = said
    return Counted(values, zero_declared, late, revision, population or 0, synthetic)


def _roll_up(
    day: date,
    chain: Mapping[int, list[int]],
    by_place: Mapping[int, Tally],
    maxima: Mapping[int, Mapping[str, Number]],
) -> Iterator[tuple[Key, Whole]]:
    above: dict[int, list[Tally]] = {}
    peaks: dict[int, dict[str, Number]] = {}
    for place_id, part in by_place.items():
        for upper in chain[place_id]:
            above.setdefault(upper, []).append(part)
            highest = peaks.setdefault(upper, {})
            raise_peaks(highest, maxima[place_id], frozenset(maxima[place_id]))
    for upper in sorted(above):
        yield (upper, day), (settle(add(above[upper])), peaks[upper])


@dataclass(frozen=True)
class Difference:
    """A kept total that is not the sum of its reports."""

    place_code: str
    form: str
    day: date
    kept: Mapping[str, object]
    recomputed: Mapping[str, object]


def verify_totals(forms: Iterable[str] | None = None) -> list[Difference]:
    """Compare every kept total with the sum of the current reports; an empty list is the proof."""
    found: list[Difference] = []
    codes = dict(Place.objects.values_list("pk", "code"))
    known = set(Total.objects.values_list("form", flat=True).distinct())
    known |= set(Report.objects.values_list("form", flat=True).distinct())
    for form in sorted(forms if forms is not None else known):
        kept = {key: one.whole for key, one in _read(Total.objects.filter(form=form)).items()}
        for key, whole in current_tallies(form):
            before = _plain(kept.pop(key, None))
            if before != _plain(whole):
                found.append(Difference(codes[key[0]], form, key[1], before, _plain(whole)))
        found += [
            Difference(codes[key[0]], form, key[1], _plain(whole), {})
            for key, whole in kept.items()
            if whole[0].counters.get("reported")
        ]
    return found


def _plain(whole: Whole | None) -> dict[str, object]:
    if whole is None:
        return {}
    tallied, maxima = whole
    return {
        "sums": from_thousandths(tallied.sums),
        "counts": dict(tallied.counts),
        "maxima": dict(maxima),
        **dict(tallied.counters),
    }
