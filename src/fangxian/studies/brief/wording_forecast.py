"""Sentences about forecasts, in Chinese and in English."""

from __future__ import annotations

from collections.abc import Sequence

from fangxian.studies.brief.contract import ForecastPart, ForecastRecordPart, ForecastWeekPart, Words
from fangxian.studies.brief.records import BriefIndicator
from fangxian.studies.brief.wording import UNITS, day_words, number, words

TOO_WIDE = 20.0  # upper end over lower end of an interval beyond which its middle says nothing


def forecast_words(indicator: BriefIndicator, weeks: Sequence[ForecastWeekPart]) -> Words:
    """Say what the coming week and the last forecast week may bring."""
    label = words(indicator.label)
    if not weeks:
        return Words(zh=f"{label.zh}：没有预测。", en=f"{label.en}: no forecast.")
    unit = UNITS.get(indicator.unit, (indicator.unit,) * 3)
    first, last = weeks[0], weeks[-1]
    until, end = day_words(first.last_day), day_words(last.last_day)
    later = (
        f"至{end.zh}的7天约 {forecast_number(last.median)}{unit[0]}（95%区间 {_span(last)}）",
        f"about {forecast_number(last.median)} in those to {end.en} ({_span(last)})",
    )
    if last.upper_95 > TOO_WIDE * max(last.lower_95, 1.0):
        later = (
            f"至{end.zh}的7天还说不准（95%区间 {_span(last)}）",
            f"those to {end.en} cannot be told yet (95% interval {_span(last)})",
        )
    soon = forecast_number(first.median)
    return Words(
        zh=f"预计至{until.zh}的7天{label.zh}约 {soon}{unit[0]}（95%区间 {_span(first)}）；{later[0]}。",
        en=f"{label.en}: about {soon} expected in the 7 days to {until.en} (95% interval {_span(first)}); "
        f"{later[1]}.",
    )


def forecast_sentences(part: ForecastPart) -> list[Words]:
    """Return what is expected, and what earlier forecasts were worth."""
    return [part.words] if part.record is None else [part.words, part.record.words]


def forecast_number(value: float) -> str:
    """Return a forecast in three figures at most: more would promise what nobody knows."""
    rest = 10 ** max(0, len(str(round(abs(value)))) - 3)
    return number(float(round(value / rest) * rest))


def forecast_span(lower: float, upper: float) -> str:
    """Return an interval in as many figures."""
    return f"{forecast_number(lower)}–{forecast_number(upper)}"


def _span(week: ForecastWeekPart) -> str:
    return forecast_span(week.lower_95, week.upper_95)


def record_words(record: ForecastRecordPart) -> Words:
    """Say how good the earlier forecasts were, beside the expectation that all stays as it is."""
    total = record.forecasts
    due_50, due_95 = (number(float(round(share * total))) for share in (0.5, 0.95))
    zh = (
        f"此前 {record.rounds} 次预测中已有结果的 {total} 个（1至4周后）："
        f"95%区间包含实际 {record.inside_95} 个（应约 {due_95} 个），"
        f"50%区间 {record.inside_50} 个（应约 {due_50} 个）"
    )
    en = (
        f"{record.rounds} earlier rounds, {total} outcomes known (1 to 4 weeks ahead): the 95% interval held "
        f"{record.inside_95} (about {due_95} expected), the 50% interval {record.inside_50} (about {due_50})"
    )
    if record.relative_wis is not None:
        better = record.relative_wis < 1
        zh += (
            f"；误差得分是“与上周相同”的 {record.relative_wis:.2f} 倍（小于1为好）"
            f"{'' if better else '，不如照上周估计'}"
        )
        en += f"; error score {record.relative_wis:.2f} of that of 'as last week' (below 1 is better)"
        en += "" if better else ": worse than repeating last week"
    zh, en = zh + "。", en + "."
    if record.replayed:
        zh += f"其中 {record.replayed} 次是事后用当日已报的数据补作的。"
        en += f" {record.replayed} of the rounds were made afterwards, from what had been reported by then."
    if record.retold:
        zh += f"其中 {record.retold} 次是事后用现在的数字补作的，当日所知可能不同。"
        en += (
            f" {record.retold} of the rounds were made afterwards from the figures as they stand now: "
            "what was known then may have differed."
        )
    return Words(zh=zh, en=en)
