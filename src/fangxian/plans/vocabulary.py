"""Words that plan files may use for facilities, grades and units: the canonical lists below the line.

The facility registry keeps the same codes; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from fangxian.base.errors import Text

FACILITY_KINDS: Mapping[str, Text] = {
    "health_authority": {"zh": "卫生健康主管部门", "en": "Health authority"},
    "cdc": {"zh": "疾控中心", "en": "Centre for disease control"},
    "hospital": {"zh": "医院", "en": "Hospital"},
    "township_clinic": {"zh": "乡镇卫生院", "en": "Township health centre"},
    "village_clinic": {"zh": "村卫生室", "en": "Village clinic"},
    "pharmacy": {"zh": "药店", "en": "Pharmacy"},
    "laboratory": {"zh": "检测实验室", "en": "Laboratory"},
    "isolation_site": {"zh": "隔离点", "en": "Isolation site"},
    "institution": {"zh": "养老院、学校等机构", "en": "Care home, school or other institution"},
    "warehouse": {"zh": "物资仓库", "en": "Warehouse"},
}

GRADES: Mapping[str, Text] = {
    "tertiary": {"zh": "三级", "en": "Tertiary"},
    "secondary": {"zh": "二级", "en": "Secondary"},
    "primary": {"zh": "基层", "en": "Primary care"},
}

UNITS: Mapping[str, Text] = {
    "person": {"zh": "人", "en": "people"},
    "visit": {"zh": "人次", "en": "visits"},
    "bed": {"zh": "张", "en": "beds"},
    "test": {"zh": "份", "en": "tests"},
    "dose": {"zh": "剂", "en": "doses"},
    "box": {"zh": "盒", "en": "boxes"},
    "day": {"zh": "天", "en": "days"},
    "share": {"zh": "比例", "en": "share"},
}


def unit_name(unit: str, language: str) -> str:
    """Return a unit in words; a unit that is not in the list is returned as the plan wrote it."""
    known = UNITS.get(unit)
    if known is None:
        return unit
    return known["en" if language.lower().startswith("en") else "zh"]


def did_you_mean(word: str, known: Sequence[str]) -> Text:
    """Return "did you mean …?" for the nearest known word, else the list of known words.

    Parameters
    ----------
    word : str
        What was written.
    known : Sequence[str]
        What could have been written.

    Returns
    -------
    Text
        A remedy in Chinese and English.
    """
    near = get_close_matches(word, known, n=1, cutoff=0.6)
    if near:
        return {"zh": f"是否想写“{near[0]}”？", "en": f"Did you mean {near[0]!r}?"}
    if not known:
        return {"zh": "请先定义它。", "en": "Define it first."}
    listed = ", ".join(sorted(known)[:20])
    return {"zh": f"可用：{listed}。", "en": f"Known: {listed}."}
