"""What a county is told: why a point got what it got, and why some demands cannot be met together."""

from __future__ import annotations

from math import isfinite
from typing import NamedTuple

import numpy as np

from fangxian.logistics.allocation.allocate import ItemPlan
from fangxian.logistics.allocation.collisions import Collision, Limit, Relaxation
from fangxian.logistics.allocation.explain import Reasons
from fangxian.logistics.allocation.supplies import SupplyProblem

Words = dict[str, str]

_LIMIT: dict[str, tuple[str, str]] = {
    "enough": ("预测的需求已满足", "its forecast demand is met"),
    "transport": ("全部物资的运输已到上限", "all items together travel as far as they may"),
    "least_shipment": ("余下的不足一次最小发运量", "the rest is less than the least shipment"),
    "no_stock": ("各仓库均无可用库存", "no warehouse has usable stock"),
    "out_of_reach": (
        "有货的仓库不供应这里，或路上时间超限",
        "the warehouses that hold it may not serve it or lie too many hours away",
    ),
    "vehicles": ("能到这里的仓库车辆已满", "the vehicles of the warehouses that reach it are full"),
    "reserve": (
        "能到这里的仓库只剩不得动用的储备",
        "what the warehouses that reach it still hold is reserve",
    ),
    "others_first": ("再多的应先给更紧缺的机构", "the next unit would go to a point worse off"),
    "stock": ("能到这里的库存已发完", "the stock that reaches it is used up"),
}
_OFFER: dict[str, tuple[str, str]] = {
    "vehicles": (
        "给仓库 {warehouse} 增加可运 {units} {unit} 的车辆",
        "more vehicles for {units} {unit} at {warehouse}",
    ),
    "service_area": (
        "允许仓库 {warehouse} 跨区供应 {units} {unit}",
        "let {warehouse} send {units} {unit} beyond its area",
    ),
    "time_on_road": (
        "允许从仓库 {warehouse} 超时运送 {units} {unit}",
        "let {units} {unit} travel from {warehouse} longer than the limit",
    ),
    "reserve": (
        "动用仓库 {warehouse} 的储备 {units} {unit}",
        "touch {units} {unit} of the reserve of {warehouse}",
    ),
    "demand": ("对 {point} 的保证量减少 {units} {unit}", "promise {point} {units} {unit} less"),
}


_TIERS = (("红色人群", "red"), ("黄色人群", "yellow"), ("绿色人群", "green"))


class _Amounts(NamedTuple):
    point: str
    item: str
    unit: str
    received: int
    days_before: str
    days_after: str


def point_sentence(problem: SupplyProblem, plan: ItemPlan, why: Reasons, row: int) -> Words:
    """Say why a point got what it got.

    Parameters
    ----------
    problem : SupplyProblem
    plan : ItemPlan
    why : Reasons
        Of the plan.
    row : int
        Entry of the plan's needs.

    Returns
    -------
    dict
        The sentences in ``zh`` and ``en``.
    """
    told = _Amounts(
        problem.point_code[int(plan.needs.point[row])],
        problem.items.code[plan.item],
        problem.items.unit[plan.item],
        int(plan.received[row]),
        _days(why.days_before[row]),
        _days(why.days_after[row]),
    )
    parts = [
        (int(why.promised[row]), "保证量 {0}", "{0} promised"),
        (int(why.to_floor[row]), "补到生存底线 {0}", "{0} to reach the survival floor"),
        (int(why.above_floor[row]), "减少预计短缺 {0}", "{0} against the expected shortage"),
        (int(why.rounded_up[row]), "凑足最小发运量 {0}", "{0} to make up a shipment"),
    ]
    given = [(zh.format(units), en.format(units)) for units, zh, en in parts if units]
    limit = _LIMIT[why.limit[row]]
    more = _one_more(why, row, told.unit)
    split_zh = f"（{'，'.join(zh for zh, _ in given)}）" if given else ""
    split_en = f" ({', '.join(en for _, en in given)})" if given else ""
    spared = _by_tier(why.shortage_before[row] - why.shortage_after[row])
    sent = {"zh": f"发 {told.received} {told.unit}", "en": f"{told.received} {told.unit} of {told.item}"}
    held = {
        "zh": f"够用天数由 {told.days_before} 增至 {told.days_after}",
        "en": f"days of use {told.days_before} → {told.days_after}",
    }
    if not told.received:
        sent = {"zh": "这次不发", "en": f"nothing of {told.item}"}
        held = {"zh": f"够用天数 {told.days_before}", "en": f"days of use {told.days_before}"}
    less_zh = f"，预计少缺{spared['zh']}" if spared["zh"] else ""
    less_en = f"; {spared['en']} less expected to be lacking" if spared["en"] else ""
    return {
        "zh": f"{told.point}：{told.item}{sent['zh']}{split_zh}，{held['zh']}{less_zh}。"
        f"不再多发的原因：{limit[0]}。{more['zh']}",
        "en": f"{told.point}: {sent['en']}{split_en}; {held['en']}{less_en}. Why no more: {limit[1]}. "
        f"{more['en']}",
    }


def _one_more(why: Reasons, row: int, unit: str) -> Words:
    """Say what one more unit would change, at the point and in the warehouses."""
    if why.limit[row] == "enough":
        return {
            "zh": f"再多 1 {unit}，预计也不会少缺。",
            "en": "One more unit would spare nobody anything.",
        }
    here = _by_tier(why.next_here[row])
    zh, en = f"这里若再多 1 {unit}，", "One more unit here would "
    if why.next_floor[row]:
        zh, en = zh + "更接近生存底线，", en + "bring it nearer to its survival floor and "
    zh += f"预计再少缺{here['zh'] or ' 0'}；"
    en += f"spare {here['en'] or 'nothing'}, expected; "
    if why.limit[row] == "others_first":
        to_zh, to_en = "会先发给更紧缺的机构", "would go to a point worse off"
    elif why.next_stock_floor[row] or why.next_stock[row] > 0:
        to_zh, to_en = "可以发到这里", "could come here"
    else:
        to_zh, to_en = "也不会改变分配", "would change nothing"
    gain_zh, gain_en = "", ""
    if why.next_stock[row] > 0 and not why.next_stock_floor[row]:
        worth = f"{why.next_stock[row]:.2f}"
        gain_zh = f"（按红黄绿的权重合计少缺 {worth}）"
        gain_en = f" (lessening the weighted shortage by {worth})"
    return {
        "zh": f"{zh}能到这里的仓库若再多 1 {unit}，{to_zh}{gain_zh}。",
        "en": f"{en}one more in the warehouses {to_en}{gain_en}.",
    }


def _by_tier(units: np.ndarray) -> Words:
    """Name the tiers that are spared something, with their units."""
    shown = [
        (zh, en, f"{value:.2f}".rstrip("0").rstrip("."))
        for (zh, en), value in zip(_TIERS, units.tolist(), strict=True)
        if value >= 0.005
    ]
    return {
        "zh": "、".join(f"{zh} {value}" for zh, _, value in shown),
        "en": ", ".join(f"{en} {value}" for _, en, value in shown),
    }


def _days(days: float) -> str:
    return f"{days:.1f}" if isfinite(days) else "∞"


def collision_sentence(problem: SupplyProblem, collision: Collision) -> Words:
    """Say which demands and limits collide and what the cheapest way out is.

    Parameters
    ----------
    problem : SupplyProblem
    collision : Collision

    Returns
    -------
    dict
        The sentences in ``zh`` and ``en``.
    """
    demands = [
        (
            problem.point_code[int(problem.needs.point[need])],
            int(problem.needs.guaranteed[need]),
            problem.items.code[int(problem.needs.item[need])],
        )
        for need in collision.needs
    ]
    zh = "、".join(f"{point} 须发 {units}（{item}）" for point, units, item in demands)
    en = ", ".join(f"{point} must be sent {units} of {item}" for point, units, item in demands)
    limits = [_limit(problem, limit) for limit in collision.limits]
    if limits:
        zh += "；而" + "，".join(each["zh"] for each in limits)
        en += "; but " + " and ".join(each["en"] for each in limits)
    else:
        zh += "；而没有一个能到达的仓库有可用库存"
        en += "; but no warehouse that reaches it has usable stock"
    offers = [_relaxation(problem, collision, offer) for offer in collision.relaxations]
    return {
        "zh": f"{zh}：差 {collision.shortfall}。代价最小的办法：{'；'.join(each['zh'] for each in offers)}。",
        "en": f"{en}: {collision.shortfall} short. The cheapest way out: "
        f"{'; '.join(each['en'] for each in offers)}.",
    }


def _limit(problem: SupplyProblem, limit: Limit) -> Words:
    name = problem.warehouses.code[limit.warehouse]
    if limit.kind == "vehicles":
        sort_zh, sort_en = ("冷藏车", "cold vehicles") if limit.cold else ("车辆", "vehicles")
        return {
            "zh": f"仓库 {name} 的{sort_zh}只能运 {limit.amount:g} 升",
            "en": f"the {sort_en} of {name} carry only {limit.amount:g} litres",
        }
    item = problem.items.code[limit.item]
    kept_zh = f"（另有储备 {limit.reserve} 不得动用）" if limit.reserve else ""
    kept_en = f" (besides a reserve of {limit.reserve})" if limit.reserve else ""
    return {
        "zh": f"仓库 {name} 只有可用 {item} {limit.amount:g}{kept_zh}",
        "en": f"{name} has only {limit.amount:g} of {item}{kept_en}",
    }


def _relaxation(problem: SupplyProblem, collision: Collision, offer: Relaxation) -> Words:
    need = offer.need if offer.need >= 0 else collision.needs[0]
    values = {
        "warehouse": problem.warehouses.code[offer.warehouse] if offer.warehouse >= 0 else "",
        "point": problem.point_code[int(problem.needs.point[need])],
        "units": offer.units,
        "unit": problem.items.unit[int(problem.needs.item[need])],
    }
    zh, en = _OFFER[offer.kind]
    return {"zh": zh.format(**values), "en": en.format(**values)}
