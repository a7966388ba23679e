"""Population by age, with its source."""

from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from fangxian.ground.audit.services import record_event
from fangxian.ground.places.models import Place, Population
from fangxian.ground.places.rules.outcome import Outcome, fits
from fangxian.ground.places.rules.populations import PopulationRow, read_populations, total_people
from fangxian.ground.places.rules.tables import Table
from fangxian.ground.places.rules.wording import Cell, finding


def import_populations(*, actor: AbstractBaseUser | None, table: Table) -> Outcome:
    """Load population by age, all or nothing, and keep each place's latest total."""
    said = read_populations(table)
    with transaction.atomic():
        codes = {row.place_code for row in said.rows}
        places = {place.code: place for place in Place.objects.filter(code__in=codes)}
        strangers = [row for row in said.rows if row.place_code not in places]
        findings = said.findings + [
            finding("place-unknown", Cell(row.file, row.row, "place_code", row.place_code))
            for row in strangers
        ]
        rows = [row for row in said.rows if row.place_code in places]
        new, changed = _compare(rows, places)
        accepted = len(new) + len(changed)
        outcome = Outcome(said.read, accepted, len(rows) - accepted, findings)
        if not fits(findings):
            raise outcome.refusal()
        Population.objects.bulk_create(new, batch_size=1000)
        Population.objects.bulk_update(changed, ["people", "source"], batch_size=200)
        _keep_totals(places)
        record_event(
            actor=actor,
            code="places.populations_imported",
            subject=("file", table.name[:64]),
            detail=outcome.counts(),
        )
    return outcome


def _compare(
    rows: list[PopulationRow], places: dict[str, Place]
) -> tuple[list[Population], list[Population]]:
    known = {
        (one.place_id, one.year, one.age_low, one.age_high): one
        for one in Population.objects.filter(place__in=places.values())
    }
    new, changed = [], []
    for row in rows:
        band = {"year": row.year, "age_low": row.age_low, "age_high": row.age_high}
        one = known.get((places[row.place_code].pk, *band.values()))
        if one is None:
            new.append(Population(place=places[row.place_code], people=row.people, source=row.source, **band))
        elif (one.people, one.source) != (row.people, row.source):
            one.people, one.source = row.people, row.source
            changed.append(one)
    return new, changed


def _keep_totals(places: dict[str, Place]) -> None:
    by_year: dict[int, dict[int, list[tuple[int, int | None, int]]]] = {}
    for one in Population.objects.filter(place__in=places.values()):
        years = by_year.setdefault(one.place_id, {})
        years.setdefault(one.year, []).append((one.age_low, one.age_high, one.people))
    for place in places.values():
        totals = {year: total_people(bands) for year, bands in by_year.get(place.pk, {}).items()}
        known = {year: total for year, total in totals.items() if total is not None}
        if known:
            place.population = known[max(known)]
    Place.objects.bulk_update(places.values(), ["population"], batch_size=200)
