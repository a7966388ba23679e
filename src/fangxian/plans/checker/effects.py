"""Checks of what measures do and of the rules by which a rehearsal switches levels."""

from __future__ import annotations

from collections.abc import Mapping

from fangxian.base.errors import InvalidInput, Text
from fangxian.plans.checker.notes import Notes
from fangxian.plans.expressions import compile_rule
from fangxian.plans.linear_rules import Interval
from fangxian.plans.locate import Path
from fangxian.plans.schema import (
    Antivirals,
    AnyEffect,
    Beds,
    CaseIsolation,
    ContactQuarantine,
    ContactTracing,
    IsolationRooms,
    Laboratory,
    Level,
    Measure,
    Plan,
    VaccinationSessions,
)
from fangxian.plans.triggers import can_hold, counts_of_people, trigger_bounds

CAPACITIES: Mapping[str, tuple[str, Text]] = {
    "laboratory": ("tubes_per_100000", {"zh": "没有检测结果", "en": "no test gives a result"}),
    "contact_tracing": ("cases_per_day_per_million", {"zh": "不追踪任何病例", "en": "no case is traced"}),
    "isolation_rooms": ("rooms_per_100000", {"zh": "没有集中隔离房间", "en": "nobody finds a central room"}),
    "vaccination": ("doses_per_day_per_1000", {"zh": "不接种", "en": "nobody is vaccinated"}),
    "beds": ("ward_per_1000", {"zh": "没有普通床位", "en": "nobody finds a ward bed"}),
    "antivirals": ("courses_per_1000", {"zh": "没有药物", "en": "nobody is given the medicine"}),
}
"""Amount of each kind of capacity, and what zero means."""


def check_effects(plan: Plan, notes: Notes) -> None:
    """Check the effects of every measure, and the rules that switch levels."""
    for index, measure in enumerate(plan.measures):
        for position, effect in enumerate(measure.effects):
            _check_effect(plan, effect, ("measure", index, "effect", position), notes)
    _check_together(plan, notes)
    bounds, people = trigger_bounds(plan), counts_of_people(plan)
    for index, level in enumerate(plan.levels):
        _check_level(level, ("level", index), bounds, people, notes)


def _check_effect(plan: Plan, effect: AnyEffect, path: Path, notes: Notes) -> None:
    age_from, age_to = getattr(effect, "age_from", 0), getattr(effect, "age_to", 130)
    notes.ages(age_from, age_to, path)
    _check_zero(effect, path, notes)
    if isinstance(effect, ContactTracing):
        _check_tracing(plan, effect, path, notes)
    elif isinstance(effect, ContactQuarantine):
        _check_quarantine(plan, effect, path, notes)
    elif isinstance(effect, VaccinationSessions):
        known = [tier.id for tier in plan.tiers.tiers] if plan.tiers is not None else []
        for position, tier in enumerate(effect.tiers):
            if tier not in known:
                notes.unknown((*path, "tiers", position), {"zh": "分级", "en": "tier"}, tier, known)
    elif isinstance(effect, Beds):
        _check_amount(plan, effect, "intensive_care_per_100000", "share_of_open_beds", path, notes)
    elif isinstance(effect, Antivirals):
        _check_amount(plan, effect, "courses_per_1000", "share_of_population", path, notes)


def _check_zero(effect: AnyEffect, path: Path, notes: Notes) -> None:
    if effect.kind not in CAPACITIES:
        return
    key, meaning = CAPACITIES[effect.kind]
    if getattr(effect, key) == 0:
        notes.warning(
            "capacity-zero",
            (*path, key),
            {"zh": f"{key} 为 0:{meaning['zh']}。", "en": f"{key} is 0: {meaning['en']}."},
            {"zh": "如确为零，可不改。", "en": "Leave it if that is meant."},
        )


def _check_tracing(plan: Plan, effect: ContactTracing, path: Path, notes: Notes) -> None:
    known = [clock.id for clock in plan.clocks]
    if effect.clock is not None and effect.clock not in known:
        notes.unknown((*path, "clock"), {"zh": "时限", "en": "clock"}, effect.clock, known)
    _one_of(effect.clock, effect.delay_days, ("clock", "delay_days"), path, notes)


def _check_quarantine(plan: Plan, effect: ContactQuarantine, path: Path, notes: Notes) -> None:
    schedules = {contact.id: contact for contact in plan.contacts}
    what = {"zh": "接触者", "en": "contact schedule"}
    if effect.contact not in schedules:
        notes.unknown((*path, "contact"), what, effect.contact, schedules)
    elif not schedules[effect.contact].traced:
        notes.error(
            "contact-not-traced",
            (*path, "contact"),
            {
                "zh": f"“{effect.contact}”写明不追踪，却要隔离。",
                "en": f"{effect.contact!r} is said not to be traced, yet is to be kept apart.",
            },
            {"zh": "请删去此项，或改 traced。", "en": "Remove the effect, or change traced."},
        )


def _check_amount(
    plan: Plan, effect: Beds | Antivirals, key: str, basis: str, path: Path, notes: Notes
) -> None:
    reserves = {reserve.id: reserve for reserve in plan.reserves}
    if effect.reserve is not None and effect.reserve not in reserves:
        notes.unknown((*path, "reserve"), {"zh": "储备", "en": "reserve"}, effect.reserve, reserves)
    elif effect.reserve is not None and reserves[effect.reserve].basis != basis:
        notes.error(
            "reserve-basis",
            (*path, "reserve"),
            {
                "zh": f"储备“{effect.reserve}”的依据是 {reserves[effect.reserve].basis}，不能换算。",
                "en": f"The reserve {effect.reserve!r} is of basis {reserves[effect.reserve].basis!r}.",
            },
            {"zh": f"请用 {basis} 的储备，或写 {key}。", "en": f"Name one of basis {basis}, or write {key}."},
        )
    _one_of(effect.reserve, getattr(effect, key), ("reserve", key), path, notes)


def _one_of(first: object, second: object, keys: tuple[str, str], path: Path, notes: Notes) -> None:
    if (first is None) == (second is None):
        notes.error(
            "one-of-two",
            path,
            {
                "zh": f"{keys[0]} 和 {keys[1]} 须写且只写一个。",
                "en": f"Exactly one of {keys[0]} and {keys[1]} is needed.",
            },
            {"zh": "请补写或删去一个。", "en": "Add or remove one."},
        )


def _check_together(plan: Plan, notes: Notes) -> None:
    """Note effects that wait for another effect that no measure has."""
    kinds: set[str] = {effect.kind for measure in plan.measures for effect in measure.effects}
    for index, measure in enumerate(plan.measures):
        for position, effect in enumerate(measure.effects):
            lacking = _lacking(plan, measure, effect, kinds)
            if lacking is not None:
                notes.warning("effect-idle", ("measure", index, "effect", position), *lacking)


def _lacking(plan: Plan, measure: Measure, effect: AnyEffect, kinds: set[str]) -> tuple[Text, Text] | None:
    if isinstance(effect, ContactQuarantine) and "contact_tracing" not in kinds:
        return (
            {"zh": "没有措施寻找接触者。", "en": "No measure finds contacts."},
            {"zh": "请加 contact_tracing。", "en": "Add an effect of kind contact_tracing."},
        )
    finders = {"symptomatic_testing", "screening"}
    if isinstance(effect, ContactTracing | CaseIsolation) and not kinds & finders:
        return (
            {"zh": "没有措施发现病例。", "en": "No measure finds cases."},
            {"zh": "请加 symptomatic_testing 或 screening。", "en": "Add symptomatic_testing or screening."},
        )
    if isinstance(effect, IsolationRooms) and not kinds & {"case_isolation", "contact_quarantine"}:
        return (
            {"zh": "没有措施用到隔离房间。", "en": "No measure uses the rooms."},
            {
                "zh": "请加 case_isolation 或 contact_quarantine。",
                "en": "Add case_isolation or contact_quarantine.",
            },
        )
    if isinstance(effect, Laboratory) and not kinds & finders:
        return (
            {"zh": "没有措施送检。", "en": "No measure sends samples."},
            {"zh": "请加 symptomatic_testing 或 screening。", "en": "Add symptomatic_testing or screening."},
        )
    used = measure.always or any(measure.id in level.measures for level in plan.levels)
    if not used:
        return (
            {"zh": "没有级别采取此措施。", "en": "No level brings this measure."},
            {
                "zh": "请写入级别的 measures，或写 always = true。",
                "en": "Name it in a level, or write always = true.",
            },
        )
    return None


def _check_level(
    level: Level, path: Path, bounds: Mapping[str, Interval], people: frozenset[str], notes: Notes
) -> None:
    for key, rule in (("start_when", level.start_when), ("end_when", level.end_when)):
        if rule is None:
            continue
        try:
            names = compile_rule(rule)
        except InvalidInput as error:
            notes.error("rule-refused", (*path, key), error.message, error.remedy)
            continue
        strange = [
            name if form is None else f"{form}.{name}"
            for form, name in sorted(names.names | names.previous_names, key=str)
            if form is not None or name not in bounds
        ]
        for name in strange:
            notes.unknown((*path, key), {"zh": "指标", "en": "indicator"}, name, bounds)
        if not strange and not can_hold(rule, bounds, people):
            notes.error(
                "trigger-never",
                (*path, key),
                {"zh": f"“{rule}”永远不会成立。", "en": f"{rule!r} can never hold."},
                {
                    "zh": "请核对方向、单位（比例为 0 至 1）、互相矛盾的条件；人数不会超过 population。",
                    "en": "Check its direction, its units (shares run from 0 to 1) and conditions that "
                    "exclude each other; a count of people never exceeds the population.",
                },
            )
    if level.end_when is not None and level.start_when is None:
        notes.error(
            "end-without-start",
            (*path, "end_when"),
            {"zh": "写了 end_when 却没有 start_when。", "en": "There is an end_when but no start_when."},
            {"zh": "请补写 start_when。", "en": "Add start_when."},
        )
    if level.start_when is not None and level.end_when is None:
        notes.warning(
            "level-never-ends",
            (*path, "start_when"),
            {"zh": "没有 end_when，启动后不会结束。", "en": "Without end_when it never ends once started."},
            {"zh": "请补写 end_when。", "en": "Add end_when."},
        )
