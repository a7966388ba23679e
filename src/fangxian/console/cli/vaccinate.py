"""``fangxian vaccinate``: sessions for the elderly at sites, in villages and at home."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fangxian.console.cli.planning import (
    AsJson,
    Language,
    NearEnough,
    check_language,
    say,
    write_outcome,
)


def vaccinate(
    problem_dir: Annotated[Path, typer.Argument(help="Folder with villages, sites and bases as CSV")],
    out: Annotated[Path | None, typer.Option(help="Write plan and summary into this folder")] = None,
    seconds: Annotated[float, typer.Option(min=0.1, help="Best plan so far after this time")] = 30.0,
    gap: NearEnough = 0.001,
    json_: AsJson = False,
    lang: Language = "zh",
) -> None:
    """Plan sessions and home visits for old people who are still to be vaccinated."""
    from fangxian.logistics.programme import SolverStop
    from fangxian.logistics.vaccination.solve import solve_sessions
    from fangxian.studies.vaccination.tables import read_campaign
    from fangxian.studies.vaccination.words import (
        campaign_document,
        schedule_rows,
        second_dose_rows,
        village_rows,
    )

    check_language(lang)
    problem = read_campaign(problem_dir)
    result = solve_sessions(problem, SolverStop(seconds, gap))
    document = campaign_document(problem, result)
    if out is not None:
        tables = {"villages": village_rows(problem, result), "schedule": schedule_rows(problem, result)}
        tables["second_doses"] = second_dose_rows(problem, result)
        write_outcome(out, document, tables)
    say(document, as_json=json_, lang=lang)
