"""``fangxian detect``: unusual counts in a table of series."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fangxian.console.cli.planning import check_language

if TYPE_CHECKING:
    from fangxian.studies.detection.detect import Findings


def detect(
    series: Annotated[Path, typer.Argument(help="CSV with columns date,location,value")],
    method: Annotated[str, typer.Option(help="surprise, farringtonFlexible, earsC2, ...")] = "surprise",
    option: Annotated[
        list[str] | None, typer.Option(help="KEY=VALUE, with the names of R surveillance; repeat it")
    ] = None,
    from_: Annotated[str | None, typer.Option("--from", help="First judged date")] = None,
    to: Annotated[str | None, typer.Option("--to", help="Last judged date")] = None,
    json_: Annotated[bool, typer.Option("--json", help="Alarms with figures and reasons")] = False,
    lang: Annotated[str, typer.Option(help="zh or en")] = "zh",
) -> None:
    """Print alarms, each with its reason and how sure it is."""
    from fangxian.studies.detection.detect import detect as find
    from fangxian.studies.detection.series import read_panel

    check_language(lang)
    given = list(option or [])
    a_year = next((text[5:] for text in given if text.startswith("freq=")), None)
    panel = read_panel(series, steps_per_year=int(a_year) if a_year and a_year.isdigit() else None)
    found = find(panel, method, given, first=from_, last=to)
    if json_:
        print(json.dumps(_contract(found, lang), ensure_ascii=False, indent=1))
        return
    for alarm in found.alarms:
        print(alarm.reason[lang])
    print(_summary(found)[lang])
    if found.note is not None:
        print(found.note[lang])


def _contract(found: Findings, lang: str) -> dict[str, Any]:
    alarms = [asdict(alarm) | {"reason": alarm.reason[lang], "words": alarm.reason} for alarm in found.alarms]
    return asdict(found) | {"alarms": alarms}


def _summary(found: Findings) -> dict[str, str]:
    return {
        "zh": f"{found.first} 至 {found.last}：判断了 {found.judged} 个计数，{len(found.alarms)} 个报警，"
        f"{found.undecided} 个无法判断。",
        "en": f"{found.first} to {found.last}: {found.judged} counts judged, {len(found.alarms)} alarms, "
        f"{found.undecided} could not be judged.",
    }
