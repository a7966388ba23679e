"""Keep a rehearsal in little, for the demonstration to live on.

    fangxian rehearse covid19-class-b-2023 --city 1304 --r0 R --infected-per-million N --days 240 \
        --replicates 1 --seed 20230108 --out DIR
    python scripts/package_demonstration.py DIR

Writes counts by day, county and age group, and a manifest, to src/fangxian/studies/demonstration/packaged
(模拟数据). The folder of the rehearsal can repeat the run: ``fangxian rehearse --repeat DIR``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import polars as pl

from fangxian.studies.demonstration.kept import keep, write_kept
from fangxian.studies.rehearsal.manifest import DETAILS, NAME, TownOrder
from fangxian.studies.rehearsal.order import town_of

PACKAGED = Path(__file__).resolve().parents[1] / "src/fangxian/studies/demonstration/packaged"


def main(folder: Path) -> None:
    """Pack the first run of the first plan of a rehearsal."""
    manifest = json.loads((folder / NAME).read_text("utf-8"))
    plan = manifest["plans"][0]["id"]
    town = town_of(TownOrder(**manifest["town"]), processes=1)
    people = town.by_county(town.people_of_place.astype(np.float64))
    by_code = {code: round(number) for code, number in zip(town.population.parent_code, people, strict=True)}
    command = (
        f"fangxian rehearse {plan} --city {manifest['town']['city']} --people {manifest['town']['people']} "
        f"--r0 {manifest['reproduction_number']:g} "
        f"--infected-per-million {manifest['infections_per_million']:g} --days {manifest['days']} "
        f"--replicates 1 --seed {manifest['seed']} --out DIR"
    )
    details = pl.read_parquet(folder / DETAILS / f"{plan}-001.parquet")
    run = keep(details, manifest, by_code, command)
    write_kept(run, PACKAGED)
    size = sum(path.stat().st_size for path in PACKAGED.iterdir())
    print(f"{run.table.height} rows, {size / 1000:.0f} kB, sha256 {run.manifest['sha256']}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
