"""Plans compared run by run on the same luck: the interval is that of the paired difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import special

from fangxian.plans.schema import Stays
from fangxian.studies.comparison.figures import FIGURES, run_figures

FloatArray = NDArray[np.float64]
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Estimate:
    """A mean over runs with its interval; without bounds where one run is too few.

    Parameters
    ----------
    mean : float
        Over the runs.
    low, high : float or None
        Interval of the mean by Student's t, 95 %.
    """

    mean: float
    low: float | None
    high: float | None

    @property
    def differs_from_zero(self) -> bool:
        """Whether the interval leaves zero out; one run never tells."""
        if self.low is None or self.high is None:
            return False
        return self.low > 0 or self.high < 0


@dataclass(frozen=True)
class Compared:
    """One scenario: its figures, and how they differ from those of the reference on the same luck.

    Parameters
    ----------
    scenario : str
        Its id.
    figures : dict of str to Estimate
        By the names of `FIGURES`.
    differences : dict of str to Estimate
        Scenario less reference, run by run; empty for the reference itself.
    """

    scenario: str
    figures: dict[str, Estimate]
    differences: dict[str, Estimate]


def compare(series: pl.DataFrame, scenarios: Sequence[str], stays: Stays) -> list[Compared]:
    """Compare scenarios with the first of them.

    Parameters
    ----------
    series : polars.DataFrame
        Series of an ensemble, with ``scenario`` and ``replicate``.
    scenarios : sequence of str
        In order; the first is the reference.
    stays : Stays
        Of the disease.

    Returns
    -------
    list of Compared
        In the order of the scenarios.

    Raises
    ------
    ValueError
        If the scenarios have not the same replicates, since only runs of one luck can be paired.
    """
    runs = {name: _figures_by_run(series, name, stays) for name in scenarios}
    replicates = {name: tuple(table) for name, table in runs.items()}
    if len(set(replicates.values())) > 1:
        raise ValueError(
            f"compare: every scenario needs the same replicates (got {replicates}); "
            "run the ensemble again, with the same number of runs for each plan"
        )
    reference = runs[scenarios[0]]
    compared = []
    for name in scenarios:
        own = runs[name]
        figures = {key: _not_negative(estimate(_column(own, key))) for key in FIGURES}
        differences = {}
        if name != scenarios[0]:
            differences = {key: estimate(_column(own, key) - _column(reference, key)) for key in FIGURES}
        compared.append(Compared(name, figures, differences))
    return compared


def estimate(values: FloatArray) -> Estimate:
    """Return the mean of values, one a run, with its 95 % interval by Student's t."""
    mean = float(values.mean())
    if len(values) < 2:
        return Estimate(mean, None, None)
    quantile = special.stdtrit(len(values) - 1, 0.5 + CONFIDENCE / 2)
    reach = quantile * values.std(ddof=1) / np.sqrt(len(values))
    return Estimate(mean, mean - float(reach), mean + float(reach))


def _not_negative(one: Estimate) -> Estimate:
    """Return an interval of a count, which nothing below zero belongs to."""
    return one if one.low is None else Estimate(one.mean, max(0.0, one.low), one.high)


def _figures_by_run(series: pl.DataFrame, scenario: str, stays: Stays) -> dict[int, dict[str, float]]:
    own = series.filter(pl.col("scenario") == scenario).sort("replicate", "day")
    return {
        int(run["replicate"][0]): run_figures(run, stays)
        for run in own.partition_by("replicate", maintain_order=True)
    }


def _column(runs: dict[int, dict[str, float]], key: str) -> FloatArray:
    return np.array([figures[key] for figures in runs.values()])
