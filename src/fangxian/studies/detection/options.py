"""Options by the names of R ``surveillance``: ``KEY=VALUE`` as typed becomes a value of the right kind."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fangxian.base.errors import InvalidInput

Parser = Callable[[str], Any]


class Refused(ValueError):
    """A value that an option does not take; ``zh`` and ``en`` say what it takes."""

    def __init__(self, zh: str, en: str | None = None) -> None:
        super().__init__(en or zh)
        self.zh, self.en = zh, en or zh


def boolean(text: str) -> bool:
    """Return a truth value: TRUE, T, yes, 1 or their opposites."""
    if text.lower() in {"true", "t", "yes", "1"}:
        return True
    if text.lower() in {"false", "f", "no", "0"}:
        return False
    raise Refused("TRUE / FALSE")


def number(text: str) -> float:
    """Return a number."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise Refused("数", "a number")
    return value


def whole(text: str) -> int:
    """Return a whole number."""
    value = number(text)
    if value != round(value):
        raise Refused("整数", "a whole number")
    return int(value)


def numbers(text: str) -> NDArray[np.float64]:
    """Return numbers: ``5,4`` or ``c(5,4)``."""
    inner = re.sub(r"^c\((.*)\)$", r"\1", text.strip())
    found = np.array([number(part) for part in re.split(r"[,;\s]+", inner) if part])
    if len(found) == 0:
        raise Refused("至少一个数", "at least one number")
    return found


def cases_and_steps(text: str) -> NDArray[np.float64]:
    """Return how many cases in how many steps: ``5,4`` or ``c(5,4)``."""
    found = numbers(text)
    if len(found) != 2 or found[0] < 0 or found[1] < 1 or found[1] % 1:
        raise Refused("病例数,期数（如 5,4）", "cases,steps, e.g. 5,4")
    return found


def span(text: str) -> tuple[int, int]:
    """Return the first and last step, counted from 1: ``313:417``."""
    first, _, last = text.partition(":")
    return whole(first), whole(last or first)


def within(parser: Parser, low: float, high: float = math.inf) -> Parser:
    """Return a parser that takes what another takes from ``low`` to ``high``."""
    told = f"≥ {low:g}" if high == math.inf else f"{low:g} … {high:g}"
    return _limited(parser, lambda value: low <= value <= high, told)


def between(parser: Parser, low: float, high: float = math.inf) -> Parser:
    """Return a parser that takes what another takes above ``low`` and below ``high``."""
    told = f"> {low:g}" if high == math.inf else f"> {low:g}, < {high:g}"
    return _limited(parser, lambda value: low < value < high, told)


def _limited(parser: Parser, taken: Callable[[float], bool], told: str) -> Parser:
    def parse(text: str) -> Any:  # noqa: ANN401 -- whatever the other takes
        value = parser(text)
        if not taken(value):
            raise Refused(told)
        return value

    return parse


def or_null(parser: Parser) -> Parser:
    """Return a parser that takes NULL for None."""
    return lambda text: None if text.strip().upper() in {"NULL", "NONE", ""} else parser(text)


def word(*allowed: str) -> Parser:
    """Return a parser that takes one of some words."""

    def parse(text: str) -> str:
        found = {name.lower(): name for name in allowed}.get(text.strip().strip("\"'").lower())
        if found is None:
            raise Refused(" / ".join(allowed))
        return found

    return parse


def season_or_numbers(text: str) -> Any:  # noqa: ANN401 -- a mapping or an array, as R takes it
    """Return in-control means, or how to fit them: ``list(S=2,trend=TRUE,refit=TRUE)``."""
    if "=" not in text:
        means = numbers(text)
        if not (means > 0).all():
            raise Refused("> 0")
        return means
    inner = re.sub(r"^list\((.*)\)$", r"\1", text.strip())
    pairs = [part.partition("=") for part in re.split(r"[,;]", inner)]
    given = {name.strip(): value.strip() for name, _, value in pairs}
    if strange := ", ".join(name for name in given if name not in {"S", "trend", "refit"}):
        raise Refused(f"S / trend / refit ({strange}?)")
    trend, refit = boolean(given.get("trend", "FALSE")), boolean(given.get("refit", "FALSE"))
    return {"S": within(whole, 0)(given.get("S", "1")), "trend": trend, "refit": refit}


def numbers_or_word(*allowed: str) -> Parser:
    """Return a parser that takes numbers or one of some words."""
    words = word(*allowed)

    def parse(text: str) -> Any:  # noqa: ANN401 -- as above
        try:
            return numbers(text)
        except Refused:
            try:
                return words(text)
            except Refused as error:
                raise Refused(f"数 / {error.zh}", f"numbers / {error.en}") from error

    return parse


def parse_options(method: str, known: Mapping[str, Parser], given: list[str]) -> dict[str, Any]:
    """Return the options of a method from ``KEY=VALUE`` texts.

    Raises
    ------
    InvalidInput
        For a text without ``=``, a name that the method does not have, or a value that it cannot take.
    """
    found: dict[str, Any] = {}
    lower = {name.lower(): name for name in known}
    for text in given:
        key, sign, value = text.partition("=")
        name = lower.get(key.strip().lower())
        if not sign or name is None:
            raise InvalidInput(
                {
                    "zh": f"方法 {method} 没有选项 {text}。",
                    "en": f"The method {method} has no option {text}.",
                },
                {
                    "zh": f"写成 名称=值；可用：{'、'.join(known)}。",
                    "en": f"Write KEY=VALUE with one of: {', '.join(known)}.",
                },
            )
        try:
            found[name] = known[name](value)
        except Refused as error:
            raise InvalidInput(
                {
                    "zh": f"选项 {name} 不能是“{value}”，应为：{error.zh}。",
                    "en": f"The option {name} cannot be “{value}”; it takes: {error.en}.",
                },
                {"zh": "请换一个值。", "en": "Give another value."},
            ) from error
    return found
