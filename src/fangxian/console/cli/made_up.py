"""``fangxian made-up``: problems of realistic size from a seed, as folders that the other commands read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fangxian.base.errors import InvalidInput

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def root() -> None:
    """Made-up problems of realistic size, from a seed (模拟数据)."""


@app.command()
def supplies(
    out: Annotated[Path, typer.Option(help="Folder to write the tables to")],
    seed: Annotated[int, typer.Option(min=0, help="The same seed writes the same tables")] = 1,
    counties: Annotated[int, typer.Option(help="Counties of the city")] = 20,
    townships: Annotated[int, typer.Option(help="Townships of the city")] = 240,
    villages: Annotated[int, typer.Option(help="Villages of the city")] = 5_800,
    people: Annotated[int, typer.Option(help="Who live there")] = 9_400_000,
    items: Annotated[int, typer.Option(help="Items, 1 to 20")] = 6,
    supply_ratio: Annotated[float, typer.Option(help="Stock beside what a week lacks")] = 0.7,
    aid: Annotated[
        str, typer.Option(help="Whom a warehouse may serve: none (below), parent, region")
    ] = "none",
    aid_hours: Annotated[float, typer.Option(help="And any point within these hours")] = 0.0,
) -> None:
    """Scarce supplies in a city: a folder for ``fangxian allocate``."""
    from fangxian.logistics.instances.geography import RegionSize, make_region
    from fangxian.logistics.instances.supplies import SupplyOptions, make_supplies
    from fangxian.studies.supplies.made_up import write_world

    try:
        size = RegionSize(1, counties, townships, villages, people)
        options = SupplyOptions(items, supply_ratio, aid, aid_hours)
    except ValueError as error:
        raise InvalidInput(
            {"zh": f"这样的规模不成立：{error}", "en": f"Such a size cannot be: {error}"},
            {"zh": "请改正选项。", "en": "Correct the options."},
        ) from error
    files = write_world(make_supplies(make_region(size, seed), options, seed), out)
    print("模拟数据 synthetic data:", ", ".join(files))


@app.command()
def transfers(
    out: Annotated[Path, typer.Option(help="Folder to write the tables to")],
    seed: Annotated[int, typer.Option(min=0, help="The same seed writes the same tables")] = 1,
    requests: Annotated[int, typer.Option(min=1, help="Transfers asked for")] = 500,
    vehicles: Annotated[int, typer.Option(min=1, help="Vehicles of the city")] = 100,
) -> None:
    """A day of transfers in a city: a folder for ``fangxian transfer``."""
    from fangxian.studies.transfers.made_up import write_transfers

    files = write_transfers(out, requests=requests, vehicles=vehicles, seed=seed)
    print("模拟数据 synthetic data:", ", ".join(files))


@app.command()
def referrals(
    out: Annotated[Path, typer.Option(help="Folder to write the tables to")],
    seed: Annotated[int, typer.Option(min=0, help="The same seed writes the same tables")] = 1,
    patients: Annotated[int, typer.Option(min=1, help="Who wait for a bed")] = 2_000,
    hospitals: Annotated[int, typer.Option(min=1, help="Hospitals of the city")] = 150,
) -> None:
    """A morning of patients and beds in a city: a folder for ``fangxian beds``."""
    from fangxian.studies.referral.made_up import write_referrals

    files = write_referrals(out, patients=patients, hospitals=hospitals, seed=seed)
    print("模拟数据 synthetic data:", ", ".join(files))
