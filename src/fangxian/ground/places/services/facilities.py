"""Facilities and their dated capacities."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import date

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from fangxian.base.errors import Finding
from fangxian.ground.audit.services import record_event
from fangxian.ground.places.choices import CapacityKind
from fangxian.ground.places.models import Capacity, Facility, Place
from fangxian.ground.places.rules.capacities import spans
from fangxian.ground.places.rules.facilities import FacilityRow, FacilityRows, read_facilities
from fangxian.ground.places.rules.outcome import Outcome, fits
from fangxian.ground.places.rules.tables import LARGEST, Table
from fangxian.ground.places.rules.wording import finding, refuse
from fangxian.ground.places.services.followers import register_changes

_BATCH = 1000
_COUNTED_BY = {"place", "place_id", "population_served"}  # where a unit counts, and for how many people
CapacityKey = tuple[str, str, date]


@dataclass
class _Change:
    """What a table of facilities would do to the database."""

    new: dict[str, Facility] = field(default_factory=dict)
    changed: dict[str, Facility] = field(default_factory=dict)
    fields: set[str] = field(default_factory=set)
    amounts: dict[CapacityKey, int] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)


def import_facilities(
    *,
    actor: AbstractBaseUser | None,
    table: Table,
    capacity_from: date | None = None,
    preview: bool = False,
    within: Place | None = None,
) -> Outcome:
    """Load facilities with their capacities, all or nothing; ``preview`` only says what would happen.

    A row for a place outside ``within`` is refused: an administrator changes her own places only.
    """
    said = read_facilities(table, capacity_from)
    with transaction.atomic():
        findings = said.findings + _wrong_places(said, within)
        refused_rows = {one.row for one in findings}
        rows = [row for row in said.rows if row.row not in refused_rows]
        change = _compare(rows)
        touched = len(change.touched)
        outcome = Outcome(said.read, touched, len(rows) - touched, findings)
        if preview:
            return outcome
        if not fits(findings):
            raise outcome.refusal()
        with register_changes() if change.fields & _COUNTED_BY else nullcontext():
            _write(change)
        record_event(
            actor=actor,
            code="facilities.imported",
            subject=("file", table.name[:64]),
            detail=outcome.counts(),
        )
    return outcome


def set_capacity(
    *, actor: AbstractBaseUser | None, facility: Facility, kind: str, amount: int, valid_from: date
) -> Capacity:
    """State how much of a kind a facility has from a day on, until the next amount stated."""
    if kind not in CapacityKind.values:
        words = ", ".join(CapacityKind.values)
        raise refuse("choice-unknown", value=kind, words=words, choices=words)
    if not 0 <= amount <= LARGEST:
        raise refuse("number-invalid", value=amount, low=0, high=LARGEST)
    with transaction.atomic():
        Facility.objects.select_for_update().get(pk=facility.pk)
        before = Capacity.objects.filter(facility=facility, kind=kind, valid_from=valid_from).first()
        _write_amounts({(facility.code, kind, valid_from): amount}, {facility.code: facility.pk})
        record_event(
            actor=actor,
            code="facilities.capacity_set",
            place_code=facility.place.code,
            subject=("facility", facility.code),
            detail={
                "kind": kind,
                "amount": amount,
                "before": before.amount if before else None,
                "valid_from": valid_from.isoformat(),
            },
        )
    return Capacity.objects.get(facility=facility, kind=kind, valid_from=valid_from)


def save_facility(
    *, actor: AbstractBaseUser | None, facility: Facility | None, values: Mapping[str, object]
) -> Facility:
    """Change one facility, or set up a new one; ``values`` are fields by name."""
    with transaction.atomic():
        new = facility is None
        kept = Facility() if facility is None else Facility.objects.select_for_update().get(pk=facility.pk)
        changed = {name: value for name, value in values.items() if getattr(kept, name, None) != value}
        before = {} if new else {name: str(getattr(kept, name)) for name in changed}
        for name, value in changed.items():
            setattr(kept, name, value)
        with register_changes() if not new and changed.keys() & _COUNTED_BY else nullcontext():
            kept.save()
        record_event(
            actor=actor,
            code="facilities.changed",
            place_code=kept.place.code,
            subject=("facility", kept.code),
            detail={"before": before, "after": {name: str(value) for name, value in changed.items()}},
        )
    return kept


def _wrong_places(said: FacilityRows, within: Place | None) -> list[Finding]:
    """Return a finding for each row whose place is unknown, ended or outside ``within``."""
    columns = ("code", "tree_left", "valid_to", "successor__code")
    query = Place.objects.order_by().filter(code__in={cell.value for cell in said.places})
    known = {code: rest for code, *rest in query.values_list(*columns)}
    today = timezone.localdate()
    findings = []
    for cell in said.places:
        if cell.value not in known:
            findings.append(finding("place-unknown", cell))
            continue
        left, end, successor = known[cell.value]
        if end is not None and end <= today:
            findings.append(finding("place-closed", cell, date=end, successor=successor or "—"))
        elif within is not None and not within.tree_left <= left <= within.tree_right:
            findings.append(finding("place-outside", cell, within=within.code))
    return findings


def _compare(rows: list[FacilityRow]) -> _Change:
    known = {one.code: one for one in Facility.objects.all()} if rows else {}
    places = dict(Place.objects.order_by().values_list("code", "id")) if rows else {}
    amounts = _known_amounts() if any(row.capacities for row in rows) else {}
    change = _Change()
    for row in rows:
        stated = {**row.stated, "place_id": places[row.place_code]}
        facility = known.get(row.code)
        if facility is None:
            change.new[row.code] = Facility(code=row.code, **stated)
            change.touched.add(row.code)
        else:
            different = {name for name, value in stated.items() if getattr(facility, name) != value}
            if different:
                for name in different:
                    setattr(facility, name, stated[name])
                change.changed[row.code] = facility
                change.fields |= different
                change.touched.add(row.code)
        for kind, amount in row.capacities.items():
            key = (row.code, kind, row.capacity_from)
            if amounts.get(key) != amount:
                change.amounts[key] = amount
                change.touched.add(row.code)
    return change


def _known_amounts() -> dict[CapacityKey, int]:
    rows = Capacity.objects.values_list("facility__code", "kind", "valid_from", "amount")
    return {(code, kind, since): amount for code, kind, since, amount in rows}


def _write(change: _Change) -> None:
    Facility.objects.bulk_create(change.new.values(), batch_size=_BATCH)
    if change.changed:
        fields = sorted(name.removesuffix("_id") for name in change.fields)
        Facility.objects.bulk_update(change.changed.values(), fields, batch_size=200)
    codes = {code for code, _, _ in change.amounts}
    if codes:
        ids = dict(Facility.objects.values_list("code", "id"))
        _write_amounts(change.amounts, {code: ids[code] for code in codes})


def _write_amounts(amounts: Mapping[CapacityKey, int], ids: Mapping[str, int]) -> None:
    """Write amounts and let each one end where the next begins."""
    held: dict[tuple[int, str], dict[date, Capacity]] = {}
    known = Capacity.objects.all()
    if len(ids) <= 500:
        known = known.filter(facility_id__in=ids.values())
    for one in known:
        held.setdefault((one.facility_id, one.kind), {})[one.valid_from] = one
    changed: set[tuple[int, str]] = set()
    for (code, kind, since), amount in amounts.items():
        series = held.setdefault((ids[code], kind), {})
        series.setdefault(since, Capacity(facility_id=ids[code], kind=kind, valid_from=since)).amount = amount
        changed.add((ids[code], kind))
    new, old = [], []
    for key in changed:
        for since, end in spans(held[key]).items():
            one = held[key][since]
            one.valid_to = end
            (new if one.pk is None else old).append(one)
    Capacity.objects.bulk_update(old, ["amount", "valid_to"], batch_size=200)
    Capacity.objects.bulk_create(new, batch_size=_BATCH)
