"""What was forecast for a place: the weeks to come, and earlier forecasts against what came since."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from fangxian.science.scoring import HUB_LEVELS, covered, weighted_interval_score
from fangxian.studies.brief.contract import (
    ForecastPart,
    ForecastRecordPart,
    ForecastWeekPart,
    PastForecastPart,
    WeekSumPart,
)
from fangxian.studies.brief.figures import WEEK, Figures
from fangxian.studies.brief.records import WEEKS_AHEAD, Basis, PlaceForecast
from fangxian.studies.brief.wording import words
from fangxian.studies.brief.wording_forecast import forecast_words, record_words

BASELINE = "persistence"
ROUNDS_SHOWN = 8
WEEKS_DRAWN = 12
_LEVELS = np.asarray(HUB_LEVELS)
_NAMES = ("median", "lower_50", "upper_50", "lower_95", "upper_95")
_COLUMNS = np.array([HUB_LEVELS.index(level) for level in (0.5, 0.25, 0.75, 0.025, 0.975)])


def forecast_parts(figures: Figures) -> list[ForecastPart]:
    """Return what the brief says of the forecasts that its input holds."""
    parts = (
        _part(figures, index, [one for one in figures.source.forecasts if one.indicator == indicator.id])
        for index, indicator in enumerate(figures.source.indicators)
    )
    return [part for part in parts if part is not None]


def _part(figures: Figures, index: int, kept: Sequence[PlaceForecast]) -> ForecastPart | None:
    if not kept or figures.last[index] < 0:
        return None
    indicator, known_until = figures.source.indicators[index], figures.source.day(int(figures.last[index]))
    ordered = sorted(kept, key=lambda one: one.last_day, reverse=True)
    newest = ordered[0]
    current = newest.week(1)[1] > known_until
    weeks = [_week(newest, number) for number in range(1, WEEKS_AHEAD + 1)] if current else []
    past, record = _against_what_came(figures, index, ordered)
    return ForecastPart(
        indicator=indicator.id,
        label=words(indicator.label),
        unit=indicator.unit,
        as_of=newest.as_of if current else None,
        model=newest.model,
        version=newest.version,
        weeks=weeks,
        past=past,
        history=_history(figures, index, newest.last_day),
        record=record,
        words=forecast_words(indicator, weeks),
    )


def _week(one: PlaceForecast, number: int) -> ForecastWeekPart:
    first, last = one.week(number)
    return ForecastWeekPart(week=number, first_day=first, last_day=last, **_said(one, number))


def _said(one: PlaceForecast, number: int) -> dict[str, float]:
    row = one.quantiles[number - 1, _COLUMNS].tolist()
    return dict(zip(_NAMES, row, strict=True))


def _history(figures: Figures, index: int, last_day: date) -> list[WeekSumPart]:
    """Return the weeks up to a day, as many as there are and the chart has room for."""
    end = (last_day - figures.source.first_day).days
    starts = [end - WEEK * back - (WEEK - 1) for back in range(WEEKS_DRAWN - 1, -1, -1)]
    return [
        WeekSumPart(last_day=figures.source.day(start + WEEK - 1), value=_week_sum(figures, index, start))
        for start in starts
        if start >= 0
    ]


def _against_what_came(
    figures: Figures, index: int, ordered: Sequence[PlaceForecast]
) -> tuple[list[PastForecastPart], ForecastRecordPart | None]:
    """Score the forecasts, at least a week apart and the latest first, whose weeks have come since."""
    tasks: list[tuple[PlaceForecast, int, float]] = []
    rounds: list[PlaceForecast] = []
    for one in ordered:
        if len(rounds) == ROUNDS_SHOWN:
            break
        if rounds and (rounds[-1].last_day - one.last_day).days < WEEK:
            continue
        came = [(number, _came(figures, index, one, number)) for number in range(1, WEEKS_AHEAD + 1)]
        known = [(number, value) for number, value in came if value is not None]
        if known:
            rounds.append(one)
            tasks += [(one, number, value) for number, value in known]
    if not tasks:
        return [], None
    observed = np.array([value for _, _, value in tasks])
    quantiles = np.array([one.quantiles[number - 1] for one, number, _ in tasks])
    usual = np.array([one.baseline[number - 1] for one, number, _ in tasks])
    score = weighted_interval_score(quantiles, _LEVELS, observed).total
    base = weighted_interval_score(usual, _LEVELS, observed).total.sum()
    inside_50, inside_95 = (
        int(covered(quantiles, _LEVELS, observed, nominal_coverage=share).sum()) for share in (0.5, 0.95)
    )
    record = ForecastRecordPart(
        rounds=len(rounds),
        forecasts=len(tasks),
        first_as_of=rounds[-1].as_of,
        last_as_of=rounds[0].as_of,
        inside_50=inside_50,
        inside_95=inside_95,
        wis=round(float(score.mean()), 4),
        relative_wis=round(float(score.sum() / base), 4) if base > 0 else None,
        baseline=BASELINE,
        replayed=sum(one.basis is Basis.REPLAYED for one in rounds),
        retold=sum(one.basis is Basis.RETOLD for one in rounds),
    )
    past = [
        PastForecastPart(
            week=number,
            first_day=one.week(number)[0],
            last_day=one.week(number)[1],
            **_said(one, number),
            as_of=one.as_of,
            observed=value,
            wis=round(float(score[task]), 4),
            basis=str(one.basis),
        )
        for task, (one, number, value) in enumerate(tasks)
    ]
    return past, record.model_copy(update={"words": record_words(record)})


def _came(figures: Figures, index: int, one: PlaceForecast, number: int) -> float | None:
    """Return the sum of a week of which every day is known."""
    first, last = one.week(number)
    start, end = ((day - figures.source.first_day).days for day in (first, last))
    return None if start < 0 or end > int(figures.last[index]) else _week_sum(figures, index, start)


def _week_sum(figures: Figures, index: int, start: int) -> float | None:
    week = figures.values[start : start + WEEK, 0, index]
    return None if np.isnan(week).any() else float(week.sum())
