"""How figures, states and names look on a page: an absent value is a dash, never a nought."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
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


@register.inclusion_tag("console/partials/state_badge.html")
def state_badge(state: str, label: str = "") -> dict[str, Any]:
    """Show where a report stands: colour, icon and words together."""
    look, drawing = STATE_LOOKS[str(state)]
    return {"look": look, "drawing": drawing, "label": label or state_words(str(state))}


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
