"""A roster in words and as rows, in Chinese and English."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fangxian.logistics.rostering.explain import Unfilled, explain_unfilled
from fangxian.logistics.rostering.problem import RosterProblem
from fangxian.logistics.rostering.rotation import fixed_rotation
from fangxian.logistics.rostering.solve import Level, RosterCost, RosterResult

Integers = NDArray[np.int64]
Words = dict[str, str]

_REASONS = {
    "elsewhere": ("在没有帮扶关系的单位", "work where no help is agreed"),
    "absent": ("请假、感染或隔离", "are on leave, ill or isolated"),
    "at-work": ("当天已上别的班", "work for another need that day"),
    "load": ("负荷已到上限", "have reached their load"),
    "rest-after-nights": ("夜班后须休息", "must rest after nights"),
    "days-in-row": ("连续工作天数到上限", "have worked the most days in a row"),
    "rest-hours": ("两班间休息不足", "would rest too few hours between shifts"),
    "nights-in-row": ("连续夜班到上限", "have worked the most nights in a row"),
    "free": ("可以上但排到更要紧处之后仍可调", "could come at the cost of fairness or another need"),
}
_LEVELS = {
    "reserve": ("备勤缺口", "missing reserves"),
    "fairness": ("不公平", "unfairness"),
    "changes": ("已公布班次的变动", "changes of what was published"),
    "lending": ("外借", "shifts away from home"),
}


def roster_sentences(
    problem: RosterProblem,
    result: RosterResult,
    unfilled: list[Unfilled],
    rotation: tuple[Integers, RosterCost],
) -> list[Words]:
    """Return what is covered, what no roster could cover, the rule of today and the worst gaps.

    Parameters
    ----------
    problem : RosterProblem
        What is needed.
    result : RosterResult
        The roster.
    unfilled : list of Unfilled
        Needs that lack staff.
    rotation : int64[P, D], RosterCost
        Needs and cost of the fixed rotation of today.

    Returns
    -------
    list of dict
        Sentences by language.
    """
    mine, most = result.covered_share(problem)
    lacking = int(result.missing.sum())
    duty, today = rotation
    cover = np.bincount(duty[duty >= 0], minlength=problem.need.shape[0])
    usual = int(np.maximum(0, problem.need - cover).sum())
    points = np.concatenate([[0], problem.load])
    beside = np.abs(points[result.step].sum(axis=1) - problem.fair_load)
    said = [
        {
            "zh": f"{len(problem.staff_code)} 人、{len(problem.day_code)} 天："
            f"{int(problem.need.sum())} 个班次需求中缺 {lacking} 个；"
            f"按重要性覆盖 {mine:.2%}，证明任何排法不超过 {most:.2%}（差距 {most - mine:.2%}）。",
            "en": f"{len(problem.staff_code)} staff, {len(problem.day_code)} days: {lacking} of "
            f"{int(problem.need.sum())} shifts needed are missing; {mine:.2%} is covered by importance, "
            f"and no roster can cover more than {most:.2%} (gap {most - mine:.2%}).",
        },
        _level_sentence(result.levels),
        {
            "zh": f"负荷与公平份额相差最多 {int(beside.max())} 分，平均 {beside.mean():.1f} 分。",
            "en": f"Load differs from the fair share by {int(beside.max())} points at most, "
            f"{beside.mean():.1f} on average.",
        },
        {
            "zh": f"照现行固定轮转缺 {usual} 个班次"
            f"（总目标 {today.total:,.0f}，本方案 {result.cost.total:,.0f}）。",
            "en": f"The usual fixed rotation lacks {usual} shifts (objective {today.total:,.0f}, here "
            f"{result.cost.total:,.0f}).",
        },
    ]
    return said + [_unfilled_sentence(problem, each) for each in unfilled[:5]]


def _level_sentence(levels: tuple[Level, ...]) -> Words:
    """Say how much better each level below cover could at most be, cover and the levels above being kept."""
    zh, en = [], []
    for level in levels[1:]:
        if level.value > 0:
            chinese, english = _LEVELS[level.name]
            zh.append(f"{chinese} {level.value:,.0f}（至少 {level.bound:,.0f}）")
            en.append(f"{english} {level.value:,.0f} (at least {level.bound:,.0f})")
    if not zh:
        return {
            "zh": "公平、变动、外借各项都没有扣分。",
            "en": "Nothing is counted against fairness, changes or lending.",
        }
    return {
        "zh": f"在不少覆盖的前提下依次：{'，'.join(zh)}；括号内为证明的下限。",
        "en": f"With no less cover, in this order: {', '.join(en)}; in brackets the least that is proven.",
    }


def _need_name(problem: RosterProblem, need: int) -> tuple[str, str, str, str]:
    return (
        problem.day_code[problem.need_day[need]],
        problem.place_code[problem.need_place[need]],
        problem.shift_code[problem.need_shift[need]],
        problem.skill_code[problem.need_skill[need]],
    )


def _unfilled_sentence(problem: RosterProblem, each: Unfilled) -> Words:
    day, place, shift, skill = _need_name(problem, each.need)
    counts = sorted(each.reasons.items(), key=lambda pair: -pair[1])
    chinese = "，".join(f"{count} 人{_REASONS[name][0]}" for name, count in counts)
    english = ", ".join(f"{count} {_REASONS[name][1]}" for name, count in counts)
    way = _way_out(problem, each)
    return {
        "zh": f"{day} {place} {shift} 缺 {skill} {each.missing} 人："
        f"全市有此技能 {each.with_skill} 人，{chinese}。{way['zh']}",
        "en": f"{day} {place} {shift} lacks {each.missing} {skill}: of {each.with_skill} with the skill, "
        f"{english}. {way['en']}",
    }


def _way_out(problem: RosterProblem, each: Unfilled) -> Words:
    """Say what would bring one more member of staff most cheaply; rest, leave and illness stand."""
    kind, person = each.way_out
    place, home = problem.place_code[problem.need_place[each.need]], ""
    name = f"{each.missing}"
    if person >= 0:
        name, home = problem.staff_code[person], problem.place_code[problem.home[person]]
    zh, en = {
        "none": (f"{name} 现在就可以来", f"{name} could come as things are"),
        "help": (
            f"约定 {home} 帮扶 {place}，{name} 就可以来",
            f"agree that {home} helps {place}, then {name} could come",
        ),
        "load": (
            f"允许 {name} 超过负荷上限（most_load）多上一班",
            f"let {name} work a shift above their most_load",
        ),
        "staff": (f"增派 {name} 名有此技能的人", f"bring in {name} more with the skill"),
    }[kind]
    return {"zh": f"代价最小的办法：{zh}。", "en": f"The cheapest way out: {en}."}


def roster_document(problem: RosterProblem, result: RosterResult) -> dict[str, Any]:
    """Return the whole outcome as plain values for JSON."""
    unfilled = explain_unfilled(problem, result)
    _, duty, today = fixed_rotation(problem)
    mine, most = result.covered_share(problem)
    return {
        "sentences": roster_sentences(problem, result, unfilled, (duty, today)),
        "cost": asdict(result.cost) | {"total": result.cost.total},
        "bound": result.bound,
        "gap": result.gap,
        "levels": [asdict(level) | {"gap": level.gap} for level in result.levels],
        "covered_share": mine,
        "covered_share_at_most": most,
        "missing": int(result.missing.sum()),
        "tries": result.tries,
        "today": asdict(today) | {"total": today.total},
        "unfilled": [
            dict(zip(("date", "place", "shift", "skill"), _need_name(problem, each.need), strict=True))
            | {"missing": each.missing, "with_skill": each.with_skill, "reasons": each.reasons}
            | {"one_more_saves": each.price, "way_out": each.way_out[0]}
            for each in unfilled
        ],
    }


def roster_rows(problem: RosterProblem, result: RosterResult) -> list[dict[str, Any]]:
    """Return ``staff, date, shift, place, skill``: one row for each shift worked."""
    return [
        {
            "staff": problem.staff_code[person],
            "date": problem.day_code[day],
            "shift": problem.shift_code[result.step[person, day] - 1],
            "place": problem.place_code[problem.need_place[result.duty[person, day]]],
            "skill": problem.skill_code[problem.need_skill[result.duty[person, day]]],
        }
        for person, day in np.argwhere(result.duty >= 0)
    ]
