"""The run that the demonstration lives on: whole, small, repeatable, and told day by day."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from importlib import resources

import numpy as np
import polars as pl
import pytest

from fangxian.plans.loader import packaged_disease, packaged_plan
from fangxian.plans.schema import RehearsalDefaults
from fangxian.science.agents.outcome import Flow
from fangxian.studies.demonstration.kept import (
    COUNTED,
    MANIFEST,
    TABLE,
    KeptRun,
    keep,
    packaged_run,
    read_kept,
    reports_of_demonstration,
    write_kept,
)
from fangxian.studies.rehearsal.play import Question, make_ready, play
from fangxian.studies.rehearsal.reports import county_counts
from fangxian.studies.rehearsal.tables import detail_table
from fangxian.studies.rehearsal.told import Span
from fangxian.studies.synthetic_reports import Unit
from small_towns import small_town

PACKAGED = resources.files("fangxian.studies.demonstration") / "packaged"
FIRST = date(2026, 3, 2)
REHEARSED = {
    "software": {},
    "plans": [],
    "disease": {},
    "town": {},
    "days": 20,
    "reproduction_number": None,
    "infections_per_million": 5000.0,
    "seed": 4,
}


def small_run() -> tuple[KeptRun, object, object]:
    """Return a small rehearsal, kept in little, and the rehearsal and run that it was made from."""
    town = small_town(4000)
    population = replace(
        town.population,
        place_code=tuple(f"13040{1 + place // 2}{place:03d}" for place in range(4)),
        parent_code=("130401", "130402"),
    )
    town = replace(town, population=population, people_stood_for=4000)
    question = Question(days=20, infections_per_million=5000)
    ready = make_ready(
        packaged_plan("covid19-class-b-2023"), packaged_disease("covid19-omicron-ba5"), town, question
    )
    played = play(ready, 4)
    kept = keep(detail_table(ready, played), REHEARSED, {"130401": 2000, "130402": 2000}, "by hand")
    return kept, ready, played


def test_the_packaged_run_is_the_one_of_its_manifest_and_small() -> None:
    """Hash, label, size, and every county and age of the city."""
    run = packaged_run()
    assert run.manifest["synthetic"] is True and "模拟数据" in run.manifest["label"]
    assert run.manifest["town"]["city"] == "1304" and "fangxian rehearse" in run.manifest["command"]
    assert sum(len((PACKAGED / name).read_bytes()) for name in (TABLE, MANIFEST)) < 1_000_000
    counts = run.counts()
    assert set(run.table["county"].unique()) == set(counts.people)
    assert sum(counts.people.values()) == pytest.approx(run.manifest["town"]["people"], abs=20)
    assert run.table["age_from"].n_unique() == 11
    assert counts.infections.sum() == run.table["infections"].sum() > 1e6
    so_far = run.table.sort("day").select(
        pl.col(name).cum_sum().over("county", "age_from") for name in ("infections", "severe", "deaths")
    )
    assert so_far.filter(
        (pl.col("severe") > pl.col("infections")) | (pl.col("deaths") > pl.col("severe"))
    ).is_empty()
    assert run.table["deaths"].sum() > 0


def test_a_table_that_was_touched_is_refused() -> None:
    """One number changed, and the hash says so."""
    run = packaged_run()
    table = run.table.with_columns(pl.col("deaths") + 1)
    manifest = (PACKAGED / MANIFEST).read_text("utf-8")
    import io

    buffer = io.BytesIO()
    table.write_parquet(buffer)
    with pytest.raises(ValueError, match="the table must be that of its manifest, sha256"):
        read_kept(buffer.getvalue(), manifest)


def test_a_small_run_is_kept_without_loss_and_alike_when_run_again(tmp_path) -> None:
    """Every count of the rehearsal is there, by county and age; the same seed gives the same hash."""
    kept, ready, played = small_run()
    totals = {name: int(kept.table[name].sum()) for name in COUNTED}
    assert totals == {name: int(played.outcome.total(Flow[name.upper()]).sum()) for name in COUNTED}
    direct, through = county_counts(ready, played), kept.counts()
    assert through.people == direct.people
    for name in ("infections", "confirmed", "admissions"):
        assert np.array_equal(getattr(through, name), getattr(direct, name))
    write_kept(kept, tmp_path)
    again = read_kept((tmp_path / TABLE).read_bytes(), (tmp_path / MANIFEST).read_text("utf-8"))
    assert again.table.equals(kept.table)
    assert json.dumps(small_run()[0].manifest) == json.dumps(kept.manifest)


def test_more_days_keep_what_was_told_and_the_run_begins_again_after_its_end() -> None:
    """Asked tomorrow, it tells the same of today; a year later it still has something to tell."""
    units = [Unit("H", "hospital", "130402", 400_000, 900, 40), Unit("V", "village_clinic", "130402", 1500)]
    length = packaged_run().manifest["days"]
    short = reports_of_demonstration(units, RehearsalDefaults(), Span(FIRST, 40, 30))
    longer = reports_of_demonstration(units, RehearsalDefaults(), Span(FIRST, 30 + length, 30))
    last = FIRST + timedelta(days=39)
    for one, other in zip(short.tables, longer.tables, strict=True):
        assert one.reports.equals(other.reports.filter(pl.col("day") <= last))
    code = "130402"
    infected = longer.infections[code].to_numpy()
    assert np.array_equal(infected[:30], infected[length:])
    counts = packaged_run().counts()
    column = list(counts.people).index(code)
    assert np.array_equal(infected[:40], counts.infections[30:70, column])
