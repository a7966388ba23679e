"""What is said when something is refused: rule, value received, remedy, in both languages."""

from __future__ import annotations

from fangxian.base.errors import Finding

_WORDS: dict[str, tuple[str, str, str, str]] = {
    "value-unknown-field": (
        "表中没有名为 {column} 的项目。",
        "The form has no field named {column}.",
        "请核对列名或删除该列。",
        "Check the column name or leave it out.",
    ),
    "value-required": (
        "{column} 为必填项，未填写。",
        "{column} is required and was not given.",
        "请填写数字；确实不掌握的，请标明“不详”。",
        "Give a number, or declare it not known.",
    ),
    "report-empty": (
        "报告没有任何数值。",
        "The report has no value at all.",
        "请至少填写一项；没有病例请使用零报告。",
        "Give at least one value; if there is nothing to report, declare a zero report.",
    ),
    "value-not-number": (
        "{column} 应为数字，收到“{value}”。",
        "{column} must be a number (got {value}).",
        "请改为数字。",
        "Enter a number.",
    ),
    "value-not-finite": (
        "{column} 应为有限数字，收到 {value}。",
        "{column} must be a finite number (got {value}).",
        "请改为数字；不掌握请留空或标明“不详”。",
        "Enter a number; leave it out if it is not known.",
    ),
    "value-negative": (
        "{column} 不能为负数，收到 {value}。",
        "{column} cannot be negative (got {value}).",
        "如需更正以前的数字，请更正当日报告。",
        "To take back an earlier figure, correct the report of that day.",
    ),
    "value-too-small": (
        "{column} 不能小于 {limit}，收到 {value}。",
        "{column} cannot be below {limit} (got {value}).",
        "请核对数字。",
        "Check the number.",
    ),
    "value-too-large": (
        "{column} 不能大于 {limit}，收到 {value}。",
        "{column} cannot be above {limit} (got {value}).",
        "请核对位数和单位。",
        "Check the digits and the unit.",
    ),
    "value-not-whole": (
        "{column} 应为整数，收到 {value}。",
        "{column} must be a whole number (got {value}).",
        "请改为整数。",
        "Enter a whole number.",
    ),
    "value-decimals": (
        "{column} 最多三位小数，收到 {value}。",
        "{column} takes at most three decimals (got {value}).",
        "请四舍五入到三位小数。",
        "Round to three decimals.",
    ),
    "zero-needs-value": (
        "{column} 为必填现况数，不能以零报告代替。",
        "{column} is a required stock and cannot be declared zero in one tap.",
        "请填写完整报告。",
        "Fill in the full report.",
    ),
    "zero-with-number": (
        "零报告中 {column} 不能为 {value}。",
        "A zero report cannot state {value} for {column}.",
        "请改为普通报告，或改为 0。",
        "Submit it as a report, or enter 0.",
    ),
    "day-future": (
        "日期 {value} 尚未到来。",
        "The day {value} has not begun.",
        "请核对日期。",
        "Check the date.",
    ),
    "day-missing": ("未给出日期。", "No day was given.", "请填写日期。", "Give the day."),
    "unit-unknown": (
        "没有代码为 {value} 的单位。",
        "There is no unit with code {value}.",
        "请核对单位代码，或先登记该单位。",
        "Check the code, or register the unit first.",
    ),
    "unit-out-of-scope": (
        "单位 {value} 不在您的职责范围内。",
        "Unit {value} is outside your scope.",
        "请交由该单位或其上级填报。",
        "Leave it to the unit or to its superior.",
    ),
    "form-not-owed": (
        "单位 {value} 当日不填报此表。",
        "Unit {value} does not report on this form on this day.",
        "请核对表单、单位类别和开办日期。",
        "Check the form, the kind of unit and its dates.",
    ),
    "form-unknown": (
        "现行预案没有名为 {value} 的表单。",
        "The plan in force has no form named {value}.",
        "请核对表单名称。",
        "Check the name of the form.",
    ),
    "plan-missing": (
        "该单位所在地当日没有生效的应急预案。",
        "No emergency plan is in force where the unit stands on this day.",
        "请先使一份预案在该地、该日生效。",
        "Put a plan in force there from that day on.",
    ),
    "row-repeated": (
        "文件中第 {limit} 行已报告该单位该日，数值不同。",
        "Row {limit} already reports this unit and day, with other values.",
        "请只保留一行。",
        "Keep one of the two rows.",
    ),
    "correction-needs-reason": (
        "该单位该日已有报告；更正须说明原因。",
        "This unit has already reported on this day; a correction needs a reason.",
        "请填写更正原因。",
        "Give the reason for the correction.",
    ),
    "warning-unconfirmed": (
        "有须确认的提示。",
        "There are warnings to confirm.",
        "核对无误后请确认。",
        "Confirm them if the figures are right.",
    ),
}


def refusal(
    code: str,
    column: str | None,
    value: object,
    row: int | None,
    *,
    limit: float | None = None,
) -> Finding:
    """Return the finding for a rule that was broken."""
    said = {"column": column or "", "value": "" if value is None else value, "limit": _plain(limit)}
    zh, en, remedy_zh, remedy_en = (text.format(**said) for text in _WORDS[code])
    return Finding(
        code=code,
        message={"zh": zh, "en": en},
        remedy={"zh": remedy_zh, "en": remedy_en},
        row=row,
        column=column,
        value=None if value is None else str(value),
    )


def _plain(limit: float | None) -> str:
    if limit is None:
        return ""
    return str(int(limit)) if limit == int(limit) else str(limit)
