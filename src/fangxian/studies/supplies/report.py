"""What a plan comes to: per item the objectives with their bounds, and for every point its reasons."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from fangxian.logistics.allocation.allocate import Allocation, ItemPlan, unfilled_guarantees
from fangxian.logistics.allocation.explain import reasons
from fangxian.logistics.allocation.stocks import usable
from fangxian.logistics.allocation.supplies import TIERS
from fangxian.logistics.allocation.worth import Worth, filled_by, gaps
from fangxian.studies.supplies.problem import SupplyCase
from fangxian.studies.supplies.sentences import collision_sentence, point_sentence


def summary(case: SupplyCase, found: Allocation) -> dict[str, Any]:
    """Return the published summary of a plan; docs/reference/allocate.md explains each key.

    Parameters
    ----------
    case : SupplyCase
    found : Allocation

    Returns
    -------
    dict
    """
    items = [_item(case, plan) for plan in found.plans]
    collisions = [
        {
            "demands": [_demand(case, need) for need in collision.needs],
            "shortfall": collision.shortfall,
            "relaxations": [
                {"kind": offer.kind, "units": offer.units, "cost": offer.cost}
                for offer in collision.relaxations
            ],
            "words": collision_sentence(case.problem, collision),
        }
        for collision in found.collisions
    ]
    gap = max((gap for item in items for gap in item["gap"].values()), default=None)
    made: dict[str, Any] = {
        "schema": 1,
        "date": case.today.isoformat(),
        "note": case.note,
        "possible": not collisions,
        "stopped_early": found.stopped_early,
        "gap": gap,
        "items": items,
        "collisions": collisions,
    }
    return made | {"words": _headline(made)}


def _item(case: SupplyCase, plan: ItemPlan) -> dict[str, Any]:
    problem = case.problem
    usable_units = int(usable(problem, plan.item).sum())
    filled = filled_by(plan.ladder, plan.needs, plan.received)
    litres = float(problem.items.litres[plan.item])
    return {
        "item": problem.items.code[plan.item],
        "unit": problem.items.unit[plan.item],
        "usable": usable_units,
        "reserve": int(problem.reserve[:, plan.item].sum()),
        "sent": int(plan.received.sum()),
        "points": int(plan.needs.need.shape[0]),
        "points_served": int((plan.received > 0).sum()),
        "promised_not_sent": unfilled_guarantees(plan.ladder, filled),
        "plan": _worth(plan.worth, litres),
        "bound": _worth(plan.bound, litres),
        "bounds_hold_for": "plans with the same amounts" if plan.same_amounts else "all plans",
        "gap": gaps(plan.worth, plan.bound, max(usable_units, 1)),
    }


def _worth(worth: Worth, litres: float) -> dict[str, Any]:
    return {
        "lowest_floor_share": round(worth.lowest_share, 6),
        "floor_units": int(worth.steps.sum()),
        "expected_shortage": {
            tier: round(float(value), 4) for tier, value in zip(TIERS, worth.shortage, strict=True)
        },
        "weighted_shortage": round(worth.weighted_shortage, 4),
        "expected_to_expire": round(worth.lost, 3),
        "litre_km": round(worth.hectometres * litres / 10, 1),
    }


def _demand(case: SupplyCase, need: int) -> dict[str, Any]:
    lists = case.problem.needs
    return {
        "point": case.problem.point_code[int(lists.point[need])],
        "item": case.problem.items.code[int(lists.item[need])],
        "guaranteed": int(lists.guaranteed[need]),
    }


def _headline(made: dict[str, Any]) -> dict[str, str]:
    note_zh, note_en = (f"【{made['note']}】", f"[{made['note']}] ") if made["note"] else ("", "")
    if not made["possible"]:
        count = len(made["collisions"])
        return {
            "zh": f"{note_zh}保证量不能同时满足：{count} 处冲突。",
            "en": f"{note_en}What is promised cannot all be sent: {count} collisions.",
        }
    sent = sum(item["sent"] for item in made["items"])
    red = sum(item["plan"]["expected_shortage"]["red"] for item in made["items"])
    gap = f"{made['gap'] or 0:.3%}"
    return {
        "zh": f"{note_zh}{len(made['items'])} 种物资共发 {sent}；红色人群预计缺 {red:.1f}；"
        f"与最优的差距不超过 {gap}。",
        "en": f"{note_en}{sent} units of {len(made['items'])} items are sent; the red tier is expected "
        f"to lack {red:.1f}; at most {gap} from the optimum.",
    }


def explanations(case: SupplyCase, plan: ItemPlan) -> Iterator[dict[str, Any]]:
    """Return why each point got what it got of one item.

    Parameters
    ----------
    case : SupplyCase
    plan : ItemPlan

    Yields
    ------
    dict
        Columns of ``explanations.csv``.
    """
    problem, why = case.problem, reasons(case.problem, plan)
    warehouses = _sources(case, plan)
    for row, need in enumerate(plan.needs.need.tolist()):
        point = int(plan.needs.point[row])
        told = point_sentence(problem, plan, why, row)
        yield {
            "point": problem.point_code[point],
            "kind": case.kind[point],
            "item": problem.items.code[plan.item],
            "unit": problem.items.unit[plan.item],
            "on_hand": int(problem.needs.on_hand[need]),
            "coming": int(problem.needs.coming[need]),
            "received": int(plan.received[row]),
            "promised": int(why.promised[row]),
            "to_floor": int(why.to_floor[row]),
            "above_floor": int(why.above_floor[row]),
            "rounded_up": int(why.rounded_up[row]),
            "from": " ".join(warehouses.get(row, ())),
            "floor": int(plan.needs.floor[row]),
            "floor_share_before": round(float(why.floor_before[row]), 4),
            "floor_share_after": round(float(why.floor_after[row]), 4),
            **_by_tier("shortage_before", why.shortage_before[row]),
            **_by_tier("shortage_after", why.shortage_after[row]),
            "limit": why.limit[row],
            **_by_tier("one_more_here", why.next_here[row]),
            "one_more_here_floor": bool(why.next_floor[row]),
            "one_more_in_stock": round(float(why.next_stock[row]), 4),
            "one_more_in_stock_floor": bool(why.next_stock_floor[row]),
            "words_zh": told["zh"],
            "words_en": told["en"],
        }


def _by_tier(name: str, values: np.ndarray) -> dict[str, float]:
    return {f"{name}_{tier}": round(float(value), 4) for tier, value in zip(TIERS, values, strict=True)}


def _sources(case: SupplyCase, plan: ItemPlan) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    pairs = np.unique(
        np.stack([plan.shipping.need, plan.stocks.warehouse[plan.shipping.row]], axis=1), axis=0
    )
    for need, warehouse in pairs.tolist():
        found.setdefault(need, []).append(case.problem.warehouses.code[warehouse])
    return found
