"""``fangxian rehearse``: plans tried in a simulated city, compared on the same luck."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from fangxian.base.errors import InvalidInput
from fangxian.console.cli.numbers import Number, check_numbers, without_function
from fangxian.console.cli.planning import check_language

if TYPE_CHECKING:
    from rich.console import Console

    from fangxian.studies.rehearsal.ensemble import Ensemble
    from fangxian.studies.rehearsal.executors import Executor
    from fangxian.studies.rehearsal.manifest import Kept, Recipe
    from fangxian.studies.rehearsal.town import Town

INTERRUPTED = 130


def rehearse(
    plans: Annotated[
        list[str] | None, typer.Argument(help="Ids of packaged plans, or files; compared with the first")
    ] = None,
    city: Annotated[str, typer.Option(help="Code of a packaged city, or a file of margins")] = "1304",
    disease: Annotated[str | None, typer.Option(help="Id or file; absent: that of the first plan")] = None,
    days: Annotated[int, typer.Option(help="Length of the run")] = 180,
    replicates: Annotated[int, typer.Option(help="Runs of each plan, on the same luck")] = 20,
    seed: Annotated[int, typer.Option(help="The luck")] = 1,
    people: Annotated[int | None, typer.Option(help="A smaller copy of the city, e.g. 50000")] = None,
    r0: Annotated[float | None, typer.Option("--r0", help="Instead of the disease file's")] = None,
    infected_per_million: Annotated[
        float | None, typer.Option(help="Infected on the first day, instead of the plan's")
    ] = None,
    nothing: Annotated[
        bool, typer.Option("--nothing", help="Put first: no measure but the beds of the first plan")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="Folder to write to, new or empty")] = None,
    details: Annotated[int, typer.Option(help="Runs whose counts by place and age are kept")] = 1,
    trees: Annotated[bool, typer.Option("--trees", help="Keep who infected whom in those runs")] = False,
    jobs: Annotated[int | None, typer.Option(help="Processes; absent: one for each core")] = None,
    cluster: Annotated[str | None, typer.Option(help="Address of a Dask scheduler, for processes")] = None,
    repeat: Annotated[
        Path | None, typer.Option(help="Run an earlier manifest again and compare its files")
    ] = None,
    lang: Annotated[str, typer.Option(help="zh or en")] = "zh",
    json_: Annotated[bool, typer.Option("--json", help="Print the figures for programs")] = False,
) -> None:
    """Try plans in a simulated city and compare them: curves, figures, one page. 推演"""
    from fangxian.studies.comparison.report import make_report, write_report
    from fangxian.studies.rehearsal.calibration import LARGEST_REPRODUCTION_NUMBER
    from fangxian.studies.rehearsal.manifest import Kept, write_manifest, write_tables
    from fangxian.studies.rehearsal.order import Order, recipe_of
    from fangxian.studies.rehearsal.play import LONGEST_DAYS, Question

    check_language(lang)
    check_numbers(
        Number("--days", days, 1, LONGEST_DAYS),
        Number("--replicates", replicates, 1),
        Number("--seed", seed, 0),
        Number("--people", people, 1),
        Number("--r0", r0, 0, LARGEST_REPRODUCTION_NUMBER, whole=False),
        Number("--infected-per-million", infected_per_million, 0, 1_000_000, whole=False),
        Number("--details", details, 0),
        Number("--jobs", jobs, 1),
    )
    if repeat is not None:
        _repeat(repeat, _executor(cluster, jobs))
        return
    with _refusals():
        order = Order(
            plans or [],
            city,
            disease,
            Question(days, r0, infected_per_million),
            people,
            seed,
            replicates,
            nothing,
        )
        recipe = recipe_of(order)
    folder = _empty_folder(out)
    kept = Kept(details, trees)
    _say_doubts(recipe, lang)
    ensemble, town = _run(recipe, folder, kept, _executor(cluster, jobs))
    hashes = write_tables(ensemble, folder)
    report = make_report(ensemble, recipe, town, lang)
    write_report(report, folder)
    write_manifest(recipe, kept, hashes, folder)
    if json_:
        print(json.dumps(report.to_json(), ensure_ascii=False, indent=2))
        return
    for sentence in report.sentences():
        print(sentence)
    print(f"模拟数据 simulated data · {folder / 'rehearsal.html'}")


def _repeat(manifest: Path, executor: Executor) -> None:
    """Run a manifest again beside its folder and say which files of data differ; exit 1 if any does."""
    from fangxian.studies.rehearsal.manifest import differing, read_manifest, write_tables

    known = read_manifest(manifest)
    before = known.files
    with TemporaryDirectory(prefix="fangxian-repeat-") as folder:
        ensemble, _ = _run(known.recipe, Path(folder), known.kept, executor)
        differences = differing(before, write_tables(ensemble, Path(folder)))
    if differences:
        others = known.other_versions()
        if others:
            print(f"软件版本不同 other versions: {', '.join(others)}", file=sys.stderr)
        print(f"不同 differ: {', '.join(differences)}", file=sys.stderr)
        raise typer.Exit(1)
    print(f"{len(before)} 个数据文件逐字节相同。 {len(before)} files of data are the same, byte for byte.")


def _run(recipe: Recipe, folder: Path, kept: Kept, executor: Executor) -> tuple[Ensemble, Town]:
    from rich.progress import Progress

    from fangxian.studies.rehearsal.ensemble import run_ensemble
    from fangxian.studies.rehearsal.manifest import DETAILS, stage_of
    from fangxian.studies.rehearsal.order import town_of

    processes = getattr(executor, "jobs", 1)
    with _refusals(), Progress(transient=True, console=_stderr()) as bar:
        town_task = bar.add_task("城市 city", total=None)
        town = town_of(recipe.town, processes=processes)
        bar.remove_task(town_task)
        place = folder / DETAILS if kept.replicates else None
        if place is not None:
            place.mkdir(exist_ok=True)
        stage = stage_of(recipe, town, place, kept)
        runs = bar.add_task("推演 runs", total=len(recipe.scenarios) * recipe.replicates)
        try:
            ensemble = run_ensemble(
                stage, recipe.replicates, executor, progress=lambda done, _: bar.update(runs, completed=done)
            )
        except KeyboardInterrupt:
            bar.stop()
            rmtree(folder / DETAILS, ignore_errors=True)
            print(
                "已中断；没有写出结果。 Interrupted; no result was written.",
                file=sys.stderr,
            )
            raise SystemExit(INTERRUPTED) from None
    return ensemble, town


def _executor(cluster: str | None, jobs: int | None) -> Executor:
    from fangxian.studies.rehearsal.executors import DaskCluster, InProcess, LocalPool

    if cluster is not None:
        return DaskCluster.at(cluster)
    with _refusals():
        wanted = len(os.sched_getaffinity(0)) if jobs is None else jobs
        return InProcess() if wanted == 1 else LocalPool(wanted)


def _say_doubts(recipe: Recipe, language: str) -> None:
    """Print what the checker of plans asks about, e.g. a capacity of zero, and plans that do nothing."""
    from fangxian.plans.loader import read_plan

    doubt = {"zh": "提醒", "en": "warning"}[language]
    told_once = {one.plan_text: one for one in recipe.scenarios}  # "nothing" has the text of the first plan
    for scenario in told_once.values():
        plan, findings = read_plan(scenario.plan_text, name=f"{scenario.id}.toml")
        for finding in findings:
            print(f"{doubt}: {finding.sentence(language)}", file=sys.stderr)
        if plan is not None and not any(measure.effects for measure in plan.measures):
            idle = {
                "zh": "预案没有写明措施的效果，推演中什么也不做。",
                "en": "The plan states no effects, so nothing is done in its rehearsal.",
            }
            print(f"{doubt}: {scenario.id}: {idle[language]}", file=sys.stderr)


@contextmanager
def _refusals() -> Iterator[None]:
    """Turn a refusal of the science, which states rule, value and remedy, into one for people."""
    try:
        yield
    except ValueError as error:
        reason = without_function(str(error))
        raise InvalidInput(
            {"zh": f"不能这样推演：{reason}。", "en": f"It cannot be rehearsed so: {reason}."},
            {"zh": "请按提示改正后重试。", "en": "Mend what it names and try again."},
        ) from error


def _empty_folder(out: Path | None) -> Path:
    if out is None:
        raise InvalidInput(
            {"zh": "没有说明写到哪里。", "en": "Nothing says where to write."},
            {"zh": "请加 --out 文件夹。", "en": "Add --out FOLDER."},
        )
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise InvalidInput(
            {"zh": f"{out.name} 已有内容，不会覆盖。", "en": f"{out.name} is not empty; it is left alone."},
            {"zh": "请给出新的或空的文件夹。", "en": "Give a new or empty folder."},
        )
    out.mkdir(parents=True, exist_ok=True)
    return out


def _stderr() -> Console:
    import rich.console

    return rich.console.Console(stderr=True)
