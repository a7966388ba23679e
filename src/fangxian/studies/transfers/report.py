"""What a plan of transfers comes to, as a document for programs and as tables for people."""

from __future__ import annotations

import math
from typing import Any

from fangxian.logistics.routing.explain import LeftBehind
from fangxian.logistics.routing.first_come import FirstCome
from fangxian.logistics.routing.search import TransferResult
from fangxian.studies.transfers.sentences import headline, left_sentence, today_sentence
from fangxian.studies.transfers.tables import TransferCase

Row = dict[str, Any]


def transfer_document(
    case: TransferCase, plan: TransferResult, left: tuple[LeftBehind, ...], today: FirstCome | None
) -> dict[str, Any]:
    """Return the published summary; docs/reference/transfer.md explains each key.

    Parameters
    ----------
    case : TransferCase
    plan : TransferResult
    left : tuple of LeftBehind
    today : FirstCome or None
        What dispatching by call would come to; None in the middle of a day.
    """
    behind = [_left_row(case, each) for each in left]
    return {
        "schema": 1,
        "requests": len(case.requests),
        "served": len(case.requests) - len(plan.left_behind),
        "vehicles_used": sum(bool(each.visits) for each in plan.rounds),
        "metres": plan.metres,
        "cost_m": plan.cost_m,
        "left_weight": plan.left_weight,
        "bound": {
            "left_weight": plan.bound.left_weight,
            "cost_m": plan.bound.cost_m,
            "method": plan.bound.method,
        },
        "gap": round(plan.gap, 6) if math.isfinite(plan.gap) else None,
        "attempts": plan.attempts,
        "today": None if today is None else _today_row(case, today),
        "left_behind": behind,
        "rounds": _round_rows(case, plan),
        "sentences": [
            headline(case, plan),
            *([] if today is None else [today_sentence(case, plan, today)]),
            *({"zh": each["zh"], "en": each["en"]} for each in behind),
        ],
    }


def _today_row(case: TransferCase, today: FirstCome) -> Row:
    """Return what dispatching by call comes to."""
    return {
        "served": len(case.requests) - len(today.left_behind),
        "left_weight": today.left_weight,
        "vehicles_used": sum(bool(each.visits) for each in today.rounds),
        "metres": today.metres,
    }


def left_rows(document: dict[str, Any]) -> list[Row]:
    """Return the requests left behind as rows of a table, without the nested reliefs."""
    return [{key: value for key, value in row.items() if key != "reliefs"} for row in document["left_behind"]]


def _left_row(case: TransferCase, left: LeftBehind) -> Row:
    """Return one request left behind, with its reason."""
    return {
        "request": case.requests[left.request],
        "limits": ";".join(left.alone),
        "in_the_way": ";".join(case.requests[each] for each in left.in_the_way),
        "reliefs": [
            {
                "kind": each.kind,
                "amount": case.requests[each.amount] if each.kind == "instead" else each.amount,
                "vehicle": case.vehicles[each.vehicle],
                "added_m": each.added_m,
            }
            for each in left.reliefs
        ],
        **left_sentence(case, left),
    }


def _round_rows(case: TransferCase, plan: TransferResult) -> list[Row]:
    """Return a row a visit, in the order driven."""
    return [
        {
            "vehicle": case.vehicles[each.vehicle],
            "order": order + 1,
            "request": case.requests[visit.request],
            "action": "pickup" if visit.picks_up else "delivery",
            "place": case.places[visit.place],
            "leg_km": round(visit.leg_m / 1000, 3),
            "cleaning_minutes": round(visit.cleaning_s / 60, 2),
            "arrive": case.clock(visit.arrive_s),
            "begin": case.clock(visit.begin_s),
            "leave": case.clock(visit.leave_s),
            "aboard": visit.aboard,
        }
        for each in plan.rounds
        for order, visit in enumerate(each.visits)
    ]
