"""Small worlds that tests share: a few places, units, people and a plan, each made by one call."""

from __future__ import annotations

from datetime import date
from hashlib import sha256
from typing import Any

from fangxian.ground.accounts.models import Grant, User
from fangxian.ground.emergency_plans.models import PlanEdition, PlanInForce
from fangxian.ground.places.choices import FacilityKind, Level
from fangxian.ground.places.models import Facility, Place

START = date(2000, 1, 1)


def make_places() -> dict[str, Place]:
    """Make one nation, province and city with two counties, four townships and four villages.

    Keys: nation, province, city, county-1, county-2, township-11 ... -22, village-111 ... -221.
    """
    places: dict[str, Place] = {}

    def add(key: str, code: str, level: Level, parent: str | None, population: int | None) -> None:
        places[key] = Place(
            code=code,
            name=f"某{key}",
            name_en=key,
            level=level,
            parent=places.get(parent) if parent else None,
            population=population,
        )
        places[key].save()

    add("nation", "T", Level.NATION, None, 100_000)
    add("province", "T1", Level.PROVINCE, "nation", 100_000)
    add("city", "T11", Level.CITY, "province", 100_000)
    for county in (1, 2):
        add(f"county-{county}", f"T11{county}", Level.COUNTY, "city", 50_000)
        for township in (1, 2):
            key = f"{county}{township}"
            add(f"township-{key}", f"T11{key}", Level.TOWNSHIP, f"county-{county}", 25_000)
            add(f"village-{key}1", f"T11{key}1", Level.VILLAGE, f"township-{key}", 2_000)
    number_tree()
    return {key: Place.objects.get(pk=place.pk) for key, place in places.items()}


def number_tree() -> None:
    """Write the nested intervals of all places from their parents."""
    children: dict[int | None, list[Place]] = {}
    for place in Place.objects.order_by("code"):
        children.setdefault(place.parent_id, []).append(place)
    count = 0

    def visit(place: Place) -> None:
        nonlocal count
        count += 1
        place.tree_left = count
        for child in children.get(place.pk, []):
            visit(child)
        place.tree_right = count
        place.save(update_fields=["tree_left", "tree_right"])

    for root in children.get(None, []):
        visit(root)


def make_unit(code: str, place: Place, kind: str = FacilityKind.HOSPITAL, **rest: Any) -> Facility:
    """Make one facility."""
    return Facility.objects.create(code=code, name=f"某{code}", name_en=code, kind=kind, place=place, **rest)


def make_units(places: dict[str, Place]) -> dict[str, Facility]:
    """Make a hospital in each township and a clinic in each village; keys H11 ... H22 and V111 ... V221."""
    units = {}
    for key, place in places.items():
        kind, _, number = key.partition("-")
        if kind == "township":
            units[f"H{number}"] = make_unit(f"H{number}", place, population_served=10_000)
        elif kind == "village":
            units[f"V{number}"] = make_unit(
                f"V{number}", place, FacilityKind.VILLAGE_CLINIC, population_served=2_000
            )
    return units


def make_user(role: str, scope: Place | Facility | None, username: str | None = None) -> User:
    """Make a person with one role over a subtree of places or at one facility; no scope: no grant at all."""
    user = User.objects.create_user(
        username=username or f"{role}-{User.objects.count() + 1}", password="a long enough password"
    )
    if scope is not None:
        name = "place" if isinstance(scope, Place) else "facility"
        Grant.objects.create(user=user, role=role, **{name: scope})
    return user


PLAN = """
schema = 1

[plan]
id = "small-world"
version = "1"
title = { zh = "小世界预案", en = "Plan of a small world" }
disease = "covid19"
phase = "containment"

[[form]]
id = "hospital-daily"
title = { zh = "医院日报", en = "Hospital daily report" }
reporters = { facility_kinds = ["hospital"] }
deadline = { time = 17:00:00, days_after = 1, status = "default" }

  [[form.field]]
  id = "new_cases"
  label = { zh = "新增病例", en = "New cases" }
  unit = "person"
  kind = "daily_count"
  status = "default"

  [[form.field]]
  id = "deaths"
  label = { zh = "死亡", en = "Deaths" }
  unit = "person"
  kind = "daily_count"
  required = false
  status = "default"

  [[form.field]]
  id = "in_hospital"
  label = { zh = "在院", en = "In hospital" }
  unit = "person"
  kind = "stock"
  required = false
  status = "default"

  [[form.field]]
  id = "longest_wait_hours"
  label = { zh = "最长等候", en = "Longest wait" }
  unit = "hour"
  kind = "stock"
  required = false
  integer = false
  aggregation = "max"
  status = "default"

  [[form.field]]
  id = "cover_days"
  label = { zh = "药品可用天数", en = "Days of cover" }
  unit = "day"
  kind = "stock"
  required = false
  integer = false
  aggregation = "mean"
  zero_by_declaration = false
  status = "default"

  [[form.check]]
  id = "sudden-rise"
  rule = "new_cases <= 10 * previous(new_cases) + 50"
  severity = "warning"
  message = { zh = "新增病例骤增。", en = "A sudden rise of new cases." }

  [[form.check]]
  id = "deaths-within-patients"
  rule = "deaths <= in_hospital + new_cases"
  severity = "error"
  message = { zh = "死亡多于病人。", en = "More deaths than patients." }

[[form]]
id = "village-daily"
title = { zh = "村卫生室日报", en = "Village clinic daily report" }
reporters = { facility_kinds = ["village_clinic"] }
deadline = { time = 12:00:00, days_after = 1, status = "default" }

  [[form.field]]
  id = "referred"
  label = { zh = "转诊", en = "Referred" }
  unit = "person"
  kind = "daily_count"
  status = "default"

  [[form.field]]
  id = "home_care"
  label = { zh = "居家照护", en = "Home care" }
  unit = "person"
  kind = "stock"
  zero_by_declaration = false
  status = "default"

[[cross_check]]
id = "referrals-arrive"
scope = "place"
rule = "village_daily.referred <= hospital_daily.new_cases"
severity = "warning"
message = { zh = "转诊多于医院新增。", en = "More referrals than new cases at hospitals." }
"""


def make_plan(place: Place, text: str = PLAN, valid_from: date = START) -> PlanInForce:
    """Put a plan in force for a subtree; the small plan of two forms by default."""
    digest = sha256(text.encode()).hexdigest()
    edition, _ = PlanEdition.objects.get_or_create(
        sha256=digest, defaults={"plan_id": "small-world", "version": "1", "text": text}
    )
    return PlanInForce.objects.create(edition=edition, place=place, valid_from=valid_from)


def make_world() -> dict[str, Any]:
    """Make the small places with a plan, units by code, and an officer of the city and of each county."""
    places = make_places()
    make_plan(places["nation"])
    return {
        **make_units(places),
        "places": places,
        "officer": make_user("city_duty_officer", places["city"], "officer"),
        "county": make_user("county_officer", places["county-1"], "county"),
        "other": make_user("county_officer", places["county-2"], "other"),
    }
