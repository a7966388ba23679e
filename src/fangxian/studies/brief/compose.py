"""From series and capacities to the brief."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from fangxian import __version__
from fangxian.science.renewal.growth import estimate_growth
from fangxian.studies.brief.capacity import capacity_part
from fangxian.studies.brief.changes import biggest_changes
from fangxian.studies.brief.contract import (
    AlarmPart,
    AlarmPlace,
    BelowIndicatorPart,
    BelowPart,
    Brief,
    CumulativePart,
    CurvePart,
    DoublingPart,
    GeneratedBy,
    IndicatorPart,
    PlacePart,
    ReproductionCurvePart,
    ReproductionPart,
    TimelinessPart,
    Words,
)
from fangxian.studies.brief.estimators import Detection, Estimators, default_estimators
from fangxian.studies.brief.figures import (
    Figures,
    absent_or_number,
    make_figures,
    moving_mean,
    rounded,
    rounded_series,
)
from fangxian.studies.brief.headline import headline
from fangxian.studies.brief.outlook import forecast_parts
from fangxian.studies.brief.records import BriefInput, FloatArray, IndicatorKind, Timeliness
from fangxian.studies.brief.unknowns import list_unknowns
from fangxian.studies.brief.wording import (
    alarm_words,
    doubling_words,
    reproduction_words,
    words,
)

CURVE_DAYS = 60
ALARM_DAYS = 7
GROWTH_DAYS = 14
_GROWTH_METHOD = "negative-binomial regression of 14 days"


def compose_brief(source: BriefInput, estimators: Estimators | None = None) -> Brief:
    """Return the brief of a place.

    Parameters
    ----------
    source : BriefInput
        Holds nothing that was reported after ``as_of``; whoever makes it sees to that.
    estimators : Estimators, optional
        Cori 2013 and our own detector by default.

    Returns
    -------
    Brief
        The same input gives the same brief, byte by byte: it holds no clock.
    """
    chosen = estimators or default_estimators(source.serial_interval)
    figures = make_figures(source)
    doubling = _doubling(figures)
    reproduction, curve = _reproduction(figures, chosen, doubling)
    capacity = [capacity_part(source, series) for series in source.capacities]
    indicators = [_indicator(figures, index) for index in range(len(source.indicators))]
    alarms = _alarms(figures, chosen)
    brief = Brief(
        as_of=source.as_of,
        place=_place(source),
        synthetic=source.synthetic,
        indicators=indicators,
        reproduction_number=reproduction,
        alarms=alarms,
        capacity=capacity,
        timeliness=_timeliness(source.timeliness[0]),
        below=[_below(figures, place) for place in range(1, len(source.places))],
        headline=[],
        doubling_time=doubling,
        changes=biggest_changes(figures),
        unknowns=list_unknowns(figures, reproduction, capacity),
        curves=[curve_of for index in _curve_order(figures) if (curve_of := _curve(figures, index))],
        reproduction_curve=curve,
        disease=words(source.disease) if source.disease else None,
        plan=dict(source.plan),
        sources=[words(text) for text in source.sources],
        generated_by=GeneratedBy(version=__version__),
        forecasts=forecast_parts(figures),
    )
    return brief.model_copy(update={"headline": headline(brief)})


def _place(source: BriefInput) -> PlacePart:
    place = source.places[0]
    return PlacePart(
        code=place.code,
        name=place.name,
        name_en=place.name_en,
        level=place.level,
        level_name=words(place.level_name),
        population=None if place.population is None else round(place.population),
    )


def _timeliness(record: Timeliness) -> TimelinessPart:
    return TimelinessPart(on_time=record.on_time, late=record.late, missing=record.missing, day=record.day)


def _per_100000(figures: Figures, place: int, indicator: int) -> float | None:
    population = figures.source.places[place].population
    week = figures.week_sum(place, indicator)
    return None if not population else rounded(100_000 * week / population, 4)


def _lineage(figures: Figures, place: int, indicator: int) -> str:
    time = int(figures.last[indicator])
    return figures.source.lineage(time, place, indicator) if time >= 0 else ""


def _indicator(figures: Figures, index: int) -> IndicatorPart:
    indicator = figures.source.indicators[index]
    change = figures.change(0, index)
    return IndicatorPart(
        id=indicator.id,
        value=rounded(figures.value(0, index)),
        unit=indicator.unit,
        coverage=figures.coverage(0, index),
        change_7d=rounded(change.relative, 4),
        lineage=_lineage(figures, 0, index),
        label=words(indicator.label),
        kind=str(indicator.kind),
        day=figures.day(index),
        change_7d_absolute=rounded(change.difference),
        sum_7d=rounded(figures.week_sum(0, index)),
        per_100000_7d=_per_100000(figures, 0, index),
        cumulative=_cumulative(figures, index),
    )


def _cumulative(figures: Figures, index: int) -> CumulativePart | None:
    """Return the sum since the first known day; days that are not known are counted, not guessed."""
    source = figures.source
    series = figures.values[: int(figures.last[index]) + 1, 0, index]
    known = np.flatnonzero(~np.isnan(series))
    if source.indicators[index].kind is not IndicatorKind.DAILY_COUNT or len(known) == 0:
        return None
    balances = source.panel.balances
    extra = 0.0 if balances is None or np.isnan(balances[0, index]) else float(balances[0, index])
    first = int(known[0])
    return CumulativePart(
        value=round(float(np.nansum(series)) + extra, 6),
        since=source.day(first),
        missing_days=int(np.count_nonzero(np.isnan(series[first:]))),
    )


def _below(figures: Figures, place: int) -> BelowPart:
    source = figures.source
    record = source.places[place]
    parts = []
    for index, indicator in enumerate(source.indicators):
        parts.append(
            BelowIndicatorPart(
                id=indicator.id,
                value=rounded(figures.value(place, index)),
                unit=indicator.unit,
                coverage=figures.coverage(place, index),
                change_7d=rounded(figures.change(place, index).relative, 4),
                sum_7d=rounded(figures.week_sum(place, index)),
                per_100000_7d=_per_100000(figures, place, index),
                lineage=_lineage(figures, place, index),
            )
        )
    return BelowPart(
        code=record.code,
        name=record.name,
        name_en=record.name_en,
        level=record.level,
        population=None if record.population is None else round(record.population),
        indicators=parts,
        timeliness=_timeliness(source.timeliness[place]),
    )


def _new_cases(figures: Figures) -> tuple[int, FloatArray] | None:
    index = figures.source.indicator_index("new_cases")
    if index is None or figures.last[index] < 0:
        return None
    return index, figures.values[: int(figures.last[index]) + 1, 0, index]


def _reproduction(
    figures: Figures, estimators: Estimators, doubling: DoublingPart
) -> tuple[ReproductionPart, ReproductionCurvePart | None]:
    nothing = Words(zh="再生数无法估计。", en="The reproduction number cannot be estimated.")
    found = _new_cases(figures)
    if estimators.reproduction is None or found is None:
        return ReproductionPart(median=None, lower=None, upper=None, method="none", words=nothing), None
    _, series = found
    estimate = estimators.reproduction.estimate(series)
    end = len(series) - 1
    part = ReproductionPart(
        median=rounded(estimate.median[end]),
        lower=rounded(estimate.lower[end]),
        upper=rounded(estimate.upper[end]),
        method=estimate.method,
        window_start=figures.source.day(end - estimate.window_days + 1),
        window_end=figures.source.day(end),
        cases=absent_or_number(estimate.cases[end]),
        words=nothing,
    )
    start = max(0, len(series) - CURVE_DAYS)
    curve = ReproductionCurvePart(
        first_day=figures.source.day(start),
        median=rounded_series(estimate.median[start:], 4),
        lower=rounded_series(estimate.lower[start:], 4),
        upper=rounded_series(estimate.upper[start:], 4),
    )
    return part.model_copy(update={"words": reproduction_words(part, doubling)}), curve


def _doubling(figures: Figures) -> DoublingPart:
    found = _new_cases(figures)
    series = np.zeros(0) if found is None else found[1][-GROWTH_DAYS:]
    growth = estimate_growth(series)
    part = DoublingPart(
        days=rounded(growth.doubling_days, 2),
        lower=rounded(growth.doubling_days_shortest, 2),
        upper=rounded(growth.doubling_days_longest, 2),
        growth_per_day=rounded(np.expm1(growth.rate), 4),
        method=_GROWTH_METHOD,
        words=Words(zh="", en=""),
    )
    return part.model_copy(update={"words": doubling_words(part)})


def _alarms(figures: Figures, estimators: Estimators) -> list[AlarmPart]:
    """Return the alarms of the last week, one for each place, indicator and day, the largest first."""
    source = figures.source
    denominators = {indicator.denominator for indicator in source.indicators}
    depth = ALARM_DAYS + max((detector.memory_days for detector in estimators.alarms), default=0)
    found: list[tuple[float, AlarmPart]] = []
    for index, indicator in enumerate(source.indicators):
        counted = indicator.kind is IndicatorKind.DAILY_COUNT and indicator.id not in denominators
        if not counted or indicator.minor or figures.last[index] < 0:
            continue
        end = int(figures.last[index]) + 1
        start = max(0, end - depth)
        detections = [detector.detect(figures.values[start:end, :, index]) for detector in estimators.alarms]
        alarm = np.logical_or.reduce([one.alarm for one in detections])
        alarm[: max(0, end - start - ALARM_DAYS)] = False
        for time, place in np.argwhere(alarm):
            at = (int(time), int(place))
            raised = [one for one in detections if one.alarm[at]]
            found.append(_alarm(figures, index, (start + at[0], at[1]), _Raised.of(raised, at)))
    found.sort(key=lambda one: (-one[1].date.toordinal(), -one[0]))
    return [alarm for _, alarm in found]


class _Raised(NamedTuple):
    """What was expected on the day of an alarm, by the first of the methods that raised it."""

    expected: float
    upper: float
    method: str
    window: tuple[int, float, float] | None

    @classmethod
    def of(cls, detections: Sequence[Detection], at: tuple[int, int]) -> _Raised:
        first, window = detections[0], None
        days, summed, awaited = first.window_days, first.window_observed, first.window_expected
        if days is not None and summed is not None and awaited is not None and days[at] > 1:
            window = int(days[at]), float(summed[at]), float(awaited[at])
        methods = " + ".join(one.method for one in detections)
        return cls(float(first.expected[at]), float(first.upper[at]), methods, window)


def _alarm(figures: Figures, index: int, at: tuple[int, int], raised: _Raised) -> tuple[float, AlarmPart]:
    source = figures.source
    indicator, place = source.indicators[index], source.places[at[1]]
    observed, expected, day = float(figures.values[at[0], at[1], index]), raised.expected, source.day(at[0])
    days, total, awaited = raised.window or (1, observed, expected)
    part = AlarmPart(
        place=AlarmPlace(code=place.code, name=place.name, name_en=place.name_en),
        indicator=indicator.id,
        date=day,
        observed=round(observed, 6),
        expected=round(expected, 6),
        method=raised.method,
        upper=round(raised.upper, 6),
        window_days=days,
        window_observed=rounded(total, 6) if days > 1 else None,
        window_expected=rounded(awaited, 6) if days > 1 else None,
        words=alarm_words(place, day, days, (indicator, total, awaited)),
        lineage=source.lineage(at[0], at[1], index),
    )
    return (total - awaited) / float(np.sqrt(awaited + 1)), part


def _curve_order(figures: Figures) -> list[int]:
    wanted = ("new_cases", "in_hospital", "intensive_care", "in_care", "deaths", "positivity")
    found = [figures.source.indicator_index(indicator_id) for indicator_id in wanted]
    return [index for index in found if index is not None]


def _curve(figures: Figures, index: int) -> CurvePart | None:
    end = int(figures.last[index]) + 1
    start = max(0, end - CURVE_DAYS)
    series = figures.values[:end, 0, index]
    if end == 0 or np.isnan(series[start:]).all():
        return None
    indicator = figures.source.indicators[index]
    return CurvePart(
        indicator=indicator.id,
        label=words(indicator.label),
        kind=str(indicator.kind),
        first_day=figures.source.day(start),
        values=rounded_series(series[start:]),
        mean_7d=rounded_series(moving_mean(series)[start:], 4),
        coverage=rounded_series(figures.coverage_share(0, index)[start:end], 4),
    )
