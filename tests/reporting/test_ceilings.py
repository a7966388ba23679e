"""How many questions a page asks the database does not grow with the units, and stays below its ceiling."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fangxian.reporting.selectors import (
    FigureName,
    Period,
    board,
    figure,
    form_at,
    open_contradictions,
    reminder_list,
    series,
    timeliness,
    unit_history,
)
from fangxian.reporting.selectors.overview import overview
from fangxian.reporting.services import ReportSubmission, submit_bulk, submit_report
from worlds import make_places, make_plan, make_unit, make_units, make_user

DAY = date(2024, 3, 1)
NAME = FigureName("hospital-daily", "new_cases", DAY)
MONTH = Period(date(2024, 2, 1), DAY)


@pytest.fixture
def world(db):
    places = make_places()
    make_plan(places["nation"])
    units = make_units(places)
    for number in range(20):
        make_unit(f"H9{number}", places["township-11"])
    officer = make_user("city_duty_officer", places["city"], "officer")
    rows = pl.DataFrame({"unit": ["H11", "H12", "H90", "H91"], "day": [DAY] * 4, "new_cases": [1, 2, 3, 4]})
    submit_bulk(actor=officer, form="hospital-daily", frame=rows)
    return {"officer": officer, "city": places["city"], "township": places["township-11"], **units}


READS = {
    "board": (9, lambda world: board(world["officer"], world["city"], DAY)),
    "first page": (10, lambda world: overview(world["officer"], world["city"])),
    "reminders": (6, lambda world: reminder_list(world["officer"], world["city"], DAY)),
    "history": (
        4,
        lambda world: unit_history(world["officer"], world["H11"], "hospital-daily", MONTH),
    ),
    "figure": (8, lambda world: figure(world["officer"], world["city"], NAME)),
    "figure of a township": (10, lambda world: figure(world["officer"], world["township"], NAME)),
    "timeliness": (7, lambda world: timeliness(world["officer"], world["city"], MONTH)),
    "contradictions": (3, lambda world: open_contradictions(world["officer"], world["city"], DAY)),
    "series": (
        3,
        lambda world: series([world["city"]], form_at(world["city"], "hospital-daily", DAY), MONTH),
    ),
}


@pytest.mark.parametrize("name", READS)
def test_a_page_asks_few_questions(world, name):
    ceiling, read = READS[name]
    with CaptureQueriesContext(
        connection,
    ) as asked:
        read(world)
    assert len(asked) <= ceiling, "\n".join(query["sql"] for query in asked.captured_queries)


def test_a_report_is_written_with_few_questions(world):
    submission = ReportSubmission(world["H21"], "hospital-daily", DAY, {"new_cases": 3})
    with CaptureQueriesContext(connection) as asked:
        submit_report(actor=world["officer"], submission=submission)
    assert len(asked) <= 26, "\n".join(query["sql"][:120] for query in asked.captured_queries)


def test_a_batch_asks_no_more_for_more_rows(world):
    def ask(units):
        rows = pl.DataFrame({"unit": units, "day": [DAY] * len(units), "new_cases": [7] * len(units)})
        with CaptureQueriesContext(connection) as asked:
            submit_bulk(actor=world["officer"], form="hospital-daily", frame=rows)
        return len(asked)

    assert ask(["H92"]) == ask([f"H9{number}" for number in range(3, 19) if f"H9{number}" != "H92"])
