"""A city for measurements: 24 counties, 240 townships, units spread over them, one form of twelve fields."""

from __future__ import annotations

FORM = "hospital-daily"
FIELDS = (
    "admissions",
    "asymptomatic",
    "deaths",
    "discharges",
    "fever_clinic_visits",
    "in_hospital",
    "intensive_care",
    "new_cases",
    "positive",
    "recovered",
    "severe",
    "tests",
)
COUNTIES, TOWNSHIPS = 24, 10

_HEAD = """
schema = 1

[plan]
id = "bench-plan"
version = "1"
title = { zh = "测速预案", en = "Plan for measurements" }
disease = "covid19-omicron-ba5"
phase = "containment"

[[form]]
id = "hospital-daily"
title = { zh = "日报", en = "Daily report" }
reporters = { facility_kinds = ["hospital"] }
deadline = { time = 17:00:00, days_after = 1, status = "default" }
"""
_FIELD = """
  [[form.field]]
  id = "NAME"
  label = { zh = "NAME", en = "NAME" }
  unit = "person"
  kind = "KIND"
  status = "default"
"""
_CHECKS = """
  [[form.check]]
  id = "sudden-rise"
  rule = "new_cases <= 10 * previous(new_cases) + 500"
  message = { zh = "骤增。", en = "A sudden rise." }

  [[form.check]]
  id = "stock-continuity"
  rule = "in_hospital <= previous(in_hospital) + admissions + 1000"
  message = { zh = "在院不连续。", en = "The stock does not continue." }

  [[form.check]]
  id = "deaths-within-patients"
  rule = "deaths <= in_hospital + admissions + 1000"
  severity = "error"
  message = { zh = "死亡多于病人。", en = "More deaths than patients." }
"""
_INDICATOR = """
[[indicator]]
id = "NAME"
label = { zh = "NAME", en = "NAME" }
unit = "person"
sources = ["hospital-daily.NAME"]
"""
_POSITIVITY = """
[[indicator]]
id = "positivity"
label = { zh = "positivity", en = "positivity" }
unit = "share"
numerator = "positive"
denominator = "tests"
"""
_SHOWN = (
    "new_cases",
    "asymptomatic",
    "deaths",
    "in_hospital",
    "intensive_care",
    "fever_clinic_visits",
    "tests",
    "positive",
)
_STOCKS = {"in_hospital", "intensive_care", "severe"}


def plan_text() -> str:
    """Return the plan: a form of twelve fields with three checks, and the nine indicators of a brief."""
    fields = "".join(
        _FIELD.replace("NAME", name).replace("KIND", "stock" if name in _STOCKS else "daily_count")
        for name in FIELDS
    )
    indicators = "".join(_INDICATOR.replace("NAME", name) for name in _SHOWN)
    return _HEAD + fields + _CHECKS + indicators + _POSITIVITY


def make_city(units: int):
    """Make places, units and the plan; return a duty officer of the city."""
    from fangxian.ground.places.choices import FacilityKind, Level
    from fangxian.ground.places.models import Facility, Place
    from worlds import make_plan, make_user

    spans = [("C", Level.NATION, None), ("C1", Level.PROVINCE, "C"), ("C11", Level.CITY, "C1")]
    for county in range(COUNTIES):
        code = f"C11{county:02d}"
        spans.append((code, Level.COUNTY, "C11"))
        spans += [(f"{code}{township:02d}", Level.TOWNSHIP, code) for township in range(TOWNSHIPS)]
    made: dict[str, Place] = {}
    for left, (code, level, parent) in enumerate(spans, start=1):
        made[code] = Place(
            code=code, name=f"某地{code}", level=level, parent=made.get(parent), tree_left=left
        )
        made[code].save()
    codes = list(made)
    for place in made.values():
        place.tree_right = max(made[code].tree_left for code in codes if code.startswith(place.code))
    Place.objects.bulk_update(made.values(), ["tree_right"])
    townships = [place for place in made.values() if place.level == Level.TOWNSHIP]
    Facility.objects.bulk_create(
        Facility(
            code=f"U{index:05d}",
            name=f"模拟医院{index}",
            kind=FacilityKind.HOSPITAL,
            place=townships[index % len(townships)],
            population_served=3_000,
            synthetic=True,
        )
        for index in range(units)
    )
    make_plan(made["C"], plan_text())
    return make_user("city_duty_officer", made["C11"], "officer")
