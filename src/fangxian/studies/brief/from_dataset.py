"""From a dataset that a descriptor has read to the input of a brief, without a database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fangxian.base.errors import InvalidDataset, Text
from fangxian.plans.datasets import Dataset
from fangxian.plans.loader import packaged_plan
from fangxian.plans.schema import Plan
from fangxian.studies.brief.beds import bed_series
from fangxian.studies.brief.from_plan import brief_indicators, disease_of, serial_interval_of
from fangxian.studies.brief.records import (
    BriefIndicator,
    BriefInput,
    BriefPlace,
    FloatArray,
    IndicatorKind,
    LineageOf,
    Panel,
    Revision,
    Timeliness,
)

_IN_CARE = BriefIndicator(
    id="in_care",
    label={"zh": "现有病例（确诊减治愈减死亡）", "en": "Open cases (confirmed less recovered and dead)"},
    unit="person",
    kind=IndicatorKind.STOCK,
    minor=True,
)
_LISTED_ROWS = 12
_RECENT_DAYS = 14


@dataclass
class _Cells:
    """The values of the wanted places, spread out over [time, place, field]."""

    fields: list[str]
    values: FloatArray
    rows: NDArray[np.int64]
    since: NDArray[np.int64]
    balances: FloatArray
    totals: FloatArray
    multi_day: list[tuple[int, int, int, float, int]] = field(default_factory=list)
    summed: set[int] = field(default_factory=set)


def brief_input_from_dataset(
    dataset: Dataset,
    place: str,
    as_of: date,
    *,
    plan: Plan | None = None,
    boundaries: Mapping[str, Any] | None = None,
) -> BriefInput:
    """Make the input of a brief from a dataset read with ``until=as_of``.

    Parameters
    ----------
    dataset : Dataset
        Rows about later days, or published later, are cut again here: as-of is strict.
    place : str
        Code or name of the place.
    as_of : date
    plan : Plan, optional
        Whose indicators; by default the plan that the descriptor names.
    boundaries : mapping, optional
        GeoJSON geometry by place code, for the map.

    Returns
    -------
    BriefInput
        A place that has rows of its own is shown as published; one without is the sum of those directly
        below, with how many of them gave the figure.

    Raises
    ------
    InvalidDataset
        If the dataset has no such place, or nothing of it by that day.
    """
    identity = dataset.descriptor.dataset
    plan = plan or packaged_plan(identity.plan)
    code = dataset.find_place(place)
    places = _places(dataset, code, as_of)
    codes = [one.code for one in places]
    known = pl.col("reported_at").fill_null(pl.col("day"))
    cut = (pl.col("day") <= as_of) & (known <= as_of) & pl.col("place_code").is_in(codes)
    values = dataset.values.filter(cut)
    if values.filter(pl.col("value").is_not_null()).height == 0:
        raise _nothing_known(dataset, places[0], as_of)
    first_day: date = min(values["day"].to_list())
    shape = ((as_of - first_day).days + 1, len(codes))
    fields = [name for name in dataset.descriptor.fields() if name in set(values["field"].unique())]
    cells = _spread(values, codes, fields, first_day, shape)
    _add_balances(cells, dataset, codes, as_of)
    _add_up_places_without_rows(cells, places)
    indicators = brief_indicators(plan, extra_fields=[(identity.form, name) for name in fields])
    if "in_hospital" not in fields and {"new_cases", "recovered", "deaths"} <= set(fields):
        indicators.append(_IN_CARE)
    panel = _panel(cells, indicators, places)
    file = str(values["source_file"][0])
    rules = [rule for table in dataset.descriptor.tables for rule in table.fields]
    differenced = {rule.field for rule in rules if rule.kind == "cumulative"}
    lineage = _lineage(cells, indicators, file, differenced)
    disease = disease_of(plan, dataset.descriptor.disease_on(as_of))
    return BriefInput(
        as_of=as_of,
        first_day=first_day,
        places=places,
        indicators=indicators,
        panel=panel,
        timeliness=_timeliness(panel, places, as_of),
        lineage=lineage,
        capacities=bed_series(
            {name: cells.values[:, 0, index] for index, name in enumerate(cells.fields)},
            lambda name: f"{file}: {name}",
            length=shape[0],
        ),
        serial_interval=serial_interval_of(disease),
        synthetic=identity.synthetic,
        plan={"id": plan.identity.id, "version": plan.identity.version},
        disease=disease.name.model_dump(),
        sources=[
            identity.title.model_dump(),
            {
                "zh": f"来源：{identity.source}（许可：{identity.licence}）",
                "en": f"Source: {identity.source} (licence: {identity.licence})",
            },
        ],
        revisions=_revisions(dataset, codes, as_of),
        caveats=_caveats(dataset, cells, places, first_day),
        boundaries={code: boundaries[code] for code in codes if code in boundaries} if boundaries else {},
    )


def _places(dataset: Dataset, code: str, as_of: date) -> list[BriefPlace]:
    """Return the place and those directly below that any row up to the day speaks of."""
    names = {entry.level: {"zh": entry.zh, "en": entry.en} for entry in dataset.level_names}
    spoken = set(dataset.values.filter(pl.col("day") <= as_of)["place_code"].unique())
    frame = dataset.places.filter((pl.col("code") == code) | (pl.col("parent_code") == code))
    places = []
    for row in frame.sort("code").iter_rows(named=True):
        if row["code"] != code and row["code"] not in spoken:
            continue
        places.append(
            BriefPlace(
                code=row["code"],
                name=row["name"],
                name_en=row["name_en"] or "",
                level=int(row["level"]),
                level_name=names.get(int(row["level"]), {"zh": "", "en": ""}),
                parent=None if row["code"] == code else 0,
                population=row["population"],
            )
        )
    places.sort(key=lambda one: (one.parent is not None, one.code))
    return places


def _nothing_known(dataset: Dataset, place: BriefPlace, as_of: date) -> InvalidDataset:
    first = str(dataset.values["day"].min())
    below = dataset.places.filter(pl.col("parent_code") == place.code)
    lower = dataset.places.filter(pl.col("parent_code").is_in(below["code"].to_list()))
    spoken = lower.filter(pl.col("code").is_in(dataset.values["place_code"].unique().to_list()))
    if spoken.height:
        names = ", ".join(f"{code} {name}" for code, name in below.select("code", "name").head(6).rows())
        return InvalidDataset(
            message={
                "zh": f"{place.code} {place.name}及其直接下级都没有自己的行，数字在更下一级。",
                "en": f"Neither {place.code} {place.name} nor the places directly below have rows; "
                "the figures stand further below.",
            },
            remedy={
                "zh": f"只对直接下级求和：请改看其下级 {names}，或在描述中把有行的地区直接挂在它下面。",
                "en": f"Sums are made of the places directly below only: ask for one of {names}, or hang the "
                "places with rows directly under it in the descriptor.",
            },
            fields={"place": place.code, "as_of": str(as_of)},
        )
    return InvalidDataset(
        message={
            "zh": f"截至 {as_of}，数据集没有关于 {place.code} {place.name} 的任何数字。",
            "en": f"By {as_of} the dataset holds no figure of {place.code} {place.name}.",
        },
        remedy={
            "zh": f"请换一个日期或地区；读入的数据始于 {first}。",
            "en": f"Choose another day or place; what was read begins on {first}.",
        },
        fields={"place": place.code, "as_of": str(as_of)},
    )


def _spread(
    values: pl.DataFrame, codes: list[str], fields: list[str], first_day: date, shape: tuple[int, int]
) -> _Cells:
    full = (*shape, len(fields))
    index = values.with_columns(
        (pl.col("day") - pl.lit(first_day)).dt.total_days().alias("time"),
        pl.col("place_code")
        .replace_strict({code: position for position, code in enumerate(codes)}, return_dtype=pl.Int64)
        .alias("place"),
        pl.col("field")
        .replace_strict({name: position for position, name in enumerate(fields)}, return_dtype=pl.Int64)
        .alias("index"),
    )
    at = tuple(index[name].to_numpy() for name in ("time", "place", "index"))
    number = index["value"].cast(pl.Float64).to_numpy().astype(np.float64)
    covered = index["days_covered"].fill_null(1).to_numpy()
    cells = _Cells(
        fields=fields,
        values=np.full(full, np.nan),
        rows=np.zeros(full, dtype=np.int64),
        since=np.full(shape[1], shape[0], dtype=np.int64),
        balances=np.zeros(full[1:]),
        totals=np.zeros(full),
    )
    cells.values[at] = np.where(covered == 1, number, np.nan)
    cells.totals[at] = np.nan_to_num(number)
    cells.rows[at] = index["source_row"].to_numpy()
    np.minimum.at(cells.since, at[1], at[0])
    for position in np.flatnonzero((covered > 1) & ~np.isnan(number)):
        time, place, column = (int(axis[position]) for axis in at)
        cells.balances[place, column] += number[position]
        cells.multi_day.append((time, place, column, float(number[position]), int(covered[position])))
    return cells


def _add_balances(cells: _Cells, dataset: Dataset, codes: list[str], as_of: date) -> None:
    """Add opening totals and downward revisions to what belongs to no single day."""
    for frame in (dataset.openings, dataset.corrections):
        rows = frame.filter((pl.col("day") <= as_of) & pl.col("place_code").is_in(codes))
        for row in rows.iter_rows(named=True):
            if row["field"] in cells.fields:
                place, column = codes.index(row["place_code"]), cells.fields.index(row["field"])
                cells.balances[place, column] += row["amount"]
                end = len(cells.values) - 1 - (as_of - row["day"]).days
                cells.totals[max(0, end), place, column] += row["amount"]


def _add_up_places_without_rows(cells: _Cells, places: list[BriefPlace]) -> None:
    for column in range(len(cells.fields)):
        below = cells.values[:, 1:, column]
        if not np.isnan(cells.values[:, 0, column]).all() or below.size == 0:
            continue
        known = ~np.isnan(below)
        cells.values[:, 0, column] = np.where(known.any(axis=1), np.nansum(below, axis=1), np.nan)
        cells.balances[0, column] = cells.balances[1:, column].sum()
        cells.totals[:, 0, column] = cells.totals[:, 1:, column].sum(axis=1)
        cells.summed.add(column)
    if cells.summed and len(places) > 1:
        cells.since[0] = min(cells.since[0], int(cells.since[1:].min()))


def _panel(cells: _Cells, indicators: list[BriefIndicator], places: list[BriefPlace]) -> Panel:
    shape = (*cells.values.shape[:2], len(indicators))
    values, share = np.full(shape, np.nan), np.full(shape, np.nan)
    reported, due = np.full(shape, np.nan), np.full(shape, np.nan)
    balances = np.zeros(shape[1:])
    days = np.arange(shape[0], dtype=np.int64).reshape(-1, 1)
    begun = np.greater_equal(days, cells.since.reshape(1, -1)).astype(np.float64)
    people = np.array([np.nan if one.population is None else float(one.population) for one in places])
    for index, indicator in enumerate(indicators):
        if indicator is _IN_CARE:
            values[:, :, index] = _in_care(cells)
        elif indicator.id in cells.fields:
            column = cells.fields.index(indicator.id)
            values[:, :, index] = cells.values[:, :, column]
            balances[:, index] = cells.balances[:, column]
        else:
            continue
        known = ~np.isnan(values[:, :, index])
        reported[:, :, index], due[:, :, index] = known, begun
        share[:, :, index] = np.where(begun > 0, known, np.nan)
        if indicator.id in cells.fields and cells.fields.index(indicator.id) in cells.summed:
            reported[:, 0, index] = known[:, 1:].sum(axis=1)
            due[:, 0, index] = begun[:, 1:].sum(axis=1)
            share[:, 0, index] = (known[:, 1:] * people[1:]).sum(axis=1) / people[1:].sum()
    return Panel(values, reported, due, share, balances)


def _in_care(cells: _Cells) -> FloatArray:
    """Return confirmed less recovered and dead, on days on which all three are published."""
    column = [cells.fields.index(name) for name in ("new_cases", "recovered", "deaths")]
    totals = np.cumsum(cells.totals, axis=0)
    published: NDArray[np.bool_] = np.all(cells.rows[:, :, column] > 0, axis=2)
    if column[0] in cells.summed:
        published[:, 0] = published[:, 1:].any(axis=1)
    care = totals[:, :, column[0]] - totals[:, :, column[1]] - totals[:, :, column[2]]
    return np.where(published & (care >= 0), care, np.nan)


def _timeliness(panel: Panel, places: list[BriefPlace], as_of: date) -> list[Timeliness]:
    """Count places without any figure on the day; without publication times nobody is known to be late."""
    silent = np.isnan(panel.values[-1]).all(axis=1)
    missing = [int(gone) for gone in silent]
    if len(places) > 1:
        missing[0] = int(silent[1:].sum())
    return [Timeliness(on_time=None, late=None, missing=number, day=as_of) for number in missing]


def _lineage(cells: _Cells, indicators: list[BriefIndicator], file: str, differenced: set[str]) -> LineageOf:
    """Return what names the row behind a figure, and the row before where totals were differenced."""
    parts = {
        indicator.id: [name for name in (indicator.numerator, indicator.denominator) if name]
        or (["new_cases", "recovered", "deaths"] if indicator is _IN_CARE else [indicator.id])
        for indicator in indicators
    }

    def lineage(time: int, place: int, indicator: int) -> str:
        rows: list[int] = []
        for name in parts[indicators[indicator].id]:
            if name not in cells.fields:
                return ""
            column = cells.fields.index(name)
            span = slice(1, None) if place == 0 and column in cells.summed else slice(place, place + 1)
            for one in cells.rows[: time + 1, span, column].T:
                if one[time]:
                    rows.append(int(one[time]))
                    before = one[:time][one[:time] > 0]
                    rows += [int(before[-1])] if len(before) and name in differenced else []
        listed = sorted(set(rows))
        more = f" and {len(listed) - _LISTED_ROWS} more" if len(listed) > _LISTED_ROWS else ""
        return f"{file}: rows {', '.join(map(str, listed[:_LISTED_ROWS]))}{more}" if listed else ""

    return lineage


def _revisions(dataset: Dataset, codes: list[str], as_of: date) -> list[Revision]:
    rows = dataset.corrections.filter((pl.col("day") <= as_of) & pl.col("place_code").is_in(codes))
    return [
        Revision(
            place=codes.index(row["place_code"]),
            indicator=row["field"],
            day=row["day"],
            difference=row["amount"],
            where=f"{row['place_code']} {row['field']} {row['day']}, row {row['source_row']}",
        )
        for row in rows.iter_rows(named=True)
    ]


def _caveats(dataset: Dataset, cells: _Cells, places: list[BriefPlace], first_day: date) -> list[Text]:
    found: list[Text] = []
    for time, place, column, number, days in cells.multi_day:
        if place == 0 and time >= len(cells.values) - 14:
            label, day = cells.fields[column], np.datetime64(first_day) + time
            found.append(
                {
                    "zh": f"{day} 公布的 {label} {number:g} 是 {days} 天之和，未拆分到日。",
                    "en": f"{label} {number:g} published on {day} covers {days} days and is not split.",
                }
            )
    if cells.summed and len(places) > 1:
        found.append(
            {
                "zh": f"{places[0].name}没有自己的行，数字为下级之和。",
                "en": f"{places[0].name} has no rows of its own; its figures are sums of the places below.",
            }
        )
        found += _partial_sums(cells, places, first_day)
    found += _unread(dataset)
    if dataset.values["reported_at"].null_count() == dataset.values.height:
        found.append(
            {
                "zh": "数据没有公布时间：以数字所属日为准，事后悄悄改过的数字无从知道。",
                "en": "The data have no time of publication: as-of goes by the day itself, "
                "and figures changed later in silence cannot be told.",
            }
        )
    note = dataset.descriptor.dataset.note
    return found + ([note.model_dump()] if note is not None else [])


def _partial_sums(cells: _Cells, places: list[BriefPlace], first_day: date) -> list[Text]:
    """Name the days of the last fortnight on which a sum lacks a place that had begun to report."""
    found: list[Text] = []
    start = max(0, len(cells.values) - _RECENT_DAYS)
    days = np.arange(start, len(cells.values))
    for column in sorted(cells.summed):
        given = ~np.isnan(cells.values[:, 1:, column])
        begun = np.logical_or.accumulate(given, axis=0)
        lacking = (begun & ~given)[start:] & given[start:].any(axis=1, keepdims=True)
        short = days[lacking.any(axis=1)]
        if not len(short):
            continue
        day = np.datetime64(first_day) + int(short[-1])
        names = [places[1 + int(one)].name for one in np.flatnonzero(lacking[int(short[-1]) - start])]
        listed, count = names[:3], len(names)
        found.append(
            {
                "zh": f"近 {len(days)} 天中有 {len(short)} 天，{cells.fields[column]} 之和缺下级地区，偏低；"
                f"最近一次 {day} 缺 {count} 个：{'、'.join(listed)}。",
                "en": f"On {len(short)} of the last {len(days)} days the sum of {cells.fields[column]} lacks "
                f"places below and is too low; last on {day}: {count} missing ({', '.join(listed)}).",
            }
        )
    return found


def _unread(dataset: Dataset) -> list[Text]:
    """Say that some rows or cells of the files could not be read, and what will name them."""
    codes = sorted({finding.code for finding in dataset.findings if finding.severity == "error"})
    if not codes:
        return []
    listed = ", ".join(codes)
    return [
        {
            "zh": f"数据文件有错误（{listed}），数字可能有误或缺行；fangxian datasets check 会逐一指出。",
            "en": f"The files hold errors ({listed}): figures may be wrong or lack rows; "
            "`fangxian datasets check` names each.",
        }
    ]
