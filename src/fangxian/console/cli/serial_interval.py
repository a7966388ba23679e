"""What ``fangxian rt`` is told of the serial interval: a table, a gamma, or a gamma itself uncertain."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from fangxian.base.errors import InvalidInput

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from fangxian.science.renewal.uncertain_interval import TruncatedNormal, UncertainInterval

    FloatArray = NDArray[np.float64]

REACH = 3.0
"""Standard deviations from the middle to the ends, where no end is given."""
LEAST_MEAN_DAYS = 1.0
LEAST_DEVIATION_DAYS = 0.1


class Spread(NamedTuple):
    """How uncertain one figure of the interval is, in days: standard deviation, least and most."""

    deviation: float | None
    least: float | None
    most: float | None


def interval_weights(si: Path | None, mean: float | None, deviation: float | None, days: int) -> FloatArray:
    """Return the probability of 0, 1, 2, ... days: from a table, or of a gamma shifted by one day.

    Raises
    ------
    InvalidInput
        Where the interval is given in neither way or both, or cannot be used.
    """
    from fangxian.console.cli.series_files import read_lag_probabilities
    from fangxian.science.renewal.cori import discretised_gamma

    if si is not None and mean is None and deviation is None:
        return read_lag_probabilities(si)
    if si is not None or mean is None or deviation is None:
        raise InvalidInput(
            {"zh": "没有说明代间距。", "en": "Nothing says what the serial interval is."},
            {
                "zh": "请给出 --si 文件，或同时给出 --si-mean 和 --si-sd（天），二者选一。",
                "en": "Give --si FILE, or both --si-mean and --si-sd (days); one way, not two.",
            },
        )
    try:
        return discretised_gamma(mean, deviation, maximum_days=max(days, int(mean + 30 * deviation)))
    except ValueError as error:
        raise InvalidInput(
            {"zh": f"代间距不可用：{error}", "en": f"The serial interval cannot be used: {error}"},
            {
                "zh": "均值应大于 1 天；更短的请用 --si 给出。",
                "en": "The mean must exceed 1 day; a shorter one is given by --si.",
            },
        ) from error


def uncertain_interval(
    mean: float | None, deviation: float | None, of_mean: Spread, of_deviation: Spread
) -> UncertainInterval | None:
    """Return the interval of uncertain mean and standard deviation, or None where both are certain.

    Raises
    ------
    InvalidInput
        Where only one of the two is said to be uncertain, or the ends do not hold the middle.
    """
    from fangxian.science.renewal.uncertain_interval import UncertainInterval

    if all(value is None for value in (*of_mean, *of_deviation)):
        return None
    if mean is None or deviation is None or of_mean.deviation is None or of_deviation.deviation is None:
        raise InvalidInput(
            {
                "zh": "代间距的不确定性没有说全。",
                "en": "The serial interval is said to be uncertain in part only.",
            },
            {
                "zh": "请同时给出 --si-mean、--si-sd、--si-mean-sd 和 --si-sd-sd（天）。",
                "en": "Give --si-mean, --si-sd, --si-mean-sd and --si-sd-sd together (days).",
            },
        )
    try:
        return UncertainInterval(
            _truncated(mean, of_mean, LEAST_MEAN_DAYS),
            _truncated(deviation, of_deviation, LEAST_DEVIATION_DAYS),
        )
    except ValueError as error:
        raise InvalidInput(
            {"zh": f"代间距不可用：{error}", "en": f"The serial interval cannot be used: {error}"},
            {
                "zh": "请更改 --si-mean-min、--si-mean-max、--si-sd-min 或 --si-sd-max。",
                "en": "Change --si-mean-min, --si-mean-max, --si-sd-min or --si-sd-max.",
            },
        ) from error


def check_mixture(uncertain: bool, method: str, mixture: str, draws: tuple[int | None, ...]) -> None:
    """Refuse what would be told and not used."""
    if uncertain and method != "cori":
        raise InvalidInput(
            {"zh": f"方法 {method} 不用不确定的代间距。", "en": f"{method} takes no uncertain interval."},
            {
                "zh": "请用 --method cori，或去掉 --si-mean-sd 和 --si-sd-sd。",
                "en": "Use --method cori, or leave out --si-mean-sd and --si-sd-sd.",
            },
        )
    asked = any(value is not None for value in draws)
    if (mixture == "sampled" and not uncertain) or (mixture == "exact" and asked):
        raise InvalidInput(
            {
                "zh": "--n1、--n2、--seed 只用于抽样，抽样只用于不确定的代间距。",
                "en": "--n1, --n2 and --seed are for sampling, and sampling for an uncertain interval.",
            },
            {
                "zh": "请加上 --si-mixture sampled，以及 --si-mean-sd 和 --si-sd-sd。",
                "en": "Add --si-mixture sampled, --si-mean-sd and --si-sd-sd.",
            },
        )


def _truncated(middle: float, spread: Spread, floor: float) -> TruncatedNormal:
    from fangxian.science.renewal.uncertain_interval import TruncatedNormal

    deviation = spread.deviation or 0.0
    least = max(floor, middle - REACH * deviation) if spread.least is None else spread.least
    most = middle + REACH * deviation if spread.most is None else spread.most
    if not least <= middle <= most:
        raise ValueError(f"the ends must hold the middle (got {least:g} and {most:g} for {middle:g})")
    return TruncatedNormal(middle, deviation, least, most)
