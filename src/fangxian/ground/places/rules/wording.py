"""Every finding about places and facilities, worded once in both languages."""

from __future__ import annotations

from dataclasses import dataclass

from fangxian.base.errors import Finding, InvalidInput


@dataclass(frozen=True, slots=True)
class Cell:
    """Where in a file something was read, and the value as received."""

    file: str
    row: int | None = None
    column: str | None = None
    value: str | None = None


WORDING: dict[str, tuple[str, str, str, str]] = {
    "file-not-text": (
        "文件既不是 UTF-8 也不是 GBK 编码的文本。",
        "The file is neither UTF-8 nor GBK text.",
        "请另存为 UTF-8 编码的 CSV。",
        "Save it as CSV in UTF-8.",
    ),
    "file-empty": ("文件没有表头。", "The file has no header row.", "请补上表头。", "Add the header row."),
    "file-cut": (
        "文件在引号内结束，可能被截断。",
        "The file ends inside a quoted value: it may have been cut.",
        "请重新取得完整文件。",
        "Get the whole file again.",
    ),
    "file-unreadable": (
        "文件不是可读的表格：{reason}。",
        "The file cannot be read as a table: {reason}.",
        "请另存为 UTF-8 编码的 CSV。",
        "Save it as CSV in UTF-8.",
    ),
    "column-missing": (
        "缺少列 {column}。",
        "The column {column} is missing.",
        "请补上该列；列名见文档“地区表格式”。",
        "Add the column; the reference on places tables lists them.",
    ),
    "column-twice": (
        "列 {column} 出现两次。",
        "The column {column} appears twice.",
        "请删去其中一列。",
        "Remove one of the two.",
    ),
    "row-cut": (
        "此行有 {got} 个值，表头有 {expected} 列。",
        "The row has {got} values, the header {expected} columns.",
        "文件可能被截断或多了逗号，请核对原文件。",
        "The file may have been cut, or a comma is too many: check the original.",
    ),
    "value-missing": (
        "此处不能为空。",
        "A value is required here.",
        "请填写。",
        "Fill it in.",
    ),
    "value-too-long": (
        "文字长 {length}，最多 {limit} 个字符。",
        "The text has {length} characters, at most {limit} are kept.",
        "请缩短。",
        "Shorten it.",
    ),
    "code-invalid": (
        "代码“{value}”应为 {digits} 位数字。",
        "The code '{value}' must have {digits} digits.",
        "请核对统计用区划代码；Excel 可能丢了位数。",
        "Check the statistical code; a spreadsheet may have dropped digits.",
    ),
    "code-duplicate": (
        "代码“{value}”已在 {first} 出现。",
        "The code '{value}' has already appeared at {first}.",
        "请只保留一行。",
        "Keep one of the rows.",
    ),
    "ancestor-mismatch": (
        "{column} 为“{value}”，与代码 {place_code} 不符。",
        "{column} is '{value}', which does not fit the code {place_code}.",
        "请改成“{expected}”，或改正代码。",
        "Make it '{expected}', or mend the code.",
    ),
    "parent-unknown": (
        "上级地区“{value}”既不在文件中也不在系统中。",
        "The parent '{value}' is neither in the files nor in the system.",
        "请一并导入上级地区的文件，或改正代码。",
        "Import the file of the upper level too, or mend the code.",
    ),
    "parent-level": (
        "上级“{value}”的层级为 {parent_level}，必须小于本行的层级 {level}。",
        "The parent '{value}' has level {parent_level}, which must be less than this row's level {level}.",
        "请改正层级或上级代码。",
        "Mend the level or the parent code.",
    ),
    "country-clash": (
        "代码“{value}”已属于国家 {country}。",
        "The code '{value}' already belongs to the country {country}.",
        "请给代码加国家前缀，例如 IT-03。",
        "Put the country before the code, e.g. IT-03.",
    ),
    "place-ended": (
        "地区“{value}”已于 {date} 并入 {successor}；此行未改动任何内容。",
        "The place '{value}' was merged into {successor} on {date}; the row changed nothing.",
        "请使用 {successor}。",
        "Use {successor}.",
    ),
    "place-unknown": (
        "没有代码为“{value}”的地区。",
        "There is no place with the code '{value}'.",
        "请核对代码，或先导入该地区。",
        "Check the code, or import the place first.",
    ),
    "place-closed": (
        "地区“{value}”已于 {date} 撤销或并入他处。",
        "The place '{value}' ended on {date}.",
        "请改用 {successor}。",
        "Use {successor} instead.",
    ),
    "place-outside": (
        "地区“{value}”不在 {within} 之内。",
        "The place '{value}' lies outside {within}.",
        "请从该地区的页面导入，或由其管理员导入。",
        "Import it from that place's page, or ask its administrator.",
    ),
    "successor-unknown": (
        "承接地区“{value}”既不在文件中也不在系统中。",
        "The successor '{value}' is neither in the file nor in the system.",
        "请核对代码，或一并导入。",
        "Check the code, or import it too.",
    ),
    "successor-needs-end": (
        "有承接地区“{value}”却没有 valid_to。",
        "There is a successor '{value}' but no valid_to.",
        "请填写该地区不复存在的第一天。",
        "State the first day on which the place is no more.",
    ),
    "successor-circle": (
        "承接地区“{value}”在本地区之下。",
        "The successor '{value}' lies below the place itself.",
        "请改正承接地区。",
        "Mend the successor.",
    ),
    "number-invalid": (
        "“{value}”不是 {low} 到 {high} 之间的整数。",
        "'{value}' is not a whole number from {low} to {high}.",
        "请改正；没有数据请留空。",
        "Mend it; leave it empty where there is no figure.",
    ),
    "degrees-invalid": (
        "“{value}”不是 {low} 到 {high} 之间的度数。",
        "'{value}' is not a number of degrees from {low} to {high}.",
        "请用十进制度数，例如 114.5391。",
        "Give decimal degrees, e.g. 114.5391.",
    ),
    "date-invalid": (
        "“{value}”不是日期。",
        "'{value}' is not a date.",
        "请写成 2023-06-30。",
        "Write it as 2023-06-30.",
    ),
    "dates-reversed": (
        "结束日期“{value}”不晚于开始日期 {start}。",
        "The end '{value}' is not after the beginning {start}.",
        "请改正日期。",
        "Mend the dates.",
    ),
    "choice-unknown": (
        "“{value}”不是可用的值。",
        "'{value}' is not a known value.",
        "可用：{words}。",
        "Use one of: {choices}.",
    ),
    "capacity-date-missing": (
        "有床位等能力数，却没有起始日期。",
        "There is a capacity but no date from which it holds.",
        "请填写 capacity_from，或在导入时给出日期。",
        "Fill in capacity_from, or give a date for the whole import.",
    ),
    "age-reversed": (
        "年龄上限“{value}”小于下限 {low}。",
        "The upper age '{value}' is below the lower age {low}.",
        "请改正年龄段。",
        "Mend the age band.",
    ),
    "boundary-unmapped": (
        "边界“{value}”（{name}）的代码没有对应的地区，未导入。",
        "The outline '{value}' ({name}) has a code without a place; it was left out.",
        "请为代码系统 {system} 登记对应关系。",
        "Register the code under the code system {system}.",
    ),
    "boundary-invalid": (
        "边界“{value}”不是有效的面：{reason}。",
        "The outline '{value}' is not a valid area: {reason}.",
        "请提供经纬度（WGS84）的 Polygon 或 MultiPolygon。",
        "Give a Polygon or MultiPolygon in longitude and latitude (WGS84).",
    ),
    "geojson-invalid": (
        "不是 GeoJSON FeatureCollection:{reason}。",
        "Not a GeoJSON FeatureCollection: {reason}.",
        "请提供 GeoJSON 文件。",
        "Give a GeoJSON file.",
    ),
}

WARNINGS = frozenset({"place-ended", "boundary-unmapped"})
"""Findings that leave one row out or as it was, and do not refuse the file."""


def finding(code: str, cell: Cell, **values: object) -> Finding:
    """Return the worded finding for one cell; its value and column fill their placeholders."""
    zh, en, remedy_zh, remedy_en = WORDING[code]
    filled = {"value": cell.value, "column": cell.column, **values}
    return Finding(
        code=code,
        message={"zh": zh.format(**filled), "en": en.format(**filled)},
        remedy={"zh": remedy_zh.format(**filled), "en": remedy_en.format(**filled)},
        severity="warning" if code in WARNINGS else "error",
        file=cell.file or None,
        row=cell.row,
        column=cell.column,
        value=cell.value,
    )


def refuse(code: str, **values: object) -> InvalidInput:
    """Return the error for a single thing that a person asked for, worded like the findings."""
    one = finding(code, Cell("", value=str(values.pop("value", ""))), **values)
    return InvalidInput(one.message, one.remedy, {"reason": code, "value": one.value})
