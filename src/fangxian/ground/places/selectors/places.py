"""Finding places and walking their tree."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db.models import Func, OuterRef, Q, QuerySet, Subquery

from fangxian.base.errors import NotFound
from fangxian.ground.places.models import Facility, FormerName, LevelName, Place, PlaceCode, Population
from fangxian.ground.places.rules.tables import plain

_LATER = Q(valid_to__isnull=True)
FOUND_AT_MOST = 50


def place_by_code(code: str, *, system: str | None = None) -> Place:
    """Return the place with a code; with ``system``, the code of that edition or data set."""
    wanted = plain(code)
    place = None
    if system is not None:
        other = PlaceCode.objects.select_related("place").filter(system=system, code=wanted).first()
        place = other.place if other is not None else None
    place = place or Place.objects.filter(code=wanted).first()
    if place is None:
        raise NotFound(
            {"zh": f"没有代码为 {code} 的地区。", "en": f"There is no place with the code {code}."},
            {"zh": "请核对代码，或先导入该地区。", "en": "Check the code, or import the place first."},
        )
    return place


def in_force(day: date) -> Q:
    """Return the condition that a place exists on a day."""
    return (Q(valid_from__isnull=True) | Q(valid_from__lte=day)) & (_LATER | Q(valid_to__gt=day))


def open_on(day: date) -> Q:
    """Return the condition that a facility is open on a day."""
    return (Q(opened__isnull=True) | Q(opened__lte=day)) & (Q(closed__isnull=True) | Q(closed__gt=day))


def ancestors(place: Place) -> list[Place]:
    """Return the places above, highest first, without the place itself."""
    above = Q(tree_left__lt=place.tree_left, tree_right__gte=place.tree_left)
    return list(Place.objects.filter(above, country=place.country).order_by("tree_left"))


def children(place: Place, *, on: date) -> list[Place]:
    """Return the places right below that exist on a day.

    What hung under a place merged into this one belongs to it from then on, and a place merged later
    still stands where it stood.
    """
    found: list[Place] = []
    parents = [place.pk]
    while parents:
        below = list(Place.objects.filter(Q(parent__in=parents) | Q(former_parent__in=parents)))
        here, parents = _stand_on(below, set(parents), on)
        found += here
    return sorted({one.pk: one for one in found}.values(), key=lambda one: one.code)


def _stand_on(below: Sequence[Place], parents: set[int], on: date) -> tuple[list[Place], list[int]]:
    """Split places into those that stand below ``parents`` on a day, and those dissolved into them."""
    standing, dissolved = [], []
    for one in below:
        merged = one.valid_to is not None and one.valid_to <= on
        begun = one.valid_from is None or one.valid_from <= on
        home = one.parent_id if merged or one.successor_id is None else one.former_parent_id
        if home not in parents or not begun:
            continue
        if not merged:
            standing.append(one)
        elif one.successor_id is not None:
            dissolved.append(one.pk)
    return standing, dissolved


def units_by_child(children_shown: Sequence[Place], *, on: date) -> dict[int, int]:
    """Return how many open facilities stand in or below each of some places, by place id."""
    open_units = (
        Facility.objects.filter(open_on(on))
        .filter(place__tree_left__gte=OuterRef("tree_left"), place__tree_left__lte=OuterRef("tree_right"))
        .order_by()
        .annotate(units=Func("id", function="Count"))
        .values("units")
    )
    counted = Place.objects.filter(pk__in=[one.pk for one in children_shown]).order_by()
    return dict(counted.annotate(units=Subquery(open_units)).values_list("id", "units"))


def subtree(place: Place) -> QuerySet[Place]:
    """Return the place and all below it, places that ended included."""
    return Place.objects.filter(tree_left__range=(place.tree_left, place.tree_right))


def find_places(text: str, *, under: Sequence[Place] = (), limit: int = FOUND_AT_MOST) -> list[Place]:
    """Return places whose code begins with, or whose name holds, a text; highest levels first."""
    wanted = plain(text)
    if not wanted:
        return []
    matches = Q(code__startswith=wanted) | Q(name__contains=wanted) | Q(name_en__icontains=wanted)
    scope = Q()
    for root in under:
        scope |= Q(tree_left__range=(root.tree_left, root.tree_right))
    query = Place.objects.filter(matches).filter(scope).select_related("parent", "successor")
    return list(query.order_by("level", "code")[:limit])


def predecessors(place: Place) -> list[Place]:
    """Return the places that were merged into this one, latest first."""
    return list(Place.objects.filter(successor=place).order_by("-valid_to", "code"))


def former_names(place: Place) -> list[FormerName]:
    """Return what the place was called before, latest first."""
    return list(FormerName.objects.filter(place=place).order_by("-until"))


def level_labels(country: str, language: str) -> dict[int, str]:
    """Return what a country calls each level, in a language (``zh`` or ``en``)."""
    column = "name_zh" if language.startswith("zh") else "name_en"
    return dict(LevelName.objects.filter(country=country).values_list("level", column))


def level_label(place: Place, language: str) -> str:
    """Return what the place's level is called in its country; the general word where it has none."""
    return level_labels(place.country, language).get(place.level) or str(place.get_level_display())


def populations_of(place: Place) -> list[Population]:
    """Return the population by age, latest year first."""
    return list(Population.objects.filter(place=place).order_by("-year", "age_low", "age_high"))
