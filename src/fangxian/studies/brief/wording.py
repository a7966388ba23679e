"""Numbers and sentences of the brief in Chinese and in English."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from fangxian.base.errors import Text
from fangxian.studies.brief.contract import DoublingPart, ReproductionPart, Words
from fangxian.studies.brief.records import BriefIndicator, BriefPlace, IndicatorKind

ABOUT_LEVEL = 0.05
UNITS: dict[str, tuple[str, str, str]] = {
    "person": ("人", "person", "people"),
    "visit": ("人次", "visit", "visits"),
    "test": ("份", "test", "tests"),
    "bed": ("张", "bed", "beds"),
    "day": ("天", "day", "days"),
}


def words(text: Text) -> Words:
    """Return a text of both languages for the contract; a missing language falls back on the other."""
    chinese, english = text.get("zh", ""), text.get("en", "")
    return Words(zh=chinese or english, en=english or chinese)


def number(value: float) -> str:
    """Return a count with thousands separated, and one decimal where it is not whole and below 100."""
    if abs(value - round(value)) < 1e-9 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:,.1f}"


def percent(value: float, digits: int = 0) -> str:
    """Return a share as a percentage."""
    return f"{100 * value:.{digits}f}%"


def signed_percent(value: float) -> str:
    """Return a relative change with its sign."""
    return f"{100 * value:+.0f}%"


def amount(indicator: BriefIndicator, value: float, language: str) -> str:
    """Return a figure with its unit."""
    if indicator.kind is IndicatorKind.RATIO:
        return percent(value, 1)
    chinese, one, many = UNITS.get(indicator.unit, (indicator.unit, indicator.unit, indicator.unit))
    if language == "zh":
        return f"{number(value)}{chinese}"
    return f"{number(value)} {one if value == 1 else many}"


def day_words(day: date) -> Words:
    """Return a day as each language writes it."""
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    return Words(zh=f"{day.month}月{day.day}日", en=f"{day.day} {months[day.month - 1]}")


def place_name(place: BriefPlace, language: str) -> str:
    """Return the name of a place, in English where it is known and asked for."""
    return (place.name_en or place.name) if language == "en" else place.name


def joined(items: Iterable[str], language: str) -> str:
    """Return a list of names as one phrase."""
    return ("、" if language == "zh" else ", ").join(items)


def alarm_words(
    place: BriefPlace, day: date, days: int, figures: tuple[BriefIndicator, float, float]
) -> Words:
    """Say what was counted and what expected, on one day or in the days up to it that raised the alarm.

    Parameters
    ----------
    figures : tuple
        The indicator, what was counted of it in those days, and what was expected.
    """
    indicator, observed, expected = figures
    when = day_words(day)
    span = when
    if days > 1:
        span = Words(zh=f"截至{when.zh}的{days}天", en=f"{days} days to {when.en}")
    zh, en = (
        (
            place_name(place, language),
            amount(indicator, observed, language),
            amount(indicator, expected, language),
        )
        for language in ("zh", "en")
    )
    total = ("合计 ", " in all") if days > 1 else ("", "")
    return Words(
        zh=f"{zh[0]} {span.zh} {indicator.label['zh']} {total[0]}{zh[1]}，预期约 {zh[2]}。",
        en=f"{en[0]}, {span.en}: {indicator.label['en']} {en[1]}{total[1]}, about {en[2]} expected.",
    )


def reproduction_words(part: ReproductionPart, doubling: DoublingPart) -> Words:
    """Say what the reproduction number means: no more than its interval and the growth of 14 days allow."""
    if part.median is None or part.lower is None or part.upper is None:
        return Words(zh="再生数无法估计。", en="The reproduction number cannot be estimated.")
    figure = f"{part.median:.2f}"
    interval = f"{part.lower:.2f}–{part.upper:.2f}"
    growth_undecided = doubling.days is not None and doubling.lower is None
    if part.lower >= 1 - ABOUT_LEVEL and part.upper <= 1 + ABOUT_LEVEL:
        meaning = ("大致持平", "about level")
    elif growth_undecided and 1 < part.lower <= 1 + ABOUT_LEVEL:
        meaning = ("略高于1，但尚不能判断为增长", "just above 1, but growth is not decided")
    elif growth_undecided and 1 - ABOUT_LEVEL <= part.upper < 1:
        meaning = ("略低于1，但尚不能判断为下降", "just below 1, but decline is not decided")
    elif part.lower > 1:
        meaning = ("疫情在增长", "the epidemic is growing")
    elif part.upper < 1:
        meaning = ("疫情在下降", "the epidemic is shrinking")
    else:
        meaning = (
            "区间跨过1，尚不能判断增长还是下降",
            "the interval spans 1: growth or decline is not decided",
        )
    return Words(
        zh=f"再生数 {figure}(95%区间 {interval}):{meaning[0]}。",
        en=f"Reproduction number {figure} (95% interval {interval}): {meaning[1]}.",
    )


def doubling_words(part: DoublingPart) -> Words:
    """Say how fast the counts double or halve, or that this is not decided."""
    if part.days is None:
        return Words(
            zh="翻倍时间无法估计：近14天病例太少。", en="Doubling time undefined: too few cases in 14 days."
        )
    if part.lower is None or part.upper is None:
        return Words(
            zh="近14天看不出明确的增长或下降。", en="No clear growth or decline over the last 14 days."
        )
    span = f"{abs(part.lower):.1f}–{abs(part.upper):.1f}"
    if part.days > 0:
        return Words(
            zh=f"约 {part.days:.1f} 天翻一倍（95%区间 {span} 天）。",
            en=f"Doubles in about {part.days:.1f} days (95% interval {span}).",
        )
    return Words(
        zh=f"约 {-part.days:.1f} 天减半（95%区间 {span} 天）。",
        en=f"Halves in about {-part.days:.1f} days (95% interval {span}).",
    )
