"""What is done each morning without anybody asking: the forecasts that the briefs of the day will read."""

from __future__ import annotations

from datetime import date

from fangxian.assessment.services import keep_forecasts
from fangxian.ground.places.models import Place
from fangxian.reporting.selectors.units import children_of


def morning_forecasts(*, as_of: date, root: Place | None = None, levels: int = 1) -> int:
    """Keep the forecasts of a place and of the levels below it, and return how many are new.

    Each place learns beside its neighbours, the places of one parent. Without ``root`` this is done for every
    place that has none above it.
    """
    roots = list(Place.objects.filter(parent=None).order_by("tree_left")) if root is None else [root]
    kept = 0
    for one in roots:
        kept += len(keep_forecasts(actor=None, place=one, as_of=as_of))
        below = list(children_of(one))
        for _ in range(1, levels):
            families = {parent: list(children_of(parent)) for parent in below}
            kept += sum(
                len(keep_forecasts(actor=None, place=parent, as_of=as_of, only_below=True))
                for parent, children in families.items()
                if children
            )
            below = [child for children in families.values() for child in children]
    return kept
