"""Checks of forms, fields, rules and indicators."""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Mapping

from fangxian.base.errors import InvalidInput
from fangxian.plans.checker.identity import check_timezone
from fangxian.plans.checker.notes import Notes
from fangxian.plans.expressions import FUNCTIONS, Rule, compile_rule
from fangxian.plans.locate import Path
from fangxian.plans.schema import (
    Aggregation,
    Check,
    CrossCheck,
    FieldKind,
    Form,
    Indicator,
    Plan,
    ReportField,
)
from fangxian.plans.vocabulary import FACILITY_KINDS, GRADES

FIELD = {"zh": "字段", "en": "field"}
FORM = {"zh": "表单", "en": "form"}


def check_reporting(plan: Plan, notes: Notes) -> None:
    """Check all that the plan says about reports."""
    notes.once(
        ((("form", index, "id"), form.id) for index, form in enumerate(plan.forms)),
        FORM,
        lambda name: name.replace("-", "_"),
    )
    for index, form in enumerate(plan.forms):
        _check_form(form, ("form", index), notes)
    notes.once(
        ((("cross_check", index, "id"), check.id) for index, check in enumerate(plan.cross_checks)),
        {"zh": "检查", "en": "check"},
    )
    for index, check in enumerate(plan.cross_checks):
        _check_cross_rule(plan, check, ("cross_check", index), notes)
    _check_indicators(plan, notes)


def check_facility_kinds(kinds: Iterable[str], path: Path, notes: Notes) -> None:
    """Check that kinds of facility are in the vocabulary."""
    for index, kind in enumerate(kinds):
        if kind not in FACILITY_KINDS:
            notes.unknown((*path, index), {"zh": "机构类型", "en": "facility kind"}, kind, FACILITY_KINDS)


def check_grades(grades: Iterable[str], path: Path, notes: Notes) -> None:
    """Check that hospital grades are in the vocabulary."""
    for index, grade in enumerate(grades):
        if grade not in GRADES:
            notes.unknown((*path, index), {"zh": "医院等级", "en": "hospital grade"}, grade, GRADES)


def _check_form(form: Form, path: Path, notes: Notes) -> None:
    check_facility_kinds(form.reporters.facility_kinds, (*path, "reporters", "facility_kinds"), notes)
    check_grades(form.reporters.grades, (*path, "reporters", "grades"), notes)
    _check_deadline(form, (*path, "deadline"), notes)
    notes.once((((*path, "field", index, "id"), field.id) for index, field in enumerate(form.fields)), FIELD)
    for index, field in enumerate(form.fields):
        _check_field(field, (*path, "field", index), notes)
    notes.once(
        (((*path, "check", index, "id"), check.id) for index, check in enumerate(form.checks)),
        {"zh": "检查", "en": "check"},
    )
    for index, check in enumerate(form.checks):
        _check_rule(form, check, (*path, "check", index), notes)


def _check_deadline(form: Form, path: Path, notes: Notes) -> None:
    check_timezone(form.deadline.timezone, (*path, "timezone"), notes)
    if form.deadline.time.tzinfo is not None:
        notes.error(
            "time-with-offset",
            (*path, "time"),
            {"zh": "截止时刻不带时差。", "en": "A deadline is a local time, without an offset."},
            {"zh": "请写 17:00:00，时区写在 timezone。", "en": "Write 17:00:00 and name the timezone."},
        )
    if form.deadline.days_after == 0:
        notes.warning(
            "deadline-within-day",
            (*path, "days_after"),
            {"zh": "截止时当日尚未结束。", "en": "The deadline falls before the day is over."},
            {
                "zh": "数字到24时的表单请写 days_after = 1。",
                "en": "Write days_after = 1 when the figures run to 24:00.",
            },
        )


def _check_field(field: ReportField, path: Path, notes: Notes) -> None:
    if keyword.iskeyword(field.id) or field.id in FUNCTIONS:
        notes.error(
            "name-reserved",
            (*path, "id"),
            {"zh": f"“{field.id}”在规则中另有含义。", "en": f"{field.id!r} means something else in rules."},
            {"zh": "请换一个字段名。", "en": "Choose another id."},
        )
    if field.maximum is not None and field.minimum > field.maximum:
        notes.error(
            "range-reversed",
            (*path, "maximum"),
            {
                "zh": f"minimum {field.minimum:g} 大于 maximum {field.maximum:g}。",
                "en": f"minimum {field.minimum:g} is more than maximum {field.maximum:g}.",
            },
            {"zh": "请调换或改正。", "en": "Swap or mend them."},
        )
    elif field.zero_by_declaration and not _admits_zero(field):
        notes.error(
            "zero-out-of-range",
            (*path, "zero_by_declaration"),
            {"zh": "零报告会填入不被允许的 0。", "en": "A zero report would fill in a 0 that is refused."},
            {
                "zh": "请写 zero_by_declaration = false，或改 minimum。",
                "en": "Write zero_by_declaration = false, or change minimum.",
            },
        )
    if field.kind is FieldKind.CUMULATIVE and field.zero_by_declaration:
        notes.warning(
            "cumulative-zeroed",
            (*path, "zero_by_declaration"),
            {"zh": "零报告会把累计数改成 0。", "en": "A zero report would set a running total back to 0."},
            {"zh": "请写 zero_by_declaration = false。", "en": "Write zero_by_declaration = false."},
        )
    if field.required and not field.zero_by_declaration:
        notes.warning(
            "zero-report-incomplete",
            (*path, "required"),
            {
                "zh": "必填字段不随零报告填 0，一键零报告会不完整。",
                "en": "A required field that a zero report leaves empty makes the one-tap report incomplete.",
            },
            {"zh": "请写 required = false。", "en": "Write required = false."},
        )


def _admits_zero(field: ReportField) -> bool:
    return field.minimum <= 0 and (field.maximum is None or field.maximum >= 0)


def _compiled(check: Check, path: Path, notes: Notes) -> Rule | None:
    try:
        return compile_rule(check.rule)
    except InvalidInput as error:
        notes.error("rule-refused", (*path, "rule"), error.message, error.remedy)
        return None


def _check_rule(form: Form, check: Check, path: Path, notes: Notes) -> None:
    rule = _compiled(check, path, notes)
    if rule is None:
        return
    known = {field.id for field in form.fields}
    for other, field in sorted(rule.names | rule.previous_names, key=str):
        if other is not None:
            notes.error(
                "rule-of-another-form",
                (*path, "rule"),
                {
                    "zh": f"“{other}.{field}”属于另一张表单。",
                    "en": f"'{other}.{field}' belongs to another form.",
                },
                {"zh": "跨表单规则请写成 [[cross_check]]。", "en": "Write it as a [[cross_check]]."},
            )
        elif field not in known:
            notes.unknown((*path, "rule"), FIELD, field, known)


def _check_cross_rule(plan: Plan, check: CrossCheck, path: Path, notes: Notes) -> None:
    rule = _compiled(check, path, notes)
    if rule is None:
        return
    forms = {form.id.replace("-", "_"): form for form in plan.forms}
    named: dict[str, Form] = {}
    for form_name, field in sorted(rule.names | rule.previous_names, key=str):
        if form_name is None:
            notes.error(
                "rule-without-form",
                (*path, "rule"),
                {"zh": f"“{field}”没有写明表单。", "en": f"{field!r} does not say of which form."},
                {"zh": "请写 表单.字段。", "en": "Write form.field, hyphens of the form as underscores."},
            )
        elif form_name not in forms:
            notes.unknown((*path, "rule"), FORM, form_name, forms)
        else:
            named[form_name] = forms[form_name]
            _check_total(forms[form_name], field, check, path, notes)
    _check_scope(check, named, path, notes)


def _check_total(form: Form, field_id: str, check: CrossCheck, path: Path, notes: Notes) -> None:
    known = {field.id: field for field in form.fields}
    field = known.get(field_id)
    if field is None:
        notes.unknown((*path, "rule"), FIELD, field_id, known)
    elif check.scope == "place" and field.aggregation is Aggregation.NONE:
        _note_no_total((*path, "rule"), f"{form.id}.{field_id}", notes)


def _note_no_total(path: Path, name: str, notes: Notes) -> None:
    notes.error(
        "no-total",
        path,
        {
            "zh": f"“{name}”不逐级汇总，没有地区合计。",
            "en": f"{name!r} is not added up, a place has no total of it.",
        },
        {"zh": "请改 aggregation。", "en": "Change its aggregation."},
    )


def _check_scope(check: CrossCheck, named: Mapping[str, Form], path: Path, notes: Notes) -> None:
    if check.scope != "unit" or len(named) < 2:
        return
    kinds = [set(form.reporters.facility_kinds) for form in named.values()]
    if not set.intersection(*kinds):
        notes.error(
            "scope-never-met",
            (*path, "scope"),
            {"zh": "没有一类机构同时报这些表单。", "en": "No kind of facility owes all these forms."},
            {"zh": '请写 scope = "place"。', "en": 'Write scope = "place".'},
        )


def _check_indicators(plan: Plan, notes: Notes) -> None:
    known = {indicator.id: indicator for indicator in plan.indicators}
    notes.once(
        ((("indicator", index, "id"), one.id) for index, one in enumerate(plan.indicators)),
        {"zh": "指标", "en": "indicator"},
    )
    for index, indicator in enumerate(plan.indicators):
        path: Path = ("indicator", index)
        ratio = indicator.numerator is not None or indicator.denominator is not None
        whole = indicator.numerator is not None and indicator.denominator is not None
        if bool(indicator.sources) == ratio or (ratio and not whole):
            notes.error(
                "indicator-undefined",
                (*path, "id"),
                {
                    "zh": f"指标“{indicator.id}”要么列 sources，要么同时写 numerator 和 denominator。",
                    "en": f"The indicator {indicator.id!r} needs sources, or numerator and denominator.",
                },
                {"zh": "请只写其中一种。", "en": "Write one of the two."},
            )
        for position, source in enumerate(indicator.sources):
            _check_indicator_source(plan, source, (*path, "sources", position), notes)
        _check_ratio(indicator, known, path, notes)


def _check_indicator_source(plan: Plan, source: str, path: Path, notes: Notes) -> None:
    form_id, _, field_id = source.partition(".")
    forms = {form.id: form for form in plan.forms}
    if form_id not in forms:
        notes.unknown(path, FORM, form_id, forms)
        return
    fields = {field.id: field for field in forms[form_id].fields}
    if field_id not in fields:
        notes.unknown(path, FIELD, field_id, fields)
    elif fields[field_id].aggregation is Aggregation.NONE:
        _note_no_total(path, source, notes)


def _check_ratio(indicator: Indicator, known: Mapping[str, Indicator], path: Path, notes: Notes) -> None:
    for key, name in (("numerator", indicator.numerator), ("denominator", indicator.denominator)):
        if name is None:
            continue
        if name not in known:
            notes.unknown((*path, key), {"zh": "指标", "en": "indicator"}, name, known)
        elif known[name].numerator is not None:
            notes.error(
                "ratio-of-ratio",
                (*path, key),
                {"zh": f"“{name}”本身是比值。", "en": f"{name!r} is itself a ratio."},
                {"zh": "请用计数指标。", "en": "Use indicators that are counts."},
            )
