"""A small city with four hospitals that have reported for three weeks."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from fangxian.reporting.services import ReportSubmission, submit_report
from worlds import PLAN, make_places, make_plan, make_units, make_user

CHINA = ZoneInfo("Asia/Shanghai")
AS_OF = date(2024, 3, 10)
FIRST = AS_OF - timedelta(days=21)
INDICATORS = """
[[indicator]]
id = "new_cases"
label = { zh = "新增病例", en = "New cases" }
unit = "person"
sources = ["hospital-daily.new_cases"]

[[indicator]]
id = "deaths"
label = { zh = "死亡", en = "Deaths" }
unit = "person"
sources = ["hospital-daily.deaths"]

[[indicator]]
id = "in_hospital"
label = { zh = "在院", en = "In hospital" }
unit = "person"
sources = ["hospital-daily.in_hospital"]

[[indicator]]
id = "home_care"
label = { zh = "居家照护", en = "Home care" }
unit = "person"
sources = ["village-daily.home_care"]
"""


def noon_after(day: date, days: int = 1) -> datetime:
    """Return noon of a day after the day that a report is about."""
    return datetime.combine(day + timedelta(days=days), datetime.min.time(), CHINA) + timedelta(hours=12)


class Town:
    """Places, units and a person who may say anything for them."""

    def __init__(self) -> None:
        self.places = make_places()
        make_plan(self.places["nation"], PLAN.replace('"covid19"', '"covid19-omicron-ba5"') + INDICATORS)
        self.units = make_units(self.places)
        self.officer = make_user("city_duty_officer", self.places["city"], "officer")

    def say(
        self, unit: str, day: date, cases: int | None, at: datetime | None = None, **rest: object
    ) -> None:
        """Report new cases of a hospital; None is declared not known."""
        values = {"new_cases": cases, "in_hospital": 20 if cases is None else 20 + cases}
        submission = ReportSubmission(
            self.units[unit],
            "hospital-daily",
            day,
            values,
            reported_at=at or noon_after(day),
            confirmed_warnings=True,
            **rest,
        )
        submit_report(actor=self.officer, submission=submission)
