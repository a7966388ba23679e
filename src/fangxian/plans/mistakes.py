"""Breaches of the schema in words: what stands in the file, what is expected, and what to do."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from fangxian.base.errors import Finding, Text
from fangxian.plans.locate import Path, nearest_line
from fangxian.plans.vocabulary import did_you_mean


def schema_findings(
    model: type[BaseModel], error: ValidationError, *, lines: Mapping[Path, int], file: str
) -> list[Finding]:
    """Return one finding for each breach that pydantic reports, at its line, in the order of the file."""
    details = error.errors(include_url=False)
    causes = [detail for detail in details if not _follows_from_another(detail, details)]
    findings = [_finding(model, detail, lines, file) for detail in causes]
    return sorted(findings, key=lambda finding: finding.line or 0)


def _follows_from_another(detail: ErrorDetails, details: list[ErrorDetails]) -> bool:
    """Tell a list that is too short only because entries of it were refused, each with its own finding."""
    where = detail["loc"]
    return detail["type"] == "too_short" and any(
        len(other["loc"]) > len(where) and other["loc"][: len(where)] == where for other in details
    )


def path_words(path: Path) -> str:
    """Return a path as the reader of a file says it: ``form 1 › field 3 › maximum``, counted from 1."""
    words: list[str] = []
    for part in path:
        if isinstance(part, int) and words:
            words[-1] = f"{words[-1]} {part + 1}"
        else:
            words.append(str(part))
    return " › ".join(words)


def _finding(model: type[BaseModel], detail: ErrorDetails, lines: Mapping[Path, int], file: str) -> Finding:
    named = tuple(part for part in detail["loc"] if part != "[key]")
    path = _without_tags(named)
    kind = detail["type"]
    value = detail["input"]
    key = next((str(part) for part in reversed(path) if isinstance(part, str)), "")
    where = path_words(path)
    if kind == "missing":
        code = "key-missing"
        message: Text = {"zh": f"缺少“{where}”。", "en": f"{where!r} is missing."}
        remedy: Text = {"zh": f"请补写 {key} = …", "en": f"Add {key} = …"}
        value = None
    elif kind == "extra_forbidden":
        code = "key-unknown"
        message = {"zh": f"不认识“{where}”。", "en": f"{where!r} is not a key of this format."}
        remedy = did_you_mean(key, _keys_at(model, named[:-1]))
    else:
        code = "value-refused"
        expected = _expected(kind, detail)
        received = _shown(value)
        message = {
            "zh": f"“{where}”的值 {received} 不合要求。",
            "en": f"The value {received} of {where!r} cannot be taken.",
        }
        remedy = expected
    return Finding(
        code,
        message,
        remedy,
        file=file,
        line=nearest_line(lines, path) or 1,
        column=key or None,
        value=None if value is None else _shown(value),
    )


def _expected(kind: str, detail: ErrorDetails) -> Text:
    context: Mapping[str, Any] = detail.get("ctx", {})
    plain: dict[str, Text] = {
        "string_type": {"zh": "请写成加引号的文字。", "en": "Write a text in quotes."},
        "string_too_short": {"zh": "不能为空。", "en": "It must not be empty."},
        "string_pattern_mismatch": {
            "zh": "只用小写字母、数字和连接符，以字母开头（字段用下划线）。",
            "en": "Use lower-case letters, digits and joiners, a letter first (fields: underscores).",
        },
        "too_short": {"zh": "至少要有一项。", "en": "There must be at least one."},
        "finite_number": {"zh": "请写有限的数。", "en": "Write a finite number."},
    }
    if kind in plain:
        return plain[kind]
    if kind == "union_tag_invalid":
        return {
            "zh": f"kind 可用：{context['expected_tags']}。",
            "en": f"kind is one of: {context['expected_tags']}.",
        }
    if kind == "union_tag_not_found":
        return {"zh": "请写 kind = …。", "en": "Write kind = …"}
    if kind in ("enum", "literal_error"):
        allowed = str(context["expected"])
        return {"zh": f"可用：{allowed.replace(' or ', ' 或 ')}。", "en": f"Use one of: {allowed}."}
    bounds = {
        "greater_than": ("gt", "大于", "more than"),
        "greater_than_equal": ("ge", "不小于", "at least"),
        "less_than": ("lt", "小于", "less than"),
        "less_than_equal": ("le", "不大于", "at most"),
    }
    if kind in bounds:
        name, zh, en = bounds[kind]
        return {"zh": f"须{zh} {context[name]}。", "en": f"It must be {en} {context[name]}."}
    families = {
        "int": ({"zh": "请写整数。", "en": "Write a whole number."}),
        "float": ({"zh": "请写数字，不加引号。", "en": "Write a number, without quotes."}),
        "bool": ({"zh": "请写 true 或 false。", "en": "Write true or false."}),
        "date": ({"zh": "请写日期，如 2022-06-28。", "en": "Write a date such as 2022-06-28."}),
        "time": ({"zh": "请写时刻，如 17:00:00。", "en": "Write a time of day such as 17:00:00."}),
        "tuple": ({"zh": "请写成列表 […] 或 [[表]]。", "en": "Write a list […] or [[tables]]."}),
        "dict": ({"zh": "请写成表。", "en": "Write a table."}),
        "model": (
            {
                "zh": '请写成表，如 { zh = "…", en = "…" }。',
                "en": 'Write a table such as { zh = "…", en = "…" }.',
            }
        ),
    }
    for family, remedy in families.items():
        if kind.startswith(family):
            return remedy
    said = detail["msg"].removeprefix("Value error, ")
    return {"zh": f"要求：{said}。", "en": f"Expected: {said}."}


def _shown(value: object) -> str:
    shown = repr(value) if isinstance(value, str) else str(value)
    return shown if len(shown) <= 60 else f"{shown[:57]}…"


def _without_tags(path: Path) -> Path:
    """Return a path as it stands in the file: pydantic puts the kind of an effect in between."""
    tagged = {
        at + 2 for at, part in enumerate(path[:-2]) if part == "effect" and isinstance(path[at + 1], int)
    }
    return tuple(part for at, part in enumerate(path) if at not in tagged)


def _keys_at(model: type[BaseModel], path: Path) -> list[str]:
    """Return the keys that the format allows in the table at a path as pydantic tells it."""
    here: list[type[BaseModel]] = [model]
    for part in path:
        if isinstance(part, int):
            continue
        chosen = [one for one in here if len(here) > 1 and part in _kinds_of(one)]
        fields = [
            field
            for one in here
            for name, field in one.model_fields.items()
            if (field.alias or name) == part and not chosen
        ]
        here = chosen or [found for field in fields[:1] for found in _models_in(field.annotation)]
    return [field.alias or name for one in here[:1] for name, field in one.model_fields.items()]


def _kinds_of(model: type[BaseModel]) -> tuple[object, ...]:
    kind = model.model_fields.get("kind")
    return typing.get_args(kind.annotation) if kind is not None else ()


def _models_in(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        return [annotation] if issubclass(annotation, BaseModel) else []
    return [found for argument in typing.get_args(annotation) for found in _models_in(argument)]
