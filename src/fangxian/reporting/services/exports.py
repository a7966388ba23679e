"""Lists that leave the system by name of whoever took them."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils import timezone

from fangxian.ground.accounts.models import User
from fangxian.ground.audit.services import record_event
from fangxian.ground.exchange.rules import SheetContent, write_csv, write_workbook
from fangxian.ground.places.models import Place
from fangxian.reporting.selectors.board import reminder_list
from fangxian.reporting.selectors.imports import Download
from fangxian.reporting.selectors.plans import plan_at

REMINDER_LABELS = (
    "地区 Place",
    "机构代码 Unit code",
    "机构名称 Unit name",
    "电话 Telephone",
    "表 Form",
    "日期 Day",
    "应报时间 Due",
    "逾期小时 Hours overdue",
    "最近一次报告 Last report",
    "说明 Note",
)


def export_reminders(*, actor: User, place: Place, day: date, suffix: str = "xlsx") -> Download:
    """Return the units to telephone about a day as .xlsx or .csv, and record who took the list."""
    now = timezone.now()
    titles = {form.id: f"{form.title.zh} {form.title.en}" for form in plan_at(place, day).forms}
    rows = [
        [
            f"{row.unit.place_name} {row.unit.place_code}",
            row.unit.code,
            row.unit.name,
            row.unit.telephone,
            titles.get(row.form, row.form),
            day,
            timezone.localtime(row.standing.deadline).strftime("%Y-%m-%d %H:%M"),
            round((now - row.standing.deadline).total_seconds() / 3600, 1),
            row.last_day.isoformat() if row.last_day else "从未报告 never",
            "模拟数据 synthetic" if row.unit.synthetic else "",
        ]
        for row in reminder_list(actor, place, day, now=now)
    ]
    title = f"催报名单 {day}"
    content = (
        write_csv(REMINDER_LABELS, rows)
        if suffix == "csv"
        else write_workbook([SheetContent(title, REMINDER_LABELS, rows)])
    )
    with transaction.atomic():
        record_event(
            actor=actor,
            code="reports.reminders_exported",
            place_code=place.code,
            subject=("place", place.code),
            detail={"day": day.isoformat(), "units": len(rows)},
        )
    return Download(f"reminders-{place.code}-{day}.{suffix}", content)
