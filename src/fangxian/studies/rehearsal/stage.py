"""What an ensemble is made of: plans and a disease by text, a town, and tasks that any process can do."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from fangxian.plans.loader import load_disease, load_plan
from fangxian.plans.schema import Plan
from fangxian.studies.rehearsal.files import written_whole
from fangxian.studies.rehearsal.play import Question, Rehearsal, make_ready, play
from fangxian.studies.rehearsal.tables import (
    areas_table,
    detail_table,
    measures_table,
    series_table,
    switches_table,
    tree_table,
)
from fangxian.studies.rehearsal.town import Town

REPLICATE_STEP = 1_000_003
"""Seeds of replicates lie this far apart, so that those of neighbouring ensembles do not meet."""


@dataclass(frozen=True)
class Scenario:
    """One plan as it is rehearsed.

    Parameters
    ----------
    id : str
        Name of the scenario: the id of the plan, made unique within the ensemble.
    plan_text : str
        The plan file.
    off : tuple of str
        Ids of measures that are never taken.
    """

    id: str
    plan_text: str
    off: tuple[str, ...] = ()

    @property
    def sha256(self) -> str:
        """Hash of the plan file."""
        return hashlib.sha256(self.plan_text.encode()).hexdigest()

    def plan(self) -> Plan:
        """Return the plan, read and checked."""
        return load_plan(self.plan_text, name=f"{self.id}.toml")


@dataclass(frozen=True)
class Task:
    """One run of one scenario."""

    scenario: int
    replicate: int


@dataclass(frozen=True, eq=False)
class Result:
    """What a run leaves: the city by day, the levels switched, the files of details that were asked for.

    Parameters
    ----------
    task : Task
        Which run.
    series : polars.DataFrame
        `tables.series_table`.
    switches : polars.DataFrame
        `tables.switches_table`.
    detail_files : tuple of str
        Names of files under the folder of details.
    """

    task: Task
    series: pl.DataFrame
    switches: pl.DataFrame
    detail_files: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Stage:
    """Everything that a process needs to do a task.

    Parameters
    ----------
    scenarios : tuple of Scenario
        The plans.
    disease_text : str
        The disease file.
    town : Town
        Where.
    question : Question
        How long, and from what start.
    seed : int
        Of the ensemble; replicate r of every scenario has the same luck.
    details : Path or None
        Folder for the counts by day, place and age; None: not kept.
    detail_replicates : int
        For how many replicates of each scenario they are kept.
    trees : bool
        Keep with them who infected whom.
    """

    scenarios: tuple[Scenario, ...]
    disease_text: str
    town: Town
    question: Question
    seed: int
    details: Path | None = None
    detail_replicates: int = 1
    trees: bool = False

    def ready(self, scenario: int) -> Rehearsal:
        """Return a scenario made ready to be played."""
        one = self.scenarios[scenario]
        disease = load_disease(self.disease_text, name="disease.toml")
        return make_ready(one.plan(), disease, self.town, self.question, off=one.off)

    def seed_of(self, replicate: int) -> int:
        """Return the seed of a replicate, the same for every scenario."""
        return self.seed + REPLICATE_STEP * replicate

    def do(self, task: Task, rehearsal: Rehearsal) -> Result:
        """Play one run and write its details, if they are kept; a file appears whole or not at all."""
        kept = self.details is not None and task.replicate < self.detail_replicates
        played = play(rehearsal, self.seed_of(task.replicate), tree=self.trees and kept)
        files: list[str] = []
        if self.details is not None and kept:
            name = f"{self.scenarios[task.scenario].id}-{task.replicate + 1:03d}"
            tables = {
                f"{name}.parquet": detail_table(rehearsal, played),
                f"{name}-measures.parquet": measures_table(rehearsal, played),
                f"{name}-areas.parquet": areas_table(rehearsal, played),
            }
            if self.trees:
                tables[f"{name}-tree.parquet"] = tree_table(played)
            for file, table in tables.items():
                written_whole(self.details / file, table.write_parquet)
            files = list(tables)
        return Result(task, series_table(rehearsal, played), switches_table(played), tuple(files))
