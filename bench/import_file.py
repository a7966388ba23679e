"""Claim: a CSV of 1 000 000 report values is committed in at most 4 x the bare insert, in under 500 MB.

``python bench/import_file.py [sqlite] [postgresql]``. Wide form, one row a report: the file as bytes, through
preview (all checks, rolled back) and commit (all checks again, totals, audit). The floor is that of
``report_ingest``, measured in the same run. The long form, one row a value, is shown beside it.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import polars as pl

from bench_world import FIELDS, FORM, make_city
from private_database import on_each_database, peak_megabytes
from report_ingest import REPORTS, UNITS, bare_insert, long_values, timed, write_file


def measure() -> None:
    """Print the table for the database at hand."""
    from django.db import connection

    from fangxian.reporting.services.imports import commit_import, preview_import

    actor = make_city(UNITS)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "reports.csv"
        frame = write_file(path)
        content = path.read_bytes()
    before = peak_megabytes()
    batches = []
    previewed = timed(
        lambda: batches.append(
            preview_import(actor=actor, file_name="reports.csv", content=content, form=FORM)
        )
    )
    committed = timed(
        lambda: batches.append(commit_import(actor=actor, batch=batches[0], confirm_warnings=True))
    )
    memory = peak_megabytes()
    assert batches[1].rows_accepted == REPORTS
    again = timed(lambda: preview_import(actor=actor, file_name="reports.csv", content=content, form=FORM))
    values = long_values(frame)
    floor = bare_insert("floor_values", "unit integer, field text, day text, value integer", values)
    long = frame.unpivot(index=["unit", "day"], on=list(FIELDS), variable_name="field")
    text = long.with_columns(pl.lit(FORM).alias("form")).write_csv().encode()
    long_again = timed(lambda: preview_import(actor=actor, file_name="long.csv", content=text))
    print(
        f"\n{connection.vendor}: {REPORTS} reports x {len(FIELDS)} fields in {len(content) / 2**20:.1f} MiB"
    )
    print(f"{'':52}{'seconds':>9}{'ratio':>8}")
    rows = (
        ("floor: 1 000 000 values, one row each", floor),
        ("commit: file to reports, totals and audit   target 4", committed),
        ("preview before it", previewed),
        ("preview of the same file again: nothing changes", again),
        ("preview of the same figures in the long form", long_again),
    )
    for label, took in rows:
        print(f"{label:52}{took:9.2f}{took / floor:8.2f}")
    print(f"peak memory {memory:.0f} MB (before: {before:.0f} MB), target 500 MB")
    print(f"peak memory with the long form {peak_megabytes():.0f} MB, its file {len(text) / 2**20:.0f} MiB")


if __name__ == "__main__":
    on_each_database(__file__, measure)
