"""Reading which plan holds where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache, reduce
from operator import or_
from typing import NoReturn

from django.db.models import Q, QuerySet

from fangxian.base.errors import Finding, NotFound
from fangxian.ground.emergency_plans.models import PlanEdition, PlanInForce
from fangxian.ground.emergency_plans.rules import outside_validity
from fangxian.ground.places.models import Place
from fangxian.plans.difference import Change, diff_plans
from fangxian.plans.loader import load_plan, read_plan
from fangxian.plans.schema import Plan, Wording


@dataclass(frozen=True)
class Preview:
    """What a plan text holds, before anybody puts it in force."""

    text: str
    plan: Plan | None
    findings: tuple[Finding, ...]
    changes: tuple[Change, ...]

    @property
    def acceptable(self) -> bool:
        """Whether it could be put in force."""
        return self.plan is not None and all(finding.severity != "error" for finding in self.findings)


def plan_in_force(place: Place, day: date) -> Plan:
    """Return the plan of the place, or of the nearest place above it, that holds on a day."""
    return plan_of_edition(sha256_in_force(place, day))


def sha256_in_force(place: Place, day: date) -> str:
    """Return by its SHA-256 the edition that holds at a place on a day: what every page asks."""
    found = _holding(place, day).values_list("edition__sha256", flat=True).first()
    return found if found is not None else _none_in_force(place, day)


def edition_in_force(place: Place, day: date) -> PlanInForce:
    """Return the record by which a plan holds at a place on a day, without the text of the plan."""
    found = _holding(place, day).first()
    return found if found is not None else _none_in_force(place, day)


def plan_history(place: Place) -> list[PlanInForce]:
    """Return what has been in force at the place and above it, latest first."""
    return list(_over(place).order_by("-valid_from", "-pk"))


def plans_around(places: Sequence[Place], day: date) -> list[Plan]:
    """Return each plan that ever held at some places, above them or below them, those of a day first.

    Among those of the day, the plan that holds at a place itself comes before what holds below it.
    """
    if not places:
        return []
    reach = reduce(or_, (_above(place) | _below(place) for place in places))
    columns = ("edition__sha256", "place__tree_left", "place__tree_right", "valid_from", "valid_to")
    found = PlanInForce.objects.filter(reach).order_by("-place__tree_left", "-valid_from", "-pk")
    rows = list(found.values_list(*columns))
    today = [row for row in rows if row[3] <= day and (row[4] is None or day < row[4])]
    own = [next((row for row in today if row[1] <= place.tree_left <= row[2]), None) for place in places]
    earlier = sorted(rows, key=lambda row: row[3], reverse=True)
    first = dict.fromkeys(row[0] for row in [*own, *today, *earlier] if row is not None)
    return [plan_of_edition(sha256) for sha256 in first]


def preview_plan(place: Place, text: str, *, valid_from: date) -> Preview:
    """Say what is wrong with a plan text, and what it would change at a place from a day on."""
    plan, findings = read_plan(text)
    changes: list[Change] = []
    if plan is not None:
        expired = outside_validity(plan, valid_from)
        findings += [expired] if expired is not None else []
        try:
            changes = diff_plans(plan_in_force(place, valid_from), plan)
        except NotFound:
            changes = []
    return Preview(text, plan, tuple(findings), tuple(changes))


def labels_of_plans() -> dict[str, Wording]:
    """Return what plans, forms, fields and checks are called; of two editions the later has the word.

    Checks stand under the code of their findings, ``check-`` and the id.
    """
    editions = PlanInForce.objects.order_by("valid_from", "pk").values_list("edition__sha256", flat=True)
    labels: dict[str, Wording] = {}
    for sha256 in dict.fromkeys(editions):
        plan = plan_of_edition(sha256)
        labels[plan.identity.id] = plan.identity.title
        for form in plan.forms:
            labels[form.id] = form.title
            labels.update((field.id, field.label) for field in form.fields)
            labels.update((f"check-{check.id}", check.message) for check in form.checks)
    return labels


@lru_cache(maxsize=64)
def plan_of_edition(sha256: str) -> Plan:
    """Return the plan of an edition; the text of an edition never changes, so it is read once."""
    text = PlanEdition.objects.values_list("text", flat=True).get(sha256=sha256)
    return load_plan(text)


def _holding(place: Place, day: date) -> QuerySet[PlanInForce]:
    """Return what holds at a place on a day; the first one decides."""
    on_the_day = _over(place).filter(Q(valid_to__isnull=True) | Q(valid_to__gt=day), valid_from__lte=day)
    return on_the_day.order_by("-place__tree_left", "-valid_from", "-pk")


def _none_in_force(place: Place, day: date) -> NoReturn:
    raise NotFound(
        {
            "zh": f"{place.name}在 {day} 没有生效的应急预案。",
            "en": f"No emergency plan is in force at {place.code} on {day}.",
        },
        {
            "zh": "请管理员在“预案”页启用一份。",
            "en": "Ask an administrator to put one in force on the plan page.",
        },
        {"place": place.code, "day": day.isoformat()},
    )


def _over(place: Place) -> QuerySet[PlanInForce]:
    above = PlanInForce.objects.filter(_above(place))
    return above.select_related("edition", "place", "decided_by").defer("edition__text")


def _above(place: Place) -> Q:
    return Q(place__tree_left__lte=place.tree_left, place__tree_right__gte=place.tree_left)


def _below(place: Place) -> Q:
    return Q(place__tree_left__range=(place.tree_left, place.tree_right))
