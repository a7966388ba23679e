"""``fangxian score``: forecasts against what came."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer


def score(
    forecasts: Annotated[Path, typer.Argument(help="CSV in the format of the hubs; model column if several")],
    truth: Annotated[Path, typer.Argument(help="CSV with date,location,value, daily or weekly")],
    baseline: Annotated[str | None, typer.Option(help="Model whose relative score is 1")] = None,
    target: Annotated[str | None, typer.Option(help="Score only this target, e.g. 'inc death'")] = None,
    json_: Annotated[bool, typer.Option("--json", help="Overall, by horizon, by place, by both")] = False,
) -> None:
    """Score quantile forecasts: weighted interval score with its parts, coverage, bias, relative score."""
    from fangxian.studies.forecast import compare_models, read_counts, read_forecasts, score_forecasts

    scores = score_forecasts(read_forecasts(forecasts), read_counts(truth), target=target)
    found = compare_models(scores, baseline=baseline)
    if json_:
        print(json.dumps(found, ensure_ascii=False, indent=1))
        return
    for heading, keys in (("overall", ["series"]), ("by_horizon", ["series", "horizon"])):
        print(heading)
        _print_table(found[heading], keys)


def _print_table(records: list[dict[str, Any]], keys: list[str]) -> None:
    names = [*keys, "model", "forecasts", "wis", "relative_wis", "coverage_50", "coverage_95", "bias"]
    widths = [max(12, *(len(_cell(record[name])) for record in records)) for name in names]
    print("  ".join(name.rjust(width) for name, width in zip(names, widths, strict=True)))
    for record in records:
        cells = [_cell(record[name]) for name in names]
        print("  ".join(cell.rjust(width) for cell, width in zip(cells, widths, strict=True)))


def _cell(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.3f}" if isinstance(value, float) else str(value)
