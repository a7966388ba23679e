"""``fangxian forecasts``: make the forecasts that the brief shows, and keep them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from fangxian.ground.places.models import Place

DAY = ["%Y-%m-%d"]


def forecasts(
    place: Annotated[str, typer.Option(help="Code of the place; those directly below it too")],
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
    from fangxian.assessment.selectors import latest_as_of
    from fangxian.ground.places.selectors import place_by_code

    where = place_by_code(place)
    last = [moment.date() for moment in as_of or []] or [latest_as_of() - timedelta(days=1)]
    days = sorted({day - timedelta(days=7 * back) for day in last for back in range(weeks_back + 1)})
    for day in days:
        kept = _keep(where, day, levels)
        print(f"{day}  保存了 {kept} 个预测 kept {kept} forecasts", flush=True)


def _keep(root: Place, day: date, levels: int) -> int:
    """Keep the forecasts of a place and of the levels below; each place learns beside its neighbours."""
    from fangxian.assessment.services import keep_forecasts
    from fangxian.reporting.selectors.units import children_of

    kept = len(keep_forecasts(actor=None, place=root, as_of=day))
    below = list(children_of(root))
    for _ in range(1, levels):
        parents = {one: list(children_of(one)) for one in below}
        kept += sum(
            len(keep_forecasts(actor=None, place=one, as_of=day, only_below=True))
            for one, children in parents.items()
            if children
        )
        below = [child for children in parents.values() for child in children]
    return kept
