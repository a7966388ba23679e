"""Reports as they leave the system: a table that can be imported again, DHIS2 data values, reminders."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from fangxian.base.errors import InvalidInput, NotFound
from fangxian.ground.accounts.choices import Action
from fangxian.ground.accounts.models import User
from fangxian.ground.accounts.selectors import policy
from fangxian.ground.exchange.rules import SheetContent, write_csv, write_workbook
from fangxian.ground.places.models import Facility, Place
from fangxian.plans.schema import Form
from fangxian.reporting.models import Report
from fangxian.reporting.selectors.imports import Download

LARGEST_EXPORT = 500_000


@dataclass(frozen=True)
class ExportRequest:
    """Which current reports: a form, a place with all below it, days from and to, both included."""

    form: str
    place: Place
    first: date
    last: date
    unit: Facility | None = None


def exported_reports(viewer: User, request: ExportRequest) -> QuerySet[Report]:
    """Return the current reports asked for that the viewer may see one by one."""
    units = policy.units(viewer, Action.VIEW_REPORTS).filter(
        place__tree_left__range=(request.place.tree_left, request.place.tree_right)
    )
    if request.unit is not None:
        units = units.filter(pk=request.unit.pk)
    found = Report.objects.filter(
        form=request.form, day__range=(request.first, request.last), is_current=True, unit__in=units
    )
    if found.count() > LARGEST_EXPORT:
        raise InvalidInput(
            {
                "zh": f"要导出的报告超过 {LARGEST_EXPORT:,} 份。",
                "en": f"More than {LARGEST_EXPORT:,} reports were asked for.",
            },
            {"zh": "请缩短时间或缩小地区。", "en": "Ask for fewer days or a smaller place."},
        )
    return found.select_related("unit", "entered_by").order_by("day", "unit__code")


def reports_table(viewer: User, form: Form, request: ExportRequest, suffix: str) -> Download:
    """Return the reports as .csv or .xlsx, under columns that an import takes again."""
    fields = [field.id for field in form.fields]
    labels = ["unit", "unit_name", "day", *fields, "revision", "late", "reported_at", "synthetic"]
    rows = list(_rows(exported_reports(viewer, request), fields))
    content = (
        write_csv(labels, rows)
        if suffix == "csv"
        else write_workbook([SheetContent(form.title.zh, labels, rows)])
    )
    return Download(f"{request.form}-{request.place.code}-{request.first}-{request.last}.{suffix}", content)


def _rows(reports: QuerySet[Report], fields: list[str]) -> Iterator[list[object]]:
    for report in reports.iterator(chunk_size=5000):
        yield [
            report.unit.code,
            report.unit.name,
            report.day,
            *(report.values.get(name) for name in fields),
            report.revision,
            "yes" if report.late else "no",
            timezone.localtime(report.reported_at),
            "模拟数据" if report.synthetic else "",
        ]


def data_value_set(viewer: User, request: ExportRequest) -> dict[str, Any]:
    """Return the reports as a DHIS2 data value set; what was not reported or not known has no value."""
    values = []
    for report in exported_reports(viewer, request).iterator(chunk_size=5000):
        common = {
            "period": f"{report.day:%Y%m%d}",
            "orgUnit": report.unit.code,
            "storedBy": report.entered_by.get_username(),
            "created": report.entered_at.isoformat(),
            "lastUpdated": report.entered_at.isoformat(),
            "comment": "模拟数据 synthetic" if report.synthetic else report.reason,
            "followup": False,
        }
        values += [
            {"dataElement": name, "value": str(value), **common}
            for name, value in report.values.items()
            if value is not None
        ]
    return {"dataSet": request.form, "dataValues": values}


def place_or_unit(code: str) -> tuple[Place, Facility | None]:
    """Return the place of a code, or a unit with the place where it stands."""
    unit = Facility.objects.select_related("place").filter(code=code).first()
    if unit is not None:
        return unit.place, unit
    place = Place.objects.filter(code=code).first()
    if place is None:
        raise NotFound(
            {
                "zh": f"没有代码为 {code} 的地区或单位。",
                "en": f"There is no place or unit with code {code}.",
            },
            {"zh": "请核对代码。", "en": "Check the code."},
            {"code": code},
        )
    return place, None
