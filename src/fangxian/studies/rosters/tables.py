"""Tables of a roster: ``staff``, ``shifts``, ``needs``; maybe ``pairs``, ``absences``, ``published``."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fangxian.base.settings import read_records
from fangxian.base.tables import ROW, Column, Folder, Table, Wrong, cell_words
from fangxian.logistics.rostering.problem import UNPUBLISHED, RosterProblem, RosterRules

Integers = NDArray[np.int64]

LONGEST_DAYS = 92
OFF = "off"
STAFF = Table(
    "staff.csv",
    (
        Column("staff"),
        Column("home"),
        Column("skills"),
        Column("most_load", "whole", optional=True, least=0, most=400),
        Column("fair_load", "whole", optional=True, least=0, most=400),
        Column("last_shift", optional=True),
        Column("days_in_row", "whole", optional=True, default=0, least=0, most=60),
        Column("nights_in_row", "whole", optional=True, default=0, least=0, most=60),
    ),
    key=("staff",),
)
SHIFTS = Table(
    "shifts.csv",
    (
        Column("shift"),
        Column("start_hour", "number", least=0, most=24),
        Column("hours", "number", least=0.5, most=24),
        Column("night", choices=("yes", "no")),
        Column("load", "whole", optional=True, default=2, least=0, most=10),
    ),
    key=("shift",),
)
NEEDS = Table(
    "needs.csv",
    (
        Column("date", "date"),
        Column("place"),
        Column("shift"),
        Column("skill"),
        Column("need", "whole", least=0, most=10_000),
        Column("weight", "number", optional=True, default=1.0, least=0, most=1000),
    ),
    key=("date", "place", "shift", "skill"),
)
PAIRS = Table("pairs.csv", (Column("home"), Column("place")), key=("home", "place"), optional=True)
ABSENCES = Table(
    "absences.csv",
    (
        Column("staff"),
        Column("from", "date"),
        Column("to", "date"),
        Column("reason", choices=("leave", "infected", "isolation", "other")),
    ),
    ("staff", "from", "to"),
    optional=True,
)
PUBLISHED = Table(
    "published.csv",
    (Column("staff"), Column("date", "date"), Column("shift")),
    ("staff", "date"),
    optional=True,
)

_LONG = Wrong(
    "period-too-long",
    ("排班期有 {value} 天。", "The period has {value} days."),
    (f"请分成不超过 {LONGEST_DAYS} 天的几期。", f"Split it into periods of at most {LONGEST_DAYS} days."),
)
_BACKWARD = Wrong(
    "ends-before-it-begins",
    ("到 {value} 结束，早于开始。", "It ends on {value}, before it begins."),
    ("请改正日期。", "Correct the dates."),
)
_MORE_THAN_MOST = Wrong(
    "fair-above-most",
    (
        "公平份额 {value} 超过该人的上限 most_load。",
        "A fair share of {value} is above the most_load of the person.",
    ),
    ("请降低 fair_load，或提高 most_load。", "Lower fair_load, or raise most_load."),
)
_NOBODY = Wrong(
    "skill-nobody-has",
    ("没有人有技能“{value}”。", "Nobody has the skill '{value}'."),
    ("请改正技能名，或在 staff.csv 中加上。", "Correct it, or add somebody to staff.csv."),
)


def read_roster(path: Path) -> RosterProblem:
    """Read a folder of tables.

    Parameters
    ----------
    path : Path
        The folder.

    Returns
    -------
    RosterProblem

    Raises
    ------
    InvalidInput
        Naming every fault of every file.
    """
    folder = Folder(path)
    rows = {table.file: folder.read(table) for table in (STAFF, SHIFTS, NEEDS, PAIRS, ABSENCES, PUBLISHED)}
    (rules,) = read_records(folder, "rules.csv", RosterRules)
    _check(folder, rows)
    _check_loads(folder, rows["staff.csv"])
    folder.refuse()
    return _problem(rows, rules)


def _check(folder: Folder, rows: dict[str, pl.DataFrame]) -> None:
    staff, shifts, needs = rows["staff.csv"], rows["shifts.csv"], rows["needs.csv"]
    names, known = staff["staff"].drop_nulls(), shifts["shift"].drop_nulls().to_list()
    folder.refer(NEEDS, needs, "shift", known, "shifts.csv")
    folder.refer(STAFF, staff, "last_shift", known, "shifts.csv")
    folder.refer(PUBLISHED, rows["published.csv"], "shift", [*known, OFF], "shifts.csv")
    for table in (ABSENCES, PUBLISHED):
        folder.refer(table, rows[table.file], "staff", names, "staff.csv")
    places = {*needs["place"].drop_nulls(), *staff["home"].drop_nulls()}
    for column in ("home", "place"):
        folder.refer(PAIRS, rows["pairs.csv"], column, places, "needs.csv / staff.csv")
    able = {skill for text in staff["skills"].drop_nulls() for skill in cell_words(text)}
    for row, skill in needs.select(ROW, "skill").drop_nulls().iter_rows():
        if able and skill not in able:
            folder.fault(NEEDS, row, "skill", skill, _NOBODY)
    dates = needs["date"].drop_nulls()
    if len(dates):
        length = (_day(dates.max()) - _day(dates.min())).days + 1
        if length > LONGEST_DAYS:
            folder.fault(NEEDS, None, "date", length, _LONG)
    for row, first, last in rows["absences.csv"].select(ROW, "from", "to").drop_nulls().iter_rows():
        if last < first:
            folder.fault(ABSENCES, row, "to", last, _BACKWARD)


def _check_loads(folder: Folder, staff: pl.DataFrame) -> None:
    for row, most, fair in staff.select(ROW, "most_load", "fair_load").drop_nulls().iter_rows():
        if fair > most:
            folder.fault(STAFF, row, "fair_load", fair, _MORE_THAN_MOST)


def _day(value: object) -> date:
    """Return a date; polars types the least of a column as anything."""
    if not isinstance(value, date):
        raise TypeError(f"a date is wanted (got {value!r}); read the column as dates")
    return value


def _problem(rows: dict[str, pl.DataFrame], rules: RosterRules) -> RosterProblem:
    staff, shifts, needs = rows["staff.csv"], rows["shifts.csv"], rows["needs.csv"]
    first = _day(needs["date"].min())
    days = (_day(needs["date"].max()) - first).days + 1
    places = sorted({*needs["place"], *staff["home"]})
    skills = sorted({*needs["skill"], *(each for text in staff["skills"] for each in cell_words(text))})
    place, skill, shift, person = (
        {code: number for number, code in enumerate(codes)}
        for codes in (places, skills, shifts["shift"], staff["staff"])
    )
    able = np.zeros((len(staff), len(skills)), np.bool_)
    for row, text in enumerate(staff["skills"]):
        able[row, [skill[each] for each in cell_words(text)]] = True
    helps = np.eye(len(places), dtype=np.bool_)
    for home, other in rows["pairs.csv"].select("home", "place").iter_rows():
        helps[place[home], place[other]] = True
    available = np.ones((len(staff), days), np.bool_)
    for code, begin, end in rows["absences.csv"].select("staff", "from", "to").iter_rows():
        available[person[code], max(0, (begin - first).days) : max(0, (end - first).days + 1)] = False
    load = shifts["load"].to_numpy().astype(np.int64)
    most = _loads(staff["most_load"], np.full(len(staff), _usual_most(days, load)))
    need = needs["need"].to_numpy().astype(np.int64)
    need_shift = np.array([shift[code] for code in needs["shift"]], np.int64)
    wanted = float(load[need_shift] @ need)
    room = np.maximum(1, most * available.mean(axis=1))
    fair = _loads(staff["fair_load"], np.minimum(most, np.rint(room * min(1.0, wanted / room.sum()))))
    return RosterProblem(
        tuple(staff["staff"]),
        tuple(places),
        tuple(skills),
        tuple(shifts["shift"]),
        tuple((first + timedelta(days=day)).isoformat() for day in range(days)),
        able,
        np.array([place[code] for code in staff["home"]], np.int64),
        helps,
        available,
        shifts["start_hour"].to_numpy(),
        shifts["hours"].to_numpy(),
        shifts["night"].to_numpy() == "yes",
        load,
        most,
        fair,
        np.array([(_day(each) - first).days for each in needs["date"]], np.int64),
        need_shift,
        np.array([place[code] for code in needs["place"]], np.int64),
        np.array([skill[code] for code in needs["skill"]], np.int64),
        need,
        needs["weight"].to_numpy(),
        staff["days_in_row"].to_numpy().astype(np.int64),
        staff["nights_in_row"].to_numpy().astype(np.int64),
        np.array([-1 if code is None else shift[code] for code in staff["last_shift"]], np.int64),
        _published(rows["published.csv"], person, shift, (first, days)),
        rules,
    )


def _usual_most(days: int, load: Integers) -> int:
    """Five ordinary shifts a week."""
    return int(np.ceil(days * 5 / 7)) * int(np.median(load))


def _loads(given: pl.Series, usual: NDArray[Any]) -> Integers:
    return np.array(
        [usual[row] if value is None else value for row, value in enumerate(given)], np.float64
    ).astype(np.int64)


def _published(
    rows: pl.DataFrame, person: dict[str, int], shift: dict[str, int], period: tuple[date, int]
) -> Integers:
    first, days = period
    told = np.full((len(person), days), UNPUBLISHED, np.int64)
    for code, day, name in rows.select("staff", "date", "shift").iter_rows():
        column = (day - first).days
        if 0 <= column < days:
            told[person[code], column] = 0 if name == OFF else 1 + shift[name]
    return told
