"""A planned round as rows for tables and as one document for programs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from fangxian.logistics.testing_round.intervals import RoundForecast
from fangxian.logistics.testing_round.plan import RoundPlan
from fangxian.logistics.testing_round.problem import TestingRoundProblem
from fangxian.logistics.testing_round.schemes import ARRAY, TUBES, SchemeChoice
from fangxian.logistics.testing_round.solve import RoundResult
from fangxian.studies.testing_round.words import round_sentences

Row = dict[str, Any]


def assignment_rows(problem: TestingRoundProblem, result: RoundResult) -> list[Row]:
    """Return who walks where, how many share a tube, and why it is not the nearest site.

    Parameters
    ----------
    problem : TestingRoundProblem
        What is where.
    result : RoundResult
        With a plan.

    Returns
    -------
    list of dict
        ``area, site, walk_minutes, people, scheme, pools, expected_tests, reason_zh, reason_en``.
    """
    plan = result.plan
    if plan is None:
        return []
    nearest = _nearest_sites(problem)
    rows = []
    for walk, scheme in np.argwhere(plan.share > 0).tolist():
        area, site = int(problem.walk_area[walk]), int(problem.walk_site[walk])
        share = float(plan.share[walk, scheme])
        tests = result.choice.tubes[area, scheme] + result.choice.retests[area, scheme]
        chinese, english = _reason(problem, plan, nearest[area], site)
        rows.append(
            {
                "area": problem.area_code[area],
                "site": problem.site_code[site],
                "walk_minutes": round(float(problem.walk_minutes[walk]), 1),
                "people": round(float(problem.people[area]) * share, 1),
                "scheme": scheme_name(result.choice, scheme),
                "pools": _pools(problem, result.choice, area, scheme),
                "expected_tests": round(float(tests) * share, 1),
                "reason_zh": chinese,
                "reason_en": english,
            }
        )
    return sorted(rows, key=lambda row: (row["area"], row["site"], row["scheme"]))


def scheme_name(choice: SchemeChoice, scheme: int) -> str:
    """Return ``single``, ``tubes``, ``array`` or ``by-risk``."""
    kind = choice.kind[scheme]
    return "single" if kind == TUBES and choice.sizes[scheme] == 1 else kind


def _pools(problem: TestingRoundProblem, choice: SchemeChoice, area: int, scheme: int) -> str:
    """Return specimens in a tube, side x side of an array, or the tubes of each group, the rest last."""
    if choice.kind[scheme] == ARRAY:
        return f"{choice.sizes[scheme]}x{choice.sizes[scheme]}"
    parts = choice.parts(problem, area, scheme)
    if len(parts) == 1:
        return str(parts[0].size)
    return ";".join(f"{part.name or 'others'}:{part.size}" for part in parts)


def _nearest_sites(problem: TestingRoundProblem) -> dict[int, int]:
    order = np.lexsort((problem.walk_site, problem.walk_minutes, problem.walk_area))
    first = order[np.unique(problem.walk_area[order], return_index=True)[1]]
    return dict(zip(problem.walk_area[first].tolist(), problem.walk_site[first].tolist(), strict=True))


def _reason(problem: TestingRoundProblem, plan: RoundPlan, nearest: int, site: int) -> tuple[str, str]:
    if nearest == site:
        return "最近的采样点", "the nearest site"
    code = problem.site_code[nearest]
    if plan.lab[nearest] < 0:
        return f"最近的 {code} 不开：并到这里更省", f"{code} is nearer but stays closed: together is cheaper"
    return (
        f"最近的 {code} 台位用满或实验室不同",
        f"{code} is nearer but its lanes are full, or its tubes go elsewhere",
    )


def site_rows(problem: TestingRoundProblem, result: RoundResult) -> list[Row]:
    """Return what each open site needs: ``site, lanes, staff, people, laboratory, drive_minutes``."""
    plan, made = result.plan, result.account
    if plan is None or made is None:
        return []
    rules = problem.rules
    return [
        {
            "site": problem.site_code[site],
            "lanes": int(plan.lanes[site]),
            "staff": int(plan.lanes[site] * rules.lane_staff + rules.site_staff),
            "people": round(float(made.site_people[site]), 1),
            "laboratory": problem.lab_code[plan.lab[site]],
            "drive_minutes": round(60 * float(problem.drive_hours[site, plan.lab[site]]), 1),
        }
        for site in np.flatnonzero(plan.lab >= 0)
    ]


def laboratory_rows(problem: TestingRoundProblem, result: RoundResult) -> list[Row]:
    """Return loads and ends of each laboratory, and what one more tube an hour would save."""
    made = result.account
    if made is None:
        return []
    return [
        {
            "laboratory": code,
            "tubes": round(float(made.lab_tubes[lab]), 1),
            "single_tests": round(float(made.lab_retests[lab]), 1),
            "first_round_end_hours": round(float(made.lab_first_hours[lab]), 2),
            "end_hours": round(float(made.lab_end_hours[lab]), 2),
            "one_more_tube_an_hour_saves_yuan": round(float(result.lab_price[lab]), 2),
        }
        for lab, code in enumerate(problem.lab_code)
    ]


def round_document(
    problem: TestingRoundProblem, result: RoundResult, forecast: RoundForecast | None
) -> dict[str, Any]:
    """Return the whole outcome as plain values for JSON; what is not there is null."""
    made, usual = result.account, result.today_account
    document: dict[str, Any] = {
        "status": result.status,
        "sentences": round_sentences(problem, result, forecast),
        "cost_yuan": None if made is None else made.cost | {"total": made.total_cost},
        "bound_yuan": None if made is None else result.bound,
        "gap": None if made is None else result.gap,
        "staff": None if made is None else made.staff,
        "end_hours": None if made is None else made.end_hours,
        "expected_cases": usual.cases,
        "expected_found": None if made is None else made.found,
        "forecast": None if forecast is None else asdict(forecast),
        "today": {
            "cost_yuan": usual.cost | {"total": usual.total_cost},
            "staff": usual.staff,
            "end_hours": usual.end_hours,
            "expected_found": usual.found,
            "unserved": usual.unserved,
        },
        "sites": site_rows(problem, result),
        "laboratories": laboratory_rows(problem, result),
    }
    if result.collision is not None:
        document["collision"] = {
            "limits": result.collision.limits,
            "also": result.collision.also,
            "price_yuan": result.collision.price,
            "relaxation": {name: amount.tolist() for name, amount in result.collision.relaxation.items()},
        }
    return document
