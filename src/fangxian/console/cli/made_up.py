"""``fangxian made-up``: problems of realistic size from a seed, as folders that the other commands read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from fangxian.base.errors import InvalidInput
from fangxian.console.cli.planning import writing

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


Out = Annotated[Path, typer.Option(help="Folder to write the tables to, new or empty")]
Seed = Annotated[int, typer.Option(min=0, help="The same seed writes the same tables")]


@app.callback()
def root() -> None:
    """Made-up problems of realistic size, from a seed (模拟数据)."""


def _write(out: Path, write: Callable[[], Sequence[str]]) -> None:
    """Write tables into a folder that holds nothing yet: made-up rows never replace a county's own."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise InvalidInput(
            {"zh": f"{out.name} 里已有文件。", "en": f"{out.name} is not empty."},
            {"zh": "请给出一个空文件夹。", "en": "Name an empty folder for the made-up tables."},
        )
    with writing(out):
        files = write()
    print("模拟数据 synthetic data:", ", ".join(files))


def _refused(error: ValueError) -> InvalidInput:
    return InvalidInput(
        {"zh": f"这样的规模不成立：{error}", "en": f"Such a size cannot be: {error}"},
        {"zh": "请改正选项。", "en": "Correct the options."},
    )


@app.command()
def supplies(
    out: Out,
    seed: Seed = 1,
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
        raise _refused(error) from error
    _write(out, lambda: write_world(make_supplies(make_region(size, seed), options, seed), out))


@app.command()
def transfers(
    out: Out,
    seed: Seed = 1,
    requests: Annotated[int, typer.Option(min=1, help="Transfers asked for")] = 500,
    vehicles: Annotated[int, typer.Option(min=1, help="Vehicles of the city")] = 100,
) -> None:
    """A day of transfers in a city: a folder for ``fangxian transfer``."""
    from fangxian.studies.transfers.made_up import write_transfers

    _write(out, lambda: write_transfers(out, requests=requests, vehicles=vehicles, seed=seed))


@app.command()
def referrals(
    out: Out,
    seed: Seed = 1,
    patients: Annotated[int, typer.Option(min=1, help="Who wait for a bed")] = 2_000,
    hospitals: Annotated[int, typer.Option(min=1, help="Hospitals of the city")] = 150,
) -> None:
    """A morning of patients and beds in a city: a folder for ``fangxian beds``."""
    from fangxian.studies.referral.made_up import write_referrals

    _write(out, lambda: write_referrals(out, patients=patients, hospitals=hospitals, seed=seed))


@app.command("testing-round")
def testing_round(
    out: Out,
    seed: Seed = 1,
    counties: Annotated[int, typer.Option(min=1, max=40, help="Of the city; one alone by default")] = 1,
    townships: Annotated[int, typer.Option(min=1, help="Of each county")] = 12,
    villages: Annotated[int, typer.Option(min=1, help="Of each county")] = 280,
    quarters: Annotated[int, typer.Option(min=0, help="Dense parts of each county's seat")] = 20,
) -> None:
    """A round of tests in a county or a city: a folder for ``fangxian testing-round``."""
    from fangxian.studies.testing_round.synthetic import RoundSize, write_synthetic_round

    size = RoundSize(counties, townships, villages, quarters)
    _write(out, lambda: write_synthetic_round(out, seed=seed, size=size))


@app.command()
def roster(
    out: Out,
    seed: Seed = 1,
    staff: Annotated[int, typer.Option(min=1, help="Of ten places together")] = 500,
    days: Annotated[int, typer.Option(min=1, max=92, help="Length of the period")] = 28,
    tightness: Annotated[float, typer.Option(min=0, help="Load wanted over load that all may carry")] = 0.95,
) -> None:
    """Teams in a wave of sickness: a folder for ``fangxian roster``."""
    from fangxian.studies.rosters.synthetic import write_synthetic_roster

    _write(out, lambda: write_synthetic_roster(out, seed=seed, staff=staff, days=days, tightness=tightness))


@app.command()
def vaccination(
    out: Out,
    seed: Seed = 1,
    townships: Annotated[int, typer.Option(min=1, help="Of the county")] = 12,
    villages: Annotated[int, typer.Option(min=1, help="Of the county")] = 290,
) -> None:
    """Old people who are still to be vaccinated in a county: a folder for ``fangxian vaccinate``."""
    from fangxian.studies.vaccination.tables import write_synthetic_campaign

    if townships > villages:
        raise _refused(ValueError(f"townships must not exceed villages (got {townships} and {villages})"))
    _write(out, lambda: write_synthetic_campaign(out, seed=seed, townships=townships, villages=villages))
