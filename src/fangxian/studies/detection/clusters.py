"""Clusters of cases in place and time from a table of counts, each with one sentence and its chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fangxian.base.errors import InvalidInput
from fangxian.base.tables import Column, Folder, Table, Wrong
from fangxian.science.detection.plane import kilometres
from fangxian.science.detection.scan import Cluster, ScanOptions, Spread, scan_clusters
from fangxian.science.detection.surprise import SurpriseOptions, expect_last
from fangxian.studies.detection.series import Panel, steps_between

FloatArray = NDArray[np.float64]

_STEP = {
    "daily": ("天", "day"),
    "weekly": ("周", "week"),
    "monthly": ("个月", "month"),
    "numbered": ("期", "step"),
}
# Neighbours share season and weekly rhythm, and a scan compares them: what a place has of its own is small.
_BASELINE = SurpriseOptions(seasonal_deviation=(0.15, 0.05), weekday_deviation=0.2)
_COLUMNS = (
    Column("location"),
    Column("longitude", "number", least=-180, most=180),
    Column("latitude", "number", least=-90, most=90),
)


@dataclass(frozen=True)
class FoundCluster:
    """Places close together with more cases than expected, and how sure that is.

    Parameters
    ----------
    locations : tuple of str
        The centre first.
    first, last : str
        Dates as in the table.
    steps : int
    observed, expected : float
    log_ratio : float
    probability : float
        Chance that a map without any cluster holds one as unlikely as this.
    unusual : bool
        Whether that is at most the level asked for.
    reason : dict
        One sentence in ``zh`` and in ``en``.
    """

    locations: tuple[str, ...]
    first: str
    last: str
    steps: int
    observed: float
    expected: float
    log_ratio: float
    probability: float
    unusual: bool
    reason: dict[str, str]


def read_coordinates(path: Path, locations: Sequence[str]) -> FloatArray:
    """Read where the places of a table lie.

    Parameters
    ----------
    path : Path
        Columns ``location,longitude,latitude``; places beyond those wanted are passed over.
    locations : sequence of str
        Those of the counts.

    Returns
    -------
    float array [place, 2]
        Kilometres east and north, about the middle of the places.

    Raises
    ------
    InvalidInput
        Naming file, row and column, or the places that have no coordinates.
    """
    folder, table = Folder(path.parent), Table(path.name, _COLUMNS, key=("location",))
    rows = folder.read(table)
    known = {row["location"]: (row["longitude"], row["latitude"]) for row in rows.iter_rows(named=True)}
    lacking = [name for name in locations if name not in known]
    if lacking and not folder.findings:
        wrong = Wrong(
            "place-missing",
            ("缺少 {value} 的位置。", "{value} have no coordinates."),
            (f"请在 {path.name} 中加上。", f"Add them to {path.name}."),
        )
        folder.fault(table, None, "location", ", ".join(lacking[:10]), wrong)
    folder.refuse()
    where = np.array([known[name] for name in locations], dtype=np.float64)
    return kilometres(where, float(where[:, 1].mean()))


def find_clusters(
    panel: Panel,
    coordinates: FloatArray,
    options: ScanOptions,
    *,
    as_of: str | None = None,
    seed: int = 1,
    level: float = 0.05,
) -> list[FoundCluster]:
    """Scan the last steps of a panel for clusters that are still going on.

    Parameters
    ----------
    panel : Panel
        What is expected is learned from the steps before those that are scanned.
    coordinates : float array [place, 2]
    options : ScanOptions
    as_of : str, optional
        Date as in the table; nothing after it is seen.
    seed : int
        Of the simulated maps.
    level : float
        Chance up to which a cluster is called unusual.

    Returns
    -------
    list of FoundCluster
        The most likely first; without any case above expectation, none.

    Raises
    ------
    InvalidInput
        If too little past is there, or nothing is expected anywhere.
    """
    _, last = steps_between(panel, None, as_of)
    counts = panel.counts[: last + 1]
    longest = options.longest_steps
    first = last - longest + 1
    needed = longest + max(4 * longest, _BASELINE.least_known)
    if last + 1 < needed:
        raise InvalidInput(
            {
                "zh": f"只有 {last + 1} 期数据，扫描 {longest} 期至少需要 {needed} 期。",
                "en": f"There are {last + 1} steps; a scan of {longest} needs {needed}.",
            },
            {"zh": "请给更长的序列，或用较小的 --steps。", "en": "Give longer series, or fewer --steps."},
        )
    expected = expect_last(counts, panel.axis.until(last + 1), longest, _BASELINE)
    if not np.nansum(expected.mean) > 0:
        raise InvalidInput(
            {"zh": "各地此前都没有足够的数据。", "en": "No place has enough past to expect anything."},
            {"zh": "请给更长的序列。", "en": "Give longer series."},
        )
    clusters = scan_clusters(
        counts[first:],
        expected.mean,
        coordinates,
        np.random.Generator(np.random.Philox(seed)),
        options,
        spread=Spread(
            expected.dispersion, np.nan_to_num(expected.mean_variance), np.nan_to_num(expected.step_variance)
        ),
    )
    return [_told(panel, one, last, level) for one in clusters if one.observed > one.expected]


def _told(panel: Panel, one: Cluster, last: int, level: float) -> FoundCluster:
    names = tuple(panel.locations[place] for place in one.places)
    unit_zh, unit_en = _STEP[panel.frequency]
    shown_zh, shown_en = "、".join(names[:4]), ", ".join(names[:4])
    if len(names) > 4:
        shown_zh, shown_en = f"{shown_zh}等 {len(names)} 地", f"{shown_en} and {len(names) - 4} more"
    times = f"{one.observed / one.expected:.1f}" if one.expected > 0 else "∞"
    chance = f"{one.probability:.1%}"
    unusual = one.probability <= level
    end = panel.labels[last]
    plural = "" if one.steps == 1 else "s"
    return FoundCluster(
        locations=names,
        first=panel.labels[last - one.steps + 1],
        last=end,
        steps=one.steps,
        observed=one.observed,
        expected=one.expected,
        log_ratio=one.log_ratio,
        probability=one.probability,
        unusual=unusual,
        reason={
            "zh": f"{shown_zh}：截至 {end} 的 {one.steps} {unit_zh}共 {one.observed:,.0f} 例，预期 "
            f"{one.expected:,.1f} 例（{times} 倍）；若各地都没有聚集，出现这样集中的可能性为 {chance}"
            f"{'' if unusual else '，不足为奇'}。",
            "en": f"{shown_en}: {one.observed:,.0f} cases in the {one.steps} {unit_en}{plural} to {end}, "
            f"{one.expected:,.1f} expected ({times} times); were there no cluster anywhere, one as "
            f"unlikely would turn up with a chance of {chance}{'' if unusual else ', which is not unusual'}.",
        },
    )
