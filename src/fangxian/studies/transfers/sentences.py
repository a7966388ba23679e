"""What the plan says to a county, in Chinese and English."""

from __future__ import annotations

import math

from fangxian.logistics.routing.explain import LeftBehind, Relief
from fangxian.logistics.routing.first_come import FirstCome
from fangxian.logistics.routing.search import TransferResult
from fangxian.studies.transfers.tables import TransferCase

Words = dict[str, str]

_LIMIT = {
    "pickup deadline": ("最晚接走时间", "the latest pickup"),
    "delivery deadline": ("最晚送达时间", "the latest arrival"),
    "crew hours": ("班组工时", "the crews' hours"),
    "seats": ("座位数", "the seats"),
    "vehicle kind": ("车辆条件或类别", "the kind of vehicle"),
}
_BOUND = {
    "successors": (
        "下界：每一站之后接哪一站的最省配对",
        "bound: the cheapest matching of each stop with the one that follows it",
    ),
    "rounds": (
        "下界：按座位数组成的整趟线路的线性规划",
        "bound: the linear programme over whole rounds within the seats",
    ),
    "loads": (
        "各站按车上人数的最省走法，不要求同一辆车接送同一人",
        "the cheapest flow over stops and how many are aboard, whoever fetches and brings whom",
    ),
}


def headline(case: TransferCase, plan: TransferResult) -> Words:
    """Return the plan in one sentence."""
    used = sum(bool(each.visits) for each in plan.rounds)
    served = len(case.requests) - len(plan.left_behind)
    km = plan.metres / 1000
    chinese, english = _BOUND[plan.bound.method]
    proven = {
        "zh": f"里程至多还能节省 {plan.gap * 100:.1f} %（{chinese}）",
        "en": f"at most {plan.gap * 100:.1f} % of it could be saved ({english})",
    }
    if not math.isfinite(plan.gap):
        more = plan.left_weight - plan.bound.left_weight
        proven = {
            "zh": f"未安排的需求中，权重 {more} 的部分是否不可避免尚未证明（{chinese}）",
            "en": f"weight left behind is {more} more than is proven unavoidable ({english})",
        }
    return {
        "zh": f"{len(case.requests)} 个转运需求中安排 {served} 个，用车 {used} 辆，共 {km:.1f} 公里；"
        f"{proven['zh']}。",
        "en": f"{served} of {len(case.requests)} transfers are planned, with {used} vehicles and {km:.1f} "
        f"km; {proven['en']}.",
    }


def today_sentence(case: TransferCase, plan: TransferResult, today: FirstCome) -> Words:
    """Return what dispatching by call would come to, beside the plan."""
    served, more = len(case.requests) - len(today.left_behind), len(today.left_behind) - len(plan.left_behind)
    used, km = sum(bool(each.visits) for each in today.rounds), today.metres / 1000
    return {
        "zh": f"若逐个派车（先准备好的先派，派最早能到的车，不顺路接人）：可安排 {served} 个"
        f"（本方案多 {more} 个），用车 {used} 辆，共 {km:.1f} 公里。",
        "en": f"Dispatched one by one (first ready, first served by the vehicle there soonest, nobody "
        f"fetched on the way): {served} ({more} more in this plan), with {used} vehicles and {km:.1f} km.",
    }


def left_sentence(case: TransferCase, left: LeftBehind) -> Words:
    """Return why somebody has no vehicle, and what would help."""
    name = case.requests[left.request]
    if left.alone == ("vehicle kind",):
        return _no_such_vehicle(case, left)
    if left.alone:
        chinese = "、".join(_LIMIT[each][0] for each in left.alone)
        english = " and ".join(_LIMIT[each][1] for each in left.alone)
        misses = [_miss(limit, amount) for limit, amount in left.short.items()]
        best = {"zh": "、".join(each[0] for each in misses), "en": ", ".join(each[1] for each in misses)}
        return {
            "zh": f"{name}：即使全部车辆只为其服务也无法满足{chinese}；最接近的一辆差 {best['zh']}。",
            "en": f"{name}: even with the whole fleet to itself, {english} cannot be kept; the nearest "
            f"vehicle misses by {best['en']}.",
        }
    others = ", ".join(case.requests[each] for each in left.in_the_way[:5])
    helps = [_relief(case, each) for each in left.reliefs]
    blocked = (f"（与 {others} 冲突）", f" (in the way: {others})") if others else ("", "")
    return {
        "zh": f"{name}：车辆已排满{blocked[0]}。可行的办法：{'；'.join(each[0] for each in helps)}。",
        "en": f"{name}: the vehicles are taken{blocked[1]}. What would help: "
        f"{'; '.join(each[1] for each in helps)}.",
    }


def _no_such_vehicle(case: TransferCase, left: LeftBehind) -> Words:
    """Say what the vehicles lack: what the request needs and the category that they may carry."""
    category = case.categories[int(case.problem.requests.category[left.request])]
    needs = case.needs[left.request]
    words = {"zh": f"可运“{category}”", "en": f"may carry '{category}'"}
    if needs:
        words["zh"] += f"且具备{'、'.join(needs)}"
        words["en"] += f" and has {', '.join(needs)}"
    name = case.requests[left.request]
    return {
        "zh": f"{name}：没有一辆{words['zh']}的车；请增派这样的车。",
        "en": f"{name}: no vehicle {words['en']}; send one that does.",
    }


def _miss(limit: str, amount: int) -> tuple[str, str]:
    if limit == "vehicle kind":
        return "车辆条件", "the kind of vehicle"
    if limit == "seats":
        return f"{amount} 个座位", f"{amount} seats"
    return f"{-(-amount // 60)} 分钟", f"{-(-amount // 60)} min"


def _relief(case: TransferCase, relief: Relief) -> tuple[str, str]:
    vehicle, km = case.vehicles[relief.vehicle], relief.added_m / 1000
    minutes = relief.amount // 60
    if relief.kind == "later":
        return (
            f"时限放宽 {minutes} 分钟，由 {vehicle} 多行 {km:.1f} 公里",
            f"{minutes} min more time, {vehicle} drives {km:.1f} km more",
        )
    if relief.kind == "overtime":
        return (
            f"{vehicle} 加班 {minutes} 分钟，多行 {km:.1f} 公里",
            f"{minutes} min of overtime for {vehicle}, {km:.1f} km more",
        )
    if relief.kind == "vehicle":
        return (
            f"增加一辆与 {vehicle} 相同的车，行 {km:.1f} 公里",
            f"one more vehicle like {vehicle}, {km:.1f} km",
        )
    other = case.requests[relief.amount]
    return f"改为不接 {other}", f"leaving {other} instead"
