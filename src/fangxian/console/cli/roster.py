"""``fangxian roster``: who works when and where, by skill first, fairness second, stability third."""

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


def roster(
    problem_dir: Annotated[Path, typer.Argument(help="Folder with staff, shifts and needs as CSV")],
    out: Annotated[Path | None, typer.Option(help="Write roster and summary into this folder")] = None,
    seconds: Annotated[float, typer.Option(min=0.1, help="Best roster so far after this time")] = 50.0,
    gap: NearEnough = 0.005,
    seed: Annotated[int, typer.Option(min=0, help="Of the search")] = 1,
    json_: AsJson = False,
    lang: Language = "zh",
) -> None:
    """Make a roster, say how good any roster could be, and why hours stay open."""
    from fangxian.logistics.rostering.solve import RosterStop, solve_roster
    from fangxian.studies.rosters.tables import read_roster
    from fangxian.studies.rosters.words import roster_document, roster_rows

    check_language(lang)
    problem = read_roster(problem_dir)
    result = solve_roster(problem, seed=seed, stop=RosterStop(seconds, gap))
    document = roster_document(problem, result)
    if out is not None:
        write_outcome(out, document, {"roster": roster_rows(problem, result)})
    say(document, as_json=json_, lang=lang)
