"""Tables of facilities and their capacities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from fangxian.base.errors import Finding
from fangxian.ground.places.choices import CapacityKind, FacilityKind, Grade
from fangxian.ground.places.rules.divisions import text_findings
from fangxian.ground.places.rules.tables import Table, day, degrees, plain, whole_number
from fangxian.ground.places.rules.wording import Cell, finding

CAPACITY_KINDS: Final[tuple[str, ...]] = tuple(CapacityKind.values)
TEXTS: Final = {"name": 100, "name_en": 100, "address": 200, "telephone": 40, "source": 200}
COLUMNS: Final = (
    "code", "name", "name_en", "kind", "grade", "place_code", "address", "telephone", "longitude",
    "latitude", "opened", "closed", "population_served", "synthetic", "source", "capacity_from",
    *CAPACITY_KINDS,
)  # fmt: skip
REQUIRED: Final = ("code", "name", "kind", "place_code")
CHINESE_COLUMNS: Final = {
    "代码": "code",
    "机构代码": "code",
    "名称": "name",
    "机构名称": "name",
    "英文名称": "name_en",
    "类型": "kind",
    "等级": "grade",
    "地区代码": "place_code",
    "地址": "address",
    "电话": "telephone",
    "经度": "longitude",
    "纬度": "latitude",
    "启用日期": "opened",
    "停用日期": "closed",
    "服务人口": "population_served",
    "模拟数据": "synthetic",
    "来源": "source",
    "能力起始日期": "capacity_from",
    "普通床位": "ordinary_bed",
    "重症床位": "intensive_care_bed",
    "可转换重症床位": "convertible_intensive_care_bed",
    "传染病床位": "infectious_disease_bed",
    "隔离房间": "isolation_room",
    "每日检测管数": "tubes_per_day",
    "发热诊室": "fever_clinic_room",
}
CHINESE_KINDS: Final = {
    "卫生健康部门": "health_authority",
    "卫生健康行政部门": "health_authority",
    "疾控中心": "cdc",
    "疾病预防控制中心": "cdc",
    "医院": "hospital",
    "乡镇卫生院": "township_clinic",
    "社区卫生服务中心": "township_clinic",
    "村卫生室": "village_clinic",
    "药店": "pharmacy",
    "零售药店": "pharmacy",
    "检测机构": "laboratory",
    "检测实验室": "laboratory",
    "实验室": "laboratory",
    "隔离点": "isolation_site",
    "养老院、学校等机构": "institution",
    "养老、学校等机构": "institution",
    "重点机构": "institution",
    "仓库": "warehouse",
    "物资仓库": "warehouse",
}
CHINESE_GRADES: Final = {
    "三级": "tertiary",
    "三级医院": "tertiary",
    "二级": "secondary",
    "二级医院": "secondary",
    "一级": "primary",
    "基层医疗机构": "primary",
    "未定级": "",
    "": "",
}
_TRUE: Final = {"1", "true", "yes", "是", "y"}


@dataclass(frozen=True, slots=True)
class FacilityRow:
    """One facility as a file states it: the fields that the file has a value for, and the capacities."""

    code: str
    place_code: str
    stated: Mapping[str, object]
    capacities: Mapping[str, int]
    capacity_from: date | None
    file: str
    row: int


@dataclass
class FacilityRows:
    """What a table of facilities says, and what is wrong with it."""

    rows: list[FacilityRow] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    places: list[Cell] = field(default_factory=list)
    """Where each row, a refused one too, names its place: every mistake is said at once."""
    read: int = 0


def column_of(label: str) -> str | None:
    """Return the column that a label stands for, in English or Chinese."""
    wanted = plain(label)
    return CHINESE_COLUMNS.get(wanted, wanted if wanted in COLUMNS else None)


def read_facilities(table: Table, capacity_from: date | None) -> FacilityRows:
    """Read a table of facilities; ``capacity_from`` serves the rows that state no date themselves."""
    labels = {column_of(label) or label: label for label in table.columns}
    columns = tuple(labels)
    if len(columns) != len(table.columns):
        return FacilityRows(findings=[*table.findings, _same_column(table)], read=table.rows_read)
    table = Table(table.name, columns, table.rows, table.findings, table.rows_read)
    result = FacilityRows(findings=list(table.findings), read=table.rows_read)
    missing = table.missing(REQUIRED) if columns else []
    if missing or not columns:
        result.findings += missing
        return result
    first: dict[str, int] = {}
    for number, values in table.rows:
        row, wrong = _facility_row(table.name, number, dict(zip(columns, values, strict=True)), capacity_from)
        if first.setdefault(row.code, number) != number:
            where = f"row {first[row.code]}"
            wrong = [finding("code-duplicate", Cell(table.name, number, "code", row.code), first=where)]
        result.findings += [replace(one, column=labels.get(one.column or "", one.column)) for one in wrong]
        if row.place_code:
            result.places.append(Cell(table.name, number, labels["place_code"], row.place_code))
        if not wrong:
            result.rows.append(row)
    return result


def _same_column(table: Table) -> Finding:
    """Return the finding for two labels that stand for one column, e.g. 代码 and 机构代码."""
    columns = [column_of(label) or label for label in table.columns]
    twice = next(column for column in columns if columns.count(column) > 1)
    return finding("column-twice", Cell(table.name, 1, twice))


def _facility_row(
    file: str, number: int, said: Mapping[str, str], capacity_from: date | None
) -> tuple[FacilityRow, list[Finding]]:
    def cell(column: str) -> Cell:
        return Cell(file, number, column, said.get(column, "").strip())

    code, place_code = plain(said["code"]), plain(said["place_code"])
    wrong = text_findings(cell("code"), 40) + text_findings(cell("place_code"), 32)
    for column, limit in TEXTS.items():
        wrong += text_findings(cell(column), limit, required=column == "name")
    parsed: dict[str, object] = {
        "kind": _choice(cell("kind"), CHINESE_KINDS, FacilityKind.values),
        "grade": _choice(cell("grade"), CHINESE_GRADES, Grade.values),
        "longitude": degrees(cell("longitude"), 180),
        "latitude": degrees(cell("latitude"), 90),
        "opened": day(cell("opened")),
        "closed": day(cell("closed")),
        "population_served": whole_number(cell("population_served")),
    }
    amounts = {kind: whole_number(cell(kind)) for kind in CAPACITY_KINDS if said.get(kind, "").strip()}
    since = day(cell("capacity_from")) or capacity_from
    wrong += [one for one in (*parsed.values(), *amounts.values(), since) if isinstance(one, Finding)]
    opened, closed = parsed["opened"], parsed["closed"]
    if isinstance(opened, date) and isinstance(closed, date) and closed <= opened:
        wrong.append(finding("dates-reversed", cell("closed"), start=opened))
    if amounts and since is None:
        wrong.append(finding("capacity-date-missing", cell("capacity_from")))
    stated = {name: value for name, value in parsed.items() if said.get(name, "").strip()}
    stated.update({name: said[name].strip() for name in TEXTS if said.get(name, "").strip()})
    if said.get("synthetic", "").strip():
        stated["synthetic"] = plain(said["synthetic"]).lower() in _TRUE
    capacities = {kind: amount for kind, amount in amounts.items() if isinstance(amount, int)}
    start = since if isinstance(since, date) else None
    return FacilityRow(code, place_code, stated, capacities, start, file, number), wrong


def _choice(cell: Cell, chinese: Mapping[str, str], allowed: list[str]) -> str | Finding:
    value = cell.value or ""
    code = chinese.get(value, plain(value))
    if code in allowed:
        return code
    words = "、".join(word for word in chinese if word)
    return finding("choice-unknown", cell, words=words, choices=", ".join(one for one in allowed if one))
