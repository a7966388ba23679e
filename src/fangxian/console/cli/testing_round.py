"""``fangxian testing-round``: a round of nucleic acid testing that ends within its clock at least cost."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fangxian.base.errors import InvalidInput
from fangxian.console.cli.planning import (
    AsJson,
    Language,
    NearEnough,
    check_language,
    say,
    write_outcome,
)


def testing_round(
    problem_dir: Annotated[Path, typer.Argument(help="Folder with areas, sites and laboratories as CSV")],
    out: Annotated[Path | None, typer.Option(help="Write plan and summary into this folder")] = None,
    seconds: Annotated[float, typer.Option(min=0.1, help="Best plan so far after this time")] = 60.0,
    gap: NearEnough = 0.005,
    seed: Annotated[int, typer.Option(min=0, help="Of the intervals")] = 1,
    draws: Annotated[int, typer.Option(min=40, help="Draws behind the intervals")] = 1000,
    json_: AsJson = False,
    lang: Language = "zh",
) -> None:
    """Choose sites, lanes, tube sizes and laboratories for a round of tests."""
    from fangxian.logistics.programme import SolverStop
    from fangxian.logistics.testing_round.intervals import forecast_round
    from fangxian.logistics.testing_round.solve import NoPlanFoundError, solve_round
    from fangxian.studies.testing_round.outcome import assignment_rows, round_document
    from fangxian.studies.testing_round.tables import read_round
    from fangxian.studies.testing_round.words import lacking

    check_language(lang)
    problem, prices = read_round(problem_dir)
    try:
        result = solve_round(problem, SolverStop(seconds, gap), prices)
    except NoPlanFoundError as error:
        lacks = error.nearest and lacking(problem, error.nearest)
        zh, en = (
            (f"；最接近的还差：{lacks['zh']}", f"; the nearest lacks: {lacks['en']}") if lacks else ("", "")
        )
        raise InvalidInput(
            {"zh": f"{seconds:g} 秒内没有找到方案{zh}。", "en": f"No plan was found in {seconds:g} s{en}."},
            {"zh": "请加大 --seconds，或逐县编制。", "en": "Raise --seconds, or plan county by county."},
        ) from error
    forecast = None
    if result.plan is not None:
        forecast = forecast_round(problem, result.choice, result.plan, seed=seed, draws=draws)
    document = round_document(problem, result, forecast)
    if out is not None:
        tables = {"assignments": assignment_rows(problem, result)}
        tables |= {name: document[name] for name in ("sites", "laboratories")}
        write_outcome(out, document, tables)
    say(document, as_json=json_, lang=lang)
    if result.plan is None:
        raise typer.Exit(3)
