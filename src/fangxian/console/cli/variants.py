"""``fangxian variants``: how fast lineages replace each other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fangxian.base.errors import InvalidInput

if TYPE_CHECKING:
    from datetime import date


def variants(
    counts: Annotated[Path, typer.Argument(help="CSV with columns date,lineage,count")],
    reference: Annotated[str | None, typer.Option(help="Lineage compared with; the first by default")] = None,
    generation_days: Annotated[float | None, typer.Option(help="Mean generation interval")] = None,
    generation_shape: Annotated[float, typer.Option(help="Shape of its gamma distribution")] = 4.0,
    json_: Annotated[bool, typer.Option("--json", help="A list of lineages")] = False,
) -> None:
    """Print the growth advantage of each lineage a day, with its 95 % interval."""
    import numpy as np

    from fangxian.console.cli.numbers import Number, check_numbers
    from fangxian.science.renewal.variants import estimate_replacement

    check_numbers(
        Number("--generation-days", generation_days, 0.01, whole=False),
        Number("--generation-shape", generation_shape, 0.01, whole=False),
    )
    table = _read(counts)
    days = sorted({day for day, _ in table})
    lineages = list(dict.fromkeys(lineage for _, lineage in table))
    if reference is not None and reference not in lineages:
        raise InvalidInput(
            {"zh": f"表中没有谱系 {reference}。", "en": f"The table has no lineage {reference}."},
            {"zh": f"可选：{'、'.join(lineages)}。", "en": f"Choose one of {', '.join(lineages)}."},
        )
    observed = np.array([[table.get((day, lineage), 0.0) for lineage in lineages] for day in days])
    if len(lineages) < 2 or (observed.sum(axis=1) > 0).sum() < 2:
        raise InvalidInput(
            {
                "zh": f"{counts.name} 中应有两个以上谱系，且至少两天有序列。",
                "en": f"{counts.name} needs two lineages or more, and sequences on two days or more.",
            },
            {"zh": "请补充样本。", "en": "Add samples."},
        )
    base = lineages.index(reference) if reference is not None else 0
    try:
        found = estimate_replacement(observed, [day.toordinal() for day in days], reference=base)
        rows: list[dict[str, Any]] = [
            {
                "lineage": lineage,
                "share": float(found.share[-1, index]),
                "advantage_per_day": float(found.advantage[index]),
                "lower": float(found.lower[index]),
                "upper": float(found.upper[index]),
                "odds_double_days": _finite(found.doubling_days(index)),
                "reproduction_ratio": None
                if generation_days is None
                else found.reproduction_ratio(index, generation_days, generation_shape),
            }
            for index, lineage in enumerate(lineages)
        ]
    except ValueError as error:
        raise InvalidInput(
            {"zh": f"不能估计：{error}", "en": f"Cannot be estimated: {error}"},
            {"zh": "请按提示修改。", "en": "Change what it says."},
        ) from error
    if json_:
        print(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    for row in rows:
        print(
            f"{row['lineage']}: {row['share']:.1%}, {row['advantage_per_day']:+.3f}/d "
            f"({row['lower']:+.3f} - {row['upper']:+.3f})"
        )


def _finite(value: float) -> float | None:
    return value if value != float("inf") else None


def _read(path: Path) -> dict[tuple[date, str], float]:
    from fangxian.base.tables import Column, Folder, Table

    columns = (Column("date", "date"), Column("lineage"), Column("count", "number", least=0))
    folder = Folder(path.parent)
    rows = folder.read(Table(path.name, columns))
    folder.refuse()
    found: dict[tuple[date, str], float] = {}
    for row in rows.iter_rows(named=True):
        key = (row["date"], row["lineage"])
        found[key] = found.get(key, 0.0) + row["count"]
    return found
