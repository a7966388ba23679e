"""The first sentences of a brief: what a leader reads in ten seconds."""

from __future__ import annotations

from fangxian.studies.brief.contract import Brief, IndicatorPart, Words
from fangxian.studies.brief.wording import UNITS, day_words, number, percent, signed_percent


def headline(brief: Brief) -> list[Words]:
    """Return at most four sentences: cases, transmission, alarms, beds."""
    return [
        *_cases(brief.indicator("new_cases")),
        brief.reproduction_number.words,
        *_alarms(brief),
        *(part.words for part in brief.capacity if part.days_to_full is not None and part.days_to_full <= 14),
    ][:4]


def _cases(cases: IndicatorPart | None) -> list[Words]:
    if cases is None or cases.day is None:
        return [Words(zh="没有新增病例数。", en="There is no figure of new cases.")]
    day = day_words(cases.day)
    if cases.value is None:
        return [
            Words(
                zh=f"{day.zh}的新增病例未报告（不等于零）。",
                en=f"New cases of {day.en} were not reported (which is not zero).",
            )
        ]
    change = ("", "")
    if cases.change_7d is not None:
        moved = signed_percent(cases.change_7d)
        change = (f"，近7日比前7日 {moved}", f", {moved} over the week before")
    covered = ("", "")
    share = cases.coverage.share
    if share is not None and share < 1:
        covered = (f"；报告覆盖 {percent(share)}", f"; {percent(share)} of units reported")
    unit = UNITS.get(cases.unit, (cases.unit, cases.unit, cases.unit))
    return [
        Words(
            zh=f"{day.zh}新增 {number(cases.value)} {unit[0]}{change[0]}{covered[0]}。",
            en=f"{number(cases.value)} new cases on {day.en}{change[1]}{covered[1]}.",
        )
    ]


def _alarms(brief: Brief) -> list[Words]:
    if not brief.alarms:
        return []
    places = list({alarm.place.code: alarm.place for alarm in brief.alarms}.values())
    named = "、".join(place.name for place in places[:3])
    english = ", ".join(place.name_en or place.name for place in places[:3])
    more = ("等", " and others") if len(places) > 3 else ("", "")
    return [
        Words(
            zh=f"近7日 {len(brief.alarms)} 个异常信号：{named}{more[0]}。",
            en=f"{len(brief.alarms)} alarms in 7 days: {english}{more[1]}.",
        )
    ]
