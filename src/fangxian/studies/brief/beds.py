"""Which figures fill which beds."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from fangxian.base.errors import Text
from fangxian.studies.brief.records import CapacitySeries, FloatArray

ORDINARY: Text = {"zh": "普通床位", "en": "Ordinary beds"}
ALL: Text = {"zh": "住院床位（含重症监护）", "en": "Hospital beds, intensive care included"}
INTENSIVE: Text = {"zh": "重症监护床位", "en": "Intensive-care beds"}


def bed_series(
    series: Mapping[str, FloatArray], lineage: Callable[[str], str], *, length: int
) -> list[CapacitySeries]:
    """Return ordinary and intensive-care beds, where anybody is known to be in them.

    Parameters
    ----------
    series : mapping of field id to float array [time]
        ``in_hospital`` counts everybody in hospital, those in ``intensive_care`` included;
        ``ordinary_beds`` and ``intensive_care_beds`` are beds open. NaN is absent.
    lineage : callable
        From a field id to what opens its records.
    length : int
        Length of the time axis.

    Returns
    -------
    list of CapacitySeries
        People in ordinary beds are not known on a day on which those in intensive care are not; where those
        never are, everybody in hospital is set against all beds.
    """
    blank = np.full(length, np.nan)
    hospital, intensive = series.get("in_hospital", blank), series.get("intensive_care", blank)
    found = []
    if not np.isnan(hospital).all() and np.isnan(intensive).all():
        beds = series.get("ordinary_beds", blank) + series.get("intensive_care_beds", blank)
        found.append(CapacitySeries("hospital_bed", ALL, hospital, _last(beds), lineage("in_hospital")))
    elif not np.isnan(hospital).all():
        ordinary = np.where(np.isnan(intensive), np.nan, hospital - intensive)
        found.append(
            CapacitySeries(
                kind="ordinary_bed",
                label=ORDINARY,
                occupied=np.maximum(ordinary, 0.0),
                total=_last(series.get("ordinary_beds", blank)),
                lineage=lineage("in_hospital"),
            )
        )
    if not np.isnan(intensive).all():
        found.append(
            CapacitySeries(
                kind="intensive_care_bed",
                label=INTENSIVE,
                occupied=intensive,
                total=_last(series.get("intensive_care_beds", blank)),
                lineage=lineage("intensive_care"),
            )
        )
    return found


def _last(series: FloatArray) -> float | None:
    known = series[~np.isnan(series)]
    return float(known[-1]) if len(known) else None
