"""Check, show and compare plan files; needs no database."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fangxian.base.errors import Finding
    from fangxian.plans.schema import DiseaseFile, Plan

app = typer.Typer(no_args_is_help=True)

Language = Annotated[str, typer.Option("--lang", help="zh or en; without it check speaks both.")]
PlanName = Annotated[str, typer.Argument(help="Id of a packaged plan, or a plan file.")]


@app.command()
def check(
    file: Annotated[str, typer.Argument(help="A plan or disease file, or the id of a packaged one.")],
    lang: Language = "",
) -> None:
    """Report every mistake of a file with its line and a remedy; exit 1 if there is one. 检查预案"""
    from fangxian.plans.outline import summary
    from fangxian.plans.outline_disease import disease_summary
    from fangxian.plans.schema import Plan

    read, findings = _read(file)
    errors = [finding for finding in findings if finding.severity == "error"]
    for language in (lang,) if lang else ("zh", "en"):
        _print_findings(findings, language)
    if errors:
        print(
            f"{len(errors)} 处错误 / mistakes, {len(findings) - len(errors)} 处提醒 / warnings",
            file=sys.stderr,
        )
        raise typer.Exit(1)
    for language in (lang,) if lang else ("zh", "en"):
        if isinstance(read, Plan):
            print(summary(read, language))
        elif read is not None:
            print(disease_summary(read, language))


@app.command()
def show(plan: PlanName, lang: Language = "zh") -> None:
    """Print a plan in words, each value with its source and status. 查看预案"""
    from fangxian.plans.outline import plan_outline

    print(plan_outline(_open(plan), lang))


@app.command()
def diff(before: PlanName, after: PlanName, lang: Language = "zh") -> None:
    """Print what changed from one plan to another; exit 1 if anything did. 比较预案"""
    from fangxian.plans.difference import diff_plans

    changes = diff_plans(_open(before), _open(after))
    for change in changes:
        print(change.sentence["en" if lang.startswith("en") else "zh"])
    if changes:
        raise typer.Exit(1)


@app.command()
def schema() -> None:
    """Print the JSON Schema of a plan file, for editors and other programs. 输出 JSON Schema"""
    from fangxian.plans.loader import plan_json_schema

    print(json.dumps(plan_json_schema(), ensure_ascii=False, indent=2))


@app.command()
def disease(
    name: Annotated[str, typer.Argument(help="Id of a packaged disease, or a disease file.")],
    lang: Language = "zh",
) -> None:
    """Print what a disease file says, each number with range, source and status. 查看疾病参数"""
    from fangxian.plans.loader import load_disease, packaged_disease
    from fangxian.plans.outline_disease import disease_outline

    known = packaged_disease(name) if not Path(name).suffix else load_disease(Path(name))
    print(disease_outline(known, lang))


@app.command("list")
def list_plans() -> None:
    """List the plans that come with the software. 内置预案"""
    from fangxian.plans.loader import packaged_plan, packaged_plans

    for plan_id in packaged_plans():
        title = packaged_plan(plan_id).identity.title
        print(f"{plan_id}\t{title.zh}\t{title.en}")


def _read(file: str) -> tuple[Plan | DiseaseFile | None, list[Finding]]:
    from fangxian.plans import loader

    if file in loader.packaged_plans():
        return loader.read_plan(loader.packaged_plan_text(file), name=f"{file}.toml")
    if file in loader.packaged_diseases():
        return loader.read_disease(loader.packaged_disease_text(file), name=f"{file}.toml")
    path = Path(file)
    return loader.read_disease(path) if loader.is_disease_file(path) else loader.read_plan(path)


def _open(name: str) -> Plan:
    from fangxian.plans.loader import load_plan, packaged_plan, packaged_plans

    if name in packaged_plans() or not (Path(name).suffix or Path(name).exists()):
        return packaged_plan(name)
    return load_plan(Path(name))


def _print_findings(findings: Sequence[Finding], language: str) -> None:
    kinds = {"error": ("错误", "mistake"), "warning": ("提醒", "warning")}
    for finding in findings:
        kind = kinds[finding.severity][language.startswith("en")]
        message, remedy = (
            text["en" if language.startswith("en") else "zh"] for text in (finding.message, finding.remedy)
        )
        print(f"{finding.file}:{finding.line or 1}: {kind}: {message} {remedy}")
