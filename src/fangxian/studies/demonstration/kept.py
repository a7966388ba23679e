"""A run kept in little: counts by day, county and age, with the manifest from which it can be repeated."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fangxian.plans.schema import RehearsalDefaults
from fangxian.studies.rehearsal.told import CountyCounts, Span, tell
from fangxian.studies.synthetic_reports import SyntheticReports, Unit

COUNTED = (
    "infections",
    "symptomatic",
    "reported",
    "fever_clinic_visits",
    "severe",
    "critical",
    "admissions",
    "intensive_care_admissions",
    "deaths",
)
"""Columns of counts, named as in the details of a rehearsal."""
TABLE, MANIFEST = "counts.parquet", "manifest.json"
COUNTY_DIGITS = 6


@dataclass(frozen=True, eq=False)
class KeptRun:
    """A run kept in little.

    Parameters
    ----------
    table : polars.DataFrame
        ``day``, ``county``, ``age_from`` and a column for each of ``COUNTED``; rows of zeros are left out.
    manifest : dict
        What was run; ``days``, ``people`` by county, ``seed``, ``plans``, and the hash of the table.
    """

    table: pl.DataFrame
    manifest: dict[str, Any]

    def counts(self) -> CountyCounts:
        """Return the counts of a day and county that units tell of."""
        people = {code: int(number) for code, number in sorted(self.manifest["people"].items())}
        index = {code: number for number, code in enumerate(people)}
        county = self.table["county"].replace_strict(index, return_dtype=pl.Int64).to_numpy()
        day = self.table["day"].to_numpy()

        def by_county(name: str) -> NDArray[np.float64]:
            summed = np.zeros((self.manifest["days"], len(people)))
            np.add.at(summed, (day, county), self.table[name].to_numpy())
            return summed

        return CountyCounts(
            people=people,
            infections=by_county("infections"),
            confirmed=by_county("reported"),
            admissions=by_county("admissions"),
        )


def keep(details: pl.DataFrame, rehearsed: dict[str, Any], people: dict[str, int], command: str) -> KeptRun:
    """Return the details of a run in little.

    Parameters
    ----------
    details : polars.DataFrame
        Counts by day, place and age group that ``fangxian rehearse`` wrote.
    rehearsed : dict
        Its manifest.
    people : dict of str to int
        Of each county, by code.
    command : str
        How it was run.

    Returns
    -------
    KeptRun
        Summed over the places of each county.
    """
    table = (
        details.with_columns(pl.col("place").str.slice(0, COUNTY_DIGITS).alias("county"))
        .group_by("day", "county", "age_from")
        .agg(pl.col(name).sum().cast(pl.UInt32) for name in COUNTED)
        .filter(pl.sum_horizontal(COUNTED) > 0)
        .sort("day", "county", "age_from")
        .with_columns(pl.col("day").cast(pl.UInt16), pl.col("age_from").cast(pl.UInt8))
    )
    said = (
        "software",
        "plans",
        "disease",
        "town",
        "days",
        "reproduction_number",
        "infections_per_million",
        "seed",
    )
    manifest = {
        "synthetic": True,
        "label": "模拟数据 simulated data",
        "command": command,
        **{name: rehearsed[name] for name in said},
        "people": dict(sorted(people.items())),
        "sha256": sha256_of_table(table),
    }
    return KeptRun(table, manifest)


def sha256_of_table(table: pl.DataFrame) -> str:
    """Return the hash of what a table says, as CSV: the same for every version of the file format."""
    return hashlib.sha256(table.write_csv().encode()).hexdigest()


def write_kept(run: KeptRun, folder: Path) -> None:
    """Write table and manifest into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    run.table.write_parquet(folder / TABLE, compression="zstd", compression_level=19)
    text = json.dumps(run.manifest, ensure_ascii=False, indent=2) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8", newline="\n")


def read_kept(table: bytes, manifest: str) -> KeptRun:
    """Return a run from what stands in its two files.

    Raises
    ------
    ValueError
        If the table is not the one of the manifest.
    """
    run = KeptRun(pl.read_parquet(io.BytesIO(table)), json.loads(manifest))
    found, told = sha256_of_table(run.table), run.manifest["sha256"]
    if found != told:
        raise ValueError(
            f"read_kept: the table must be that of its manifest, sha256 {told} (got {found}); "
            "make both anew from one rehearsal"
        )
    return run


@lru_cache(maxsize=1)
def packaged_run() -> KeptRun:
    """Return the run that comes with the package."""
    folder = resources.files("fangxian.studies.demonstration") / "packaged"
    return read_kept((folder / TABLE).read_bytes(), (folder / MANIFEST).read_text("utf-8"))


def reports_of_demonstration(units: Sequence[Unit], start: RehearsalDefaults, span: Span) -> SyntheticReports:
    """Return what the units of the demonstration report of the packaged run.

    Parameters
    ----------
    units : sequence of Unit
        Of its counties.
    start : RehearsalDefaults
        Of the plan in force: how units report.
    span : Span
        Which days; more of them never change what was told of earlier ones.

    Returns
    -------
    SyntheticReports
        A table for each form.
    """
    run = packaged_run()
    return tell(run.counts(), units, start, span, seed=run.manifest["seed"])
