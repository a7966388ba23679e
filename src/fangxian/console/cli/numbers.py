"""Options that are numbers: refused in both languages, with what was given and what can be."""

from __future__ import annotations

from typing import NamedTuple

from fangxian.base.errors import InvalidInput


class Number(NamedTuple):
    """An option that is a number, and what it can be; None is an option that was left out."""

    option: str
    value: float | None
    least: float
    most: float = float("inf")
    whole: bool = True


def check_numbers(*numbers: Number) -> None:
    """Refuse the first number that is out of its range; not-a-number is in none.

    Raises
    ------
    InvalidInput
        Says option, value and range.
    """
    for option, value, least, most, whole in numbers:
        if value is None or (least <= value <= most and not (whole and value % 1)):
            continue
        zh, en = ("整数", "a whole number") if whole else ("数", "a number")
        bounded = most < float("inf")
        raise InvalidInput(
            {"zh": f"{option} 不能是 {value:.12g}。", "en": f"{option} cannot be {value:.12g}."},
            {
                "zh": f"请写 {least:,.12g} 至 {most:,.12g} 的{zh}。"
                if bounded
                else f"请写不小于 {least:,.12g} 的{zh}。",
                "en": f"Write {en} from {least:,.12g} to {most:,.12g}."
                if bounded
                else f"Write {en} of at least {least:,.12g}.",
            },
        )


def without_function(reason: str) -> str:
    """Return a refusal of the science without the name of its function, which says nothing to who types."""
    name, colon, rest = reason.partition(": ")
    return rest if colon and name.isidentifier() else reason
