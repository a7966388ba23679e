"""How figures, states and names look on a page: an absent value is a dash, never a nought."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

register = template.Library()

SPRITE = "vendor/tabler-icons-3.51.0/sprite.svg"
ABSENT = "—"
ALERTS = {"error": "alert-danger", "warning": "alert-warning", "success": "alert-success"}
STATE_LOOKS = {
    "not_due": ("quiet", "circle-minus"),
    "due": ("due", "clock"),
    "in_time": ("good", "circle-check"),
    "late": ("late", "clock-exclamation"),
    "missing": ("bad", "circle-x"),
    "zero_declared": ("zero", "circle-number-0"),
    "corrected": ("corrected", "edit"),
    "contradicted": ("contradicted", "alert-triangle"),
}


def in_chinese() -> bool:
    """Say whether the page is being written in Chinese."""
    return (get_language() or "zh").startswith("zh")


@register.filter
def html_language(code: str) -> str:
    """Return the tag for ``lang``: browsers choose Chinese glyphs by zh-CN."""
    return "zh-CN" if code.startswith("zh") else code


@register.filter
def alert_class(level: str) -> str:
    """Return the look of a message."""
    return ALERTS.get(level, "alert-info")


@register.simple_tag
@lru_cache(maxsize=256)
def icon(name: str, extra: str = "") -> SafeString:
    """Draw an icon that says nothing to a screen reader: the words stand beside it."""
    return format_html(
        '<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        extra,
        static(SPRITE),
        name,
    )


@register.filter
def wording(text: Any) -> str:  # noqa: ANN401 -- a mapping, or a record with zh and en
    """Return a text given in two languages in the language of the page."""
    language = "zh" if in_chinese() else "en"
    if text is None:
        return ""
    if isinstance(text, Mapping):
        return str(text.get(language, ""))
    return str(getattr(text, language, text))


@register.filter
def name(thing: Any) -> str:  # noqa: ANN401 -- a place, a facility, or a record with the same two names
    """Return the name of a place or facility; Chinese where no English name is known."""
    if thing is None:
        return ""
    return thing.name if in_chinese() else (getattr(thing, "name_en", "") or thing.name)


UNIT_WORDS = {
    "person": ("人", "people"),
    "bed": ("张", "beds"),
    "box": ("盒", "boxes"),
    "day": ("天", "days"),
    "test": ("份", "tests"),
    "tube": ("管", "tubes"),
    "dose": ("剂", "doses"),
    "visit": ("人次", "visits"),
    "share": ("", ""),
}


@register.filter
def unit_word(unit: str) -> str:
    """Return what is counted, in the language of the page; an unknown word as written."""
    return UNIT_WORDS.get(unit, (unit, unit))[0 if in_chinese() else 1]


@register.filter
def number(value: float | None, decimals: int = 1) -> str:
    """Write a number with thousands apart; a fraction keeps ``decimals`` places; absent is a dash."""
    if value is None:
        return ABSENT
    if float(value).is_integer():
        return f"{int(value):,}"
    return f"{value:,.{decimals}f}"


@register.filter
def percent(share: float | None, decimals: int = 0) -> str:
    """Write a share of one as a percentage."""
    return ABSENT if share is None else f"{share * 100:.{decimals}f}%"


@register.filter
def signed(value: float | None) -> str:
    """Write a difference with its sign; no change is ±0."""
    if value is None:
        return ABSENT
    return "±0" if value == 0 else f"{'+' if value > 0 else '−'}{number(abs(value))}"


@register.filter
def share_of(part: float | None, whole: float | None) -> float | None:
    """Return part of whole as a share of one; None where it cannot be said."""
    return None if part is None or not whole else part / whole


@register.simple_tag
def state_badge(state: str) -> SafeString:
    """Show where a report stands: colour, icon and words together."""
    return _badge(str(state), in_chinese())


@lru_cache(maxsize=32)
def _badge(state: str, chinese: bool) -> SafeString:
    look, drawing = STATE_LOOKS[state]
    with override("zh-hans" if chinese else "en"):
        words = state_words(state)
    return format_html('<span class="fx-state fx-state-{}">{}{}</span>', look, icon(drawing), words)


def state_words(state: str) -> str:
    """Return the words of a state in the language of the page."""
    return {
        "not_due": _("Not due"),
        "due": _("Due"),
        "in_time": _("In time"),
        "late": _("Late"),
        "missing": _("Missing"),
        "zero_declared": _("Zero declared"),
        "corrected": _("Corrected"),
        "contradicted": _("Contradicted"),
    }[state]


register.filter("state_words", state_words)


@register.simple_tag
def sparkline(values: Sequence[float | None], label: str = "") -> SafeString:
    """Draw a series as a line; days without a figure are gaps, not noughts."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return format_html('<span class="text-secondary">{}</span>', ABSENT)
    top, low = max(*known, 1), min(*known, 0)
    step = 100 / max(1, len(values) - 1)
    lines: list[list[str]] = [[]]
    for index, value in enumerate(values):
        if value is None:
            lines.append([])
        else:
            lines[-1].append(f"{index * step:.1f},{27 - 25 * (value - low) / (top - low):.1f}")
    drawn = format_html_join("", '<polyline points="{}"/>', ((" ".join(line),) for line in lines if line))
    return format_html(
        '<svg class="fx-spark" viewBox="0 0 100 28" preserveAspectRatio="none" role="img" aria-label="{}">'
        "{}</svg>",
        label,
        drawn,
    )


@register.simple_tag
def bar(whole: float, good: float = 0, late: float = 0, bad: float = 0) -> SafeString:
    """Draw the parts of a whole side by side; the figures stand beside it in words."""
    edge = 0.0
    parts = []
    for look, part in (("good", good), ("late", late), ("bad", bad)):
        width = 100 * (part or 0) / whole if whole else 0.0
        parts.append((look, f"{edge:.2f}", f"{width:.2f}"))
        edge += width
    drawn = format_html_join(
        "", '<rect class="fx-fill-{}" x="{}" width="{}" y="0" height="8"/>', (one for one in parts)
    )
    return format_html(
        '<svg class="fx-bar-svg" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="fx-fill-quiet" width="100" height="8"/>{}</svg>',
        drawn,
    )


@register.filter
def of_units(due: int) -> str:
    """Return the denominator in words."""
    return _("of %(n)s reports owed") % {"n": number(due)}


@register.filter
def title_of(titles: Mapping[str, Any], form: str) -> str:
    """Return the title of a form by its id."""
    return wording(titles.get(form))


@register.filter
def value_of(values: Mapping[str, float | None], field: str) -> str:
    """Return one reported number, with not reported and not known told apart."""
    if field not in values:
        return _("Not reported")
    value = values[field]
    return _("Not known") if value is None else number(value)


@register.filter
def kind_words(kind: str) -> str:
    """Return what a reported number counts."""
    return {
        "daily_count": _("counted over the day"),
        "stock": _("counted at the end of the day"),
        "cumulative": _("counted since the beginning"),
    }[str(kind)]


@register.filter
def aggregation_words(aggregation: str) -> str:
    """Return how a number adds up over the units of a place."""
    return {
        "sum": _("added up over units"),
        "max": _("the largest of the units"),
        "mean": _("the mean of the units that gave it"),
        "none": _("not added up"),
    }[str(aggregation)]
