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
    from fangxian.plans.schema import Plan

app = typer.Typer(no_args_is_help=True)

Language = Annotated[str, typer.Option("--lang", help="zh or en; without it check speaks both.")]
PlanName = Annotated[str, typer.Argument(help="Id of a packaged plan, or a plan file.")]


@app.command()
def check(
    file: Annotated[str, typer.Argument(help="A plan file, or the id of a packaged plan.")],
    lang: Language = "",
) -> None:
    """Report every mistake of a plan file with its line and a remedy; exit 1 if there is one. 检查预案"""
    from fangxian.plans.loader import packaged_plan_text, packaged_plans, read_plan
    from fangxian.plans.outline import summary

    if file in packaged_plans():
        plan, findings = read_plan(packaged_plan_text(file), name=f"{file}.toml")
    else:
        plan, findings = read_plan(Path(file))
    errors = [finding for finding in findings if finding.severity == "error"]
    for language in (lang,) if lang else ("zh", "en"):
        _print_findings(findings, language)
    if errors:
        print(
            f"{len(errors)} 处错误 / mistakes, {len(findings) - len(errors)} 处提醒 / warnings",
            file=sys.stderr,
        )
        raise typer.Exit(1)
    if plan is not None:
        for language in (lang,) if lang else ("zh", "en"):
            print(summary(plan, language))


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


@app.command("list")
def list_plans() -> None:
    """List the plans that come with the software. 内置预案"""
    from fangxian.plans.loader import packaged_plan, packaged_plans

    for plan_id in packaged_plans():
        title = packaged_plan(plan_id).identity.title
        print(f"{plan_id}\t{title.zh}\t{title.en}")


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
