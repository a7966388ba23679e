"""Whether a place may be merged, renamed or ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from fangxian.base.errors import InvalidInput


@dataclass(frozen=True)
class Standing:
    """What the decision needs to know of a place."""

    code: str
    country: str
    level: int
    tree: tuple[int, int]
    valid_from: date | None
    valid_to: date | None


def refuse_merger(place: Standing, into: Standing, on: date) -> InvalidInput | None:
    """Return why ``place`` cannot be merged into ``into`` on a day, or None."""
    if place.tree[0] <= into.tree[0] <= place.tree[1]:
        return _refusal(
            f"{into.code} 就是 {place.code} 或在其下。",
            f"{into.code} is {place.code} itself or lies below it.",
            "请选择另一个承接地区。",
            "Choose another successor.",
        )
    if place.country != into.country or into.level > place.level:
        return _refusal(
            f"{into.code} 的层级或国家不能承接 {place.code}。",
            f"{into.code} has a level or country that cannot succeed {place.code}.",
            "承接地区应与其同级或更高。",
            "The successor must be of the same level or higher.",
        )
    if into.valid_to is not None and into.valid_to <= on:
        return _ended(into)
    return refuse_end(place, on)


def refuse_end(place: Standing, on: date) -> InvalidInput | None:
    """Return why a place cannot end on a day, or None."""
    if place.valid_to is not None:
        return _ended(place)
    if place.valid_from is not None and on <= place.valid_from:
        return _refusal(
            f"{on} 不晚于 {place.code} 的设立日期 {place.valid_from}。",
            f"{on} is not after {place.valid_from}, when {place.code} began.",
            "请改正日期。",
            "Mend the date.",
        )
    return None


def refuse_name(name: str, limit: int = 100) -> InvalidInput | None:
    """Return why a name cannot be given, or None."""
    if name.strip() and len(name) <= limit:
        return None
    return _refusal(
        f"名称不能为空，也不能超过 {limit} 个字符（收到 {len(name)} 个）。",
        f"A name has 1 to {limit} characters, got {len(name)}.",
        "请填写名称。",
        "Give a name.",
    )


def _ended(place: Standing) -> InvalidInput:
    return _refusal(
        f"{place.code} 已于 {place.valid_to} 撤销。",
        f"{place.code} already ended on {place.valid_to}.",
        "请核对代码。",
        "Check the code.",
    )


def _refusal(zh: str, en: str, remedy_zh: str, remedy_en: str) -> InvalidInput:
    return InvalidInput({"zh": zh, "en": en}, {"zh": remedy_zh, "en": remedy_en})
