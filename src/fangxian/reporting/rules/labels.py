"""Which column of a file a header label stands for: template identifiers, plan labels, common words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from fangxian.ground.exchange.rules import ERROR_COLUMN, plain_text
from fangxian.plans.schema import Form

UNIT, UNIT_NAME, DAY, FORM, FIELD, VALUE, REASON = (
    "unit",
    "unit_name",
    "day",
    "form",
    "field",
    "value",
    "reason",
)
FORM_MARK = "form:"
"""A template names the form of a sheet by a column that is called ``form:`` and the id."""
FIXED = frozenset({UNIT, UNIT_NAME, DAY, FORM, FIELD, VALUE, REASON})

_WORDS: Mapping[str, tuple[str, ...]] = {
    UNIT: (
        "机构代码",
        "单位代码",
        "机构编码",
        "单位编码",
        "代码",
        "unit",
        "unit code",
        "facility",
        "facility code",
        "code",
        "orgunit",
    ),
    UNIT_NAME: ("机构名称", "单位名称", "机构", "单位", "医院", "名称", "unit name", "facility name", "name"),
    DAY: ("日期", "报告日期", "统计日期", "数据日期", "day", "date", "report date", "period"),
    FORM: ("表单", "报表", "form", "dataset"),
    FIELD: ("项目", "指标", "字段", "field", "indicator", "item", "dataelement"),
    VALUE: ("数值", "数量", "值", "value", "number"),
    REASON: ("更正原因", "更正原因", "reason", "reason for correction"),
}
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】")


def normal_label(label: str) -> str:
    """Return a label without brackets, blanks made single, underscores and case ignored."""
    return " ".join(_BRACKETS.sub(" ", plain_text(label)).replace("_", " ").lower().split())


def recogniser(forms: Iterable[Form]) -> Callable[[str], str | None]:
    """Return the function that knows the columns of these forms.

    A label that means different fields in different forms is left unknown, so that it is never guessed.
    """
    meanings: dict[str, set[str]] = {}
    for key, words in _WORDS.items():
        for word in words:
            meanings.setdefault(word, set()).add(key)
    for form in forms:
        for field in form.fields:
            zh, en = field.label.zh, field.label.en
            for label in (field.id, zh, en, f"{zh} {en}", f"{zh}{en}", f"{zh}/{en}"):
                meanings.setdefault(normal_label(label), set()).add(field.id)
    known = {label: next(iter(keys)) for label, keys in meanings.items() if len(keys) == 1}

    def recognise(label: str) -> str | None:
        plain = plain_text(label)
        if plain.startswith(FORM_MARK):
            return plain
        if plain == ERROR_COLUMN:
            return None
        return known.get(normal_label(label))

    return recognise


def form_named(text: str, forms: Iterable[Form]) -> Form | None:
    """Return the form whose id or title this is."""
    wanted = normal_label(text)
    for form in forms:
        if wanted in {normal_label(form.id), normal_label(form.title.zh), normal_label(form.title.en)}:
            return form
    return None
