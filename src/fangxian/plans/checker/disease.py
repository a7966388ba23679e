"""What a disease file must keep beyond its schema: units, ranges, ages, and an order that biology imposes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from pydantic import BaseModel

from fangxian.base.errors import Finding
from fangxian.plans.checker.identity import check_sources, records
from fangxian.plans.checker.notes import ASK_TO_MEND, Notes
from fangxian.plans.checker.provenance import check_provenance
from fangxian.plans.locate import Path
from fangxian.plans.schema import (
    ByAge,
    Course,
    DiseaseFile,
    Duration,
    Quantity,
    Sensitivity,
    SerialInterval,
)

UNITS: Mapping[str, str] = {
    "dilution": "ratio",
    "reproduction_number": "person",
    "asymptomatic_infectiousness": "ratio",
    "dispersion": "ratio",
    "susceptibility": "ratio",
    "stable_disease": "ratio",
    "unstable_disease": "ratio",
    "within": "day",
    "half_life": "day",
    "severe_half_life": "day",
}
"""Unit of a key; every other number of a disease file is a share."""

OLDEST = 120
WIDE = 1.5
"""Mean generation and serial intervals further apart than this factor are asked about."""


def check_disease(disease: DiseaseFile, *, lines: Mapping[Path, int], file: str) -> list[Finding]:
    """Return every semantic mistake and doubt of a disease file, in the order of the file.

    Parameters
    ----------
    disease : DiseaseFile
        A file that keeps the schema.
    lines : Mapping[Path, int]
        Where each key stands (`locate.line_numbers`).
    file : str
        Its name, for the findings.

    Returns
    -------
    list of Finding
        Severity ``error`` refuses the file, ``warning`` asks to look again.
    """
    notes = Notes(lines, file)
    check_sources(disease, notes)
    for path, record in records(disease):
        _check_record(path, record, notes)
        check_provenance(path, record, notes)
    if disease.course is not None:
        _check_order(disease.course, notes)
        _check_care(disease.course, notes)
    _check_protections(disease, notes)
    notes.once(
        ((("test", index, "kind"), test.kind) for index, test in enumerate(disease.tests)),
        {"zh": "检测", "en": "test"},
    )
    _check_intervals(disease, notes)
    return notes.in_order()


def _check_record(path: Path, record: BaseModel, notes: Notes) -> None:
    if isinstance(record, Quantity | ByAge):
        _check_unit(path, record, notes)
    if isinstance(record, Quantity):
        _check_range(path, record.low, record.value, record.high, notes)
    elif isinstance(record, Duration | SerialInterval):
        _check_range(path, record.low_days, record.mean_days, record.high_days, notes)
    elif isinstance(record, ByAge):
        _check_ages(path, record, notes)
    elif isinstance(record, Sensitivity):
        _check_rows(path, record.low, record.by_day, record.high, notes)


def _check_unit(path: Path, record: Quantity | ByAge, notes: Notes) -> None:
    expected = UNITS.get(str(path[-1]), "share")
    if record.unit != expected:
        notes.error(
            "unit-wrong",
            (*path, "unit"),
            {
                "zh": f"“{path[-1]}”的单位是 {expected}，不是 {record.unit}。",
                "en": f"The unit of {str(path[-1])!r} is {expected!r}, not {record.unit!r}.",
            },
            {
                "zh": f'请写 unit = "{expected}" 并核对数值。',
                "en": f'Write unit = "{expected}"; check the value.',
            },
        )
    values = (record.value,) if isinstance(record, Quantity) else record.values
    wrong = [value for value in values if value < 0 or (record.unit == "share" and value > 1)]
    if wrong:
        notes.error(
            "share-out-of-range",
            path,
            {
                "zh": f"比例 {wrong[0]:g} 不在 0 到 1 之间。",
                "en": f"The share {wrong[0]:g} is not within 0 and 1.",
            },
            {"zh": "百分数请除以 100。", "en": "Divide a percentage by 100."},
        )


def _check_range(path: Path, low: float | None, value: float, high: float | None, notes: Notes) -> None:
    bounds = [number for number in (low, value, high) if number is not None]
    if bounds != sorted(bounds):
        notes.error(
            "range-reversed",
            path,
            {
                "zh": f"数值 {value:g} 不在所写范围 {low} 至 {high} 内。",
                "en": f"The value {value:g} is not within its range, {low} to {high}.",
            },
            ASK_TO_MEND,
        )


def _check_ages(path: Path, table: ByAge, notes: Notes) -> None:
    ages = table.age_from
    if ages[0] != 0 or any(second <= first for first, second in pairwise(ages)) or ages[-1] > OLDEST:
        notes.error(
            "ages-disorder",
            (*path, "age_from"),
            {
                "zh": f"年龄 {list(ages)} 须从 0 起递增，不超过 {OLDEST}。",
                "en": f"The ages {list(ages)} must rise from 0 and end by {OLDEST}.",
            },
            {"zh": "每组写起始年龄。", "en": "Write the age at which each group begins."},
        )
    if len(table.values) != len(ages):
        notes.error(
            "ages-and-values",
            (*path, "values"),
            {
                "zh": f"有 {len(ages)} 个年龄组，却有 {len(table.values)} 个数。",
                "en": f"There are {len(ages)} age groups but {len(table.values)} values.",
            },
            {"zh": "每组写一个数。", "en": "Write one value for each group."},
        )
        return
    _check_rows(path, table.low, table.values, table.high, notes)


def _check_rows(
    path: Path, low: Sequence[float], values: Sequence[float], high: Sequence[float], notes: Notes
) -> None:
    for key, bounds, sign in (("low", low, 1), ("high", high, -1)):
        if not bounds:
            continue
        if len(bounds) != len(values):
            notes.error(
                "ages-and-values",
                (*path, key),
                {
                    "zh": f"{key} 有 {len(bounds)} 个数，数值有 {len(values)} 个。",
                    "en": f"{key} has {len(bounds)} numbers, the values {len(values)}.",
                },
                {"zh": "请一一对应。", "en": "Give one for each."},
            )
        elif any(sign * (value - bound) < 0 for value, bound in zip(values, bounds, strict=True)):
            notes.error(
                "range-reversed",
                (*path, key),
                {"zh": f"{key} 与数值矛盾。", "en": f"A value lies outside its {key}."},
                ASK_TO_MEND,
            )


def value_at(table: ByAge, age: int) -> float:
    """Return the value of the group that an age in whole years belongs to."""
    return [value for begins, value in zip(table.age_from, table.values, strict=True) if begins <= age][-1]


def _check_order(course: Course, notes: Notes) -> None:
    tables = {name: getattr(course, name) for name in ("symptomatic", "severe", "critical", "dying")}
    if any(len(table.values) != len(table.age_from) or table.age_from[0] != 0 for table in tables.values()):
        return
    ages = sorted({age for table in tables.values() for age in table.age_from})
    for part, whole in (("severe", "symptomatic"), ("critical", "severe"), ("dying", "severe")):
        for age in ages:
            inner, outer = value_at(tables[part], age), value_at(tables[whole], age)
            if inner > outer:
                notes.error(
                    "part-exceeds-whole",
                    ("course", part),
                    {
                        "zh": f"{age} 岁：{part} {inner:g} 多于 {whole} {outer:g}。",
                        "en": f"At age {age}, {part} {inner:g} is more than {whole} {outer:g}.",
                    },
                    {
                        "zh": "所有比例都以全部感染者为分母。",
                        "en": "Give every share of all infected of that age.",
                    },
                )
                break


def _check_care(course: Course, notes: Notes) -> None:
    """Note an age at which more die with every bed found than without any."""
    tables = (course.severe, course.critical, course.dying)
    if any(len(table.values) != len(table.age_from) or table.age_from[0] != 0 for table in tables):
        return
    for age in sorted({age for table in tables for age in table.age_from}):
        severe, critical, dying = (value_at(table, age) for table in tables)
        without = critical * course.death_without_intensive_care.value
        without += (severe - critical) * course.death_without_ward.value
        if dying > without:
            notes.error(
                "care-costs-lives",
                ("course", "dying"),
                {
                    "zh": f"{age} 岁：有床位时死亡 {dying:g}，多于没有床位时的 {without:g}。",
                    "en": f"At age {age}, {dying:g} die with every bed found, {without:g} without any.",
                },
                {
                    "zh": "请核对 dying、death_without_ward 和 death_without_intensive_care。",
                    "en": "Check dying, death_without_ward and death_without_intensive_care.",
                },
            )
            return


def _check_protections(disease: DiseaseFile, notes: Notes) -> None:
    notes.once(
        ((("protection", index, "state"), one.state) for index, one in enumerate(disease.protections)),
        {"zh": "免疫状态", "en": "state"},
    )
    for index, one in enumerate(disease.protections):
        for name, value in (("severe", one.severe.value), ("death", one.death.value)):
            if value < one.infection.value:
                notes.error(
                    "protection-order",
                    ("protection", index, name),
                    {
                        "zh": f"防{name} {value:g} 低于防感染 {one.infection.value:g}。",
                        "en": f"Protection from {name}, {value:g}, is below that from infection, "
                        f"{one.infection.value:g}.",
                    },
                    {
                        "zh": "此处的数已包含不被感染的效果。",
                        "en": "The number includes the infections prevented.",
                    },
                )


def _check_intervals(disease: DiseaseFile, notes: Notes) -> None:
    spread = disease.transmission
    if spread is None:
        return
    if spread.incubation_period.mean_days < spread.latent_period.mean_days:
        notes.error(
            "onset-before-infectious",
            ("transmission", "incubation_period"),
            {
                "zh": f"潜伏期 {spread.incubation_period.mean_days:g} 天短于潜隐期 "
                f"{spread.latent_period.mean_days:g} 天。",
                "en": f"The incubation period, {spread.incubation_period.mean_days:g} days, is shorter than "
                f"the latent period, {spread.latent_period.mean_days:g}.",
            },
            {
                "zh": "此处假定具传染性不晚于发病。",
                "en": "People are taken to be infectious by the first symptom; mend one of the two.",
            },
        )
    generation = spread.latent_period.mean_days + spread.infectiousness.mean_days
    serial = disease.serial_interval.mean_days
    if not serial / WIDE <= generation <= serial * WIDE:
        notes.warning(
            "intervals-differ",
            ("transmission", "infectiousness"),
            {
                "zh": f"代间隔均值 {generation:.1f} 天，序列间隔 {serial:.1f} 天，相差较大。",
                "en": f"Mean generation interval {generation:.1f} days, serial interval {serial:.1f}.",
            },
            {"zh": "请核对潜隐期和传染性。", "en": "Check latent period and infectiousness."},
        )
