from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language
from ninja import Router

from fangxian.ground.accounts.choices import Action
from fangxian.ground.accounts.selectors import requires
from fangxian.ground.places import selectors, services
from fangxian.ground.places.models import Capacity, Facility, Place
from fangxian.ground.places.schemas import (
    CapacityIn,
    CapacityOut,
    ChildOut,
    FacilityOut,
    PlaceOut,
)

router = Router(tags=["places"])


@router.get("/places/{code}", response=PlaceOut, summary="A place")
@requires(Action.VIEW_PLACES, place="code")
def show_place(request: HttpRequest, code: str, on: date | None = None) -> dict[str, Any]:
    """Return a place, the chain above it, its population, and what it can hold on a day (today)."""
    place: Place = request.place
    totals = selectors.capacity_totals(place, on=on or timezone.localdate())
    return {
        **{name: getattr(place, name) for name in ("code", "name", "name_en", "level", "country", "source")},
        **{name: getattr(place, name) for name in ("population", "valid_from", "valid_to", "successor")},
        "level_name": selectors.level_label(place, get_language() or "zh"),
        "ancestors": selectors.ancestors(place),
        "predecessors": selectors.predecessors(place),
        "populations": selectors.populations_of(place),
        "capacities": list(totals.values()),
    }


@router.get("/places/{code}/children", response=list[ChildOut], summary="Places right below")
@requires(Action.VIEW_PLACES, place="code")
def list_children(request: HttpRequest, code: str, on: date | None = None) -> list[Place]:
    """Return the places that stand right below on a day (today)."""
    return selectors.children(request.place, on=on or timezone.localdate())


@router.get("/places/{code}/boundaries", summary="Outlines as GeoJSON")
@requires(Action.VIEW_PLACES, place="code")
def show_boundaries(request: HttpRequest, code: str, on: date | None = None) -> dict[str, Any]:
    """Return the outlines of the places right below on a day, under their present codes."""
    return selectors.boundaries_to_show(request.place, on=on or timezone.localdate())


@router.get("/facilities/{unit}", response=FacilityOut, summary="A facility")
@requires(Action.VIEW_PLACES, facility="unit")
def show_facility(request: HttpRequest, unit: str) -> dict[str, Any]:
    """Return a facility with every dated capacity."""
    facility: Facility = request.facility
    told = {name: getattr(facility, name) for name in FacilityOut.model_fields if name != "capacities"}
    return {**told, "capacities": selectors.capacities_of(facility)}


@router.post("/facilities/{unit}/capacities", response=CapacityOut, summary="State a capacity")
@requires(Action.CHANGE_PLACES, facility="unit")
def state_capacity(request: HttpRequest, unit: str, payload: CapacityIn) -> Capacity:
    """State how much of a kind the facility has from a day on."""
    return services.set_capacity(actor=request.user, facility=request.facility, **payload.dict())
