"""Whether the fields of a descriptor are those of the form that it names."""

from __future__ import annotations

from fangxian.base.errors import Finding
from fangxian.plans.datasets.schema import Descriptor, FieldRule
from fangxian.plans.schema import FieldKind, Form, Plan
from fangxian.plans.vocabulary import did_you_mean

KINDS = {
    "daily": (FieldKind.DAILY_COUNT,),
    "cumulative": (FieldKind.DAILY_COUNT,),
    "stock": (FieldKind.STOCK,),
}


def plan_findings(descriptor: Descriptor, plan: Plan) -> tuple[Finding, ...]:
    """Return one finding for each field of the descriptor that the form lacks or that counts otherwise.

    Parameters
    ----------
    descriptor : Descriptor
        What is to be checked.
    plan : Plan
        The plan that ``dataset.plan`` names, or another that is in force instead.
    """
    forms = {form.id: form for form in plan.reporting.forms}
    found: list[Finding] = []
    rules = [rule for table in descriptor.tables for rule in table.fields]
    for rule in {(rule.form, rule.field, rule.kind): rule for rule in rules}.values():
        form_id = rule.form or descriptor.dataset.form
        form = forms.get(form_id)
        if form is None:
            found.append(
                Finding(
                    code="form-unknown",
                    message={
                        "zh": f"预案 {plan.identity.id} 没有表单 {form_id}。",
                        "en": f"The plan {plan.identity.id} has no form {form_id}.",
                    },
                    remedy=did_you_mean(form_id, list(forms)),
                    value=form_id,
                )
            )
        else:
            found += _field_findings(rule, form)
    return tuple(found)


def _field_findings(rule: FieldRule, form: Form) -> list[Finding]:
    known = {field.id: field.kind for field in form.fields}
    if rule.field not in known:
        return [
            Finding(
                code="field-unknown",
                message={
                    "zh": f"表单 {form.id} 没有指标 {rule.field}。",
                    "en": f"The form {form.id} has no field {rule.field}.",
                },
                remedy=did_you_mean(rule.field, list(known)),
                value=rule.field,
            )
        ]
    if known[rule.field] in KINDS[rule.kind]:
        return []
    return [
        Finding(
            code="kind-differs",
            message={
                "zh": f"{rule.field} 在表单中是 {known[rule.field].value}，描述写成 {rule.kind}。",
                "en": f"{rule.field} is a {known[rule.field].value} in the form, and {rule.kind} here.",
            },
            remedy={
                "zh": "当日数用 daily 或 cumulative，存量用 stock。",
                "en": "Write daily or cumulative for a daily count, stock for a stock.",
            },
            value=rule.kind,
        )
    ]
