"""``fangxian scan``: clusters of cases in place and time."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from fangxian.console.cli.planning import check_language


def scan(
    counts: Annotated[Path, typer.Argument(help="CSV with columns date,location,value")],
    places: Annotated[Path, typer.Argument(help="CSV with columns location,longitude,latitude")],
    steps: Annotated[int, typer.Option(help="Longest duration that is looked for, in steps")] = 7,
    as_of: Annotated[str | None, typer.Option(help="Last date that is seen; the last of the table")] = None,
    largest_share: Annotated[float, typer.Option(help="Of all expected cases, in one cluster")] = 0.5,
    clusters: Annotated[int, typer.Option(help="How many are told at most")] = 3,
    replicates: Annotated[int, typer.Option(help="Simulated maps")] = 999,
    seed: Annotated[int, typer.Option(help="Of the simulated maps")] = 1,
    level: Annotated[float, typer.Option(help="Chance up to which a cluster is called unusual")] = 0.05,
    json_: Annotated[bool, typer.Option("--json", help="Clusters with figures and reasons")] = False,
    lang: Annotated[str, typer.Option(help="zh or en")] = "zh",
) -> None:
    """Print clusters that are still going on, each with one sentence and its chance. 时空聚集"""
    from fangxian.console.cli.numbers import Number, check_numbers
    from fangxian.science.detection.scan import ScanOptions
    from fangxian.studies.detection.clusters import find_clusters, read_coordinates
    from fangxian.studies.detection.series import read_panel

    check_language(lang)
    check_numbers(
        Number("--steps", steps, 1),
        Number("--largest-share", largest_share, 0.01, 1.0, whole=False),
        Number("--clusters", clusters, 1),
        Number("--replicates", replicates, 19),
        Number("--seed", seed, 0),
        Number("--level", level, 0.0, 1.0, whole=False),
    )
    options = ScanOptions(
        longest_steps=steps, largest_share=largest_share, replicates=replicates, clusters=clusters
    )
    panel = read_panel(counts)
    where = read_coordinates(places, panel.locations)
    found = find_clusters(panel, where, options, as_of=as_of, seed=seed, level=level)
    if json_:
        rows = [asdict(one) | {"reason": one.reason[lang], "words": one.reason} for one in found]
        told = {"frequency": panel.frequency, "replicates": replicates, "seed": seed, "level": level}
        print(json.dumps(told | {"clusters": rows}, ensure_ascii=False, indent=1))
        return
    for one in found:
        print(one.reason[lang])
    if not any(one.unusual for one in found):
        print("没有不寻常的聚集。" if lang == "zh" else "No unusual cluster.")
