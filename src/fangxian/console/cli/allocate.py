"""``fangxian allocate``: a folder of tables in, shipments and reasons out."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fangxian.base.errors import InvalidInput
from fangxian.base.written_tables import write_rows
from fangxian.console.cli.planning import check_language, writing

if TYPE_CHECKING:
    from fangxian.logistics.allocation.allocate import Allocation
    from fangxian.studies.supplies.problem import SupplyCase


def allocate(
    problem: Annotated[Path, typer.Argument(help="Folder of tables; docs/reference/allocate.md")],
    out: Annotated[Path | None, typer.Option(help="Write shipments, reasons and summary here")] = None,
    json_: Annotated[bool, typer.Option("--json", help="The summary as JSON")] = False,
    seconds: Annotated[float | None, typer.Option(help="Return the best plan found by then")] = None,
    most_litre_km: Annotated[float | None, typer.Option(help="Transport that all items may take")] = None,
    lang: Annotated[str, typer.Option(help="zh or en")] = "zh",
) -> None:
    """Share out scarce supplies, with a reason for every point."""
    from fangxian.logistics.allocation.allocate import AllocationParameters, StopRule
    from fangxian.logistics.allocation.allocate import allocate as find
    from fangxian.studies.supplies.problem import read_case
    from fangxian.studies.supplies.report import summary

    _check(lang, seconds, most_litre_km)
    case = read_case(problem)
    rule = StopRule() if seconds is None else StopRule(seconds, time.monotonic)
    limit = AllocationParameters() if most_litre_km is None else AllocationParameters(100, most_litre_km)
    found = find(case.problem, limit, rule)
    made = summary(case, found)
    if out is not None:
        _write(out, case, found, made)
    if json_:
        print(json.dumps(made, ensure_ascii=False, indent=1))
        return
    print(made["words"][lang])
    for collision in made["collisions"]:
        print(collision["words"][lang])


def _check(lang: str, seconds: float | None, most_litre_km: float | None) -> None:
    check_language(lang)
    if most_litre_km is not None and not most_litre_km >= 0:
        raise InvalidInput(
            {
                "zh": f"运输上限不应小于 0，得到 {most_litre_km:g}。",
                "en": f"The limit of transport must be at least 0 (got {most_litre_km:g}).",
            },
            {
                "zh": "请给出升·公里数，或不写 --most-litre-km。",
                "en": "Give litre-km, or leave --most-litre-km out.",
            },
        )
    if seconds is not None and not seconds > 0:
        raise InvalidInput(
            {
                "zh": f"时限应大于 0 秒，得到 {seconds:g}。",
                "en": f"The limit must be above 0 s (got {seconds:g}).",
            },
            {
                "zh": "请给出一个正数，或不写 --seconds。",
                "en": "Give a positive number, or leave --seconds out.",
            },
        )


def _write(out: Path, case: SupplyCase, found: Allocation, made: dict[str, Any]) -> None:
    from fangxian.studies.supplies.lines import Line, shipment_lines
    from fangxian.studies.supplies.report import explanations

    with writing(out):
        lines = (line for plan in found.plans for line in shipment_lines(case, plan))
        write_rows(out / "shipments.csv", Line._fields, lines, for_excel=True)
        told = [row for plan in found.plans for row in explanations(case, plan)]
        if told:
            write_rows(out / "explanations.csv", told[0], (row.values() for row in told), for_excel=True)
        else:  # that of an earlier run would be read as this one's
            (out / "explanations.csv").unlink(missing_ok=True)
        text = json.dumps(made, ensure_ascii=False, indent=1) + "\n"
        (out / "summary.json").write_text(text, encoding="utf-8")
