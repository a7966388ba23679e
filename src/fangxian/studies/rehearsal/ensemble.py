"""Many runs of several plans on the same luck, gathered in order, with progress."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from fangxian.studies.rehearsal.executors import Executor
from fangxian.studies.rehearsal.stage import Result, Stage, Task

Progress = Callable[[int, int], None]
"""Called with runs done and runs in all."""


@dataclass(frozen=True, eq=False)
class Ensemble:
    """The runs of several scenarios.

    Parameters
    ----------
    stage : Stage
        What they were made from.
    replicates : int
        Runs of each scenario.
    series : polars.DataFrame
        ``scenario``, ``replicate`` (from 1), then the columns of `tables.series_table`; in that order.
    switches : polars.DataFrame
        ``scenario``, ``replicate``, then the columns of `tables.switches_table`.
    detail_files : tuple of str
        Files of counts by day, place and age.
    """

    stage: Stage
    replicates: int
    series: pl.DataFrame
    switches: pl.DataFrame
    detail_files: tuple[str, ...]

    def of(self, scenario: str) -> pl.DataFrame:
        """Return the series of one scenario."""
        return self.series.filter(pl.col("scenario") == scenario)


def run_ensemble(
    stage: Stage, replicates: int, executor: Executor, *, progress: Progress | None = None
) -> Ensemble:
    """Play every scenario of a stage with the same seeds.

    Parameters
    ----------
    stage : Stage
        Plans, disease, town and question.
    replicates : int
        Runs of each scenario, at least 1.
    executor : Executor
        Where the runs take place; it does not change a figure.
    progress : callable, optional
        Called after each run.

    Returns
    -------
    Ensemble
        In the order of scenarios and replicates, whatever order they came in.

    Raises
    ------
    ValueError
        If there is nothing to run.
    """
    if replicates < 1 or not stage.scenarios:
        raise ValueError(
            f"run_ensemble: replicates must be at least 1 and there must be a plan "
            f"(got {replicates} and {len(stage.scenarios)} plans)"
        )
    tasks = [
        Task(scenario, replicate)
        for scenario in range(len(stage.scenarios))
        for replicate in range(replicates)
    ]
    results: dict[Task, Result] = {}
    for result in executor.run(stage, tasks):
        results[result.task] = result
        if progress is not None:
            progress(len(results), len(tasks))
    ordered = [results[task] for task in tasks]
    return Ensemble(
        stage=stage,
        replicates=replicates,
        series=_gathered(stage, [(one.task, one.series) for one in ordered]),
        switches=_gathered(stage, [(one.task, one.switches) for one in ordered]),
        detail_files=tuple(file for one in ordered for file in one.detail_files),
    )


def _gathered(stage: Stage, tables: list[tuple[Task, pl.DataFrame]]) -> pl.DataFrame:
    named = [
        table.select(
            pl.lit(stage.scenarios[task.scenario].id).alias("scenario"),
            pl.lit(task.replicate + 1, pl.Int32).alias("replicate"),
            pl.all(),
        )
        for task, table in tables
    ]
    return pl.concat(named, how="diagonal")
