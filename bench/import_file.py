"""Claim: preview and commit of a CSV of 1 000 000 report values together take at most 4 x the bare insert.

``python bench/import_file.py [sqlite] [postgresql]``. Wide form, one row a report: the file as bytes, through
preview (all checks, rows staged) and commit (locks, what the preview rests on compared, reports, totals,
audit), in under 500 MB. Three rounds with days of their own; the floor of ``report_ingest`` is measured in
each, and medians are compared.
"""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path
from statistics import median

import polars as pl

from bench_world import FIELDS, FORM, make_city
from private_database import on_each_database, peak_megabytes
from report_ingest import REPORTS, UNITS, bare_insert, long_values, timed, write_file

ROUNDS = 3
APART = timedelta(days=60)


def measure() -> None:
    """Print the table for the database at hand."""
    from django.db import connection

    from fangxian.reporting.models import Report
    from fangxian.reporting.selectors import verify_totals
    from fangxian.reporting.services.imports import commit_import, preview_import

    actor = make_city(UNITS)
    with tempfile.TemporaryDirectory() as folder:
        frame = write_file(Path(folder) / "reports.csv")
    before, memory, batches = peak_megabytes(), 0.0, []
    took: dict[str, list[float]] = {"floor": [], "preview": [], "commit": [], "again": []}

    def preview(content: bytes) -> None:
        batches.append(preview_import(actor=actor, file_name="reports.csv", content=content, form=FORM))

    for number in range(ROUNDS):
        moved = frame.with_columns(pl.col("day") + number * APART)
        content = moved.write_csv().encode()
        took["preview"].append(timed(lambda content=content: preview(content)))
        batch = batches[-1]
        took["commit"].append(
            timed(lambda batch=batch: commit_import(actor=actor, batch=batch, confirm_warnings=True))
        )
        assert (batch.rows_accepted, Report.objects.count()) == (REPORTS, REPORTS * (number + 1))
        took["again"].append(timed(lambda content=content: preview(content)))
        assert batches[-1].rows_unchanged == REPORTS
        memory = memory or peak_megabytes()  # the floor's own rows would count after the first round
        values = long_values(moved)
        columns = "unit integer, field text, day text, value integer"
        took["floor"].append(bare_insert(f"floor_values_{number}", columns, values))
        del values
    together = [one + other for one, other in zip(took["preview"], took["commit"], strict=True)]
    floor = median(took["floor"])
    print(
        f"\n{connection.vendor}: {REPORTS} reports x {len(FIELDS)} fields in {len(content) / 2**20:.1f} MiB, "
        f"{ROUNDS} rounds, totals verified: {len(verify_totals())} differences"
    )
    print(f"{'':52}{'seconds':>9}{'ratio':>8}  each round")
    for label, seconds in (
        ("floor: 1 000 000 values, one row each", took["floor"]),
        ("preview and commit together                 target 4", together),
        ("  preview: read, judged, staged", took["preview"]),
        ("  commit: reports, totals, audit", took["commit"]),
        ("preview of the same file again: nothing changes", took["again"]),
    ):
        rounds = " ".join(f"{one:.2f}" for one in seconds)
        print(f"{label:52}{median(seconds):9.2f}{median(seconds) / floor:8.2f}  {rounds}")
    print(f"peak memory {memory:.0f} MB (before: {before:.0f} MB), target 500 MB")


if __name__ == "__main__":
    on_each_database(__file__, measure)
