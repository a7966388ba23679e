"""Pages of places and facilities."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fangxian.base.errors import FangxianError, InvalidInput
from fangxian.ground.accounts.choices import Action
from fangxian.ground.accounts.selectors import policy, requires
from fangxian.ground.places import selectors, services
from fangxian.ground.places.choices import CapacityKind, FacilityKind
from fangxian.ground.places.forms import CapacityForm, FacilityForm, FacilityImportForm
from fangxian.ground.places.models import Facility, Place
from fangxian.ground.places.rules.facility_files import read_facility_file

UNITS_ON_A_PAGE = 30
UNITS_FOUND = 30
FINDINGS_SHOWN = 200


@require_GET
@requires(Action.VIEW_PLACES)
def place_index(request: HttpRequest) -> HttpResponse:
    """Show the viewer's own places and units, and find one by code or name."""
    text = request.GET.get("q", "").strip()
    roots = policy.places(request.user, Action.VIEW_PLACES)
    units = policy.units(request.user, Action.VIEW_PLACES)
    shown = {
        "search": text,
        "roots": list({root.pk: root for root in roots}.values()),
        "found": selectors.find_places(text, under=roots) if text and roots else [],
        "units": selectors.find_units(units, text, limit=UNITS_FOUND) if text or not roots else [],
    }
    return render(request, "places/index.html", shown)


@require_GET
@requires(Action.VIEW_PLACES, place="code")
def place_page(request: HttpRequest, code: str) -> HttpResponse:
    """Show one place: where it stands, what stands in it, who lives there."""
    place: Place = request.place
    today = timezone.localdate()
    below = selectors.children(place, on=today)
    counts = selectors.units_by_child(below, on=today)
    kind = request.GET.get("kind", "")
    kind = kind if kind in FacilityKind.values else ""
    units = selectors.units_under(place, [kind] if kind else FacilityKind.values, on=today)
    totals = selectors.capacity_totals(place, on=today)
    shown = {
        "place": place,
        "level_name": selectors.level_label(place, _language()),
        "chain": _chain(request, place),
        "below": [(child, counts.get(child.pk)) for child in below],
        "kinds": [
            (one, FacilityKind(one).label, number) for one, number in selectors.kinds_under(place, on=today)
        ],
        "kind": kind,
        "units": Paginator(units, UNITS_ON_A_PAGE).get_page(request.GET.get("page")),
        "capacities": [(CapacityKind(one.kind).label, one) for one in totals.values()],
        "populations": selectors.populations_of(place),
        "predecessors": selectors.predecessors(place),
        "former_names": selectors.former_names(place),
        "may_change": policy.may(request.user, Action.CHANGE_PLACES, place=place).allowed,
    }
    return render(request, "places/place.html", shown)


@require_GET
@requires(Action.VIEW_PLACES, facility="unit")
def facility_page(request: HttpRequest, unit: str) -> HttpResponse:
    """Show one facility and its dated capacities."""
    return _facility_page(
        request, request.facility, CapacityForm(initial={"valid_from": timezone.localdate()})
    )


@require_POST
@requires(Action.CHANGE_PLACES, facility="unit")
def state_capacity(request: HttpRequest, unit: str) -> HttpResponse:
    """Take an amount from a day on."""
    form = CapacityForm(request.POST)
    if not form.is_valid():
        return _facility_page(request, request.facility, form, status=422)
    services.set_capacity(actor=request.user, facility=request.facility, **form.cleaned_data)
    messages.success(request, _("The capacity is recorded."))
    return redirect("places:facility", unit=unit)


@require_http_methods(["GET", "POST"])
@requires(Action.CHANGE_PLACES, facility="unit")
def change_facility(request: HttpRequest, unit: str) -> HttpResponse:
    """Change one facility."""
    facility: Facility = request.facility
    form = FacilityForm(request.POST or None, instance=facility, within=facility.place, place=facility.place)
    return _take_facility(request, form, facility)


@require_http_methods(["GET", "POST"])
@requires(Action.CHANGE_PLACES, place="code")
def new_facility(request: HttpRequest, code: str) -> HttpResponse:
    """Set up one facility in a place or below it."""
    return _take_facility(request, FacilityForm(request.POST or None, within=request.place), None)


@require_http_methods(["GET", "POST"])
@requires(Action.CHANGE_PLACES, place="code")
def import_facilities(request: HttpRequest, code: str) -> HttpResponse:
    """Preview a table of facilities with every finding, then commit it."""
    form = FacilityImportForm(request.POST or None, request.FILES or None)
    shown: dict[str, Any] = {"place": request.place, "form": form}
    if request.method == "POST" and form.is_valid():
        commit = "commit" in request.POST
        try:
            table = read_facility_file(form.cleaned_data["name"], form.cleaned_data["content"])
            outcome = services.import_facilities(
                actor=request.user,
                table=table,
                capacity_from=form.cleaned_data["capacity_from"],
                preview=not commit,
                within=request.place,
            )
        except InvalidInput as refused:
            return render(request, "places/import.html", {**shown, "refused": refused}, status=422)
        if commit:
            messages.success(request, _("%(n)s facilities were imported.") % {"n": outcome.accepted})
            return redirect("places:place", code=code)
        errors = any(one.severity == "error" for one in outcome.findings)
        shown |= {"outcome": outcome, "findings": outcome.findings[:FINDINGS_SHOWN], "errors": errors}
        shown |= {"held": None if errors else form.hold(), "held_name": form.cleaned_data["name"]}
    return render(request, "places/import.html", shown)


def _take_facility(request: HttpRequest, form: FacilityForm, facility: Facility | None) -> HttpResponse:
    """Show the form, or write what it says where the actor may change that place."""
    if request.method == "POST" and form.is_valid():
        try:
            place = selectors.place_by_code(form.cleaned_data["place_code"])
            allowed = policy.may(request.user, Action.CHANGE_PLACES, place=place).allowed
        except FangxianError as error:
            form.add_error("place_code", error.message["zh" if _language() == "zh" else "en"])
        else:
            if allowed:
                values = form.values(place)
                saved = services.save_facility(actor=request.user, facility=facility, values=values)
                messages.success(request, _("The facility is recorded."))
                return redirect("places:facility", unit=saved.code)
            form.add_error("place_code", _("This place lies outside what you may change."))
    shown = {"form": form, "facility": request.facility if facility else None, "place": form.within}
    return render(request, "places/facility_form.html", shown, status=422 if form.errors else 200)


def _facility_page(
    request: HttpRequest, facility: Facility, form: CapacityForm, status: int = 200
) -> HttpResponse:
    shown = {
        "facility": facility,
        "place": facility.place,
        "chain": _chain(request, facility.place),
        "capacities": selectors.capacities_of(facility),
        "today": timezone.localdate(),
        "form": form,
        "may_change": policy.may(request.user, Action.CHANGE_PLACES, facility=facility).allowed,
        "may_see_reports": policy.may(request.user, Action.VIEW_REPORTS, facility=facility).allowed,
    }
    return render(request, "places/facility.html", shown, status=status)


def _chain(request: HttpRequest, place: Place) -> list[tuple[Place, bool]]:
    """Return the places above and the place itself, each with whether the viewer may open it."""
    roots = policy.places(request.user, Action.VIEW_PLACES)
    return [
        (one, any(root.tree_left <= one.tree_left <= root.tree_right for root in roots))
        for one in [*selectors.ancestors(place), place]
    ]


def _language() -> str:
    return "zh" if (get_language() or "zh").startswith("zh") else "en"
