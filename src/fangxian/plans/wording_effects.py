"""What a measure does, and when a level starts, in words."""

from __future__ import annotations

import re
from collections.abc import Mapping

from fangxian.base.errors import Text
from fangxian.plans.schema import AnyEffect, Level, Plan

KINDS: Mapping[str, Text] = {
    "contact_reduction": {"zh": "减少接触", "en": "Contact reduction"},
    "masks": {"zh": "口罩和距离", "en": "Masks and distance"},
    "stay_home_when_ill": {"zh": "有症状者自行避免接触", "en": "Staying home when ill"},
    "travel": {"zh": "限制流动", "en": "Travel reduction"},
    "symptomatic_testing": {"zh": "有症状者检测", "en": "Testing of the symptomatic"},
    "screening": {"zh": "区域核酸筛查", "en": "Screening rounds"},
    "laboratory": {"zh": "实验室能力", "en": "Laboratories"},
    "contact_tracing": {"zh": "接触者追踪", "en": "Contact tracing"},
    "case_isolation": {"zh": "病例隔离", "en": "Isolation of cases"},
    "contact_quarantine": {"zh": "接触者隔离", "en": "Quarantine of contacts"},
    "isolation_rooms": {"zh": "集中隔离房间", "en": "Central isolation rooms"},
    "vaccination": {"zh": "接种场次", "en": "Vaccination sessions"},
    "beds": {"zh": "床位", "en": "Beds"},
    "antivirals": {"zh": "抗病毒药", "en": "Antivirals"},
}
SETTINGS: Mapping[str, Text] = {
    "household": {"zh": "家庭", "en": "household"},
    "school": {"zh": "学校", "en": "school"},
    "workplace": {"zh": "工作单位", "en": "workplace"},
    "health_facility": {"zh": "医疗机构", "en": "health facility"},
    "care_home": {"zh": "养老机构", "en": "care home"},
    "community": {"zh": "社区", "en": "community"},
}
KEYS: Mapping[str, Text] = {
    "reduction": {"zh": "减少", "en": "reduced by"},
    "risk_reduction": {"zh": "降低风险", "en": "risk lowered by"},
    "adherence": {"zh": "遵守率", "en": "kept at"},
    "between_places": {"zh": "跨区接触减少", "en": "contacts with other places reduced by"},
    "importation": {"zh": "输入减少", "en": "imports reduced by"},
    "share": {"zh": "覆盖", "en": "share"},
    "clinic_share": {"zh": "到发热门诊", "en": "at a fever clinic"},
    "method": {"zh": "方法", "en": "method"},
    "delay_days": {"zh": "延迟（天）", "en": "delay, days"},
    "turnaround_days": {"zh": "出结果（天）", "en": "turnaround, days"},
    "report_delay_days": {"zh": "报告延迟（天）", "en": "report delay, days"},
    "background_per_1000": {"zh": "其他检测（每千人每日）", "en": "other tests per 1 000 a day"},
    "interval_days": {"zh": "间隔（天）", "en": "every, days"},
    "pool_size": {"zh": "混采人数", "en": "people in a tube"},
    "pool_sensitivity": {"zh": "仅一份阳性的混采管检出", "en": "tubes with one positive found"},
    "tubes_per_100000": {"zh": "管数（每十万人每日）", "en": "tubes per 100 000 a day"},
    "recall": {"zh": "找到接触者", "en": "contacts found"},
    "cases_per_day_per_million": {"zh": "流调病例（每百万人每日）", "en": "cases per million a day"},
    "clock": {"zh": "时限", "en": "clock"},
    "other_contacts": {"zh": "其他接触者（每例）", "en": "other contacts of a case"},
    "longest_wait_days": {"zh": "最长等待（天）", "en": "longest wait, days"},
    "days": {"zh": "天数", "en": "days"},
    "where": {"zh": "地点", "en": "where"},
    "home_leak": {"zh": "居家时保留接触", "en": "contacts kept at home"},
    "room_leak": {"zh": "房间内保留接触", "en": "contacts kept in a room"},
    "contact": {"zh": "接触者管理", "en": "schedule"},
    "rooms_per_100000": {"zh": "房间（每十万人）", "en": "rooms per 100 000"},
    "doses_per_day_per_1000": {"zh": "剂次（每千人每日）", "en": "doses per 1 000 a day"},
    "willing": {"zh": "愿意接种", "en": "willing"},
    "tiers": {"zh": "分级", "en": "tiers"},
    "ward_per_1000": {"zh": "普通床位（每千人）", "en": "ward beds per 1 000"},
    "intensive_care_per_100000": {"zh": "监护床位（每十万人）", "en": "intensive-care beds per 100 000"},
    "reserve": {"zh": "储备", "en": "reserve"},
    "courses_per_1000": {"zh": "疗程（每千人）", "en": "courses per 1 000"},
    "unit_cost": {"zh": "单位成本（元）", "en": "cost of a unit, yuan"},
}
SHARES = frozenset(
    {
        "reduction",
        "risk_reduction",
        "adherence",
        "between_places",
        "importation",
        "share",
        "clinic_share",
        "willing",
        "room_leak",
        "pool_sensitivity",
    }
)
CODES: Mapping[str, Text] = {
    "pcr": {"zh": "核酸", "en": "PCR"},
    "antigen": {"zh": "抗原", "en": "antigen"},
    "room": {"zh": "集中房间", "en": "central room"},
    "home": {"zh": "居家", "en": "home"},
}
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_WORDS: Mapping[str, Text] = {
    "and": {"zh": "且", "en": "and"},
    "or": {"zh": "或", "en": "or"},
    "not": {"zh": "并非", "en": "not"},
    "previous": {"zh": "前一日", "en": "previous"},
    "population": {"zh": "人口", "en": "population"},
}


def effect_words(effect: AnyEffect, language: str) -> str:
    """Return what an effect does in one line, e.g. ``Contact reduction: school; reduced by 100 %``.

    Parameters
    ----------
    effect : AnyEffect
        One effect of a measure.
    language : str
        ``"zh"`` or ``"en"``.

    Returns
    -------
    str
        Kind, settings, ages, then every value that the plan states.
    """
    key = _key(language)
    parts = []
    if effect.kind in ("contact_reduction", "masks", "stay_home_when_ill"):
        parts.append((", " if key == "en" else "、").join(SETTINGS[one][key] for one in effect.settings))
    ages = (getattr(effect, "age_from", 0), getattr(effect, "age_to", 130))
    if ages != (0, 130):
        parts.append(f"{ages[0]}–{ages[1]} {'years' if key == 'en' else '岁'}")
    for name in sorted(type(effect).model_fields, key=lambda name: name == "unit_cost"):
        value = getattr(effect, name)
        if name in KEYS and name in effect.model_fields_set and value not in (None, (), {}):
            parts.append(f"{KEYS[name][key]} {_value(name, value, key)}")
    mark, joint = (": ", "; ") if key == "en" else ("：", "；")
    return f"{KINDS[effect.kind][key]}{mark}{joint.join(parts)}"


def trigger_words(level: Level, plan: Plan, language: str) -> str:
    """Return when a rehearsal starts and ends a level, or an empty text if it never does."""
    if level.start_when is None:
        return ""
    key = _key(language)
    start, end = (_rule(rule, plan, language) for rule in (level.start_when, level.end_when or ""))
    if key == "en":
        said = f"starts when {start} on {level.start_days} day(s) in a row, {level.delay_days} day(s) later"
        return said + (f"; ends when {end} on {level.end_days} day(s) in a row" if end else "; never ends")
    said = f"连续 {level.start_days} 天 {start} 时启动，{level.delay_days} 天后生效"
    return said + (f"；连续 {level.end_days} 天 {end} 时结束" if end else "；不结束")


def _rule(rule: str, plan: Plan, language: str) -> str:
    labels = {one.id: one.label.in_language(language) for one in plan.indicators}
    words = {name: text[_key(language)] for name, text in _WORDS.items()}
    said = _NAME.sub(lambda match: words.get(match.group()) or labels.get(match.group(), match.group()), rule)
    for sign, shown in ((">=", "≥"), ("<=", "≤"), ("*", "×"), ("==", "=")):
        said = said.replace(sign, shown)
    return " ".join(said.split())


def _value(name: str, value: object, key: str) -> str:
    if isinstance(value, dict):
        pairs = (f"{SETTINGS[setting][key]} {amount:g}" for setting, amount in value.items())
        return ", ".join(pairs)
    if isinstance(value, tuple):
        return ", ".join(str(one) for one in value)
    if isinstance(value, float) and name in SHARES:
        return f"{value * 100:g} %"
    if isinstance(value, int | float):
        return f"{value:g}"
    return CODES[str(value)][key] if str(value) in CODES else str(value)


def _key(language: str) -> str:
    return "en" if language.lower().startswith("en") else "zh"
