"""A disease file as plain text, each number with its range, source and status."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from fangxian.base.errors import Text
from fangxian.plans.schema import (
    ByAge,
    DiseaseFile,
    Duration,
    Paper,
    Quantity,
    Record,
    Sensitivity,
    SerialInterval,
    Sourced,
    Wording,
)
from fangxian.plans.vocabulary import unit_name
from fangxian.plans.wording import code_words

WORDS: Mapping[str, Text] = {
    "serial_interval": {"zh": "序列间隔", "en": "Serial interval"},
    "reproduction_number": {"zh": "再生数", "en": "Reproduction number"},
    "latent_period": {"zh": "潜隐期", "en": "Latent period"},
    "infectiousness": {"zh": "传染性（自具传染性起）", "en": "Infectiousness, since becoming infectious"},
    "incubation_period": {"zh": "潜伏期", "en": "Incubation period"},
    "asymptomatic_infectiousness": {"zh": "无症状者相对传染性", "en": "Infectiousness without symptoms"},
    "dispersion": {"zh": "离散参数 k", "en": "Dispersion k"},
    "susceptibility": {"zh": "相对易感性", "en": "Susceptibility"},
    "symptomatic": {"zh": "有症状", "en": "Symptomatic"},
    "severe": {"zh": "重症（需住院）", "en": "Severe (a hospital bed)"},
    "critical": {"zh": "危重症（需重症监护）", "en": "Critical (intensive care)"},
    "dying": {"zh": "死亡（有床位）", "en": "Dying (with a bed)"},
    "deaths_in_intensive_care": {"zh": "死亡中发生在重症监护的比例", "en": "Deaths that intensive care sees"},
    "stable_disease": {"zh": "基础病稳定者重症倍数", "en": "Severe with a stable underlying disease"},
    "unstable_disease": {"zh": "基础病不稳定者重症倍数", "en": "Severe with an unstable underlying disease"},
    "death_without_ward": {"zh": "重症无普通床位的病死率", "en": "Death of the severe without a ward bed"},
    "death_without_intensive_care": {
        "zh": "危重症无监护床位的病死率",
        "en": "Death of the critical without intensive care",
    },
    "onset_to_admission": {"zh": "发病至入院", "en": "Onset to admission"},
    "ward": {"zh": "普通病房住院", "en": "Ward stay"},
    "admission_to_intensive_care": {"zh": "入院至重症监护", "en": "Admission to intensive care"},
    "intensive_care": {"zh": "重症监护住院", "en": "Intensive-care stay"},
    "symptoms": {"zh": "居家者症状持续", "en": "Symptoms at home"},
    "infection": {"zh": "防感染", "en": "From infection"},
    "death": {"zh": "防死亡", "en": "From death"},
    "half_life": {"zh": "防感染的半衰期", "en": "Half-life of protection from infection"},
    "severe_half_life": {"zh": "防重症的半衰期", "en": "Half-life of protection from severe disease"},
    "severe_prevented": {"zh": "减少重症", "en": "Severe disease prevented"},
    "death_prevented": {"zh": "减少死亡", "en": "Deaths prevented"},
    "within": {"zh": "须在发病后", "en": "To begin after onset within"},
    "transmission_prevented": {"zh": "减少继续传播", "en": "Infections passed on prevented"},
    "false_positive": {"zh": "假阳性（未感染者中）", "en": "False positives, of the uninfected"},
    "dilution": {"zh": "混采稀释指数", "en": "Exponent of dilution in a tube"},
}
STATES: Mapping[str, Text] = {
    "partial": {"zh": "部分接种", "en": "partial vaccination"},
    "full": {"zh": "全程接种", "en": "full vaccination"},
    "boosted": {"zh": "加强接种", "en": "booster"},
    "infection": {"zh": "既往感染", "en": "earlier infection"},
}
KINDS: Mapping[str, Text] = {
    "pcr": {"zh": "核酸检测", "en": "Nucleic acid test"},
    "antigen": {"zh": "抗原检测", "en": "Antigen test"},
}


def disease_summary(disease: DiseaseFile, language: str = "zh") -> str:
    """Return in one line what was read."""
    parts = (disease.transmission, disease.course, disease.stays)
    ready = all(part is not None for part in parts)
    said = {
        "zh": "可供推演" if ready else "只够晨报使用",
        "en": "ready for a rehearsal" if ready else "enough for the brief only",
    }
    return f"{disease.id} · {disease.name.in_language(language)}: {said[_key(language)]}"


def disease_outline(disease: DiseaseFile, language: str = "zh") -> str:
    """Return all that a disease file says, with range, source and status of each number.

    Parameters
    ----------
    disease : DiseaseFile
        The disease.
    language : str
        ``"zh"`` or ``"en"``.

    Returns
    -------
    str
        Lines; sections are headed by ``##``.
    """
    lines = [f"# {disease.name.in_language(language)}", f"{disease.id} · {disease.pathogen}"]
    lines += _entry("serial_interval", disease.serial_interval, language)
    sections: tuple[tuple[str, str, Record | None], ...] = (
        ("传播", "Transmission", disease.transmission),
        (
            "病程（占该年龄全部感染者，无免疫）",
            "Course, of all infected of an age, not immune",
            disease.course,
        ),
        ("时长", "Stays", disease.stays),
    )
    for zh, en, section in sections:
        lines += _section(_say(language, zh, en), section, language)
    for one in disease.protections:
        state = STATES[one.state][_key(language)]
        lines += _section(_say(language, f"保护:{state}", f"Protection: {state}"), one, language)
    if disease.tests:
        lines += ["", "## " + _say(language, "检测", "Tests")]
    for test in disease.tests:
        lines += _entry(test.kind, test, language)
        lines += (
            [] if test.false_positive is None else _entry("false_positive", test.false_positive, language)
        )
        lines += [] if test.dilution is None else _entry("dilution", test.dilution, language)
    lines += _section(_say(language, "抗病毒药", "Antivirals"), disease.antiviral, language)
    if disease.sources:
        lines += ["", "## " + _say(language, "来源", "Sources")]
        lines += [_paper(paper) for paper in disease.sources]
    return "\n".join(lines)


def _section(title: str, section: Record | None, language: str) -> Iterator[str]:
    if section is None:
        return
    yield ""
    yield f"## {title}"
    for name in type(section).model_fields:
        value = getattr(section, name)
        if isinstance(value, Sourced):
            yield from _entry(name, value, language)


def _entry(name: str, record: Sourced, language: str) -> Iterator[str]:
    known = WORDS.get(name) or KINDS.get(name)
    label = known[_key(language)] if known is not None else name
    yield f"  - {label}: {_value(record, language)} {_trust(record, language)}"
    note = getattr(record, "note", None)
    if isinstance(note, Wording):
        yield f"    {note.in_language(language)}"


def _value(record: Sourced, language: str) -> str:
    day = unit_name("day", language)
    if isinstance(record, Quantity):
        unit = "" if record.unit in ("ratio", "share") else f" {unit_name(record.unit, language)}"
        return f"{record.value:g}{unit}{_between(record.low, record.high)}"
    if isinstance(record, Duration):
        spread = f"{record.mean_days:g} ± {record.sd_days:g} {day} ({record.distribution})"
        return spread + _between(record.low_days, record.high_days)
    if isinstance(record, ByAge):
        rows = _with_ranges(record.values, record.low, record.high)
        return ", ".join(f"{age}+: {row}" for age, row in zip(record.age_from, rows, strict=True))
    if isinstance(record, Sensitivity):
        return ", ".join(_with_ranges(record.by_day, record.low, record.high))
    if isinstance(record, SerialInterval):
        spread = f"{record.mean_days:g} ± {record.sd_days:g} {day}"
        return f"{spread}{_between(record.low_days, record.high_days)}, doi:{record.doi}"
    return ""


def _with_ranges(values: Sequence[float], low: Sequence[float], high: Sequence[float]) -> list[str]:
    """Return each value with its range, where there is one for every value."""
    if not len(low) == len(high) == len(values):
        return [f"{value:g}" for value in values]
    return [f"{value:g}{_between(*ends)}" for value, *ends in zip(values, low, high, strict=True)]


def _between(low: float | None, high: float | None) -> str:
    if low is None and high is None:
        return ""
    return f" ({'' if low is None else f'{low:g}'}–{'' if high is None else f'{high:g}'})"


def _trust(record: Sourced, language: str) -> str:
    status = code_words(record.status.value, language)
    return f"[{status}: {record.source}]" if record.source else f"[{status}]"


def _paper(paper: Paper) -> str:
    where = f" doi:{paper.doi}" if paper.doi else f" {paper.url}" if paper.url else ""
    return f"  - {paper.id}: {paper.title}{where}"


def _say(language: str, zh: str, en: str) -> str:
    return en if _key(language) == "en" else zh


def _key(language: str) -> str:
    return "en" if language.lower().startswith("en") else "zh"
