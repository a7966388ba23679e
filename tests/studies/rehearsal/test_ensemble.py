"""Ensembles: the executor changes no figure, a folder can be repeated, no interruption leaves half a file."""

from __future__ import annotations

import json
import multiprocessing
import warnings
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread

import polars as pl
import pytest

from fangxian.base.errors import InvalidInput
from fangxian.plans.cities import city_sources, load_city, packaged_city
from fangxian.plans.loader import packaged_disease_text, packaged_plan_text
from fangxian.studies.rehearsal.ensemble import run_ensemble
from fangxian.studies.rehearsal.executors import DaskCluster, InProcess, LocalPool, _Shared
from fangxian.studies.rehearsal.files import written_whole
from fangxian.studies.rehearsal.manifest import (
    Kept,
    Recipe,
    TownOrder,
    differing,
    read_manifest,
    write_manifest,
    write_tables,
)
from fangxian.studies.rehearsal.play import Question
from fangxian.studies.rehearsal.stage import Scenario, Stage, Task
from small_towns import small_town

TOWN = small_town(1200)
QUESTION = Question(days=25, infections_per_million=20_000)
SCENARIOS = (
    Scenario("class-b", packaged_plan_text("covid19-class-b-2023")),
    Scenario("containment", packaged_plan_text("covid19-containment-2022")),
)
DISEASE = packaged_disease_text("covid19-omicron-ba5")


def stage(details=None) -> Stage:
    """Return a stage of two plans in a very small town."""
    if details is not None:
        details.mkdir(exist_ok=True)
    return Stage(SCENARIOS, DISEASE, TOWN, QUESTION, seed=7, details=details)


class Backwards:
    """An executor that hands results over in the opposite order."""

    def run(self, stage, tasks):
        """Do every task, the last first."""
        yield from reversed(list(InProcess().run(stage, tasks)))


@pytest.fixture(scope="module")
def here():
    """Two runs of each plan, done here."""
    return run_ensemble(stage(), 2, InProcess())


def test_the_order_in_which_runs_come_changes_nothing(here):
    """Results are put in the order of scenarios and replicates."""
    told = []
    other = run_ensemble(stage(), 2, Backwards(), progress=lambda done, of: told.append((done, of)))
    assert other.series.equals(here.series)
    assert other.switches.equals(here.switches)
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_processes_change_nothing(here):
    """This process and one beside it give the same figures together, to the bit."""
    assert run_ensemble(stage(), 2, LocalPool(2)).series.equals(here.series)


def test_a_reader_that_stops_leaves_nothing_running():
    """Closing the results after the first begins no other run, and the other process ends."""
    tasks = [Task(0, replicate) for replicate in range(50)]
    results = LocalPool(2).run(stage(), tasks)
    assert next(results).task in tasks
    results.close()
    assert not multiprocessing.active_children()


class SlowPool:
    """Takes a first task at once and the next one as late as it can, until `closed`."""

    def __init__(self):
        self.taken, self.after_closing = 0, []
        self.taking, self.closed = Event(), Event()

    def submit(self, _function, _task):
        """Return what never comes."""
        self.taken += 1
        if self.taken > 1:
            self.taking.set()
            self.after_closing.append(self.closed.wait(0.3))
        return Future()


class Here:
    """Does nothing for a task."""

    def do(self, task):
        """Return the task."""
        return task


def test_whoever_stops_waits_for_a_task_on_its_way_to_the_pool():
    """Nothing reaches a pool that is closed, from whatever thread."""
    pool = SlowPool()
    shared = _Shared(pool, [Task(0, replicate) for replicate in range(9)])
    results = shared.results(Here(), 1)
    assert next(results) == Task(0, 8)
    giving = Thread(target=shared._give)
    giving.start()
    pool.taking.wait()
    results.close()
    pool.closed.set()
    giving.join()
    shared._give()
    assert (pool.after_closing, pool.taken) == ([False], 2)


def test_a_dask_cluster_changes_nothing(here, monkeypatch):
    """The same call on a local cluster gives the same figures."""
    distributed = pytest.importorskip("distributed", reason="the extra [cluster] is not installed")
    monkeypatch.setattr("distributed.utils._get_ip", lambda *_, **__: "127.0.0.1")  # it asks the outside
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with (
            distributed.LocalCluster(
                n_workers=1,
                threads_per_worker=1,
                processes=False,
                dashboard_address=None,
                protocol="tcp://",
                host="127.0.0.1",
            ) as cluster,
            distributed.Client(cluster) as client,
        ):
            assert run_ensemble(stage(), 2, DaskCluster(client)).series.equals(here.series)


def test_two_plans_share_their_luck_until_they_differ(here):
    """On the first day nothing is decided yet, so that both plans see the same infections."""
    first = here.series.filter(pl.col("day") == 0).select("scenario", "replicate", "infections")
    by_replicate = first.group_by("replicate").agg(pl.col("infections").n_unique())
    assert by_replicate["infections"].to_list() == [1, 1]


def test_nothing_to_run_is_refused():
    """No runs, no plans, no processes: each with what was given."""
    with pytest.raises(ValueError, match="replicates must be at least 1"):
        run_ensemble(stage(), 0, InProcess())
    with pytest.raises(ValueError, match=r"jobs must be at least 1 \(got 0\)"):
        LocalPool(0)


def recipe() -> Recipe:
    """Return what the ensemble was made from."""
    return Recipe(
        SCENARIOS, "covid19-omicron-ba5", DISEASE, TownOrder("1304", 1200, 7), QUESTION, seed=7, replicates=2
    )


KEPT = Kept(1, trees=False)


def test_a_folder_can_be_repeated_byte_for_byte(tmp_path):
    """Plans, disease, numbers and hashes stand in the manifest; a second run writes the same bytes."""
    first, second = tmp_path / "first", tmp_path / "second"
    hashes = []
    for folder in (first, second):
        folder.mkdir()
        ensemble = run_ensemble(stage(folder / "details"), 2, InProcess())
        hashes.append(write_tables(ensemble, folder))
    assert differing(*hashes) == []
    assert {"series.parquet", "details/class-b-001.parquet", "details/containment-001.parquet"} <= set(
        hashes[0]
    )
    assert {"details/class-b-001-measures.parquet", "details/class-b-001-areas.parquet"} <= set(hashes[0])
    write_manifest(recipe(), KEPT, hashes[0], first)
    again = read_manifest(first)
    assert again.recipe == recipe()
    assert again.kept == KEPT
    assert again.files == hashes[0]
    assert again.other_versions() == []
    assert not list(first.rglob("*.part"))


def test_a_plan_changed_since_is_not_repeated_as_if_it_were_the_same(tmp_path):
    """The hash of the plan tells."""
    path = write_manifest(recipe(), KEPT, {}, tmp_path)
    plan = tmp_path / "inputs" / "class-b.toml"
    plan.write_text(plan.read_text("utf-8").replace("ward_per_1000 = 2.0", "ward_per_1000 = 3.0"), "utf-8")
    with pytest.raises(InvalidInput, match=r"The input inputs/class-b\.toml has been changed"):
        read_manifest(path)


def test_the_city_travels_with_the_manifest(tmp_path):
    """Margins and tables stand beside it: the city of the code today may be another."""
    made = replace(recipe(), city_files=city_sources("1304"))
    write_manifest(made, KEPT, {}, tmp_path)
    again = read_manifest(tmp_path).recipe
    assert Path(again.town.city) == tmp_path / "inputs/city/margins.toml"
    assert again.town.people == 1200
    assert load_city(Path(again.town.city)) == packaged_city("1304")
    table = tmp_path / "inputs/city/contacts-hebei.csv"
    table.write_text(table.read_text("utf-8").replace("0.0593008", "0.0593009"), "utf-8")
    with pytest.raises(InvalidInput, match=r"The input inputs/city/contacts-hebei\.csv has been changed"):
        read_manifest(tmp_path)


def test_versions_that_made_the_bytes_are_told(tmp_path):
    """A repetition that differs names what else is different."""
    path = write_manifest(recipe(), KEPT, {}, tmp_path)
    path.write_text(path.read_text("utf-8").replace('"numpy": "', '"numpy": "0.'), "utf-8")
    [told] = read_manifest(path).other_versions()
    assert told.startswith("numpy 0.")


@pytest.mark.parametrize("content", ["", "{}", "[1]", json.dumps({"plans": [{"id": "x"}]})])
def test_what_is_no_manifest_is_told(tmp_path, content):
    """With what to give instead."""
    path = tmp_path / "manifest.json"
    path.write_text(content, "utf-8")
    with pytest.raises(InvalidInput, match=r"Give the manifest\.json of a folder that a rehearsal wrote"):
        read_manifest(path)


def test_an_interruption_while_writing_leaves_nothing(tmp_path):
    """A file appears whole or not at all."""

    def interrupted(part):
        part.write_bytes(b"half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        written_whole(tmp_path / "series.parquet", interrupted)
    assert list(tmp_path.iterdir()) == []
