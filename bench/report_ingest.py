"""Claim: 1 000 000 report values from CSV, checks and audit included, take at most 4 x the bare bulk insert.

``python bench/report_ingest.py [sqlite] [postgresql]``. The floor is measured in the same run, in the same
database: the same million values, one row a value (unit, field, day, value), by executemany or COPY. The
stricter floor writes one row a report with its values already as text.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from bench_world import FIELDS, FORM, make_city
from private_database import on_each_database, peak_megabytes

UNITS = 3_000
REPORTS = 83_334
FIRST = date(2024, 1, 1)


def write_file(path: Path) -> pl.DataFrame:
    """Write a CSV of the reports: unit, day, twelve fields."""
    random = np.random.default_rng(20240301)
    index = np.arange(REPORTS)
    days = pl.Series("day", [FIRST + timedelta(days=int(step)) for step in index // UNITS])
    columns = {name: random.poisson(20 + 3 * place, REPORTS) for place, name in enumerate(FIELDS)}
    frame = pl.DataFrame({"unit": [f"U{step:05d}" for step in index % UNITS], "day": days, **columns})
    frame.write_csv(path)
    return frame


def long_values(frame: pl.DataFrame) -> list[tuple]:
    """Return one row a value, as the floor inserts them."""
    long = frame.with_columns(pl.col("day").cast(pl.String)).unpivot(index=["unit", "day"], on=list(FIELDS))
    numbered = long.select(pl.col("unit").str.slice(1).cast(pl.Int64), "variable", "day", "value")
    return numbered.head(1_000_000).rows()


def timed(work: Callable[[], object]) -> float:
    """Return the seconds that some work takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def bare_insert(table: str, columns: str, rows: list[tuple]) -> float:
    """Insert rows with nothing around it but a transaction."""
    from django.db import connection, transaction

    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {table} ({columns})")

    def insert() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                with cursor.copy(f"COPY {table} FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row(row)
            else:
                cursor.cursor.connection.executemany(
                    f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})",  # noqa: S608 -- fixed names
                    rows,
                )

    return timed(insert)


def measure() -> None:
    """Print the table for the database at hand."""
    from django.db import connection

    from fangxian.reporting.selectors import verify_totals
    from fangxian.reporting.services import BulkOptions, submit_bulk

    actor = make_city(UNITS)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "reports.csv"
        frame = write_file(path)
        start_memory = peak_megabytes()

        def ingest():
            rows = pl.read_csv(path, try_parse_dates=True)
            return submit_bulk(actor=actor, form=FORM, frame=rows, options=BulkOptions())

        start = time.perf_counter()
        result = ingest()
        took = time.perf_counter() - start
        memory = peak_megabytes()
        assert (result.accepted, result.refused) == (REPORTS, 0), result.findings[:3]
        again = timed(ingest)
    values = long_values(frame)
    by_value = bare_insert("floor_values", "unit integer, field text, day text, value integer", values)
    texts = frame.select(
        pl.col("unit").str.slice(1).cast(pl.Int64),
        pl.col("day").cast(pl.String),
        pl.struct(FIELDS).struct.json_encode(),
    ).rows()
    by_report = bare_insert("floor_reports", "unit integer, day text, said text", texts)
    differences = len(verify_totals())
    print(
        f"\n{connection.vendor}: {REPORTS} reports x {len(FIELDS)} fields, {UNITS} units, totals verified: "
        f"{differences} differences"
    )
    print(f"{'':48}{'seconds':>9}{'ratio':>8}")
    print(f"{'floor: 1 000 000 values, one row each':48}{by_value:9.2f}{1:8.2f}")
    print(
        f"{'file to committed reports, totals and audit':48}{took:9.2f}{took / by_value:8.2f}   target 4.00"
    )
    print(f"{'the same file again: nothing changes':48}{again:9.2f}{again / by_value:8.2f}")
    print(f"{'stricter floor: one bare row a report':48}{by_report:9.2f}{took / by_report:8.2f}")
    print(f"peak memory {memory:.0f} MB (before: {start_memory:.0f} MB), target 500 MB")


if __name__ == "__main__":
    on_each_database(__file__, measure)
