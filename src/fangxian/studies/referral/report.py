"""What a morning comes to: a document for programs, a row and a sentence for each patient."""

from __future__ import annotations

from typing import Any

import numpy as np

from fangxian.logistics.assignment.assign import WAITS, BedPlan
from fangxian.logistics.assignment.explain import Reason, explain_beds
from fangxian.logistics.assignment.online import beds_left
from fangxian.studies.referral.tables import ReferralCase

Row = dict[str, Any]
Words = tuple[str, str]

_LIMIT: dict[str, Words] = {
    "level": ("医院级别不够", "the level of the hospital is too low"),
    "zone": ("没有相应分区", "there is no such zone"),
    "no bed today": ("今日没有床位", "no bed opens today"),
    "kept for tomorrow": ("床位留给明日重症", "beds are kept for tomorrow's severe"),
    "worse than waiting": ("途中风险大于等待", "the way is riskier than waiting"),
}


def referral_document(case: ReferralCase, plan: BedPlan) -> dict[str, Any]:
    """Return the published summary; docs/reference/beds.md explains each key.

    Parameters
    ----------
    case : ReferralCase
    plan : BedPlan
    """
    reasons = explain_beds(case.problem, plan)
    rows = [_row(case, plan, reason) for reason in reasons]
    waiting = sum(row["verdict"] == "waits" for row in rows)
    aims = {
        aim.name.replace(" ", "_"): {
            "value": round(aim.value, 6),
            "bound": round(aim.bound, 6),
            "gap": round(aim.gap, 9),
        }
        for aim in plan.aims
    }
    severe_hours, worse, km = (aim.value for aim in plan.aims)
    proof_zh, proof_en = _proof(plan)
    headline = {
        "zh": f"{len(rows)} 名患者：安排床位 {len(rows) - waiting - int(plan.stays.sum())} 名，原院留治 "
        f"{int(plan.stays.sum())} 名，今日无床 {waiting} 名。重症等待共 {severe_hours:.1f} 小时，预计 "
        f"{worse:.1f} 名在等待中加重，路程折合 {km:.0f} 公里；{proof_zh}。",
        "en": f"{len(rows)} patients: {len(rows) - waiting - int(plan.stays.sum())} have a bed, "
        f"{int(plan.stays.sum())} stay where they are, {waiting} find none today. The severe wait "
        f"{severe_hours:.1f} hours together, {worse:.1f} are expected to get worse, and the ways count for "
        f"{km:.0f} km; {proof_en}.",
    }
    return {
        "schema": 1,
        "patients": len(rows),
        "stay": int(plan.stays.sum()),
        "waiting": waiting,
        "aims": aims,
        "placements": rows,
        "beds": bed_rows(case, plan),
        "sentences": [headline, *({"zh": row["zh"], "en": row["en"]} for row in rows)],
    }


def _proof(plan: BedPlan) -> Words:
    """Say which aims are proven, and how far the others may be from the best."""
    open_ = [(name, aim.gap) for name, aim in zip(_AIM_WORDS, plan.aims, strict=True) if aim.gap > 0]
    if not open_:
        return "三项均已证明最优", "each proven best"
    return (
        "时间到，未证明最优：" + "，".join(f"{name[0]}最多可再减少 {gap:.1%}" for name, gap in open_),
        "time ran out, not proven best: "
        + ", ".join(f"{name[1]} could be less by {gap:.1%} at most" for name, gap in open_),
    )


_AIM_WORDS = (("重症等待", "the severe wait"), ("加重", "getting worse"), ("路程", "the ways"))


def bed_rows(case: ReferralCase, plan: BedPlan) -> list[Row]:
    """Return what is left of each pool, and what one more bed there would save."""
    opening, left = case.problem.openings, beds_left(case.problem, plan)
    rows = []
    for pool, name in enumerate(case.pools):
        mine = opening.pool == pool
        rows.append(
            {
                "hospital": case.hospitals[case.problem.pools.hospital[pool]],
                "pool": name,
                "left": int(left[mine].sum()),
                "left_kept_for_tomorrow": int(left[mine & opening.reserved].sum()),
                "severe_minutes_one_more_saves": int(plan.bed_price[mine].max(initial=0)),
            }
        )
    return rows


def _row(case: ReferralCase, plan: BedPlan, reason: Reason) -> Row:
    problem, patient = case.problem, reason.patient
    opening = int(plan.opening[patient])
    placed = opening != WAITS
    pool = int(problem.openings.pool[opening]) if placed else -1
    hospital = int(problem.pools.hospital[pool]) if placed else int(problem.patients.at[patient])
    named = placed or reason.verdict == "stays"
    metres = problem.distance_m[problem.patients.place[patient], hospital] if placed else 0
    words = _sentence(case, plan, reason, hospital)
    return {
        "patient": case.patients[patient],
        "verdict": reason.verdict,
        "hospital": case.hospitals[hospital] if named else "",
        "pool": case.pools[pool] if placed else "",
        "bed_ready_minutes": int(problem.openings.ready_minutes[opening]) if placed else None,
        "care_begins_minutes": int(plan.minutes[patient]),
        "km": round(float(metres) / 1000, 1),
        "risk": round(float(plan.risk[patient]), 4),
        "moved": bool(placed and problem.patients.at[patient] not in {-1, hospital}),
        "against": ";".join(_code(case, each) for each in reason.against),
        **words,
    }


def _code(case: ReferralCase, limit: str) -> str:
    kind, _, number = limit.partition(":")
    return f"need:{case.needs[int(number)]}" if kind == "need" else limit


def _limits(case: ReferralCase, limits: tuple[str, ...]) -> Words:
    pairs = []
    for limit in limits:
        kind, _, number = limit.partition(":")
        if kind == "need":
            word = case.needs[int(number)]
            pairs.append((f"没有{word}", f"{word} is lacking"))
        else:
            pairs.append(_LIMIT[limit])
    return "、".join(each[0] for each in pairs), " and ".join(each[1] for each in pairs)


def _sentence(case: ReferralCase, plan: BedPlan, reason: Reason, hospital: int) -> dict[str, str]:
    patient = case.patients[reason.patient]
    if reason.verdict == "stays":
        name = case.hospitals[hospital]
        return {
            "zh": f"{patient}：留在{name}，该院具备所需条件，转院没有好处。",
            "en": f"{patient}: stays in {name}, which has what is needed; moving would be no gain.",
        }
    if reason.verdict == "waits":
        return _waiting(case, patient, reason)
    name, begins = case.hospitals[hospital], _hours(int(plan.minutes[reason.patient]))
    zh, en = f"{patient}：{begins}小时后在{name}开始救治", f"{patient}: care begins in {begins} h in {name}"
    if reason.verdict == "nearest":
        return {"zh": f"{zh}，为最近的医院。", "en": f"{en}, the nearest hospital."}
    near = case.hospitals[reason.nearest]
    if reason.against == ("later there",):
        there = _hours(reason.minutes_there)
        why = (f"最近的{near}要 {there} 小时后才有床", f"in the nearest, {near}, only in {there} h")
    elif reason.against == ("above need",):
        why = (
            f"最近的{near}级别高于所需，床位留作他用",
            f"the nearest, {near}, is of a higher level than needed, or would mean one transfer more",
        )
    elif reason.against == ("others first",):
        why = _others_first(near, reason.price_minutes)
    else:
        chinese, english = _limits(case, reason.against)
        why = (f"最近的{near}：{chinese}", f"the nearest, {near}: {english}")
    return {"zh": f"{zh}；{why[0]}。", "en": f"{en}; {why[1]}."}


def _others_first(near: str, price: int) -> Words:
    chinese, english = (
        f"最近的{near}的床位给了更需要的患者",
        f"in the nearest, {near}, others need the beds more",
    )
    if price == 0:
        return chinese, english
    return (
        f"{chinese}（那里多一张床，重症可少等 {price} 分钟）",
        f"{english} (one more bed there would save the severe {price} min)",
    )


def _waiting(case: ReferralCase, patient: str, reason: Reason) -> dict[str, str]:
    if reason.against == ("others first",):
        price = reason.price_minutes
        return {
            "zh": f"{patient}：今日无床，合适的床位都给了更需要的患者；再多一张，重症可少等 {price} 分钟。",
            "en": f"{patient}: no bed today, all that would suit go to others who need them more; one more "
            f"of them would save the severe {price} min.",
        }
    chinese, english = _limits(case, reason.against)
    return {
        "zh": f"{patient}：今日没有任何一家医院能收，原因合在一起：{chinese}。",
        "en": f"{patient}: no hospital can take them today, for these reasons together: {english}.",
    }


def _hours(minutes: int) -> str:
    return f"{np.round(minutes / 60, 1):g}"
