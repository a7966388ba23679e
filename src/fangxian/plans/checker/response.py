"""Checks of levels, areas, contacts, tiers and reserves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product

from fangxian.plans.checker.notes import Notes
from fangxian.plans.checker.reporting import check_facility_kinds, check_grades
from fangxian.plans.locate import Path
from fangxian.plans.schema import Plan, Reserve, Tiers, TierScore

TIER = {"zh": "分级", "en": "tier"}
_DISEASES = ("none", "stable", "unstable")
_VACCINATIONS = ("full", "partial", "none")
_AGES = range(131)


def check_response(plan: Plan, notes: Notes) -> None:
    """Check all that the plan says about the response."""
    for table, names in (
        ("level", [level.id for level in plan.levels]),
        ("measure", [measure.id for measure in plan.measures]),
        ("risk_area", [area.id for area in plan.risk_areas]),
        ("clock", [clock.id for clock in plan.clocks]),
        ("contact", [contact.id for contact in plan.contacts]),
        ("reserve", [reserve.id for reserve in plan.reserves]),
        ("target", [target.id for target in plan.targets]),
    ):
        _check_once(table, names, notes)
    _check_levels(plan, notes)
    _check_areas(plan, notes)
    _check_contacts(plan, notes)
    for index, reserve in enumerate(plan.reserves):
        _check_reserve(reserve, ("reserve", index), notes)
    if plan.tiers is not None:
        _check_tiers(plan.tiers, notes)


def _check_once(table: str, names: Sequence[str], notes: Notes) -> None:
    notes.once(
        (((table, index, "id"), name) for index, name in enumerate(names)),
        {"zh": f"{table} 的编号", "en": f"{table} id"},
    )


def _check_levels(plan: Plan, notes: Notes) -> None:
    notes.once(
        ((("level", index, "rank"), str(level.rank)) for index, level in enumerate(plan.levels)),
        {"zh": "级别次序", "en": "rank"},
    )
    known = [measure.id for measure in plan.measures]
    for index, level in enumerate(plan.levels):
        for position, measure in enumerate(level.measures):
            if measure not in known:
                notes.unknown(
                    ("level", index, "measures", position), {"zh": "措施", "en": "measure"}, measure, known
                )


def _check_areas(plan: Plan, notes: Notes) -> None:
    areas = {area.id: area for area in plan.risk_areas}
    for index, area in enumerate(plan.risk_areas):
        path: Path = ("risk_area", index)
        if (area.steps_down_to is None) != (area.days_without_infection is None):
            notes.error(
                "step-incomplete",
                path,
                {
                    "zh": "steps_down_to 和 days_without_infection 要同时写。",
                    "en": "steps_down_to and days_without_infection go together.",
                },
                {"zh": "请补写缺少的一项。", "en": "Add the one that is missing."},
            )
        if area.steps_down_to is not None and area.steps_down_to not in areas:
            notes.unknown(
                (*path, "steps_down_to"), {"zh": "风险区", "en": "risk area"}, area.steps_down_to, areas
            )
        if _goes_round(area.id, {name: one.steps_down_to for name, one in areas.items()}):
            notes.error(
                "step-circle",
                (*path, "steps_down_to"),
                {"zh": "降级次序成环，永远降不到底。", "en": "The steps go round and never end."},
                {"zh": "请让最低一级不写 steps_down_to。", "en": "Leave steps_down_to out of the lowest."},
            )


def _goes_round(start: str, steps: dict[str, str | None]) -> bool:
    at = steps.get(start)
    for _ in steps:
        if at == start:
            return True
        at = steps.get(at) if at is not None else None
    return False


def _check_contacts(plan: Plan, notes: Notes) -> None:
    for index, contact in enumerate(plan.contacts):
        if contact.traced and not contact.stages:
            notes.error(
                "contact-without-stage",
                ("contact", index),
                {
                    "zh": "要追踪的接触者没有管理阶段。",
                    "en": "A class of contacts that is traced has no stage.",
                },
                {
                    "zh": "请写 [[contact.stage]] 或 traced = false。",
                    "en": "Write a [[contact.stage]], or traced = false.",
                },
            )
        for position, stage in enumerate(contact.stages):
            days = stage.test_days
            if list(days) != sorted(set(days)) or any(not 1 <= day <= stage.days for day in days):
                notes.error(
                    "test-days",
                    ("contact", index, "stage", position, "test_days"),
                    {
                        "zh": f"检测日 {list(days)} 须递增且在第 1 至 {stage.days} 天内。",
                        "en": f"Test days {list(days)} must rise and lie within days 1 to {stage.days}.",
                    },
                    {"zh": "检测日从本阶段第一天起算。", "en": "Days count from the first of the stage."},
                )


def _check_reserve(reserve: Reserve, path: Path, notes: Notes) -> None:
    check_facility_kinds(reserve.holders, (*path, "holders"), notes)
    check_grades(reserve.grades, (*path, "grades"), notes)
    by_population = reserve.basis == "by_population"
    if by_population != bool(reserve.bands) or by_population == (reserve.low is not None):
        notes.error(
            "reserve-undefined",
            (*path, "basis"),
            {
                "zh": "by_population 要写 bands，其余写 low（和 high）。",
                "en": "by_population needs bands, any other basis needs low (and high).",
            },
            {"zh": "请补写数量。", "en": "Add the amounts."},
        )
    if reserve.low is not None and reserve.high is not None and reserve.low > reserve.high:
        notes.error(
            "range-reversed",
            (*path, "high"),
            {
                "zh": f"low {reserve.low:g} 大于 high {reserve.high:g}。",
                "en": f"low {reserve.low:g} is more than high {reserve.high:g}.",
            },
            {"zh": "请调换或改正。", "en": "Swap or mend them."},
        )
    bounds = [band.population_below for band in reserve.bands]
    numbers = [bound for bound in bounds if bound is not None]
    if reserve.bands and (bounds[-1] is not None or None in bounds[:-1] or numbers != sorted(set(numbers))):
        notes.error(
            "bands-disorder",
            (*path, "bands"),
            {
                "zh": "人口分段须递增，最后一段不写 population_below。",
                "en": "Bands must rise, and the last has no population_below.",
            },
            {"zh": "请排好次序。", "en": "Put them in order."},
        )


def _check_tiers(tiers: Tiers, notes: Notes) -> None:
    known = [tier.id for tier in tiers.tiers]
    notes.once(((("tiers", "tier", index, "id"), name) for index, name in enumerate(known)), TIER)
    for index, rule in enumerate(tiers.rules):
        _check_tier_name(rule.tier, known, ("tiers", "rule", index, "tier"), notes)
        notes.ages(rule.age_from, rule.age_to, ("tiers", "rule", index))
    if tiers.score is not None:
        _check_score(tiers.score, known, notes)
    _check_contradictions(tiers, notes)


def _check_tier_name(name: str, known: Iterable[str], path: Path, notes: Notes) -> None:
    if name not in known:
        notes.unknown(path, TIER, name, known)


def _check_score(score: TierScore, known: Sequence[str], notes: Notes) -> None:
    path: Path = ("tiers", "score")
    for index, band in enumerate(score.bands):
        _check_tier_name(band.tier, known, (*path, "bands", index, "tier"), notes)
    gaps = [age for age in _AGES if sum(one.age_from <= age <= one.age_to for one in score.age) != 1]
    lacking = [name for name in _DISEASES if name not in score.disease]
    lacking += [name for name in _VACCINATIONS if name not in score.vaccination]
    if gaps or lacking:
        notes.error(
            "score-gap",
            path,
            {
                "zh": f"积分没有恰好覆盖：年龄 {gaps[:3]},{lacking}。",
                "en": f"The score does not cover exactly once: ages {gaps[:3]}, {lacking}.",
            },
            {
                "zh": "每个年龄恰好属于一段，每种情况都有分。",
                "en": "Give each age one band and each state its points.",
            },
        )
        return
    sums = {
        one.points + disease + vaccination
        for one, disease, vaccination in product(
            score.age, score.disease.values(), score.vaccination.values()
        )
    }
    unplaced = [
        points
        for points in sorted(sums)
        if sum(band.points_from <= points <= band.points_to for band in score.bands) != 1
    ]
    if unplaced:
        notes.error(
            "score-gap",
            (*path, "bands"),
            {
                "zh": f"总分 {unplaced} 没有恰好一个分级。",
                "en": f"Sums {unplaced} have not exactly one tier.",
            },
            {"zh": "请补齐 bands。", "en": "Mend the bands."},
        )


def _check_contradictions(tiers: Tiers, notes: Notes) -> None:
    """Note each row that gives a person another tier than a row above it."""
    told: set[int] = set()
    for age, disease, vaccination in product(_AGES, _DISEASES, _VACCINATIONS):
        fitting = [index for index, rule in enumerate(tiers.rules) if rule.fits(age, disease, vaccination)]
        for index in fitting[1:]:
            first = tiers.rules[fitting[0]].tier
            if tiers.rules[index].tier != first and index not in told:
                told.add(index)
                notes.error(
                    "tier-contradiction",
                    ("tiers", "rule", index),
                    {
                        "zh": f"{age} 岁、疾病 {disease}、接种 {vaccination} 的人已在前面归为“{first}”。",
                        "en": f"Age {age}, disease {disease}, vaccination {vaccination}: {first!r} above.",
                    },
                    {"zh": "请让各行不重叠。", "en": "Make the rows not overlap."},
                )
