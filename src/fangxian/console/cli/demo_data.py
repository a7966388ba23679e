"""Filling the demonstration: a real city's places, made-up facilities, their reports of a rehearsal."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.db.models import Max, Min
from django.utils import timezone

from fangxian.assessment.jobs import morning_forecasts
from fangxian.ground.accounts.choices import Role
from fangxian.ground.accounts.models import User
from fangxian.ground.accounts.services.grants import grant_role
from fangxian.ground.accounts.services.people import Names, create_account
from fangxian.ground.emergency_plans.services import put_in_force
from fangxian.ground.places.choices import CapacityKind
from fangxian.ground.places.models import Facility, Place, Population
from fangxian.ground.places.rules.tables import read_csv
from fangxian.ground.places.services import import_facilities, load_packaged
from fangxian.plans.loader import packaged_plan, packaged_plan_text
from fangxian.plans.schema import RehearsalDefaults
from fangxian.reporting.choices import Channel
from fangxian.reporting.models import Report
from fangxian.reporting.services import BulkOptions
from fangxian.reporting.services.bulk import submit_bulk
from fangxian.studies.brief.forecasting import LEAST_DAYS
from fangxian.studies.demonstration.kept import reports_of_demonstration
from fangxian.studies.rehearsal.told import Span
from fangxian.studies.synthetic_reports import (
    SyntheticFacility,
    SyntheticPlace,
    Unit,
    synthetic_facilities,
)

CITY = "1304"
AREA_CODE = "0310"
PLAN = "covid19-class-b-2023"
DAYS = 60
FIRST_DAY_OF_RUN = 176
"""Day of the packaged rehearsal that the first reported day is."""
GENERATOR = "moni-shengchengqi"
PASSWORD = "Fangxian-1304-moni"  # noqa: S105 -- printed on the screen, and the server answers this machine only
SOURCE = "模拟数据 generator of synthetic facilities"

Say = Callable[[str], None]


@dataclass(frozen=True)
class Account:
    """One account of the demonstration; ``scope`` is a place code, or a facility code that begins with M."""

    username: str
    role: Role
    scope: str
    zh: str
    en: str


ACCOUNTS = (
    Account("zhiban", Role.CITY_DUTY_OFFICER, CITY, "市值班员", "city duty officer"),
    Account("lingdao", Role.LEADER, CITY, "市领导", "leader"),
    Account("ducha", Role.SUPERVISOR, CITY, "督导员", "supervisor"),
    Account("liudiao", Role.EPIDEMIOLOGIST, CITY, "流调人员", "epidemiologist"),
    Account("guanli", Role.ADMINISTRATOR, CITY, "管理员", "administrator"),
    Account("shexian", Role.COUNTY_OFFICER, "130426", "涉县疫情专员", "county officer of 涉县"),
    Account("yiyuan", Role.REPORTER, "M130426H01", "涉县人民医院填报员", "reporter of a hospital"),
    Account("cunyi", Role.REPORTER, "M130426400201V", "涉县一名村医", "reporter of a village clinic"),
)


def fill(*, say: Say, now: datetime | None = None) -> None:
    """Set up what is missing and bring the reports up to this moment; a second call only adds what is new."""
    now = (now or timezone.now()).astimezone(UTC)
    if not Place.objects.filter(code=CITY).exists():
        load_packaged(actor=None, city=CITY)
        say("地区 places")
    if not Facility.objects.filter(synthetic=True).exists():
        _load_facilities()
        say(f"机构 {Facility.objects.count()} facilities")
    first_day, known_until = _known(now)
    put_in_force(
        actor=None,
        place=Place.objects.get(code=CITY),
        text=packaged_plan_text(PLAN),
        valid_from=first_day - timedelta(days=1),
    )
    generator = _accounts()
    written = _add_reports(generator, first_day, known_until, now)
    say(f"报告 {written} reports")
    if written:
        say(f"预测 {_keep_forecasts(first_day, now)} forecasts")


def _keep_forecasts(first_day: date, now: datetime) -> int:
    """Do the round of this morning, and those of the weeks before from what was known then."""
    yesterday = timezone.localdate(now) - timedelta(days=1)
    rounds = ((yesterday - first_day).days + 1 - LEAST_DAYS) // 7
    return sum(
        morning_forecasts(as_of=yesterday - timedelta(days=7 * back), root=Place.objects.get(code=CITY))
        for back in range(max(rounds, 0), -1, -1)
    )


def _load_facilities() -> None:
    people = dict(
        Population.objects.filter(age_low=0, age_high__isnull=True)
        .order_by("year")
        .values_list("place__code", "people")
    )
    rows = (
        Place.objects.order_by()
        .filter(level__gte=2)
        .values_list("code", "name", "level", "parent__code", "name_en")
    )
    places = [
        SyntheticPlace(code, name, level, parent, people.get(code), name_en)
        for code, name, level, parent, name_en in rows
    ]
    facilities = synthetic_facilities(places, area_code=AREA_CODE)
    table = read_csv("synthetic-facilities.csv", _table(facilities).encode())
    import_facilities(actor=None, table=table, capacity_from=date(2020, 1, 1))


def _table(facilities: Sequence[SyntheticFacility]) -> str:
    text = io.StringIO()
    fixed = (
        "code",
        "name",
        "name_en",
        "kind",
        "grade",
        "place_code",
        "telephone",
        "population_served",
        "synthetic",
        "source",
    )
    writer = csv.writer(text)
    writer.writerow([*fixed, *CapacityKind.values])
    for one in facilities:
        said = (
            one.code,
            one.name,
            one.name_en,
            one.kind,
            one.grade,
            one.place_code,
            one.telephone,
            one.people,
            "true",
            SOURCE,
        )
        writer.writerow([*said, *(one.capacities.get(kind, "") for kind in CapacityKind.values)])
    return text.getvalue()


def _known(now: datetime) -> tuple[date, datetime | None]:
    """Return the first day of the run, and the moment up to which reports have been added."""
    known = Report.objects.filter(channel=Channel.GENERATOR).aggregate(
        first=Min("day"), last=Max("reported_at")
    )
    yesterday = timezone.localdate(now) - timedelta(days=1)
    return known["first"] or yesterday - timedelta(days=DAYS - 1), known["last"]


def _accounts() -> User:
    """Open the accounts that are not there yet, and return the one under which the generator writes."""
    city = Place.objects.get(code=CITY)
    for account in ACCOUNTS:
        if not User.objects.filter(username=account.username).exists():
            names = Names(last=account.zh)
            home = city if account.scope == CITY else None
            person = create_account(
                actor=None, username=account.username, password=PASSWORD, home=home or city, names=names
            )
            grant_role(actor=None, user=person, role=account.role, scope=_scope(account.scope))
    generator = User.objects.filter(username=GENERATOR).first()
    if generator is None:
        names = Names(last="模拟数据生成器")
        generator = create_account(actor=None, username=GENERATOR, password=PASSWORD, home=city, names=names)
        generator.set_unusable_password()
        generator.save(update_fields=["password"])
    return generator


def _scope(code: str) -> Place | Facility:
    if code.startswith("M"):
        return Facility.objects.get(code=code)
    return Place.objects.get(code=code)


def _add_reports(actor: User, first_day: date, known_until: datetime | None, now: datetime) -> int:
    """Add what came in after ``known_until`` and up to now: first reports, then corrections."""
    import polars as pl

    start = packaged_plan(PLAN).rehearsal or RehearsalDefaults()
    span = Span(first_day, (timezone.localdate(now) - first_day).days, FIRST_DAY_OF_RUN)
    made = reports_of_demonstration(_units(), start, span)
    written = 0
    for table in made.tables:
        for frame in (table.reports, table.corrections):
            new = frame.filter(pl.col("reported_at") <= now)
            if known_until is not None:
                new = new.filter(pl.col("reported_at") > known_until)
            if new.height:
                options = BulkOptions(channel=Channel.GENERATOR, synthetic=True, now=now)
                written += submit_bulk(actor=actor, form=table.form, frame=new, options=options).accepted
    return written


def _units() -> list[Unit]:
    amounts: dict[str, dict[str, int]] = {}
    rows = Facility.objects.filter(synthetic=True, capacities__isnull=False).order_by()
    for code, kind, amount in rows.values_list("code", "capacities__kind", "capacities__amount"):
        amounts.setdefault(code, {})[kind] = amount
    units = []
    facilities = Facility.objects.filter(synthetic=True).order_by("code")
    for code, kind, place, people in facilities.values_list(
        "code", "kind", "place__code", "population_served"
    ):
        held = amounts.get(code, {})
        units.append(
            Unit(
                code=code,
                kind=kind,
                area=place[:6],
                people=people or 0,
                ordinary_beds=held.get(CapacityKind.ORDINARY_BED, 0),
                intensive_beds=held.get(CapacityKind.INTENSIVE_CARE_BED, 0),
                tubes_per_day=held.get(CapacityKind.TUBES_PER_DAY, 0),
            )
        )
    return units
