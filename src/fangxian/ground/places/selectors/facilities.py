"""Finding facilities and adding up what they can hold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, QuerySet, Sum

from fangxian.base.errors import NotFound
from fangxian.ground.places.choices import FacilityKind
from fangxian.ground.places.models import Capacity, Facility, Place
from fangxian.ground.places.rules.tables import plain
from fangxian.ground.places.selectors.places import open_on


@dataclass(frozen=True)
class CapacityTotal:
    """The sum of one kind over the facilities that state it, and how many of them do."""

    kind: str
    amount: int
    facilities: int


def facility_by_code(code: str) -> Facility:
    """Return the facility with a code."""
    facility = Facility.objects.select_related("place").filter(code=code.strip()).first()
    if facility is None:
        raise NotFound(
            {"zh": f"没有代码为 {code} 的机构。", "en": f"There is no facility with the code {code}."},
            {"zh": "请核对代码，或先导入该机构。", "en": "Check the code, or import the facility first."},
        )
    return facility


def units_under(place: Place, kinds: Iterable[str] = FacilityKind.values, *, on: date) -> QuerySet[Facility]:
    """Return the facilities of some kinds that are open on a day in the place or below it."""
    below = Q(place__tree_left__range=(place.tree_left, place.tree_right), kind__in=list(kinds))
    return Facility.objects.filter(below & open_on(on)).select_related("place").order_by("code")


def kinds_under(place: Place, *, on: date) -> list[tuple[str, int]]:
    """Return how many open facilities of each kind stand in the place or below it, most first."""
    counted = units_under(place, on=on).order_by().values_list("kind").annotate(units=Count("id"))
    return sorted(counted, key=lambda pair: (-pair[1], pair[0]))


def capacities_of(facility: Facility) -> list[Capacity]:
    """Return every dated amount, by kind, latest first."""
    return list(Capacity.objects.filter(facility=facility).order_by("kind", "-valid_from"))


def capacity_totals(place: Place, kinds: Iterable[str] = (), *, on: date) -> dict[str, CapacityTotal]:
    """Return by kind what the facilities in the place and below can hold on a day; a kind that no
    facility states is absent, not 0."""
    in_place = Q(facility__place__tree_left__range=(place.tree_left, place.tree_right))
    holds = Q(valid_from__lte=on) & (Q(valid_to__isnull=True) | Q(valid_to__gt=on))
    opened = Q(facility__opened__isnull=True) | Q(facility__opened__lte=on)
    closed = Q(facility__closed__isnull=True) | Q(facility__closed__gt=on)
    query = Capacity.objects.filter(in_place, holds, opened, closed)
    wanted = list(kinds)
    if wanted:
        query = query.filter(kind__in=wanted)
    rows = query.order_by().values_list("kind").annotate(Sum("amount"), Count("facility"))
    return {kind: CapacityTotal(kind, amount, count) for kind, amount, count in rows}


def find_units(units: QuerySet[Facility], text: str, *, limit: int) -> list[Facility]:
    """Return those of some units whose code begins with, or whose name holds, a text."""
    wanted = plain(text)
    matches = Q(code__startswith=wanted) | Q(name__contains=wanted) | Q(name_en__icontains=wanted)
    return list(units.filter(matches).select_related("place").order_by("code")[:limit])
