"""``fangxian rt``: the reproduction number of a series of counts."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from fangxian.base.errors import InvalidInput

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from fangxian.console.cli.series_files import CountSeries
    from fangxian.science.renewal.cori import ReproductionNumber
    from fangxian.science.renewal.uncertain_interval import UncertainInterval
    from fangxian.science.renewal.wallinga_teunis import CaseReproductionNumber

    FloatArray = NDArray[np.float64]
    Estimator = Callable[[FloatArray], ReproductionNumber | CaseReproductionNumber]

METHODS = ("cori", "wallinga-teunis", "renewal")
LEVELS = (0.025, 0.5, 0.975)
MIXTURES = ("exact", "sampled")
COMPLETE = 0.95
"""Share of the serial interval that must have passed for a case to have infected whom it will."""
LEAST_INSIDE = 0.5
"""Share of the serial interval that must be shorter than the series."""


def rt(
    series: Annotated[Path, typer.Argument(help="CSV with columns date,value; an empty value is unknown")],
    si: Annotated[Path | None, typer.Option(help="CSV with columns lag,probability, lag 0 first")] = None,
    si_mean: Annotated[float | None, typer.Option(help="Mean serial interval in days")] = None,
    si_sd: Annotated[float | None, typer.Option(help="Standard deviation in days")] = None,
    si_mean_sd: Annotated[
        float | None, typer.Option(help="cori, uncertain interval: standard deviation of its mean")
    ] = None,
    si_mean_min: Annotated[float | None, typer.Option(help="Least mean interval [mean - 3 sd, 1]")] = None,
    si_mean_max: Annotated[float | None, typer.Option(help="Longest mean interval [mean + 3 sd]")] = None,
    si_sd_sd: Annotated[
        float | None, typer.Option(help="cori, uncertain interval: standard deviation of its deviation")
    ] = None,
    si_sd_min: Annotated[float | None, typer.Option(help="Least deviation [deviation - 3 sd, 0.1]")] = None,
    si_sd_max: Annotated[float | None, typer.Option(help="Largest deviation [deviation + 3 sd]")] = None,
    si_mixture: Annotated[
        str, typer.Option(help="Uncertain interval: exact, or sampled as EpiEstim samples it")
    ] = "exact",
    n1: Annotated[int | None, typer.Option(help="sampled: pairs of mean and deviation [500]")] = None,
    n2: Annotated[int | None, typer.Option(help="sampled: draws of R for each pair [50]")] = None,
    seed: Annotated[int | None, typer.Option(help="sampled: as in R's set.seed [1]")] = None,
    window: Annotated[int, typer.Option(help="Days in a window (cori, wallinga-teunis)")] = 7,
    method: Annotated[str, typer.Option(help="cori, wallinga-teunis or renewal")] = "cori",
    delay: Annotated[
        Path | None, typer.Option(help="renewal: CSV lag,probability from infection to report")
    ] = None,
    level_shift: Annotated[
        list[datetime] | None,
        typer.Option(formats=["%Y-%m-%d"], help="First day of a new definition of a case; may be repeated"),
    ] = None,
    json_: Annotated[bool, typer.Option("--json", help="A list of windows")] = False,
) -> None:
    """Print the reproduction number; a window that cannot be estimated has null instead of numbers."""
    from fangxian.console.cli.serial_interval import (
        Spread,
        check_mixture,
        interval_weights,
        uncertain_interval,
    )
    from fangxian.console.cli.series_files import read_count_series

    _check_name(method, METHODS, "--method")
    _check_name(si_mixture, MIXTURES, "--si-mixture")
    counts = read_count_series(series)
    weight = interval_weights(si, si_mean, si_sd, len(counts.values) * counts.step_days)
    uncertain = uncertain_interval(
        si_mean, si_sd, Spread(si_mean_sd, si_mean_min, si_mean_max), Spread(si_sd_sd, si_sd_min, si_sd_max)
    )
    draws = (n1, n2, seed)
    check_mixture(uncertain is not None, method, si_mixture, draws)
    shifts = _shifts(counts, level_shift or [], delay)
    try:
        if method == "renewal":
            estimate = _renewal(counts, weight, delay, shifts)
        elif uncertain is not None:
            estimator = _mixture(uncertain, window, si_mixture, draws)
            estimate = _windows(counts, estimator, shifts)
        else:
            estimate = _windows(counts, _certain(weight, window, method), shifts)
    except ValueError as error:
        raise InvalidInput(
            {"zh": f"不能估计：{error}", "en": f"Cannot be estimated: {error}"},
            {"zh": "请按提示修改输入。", "en": "Change the input as it says."},
        ) from error
    _check_length(counts, weight, window if method != "renewal" else 0)
    if method == "wallinga-teunis":
        _tell_incomplete(counts, weight)
    rows = [_row(counts, estimate, index) for index in range(len(estimate.start))]
    if json_:
        print(json.dumps(rows, indent=1))
        return
    print(f"{'start':<10}  {'end':<10}  median  (95 % interval)  {method}")
    for row in rows:
        known = row["median"] is not None
        words = f"{row['median']:6.2f}  ({row['lower']:.2f} - {row['upper']:.2f})" if known else "     -"
        print(f"{row['start']}  {row['end']}  {words}")


def _check_name(name: str, names: tuple[str, ...], option: str) -> None:
    if name not in names:
        raise InvalidInput(
            {"zh": f"{option} 没有 {name}。", "en": f"{option} knows no {name}."},
            {"zh": f"请用 {'、'.join(names)} 之一。", "en": f"Use one of {', '.join(names)}."},
        )


class _Estimate(NamedTuple):
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    mean: FloatArray
    deviation: FloatArray
    quantiles: FloatArray


def _check_length(counts: CountSeries, weight: FloatArray, window: int) -> None:
    """Refuse what would give no window, or a number made of the few infectors that the series holds."""
    days = len(counts.values) * counts.step_days
    inside = float(weight[:days].sum())
    if window > 0 and days > window and inside < LEAST_INSIDE:
        raise InvalidInput(
            {
                "zh": f"代间距的 {1 - inside:.0%} 长于数据的 {days} 天。",
                "en": f"{1 - inside:.0%} of the serial interval is longer than the {days} days given.",
            },
            {
                "zh": "请给出更长的序列，并核对代间距的单位是天。",
                "en": "Give a longer series, and check that the interval is in days.",
            },
        )
    if days <= window:
        raise InvalidInput(
            {
                "zh": f"窗口 {window} 天，而数据只有 {days} 天。",
                "en": f"A window has {window} days and the series {days}.",
            },
            {"zh": "请用更小的 --window，或更长的序列。", "en": "Use a smaller --window or a longer series."},
        )


def _tell_incomplete(counts: CountSeries, weight: FloatArray) -> None:
    """Say from when on cases have infected people who have not yet fallen ill."""
    import numpy as np

    needed = int(np.searchsorted(np.cumsum(weight), COMPLETE))
    last = counts.first + timedelta(days=len(counts.values) - 1 - needed)
    print(
        f"{last} 之后结束的窗口偏低：其病例所感染的人尚未全部发病。"
        f" Windows that end after {last} read low: not all whom their cases infected have fallen ill.",
        file=sys.stderr,
    )


def _shifts(counts: CountSeries, level_shift: list[datetime], delay: Path | None) -> tuple[int, ...]:
    """Return the days of the series, from 0, on which a definition changed."""
    days = tuple(sorted({(moment.date() - counts.first).days for moment in level_shift}))
    if days and (counts.step_days != 1 or delay is not None):
        raise InvalidInput(
            {
                "zh": "口径变更只用于逐日数据，且不能与 --delay 同用。",
                "en": "A level shift can be told for daily counts only, and not together with --delay.",
            },
            {"zh": "请在变更处把序列分成两段。", "en": "Split the series there in two."},
        )
    outside = [day for day in days if not 0 < day < len(counts.values)]
    if outside:
        when = counts.first + timedelta(days=outside[0])
        raise InvalidInput(
            {
                "zh": f"口径变更 {when} 不在序列之内。",
                "en": f"The level shift of {when} is not in the series.",
            },
            {
                "zh": "请给出新口径的第一天，须在序列首日之后。",
                "en": "Give the first day of the new definition, after the first day of the series.",
            },
        )
    return days


def _renewal(
    counts: CountSeries, weight: FloatArray, delay: Path | None, shifts: tuple[int, ...]
) -> _Estimate:
    """Fit the renewal model: on reports as they come, or on infections where they are weekly, late or amiss.

    Over days without counts that are as many as a mean serial interval, reports no longer lead to reports;
    the level before and after says what R was between, which only infections can carry over.
    """
    import numpy as np

    from fangxian.console.cli.series_files import read_lag_probabilities
    from fangxian.science.renewal.latent import LatentData, estimate_latent_renewal
    from fangxian.science.renewal.renewal import RenewalData, estimate_renewal

    gap = _longest_gap(counts.values) >= weight @ np.arange(len(weight))
    if delay is None and counts.step_days == 1 and (shifts or not gap):
        found = estimate_renewal(RenewalData(counts.values, weight, events=shifts)).reproduction(LEVELS)
    else:
        late = (1.0,) if delay is None else read_lag_probabilities(delay)
        data = LatentData(counts.values, weight, late, period_days=counts.step_days)
        found = estimate_latent_renewal(data).reproduction(LEVELS)
    day = np.arange(len(found.mean))
    return _Estimate(day, day, found.mean, found.standard_deviation, found.quantiles)


def _longest_gap(values: FloatArray) -> int:
    """Return the largest number of days without count between two that have one."""
    import numpy as np

    known = np.flatnonzero(np.isfinite(values))
    return int(np.diff(known).max()) - 1 if len(known) > 1 else 0


def _certain(weight: FloatArray, window: int, method: str) -> Estimator:
    from fangxian.science.renewal.cori import estimate_reproduction_number
    from fangxian.science.renewal.wallinga_teunis import estimate_case_reproduction_number

    estimator = (
        estimate_case_reproduction_number if method == "wallinga-teunis" else estimate_reproduction_number
    )
    return partial(estimator, serial_interval=weight, window_days=window, probabilities=LEVELS)


def _mixture(
    interval: UncertainInterval, window: int, mixture: str, draws: tuple[int | None, ...]
) -> Estimator:
    """Return the estimator over what the interval may be: computed, or drawn from EpiEstim's stream."""
    from fangxian.science.renewal.sampled_interval import IntervalDraws, sample_with_uncertain_interval
    from fangxian.science.renewal.uncertain_interval import estimate_with_uncertain_interval

    if mixture == "exact":
        return partial(
            estimate_with_uncertain_interval, interval=interval, window_days=window, probabilities=LEVELS
        )
    given = {
        name: value for name, value in zip(("pairs", "each", "seed"), draws, strict=True) if value is not None
    }
    return partial(
        sample_with_uncertain_interval,
        interval=interval,
        draws=IntervalDraws(**given),
        window_days=window,
        probabilities=LEVELS,
    )


def _windows(counts: CountSeries, estimator: Estimator, shifts: tuple[int, ...]) -> _Estimate:
    """Estimate each definition of a case as if nothing were known of the days of the others."""
    import numpy as np

    if counts.step_days != 1:
        raise InvalidInput(
            {"zh": "日期相隔一周。", "en": "The dates are a week apart."},
            {
                "zh": "请给出逐日数据，或用 --method renewal（按周合计，日期为该周第一天）。",
                "en": "Give one row a day, or --method renewal (weekly sums, dated by their first day).",
            },
        )
    found: _Estimate | None = None
    definition = np.searchsorted(shifts, np.arange(len(counts.values)), side="right")
    for number in range(len(shifts) + 1):
        of_it = np.where(definition == number, counts.values, np.nan)
        result = estimator(of_it)
        part = _Estimate(
            result.window_start, result.window_end, result.mean, result.standard_deviation, result.quantiles
        )
        found = part if found is None else _joined(found, part)
    if found is None:
        raise ValueError("a series has at least one definition")
    return found


def _joined(one: _Estimate, other: _Estimate) -> _Estimate:
    """Take each window from the definition that could estimate it."""
    import numpy as np

    known = np.isfinite(one.mean)
    return one._replace(
        mean=np.where(known, one.mean, other.mean),
        deviation=np.where(known, one.deviation, other.deviation),
        quantiles=np.where(known[:, None], one.quantiles, other.quantiles),
    )


def _row(counts: CountSeries, estimate: _Estimate, index: int) -> dict[str, Any]:
    import numpy as np

    lower, median, upper = estimate.quantiles[index]
    numbers = {
        "mean": estimate.mean[index],
        "sd": estimate.deviation[index],
        "lower": lower,
        "median": median,
        "upper": upper,
    }
    return {
        "start": (counts.first + timedelta(days=int(estimate.start[index]))).isoformat(),
        "end": (counts.first + timedelta(days=int(estimate.end[index]))).isoformat(),
        **{name: float(value) if np.isfinite(value) else None for name, value in numbers.items()},
    }
