"""The world and the inventory behind the permission matrix: places, people of every role, every address."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from fangxian.console.gate import PUBLIC
from fangxian.ground.accounts.choices import Role
from fangxian.ground.accounts.models import User
from fangxian.ground.accounts.selectors import Access
from fangxian.ground.places.choices import FacilityKind, Level
from fangxian.ground.places.models import Facility, Place
from worlds import make_plan, make_unit, make_user, number_tree

POSITIONS = ("own", "above", "below", "beside", "elsewhere")


@dataclass(frozen=True)
class Address:
    """One URL pattern with one HTTP method, or a page that says itself which methods it takes."""

    route: str
    name: str
    kwargs: tuple[str, ...]
    access: Access | None
    method: str | None

    @property
    def is_api(self) -> bool:
        """Say whether a program is meant to come here."""
        return self.route.startswith("api/")

    @property
    def is_public(self) -> bool:
        """Say whether the address stands on the list of the gate."""
        return self.name in PUBLIC

    def __str__(self) -> str:
        return f"{self.method or 'PAGE'} /{self.route}"


def addresses() -> list[Address]:
    """Return every address that the resolver knows, one for each operation of the API."""
    found: dict[tuple[str, str | None], Address] = {}
    for route, name, pattern in _walk(get_resolver().url_patterns):
        for address in _of(route, name, pattern):
            found.setdefault((address.route, address.method), address)
    return list(found.values())


def _walk(
    patterns: list[URLPattern | URLResolver], prefix: str = "", namespace: str = ""
) -> Iterator[tuple[str, str, URLPattern]]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _walk(pattern.url_patterns, route, inner)
        else:
            yield route, f"{namespace}{pattern.name}", pattern


def _of(route: str, name: str, pattern: URLPattern) -> Iterator[Address]:
    kwargs = tuple(pattern.pattern.converters)
    operations = _operations(pattern.callback)
    if not operations:
        yield Address(route, name, kwargs, access_of(pattern.callback), None)
    for operation in operations:
        for method in operation.methods:
            yield Address(route, name, kwargs, access_of(operation.view_func), method)


def _operations(callback: Callable[..., Any]) -> list[Any]:
    inner = inspect.unwrap(callback)
    if not inspect.isfunction(inner):
        return []
    return getattr(inspect.getclosurevars(inner).nonlocals.get("self"), "operations", [])


def access_of(view: Callable[..., Any]) -> Access | None:
    """Return what a view declares, through decorators and class views."""
    for candidate in (view, inspect.unwrap(view), getattr(view, "view_class", None)):
        found = getattr(candidate, "access", None)
        if isinstance(found, Access):
            return found
    return None


@dataclass
class World:
    """Places by position as seen from county 1 of city 1, a unit in each, and a person for every role."""

    places: dict[str, Place]
    units: dict[str, Facility]
    people: dict[str, User | None]
    clients: dict[str, Client]


def signed_in(user: User | None) -> Client:
    """Return a browser, signed in before any test begins: what a test writes is rolled back."""
    client = Client(raise_request_exception=False)
    if user is not None:
        client.force_login(user)
    return client


def make_world() -> World:
    """Two provinces; in the first a city with two counties, one of them down to a village."""
    tree = {
        "province": ("Z1", Level.PROVINCE, None),
        "above": ("Z11", Level.CITY, "province"),
        "own": ("Z111", Level.COUNTY, "above"),
        "beside": ("Z112", Level.COUNTY, "above"),
        "township": ("Z1111", Level.TOWNSHIP, "own"),
        "below": ("Z11111", Level.VILLAGE, "township"),
        "far-province": ("Z2", Level.PROVINCE, None),
        "far-city": ("Z21", Level.CITY, "far-province"),
        "elsewhere": ("Z211", Level.COUNTY, "far-city"),
    }
    made: dict[str, Place] = {}
    for key, (code, level, parent) in tree.items():
        made[key] = Place.objects.create(
            code=code, name=f"某{key}", level=level, parent=made.get(parent or ""), population=1000
        )
    number_tree()
    places = {key: Place.objects.get(pk=place.pk) for key, place in made.items()}
    for root in ("province", "far-province"):
        make_plan(places[root])
    units = {
        key: make_unit(
            f"U{places[key].code}",
            places[key],
            FacilityKind.VILLAGE_CLINIC if key == "below" else FacilityKind.HOSPITAL,
        )
        for key in POSITIONS
    }
    people: dict[str, User | None] = {
        role.value: make_user(role.value, places["own"], role.value) for role in Role
    }
    people["unit_reporter"] = make_user("reporter", units["own"], "unit_reporter")
    people["no_scope"] = make_user("reporter", None, "no_scope")
    people["anonymous"] = None
    return World(places, units, people, {name: signed_in(user) for name, user in people.items()})
