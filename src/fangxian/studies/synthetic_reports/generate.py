"""The daily reports of a list of units over a span of days: one epidemic, seen and told by each of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fangxian.studies.synthetic_reports import community, patients
from fangxian.studies.synthetic_reports.behaviour import Reporting, contradict, reporting, slips
from fangxian.studies.synthetic_reports.epidemic import HISTORY_DAYS, WEEKDAY, Epidemic, delayed
from fangxian.studies.synthetic_reports.parameters import Parameters

SHANGHAI = ZoneInfo("Asia/Shanghai")
REASONS = ("录入有误 typing error", "补充迟到的病历 records came later", "核对后更正 mended after checking")

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Unit:
    """A facility that reports; ``kind`` is that of the registry, ``area`` the code of its county."""

    code: str
    kind: str
    area: str
    people: int
    ordinary_beds: int = 0
    intensive_beds: int = 0
    tubes_per_day: int = 0


@dataclass(frozen=True)
class ReportTable:
    """The reports on one form.

    ``reports`` and ``corrections`` have ``unit``, ``day``, ``reported_at`` (UTC), ``zero_declared``,
    ``reason`` and a column for each field; sorted by ``reported_at``. A correction
    repeats all fields, right this time.
    """

    form: str
    reports: pl.DataFrame
    corrections: pl.DataFrame


@dataclass(frozen=True)
class SyntheticReports:
    """All reports, and the infections behind them by day and area (which nobody reports)."""

    tables: tuple[ReportTable, ...]
    infections: pl.DataFrame


@dataclass(frozen=True)
class _World:
    """What every form sees: expected numbers by day and area, from the beginning of the history on."""

    parameters: Parameters
    areas: tuple[str, ...]
    first_day: date
    days: int
    infected: Floats
    incidence: Floats
    weekday: Floats
    cases: Floats
    admissions: Floats

    def area_of(self, units: Sequence[Unit]) -> patients.Integers:
        index = {code: number for number, code in enumerate(self.areas)}
        return np.array([index[unit.area] for unit in units], dtype=np.int64)


def generate_reports(
    units: Sequence[Unit],
    areas: Mapping[str, int],
    *,
    first_day: date,
    days: int,
    epidemic: Epidemic,
    parameters: Parameters | None = None,
) -> SyntheticReports:
    """Generate the reports of every unit.

    Parameters
    ----------
    units : sequence of Unit
        In any order; the result depends on the set of units, not on their order.
    areas : mapping of str to int
        Population of each county that a unit names.
    first_day : date
        First day reported on.
    days : int
        How many days; at least 1. Asking for more days leaves the earlier ones as they are.
    epidemic : Epidemic
        What happened.
    parameters : Parameters, optional
        Of the model.

    Returns
    -------
    SyntheticReports
        For each form that one of the units owes, in the order hospital, village, laboratory, pharmacy.

    Raises
    ------
    ValueError
        When ``days`` is below 1, a unit names an area that is not given, or the epidemic has another shape.
    """
    if days < 1:
        raise ValueError(f"days must be at least 1 (got {days}); give the number of days to report on")
    strange = sorted({unit.area for unit in units} - set(areas))
    if strange:
        raise ValueError(
            f"units stand in areas without population: {', '.join(strange[:5])}; add them to areas"
        )
    world = _world(parameters or Parameters(), areas, first_day, days, epidemic)
    tables = []
    for form, kinds, values_of in FORMS:
        chosen = sorted((unit for unit in units if unit.kind in kinds), key=lambda unit: unit.code)
        if chosen:
            values = {name: field[HISTORY_DAYS:] for name, field in values_of(world, chosen).items()}
            tables.append(_table(world, form, chosen, values))
    days_told = [first_day + timedelta(days=day) for day in range(days)]
    infected = world.infected[HISTORY_DAYS:]
    told = pl.DataFrame(
        {"day": days_told, **{code: infected[:, index] for index, code in enumerate(world.areas)}}
    )
    return SyntheticReports(tables=tuple(tables), infections=told)


def _world(
    parameters: Parameters, areas: Mapping[str, int], first_day: date, days: int, epidemic: Epidemic
) -> _World:
    codes = tuple(sorted(areas))
    people = np.array([areas[code] for code in codes], dtype=np.float64)
    _check_shape(epidemic, (HISTORY_DAYS + days, len(codes)))
    start = first_day - timedelta(days=HISTORY_DAYS)
    return _World(
        parameters=parameters,
        areas=codes,
        first_day=first_day,
        days=days,
        infected=epidemic.infections,
        incidence=delayed(epidemic.infections, patients.DIAGNOSIS_DELAY_DAYS) / people,
        weekday=np.array([WEEKDAY[(start.weekday() + day) % 7] for day in range(HISTORY_DAYS + days)]),
        cases=epidemic.cases,
        admissions=epidemic.admissions,
    )


def _check_shape(epidemic: Epidemic, shape: tuple[int, int]) -> None:
    for name in ("infections", "cases", "admissions"):
        given = getattr(epidemic, name).shape
        if given != shape:
            raise ValueError(
                f"epidemic.{name} must have shape {shape}, history included (got {given}); "
                "give every day and area once"
            )


def _column(units: Sequence[Unit], name: str) -> Floats:
    return np.array([getattr(unit, name) for unit in units], dtype=np.float64)


def _hospital(world: _World, units: Sequence[Unit]) -> dict[str, Floats]:
    wards = patients.Wards(
        area=world.area_of(units),
        people=_column(units, "people"),
        ordinary_beds=_column(units, "ordinary_beds").astype(np.int64),
        intensive_beds=_column(units, "intensive_beds").astype(np.int64),
    )
    found = patients.hospital_values(
        world.parameters, wards, cases=world.cases, admissions=world.admissions, weekday=world.weekday
    )
    values = {name: field.astype(np.float64) for name, field in found.items()}
    beds = {"ordinary_beds": wards.ordinary_beds, "intensive_care_beds": wards.intensive_beds}
    values |= {
        name: np.tile(open_beds.astype(np.float64), (len(world.weekday), 1))
        for name, open_beds in beds.items()
    }
    share = world.parameters.contradiction_share
    return contradict(world.parameters.seed, values, {"in_hospital": 9.0}, form="hospital-daily", share=share)


def _village(world: _World, units: Sequence[Unit]) -> dict[str, Floats]:
    return community.village_values(
        world.parameters,
        area=world.area_of(units),
        people=_column(units, "people"),
        incidence=world.incidence,
        weekday=world.weekday,
    )


def _laboratory(world: _World, units: Sequence[Unit]) -> dict[str, Floats]:
    area = world.area_of(units)
    values = community.laboratory_values(
        world.parameters,
        area=area,
        tubes=_column(units, "tubes_per_day"),
        cases=world.cases,
        incidence=world.incidence,
    )
    more = np.rint(4 * world.cases[:, area] + 120)
    share = world.parameters.cross_contradiction_share
    too_high = {"positive": more, "tests": 5 * more}
    return contradict(world.parameters.seed, values, too_high, form="laboratory-daily", share=share)


def _pharmacy(world: _World, units: Sequence[Unit]) -> dict[str, Floats]:
    values = community.pharmacy_values(
        world.parameters,
        area=world.area_of(units),
        people=_column(units, "people"),
        incidence=world.incidence,
        weekday=world.weekday,
    )
    share = world.parameters.contradiction_share
    too_high = {"antipyretic_sales": 2500.0}
    return contradict(world.parameters.seed, values, too_high, form="pharmacy-daily", share=share)


Values = Callable[[_World, Sequence[Unit]], dict[str, Floats]]
FORMS: tuple[tuple[str, frozenset[str], Values], ...] = (
    ("hospital-daily", frozenset({"hospital", "township_clinic"}), _hospital),
    ("village-daily", frozenset({"village_clinic"}), _village),
    ("laboratory-daily", frozenset({"laboratory"}), _laboratory),
    ("pharmacy-daily", frozenset({"pharmacy"}), _pharmacy),
)
SLIPPED = {
    "hospital-daily": "new_cases",
    "village-daily": "visits",
    "laboratory-daily": "tests",
    "pharmacy-daily": "antipyretic_sales",
}
NOT_ZEROED = ("ordinary_beds", "intensive_care_beds", "antipyretic_days")
"""Fields that a declaration of zero says nothing about."""


def _table(world: _World, form: str, units: Sequence[Unit], values: Mapping[str, Floats]) -> ReportTable:
    field = SLIPPED[form]
    told = reporting(world.parameters, form=form, days=world.days, units=len(units))
    slipped = slips(world.parameters, values[field], form=form)
    frame = _frame(world, units, values, told).with_columns(
        pl.Series("sent", told.sent.ravel()),
        pl.Series("slip", slipped.chosen.ravel()),
        pl.Series("first_value", slipped.first_value.ravel()),
        pl.Series("minutes_later", slipped.minutes_later.ravel()),
    )
    frame = frame.filter("sent").with_columns(_zero_declared(list(values)).alias("zero_declared"))
    frame = frame.with_columns(
        pl.when(~pl.col("zero_declared")).then(name).alias(name) for name in NOT_ZEROED if name in values
    )
    columns = ["unit", "day", "reported_at", "zero_declared", "reason", *values]
    first = pl.when("slip").then("first_value").otherwise(pl.col(field)).alias(field)
    reports = frame.with_columns(first, pl.lit(None, pl.String).alias("reason"))
    corrections = frame.filter("slip").with_columns(
        pl.col("reported_at") + pl.duration(minutes=pl.col("minutes_later")), _reason()
    )
    order = ["reported_at", "unit", "day"]
    return ReportTable(
        form=form,
        reports=reports.select(columns).sort(order),
        corrections=corrections.select(columns).sort(order),
    )


def _frame(
    world: _World, units: Sequence[Unit], values: Mapping[str, Floats], told: Reporting
) -> pl.DataFrame:
    """Return one row for each day and unit, days first; the instant of the report from local midnight."""
    days = [world.first_day + timedelta(days=day) for day in range(world.days)]
    ends = [
        datetime.combine(day + timedelta(days=1), time(), tzinfo=SHANGHAI)
        .astimezone(UTC)
        .replace(tzinfo=None)
        for day in days
    ]
    midnight = pl.Series(ends, dtype=pl.Datetime("us")).dt.replace_time_zone("UTC")
    codes = pl.Series([unit.code for unit in units], dtype=pl.String)
    index = np.repeat(np.arange(world.days), len(units))
    frame = pl.DataFrame(
        {
            "unit": codes[np.tile(np.arange(len(units)), world.days)],
            "day": pl.Series(days, dtype=pl.Date)[index],
            "reported_at": midnight[index],
            "minutes": told.minutes.ravel().astype(np.int64),
            **{name: field.ravel() for name, field in values.items()},
        }
    )
    return frame.with_columns(pl.col("reported_at") + pl.duration(minutes="minutes")).drop("minutes")


def _zero_declared(names: Sequence[str]) -> pl.Expr:
    counted = [pl.col(name) == 0 for name in names if name not in NOT_ZEROED]
    return pl.all_horizontal(counted) & ~pl.col("slip")


def _reason() -> pl.Expr:
    which = pl.col("minutes_later") % len(REASONS)
    return which.replace_strict(list(range(len(REASONS))), list(REASONS), return_dtype=pl.String).alias(
        "reason"
    )
