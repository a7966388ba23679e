"""Places that are merged, renamed or ended: dated, so that every series goes on."""

from __future__ import annotations

from datetime import date

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from fangxian.base.errors import Conflict
from fangxian.ground.audit.services import record_event
from fangxian.ground.places.models import Facility, FormerName, Place
from fangxian.ground.places.rules.mergers import Standing, refuse_end, refuse_merger, refuse_name
from fangxian.ground.places.services.followers import register_changes
from fangxian.ground.places.services.storage import lock_tree
from fangxian.ground.places.services.tree import renumber


def merge_place(*, actor: AbstractBaseUser | None, place: Place, into: Place, on: date) -> Place:
    """Merge a place from a day on; it then hangs under its successor, with all that lies below it."""
    with transaction.atomic():
        lock_tree()
        place, into = Place.objects.get(pk=place.pk), Place.objects.get(pk=into.pk)
        refusal = refuse_merger(_standing(place), _standing(into), on)
        if refusal is not None:
            raise refusal
        place.former_parent_id = place.parent_id
        place.parent = place.successor = into
        place.valid_to = on
        with register_changes():
            place.save(update_fields=["former_parent", "parent", "successor", "valid_to"])
            renumber()
        record_event(
            actor=actor,
            code="places.merged",
            place_code=place.code,
            subject=("place", place.code),
            detail={"into": into.code, "on": on.isoformat()},
        )
    return Place.objects.get(pk=place.pk)


def rename_place(*, actor: AbstractBaseUser | None, place: Place, name: str, name_en: str, on: date) -> Place:
    """Give a place a new name from a day on and keep the one before."""
    refusal = refuse_name(name)
    if refusal is not None:
        raise refusal
    with transaction.atomic():
        place = Place.objects.select_for_update().get(pk=place.pk)
        FormerName.objects.update_or_create(
            place=place, until=on, defaults={"name": place.name, "name_en": place.name_en}
        )
        before, place.name, place.name_en = place.name, name.strip(), name_en.strip()
        place.save(update_fields=["name", "name_en"])
        record_event(
            actor=actor,
            code="places.renamed",
            place_code=place.code,
            subject=("place", place.code),
            detail={"from": before, "to": place.name, "on": on.isoformat()},
        )
    return place


def end_place(*, actor: AbstractBaseUser | None, place: Place, on: date) -> Place:
    """End a place that has no successor; places and facilities in force below it forbid that."""
    with transaction.atomic():
        place = Place.objects.select_for_update().get(pk=place.pk)
        refusal = refuse_end(_standing(place), on)
        if refusal is not None:
            raise refusal
        _refuse_what_stands(place)
        place.valid_to = on
        place.save(update_fields=["valid_to"])
        record_event(
            actor=actor,
            code="places.ended",
            place_code=place.code,
            subject=("place", place.code),
            detail={"on": on.isoformat()},
        )
    return place


def _refuse_what_stands(place: Place) -> None:
    below = Place.objects.filter(parent=place, valid_to__isnull=True).count()
    units = Facility.objects.filter(place=place, closed__isnull=True).count()
    if below or units:
        raise Conflict(
            {
                "zh": f"{place.code} 之下还有 {below} 个地区和 {units} 个机构。",
                "en": f"{place.code} still has {below} places and {units} facilities below it.",
            },
            {
                "zh": "请先撤并下级地区、关闭机构，或改用合并。",
                "en": "End those places and close those facilities first, or merge the place.",
            },
            {"places": below, "facilities": units},
        )


def _standing(place: Place) -> Standing:
    return Standing(
        place.code,
        place.country,
        place.level,
        (place.tree_left, place.tree_right),
        place.valid_from,
        place.valid_to,
    )
