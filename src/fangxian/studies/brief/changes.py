"""The five things that changed most over a week, and what can be said about why."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fangxian.studies.brief.contract import AlarmPlace, ChangePart, Words
from fangxian.studies.brief.figures import Figures, WeekChange
from fangxian.studies.brief.records import BriefIndicator, IndicatorKind
from fangxian.studies.brief.wording import amount, joined, percent, place_name, signed_percent

HOW_MANY = 5
_AT_LEAST_SELF = 2
_AT_MOST_SELF = 3
_AT_MOST_BELOW = 2
_NOTEWORTHY = 2.0
_COVERAGE_STEP = 0.05
_SHARE_NAMED = 0.15
_TESTING_STEP = 0.2
_SHARE_WORTH_SAYING = 0.01


@dataclass(frozen=True)
class _Candidate:
    place: int
    indicator: int
    change: WeekChange


def biggest_changes(figures: Figures) -> list[ChangePart]:
    """Return at most five changes, the most surprising first.

    Surprise is the change over its spread if both weeks were overdispersed counts of one mean; so a village
    that goes from 0 to 6 and a city that goes from 500 to 800 can be compared. The two most surprising of
    the place itself come first; at most three are of the place itself and two of any place below.
    """
    candidates = [
        _Candidate(place, indicator, change)
        for indicator in range(len(figures.source.indicators))
        if not figures.source.indicators[indicator].minor
        for place in range(len(figures.source.places))
        if (change := figures.change(place, indicator)).surprise > 0
    ]
    candidates.sort(key=lambda one: (-one.change.surprise, one.place, one.indicator))
    chosen = [one for one in candidates if one.place == 0][:_AT_LEAST_SELF]
    for candidate in candidates:
        if candidate in chosen:
            continue
        taken = sum(one.place == candidate.place for one in chosen)
        if taken < (_AT_MOST_SELF if candidate.place == 0 else _AT_MOST_BELOW):
            chosen.append(candidate)
        if len(chosen) == HOW_MANY:
            break
    return [_part(figures, candidate, rank) for rank, candidate in enumerate(chosen, start=1)]


def _part(figures: Figures, candidate: _Candidate, rank: int) -> ChangePart:
    place = figures.source.places[candidate.place]
    indicator = figures.source.indicators[candidate.indicator]
    change = candidate.change
    time = int(figures.last[candidate.indicator])
    return ChangePart(
        rank=rank,
        place=AlarmPlace(code=place.code, name=place.name, name_en=place.name_en),
        indicator=indicator.id,
        before=round(change.before, 6),
        after=round(change.after, 6),
        difference=round(change.difference, 6),
        words=Words(
            zh=_sentence(figures, candidate, "zh"),
            en=_sentence(figures, candidate, "en"),
        ),
        why=_reasons(figures, candidate),
        lineage=figures.source.lineage(time, candidate.place, candidate.indicator),
    )


def _sentence(figures: Figures, candidate: _Candidate, language: str) -> str:
    place = place_name(figures.source.places[candidate.place], language)
    indicator = figures.source.indicators[candidate.indicator]
    change = candidate.change
    before, after = (amount(indicator, value, language) for value in (change.before, change.after))
    relative = "" if np.isnan(change.relative) else f"({signed_percent(change.relative)})"
    label = indicator.label[language]
    mean = indicator.kind is IndicatorKind.DAILY_COUNT
    if language == "zh":
        basis = "7日日均" if mean else ("7日" if indicator.kind is IndicatorKind.RATIO else "")
        return f"{place} {label}{basis} {before} → {after}{relative}。"
    basis = ", 7-day mean" if mean else (", 7 days" if indicator.kind is IndicatorKind.RATIO else "")
    return f"{place}: {label}{basis} {before} → {after} {relative}".strip() + "."


def _reasons(figures: Figures, candidate: _Candidate) -> list[Words]:
    reasons = [
        _from_below(figures, candidate) if candidate.place == 0 else _part_of_whole(figures, candidate),
        _from_coverage(figures, candidate),
        _from_testing(figures, candidate),
        _from_revisions(figures, candidate),
    ]
    found = [reason for reason in reasons if reason is not None]
    stock = figures.source.indicators[candidate.indicator].kind is IndicatorKind.STOCK
    if candidate.change.surprise < _NOTEWORTHY and not stock:
        found.append(Words(zh="变化在随机波动范围内。", en="The change is within chance."))
    return found


def _from_below(figures: Figures, candidate: _Candidate) -> Words | None:
    indicator = figures.source.indicators[candidate.indicator]
    whole = candidate.change.difference
    if indicator.kind is IndicatorKind.RATIO or whole == 0:
        return None
    parts = [
        (figures.change(place, candidate.indicator).difference, place)
        for place in range(1, len(figures.source.places))
    ]
    known = [(difference, place) for difference, place in parts if not np.isnan(difference)]
    if not known:
        return None
    driving = sorted(known, key=lambda one: -one[0] / whole)[:3]
    named = [(difference, place) for difference, place in driving if difference / whole >= _SHARE_NAMED]
    if not named:
        return Words(zh="变化分散在各下级地区。", en="It is spread over the places below.")
    said = {}
    for language in ("zh", "en"):
        names = []
        for difference, place in named:
            sign = "+" if difference > 0 else "-"  # the minus of a difference, not a dash
            name = place_name(figures.source.places[place], language)
            gap = "" if language == "zh" else " "
            names.append(f"{name}{gap}({sign}{amount(indicator, abs(difference), language)})")
        said[language] = joined(names, language)
    covered = sum(difference for difference, _ in named) / whole
    tail = ("", "") if covered > 1 else (f"，占 {percent(covered)}", f", {percent(covered)} of it")
    return Words(zh=f"主要来自{said['zh']}{tail[0]}。", en=f"Mostly {said['en']}{tail[1]}.")


def _part_of_whole(figures: Figures, candidate: _Candidate) -> Words | None:
    indicator = figures.source.indicators[candidate.indicator]
    whole = figures.change(0, candidate.indicator).difference
    if indicator.kind is IndicatorKind.RATIO or np.isnan(whole) or whole == 0:
        return None
    name = figures.source.places[0]
    share = candidate.change.difference / whole
    if abs(share) < _SHARE_WORTH_SAYING:
        return None
    if share < 0:
        return Words(
            zh=f"与{place_name(name, 'zh')}整体方向相反。",
            en=f"Against the direction of {place_name(name, 'en')} as a whole.",
        )
    if share > 1:
        return Words(
            zh=f"超过{place_name(name, 'zh')}整体的变化，其他地区方向相反。",
            en=f"More than the change of {place_name(name, 'en')} as a whole; others went the other way.",
        )
    return Words(
        zh=f"占{place_name(name, 'zh')}整体变化的 {percent(share)}。",
        en=f"{percent(share)} of the change of {place_name(name, 'en')}.",
    )


def _from_coverage(figures: Figures, candidate: _Candidate) -> Words | None:
    share = figures.coverage_share(candidate.place, candidate.indicator)
    end = int(figures.last[candidate.indicator]) + 1
    now, before = share[max(0, end - 7) : end], share[max(0, end - 14) : max(0, end - 7)]
    if np.isnan(now).all() or np.isnan(before).all():
        return Words(zh="报告覆盖未知。", en="Coverage of reports is not known.")
    after, earlier = float(np.nanmean(now)), float(np.nanmean(before))
    if abs(after - earlier) >= _COVERAGE_STEP:
        return Words(
            zh=f"同期报告覆盖 {percent(earlier)} → {percent(after)}，部分变化可能由此而来。",
            en=f"Coverage went {percent(earlier)} → {percent(after)}: part of the change may be reporting.",
        )
    return Words(zh=f"报告覆盖前后相近（{percent(after)}）。", en=f"Coverage was steady ({percent(after)}).")


def _from_testing(figures: Figures, candidate: _Candidate) -> Words | None:
    tests = figures.source.indicator_index("tests")
    if tests is None or figures.source.indicators[candidate.indicator].id not in {"new_cases", "positive"}:
        return None
    relative = figures.change(candidate.place, tests).relative
    if np.isnan(relative) or abs(relative) < _TESTING_STEP:
        return None
    said = signed_percent(relative)
    return Words(zh=f"同期检测量 {said}。", en=f"Testing changed by {said}.")


def _from_revisions(figures: Figures, candidate: _Candidate) -> Words | None:
    indicator: BriefIndicator = figures.source.indicators[candidate.indicator]
    end = int(figures.last[candidate.indicator])
    found = [
        one
        for one in figures.source.revisions
        if one.place == candidate.place
        and one.indicator == indicator.id
        and end - 14 < (one.day - figures.source.first_day).days <= end
    ]
    if not found:
        return None
    where = joined((one.where for one in found[:3]), "en")
    return Words(
        zh=f"其间有 {len(found)} 处修订（{where}）。", en=f"Revisions in that time: {len(found)} ({where})."
    )
