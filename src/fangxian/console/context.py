"""What every page shows around its content: where one may go, where one is, and whether the data is real."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

import fangxian
from fangxian.ground.accounts.choices import Action
from fangxian.ground.accounts.selectors import policy
from fangxian.ground.places.models import Facility, Place


def frame(request: HttpRequest) -> dict[str, Any]:
    """Return navigation, place, data label and version for ``base.html``."""
    around: dict[str, Any] = {
        "version": fangxian.__version__,
        "synthetic": settings.FANGXIAN_SYNTHETIC or SimpleLazyObject(_any_synthetic),
    }
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return around
    here = _here(request)
    return around | {
        "here": here,
        "place_choices": SimpleLazyObject(lambda: place_choices(request, here)) if here else {},
        "personal": [{"url": reverse("accounts:me"), "icon": "user", "label": _("My account")}],
        "navigation": SimpleLazyObject(lambda: navigation(request, here)),
    }


def navigation(request: HttpRequest, here: Place | None) -> list[dict[str, Any]]:
    """Return the rooms that this person may enter, for this place."""
    code = here.code if here else None
    rooms = [
        (Action.USE_OWN_ACCOUNT, reverse("reporting:today"), "home", _("Today")),
        (Action.ENTER_REPORTS, reverse("reporting:entry_index"), "pencil", _("Enter reports")),
        (Action.VIEW_REPORTS, _at("reporting:board", code), "clipboard-list", _("Board of reports")),
        (Action.VIEW_FIGURES, _at("assessment:brief", code), "report-medical", _("Brief")),
        (Action.IMPORT_REPORTS, reverse("reporting:imports"), "upload", _("Imports")),
        (Action.VIEW_PLACES, reverse("places:index"), "map-2", _("Places and facilities")),
        (Action.VIEW_PLAN, _at("emergency_plans:plan", code), "book-2", _("Emergency plan")),
        (Action.VIEW_AUDIT, reverse("audit:trail"), "shield-check", _("Audit trail")),
        (Action.CHANGE_ACCOUNTS, reverse("accounts:people"), "users", _("Accounts")),
    ]
    return [
        {"url": url, "icon": drawing, "label": label, "active": is_active(request.path, url)}
        for action, url, drawing, label in rooms
        if url and _may(request, action, here)
    ]


def _at(name: str, code: str | None) -> str:
    return reverse(name, kwargs={"code": code}) if code else ""


def _may(request: HttpRequest, action: Action, here: Place | None) -> bool:
    if action in (Action.VIEW_REPORTS, Action.VIEW_FIGURES):
        return here is not None and policy.may(request.user, action, place=here).allowed
    return policy.may(request.user, action).allowed


def is_active(path: str, url: str) -> bool:
    """Say whether the page being shown lies in the room of a link."""
    return path == "/" if url == "/" else path.startswith("/" + url.split("/")[1] + "/")


def place_choices(request: HttpRequest, here: Place) -> dict[str, list[dict[str, Any]]]:
    """Return the places to go to from here, each with the address of this same page there."""
    around = Place.objects.filter(
        Q(tree_left__lt=here.tree_left, tree_right__gte=here.tree_left) | Q(parent=here)
    ).order_by("tree_left")
    mine = policy.places(request.user, Action.VIEW_PLACES)
    seen = [
        place
        for place in around
        if any(root.tree_left <= place.tree_left <= root.tree_right for root in mine)
    ]
    return {
        "above": [_choice(request, place) for place in seen if place.level < here.level],
        "below": [_choice(request, place) for place in seen if place.level > here.level],
        "mine": [_choice(request, place) for place in mine if place.pk != here.pk],
    }


def _choice(request: HttpRequest, place: Place) -> dict[str, Any]:
    match = request.resolver_match
    if match is not None and "code" in match.kwargs:
        address = reverse(match.view_name, kwargs={**match.kwargs, "code": place.code})
        query = request.GET.urlencode()
        return {"place": place, "url": f"{address}?{query}" if query else address}
    watched = policy.may(request.user, Action.VIEW_REPORTS, place=place).allowed
    return {"place": place, "url": _at("reporting:board" if watched else "places:place", place.code)}


def _here(request: HttpRequest) -> Place | None:
    facility = getattr(request, "facility", None)
    asked = getattr(request, "place", None) or (facility.place if facility else None)
    if asked is not None:
        return asked
    mine = policy.places(request.user, Action.VIEW_PLACES)
    if mine:
        return mine[0]
    units = [grant.facility for grant in policy.grants(request.user) if grant.facility is not None]
    return units[0].place if units else None


def _any_synthetic() -> bool:
    return Facility.objects.filter(synthetic=True).exists()
