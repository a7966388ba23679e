"""Options by the names of R ``surveillance``: ``KEY=VALUE`` as typed becomes a value of the right kind."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fangxian.base.errors import InvalidInput

Parser = Callable[[str], Any]


def boolean(text: str) -> bool:
    """Return a truth value: TRUE, T, yes, 1 or their opposites."""
    if text.lower() in {"true", "t", "yes", "1"}:
        return True
    if text.lower() in {"false", "f", "no", "0"}:
        return False
    raise ValueError("TRUE or FALSE")


def whole(text: str) -> int:
    """Return a whole number."""
    value = float(text)
    if value != round(value):
        raise ValueError("a whole number")
    return int(value)


def numbers(text: str) -> NDArray[np.float64]:
    """Return numbers: ``5,4`` or ``c(5,4)``."""
    inner = re.sub(r"^c\((.*)\)$", r"\1", text.strip())
    return np.array([float(part) for part in re.split(r"[,;\s]+", inner) if part])


def span(text: str) -> tuple[int, int]:
    """Return the first and last step, counted from 1: ``313:417``."""
    first, _, last = text.partition(":")
    return int(first), int(last or first)


def or_null(parser: Parser) -> Parser:
    """Return a parser that takes NULL for None."""
    return lambda text: None if text.strip().upper() in {"NULL", "NONE", ""} else parser(text)


def word(*allowed: str) -> Parser:
    """Return a parser that takes one of some words."""

    def parse(text: str) -> str:
        found = {name.lower(): name for name in allowed}.get(text.strip().strip("\"'").lower())
        if found is None:
            raise ValueError(" / ".join(allowed))
        return found

    return parse


def season_or_numbers(text: str) -> Any:  # noqa: ANN401 -- a mapping or an array, as R takes it
    """Return in-control means, or how to fit them: ``list(S=2,trend=TRUE,refit=TRUE)``."""
    if "=" not in text:
        return numbers(text)
    inner = re.sub(r"^list\((.*)\)$", r"\1", text.strip())
    pairs = [part.partition("=") for part in re.split(r"[,;]", inner)]
    given = {name.strip(): value.strip() for name, _, value in pairs}
    if strange := ", ".join(name for name in given if name not in {"S", "trend", "refit"}):
        raise ValueError(f"S, trend, refit ({strange}?)")
    trend, refit = boolean(given.get("trend", "FALSE")), boolean(given.get("refit", "FALSE"))
    return {"S": whole(given.get("S", "1")), "trend": trend, "refit": refit}


def numbers_or_word(*allowed: str) -> Parser:
    """Return a parser that takes numbers or one of some words."""
    words = word(*allowed)

    def parse(text: str) -> Any:  # noqa: ANN401 -- as above
        try:
            return numbers(text)
        except ValueError:
            return words(text)

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
        except ValueError as error:
            raise InvalidInput(
                {
                    "zh": f"选项 {name} 不能是“{value}”：{error}。",
                    "en": f"The option {name} cannot be “{value}”: {error}.",
                },
                {"zh": "请换一个值。", "en": "Give another value."},
            ) from error
    return found
