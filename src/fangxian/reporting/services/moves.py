"""Totals go with the units: when the register moves a unit or a place, what was reported moves too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from fangxian.ground.places.models import Facility
from fangxian.reporting.models import Report
from fangxian.reporting.rules import Counted, Number
from fangxian.reporting.rules.totals import Tally, add, negative, tally
from fangxian.reporting.selectors.plans import peak_fields
from fangxian.reporting.selectors.totals import Key, chains, raise_peaks
from fangxian.reporting.services.storage import lock_units
from fangxian.reporting.services.totals import Gains, apply_gains

_READ = ("unit_id", "day", "values", "zero_declared", "late", "revision", "synthetic")


class Standing(NamedTuple):
    """Where the reports of a unit count: the places whose totals they enter, and the people it serves."""

    above: tuple[int, ...]
    population: int


@dataclass
class _Moving:
    """What the totals of one form lose and gain."""

    tallies: dict[Key, Tally] = field(default_factory=dict)
    peaks: dict[Key, dict[str, Number]] = field(default_factory=dict)
    lowered: set[Key] = field(default_factory=set)

    def add(self, key: Key, one: Tally) -> None:
        """Add to what a total gains."""
        self.tallies[key] = add([self.tallies[key], one]) if key in self.tallies else one


@contextmanager
def carry_totals() -> Iterator[None]:
    """Bring kept totals up to a change of the register that happens inside, in its transaction."""
    if not Report.objects.exists():
        yield
        return
    before = _standings()
    yield
    after = _standings()
    moved = {pk for pk, standing in after.items() if pk in before and before[pk] != standing}
    if moved:
        lock_units(sorted(moved))
        forms = Report.objects.filter(unit__in=moved).order_by("form").values_list("form", flat=True)
        for form in forms.distinct():
            _carry(form, {pk: (before[pk], after[pk]) for pk in moved})


def _standings() -> dict[int, Standing]:
    above = {place_id: tuple(chain) for place_id, chain in chains().items()}
    units = Facility.objects.order_by().values_list("pk", "place_id", "population_served")
    return {pk: Standing(above[place_id], population or 0) for pk, place_id, population in units}


def _carry(form: str, moved: Mapping[int, tuple[Standing, Standing]]) -> None:
    """Take the current reports of units out of the totals that they left, and into those that they joined."""
    fields = peak_fields(form)
    moving = _Moving()
    reports = Report.objects.filter(form=form, is_current=True, unit__in=moved)
    for unit_id, day, values, *said in reports.values_list(*_READ).iterator():
        before, after = moved[unit_id]
        left, joined = set(before.above) - set(after.above), set(after.above) - set(before.above)
        lost, gained = (tally(_counted(values, said, one.population)) for one in (before, after))
        for place_id in left:
            moving.add((place_id, day), negative(lost))
            moving.lowered.add((place_id, day))
        for place_id in joined:
            moving.add((place_id, day), gained)
            raise_peaks(moving.peaks.setdefault((place_id, day), {}), values, fields)
        if before.population != after.population:
            for place_id in set(before.above) & set(after.above):
                moving.add((place_id, day), add([negative(lost), gained]))
    if moving.tallies:
        gains = Gains(form, moving.tallies, fields, moving.peaks, frozenset(moving.lowered))
        apply_gains(gains)


def _counted(values: Mapping[str, Number | None], said: list[Any], population: int) -> Counted:
    zero_declared, late, revision, synthetic = said
    return Counted(values, zero_declared, late, revision, population, synthetic)
