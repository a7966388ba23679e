"""A testing round in words that a county can be shown, in Chinese and English."""

from __future__ import annotations

from typing import Any

import numpy as np

from fangxian.logistics.testing_round.collision import Collision
from fangxian.logistics.testing_round.intervals import Interval, RoundForecast
from fangxian.logistics.testing_round.plan import (
    RoundAccount,
    RoundPlan,
    arrival_hours,
    most_over_expected,
)
from fangxian.logistics.testing_round.problem import TestingRoundProblem
from fangxian.logistics.testing_round.schemes import ARRAY, BY_RISK, TUBES, SchemeChoice
from fangxian.logistics.testing_round.solve import RoundResult

Words = dict[str, str]

_LABORATORIES_NAMED = 3
_LIMITS = {
    "everybody": ("步行限时内一轮做完所有人", "swabbing everybody within the walking limit in one round"),
    "lanes": ("采样点台数", "lanes at the sites"),
    "staff": ("采样人员", "staff"),
    "laboratories": ("实验室初筛通量与时限", "laboratory throughput within the clock"),
    "retests": ("实验室复检通量", "laboratory throughput for single tests"),
}


def round_sentences(
    problem: TestingRoundProblem, result: RoundResult, forecast: RoundForecast | None
) -> list[Words]:
    """Return what is planned, what it is compared with and what limits it.

    Parameters
    ----------
    problem : TestingRoundProblem
        What is where.
    result : RoundResult
        The plan or the collision.
    forecast : RoundForecast, optional
        Intervals of the plan.

    Returns
    -------
    list of dict
        Sentences by language.
    """
    if result.plan is None or result.account is None:
        return _collision_sentences(problem, result.collision)
    mine, usual = result.account, result.today_account
    opened = int((result.plan.lab >= 0).sum())
    lanes = int(result.plan.lanes.sum())
    said = [
        {
            "zh": f"开 {opened} 个采样点、{lanes} 个采样台，用 {mine.staff} 人；"
            f"共 {mine.total_cost:,.0f} 元，证明不可能低于 {result.bound:,.0f} 元（差距 {result.gap:.2%}）。",
            "en": f"Open {opened} sites with {lanes} lanes and {mine.staff} staff; "
            f"{mine.total_cost:,.0f} yuan, proven to be no less than "
            f"{result.bound:,.0f} at best (gap {result.gap:.2%}).",
        }
    ]
    said += _scheme_sentences(problem, result.choice, result.plan)
    said += _forecast_sentences(problem, forecast)
    said.append(_comparison(problem, result.choice, mine, usual))
    said += _limit_sentences(problem, result)
    return said


def _scheme_sentences(problem: TestingRoundProblem, choice: SchemeChoice, plan: RoundPlan) -> list[Words]:
    """Say how many people are pooled how, and how many tests that saves beside tubes of ten for all."""
    people = (plan.share * problem.people[problem.walk_area][:, None]).sum(axis=0)
    tests = float((plan.share * (choice.tubes + choice.retests)[problem.walk_area]).sum())
    zh, en = [], []
    for scheme in np.flatnonzero(people > 0.5).tolist():
        size, count = int(choice.sizes[scheme]), f"{people[scheme]:,.0f}"
        chinese, english = {
            TUBES: (f"{size} 混 1", f"in tubes of {size}"),
            ARRAY: (f"{size}×{size} 方阵", f"in arrays of {size} x {size}"),
            BY_RISK: ("按风险分管", "in tubes by known risk"),
        }[choice.kind[scheme]]
        if choice.kind[scheme] == TUBES and size == 1:
            chinese, english = "单管", "singly"
        zh.append(f"{chinese} {count} 人")
        en.append(f"{count} people {english}")
    said = {
        "zh": f"混样方式按各片区感染率选：{'，'.join(zh)}；预计检测 {tests:,.0f} 管",
        "en": f"Pooled by the prevalence of each area: {', '.join(en)}; {tests:,.0f} tests expected",
    }
    if TUBES in choice.kind and 10 in choice.sizes.tolist():
        ten = choice.sizes.tolist().index(10)
        if choice.kind[ten] == TUBES:
            usual = float((choice.tubes + choice.retests)[:, ten].sum())
            said["zh"] += f"（全部 10 混 1 要 {usual:,.0f} 管）"
            said["en"] += f" (tubes of ten for all would need {usual:,.0f})"
    return [{"zh": said["zh"] + "。", "en": said["en"] + "."}]


def _interval(value: Interval, digits: int) -> str:
    return f"{value.median:,.{digits}f}（{value.low:,.{digits}f}–{value.high:,.{digits}f}）"


def _forecast_sentences(problem: TestingRoundProblem, forecast: RoundForecast | None) -> list[Words]:
    if forecast is None:
        return []
    tests, end, missed, cases = (
        _interval(each, digits)
        for each, digits in (
            (forecast.tests, 0),
            (forecast.end_hours, 1),
            (forecast.missed, 0),
            (forecast.cases, 0),
        )
    )
    clock = problem.rules.clock_hours
    chinese = (
        f"预计检测 {tests} 管，{end} 小时出齐结果，限时 {clock:g} 小时内完成的可能性 {forecast.in_time:.0%}；"
        f"感染者 {cases} 人，漏检 {missed} 人（中位数，95% 区间）。"
    )
    english = (
        f"Expect {tests} tubes, all results after {end} hours ({forecast.in_time:.0%} within the clock of "
        f"{clock:g} hours), {cases} infected people and {missed} of them missed (median, 95 % interval)."
    )
    return [{"zh": chinese, "en": english.replace("（", " (").replace("）", ")")}]


def _comparison(
    problem: TestingRoundProblem, choice: SchemeChoice, mine: RoundAccount, usual: RoundAccount
) -> Words:
    clock, staff = problem.rules.clock_hours, problem.rules.staff
    broken_zh, broken_en = [], []
    if usual.end_hours > clock + 1e-9:
        broken_zh.append(f"超时（限 {clock:g} 小时）")
        broken_en.append(f"which breaks the clock of {clock:g}")
    if usual.staff > staff:
        broken_zh.append(f"人手不够（有 {staff} 人）")
        broken_en.append(f"more staff than the {staff} there are")
    again = usual.lab_retests * most_over_expected(choice)
    if (again > problem.tubes_per_hour * problem.rules.retest_hours + 1e-6).any():
        broken_zh.append("感染率偏高时复检时间不够")
        broken_en.append("too little time for single tests should prevalence be high")
    part = f"{mine.total_cost / usual.total_cost:.0%}" if usual.total_cost > 0 else ""
    share_zh = f"本方案费用为其 {part}。" if part else ""
    share_en = f" This plan costs {part} of it." if part else ""
    tail_zh = "；".join(["", *broken_zh])
    tail_en = "; ".join(["", *broken_en])
    return {
        "zh": f"照现行做法（就近采样、10 混 1、送最近实验室）：{usual.total_cost:,.0f} 元，{usual.staff} 人，"
        f"{usual.end_hours:.1f} 小时{tail_zh}。{share_zh}",
        "en": f"The usual rule (nearest site, ten to a tube, nearest laboratory): "
        f"{usual.total_cost:,.0f} yuan, {usual.staff} staff, {usual.end_hours:.1f} hours{tail_en}."
        f"{share_en}",
    }


def _limit_sentences(problem: TestingRoundProblem, result: RoundResult) -> list[Words]:
    said = []
    if result.staff_price > 0.5:
        said.append(
            {
                "zh": f"人员到了上限：再多 1 人约省 {result.staff_price:,.0f} 元。",
                "en": f"Staff are at their limit: one more would save about {result.staff_price:,.0f} yuan.",
            }
        )
    binding = sorted(np.flatnonzero(result.lab_price > 0.5), key=lambda lab: -result.lab_price[lab])
    said.extend(_laboratory_at_limit(problem, result, int(lab)) for lab in binding[:_LABORATORIES_NAMED])
    others = len(binding) - _LABORATORIES_NAMED
    if others > 0:
        said.append(
            {
                "zh": f"另有 {others} 个实验室到了通量上限，多测 1 管省得不比这些多。",
                "en": f"{others} more laboratories are at their limit; a tube more saves no more there.",
            }
        )
    if not said:
        said.append(
            {
                "zh": "人员和实验室都没有到上限。",
                "en": "Neither staff nor laboratories are at their limit.",
            }
        )
    return said


def _laboratory_at_limit(problem: TestingRoundProblem, result: RoundResult, lab: int) -> Words:
    code, yuan = problem.lab_code[lab], f"{result.lab_price[lab]:,.0f}"
    return {
        "zh": f"实验室 {code} 到了通量上限：每小时多测 1 管约省 {yuan} 元。",
        "en": f"Laboratory {code} is at its limit: one more tube an hour would save about {yuan} yuan.",
    }


def _too_late(problem: TestingRoundProblem) -> Words:
    """Say from which areas no tube reaches a laboratory in time, whatever else is lifted."""
    end = np.asarray(arrival_hours(problem)[1]).min(axis=1)
    timely = np.asarray(end <= problem.rules.first_deadline_hours + 1e-9)
    near = problem.walk_minutes <= problem.rules.walk_limit_minutes
    served = set(problem.walk_area[near & timely[problem.walk_site]].tolist())
    cut_off = [code for area, code in enumerate(problem.area_code) if area not in served]
    hour = problem.rules.first_deadline_hours
    return {
        "zh": f"没有可行方案：{len(cut_off)} 个片区（{'、'.join(cut_off[:5])}）走得到的采样点，"
        f"最后一批样本都不能在第 {hour:g} 小时前送到任何实验室；请增设较近的实验室、缩短采样时间或放宽时限。",
        "en": f"There is no plan: from {len(cut_off)} areas ({', '.join(cut_off[:5])}) no site in reach has "
        f"its last tubes in any laboratory by hour {hour:g}; add a nearer laboratory, shorten sampling, or "
        "lengthen the clock.",
    }


def _collision_sentences(problem: TestingRoundProblem, collision: Collision | None) -> list[Words]:
    if collision is None:
        return []
    names = [_LIMITS[name] for name in collision.limits]
    if len(names) == 1:
        said = [_too_late(problem)]
    elif names:
        least = (
            ("，少了其中任何一个限制就不冲突", "; without any one of them the others could")
            if collision.exact
            else ("（已证明）", " (proven)")
        )
        said = [
            {
                "zh": f"没有可行方案：{'、'.join(each[0] for each in names)} 不能同时满足{least[0]}。",
                "en": f"There is no plan: {', '.join(each[1] for each in names)} cannot hold together"
                f"{least[1]}.",
            }
        ]
        for more in collision.also:
            others = [_LIMITS[name] for name in more]
            said.append(
                {
                    "zh": f"即使放开上面的限制，{'、'.join(each[0] for each in others)} 也不能同时满足。",
                    "en": "Even with those lifted, "
                    f"{', '.join(each[1] for each in others)} cannot hold together.",
                }
            )
    else:
        codes = ", ".join(problem.area_code[area] for area in collision.uncovered[:8])
        said = [
            {
                "zh": f"没有可行方案：一个片区整体去一个采样点时排不下，例如 {codes}；请把大片区拆成几行。",
                "en": f"There is no plan in which every area goes whole to one site, for example {codes}; "
                "split large areas into several rows.",
            }
        ]
    bought = lacking(problem, collision)
    if bought is not None:
        zh, en = (
            ("最便宜的出路", "The cheapest way out")
            if collision.exact
            else ("找到的出路", "The way out that was found")
        )
        price = f"{collision.price:,.0f}"
        said.append(
            {
                "zh": f"{zh}（约 {price} 元）：{bought['zh']}。",
                "en": f"{en} (about {price} yuan): {bought['en']}.",
            }
        )
    return said


def lacking(problem: TestingRoundProblem, collision: Collision) -> Words | None:
    """Return what a way out buys, by language; None where there is nothing to buy."""
    parts = [_bought(problem, name, amount) for name, amount in collision.relaxation.items()]
    told = [part for part in parts if part is not None]
    if not told or collision.price <= 1e-6:
        return None
    return {"zh": "；".join(each["zh"] for each in told), "en": "; ".join(each["en"] for each in told)}


def _bought(problem: TestingRoundProblem, name: str, amount: np.ndarray[Any, Any]) -> Words | None:
    total = float(amount.sum())
    if total <= 1e-6:
        return None
    if name == "everybody":
        people = float(amount @ problem.people)
        return {
            "zh": f"{people:,.0f} 人放到下一轮",
            "en": f"leave {people:,.0f} people to a later round",
        }
    if name == "staff":
        more = int(np.ceil(total - 1e-6))
        return {"zh": f"增加采样人员 {more} 人", "en": f"{more} more staff"}
    if name == "lanes":
        more = int(np.ceil(total - 1e-6))
        return {"zh": f"增加采样台 {more} 个", "en": f"{more} more lanes"}
    kind = ("初筛", "the first round") if name == "laboratories" else ("复检", "single tests")
    parts = [(problem.lab_code[lab], amount[lab]) for lab in np.flatnonzero(amount > 1e-6)]
    return {
        "zh": "、".join(f"{code} {kind[0]}每小时多 {more:,.0f} 管" for code, more in parts),
        "en": ", ".join(f"{more:,.0f} more tubes an hour for {kind[1]} in {code}" for code, more in parts),
    }
