"""A plan as plain text, to be read on a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from fangxian.plans.schema import Form, Plan, Sourced, Tiers, Wording
from fangxian.plans.vocabulary import FACILITY_KINDS, unit_name
from fangxian.plans.wording import amount_words, code_words, deadline_words, reserve_words, rule_words
from fangxian.plans.wording_effects import effect_words, trigger_words


def plan_outline(plan: Plan, language: str = "zh") -> str:
    """Return all that a plan says, with the source and status of each value.

    Parameters
    ----------
    plan : Plan
        The plan.
    language : str
        ``"zh"`` or ``"en"``.

    Returns
    -------
    str
        Lines; sections are headed by ``##``.
    """
    sections = (_identity, _forms, _cross_checks, _indicators, _response, _tiers, _yardsticks, _sources)
    return "\n".join(line for section in sections for line in section(plan, language))


def summary(plan: Plan, language: str = "zh") -> str:
    """Return in one line what was read: how many forms, fields, checks and so on."""
    counts = (
        (("表单", "forms"), len(plan.forms)),
        (("字段", "fields"), sum(len(form.fields) for form in plan.forms)),
        (("检查", "checks"), sum(len(form.checks) for form in plan.forms) + len(plan.cross_checks)),
        (("指标", "indicators"), len(plan.indicators)),
        (("级别", "levels"), len(plan.levels)),
        (("措施", "measures"), len(plan.measures)),
        (("时限", "clocks"), len(plan.clocks)),
        (("储备", "reserves"), len(plan.reserves)),
        (("来源", "sources"), len(plan.sources)),
    )
    english = language.startswith("en")
    said = ", ".join(f"{count} {en if english else zh}" for (zh, en), count in counts)
    return f"{plan.identity.id} {plan.identity.version} · {plan.identity.title.in_language(language)}: {said}"


def _say(language: str, zh: str, en: str) -> str:
    return en if language.startswith("en") else zh


def _trust(record: Sourced, language: str) -> str:
    status = code_words(record.status.value, language)
    return f"[{status}: {record.source}]" if record.source else f"[{status}]"


def _identity(plan: Plan, language: str) -> Iterator[str]:
    identity = plan.identity
    yield f"# {identity.title.in_language(language)}"
    yield (
        f"{identity.id} {identity.version} · {identity.disease} · "
        f"{code_words(identity.phase.value, language)} · {identity.timezone}"
    )
    if identity.note is not None:
        yield identity.note.in_language(language)


def _forms(plan: Plan, language: str) -> Iterator[str]:
    for form in plan.forms:
        key = "en" if language.startswith("en") else "zh"
        kinds = ", ".join(FACILITY_KINDS[kind][key] for kind in form.reporters.facility_kinds)
        yield ""
        yield f"## {form.title.in_language(language)} ({form.id})"
        deadline = deadline_words(form.deadline, language)
        yield _say(language, f"{kinds};{deadline}前报送", f"{kinds}; due by {deadline}") + (
            " " + _trust(form.deadline, language)
        )
        yield from _fields(form, language)
        for check in form.checks:
            said = rule_words(check, plan, language, form)
            yield f"  ! {code_words(check.severity, language)}: {said}"


def _fields(form: Form, language: str) -> Iterator[str]:
    for field in form.fields:
        upper = "" if field.maximum is None else f"{field.maximum:,.15g}"
        need = "" if field.required else _say(language, "，选填", ", optional")
        yield (
            f"  - {field.label.in_language(language)} {field.id} "
            f"({unit_name(field.unit, language)}, {code_words(field.kind.value, language)}, "
            f"{code_words(field.aggregation.value, language)}{need}) {field.minimum:g}…{upper}"
        )


def _cross_checks(plan: Plan, language: str) -> Iterator[str]:
    if plan.cross_checks:
        yield ""
        yield "## " + _say(language, "数据互相印证", "Figures that must agree")
    for check in plan.cross_checks:
        yield f"  ! {code_words(check.severity, language)}: {rule_words(check, plan, language)}"


def _indicators(plan: Plan, language: str) -> Iterator[str]:
    if plan.indicators:
        yield ""
        yield "## " + _say(language, "指标", "Indicators")
    for one in plan.indicators:
        origin = ", ".join(one.sources) or f"{one.numerator} / {one.denominator}"
        yield f"  - {one.label.in_language(language)} {one.id}: {origin}"


def _response(plan: Plan, language: str) -> Iterator[str]:
    if plan.levels:
        yield ""
        yield "## " + _say(language, "响应级别", "Response levels")
    for level in plan.levels:
        yield f"  - {level.title.in_language(language)}: {level.trigger.in_language(language)} " + _trust(
            level, language
        )
        said = trigger_words(level, plan, language)
        if said:
            yield f"    {_say(language, '推演', 'rehearsal')}: {said}"
    for measure in plan.measures:
        yield from _entry(
            _say(language, "措施", "Measure"), measure.title, measure.description, measure, language
        )
        if measure.always:
            yield "    " + _say(language, "始终实施", "always in force")
        for effect in measure.effects:
            yield f"    {effect_words(effect, language)} {_trust(effect, language)}"
    for area in plan.risk_areas:
        yield from _entry(_say(language, "风险区", "Risk area"), area.title, area.rule, area, language)
    for clock in plan.clocks:
        said = _say(
            language,
            f"{clock.starts.zh} → {clock.stops.zh}:{clock.hours:g} 小时内",
            f"{clock.starts.en} → {clock.stops.en}: within {clock.hours:g} h",
        )
        title = f"{_say(language, '时限', 'Clock')} {clock.title.in_language(language)}"
        yield f"  - {title}: {said} {_trust(clock, language)}"
    for contact in plan.contacts:
        stages = " + ".join(
            f"{code_words(stage.where, language)} {stage.days} {unit_name('day', language)}"
            for stage in contact.stages
        ) or _say(language, "不追踪", "not traced")
        yield f"  - {contact.title.in_language(language)}: {stages} {_trust(contact, language)}"


def _entry(kind: str, title: Wording, text: Wording, record: Sourced, language: str) -> Iterator[str]:
    yield f"  - {kind} {title.in_language(language)}: {text.in_language(language)} {_trust(record, language)}"


def _tiers(plan: Plan, language: str) -> Iterator[str]:
    if plan.tiers is None:
        return
    tiers: Tiers = plan.tiers
    yield ""
    yield "## " + _say(language, "重点人群分级", "Tiers of key people") + " " + _trust(tiers, language)
    for tier in tiers.tiers:
        yield f"  - {tier.title.in_language(language)}: {tier.service.in_language(language)}"


def _yardsticks(plan: Plan, language: str) -> Iterator[str]:
    if plan.reserves:
        yield ""
        yield "## " + _say(language, "储备", "Reserves")
    for reserve in plan.reserves:
        amount = reserve_words(reserve, language)
        yield f"  - {reserve.title.in_language(language)}: {amount} " + _trust(reserve, language)
    if plan.targets:
        yield ""
        yield "## " + _say(language, "目标", "Targets")
    for target in plan.targets:
        value = amount_words(target.value, target.unit, language)
        yield f"  - {target.title.in_language(language)}: {value} " + _trust(target, language)


def _sources(plan: Plan, language: str) -> Iterator[str]:
    if plan.sources:
        yield ""
        yield "## " + _say(language, "来源", "Sources")
    for source in plan.sources:
        dated = f" ({source.date})" if source.date else ""
        yield f"  - {source.id}: {source.title}{dated}"
