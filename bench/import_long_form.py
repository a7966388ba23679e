"""Claim: a CSV of 1 000 000 report values, one value a row, is previewed and committed in under 500 MB.

``python bench/import_long_form.py [sqlite] [postgresql]``. The same values as in ``import_file``, in the long
form: unit, day, field, value, form.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import polars as pl

from bench_world import FIELDS, FORM, make_city
from private_database import on_each_database, peak_megabytes
from report_ingest import REPORTS, UNITS, bare_insert, long_values, timed, write_file


def write_long(path: Path) -> None:
    """Write the reports one value a row, field after field."""
    frame = write_file(path)
    columns = ["unit", "day", "field", "value", "form"]
    with path.open("wb") as out:
        out.write((",".join(columns) + "\n").encode())
        for name in FIELDS:
            part = frame.select("unit", "day", pl.lit(name).alias("field"), pl.col(name).alias("value"))
            part.with_columns(pl.lit(FORM).alias("form")).write_csv(out, include_header=False)


def measure() -> None:
    """Print the table for the database at hand."""
    from django.db import connection

    from fangxian.reporting.models import Report
    from fangxian.reporting.services.imports import commit_import, preview_import

    actor = make_city(UNITS)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "long.csv"
        write_long(path)
        content = path.read_bytes()
        before, batches = peak_megabytes(), []
        previewed = timed(
            lambda: batches.append(preview_import(actor=actor, file_name="long.csv", content=content))
        )
        read = peak_megabytes()
        committed = timed(lambda: commit_import(actor=actor, batch=batches[0], confirm_warnings=True))
        memory = peak_megabytes()
        assert (batches[0].rows_accepted, Report.objects.count()) == (REPORTS * len(FIELDS), REPORTS)
        values = long_values(write_file(path))
    floor = bare_insert("floor_values", "unit integer, field text, day text, value integer", values)
    print(f"\n{connection.vendor}: {REPORTS * len(FIELDS)} rows in {len(content) / 2**20:.1f} MiB")
    print(f"{'':52}{'seconds':>9}{'ratio':>8}")
    for label, seconds in (
        ("floor: 1 000 000 values, one row each", floor),
        ("preview", previewed),
        ("commit", committed),
    ):
        print(f"{label:52}{seconds:9.2f}{seconds / floor:8.2f}")
    print(f"peak memory {memory:.0f} MB (before: {before:.0f}, after the preview: {read:.0f}), target 500 MB")


if __name__ == "__main__":
    on_each_database(__file__, measure)
