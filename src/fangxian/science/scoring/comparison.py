"""Is one model better than another: the Diebold-Mariano test, and relative skill by pairwise comparison."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import t as student

FloatArray = NDArray[np.float64]


class DieboldMariano(NamedTuple):
    """Outcome of the test.

    Attributes
    ----------
    mean_difference : float
        Of the losses; negative where the first model is better.
    statistic : float
        Student's t with ``number - 1`` degrees of freedom if both are equally good.
    p_value : float
        Two-sided.
    number : int
        Forecasts compared.
    """

    mean_difference: float
    statistic: float
    p_value: float
    number: int


def diebold_mariano(
    first_loss: ArrayLike,
    second_loss: ArrayLike,
    *,
    horizon: int = 1,
    variance: Literal["truncated", "bartlett"] = "truncated",
) -> DieboldMariano:
    """Test whether two models that forecast the same things lose equally.

    Parameters
    ----------
    first_loss, second_loss : array [time]
        Scores of consecutive forecasts, e.g. weighted interval scores; pairs with NaN are left out.
    horizon : int
        Steps ahead. Errors of forecasts h steps ahead overlap, so their differences are correlated up to
        lag h - 1; these autocovariances enter the variance.
    variance : str
        ``"truncated"``: all lags weigh one, as in the paper; ``"bartlett"``: they taper, which is never
        negative.

    Returns
    -------
    DieboldMariano

    Raises
    ------
    ValueError
        If the losses differ in length, are too few for the horizon or never differ, or if the truncated
        variance is not positive.

    Notes
    -----
    ``mean(d) / sqrt((g_0 + 2 sum_{k<h} g_k) / n)`` with autocovariances ``g_k`` of the differences d
    (Diebold FX, Mariano RS. J Bus Econ Stat 1995;13:253-63, DOI 10.1080/07350015.1995.10524599), times
    ``sqrt((n + 1 - 2 h + h (h - 1) / n) / n)`` for small samples (Harvey D, Leybourne S, Newbold P.
    Int J Forecast 1997;13:281-91, DOI 10.1016/S0169-2070(96)00719-4).
    """
    first, second = np.asarray(first_loss, dtype=np.float64), np.asarray(second_loss, dtype=np.float64)
    if first.shape != second.shape or first.ndim != 1:
        raise ValueError(
            f"losses must be [time] of the same forecasts (got {first.shape} and {second.shape}); "
            "average over places before, or test each place"
        )
    difference = first - second
    difference = difference[~np.isnan(difference)]
    number = len(difference)
    if horizon < 1 or number <= 2 * horizon:
        raise ValueError(
            f"the test needs a horizon of at least 1 and more than {2 * max(horizon, 1)} forecasts "
            f"(got horizon {horizon}, {number} forecasts); pool more rounds"
        )
    mean = float(difference.mean())
    centred = difference - mean
    lags = [float(centred[lag:] @ centred[: number - lag]) / number for lag in range(horizon)]
    taper = [1.0 if variance == "truncated" else 1 - lag / horizon for lag in range(horizon)]
    long_run = lags[0] + 2 * sum(w * g for w, g in zip(taper[1:], lags[1:], strict=True))
    if lags[0] <= 1e-24 * max(mean**2, 1e-300):
        raise ValueError(
            "the losses never differ, or always by the same amount: there is nothing to test; "
            "compare their means"
        )
    if long_run <= 0:
        raise ValueError(
            f"the truncated variance is not positive (got {long_run:g}); pass variance='bartlett'"
        )
    shrink = np.sqrt((number + 1 - 2 * horizon + horizon * (horizon - 1) / number) / number)
    statistic = float(shrink * mean / np.sqrt(long_run / number))
    p_value = float(2 * student.sf(abs(statistic), df=number - 1))
    return DieboldMariano(mean, statistic, p_value, number)


class RelativeSkill(NamedTuple):
    """Skill of models that did not all forecast the same things.

    Attributes
    ----------
    skill : float array [model]
        Below 1: better than the usual one of these models.
    scaled : float array [model]
        Skill over that of the baseline; equal to ``skill`` without a baseline.
    ratio : float array [model, model]
        Mean score of the row over that of the column on the tasks of both; NaN without a common task.
    """

    skill: FloatArray
    scaled: FloatArray
    ratio: FloatArray


def relative_skill(scores: ArrayLike, *, baseline: int | None = None) -> RelativeSkill:
    """Compare models pairwise on the tasks that both have forecast.

    Parameters
    ----------
    scores : array [task, model]
        Lower is better, not negative; NaN where a model did not forecast.
    baseline : int, optional
        Position of the model that gets a scaled skill of 1.

    Returns
    -------
    RelativeSkill

    Raises
    ------
    ValueError
        If the scores are not [task, model] or the baseline is not one of the models.

    Notes
    -----
    The skill of a model is the geometric mean of its ratios to every model, itself included: the method of
    the forecast hubs (Cramer EY et al. PNAS 2022;119:e2113561119, DOI 10.1073/pnas.2113561119) and of
    scoringutils.
    """
    values = np.asarray(scores, dtype=np.float64)
    if values.ndim != 2 or (baseline is not None and not 0 <= baseline < values.shape[1]):
        raise ValueError(
            f"scores must be [task, model] and the baseline one of the models (got {values.shape}, "
            f"baseline {baseline}); give its column"
        )
    known = ~np.isnan(values)
    filled = np.where(known, values, 0.0)
    own = filled.T @ known.astype(np.float64)  # sum of the row's model on the tasks of both
    number = known.T.astype(np.float64) @ known
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.where(number > 0, own / own.T, np.nan)
        ratio = np.where((number > 0) & (own == 0) & (own.T == 0), 1.0, ratio)
        logs = np.log(ratio)
    known_ratio = ~np.isnan(logs)
    summed = np.where(known_ratio, logs, 0.0).sum(axis=1)
    skill = np.where(known_ratio.any(axis=1), np.exp(summed / np.maximum(known_ratio.sum(axis=1), 1)), np.nan)
    scaled = skill if baseline is None else skill / skill[baseline]
    return RelativeSkill(skill, scaled, ratio)
