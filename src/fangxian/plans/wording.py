"""Plan words for people: what a code of the format is called, and a rule written with its fields' labels."""

from __future__ import annotations

import re
from collections.abc import Mapping

from fangxian.base.errors import Text
from fangxian.plans.schema import Check, Deadline, Form, Plan, Reserve
from fangxian.plans.vocabulary import unit_name

CODES: Mapping[str, Text] = {
    "containment": {"zh": "围堵", "en": "containment"},
    "mitigation": {"zh": "保健康、防重症", "en": "mitigation"},
    "seasonal": {"zh": "季节性监测", "en": "seasonal surveillance"},
    "daily_count": {"zh": "当日数", "en": "count of the day"},
    "stock": {"zh": "时点数", "en": "number at a time"},
    "cumulative": {"zh": "累计数", "en": "running total"},
    "sum": {"zh": "逐级相加", "en": "added up"},
    "max": {"zh": "取最大", "en": "largest"},
    "mean": {"zh": "取平均", "en": "mean of those that reported"},
    "none": {"zh": "不汇总", "en": "not added up"},
    "regulation": {"zh": "规定", "en": "regulation"},
    "published": {"zh": "论文", "en": "published"},
    "second-hand": {"zh": "转引", "en": "second-hand"},
    "default": {"zh": "默认值", "en": "working default"},
    "error": {"zh": "拒收", "en": "refused"},
    "warning": {"zh": "提醒", "en": "warning"},
    "nation": {"zh": "国家", "en": "nation"},
    "province": {"zh": "省级", "en": "province"},
    "city": {"zh": "市级", "en": "city"},
    "county": {"zh": "县级", "en": "county"},
    "place": {"zh": "地区合计之间", "en": "between totals of a place"},
    "unit": {"zh": "同一单位的表单之间", "en": "between forms of one unit"},
    "case": {"zh": "病例", "en": "cases"},
    "contact": {"zh": "接触者", "en": "contacts"},
    "area": {"zh": "区域", "en": "areas"},
    "institution": {"zh": "机构", "en": "institutions"},
    "public": {"zh": "公众", "en": "the public"},
    "health_service": {"zh": "医疗服务", "en": "health service"},
    "central_isolation": {"zh": "集中隔离", "en": "central isolation"},
    "home_isolation": {"zh": "居家隔离", "en": "home isolation"},
    "home_monitoring": {"zh": "居家健康监测", "en": "health monitoring at home"},
    "days_of_use": {"zh": "按日常用量天数", "en": "days of ordinary use"},
    "share_of_population": {"zh": "按服务人口比例", "en": "share of the population served"},
    "share_of_open_beds": {"zh": "按开放床位比例", "en": "share of open beds"},
    "by_population": {"zh": "按人口规模", "en": "by population"},
}

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)?")
_SIGNS = {"<=": "≤", ">=": "≥", "!=": "≠", "==": "=", "*": "×", "/": "÷"}
_SIGN = re.compile(r"<=|>=|!=|==|\*|/")
_WORDS: Mapping[str, Text] = {
    "and": {"zh": "且", "en": "and"},
    "or": {"zh": "或", "en": "or"},
    "not": {"zh": "并非", "en": "not"},
    "abs": {"zh": "绝对值", "en": "abs"},
    "min": {"zh": "最小", "en": "min"},
    "max": {"zh": "最大", "en": "max"},
    "previous": {"zh": "前一日", "en": "previous"},
}


def code_words(code: str, language: str) -> str:
    """Return what a code of the format is called in a language; an unknown code as it stands."""
    known = CODES.get(code)
    return known[_key(language)] if known is not None else code


def rule_words(check: Check, plan: Plan, language: str, form: Form | None = None) -> str:
    """Return a rule with labels for names, e.g. ``死亡 ≤ 前一日(24时在院) + 入院``.

    Parameters
    ----------
    check : Check
        A check of a form, or a cross-form check (then without ``form``).
    plan : Plan
        The plan that it stands in.
    language : str
        ``"zh"`` or ``"en"``.
    form : Form, optional
        The form whose fields the rule names.

    Returns
    -------
    str
        One line.
    """
    labels = _labels(plan, language, form)

    def name(match: re.Match[str]) -> str:
        word = match.group()
        if word in _WORDS:
            return _WORDS[word][_key(language)]
        return labels.get(word, word)

    parts = []
    last = 0
    for match in _NAME.finditer(check.rule):
        parts.append(_signs(check.rule[last : match.start()]))
        parts.append(name(match))
        last = match.end()
    parts.append(_signs(check.rule[last:]))
    return " ".join("".join(parts).split())


def deadline_words(deadline: Deadline, language: str) -> str:
    """Return a deadline in words, e.g. ``次日 17:00 (Asia/Shanghai)``."""
    clock = deadline.time.strftime("%H:%M")
    if _key(language) == "zh":
        day = {0: "当日", 1: "次日"}.get(deadline.days_after, f"{deadline.days_after} 天后")
        return f"{day} {clock}({deadline.timezone})"
    day = {0: "the same day", 1: "the next day"}.get(deadline.days_after, f"{deadline.days_after} days later")
    return f"{clock} {day} ({deadline.timezone})"


def reserve_words(reserve: Reserve, language: str) -> str:
    """Return how much a reserve is, in words."""
    unit = unit_name(reserve.unit, language)
    if reserve.bands:
        return "; ".join(_band(band.population_below, band.amount, unit, language) for band in reserve.bands)
    if reserve.low is None:
        return ""
    amount = _amount(reserve.low, reserve.unit)
    if reserve.high is not None and reserve.high != reserve.low:
        amount = f"{amount}–{_amount(reserve.high, reserve.unit)}"
    elif reserve.high is None:
        amount = f"≥ {amount}"
    return amount if reserve.unit == "share" else f"{amount} {unit}"


def amount_words(value: float, unit: str, language: str) -> str:
    """Return a value with its unit; a share is written as a percentage."""
    said = _amount(value, unit)
    return said if unit == "share" else f"{said} {unit_name(unit, language)}"


def _band(below: int | None, amount: float, unit: str, language: str) -> str:
    if below is None:
        return f"{'更多' if _key(language) == 'zh' else 'more'}: {amount:g} {unit}"
    return f"{'人口' if _key(language) == 'zh' else 'population'} < {below:,}: {amount:g} {unit}"


def _amount(value: float, unit: str) -> str:
    return f"{value * 100:g} %" if unit == "share" else f"{value:g}"


def _labels(plan: Plan, language: str, form: Form | None) -> dict[str, str]:
    if form is not None:
        return {field.id: field.label.in_language(language) for field in form.fields}
    joint = "·" if _key(language) == "zh" else ": "
    return {
        f"{one.id.replace('-', '_')}.{field.id}": joint.join(
            wording.in_language(language) for wording in (one.title, field.label)
        )
        for one in plan.forms
        for field in one.fields
    }


def _signs(text: str) -> str:
    return _SIGN.sub(lambda match: _SIGNS[match.group()], text)


def _key(language: str) -> str:
    return "en" if language.lower().startswith("en") else "zh"
