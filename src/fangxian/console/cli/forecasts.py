"""``fangxian forecasts``: make the forecasts that the brief shows, and keep them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

import typer

DAY = ["%Y-%m-%d"]


def forecasts(
    place: Annotated[
        str | None,
        typer.Option(
            help="Code of the place; those directly below it too. Without it every place at the top"
        ),
    ] = None,
    as_of: Annotated[
        list[datetime] | None,
        typer.Option(formats=DAY, help="Sees what was reported by the end of this day; yesterday without it"),
    ] = None,
    weeks_back: Annotated[
        int,
        typer.Option(min=0, max=52, help="Also as of so many weeks before, each from what was known then"),
    ] = 0,
    levels: Annotated[int, typer.Option(min=1, max=5, help="How many levels of places below")] = 1,
) -> None:
    """Forecast new cases and deaths of a place and those below for four weeks, once for each day. 保存预测"""
    import django

    django.setup()
    from fangxian.assessment.jobs import morning_forecasts
    from fangxian.assessment.selectors import latest_as_of
    from fangxian.ground.places.selectors import place_by_code

    root = place_by_code(place) if place is not None else None
    last = [moment.date() for moment in as_of or []] or [latest_as_of() - timedelta(days=1)]
    days = sorted({day - timedelta(days=7 * back) for day in last for back in range(weeks_back + 1)})
    for day in days:
        kept = morning_forecasts(as_of=day, root=root, levels=levels)
        print(f"{day}  保存了 {kept} 个预测 kept {kept} forecasts", flush=True)
