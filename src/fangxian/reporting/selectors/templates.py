"""The Excel template made from the plan: a sheet for each form, the units of a person's scope filled in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import openpyxl
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill, Protection
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from fangxian.base.errors import NotFound
from fangxian.ground.accounts.choices import Action
from fangxian.ground.accounts.models import User
from fangxian.ground.accounts.selectors import policy
from fangxian.ground.exchange.rules import book_bytes, sheet_title, style_header
from fangxian.ground.places.models import Facility, Place
from fangxian.plans.schema import Form, ReportField
from fangxian.reporting.rules.labels import DAY, FORM_MARK, REASON, UNIT, UNIT_NAME
from fangxian.reporting.selectors.import_reading import forms_known_to
from fangxian.reporting.selectors.units import owes

IDENTIFIERS_ROW = 4
FIRST_ROW = IDENTIFIERS_ROW + 1
SPARE_ROWS = 200
"""Rows below the listed units that are open to typing, e.g. for further days."""

_OPEN = Protection(locked=False)
_FIXED_LABELS = {
    UNIT: ("机构代码", "Unit code", 18),
    UNIT_NAME: ("机构名称", "Unit name", 34),
    DAY: ("日期", "Day", 13),
    REASON: ("更正原因", "Reason for correction", 26),
}
_INSTRUCTIONS = (
    (
        "每张表一个工作表，一行是一个单位一天的报告。",
        "One sheet for each form; one row is one unit and one day.",
    ),
    (
        "没有病例请填 0；没有上报的格子留空。空白不等于零。",
        "Write 0 if there were none; leave blank what was not reported.",
    ),
    (
        "确实不掌握的数字填“不详”，与空白不同。",
        "Write 不详 (or unknown) for a figure that is not known; a blank differs.",
    ),
    ("整行没有数字的单位按未报告处理。", "A unit whose row holds no number stays not reported."),
    (
        "可以加行、改日期、删去不报的单位；不要改动表头。",
        "Rows may be added, dated otherwise or removed; leave the header.",
    ),
    ("更正已报过的数字，请填写更正原因。", "To correct a figure reported before, give the reason."),
    ("数字只填数字；公式须已计算出结果。", "Write numbers only; a formula must have its result."),
    (
        "保存后在“导入”页上传，先预览，再确认。",
        "Save, upload on the imports page, look at the preview, then commit.",
    ),
)


@dataclass(frozen=True)
class TemplateRequest:
    """Which template: a form or all, a place or the whole scope, and the day filled in."""

    day: date
    form: str | None = None
    place: Place | None = None


def report_template(viewer: User, request: TemplateRequest) -> bytes:
    """Return the workbook; every unit in it is one for which the viewer may import."""
    units = policy.units(viewer, Action.IMPORT_REPORTS)
    if request.place is not None:
        units = units.filter(place__tree_left__range=(request.place.tree_left, request.place.tree_right))
    units = list(units.order_by("code"))
    book = openpyxl.Workbook()
    book.remove(book.active)
    for form in forms_known_to(viewer, request.day):
        owing = [unit for unit in units if owes(form, unit, request.day)]
        if owing and request.form in {None, form.id}:
            _fill(book.create_sheet(sheet_title(form.title.zh)), form, owing, request.day)
    if not book.sheetnames:
        raise NotFound(
            {"zh": "您的范围内没有单位承担这些表。", "en": "No unit in your scope owes such a form."},
            {"zh": "请核对表单和地区。", "en": "Check the form and the place."},
            {"form": request.form},
        )
    _instruct(book.create_sheet("填表说明 Read me"))
    return book_bytes(book)


def _fill(sheet: Worksheet, form: Form, units: Sequence[Facility], day: date) -> None:
    keys = [UNIT, UNIT_NAME, DAY, *(field.id for field in form.fields), REASON, FORM_MARK + form.id]
    fields = {field.id: field for field in form.fields}
    sheet.append([f"{form.title.zh} {form.title.en}"])
    sheet.append([_label(key, fields)[0] for key in keys])
    sheet.append([_label(key, fields)[1] for key in keys])
    sheet.append(keys)
    for unit in units:
        sheet.append([unit.code, unit.name, day])
    last = FIRST_ROW + len(units) - 1 + SPARE_ROWS
    for position, key in enumerate(keys, 1):
        _column(sheet, position, fields.get(key), last)
        sheet.column_dimensions[get_column_letter(position)].width = _label(key, fields)[2]
    _open_cells(sheet, len(keys), last)
    _frame(sheet, form, len(keys))


def _label(key: str, fields: dict[str, ReportField]) -> tuple[str, str, int]:
    if key in fields:
        field = fields[key]
        return field.label.zh, f"{field.label.en} ({field.unit})", 14
    return _FIXED_LABELS.get(key, ("", "", 2))


def _column(sheet: Worksheet, position: int, field: ReportField | None, last: int) -> None:
    letter = get_column_letter(position)
    span = f"{letter}{FIRST_ROW}:{letter}{last}"
    if field is not None:
        rule = DataValidation(
            type="whole" if field.integer else "decimal",
            operator="greaterThanOrEqual" if field.maximum is None else "between",
            formula1=f"{field.minimum:g}",
            formula2=None if field.maximum is None else f"{field.maximum:g}",
            allow_blank=True,
            showErrorMessage=True,
            errorTitle=f"{field.label.zh} {field.label.en}"[:32],
            error=_bounds(field),
            errorStyle="warning",  # 不详 is taken as well
        )
        rule.add(span)
        sheet.add_data_validation(rule)
        comment = Comment(_explained(field), "Fangxian")
        comment.width, comment.height = 320, 140
        sheet.cell(2, position).comment = comment
    elif sheet.cell(IDENTIFIERS_ROW, position).value == DAY:
        rule = DataValidation(type="date", operator="greaterThan", formula1="36526", allow_blank=True)
        rule.add(span)
        sheet.add_data_validation(rule)


def _bounds(field: ReportField) -> str:
    number_zh, number_en = ("整数", "a whole number") if field.integer else ("数字", "a number")
    if field.maximum is None:
        return f"请填不小于 {field.minimum:g} 的{number_zh}。Enter {number_en} of at least {field.minimum:g}."
    return (
        f"请填 {field.minimum:g} 到 {field.maximum:g} 的{number_zh}。"
        f"Enter {number_en} from {field.minimum:g} to {field.maximum:g}."
    )


def _explained(field: ReportField) -> str:
    lines = [f"{field.label.zh} {field.label.en}", _bounds(field)]
    lines.append("必填 Required" if field.required else "选填 Optional")
    if field.note is not None:
        lines += [field.note.zh, field.note.en]
    return "\n".join(lines)


def _open_cells(sheet: Worksheet, width: int, last: int) -> None:
    for row in sheet.iter_rows(min_row=FIRST_ROW, max_row=last, max_col=width):
        for cell in row:
            cell.protection = _OPEN
        row[0].number_format = "@"
        row[2].number_format = "yyyy-mm-dd"


def _frame(sheet: Worksheet, form: Form, width: int) -> None:
    sheet.merge_cells(start_row=1, end_row=1, start_column=1, end_column=width - 1)
    sheet["A1"].font = Font(bold=True, size=14)
    for row in (2, 3):
        style_header(sheet, row)
    required = PatternFill("solid", fgColor="9C2A2A")
    for position, field in enumerate(form.fields, 4):
        if field.required:
            sheet.cell(2, position).fill = required
    sheet.row_dimensions[3].height = 32
    sheet.row_dimensions[IDENTIFIERS_ROW].hidden = True
    sheet.column_dimensions[get_column_letter(width)].hidden = True
    sheet.freeze_panes = f"D{FIRST_ROW}"
    sheet.protection.sheet = True
    sheet.protection.formatColumns = sheet.protection.formatCells = False
    sheet.protection.insertRows = sheet.protection.deleteRows = sheet.protection.sort = False


def _instruct(sheet: Worksheet) -> None:
    sheet.append(["填表说明", "How to fill in"])
    style_header(sheet, 1)
    for zh, en in _INSTRUCTIONS:
        sheet.append([zh, en])
    for letter in "AB":
        sheet.column_dimensions[letter].width = 60
    for row in sheet.iter_rows(min_row=2):
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
