"""Claim: with 13 million values stored, each page asks at most 15 queries and answers in 150 ms (p95).

``python bench/read_pages.py [sqlite] [postgresql]``. Stores 3 000 units x 365 days x 12 fields by the
system's own batch verb, then measures the selectors and the pages as a browser would ask for them. The
floor is one query by primary key in the same run.
"""

from __future__ import annotations

import importlib
import math
import os
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl

from bench_world import FIELDS, FORM, make_city
from private_database import on_each_database

UNITS = 3_000
DAYS = 365
LAST = date.today() - timedelta(days=1)  # noqa: DTZ011 -- a page shows the days up to the machine's own today
FIRST = LAST - timedelta(days=DAYS - 1)
CHUNK_DAYS = 28
FORECAST_WEEKS = 13
TARGET_MILLISECONDS, TARGET_QUERIES = 150, 15
REPEATS = int(os.environ.get("REPEATS", "40"))


def fill(actor) -> int:
    """Store every unit's report of every day, one in twenty missing; return the values stored."""
    from fangxian.reporting.services import BulkOptions, submit_bulk

    random = np.random.default_rng(7)
    codes = [f"U{index:05d}" for index in range(UNITS)]
    stored = 0
    for start in range(0, DAYS, CHUNK_DAYS):
        days = [FIRST + timedelta(days=step) for step in range(start, min(DAYS, start + CHUNK_DAYS))]
        rows = pl.DataFrame({"day": days}).join(pl.DataFrame({"unit": codes}), how="cross")
        columns = [
            pl.Series(name, random.poisson(20 + 3 * place, rows.height)) for place, name in enumerate(FIELDS)
        ]
        said = [datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=30) for day in days]
        moments = pl.DataFrame({"day": days, "reported_at": said})
        frame = rows.with_columns(columns).join(moments, on="day")
        frame = frame.filter(pl.Series(random.random(frame.height) > 0.05))
        result = submit_bulk(actor=actor, form=FORM, frame=frame, options=BulkOptions())
        assert result.refused == 0, result.findings[:2]
        stored += result.accepted * len(FIELDS)
    return stored


class Corrections:
    """Each call corrects the last day's report of another unit, as while people look at the brief."""

    def __init__(self, actor) -> None:
        self.actor, self.unit = actor, 0

    def __call__(self) -> None:
        """Correct one report."""
        from fangxian.reporting.services import BulkOptions, submit_bulk

        self.unit += 1
        said = datetime(LAST.year, LAST.month, LAST.day, tzinfo=UTC) + timedelta(hours=31)
        row = {"day": LAST, "unit": f"U{self.unit:05d}", "reported_at": said}
        frame = pl.DataFrame([row | {name: 40 + place for place, name in enumerate(FIELDS)}])
        result = submit_bulk(actor=self.actor, form=FORM, frame=frame, options=BulkOptions(reason="bench"))
        assert result.refused == 0, result.findings[:2]


def keep() -> int:
    """Make and keep the city's forecasts of thirteen weeks, as the brief reads them; return how many."""
    from fangxian.assessment.services import keep_forecasts
    from fangxian.ground.places.models import Place

    city = Place.objects.get(code="C11")
    days = [LAST - timedelta(days=7 * back) for back in range(FORECAST_WEEKS)]
    return sum(len(keep_forecasts(actor=None, place=city, as_of=day)) for day in days)


def selectors(actor) -> dict[str, Callable[[], object]]:
    """Return what the pages read, by name."""
    from fangxian.ground.places.models import Facility, Place
    from fangxian.reporting.selectors import (
        FigureName,
        Period,
        board,
        figure,
        form_at,
        reminder_list,
        series,
        timeliness,
        unit_history,
    )
    from fangxian.reporting.selectors.overview import overview

    city, county = Place.objects.get(code="C11"), Place.objects.get(code="C1105")
    township = Place.objects.get(code="C110503")
    children = list(Place.objects.filter(parent=city))
    unit = Facility.objects.select_related("place").get(code="U00123")
    form = form_at(city, FORM, LAST)
    name = FigureName(FORM, "new_cases", LAST - timedelta(days=1))
    month = Period(LAST - timedelta(days=29), LAST)
    two_months = Period(LAST - timedelta(days=59), LAST)
    return {
        "first page": lambda: overview(actor, city),
        "board of the city": lambda: board(actor, city, name.day),
        "board of a county": lambda: board(actor, county, name.day),
        "reminder list of the city": lambda: reminder_list(actor, city, name.day),
        "history of a unit, 60 days": lambda: unit_history(actor, unit, FORM, two_months),
        "figure of the city": lambda: figure(actor, city, name),
        "figure of a township": lambda: figure(actor, township, name),
        "series: city and 24 counties, 60 days": lambda: series([city, *children], form, two_months),
        "the same, as of 30 days ago": lambda: series(
            [city, *children], form, two_months, as_of=datetime.now(UTC) - timedelta(days=30)
        ),
        "timeliness of the city, 30 days": lambda: timeliness(actor, city, month),
    }


def pages(actor) -> dict[str, Callable[[], object]]:
    """Return requests as a browser makes them, for the pages that exist."""
    from django.test import Client

    client = Client(headers={"accept-language": "zh-hans"}, SERVER_NAME="localhost")
    client.force_login(actor)
    day = LAST - timedelta(days=1)
    addresses = {
        "page: today": "/",
        "page: board": f"/board/C11/?day={day}",
        "page: unit history": "/units/U00123/history/",
        "page: drill-down": f"/figures/C11/{FORM}/new_cases/{day}/",
        "page: drill-down of a township": f"/figures/C110503/{FORM}/new_cases/{day}/",
        "page: brief": "/brief/C11/",
        "API: board": f"/api/v1/board/C11?day={day}",
        "API: figure": f"/api/v1/figures/C11/{FORM}/new_cases/{day}",
        "API: brief": "/api/v1/brief/C11",
    }
    found = {}
    for name, address in addresses.items():
        status = client.get(address).status_code
        if status == 200:
            found[name] = lambda address=address: client.get(address)
        else:
            print(f"{name}: {address} answers {status}, not measured")
    return found


def count_queries(work: Callable[[], object]) -> int:
    """Return how often some work asks the database."""
    from django.db import connection

    asked = 0

    def counting(execute, sql, params, many, context):
        nonlocal asked
        asked += 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(counting):
        work()
    return asked


def table(
    works: dict[str, Callable[[], object]], floor: float, before: Callable[[], object] = lambda: None
) -> None:
    """Print queries, p50 and p95 of each in wall and processor time; ``before`` each look is not timed."""
    for name, work in works.items():
        work()
        asked = count_queries(work)
        wall, own = [], []
        for _ in range(REPEATS):
            before()
            start, spent = time.perf_counter(), time.process_time()
            work()
            wall.append(1000 * (time.perf_counter() - start))
            own.append(1000 * (time.process_time() - spent))
        p95 = percentile(wall, 0.95)
        within = p95 <= TARGET_MILLISECONDS and asked <= TARGET_QUERIES
        print(
            f"{name:40}{asked:8}{percentile(wall, 0.5):9.1f}{p95:9.1f}{percentile(own, 0.95):11.1f}"
            f"{p95 / floor:8.0f}  {'' if within else 'over'}",
            flush=True,
        )


def percentile(values: list[float], share: float) -> float:
    """Return the smallest value that at least this share of the values does not exceed."""
    return sorted(values)[math.ceil(share * len(values)) - 1]


def measure() -> None:
    """Fill the store, then print the table for the database at hand."""
    from django.db import connection

    from fangxian.reporting.models import Report
    from fangxian.studies.brief.estimators import judged_day

    actor = make_city(UNITS)
    importlib.import_module("fangxian.console.asgi")  # as the server starts
    start = time.perf_counter()
    stored = fill(actor)
    print(f"\n{connection.vendor}: {stored:,} values stored in {time.perf_counter() - start:.0f} s")
    start = time.perf_counter()
    print(f"{keep()} forecasts kept in {time.perf_counter() - start:.0f} s", flush=True)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    one = Report.objects.values_list("pk", flat=True).first()
    probes = []
    for _ in range(200):
        start = time.perf_counter()
        Report.objects.values_list("day").get(pk=one)
        probes.append(1000 * (time.perf_counter() - start))
    floor = percentile(probes, 0.95)
    print(f"{'':40}{'queries':>8}{'p50 ms':>9}{'p95 ms':>9}{'p95 cpu ms':>11}{'ratio':>8}")
    print(f"{'floor: one row by key':40}{1:8}{percentile(probes, 0.5):9.1f}{floor:9.1f}{'':11}{1:8}")
    table(selectors(actor), floor)
    found = pages(actor)
    briefs = {name: found.pop(name) for name in ("page: brief", "API: brief")}
    table(found, floor)
    table({f"{name}, a report since": work for name, work in briefs.items()}, floor, Corrections(actor))
    table({f"{name}, first look": work for name, work in briefs.items()}, floor, judged_day.cache_clear)
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    on_each_database(__file__, measure)
