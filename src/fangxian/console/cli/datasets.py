"""``fangxian datasets``: which descriptors there are, and what one of them reads from a folder."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from fangxian.base.errors import Finding
    from fangxian.plans.datasets import Dataset, Descriptor

app = typer.Typer(no_args_is_help=True)
_LINE = "{:<16}{:>9}{:>9}{:>8}  {:<12}{:<12}{:>14}{:>13}"


@app.command("list")
def list_descriptors() -> None:
    """List the descriptors that come with the software. 自带的数据集描述"""
    from fangxian.plans.datasets import load_descriptor, packaged_descriptors

    for name in packaged_descriptors():
        identity = load_descriptor(name).dataset
        print(f"{name}\n  {identity.title.zh}\n  {identity.title.en}\n  {identity.licence}")


@app.command("check")
def check(
    descriptor: Annotated[str, typer.Argument(help="A packaged name, or the path of a .toml file")],
    data: Annotated[
        Path | None, typer.Option("--data", exists=True, help="Folder with the files, or the one file")
    ] = None,
    until: Annotated[datetime | None, typer.Option("--until", formats=["%Y-%m-%d"], help="As-of day")] = None,
    language: Annotated[str, typer.Option("--lang", help="zh or en")] = "zh",
) -> None:
    """Check a descriptor, and with --data what it reads. Exit status 1 when something is an error. 检查"""
    from fangxian.plans.datasets import load_descriptor, plan_findings, read_dataset
    from fangxian.plans.loader import packaged_plan, packaged_plans

    read = load_descriptor(descriptor)
    findings: list[Finding] = []
    if read.dataset.plan in packaged_plans():
        findings += plan_findings(read, packaged_plan(read.dataset.plan))
    _print_identity(read, language)
    if data is not None:
        dataset = read_dataset(read, data, until=until.date() if until else None)
        _print_dataset(dataset)
        findings += dataset.findings
    _print_findings(findings, language)
    raise typer.Exit(code=int(any(finding.severity == "error" for finding in findings)))


def _print_identity(descriptor: Descriptor, language: str) -> None:
    identity = descriptor.dataset
    print(f"{identity.id}: {identity.title.in_language(language)}")
    print(f"plan {identity.plan}, form {identity.form}, fields {', '.join(descriptor.fields())}")
    if identity.note is not None:
        print(identity.note.in_language(language))


def _print_dataset(dataset: Dataset) -> None:
    rows, days = dataset.rows, dataset.values["day"]
    print(
        f"rows read {rows.read} = used {rows.used} + left out {rows.left_out} + skipped {rows.skipped} "
        f"+ refused {rows.refused} + later {rows.later}"
    )
    names = {level.level: f"{level.zh} {level.en}" for level in dataset.level_names}
    levels = dataset.places.group_by("level").len().sort("level").rows()
    counted = ", ".join(f"{count} {names.get(level, level)}" for level, count in levels)
    print(f"places {dataset.places.height}: {counted}")
    print(f"days {days.n_unique()}: {days.min()} to {days.max()}" if len(days) else "days 0")
    _print_fields(dataset)
    print(f"corrections {dataset.corrections.height}, opening balances {dataset.openings.height}")


def _print_fields(dataset: Dataset) -> None:
    import polars as pl

    columns = (
        "field",
        "values",
        "unknown",
        "places",
        "first day",
        "last day",
        "sum of values",
        "corrections",
    )
    print(_LINE.format(*columns))
    fields = dataset.values.group_by("form", "field").agg(
        pl.len().alias("values"),
        pl.col("value").null_count().alias("unknown"),
        pl.col("place_code").n_unique().alias("places"),
        pl.col("day").min().alias("first"),
        pl.col("day").max().alias("last"),
        pl.col("value").sum().alias("sum"),
    )
    corrected = dataset.corrections.group_by("form", "field").agg(pl.len().alias("corrections"))
    kinds = {rule.field: rule.kind for table in dataset.descriptor.tables for rule in table.fields}
    fields = fields.join(corrected, on=["form", "field"], how="left").sort("form", "field")
    for row in fields.iter_rows(named=True):
        added_up = "stock" if kinds[row["field"]] == "stock" else f"{row['sum']:.0f}"
        told = [str(row[name]) for name in ("field", "values", "unknown", "places", "first", "last")]
        print(_LINE.format(*told, added_up, row["corrections"] or 0))


def _print_findings(findings: Sequence[Finding], language: str) -> None:
    errors = sum(finding.severity == "error" for finding in findings)
    print(f"findings {len(findings)}, errors {errors}")
    for finding in findings:
        print(f"  {finding.severity}: {finding.sentence(language)}")
