"""Locking units, and writing many revisions at once: executemany on SQLite, COPY on PostgreSQL."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import polars as pl
from django.db import connection

from fangxian.ground.places.models import Facility
from fangxian.reporting.models import ImportBatch, Report

COLUMNS = (
    "unit_id",
    "form",
    "day",
    "revision",
    "is_current",
    "values",
    "zero_declared",
    "late",
    "reported_at",
    "entered_at",
    "entered_by_id",
    "channel",
    "reason",
    "batch_id",
    "synthetic",
)
_SLICE = 20_000
_COPIED = 4_000  # few, so that the server works on some while the next are being written
_FREE = ("values", "reason")  # the others are identifiers
_TABLE = Report._meta.db_table
_NAMES = ", ".join(f'"{name}"' for name in COLUMNS)


def lock_units(unit_ids: Sequence[int]) -> None:
    """Lock the units in ascending order, as `submit_report` locks its one; SQLite has one writer anyway."""
    if connection.vendor == "postgresql" and unit_ids:
        chosen = Facility.objects.select_for_update(no_key=True).filter(pk__in=unit_ids)
        list(chosen.order_by("pk").values_list("pk"))


def insert_reports(rows: pl.DataFrame) -> None:
    """Insert revisions; ``rows`` has exactly `COLUMNS`, instants in UTC, values as JSON text."""
    rows = rows.select(COLUMNS)
    if connection.vendor == "postgresql":
        _copy(rows)
    else:
        _insert(rows)


def _insert(rows: pl.DataFrame) -> None:
    marks = ", ".join(["?"] * len(COLUMNS))
    texts = rows.with_columns(
        pl.col("day").dt.to_string("%Y-%m-%d"), instant_text("reported_at"), instant_text("entered_at")
    )
    with connection.cursor() as cursor:
        # the driver's own cursor: Django's would rewrite the marks of every statement
        raw: Any = cursor.cursor
        super(type(raw), raw).executemany(
            f"INSERT INTO {_TABLE} ({_NAMES}) VALUES ({marks})",  # noqa: S608 -- fixed names
            texts.iter_rows(buffer_size=_SLICE),
        )


def instant_text(name: str) -> pl.Expr:
    """Return an instant as Django writes it on SQLite: no fraction where there is none."""
    moment = pl.col(name).dt.replace_time_zone(None)
    return (
        pl.when(moment.dt.microsecond() == 0)
        .then(moment.dt.to_string("%Y-%m-%d %H:%M:%S"))
        .otherwise(moment.dt.to_string("%Y-%m-%d %H:%M:%S%.6f"))
        .alias(name)
    )


def _copy(rows: pl.DataFrame) -> None:
    """Send rows in the text format of COPY: values in JSON need no quotes doubled, as they would in CSV."""
    with connection.cursor() as cursor, cursor.copy(f"COPY {_TABLE} ({_NAMES}) FROM STDIN") as copy:
        for part in rows.iter_slices(_COPIED):
            text = io.BytesIO()
            part.with_columns(_escaped(name) for name in _FREE).write_csv(
                text,
                include_header=False,
                separator="\t",
                quote_style="never",
                null_value="\\N",
                datetime_format="%Y-%m-%d %H:%M:%S%.6f+00",
            )
            copy.write(text.getvalue())


def _escaped(name: str) -> pl.Expr:
    text = pl.col(name)
    for plain, written in (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r")):
        text = text.str.replace_all(plain, written, literal=True)
    return text


def keep_content(batch: ImportBatch, content: bytes) -> None:
    """Keep the file of a saved batch, sent as bytes: Django would make three times as much SQL text of it."""
    table = ImportBatch._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            import psycopg  # a server on SQLite does not wait for it

            statement: Any = f"UPDATE {table} SET content = %b WHERE id = %s"  # noqa: S608 -- fixed names
            with psycopg.Cursor(cursor.connection) as bound:
                bound.execute(statement, [content, batch.pk])
        else:
            cursor.execute(f"UPDATE {table} SET content = %s WHERE id = %s", [content, batch.pk])  # noqa: S608 -- the same
    batch.content = content


def retire_reports(ids: list[int]) -> None:
    """Let revisions give way to their corrections."""
    with connection.cursor() as cursor:
        cursor.executemany(f"UPDATE {_TABLE} SET is_current = %s WHERE id = %s", [(False, pk) for pk in ids])  # noqa: S608 -- fixed names
