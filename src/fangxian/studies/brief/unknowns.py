"""What the brief does not know, and what it had to assume."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from fangxian.base.errors import Text
from fangxian.studies.brief.contract import CapacityPart, ReproductionPart, UnknownPart, Words
from fangxian.studies.brief.figures import Figures
from fangxian.studies.brief.wording import day_words, joined, number, percent, place_name, words

LOW_COVERAGE = 0.8
_NAMED = 6
_RECENT_DAYS = 14
_LEAST_CASES = 11


def list_unknowns(
    figures: Figures, reproduction: ReproductionPart, capacity: list[CapacityPart]
) -> list[UnknownPart]:
    """Return what is not known, the gravest first, then the assumptions."""
    return [
        *_incomplete_days(figures),
        *_absent_indicators(figures),
        *_low_coverage(figures),
        *_silent_places(figures),
        *_uncounted_days(figures),
        *_capacity(figures, capacity),
        *_reproduction(figures, reproduction),
        *_revisions(figures),
        *_caveats(figures),
    ]


def _labels(items: Sequence[Text]) -> Words:
    return Words(
        zh=joined((item["zh"] for item in items), "zh"), en=joined((item["en"] for item in items), "en")
    )


def _incomplete_days(figures: Figures) -> Iterator[UnknownPart]:
    lasts = {int(time) for time in figures.last if time >= 0}
    if not lasts:
        yield UnknownPart(
            code="nothing-due",
            words=Words(
                zh="截至此时没有任何应报的报告。", en="No report was due by then; no figure can be given."
            ),
        )
        return
    if max(lasts) < figures.source.days - 1:
        day = day_words(figures.source.day(max(lasts)))
        as_of = day_words(figures.source.as_of)
        yield UnknownPart(
            code="days-not-due",
            words=Words(
                zh=f"{as_of.zh}当日的报告未到截止时间，数字截至{day.zh}。",
                en=f"Reports about {as_of.en} were not due yet; figures are of {day.en}.",
            ),
        )


def _absent_indicators(figures: Figures) -> Iterator[UnknownPart]:
    source = figures.source
    never, today = [], []
    for index, indicator in enumerate(source.indicators):
        if np.isnan(figures.values[:, 0, index]).all():
            never.append(indicator.label)
        elif np.isnan(figures.value(0, index)):
            today.append(indicator.label)
    if never:
        said = _labels(never)
        yield UnknownPart(
            code="indicator-absent",
            words=Words(zh=f"没有任何报告的指标：{said.zh}。", en=f"No report at all on: {said.en}."),
        )
    if today:
        said = _labels(today)
        yield UnknownPart(
            code="indicator-missing-on-the-day",
            words=Words(
                zh=f"当日缺报（不等于零）:{said.zh}。", en=f"Missing on the day (not zero): {said.en}."
            ),
        )


def _low_coverage(figures: Figures) -> Iterator[UnknownPart]:
    low = []
    for index, indicator in enumerate(figures.source.indicators):
        share = figures.coverage(0, index).share
        if share is not None and share < LOW_COVERAGE and not np.isnan(figures.value(0, index)):
            low.append({key: f"{text} {percent(share)}" for key, text in indicator.label.items()})
    if low:
        said = _labels(low)
        yield UnknownPart(
            code="coverage-low",
            words=Words(
                zh=f"覆盖不足 {percent(LOW_COVERAGE)}，数字偏低：{said.zh}。",
                en=f"Coverage below {percent(LOW_COVERAGE)}, so the figures are too low: {said.en}.",
            ),
        )


def _silent_places(figures: Figures) -> Iterator[UnknownPart]:
    source = figures.source
    cases = source.indicator_index("new_cases")
    if cases is None or len(source.places) == 1:
        return
    silent = [place for place in range(1, len(source.places)) if np.isnan(figures.value(place, cases))]
    if not silent:
        return
    named = {
        language: joined((place_name(source.places[place], language) for place in silent[:_NAMED]), language)
        for language in ("zh", "en")
    }
    more = ("等", " and others") if len(silent) > _NAMED else ("", "")
    yield UnknownPart(
        code="places-silent",
        words=Words(
            zh=f"{len(silent)} 个下级地区当日没有新增病例数：{named['zh']}{more[0]}。",
            en=f"{len(silent)} places below gave no new cases on the day: {named['en']}{more[1]}.",
        ),
    )


def _uncounted_days(figures: Figures) -> Iterator[UnknownPart]:
    cases = figures.source.indicator_index("new_cases")
    if cases is None or figures.last[cases] < 0:
        return
    recent = figures.values[: int(figures.last[cases]) + 1, 0, cases][-_RECENT_DAYS:]
    missing = int(np.count_nonzero(np.isnan(recent)))
    if missing and missing < len(recent):
        yield UnknownPart(
            code="days-missing",
            words=Words(
                zh=f"近 {len(recent)} 天中有 {missing} 天没有新增病例数；含缺失日的窗口不作估计。",
                en=f"New cases are missing on {missing} of the last {len(recent)} days; "
                "windows that hold them are not estimated.",
            ),
        )


def _capacity(figures: Figures, capacity: list[CapacityPart]) -> Iterator[UnknownPart]:
    if not capacity:
        yield UnknownPart(
            code="capacity-absent",
            words=Words(
                zh="没有床位数据，占用率和距满天数未知。",
                en="No beds are known: occupancy and days to full open.",
            ),
        )
    for part in capacity:
        if part.occupied is not None and part.total is None:
            yield UnknownPart(
                code="capacity-total-absent",
                words=Words(
                    zh=f"{part.label.zh}开放数未知，无法算占用率。",
                    en=f"{part.label.en}: how many are open is not known, so there is no occupancy.",
                ),
            )


def _reproduction(figures: Figures, part: ReproductionPart) -> Iterator[UnknownPart]:
    interval = figures.source.serial_interval
    if interval is None:
        yield UnknownPart(
            code="serial-interval-absent",
            words=Words(
                zh="没有代间距参数，再生数不估计。", en="No serial interval, so no reproduction number."
            ),
        )
        return
    if part.median is None:
        why = ("窗口内有缺失日或序列太短", "a day is missing in the window, or the series is too short")
        if part.cases is not None and part.cases < _LEAST_CASES:
            few = number(part.cases)
            why = (
                f"窗口内仅 {few} 例（至少 {_LEAST_CASES} 例）",
                f"only {few} cases in the window ({_LEAST_CASES} needed)",
            )
        yield UnknownPart(
            code="reproduction-undefined",
            words=Words(zh=f"再生数不估计：{why[0]}。", en=f"No reproduction number: {why[1]}."),
        )
    days = f"{interval.mean_days:g} ± {interval.standard_deviation_days:g}"
    yield UnknownPart(
        code="reproduction-assumptions",
        words=Words(
            zh=f"再生数假定：代间距 {days} 天（{interval.source}），报告日代替发病日，不区分本地与输入，"
            "检出比例不变；其区间只含泊松噪声，报告离散更大时偏窄。",
            en=f"The reproduction number assumes a serial interval of {days} days ({interval.source}), "
            "day of report for day of onset, no imported cases, and a constant share detected; its interval "
            "carries Poisson noise only and is too narrow where reports scatter more.",
        ),
    )


def _revisions(figures: Figures) -> Iterator[UnknownPart]:
    source = figures.source
    recent = [one for one in source.revisions if (source.as_of - one.day).days < _RECENT_DAYS]
    if recent:
        said = joined((f"{one.where} ({one.difference:+g})" for one in recent[:3]), "en")
        yield UnknownPart(
            code="revisions",
            words=Words(
                zh=f"近 {_RECENT_DAYS} 天有 {len(recent)} 处数字被下调修订，当日新增未知：{said}。",
                en=f"Figures revised downward in {_RECENT_DAYS} days: {len(recent)}; "
                f"the count of that day is not known: {said}.",
            ),
        )


def _caveats(figures: Figures) -> Iterator[UnknownPart]:
    for caveat in figures.source.caveats:
        yield UnknownPart(code="caveat", words=words(caveat))
