"""Why a count is an alarm and how sure that is, in one sentence with the numbers in it."""

from __future__ import annotations

from collections.abc import Mapping

_STEP = {
    "daily": ("天", "days"),
    "weekly": ("周", "weeks"),
    "monthly": ("月", "months"),
    "numbered": ("期", "steps"),
}


def alarm_reason(
    method: str, frequency: str, location: str, date: str, figures: Mapping[str, float | None]
) -> dict[str, str]:
    """Return the sentence in ``zh`` and ``en``.

    Parameters
    ----------
    method, frequency, location, date : str
    figures : mapping
        ``observed``, and where there are any ``expected``, ``threshold``, ``score``, ``limit``,
        ``probability``, ``false_discovery_rate`` and ``window``.
    """
    place_zh, place_en = (f"{location} {date}", f"{location}, {date}") if location else (date, date)
    zh = [f"{place_zh}：计数 {_count(figures['observed'])}"]
    en = [f"{place_en}: {_count(figures['observed'])} counted"]
    if figures.get("expected") is not None:
        zh.append(f"预期 {_count(figures['expected'])}")
        en.append(f"{_count(figures['expected'])} expected")
    bound = _bound(frequency, figures)
    zh.append(bound[0])
    en.append(bound[1])
    sure_zh, sure_en = _how_sure(frequency, figures)
    return {
        "zh": "，".join(part for part in zh if part) + f"（{method}）。" + sure_zh,
        "en": ", ".join(part for part in en if part) + f" ({method}). " + sure_en,
    }


def _bound(frequency: str, figures: Mapping[str, float | None]) -> tuple[str, str]:
    """Return what was crossed: a sum over several steps, an accumulated statistic, or a bound."""
    unit, many = _STEP[frequency]
    limit, score, window = figures.get("limit"), figures.get("score"), figures.get("window")
    if window is not None and window > 1:
        counted, awaited = _count(figures.get("window_count")), _count(figures.get("window_expected"))
        return (
            f"最近 {window:.0f} {unit}合计 {counted}、预期 {awaited}",
            f"in the last {window:.0f} {many} {counted} against {awaited}",
        )
    if limit is not None and score is not None:
        return (
            f"累积统计量 {score:.2f}，达到界值 {limit:.2f}",
            f"the accumulated statistic is {score:.2f} and its limit {limit:.2f}",
        )
    if figures.get("threshold") is not None:
        bound = _count(figures["threshold"])
        return f"报警界值 {bound}", f"the bound is {bound}"
    return "", ""


def _how_sure(frequency: str, figures: Mapping[str, float | None]) -> tuple[str, str]:
    chance, rate = figures.get("probability"), figures.get("false_discovery_rate")
    unit, many = _STEP[frequency]
    if chance is None:
        return ("该方法不给出单个报警的把握。", "The method does not say how sure a single alarm is.")
    if chance > 0.5:
        zh, en = "若没有发生什么，这样的计数也很常见。", "If nothing had happened, this would be common."
    elif chance < 1e-6:
        zh = f"若没有发生什么，这样的计数一百万{unit}也难有一次。"
        en = f"If nothing had happened, this would come less than once in a million {many}."
    else:
        zh = f"若没有发生什么，这样的计数平均每 {_count(1 / chance)} {unit}才有一次。"
        en = f"If nothing had happened, this would come once in {_count(1 / chance)} {many}."
    if rate is not None:
        share = f"{rate:.1%}" if rate >= 0.001 else "0.1%"
        zh += f"同一时点各序列中同样把握的报警，平均至多 {share} 是误报。"
        en += f" Of all alarms of that date as sure as this, at most {share} are false on average."
    return zh, en


def _count(value: float | None) -> str:
    if value is None:
        return "-"
    if abs(value) >= 1e6:
        return f"{value:.2g}" if abs(value) >= 1e15 else f"{value:,.0f}"
    if abs(value) >= 100 or value == round(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 1 else f"{value:.2g}"
