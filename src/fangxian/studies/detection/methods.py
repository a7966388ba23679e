"""The methods by name, each with the options that it takes and the call that it becomes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from fangxian.base.errors import InvalidInput
from fangxian.science.detection.bayes import BayesOptions, detect_bayes
from fangxian.science.detection.ears import EarsMethod, detect_ears
from fangxian.science.detection.farrington import (
    FarringtonOptions,
    FarringtonResult,
    Power,
    Threshold,
    detect_farrington,
)
from fangxian.science.detection.reference_points import reference_steps
from fangxian.science.detection.surprise import SurpriseOptions, detect_surprises
from fangxian.studies.detection import options as opt
from fangxian.studies.detection.charts import run_cusum, run_ratio
from fangxian.studies.detection.judgement import FloatArray, Judgement
from fangxian.studies.detection.series import Panel

Options = Mapping[str, Any]
Runner = Callable[[Panel, Options, int, int], Judgement]

_ALWAYS: dict[str, opt.Parser] = {"range": opt.span, "freq": opt.whole}
_QUIET: dict[str, opt.Parser] = {"verbose": opt.boolean}


@dataclass(frozen=True)
class Method:
    """One method: its name, its options, and the function that runs it over a range of steps."""

    name: str
    options: Mapping[str, opt.Parser]
    run: Runner


def _ears(variant: EarsMethod | None) -> Runner:
    def run(panel: Panel, given: Options, first: int, last: int) -> Judgement:
        chosen = variant or EarsMethod(given.get("method", "C1"))
        result = detect_ears(
            panel.counts[: last + 1],
            chosen,
            baseline_length=given.get("baseline", 7),
            error_rate=given.get("alpha"),
            least_standard_deviation=given.get("minSigma", 0.0),
        )
        rows = slice(first, last + 1)
        limit = float(ndtri(1 - (given.get("alpha") or (0.025 if chosen is EarsMethod.C3 else 0.001))))
        expected, upper = result.expected[rows], result.upper[rows]
        observed = panel.counts[rows]
        score = probability = np.full(observed.shape, np.nan)
        if chosen is not EarsMethod.C3:
            with np.errstate(invalid="ignore", divide="ignore"):
                score = np.where(upper > expected, (observed - expected) / (upper - expected) * limit, np.nan)
            probability = ndtr(-score)
        return Judgement(
            first=first,
            expected=expected,
            threshold=upper,
            score=score,
            alarm=result.alarm[rows],
            decided=~np.isnan(upper) & ~np.isnan(observed),
            probability=probability,
        )

    return run


def _farrington(original: bool) -> Runner:
    def run(panel: Panel, given: Options, first: int, last: int) -> Judgement:
        limit = given.get("limit54", np.array([5.0, 4.0]))
        alpha = given.get("alpha", 0.05)
        chosen = FarringtonOptions(
            years=given.get("b", 5),
            half_window=given.get("w", 3),
            seasons=given.get("noPeriods", 1),
            guard=given.get("pastWeeksNotIncluded"),
            reweight=given.get("reweight", True),
            weight_threshold=given.get("weightsThreshold", 1.0 if original else 2.58),
            error_rate=alpha / 2 if original else alpha,
            trend=given.get("trend", True),
            trend_error_rate=given.get("pThresholdTrend", 0.05),
            least_cases=float(limit[0]),
            least_cases_steps=int(limit[1]),
            power=Power(given.get("powertrans", "2/3")),
            threshold=Threshold(given.get("thresholdMethod", "delta")),
            pearson_errors=original,
        )
        offset = given.get("populationOffset", False) or "population" in given.get("fitFun", "").lower()
        if offset and panel.population is None:
            raise InvalidInput(
                {"zh": "没有 population 列。", "en": "There is no column population."},
                {"zh": "请加该列，或去掉该选项。", "en": "Add it, or leave the option out."},
            )
        steps = [step for step in range(first, last + 1) if _has_past(panel, step, chosen)]
        result = detect_farrington(
            panel.counts, panel.axis, chosen, steps=steps, population=panel.population if offset else None
        )
        return _spread_out(panel, result, first, last)

    return run


def _has_past(panel: Panel, step: int, chosen: FarringtonOptions) -> bool:
    past = reference_steps(
        panel.axis,
        step,
        years=chosen.years,
        half_window=chosen.half_window,
        seasons=chosen.seasons,
        guard=chosen.steps_left_out,
    )
    return past is not None


def _spread_out(panel: Panel, result: FarringtonResult, first: int, last: int) -> Judgement:
    """Return a judgement of every step of the range; those without enough past are not decided."""
    shape = (last + 1 - first, len(panel.locations))
    fields: dict[str, FloatArray] = {}
    for name in ("expected", "upper", "score", "probability"):
        fields[name] = np.full(shape, np.nan)
        fields[name][result.step - first] = getattr(result, name)
    alarm = np.zeros(shape, dtype=np.bool_)
    alarm[result.step - first] = result.alarm
    return Judgement(
        first=first,
        expected=fields["expected"],
        threshold=fields["upper"],
        score=fields["score"],
        alarm=alarm,
        decided=~np.isnan(fields["upper"]),
        probability=fields["probability"],
    )


def _bayes(years: int, half_window: int, this_year: bool) -> Runner:
    def run(panel: Panel, given: Options, first: int, last: int) -> Judgement:
        if given.get("b", years) == 0 and not given.get("actY", this_year):
            raise InvalidInput(
                {
                    "zh": "b=0 且 actY=FALSE：没有可比的过去。",
                    "en": "b=0 with actY=FALSE: no past to compare with.",
                },
                {"zh": "请增大 b，或用 actY=TRUE。", "en": "Give a larger b, or actY=TRUE."},
            )
        chosen = BayesOptions(
            years=given.get("b", years),
            half_window=given.get("w", half_window),
            this_year=given.get("actY", this_year),
            error_rate=given.get("alpha", 0.05),
        )
        result = detect_bayes(panel.counts, panel.axis, chosen)
        rows = slice(first, last + 1)
        chance = result.probability[rows]
        return Judgement(
            first=first,
            expected=result.expected[rows],
            threshold=result.upper[rows],
            score=-ndtri(np.clip(chance, 1e-300, 1 - 1e-16)),
            alarm=result.alarm[rows],
            decided=~np.isnan(result.upper[rows]),
            probability=chance,
        )

    return run


def _surprise(panel: Panel, given: Options, first: int, last: int) -> Judgement:
    named = {
        "fdr": "false_discovery_rate",
        "halfLife": "half_life_years",
        "weightsThreshold": "residual_threshold",
        "trendDeviation": "trend_deviation",
        "guard": "guard",
    }
    chosen = SurpriseOptions(**{named[key]: value for key, value in given.items() if key in named})
    changes = [int(step) - 1 for step in given.get("definitionChange", ())]
    least = max(first, chosen.least_known)
    steps = range(least, last + 1)
    result = detect_surprises(
        panel.counts,
        panel.axis,
        chosen,
        steps=steps,
        completeness=None if panel.completeness is None else np.nan_to_num(panel.completeness, nan=1.0),
        definition_changes=changes,
    )
    shape = (last + 1 - first, len(panel.locations))
    pad = least - first

    def full(array: NDArray[Any]) -> FloatArray:
        whole = np.full(shape, np.nan)
        whole[pad:] = array
        return whole

    chance = full(result.probability)
    return Judgement(
        first=first,
        expected=full(result.expected),
        threshold=full(result.upper),
        score=-np.log10(np.maximum(chance, 1e-300)),
        alarm=full(result.alarm) > 0,
        decided=~np.isnan(chance),
        probability=chance,
        rate=full(result.false_discovery_rate),
        window=full(result.window),
        window_count=full(result.window_count),
        window_expected=full(result.window_expected),
    )


_CHANCE = opt.between(opt.number, 0, 1)
_EARS: dict[str, opt.Parser] = {
    "baseline": opt.within(opt.whole, 3),
    "minSigma": opt.within(opt.number, 0),
    "alpha": opt.or_null(_CHANCE),
}
_FARRINGTON: dict[str, opt.Parser] = {
    "b": opt.within(opt.whole, 1),
    "w": opt.within(opt.whole, 0),
    "reweight": opt.boolean,
    "alpha": _CHANCE,
    "trend": opt.boolean,
    "limit54": opt.cases_and_steps,
    "powertrans": opt.word("2/3", "1/2", "none"),
    "fitFun": str,
    "plot": opt.boolean,
}
_FLEXIBLE: dict[str, opt.Parser] = _FARRINGTON | {
    "weightsThreshold": opt.between(opt.number, 0),
    "glmWarnings": opt.boolean,
    "pThresholdTrend": opt.within(opt.number, 0, 1),
    "populationOffset": opt.boolean,
    "noPeriods": opt.within(opt.whole, 1),
    "pastWeeksNotIncluded": opt.or_null(opt.within(opt.whole, 0)),
    "thresholdMethod": opt.word("delta", "nbPlugin", "muan"),
}
_CUSUM: dict[str, opt.Parser] = {
    "k": opt.number,
    "h": opt.between(opt.number, 0),
    "m": opt.or_null(opt.numbers_or_word("glm")),
    "trans": opt.word(
        "rossi", "standard", "anscombe", "anscombe2nd", "pearsonNegBin", "anscombeNegBin", "none"
    ),
    "alpha": opt.or_null(opt.within(opt.number, 0)),
}
_RATIO: dict[str, opt.Parser] = {
    "c.ARL": opt.between(opt.number, 0),
    "mu0": opt.or_null(opt.season_or_numbers),
    "Mtilde": opt.within(opt.whole, 1),
    "M": opt.within(opt.whole, -1),
    "change": opt.word("intercept", "epi"),
    "theta": opt.or_null(opt.number),
    "dir": opt.word("inc", "dec"),
    "ret": opt.word("cases", "value"),
    "xMax": opt.within(opt.number, 1),
    "search": opt.word("R", "exact"),
}
_BAYES: dict[str, opt.Parser] = {
    "b": opt.within(opt.whole, 0),
    "w": opt.within(opt.whole, 1),
    "actY": opt.boolean,
    "alpha": _CHANCE,
}
_SURPRISE: dict[str, opt.Parser] = {
    "fdr": _CHANCE,
    "halfLife": opt.between(opt.number, 0),
    "weightsThreshold": opt.between(opt.number, 0),
    "trendDeviation": opt.between(opt.number, 0),
    "guard": opt.within(opt.whole, 0),
    "definitionChange": opt.numbers,
}


def _all() -> dict[str, Method]:
    table: list[tuple[str, dict[str, opt.Parser], Runner]] = [
        ("surprise", _SURPRISE, _surprise),
        ("earsC", _EARS | {"method": opt.word("C1", "C2", "C3")}, _ears(None)),
        ("earsC1", _EARS, _ears(EarsMethod.C1)),
        ("earsC2", _EARS, _ears(EarsMethod.C2)),
        ("earsC3", _EARS, _ears(EarsMethod.C3)),
        ("farringtonFlexible", _FLEXIBLE, _farrington(original=False)),
        ("farrington", _FARRINGTON, _farrington(original=True)),
        ("cusum", _CUSUM, run_cusum),
        ("glrnb", _RATIO | {"alpha": opt.or_null(opt.within(opt.number, 0))}, run_ratio),
        ("glrpois", _RATIO, run_ratio),
        ("bayes", _BAYES, _bayes(0, 6, True)),
        ("bayes1", {"alpha": _CHANCE}, _bayes(0, 6, True)),
        ("bayes2", {"alpha": _CHANCE}, _bayes(1, 6, True)),
        ("bayes3", {"alpha": _CHANCE}, _bayes(2, 4, False)),
    ]
    return {_plain(name): Method(name, known | _ALWAYS | _QUIET, run) for name, known, run in table}


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower().removeprefix("algo."))


_ALIASES = {"ears": "earsc", "cusumrossi": "cusum", "glr": "glrnb", "noufaily": "farringtonflexible"}
METHODS = _all()


def method_of(name: str) -> Method:
    """Return a method by its name, in any spelling: ``farringtonFlexible``, ``farrington-flexible``.

    Raises
    ------
    InvalidInput
        For a name that no method has.
    """
    plain = _plain(name)
    found = METHODS.get(_ALIASES.get(plain, plain))
    if found is None:
        names = ", ".join(method.name for method in METHODS.values())
        raise InvalidInput(
            {"zh": f"没有方法 {name}。", "en": f"There is no method {name}."},
            {"zh": f"可用：{names}。", "en": f"Use one of {names}."},
        )
    return found
