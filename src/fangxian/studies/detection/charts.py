"""CUSUM and likelihood ratio charts over the places of a panel, with the options of R ``surveillance``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from fangxian.base.errors import InvalidInput
from fangxian.science.detection.cusum import CusumOptions, CusumTransform, detect_cusum
from fangxian.science.detection.likelihood_ratio import (
    Change,
    Direction,
    RatioOptions,
    SeasonalMean,
    detect_likelihood_ratio,
)
from fangxian.science.detection.log_linear import fit_log_linear, seasonal_design
from fangxian.studies.detection.judgement import FloatArray, Judgement
from fangxian.studies.detection.series import Panel

_ALPHA_OF_R = 0.1  # what ``alpha=NULL`` means to ``cusum``


def run_cusum(panel: Panel, given: Mapping[str, Any], first: int, last: int) -> Judgement:
    """Run CUSUM charts over steps first..last; what lies before gives the expectation."""
    _needs_past(first)
    chosen = CusumOptions(
        reference_value=given.get("k", 1.04),
        decision_limit=given.get("h", 2.26),
        transform=CusumTransform(given.get("trans", "standard")),
        alpha=_ALPHA_OF_R if given.get("alpha") is None else given["alpha"],
    )
    rows = slice(first, last + 1)
    observed = panel.counts[rows]
    expected = _expected(panel, given.get("m"), first, last)
    possible = np.all(expected > 0, axis=0)
    total, upper = np.full(observed.shape, np.nan), np.full(observed.shape, np.nan)
    alarm = np.zeros(observed.shape, dtype=np.bool_)
    if possible.any():
        result = detect_cusum(observed[:, possible], expected[:, possible], chosen)
        total[:, possible], upper[:, possible] = result.sum, result.upper
        alarm[:, possible] = result.alarm
    return Judgement(
        first=first,
        expected=expected,
        threshold=upper,
        score=total,
        alarm=alarm,
        decided=~np.isnan(upper),
        limit=chosen.decision_limit,
    )


def _expected(panel: Panel, mean: Any, first: int, last: int) -> FloatArray:  # noqa: ANN401 -- word or numbers
    """Return in-control means [step, place]; 0 for a place whose past says nothing."""
    shape = (last + 1 - first, len(panel.locations))
    if mean is None:
        with np.errstate(invalid="ignore"):
            known = ~np.isnan(panel.counts[:first])
            total = np.nansum(panel.counts[:first], axis=0) / np.maximum(known.sum(axis=0), 1)
        return np.broadcast_to(total, shape).copy()
    if not isinstance(mean, str):
        _one_a_step("m", mean, shape[0])
        return np.broadcast_to(np.asarray(mean)[:, None], shape).copy()
    time = np.arange(1, panel.axis.steps + 1, dtype=np.float64)
    design = seasonal_design(time, panel.axis.steps_per_year, 1, trend=False)
    found = np.zeros(shape)
    for place in range(shape[1]):
        past = panel.counts[:first, place]
        if np.nansum(past) > 0:
            fit = fit_log_linear(past, design[:first])
            found[:, place] = np.exp(design[first : last + 1] @ fit.coefficients)
    return found


def run_ratio(panel: Panel, given: Mapping[str, Any], first: int, last: int) -> Judgement:
    """Run one likelihood ratio chart a place over steps first..last."""
    back = given.get("M", -1)
    chosen = RatioOptions(
        limit=given.get("c.ARL", 5.0),
        alpha=given.get("alpha", 0.0),
        change=Change(given.get("change", "intercept")),
        log_ratio=given.get("theta"),
        direction=Direction(given.get("dir", "inc")),
        least_steps=given.get("Mtilde", 1),
        window=None if back < 0 else back,
        largest_count=int(given.get("xMax", 10_000)),
        exact=given.get("search", "R") == "exact",
        bounds=given.get("ret", "value") == "cases",
    )
    mean = given.get("mu0")
    if mean is None or isinstance(mean, dict):
        _needs_past(first)
        season = mean or {"S": 1, "trend": False, "refit": False}
        mean = SeasonalMean(panel.axis.steps_per_year, season["S"], season["trend"], season["refit"])
    shape = (last + 1 - first, len(panel.locations))
    if not isinstance(mean, SeasonalMean):
        _one_a_step("mu0", mean, shape[0])
        if chosen.alpha is None:
            raise InvalidInput(
                {"zh": "给出 mu0 时不能估计 alpha。", "en": "With mu0 given alpha cannot be estimated."},
                {"zh": "请给出 alpha，或去掉 mu0。", "en": "Give alpha, or leave mu0 out."},
            )
    fields = {name: np.full(shape, np.nan) for name in ("expected", "upper", "statistic")}
    alarm, missed = np.zeros(shape, dtype=np.bool_), 0
    for place in range(shape[1]):
        series = panel.counts[: last + 1, place]
        if np.isnan(series[first:]).any() or (
            isinstance(mean, SeasonalMean) and not np.nansum(series[:first])
        ):
            continue
        result = detect_likelihood_ratio(series, first, mean, chosen)
        fields["expected"][:, place] = result.expected
        fields["upper"][:, place] = result.upper
        fields["statistic"][:, place] = result.statistic
        alarm[:, place] = result.alarm
        missed += int(result.missed.sum())
    # R gives the statistic in place of a bound unless it is asked for cases.
    wanted = "upper" if chosen.bounds else "statistic"
    return Judgement(
        first=first,
        expected=fields["expected"],
        threshold=fields[wanted],
        score=fields["statistic"],
        alarm=alarm,
        decided=~np.isnan(fields["statistic"]),
        limit=chosen.limit,
        note=_missed(missed) if missed else None,
    )


def _one_a_step(option: str, given: FloatArray, steps: int) -> None:
    if len(given) not in (1, steps):
        raise InvalidInput(
            {
                "zh": f"选项 {option} 应有 1 个或 {steps} 个数（现有 {len(given)} 个）。",
                "en": f"The option {option} needs 1 or {steps} numbers (got {len(given)}).",
            },
            {"zh": "每个被判断的时点一个数。", "en": "Give one for each judged step."},
        )


def _missed(number: int) -> dict[str, str]:
    return {
        "zh": f"按 R surveillance 的算法，有 {number} 期的上升没有报警（它的搜索找不到）；"
        "用 --option search=exact 可找到。",
        "en": f"As R surveillance computes it, {number} rise(s) raise no alarm (its search does not find "
        "them); --option search=exact does.",
    }


def _needs_past(first: int) -> None:
    if first < 1:
        raise InvalidInput(
            {"zh": "第一个被判断的时点之前没有数据。", "en": "Nothing lies before the first judged step."},
            {"zh": "请用 --from 给出较晚的日期。", "en": "Give a later date with --from."},
        )
