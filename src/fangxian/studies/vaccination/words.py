"""A campaign in words and as rows, in Chinese and English."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fangxian.logistics.vaccination.problem import HOMEBOUND, MOBILITY, SessionProblem
from fangxian.logistics.vaccination.solve import SessionPlan, SessionResult, sessions_of_today, worth

Row = dict[str, Any]


def campaign_sentences(
    problem: SessionProblem, result: SessionResult, today: SessionPlan
) -> list[dict[str, str]]:
    """Return who is reached, what no plan could exceed, the rule of today, and what limits it.

    Parameters
    ----------
    problem : SessionProblem
        What there is.
    result : SessionResult
        The plan.
    today : SessionPlan
        The plan of the usual rule.

    Returns
    -------
    list of dict
        Sentences by language.
    """
    plan = result.plan
    done, wanted = plan.vaccinated.sum(axis=0), problem.people.sum(axis=0)
    usual_value, usual_cost = worth(problem, today)
    usual = today.vaccinated.sum(axis=0)
    home = f"{done[HOMEBOUND]:,.0f}/{wanted[HOMEBOUND]:,}"
    said = [
        {
            "zh": f"接种 {done.sum():,.0f} / {wanted.sum():,} 人：固定点 {plan.at_site.sum():,.0f}，"
            f"{plan.sessions.sum()} 个半天下村接种 {plan.at_session.sum():,.0f}，"
            f"{plan.rounds.sum()} 个半天上门 {plan.at_home.sum():,.0f}（不能出门者 {home}）；"
            f"费用 {result.cost:,.0f} 元。",
            "en": f"Vaccinate {done.sum():,.0f} of {wanted.sum():,}: {plan.at_site.sum():,.0f} at sites, "
            f"{plan.at_session.sum():,.0f} in {plan.sessions.sum()} half days in villages, "
            f"{plan.at_home.sum():,.0f} in {plan.rounds.sum()} half days of home visits (homebound {home}); "
            f"{result.cost:,.0f} yuan.",
        },
        {
            "zh": f"按重要性加权 {result.value:,.0f}，"
            f"证明不可能超过 {result.bound:,.0f}（差距 {result.gap:.2%}）。",
            "en": f"Weighted by importance {result.value:,.0f}, proven to be at most {result.bound:,.0f} "
            f"(gap {result.gap:.2%}).",
        },
        {
            "zh": f"照现行做法（先大村、不上门）接种 {usual.sum():,.0f} 人，加权 {usual_value:,.0f}，"
            f"费用 {usual_cost:,.0f} 元。",
            "en": f"The usual rule (large villages first, no home visits) vaccinates {usual.sum():,.0f}, "
            f"weighted {usual_value:,.0f}, for {usual_cost:,.0f} yuan.",
        },
    ]
    if result.dose_price > 1e-6:
        said.append(
            {
                "zh": f"疫苗到了上限：多 1 剂约多接种 {result.dose_price:.2f}（加权）。",
                "en": f"Doses are at their limit: one more adds about {result.dose_price:.2f} (weighted).",
            }
        )
    tight = np.flatnonzero(result.team_price > 1e-6)
    if tight.size:
        worst = int(np.argmax(result.team_price))
        said.append(
            {
                "zh": f"{tight.size} 个基地的队伍到了上限；{problem.base_code[worst]} 多一个队半天约多接种 "
                f"{result.team_price[worst]:.1f}（加权）。",
                "en": f"Teams of {tight.size} bases are at their limit; one more half day at "
                f"{problem.base_code[worst]} adds about {result.team_price[worst]:.1f} (weighted).",
            }
        )
    return said


def village_rows(problem: SessionProblem, result: SessionResult) -> list[Row]:
    """Return for each village who is reached how, who is left, and why."""
    plan, done = result.plan, result.plan.vaccinated
    ways, tight = _ways(problem), result.team_price > 1e-6
    rows: list[Row] = []
    for village, code in enumerate(problem.village_code):
        left = problem.people[village] - done[village]
        bases = problem.in_reach()[village]
        teams_free = bool(bases.any() and not (bases & tight).any())
        chinese, english = _why(
            left,
            ways[village],
            due=bool(problem.due()[village] <= problem.rules.half_days),
            doses_lack=result.dose_price > 1e-6
            and (teams_free or result.dose_price >= problem.weight[village] - 1e-6),
        )
        row: Row = {
            "village": code,
            "due_half_day": int(problem.due()[village]),
            "at_site": int(plan.at_site[village].sum()),
            "at_session": int(plan.at_session[village].sum()),
            "at_home": int(plan.at_home[village]),
        }
        row |= {f"left_{name.replace('-', '_')}": int(left[kind]) for kind, name in enumerate(MOBILITY)}
        rows.append(row | {"reason_zh": chinese, "reason_en": english})
    return rows


def _ways(problem: SessionProblem) -> NDArray[np.bool_]:
    """Return bool[V, 3]: whether there is any way to a dose, by mobility."""
    walks = (problem.walk_minutes <= problem.rules.reach_minutes) & (problem.site_doses > 0)
    session = ((problem.session_doses() > 0) & (problem.teams > 0)).any(axis=1)
    visit = ((problem.round_visits() > 0) & (problem.teams > 0)).any(axis=1)
    return np.stack([walks.any(axis=1) | session, session, visit], axis=1)


_MOBILITY_WORDS = (
    ("能走的", "those who walk"),
    ("要接送的", "those who need a lift"),
    ("不出门的", "the homebound"),
)


def _why(
    left: NDArray[np.float64], ways: NDArray[np.bool_], *, due: bool, doses_lack: bool
) -> tuple[str, str]:
    """Say why people are left: first whom nothing can reach, then what the others lack."""
    if left.sum() <= 0:
        return "全部接种", "all vaccinated"
    if not due:
        return "本期结束后才到期", "due only after the campaign"
    reasons = []
    cut_off = np.flatnonzero((left > 0) & ~ways)
    if cut_off.size:
        who = (
            "、".join(_MOBILITY_WORDS[k][0] for k in cut_off),
            " and ".join(_MOBILITY_WORDS[k][1] for k in cut_off),
        )
        reasons.append(
            (
                f"{who[0]}够不着：固定点太远，没有队伍半天内到得了",
                f"{who[1]}: no site in reach and no team gets there in half a day",
            )
        )
    if (left[ways] > 0).any():
        reasons.append(
            ("疫苗不够，先给更要紧的村", "doses go to villages of more weight")
            if doses_lack
            else (
                "队伍时间不够，半天在别村接种更多",
                "teams reach more people elsewhere in the same half day",
            )
        )
    return "；".join(each[0] for each in reasons), "; ".join(each[1] for each in reasons)


def schedule_rows(problem: SessionProblem, result: SessionResult) -> list[Row]:
    """Return ``base, team, half_day, village, kind``: every half day of a team.

    Of the villages that are due, the heaviest come first, and no team is idle while one is due: so every call
    finds its half day.
    """
    due, rows = problem.due(), list[Row]()
    for base, code in enumerate(problem.base_code):
        calls = [
            (-problem.weight[village], village, kind)
            for kind, table in (("session", result.plan.sessions), ("home", result.plan.rounds))
            for village in np.flatnonzero(table[:, base]).tolist()
            for _ in range(table[village, base])
        ]
        calls.sort()
        half_day = 0
        while calls:
            half_day += 1
            turn = [call for call in calls if due[call[1]] <= half_day][: int(problem.teams[base])]
            for team, call in enumerate(turn):
                calls.remove(call)
                village = problem.village_code[call[1]]
                rows.append(
                    {
                        "base": code,
                        "team": 1 + team,
                        "half_day": half_day,
                        "village": village,
                        "kind": call[2],
                    }
                )
    return rows


def second_dose_rows(problem: SessionProblem, result: SessionResult) -> list[Row]:
    """Return ``village, first_doses, due_half_day``: from when on each village's second doses may be given.

    Half days go on counting after the campaign. Who goes to a site is taken to go on its last half day.
    """
    interval = problem.rules.second_dose_after_half_days
    if interval == 0:
        return []
    last = dict.fromkeys(problem.village_code, 0)
    for row in schedule_rows(problem, result):
        last[row["village"]] = max(last[row["village"]], int(row["half_day"]))
    done, at_site = result.plan.vaccinated.sum(axis=1), result.plan.at_site.sum(axis=1)
    return [
        {
            "village": code,
            "first_doses": int(done[village]),
            "due_half_day": interval + (problem.rules.half_days if at_site[village] else last[code]),
        }
        for village, code in enumerate(problem.village_code)
        if done[village] > 0
    ]


def campaign_document(problem: SessionProblem, result: SessionResult) -> dict[str, Any]:
    """Return the whole outcome as plain values for JSON."""
    usual = sessions_of_today(problem)
    usual_value, usual_cost = worth(problem, usual)
    done, wanted = result.plan.vaccinated.sum(axis=0), problem.people.sum(axis=0)
    return {
        "status": result.status,
        "sentences": campaign_sentences(problem, result, usual),
        "vaccinated": dict(zip(MOBILITY, done.tolist(), strict=True)),
        "wanted": dict(zip(MOBILITY, wanted.tolist(), strict=True)),
        "weighted": result.value,
        "weighted_at_most": result.bound,
        "gap": result.gap,
        "cost_yuan": result.cost,
        "one_more_dose_adds": result.dose_price,
        "today": {
            "vaccinated": dict(zip(MOBILITY, usual.vaccinated.sum(axis=0).tolist(), strict=True)),
            "weighted": usual_value,
            "cost_yuan": usual_cost,
        },
    }
