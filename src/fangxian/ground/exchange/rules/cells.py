"""What one cell says: numbers and days as people type them, and why a cell cannot be taken."""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from datetime import date, datetime, time, timedelta

from fangxian.base.errors import Finding

CellValue = str | int | float | bool | date | datetime | time | timedelta | None

MISSING_LOOKALIKES = frozenset(
    {"无", "没有", "暂无", "未报", "缺", "空", "不详", "missing", "unknown", "null", "none", "nil", "nan"}
    | {"-", "--", "—", "——", "–", "/", "\\", ".", "*", "?", "na", "n/a", "#n/a"}
)
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    0x3000: " ",
    0x00A0: " ",
    0x2212: "-",
    0xFEFF: None,
    0x200B: None,
}
_MEASURE_WORDS = "例人名位张份管支盒天床次件剂"
_PLAIN = re.compile(r"[+-]?\d+(\.\d+)?")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_SCIENTIFIC = re.compile(r"[+-]?\d+(\.\d+)?[eE][+-]?\d+")
_CLOCK = r"(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
_DAY_FORMS = (
    re.compile(r"(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]"),
    re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})" + _CLOCK),
    re.compile(r"(\d{4})(\d{2})(\d{2})"),
)
_SERIAL = re.compile(r"(\d{5})(\.\d+)?")
_SERIAL_EPOCH = date(1899, 12, 30)
_SERIALS = range(20_000, 80_000)


def plain_text(text: str) -> str:
    """Return text with full-width letters, digits and signs made half-width and outer blanks removed.

    Only the full-width forms are changed: a circled or raised digit stays what it is, so that ``5²`` does
    not become 52.
    """
    return text.translate(_FULL_WIDTH).strip()


def text_of(value: CellValue) -> str | None:
    """Return what a spreadsheet cell says as text; ``None`` if it is blank."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value).strip() or None


def read_number(text: str, *, missing: Collection[str] = ()) -> int | float | Finding | None:
    """Return the number a cell holds, ``None`` if it is blank or a declared missing marker, or why not."""
    plain = plain_text(text)
    if not plain or plain in missing or text in missing:
        return None
    bare = plain.rstrip(_MEASURE_WORDS).rstrip() if plain[-1] in _MEASURE_WORDS else plain
    if _THOUSANDS.fullmatch(bare):
        bare = bare.replace(",", "")
    if bare.isascii() and _PLAIN.fullmatch(bare):
        number = float(bare)
        return int(bare) if "." not in bare else (int(number) if number.is_integer() else number)
    return _not_a_number(text, plain)


def _not_a_number(text: str, plain: str) -> Finding:
    shown = shorten(text)
    if plain.lower() in MISSING_LOOKALIKES:
        return problem(
            "value-not-declared-missing",
            text,
            (f"“{shown}”不是数字。", f"“{shown}” is not a number."),
            (
                "确实为零请填 0；没有上报请留空。",
                "Write 0 if there were none; leave the cell blank if it was not reported.",
            ),
        )
    if plain.startswith("#"):
        return error_cell(shown)
    if plain in {"TRUE", "FALSE"}:
        return problem(
            "value-boolean",
            text,
            (f"这里是逻辑值 {shown}，不是数字。", f"The cell holds {shown}, not a number."),
            ("请填写数字。", "Write the number."),
        )
    if _SCIENTIFIC.fullmatch(plain):
        return problem(
            "value-scientific",
            text,
            (
                f"“{shown}”是科学计数，可能已丢失数位。",
                f"“{shown}” is in scientific notation: digits may be lost.",
            ),
            ("请写出完整的数字。", "Write the number in full."),
        )
    if _read_day(plain) is not None and len(plain) > 5:
        return problem(
            "value-is-a-date",
            text,
            (f"数字栏里是日期“{shown}”。", f"A number is expected, the cell holds the date “{shown}”."),
            (
                "请检查是否错列，并把单元格格式改为数字。",
                "Check for shifted columns and format the cell as a number.",
            ),
        )
    return problem(
        "value-not-a-number",
        text,
        (f"“{shown}”不是数字。", f"“{shown}” is not a number."),
        ("只填一个数字，不带说明。", "Write one number and nothing else."),
    )


def read_day(text: str) -> date | Finding:
    """Return the day a cell names, written in any unambiguous way or as a spreadsheet serial, or why not."""
    day = _read_day(plain_text(text))
    if day is not None:
        return day
    shown = shorten(text)
    return problem(
        "day-unreadable",
        text,
        (f"“{shown}”不是能确定的日期。", f"“{shown}” is not a date that can be read with certainty."),
        ("请写年月日，例如 2023-01-05。", "Write year, month and day, e.g. 2023-01-05."),
    )


def _read_day(plain: str) -> date | None:
    if not plain.replace("年", "").replace("月", "").replace("日", "").replace("号", "").isascii():
        return None
    for form in _DAY_FORMS:
        found = form.fullmatch(plain)
        if found:
            year, month, day = (int(part) for part in found.groups() if part.isdigit())
            try:
                return date(year, month, day)
            except ValueError:
                return None
    serial = _SERIAL.fullmatch(plain)
    if serial and int(serial[1]) in _SERIALS:
        return _SERIAL_EPOCH + timedelta(days=math.floor(float(plain)))
    return None


def error_cell(shown: str) -> Finding:
    """Return the finding for a spreadsheet error such as ``#N/A``."""
    return problem(
        "value-error-cell",
        shown,
        (f"单元格是错误值 {shown}。", f"The cell holds the error {shown}."),
        (
            "请改正公式，或直接填数字；没有上报请留空。",
            "Mend the formula or type the number; leave the cell blank if it was not reported.",
        ),
    )


def formula_without_value(formula: str) -> Finding:
    """Return the finding for a formula whose result is not in the file."""
    shown = shorten(formula)
    return problem(
        "value-formula-not-computed",
        formula,
        (f"公式“{shown}”没有保存计算结果。", f"The formula “{shown}” has no result kept in the file."),
        (
            "请用 Excel 或 WPS 打开并保存一次，或把公式改为数值。",
            "Open and save the file once in Excel or WPS, or replace the formula by its value.",
        ),
    )


def problem(code: str, value: str, message: tuple[str, str], remedy: tuple[str, str]) -> Finding:
    """Return a finding that does not yet know its place; wordings are (Chinese, English)."""
    return Finding(
        code,
        {"zh": message[0], "en": message[1]},
        {"zh": remedy[0], "en": remedy[1]},
        value=shorten(value, 200),
    )


def shorten(text: str, limit: int = 40) -> str:
    """Return text fit for one line of a message: control characters made visible, long text cut."""
    visible = "".join(character if character.isprintable() else "�" for character in text)
    return visible if len(visible) <= limit else visible[: limit - 1] + "…"
