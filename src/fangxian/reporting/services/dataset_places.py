"""What a published dataset needs on the ground: places, a health authority in each, a plan in force."""

from __future__ import annotations

import csv
import io

import polars as pl

from fangxian.base.errors import InvalidInput, NotFound
from fangxian.ground.accounts.models import User
from fangxian.ground.emergency_plans.selectors import plan_in_force
from fangxian.ground.emergency_plans.services import put_in_force
from fangxian.ground.places.choices import FacilityKind
from fangxian.ground.places.models import Facility, Place
from fangxian.ground.places.rules.tables import table_from
from fangxian.ground.places.services import Origin, import_facilities, import_places, set_level_names
from fangxian.plans.datasets import Dataset, Descriptor
from fangxian.plans.loader import packaged_plan_text

AUTHORITY_SUFFIX = "-HA"


def create_missing(actor: User, descriptor: Descriptor, dataset: Dataset) -> tuple[int, int]:
    """Create the places, health authorities and the plan in force that the dataset needs."""
    known = set(Place.objects.values_list("code", flat=True))
    missing = dataset.places.filter(~pl.col("code").is_in(list(known)))
    source, country = descriptor.dataset.source, descriptor.places.country
    if missing.height:
        columns = ("code", "name", "name_en", "parent_code", "level", "population")
        import_places(
            actor=actor,
            file=(f"{descriptor.dataset.id}.csv", _csv(missing.select(columns))),
            origin=Origin(country, source[:200]),
        )
        names = {level.level: (level.zh, level.en) for level in dataset.level_names}
        set_level_names(actor=actor, country=country, names=names)
    _ensure_plan(actor, descriptor, dataset)
    return missing.height, _create_authorities(actor, dataset, source)


def _csv(frame: pl.DataFrame) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(frame.columns)
    writer.writerows(["" if cell is None else cell for cell in row] for row in frame.rows())
    return out.getvalue().encode()


def _create_authorities(actor: User, dataset: Dataset, source: str) -> int:
    reporting = set(dataset.values["place_code"].unique())
    served = Facility.objects.filter(kind=FacilityKind.HEALTH_AUTHORITY, place__code__in=reporting)
    have = set(served.values_list("place__code", flat=True))
    rows = [
        {
            "code": f"{place['code']}{AUTHORITY_SUFFIX}",
            "name": f"{place['name']}卫生健康部门",
            "name_en": f"{place['name_en'] or place['name']} health authority",
            "kind": FacilityKind.HEALTH_AUTHORITY.value,
            "place_code": place["code"],
            "population_served": place["population"],
            "source": source[:200],
        }
        for place in dataset.places.iter_rows(named=True)
        if place["code"] in reporting - have
    ]
    if rows:
        import_facilities(actor=actor, table=table_from("health authorities", rows))
    return len(rows)


def _ensure_plan(actor: User, descriptor: Descriptor, dataset: Dataset) -> None:
    """Put the descriptor's plan in force at a root of the dataset that has none."""
    first = dataset.values["day"].min()
    tops = dataset.places.filter(pl.col("parent_code").is_null())["code"].to_list()
    for place in Place.objects.filter(code__in=tops):
        try:
            plan_in_force(place, first)
        except NotFound:
            text = packaged_plan_text(descriptor.dataset.plan)
            put_in_force(actor=actor, place=place, text=text, valid_from=first)


def authorities_of(values: pl.DataFrame) -> dict[str, Facility]:
    """Return the health authority of each place that the values are about."""
    wanted = values["place_code"].unique().sort().to_list()
    found = Facility.objects.filter(kind=FacilityKind.HEALTH_AUTHORITY, place__code__in=wanted)
    authorities: dict[str, Facility] = {}
    for unit in found.select_related("place").order_by("code"):
        authorities.setdefault(unit.place.code, unit)
    missing = [code for code in wanted if code not in authorities]
    if missing or not wanted:
        listed = ", ".join(missing[:10])
        raise InvalidInput(
            {
                "zh": f"{len(missing)} 个地区未登记，或没有卫生健康部门：{listed}。",
                "en": f"{len(missing)} places are not registered or have no health authority: {listed}.",
            },
            {"zh": "加上 --create-units 可自动建立。", "en": "Create them with --create-units."},
            {"places": missing},
        )
    return authorities
