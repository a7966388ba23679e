"""Many reports at once: the same rules by columns, one transaction, one audit row with a digest."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl
from django.db import transaction
from django.utils import timezone

from fangxian.ground.accounts.models import User
from fangxian.ground.audit.services import record_event
from fangxian.ground.places.models import Facility
from fangxian.plans.schema import Form, Plan
from fangxian.reporting.choices import Channel
from fangxian.reporting.rules.bulk import late_column
from fangxian.reporting.selectors.crosscheck import checked_places
from fangxian.reporting.selectors.judging import Judgement, Part, Terms, admit, decide, with_text
from fangxian.reporting.selectors.plans import peak_fields
from fangxian.reporting.selectors.stored import unit_columns
from fangxian.reporting.services.contradictions import (
    Decision,
    decide_places,
    decide_units,
    looks_back,
    record,
    touching,
)
from fangxian.reporting.services.gains import gains_of
from fangxian.reporting.services.records import BulkOptions, BulkResult
from fangxian.reporting.services.storage import insert_reports, lock_units, retire_reports
from fangxian.reporting.services.totals import apply_gains

SLICE = 25_000  # revisions written at a time, so that whoever waits for a large file sees it move

Step = Callable[[int], None]
"""Called with the number of rows just written."""


@dataclass(frozen=True)
class Writing:
    """Who writes, how the rows came in, and when."""

    actor: User
    options: BulkOptions
    now: datetime


def submit_bulk(
    *, actor: User, form: str, frame: pl.DataFrame, options: BulkOptions | None = None
) -> BulkResult:
    """Take many reports on one form.

    ``frame`` has ``unit`` (code), ``day``, one column for each field (null: not reported), and where wanted
    ``row`` (number in the file), ``reason``, ``reported_at`` (with time zone), ``zero_declared``,
    ``synthetic``, ``not_known`` (list of the fields declared not known). Rows that break a rule are refused
    with their findings; the others are written, all in one transaction. A row that corrects a report needs a
    reason; one that says what is on record changes nothing.
    """
    options = options or BulkOptions()
    writing = Writing(actor, options, options.now or timezone.now())
    with transaction.atomic():
        lock_units(
            unit_columns(frame["unit"].cast(pl.String).unique().drop_nulls().to_list())["_unit"].to_list()
        )
        judgement = decide(admit(form, frame, terms_of(writing)))
        written = [write_part(part, writing) for part in judgement.parts]
        result = _result(judgement, written)
        if result.accepted:
            record_written(written, result, form, writing)
    return result


def terms_of(writing: Writing) -> Terms:
    """Return the terms on which rows that come in this way are judged."""
    options = writing.options
    return Terms(
        now=writing.now,
        viewer=None if options.channel in {Channel.GENERATOR, Channel.DATASET} else writing.actor,
        reason=options.reason,
        strict=not options.confirmed_warnings,
        synthetic=options.synthetic,
    )


def write_part(part: Part, writing: Writing, step: Step | None = None, size: int = SLICE) -> pl.DataFrame:
    """Append revisions, bring totals and contradictions up; return unit, day, revision and values.

    The caller holds the locks of the units, and the rows were judged against what is on record now.
    """
    form = part.form
    rows = _dated(form, with_text(form, part.rows), writing)
    for some in rows.iter_slices(size):
        retire_reports(some["_stored"].drop_nulls().to_list())
        insert_reports(_revisions(form, some, writing))
        if step is not None:
            step(some.height)
    apply_gains(gains_of(form, rows, peak_fields(form.id)))
    _review(part.plan, form, rows, writing.now)
    return rows.select("unit", "day", "_revision", "_values")


def _dated(form: Form, rows: pl.DataFrame, writing: Writing) -> pl.DataFrame:
    """Number the revisions, and say when each was reported and whether that was late."""
    said = pl.lit(writing.options.reported_at or writing.now).dt.convert_time_zone("UTC")
    rows = rows.with_columns(pl.col("reported_at").fill_null(said.dt.cast_time_unit("us")))
    return rows.with_columns(
        (pl.col("_stored_revision").fill_null(0) + 1).alias("_revision"),
        pl.coalesce("_stored_late", late_column(form, rows)).alias("_late"),
    )


def _revisions(form: Form, rows: pl.DataFrame, writing: Writing) -> pl.DataFrame:
    options = writing.options
    return rows.select(
        pl.col("_unit").alias("unit_id"),
        pl.lit(form.id).alias("form"),
        "day",
        pl.col("_revision").alias("revision"),
        pl.lit(value=True).alias("is_current"),
        pl.col("_values").alias("values"),
        "zero_declared",
        pl.col("_late").alias("late"),
        "reported_at",
        pl.lit(writing.now).dt.convert_time_zone("UTC").alias("entered_at"),
        pl.lit(writing.actor.pk).alias("entered_by_id"),
        pl.lit(str(options.channel)).alias("channel"),
        pl.when(pl.col("_revision") > 1).then(pl.col("reason")).otherwise(pl.lit("")).alias("reason"),
        pl.lit(options.batch.pk if options.batch else None, dtype=pl.Int64).alias("batch_id"),
        "synthetic",
    )


def _review(plan: Plan, form: Form, rows: pl.DataFrame, now: datetime) -> None:
    """Decide again the cross-form rules that these rows touch, also of the day after."""
    checks = touching(plan, form)
    if not checks:
        return
    days = rows["day"].unique().to_list()
    days = sorted({*days, *(day + timedelta(days=1) for day in days)} if looks_back(checks) else days)
    decisions: list[Decision] = []
    own = [check for check in checks if check.scope == "unit"]
    if own:
        units = list(Facility.objects.filter(pk__in=rows["_unit"].unique().to_list()))
        decisions += decide_units(own, plan, units, days)
    shared = [check for check in checks if check.scope == "place"]
    decisions += decide_places(shared, plan, checked_places(rows["_left"].unique().to_list()), days)
    record(decisions, form=form.id, now=now)


def _result(judgement: Judgement, written: Sequence[pl.DataFrame]) -> BulkResult:
    refused, unchanged = len(judgement.refused), len(judgement.unchanged)
    return BulkResult(
        rows=judgement.read,
        accepted=judgement.read - refused - unchanged,
        refused=refused,
        unchanged=unchanged,
        corrected=judgement.corrected,
        findings=sorted(judgement.findings, key=lambda one: one.row or 0),
        warnings=sorted(judgement.warnings, key=lambda one: one.row or 0),
        digest=digest_of(written),
        refused_rows=sorted(judgement.refused),
        unchanged_rows=sorted(judgement.unchanged),
    )


def digest_of(written: Sequence[pl.DataFrame]) -> str:
    """Return the SHA-256 over all rows written, one line each: unit, day, revision, values."""
    said = hashlib.sha256()
    for part in written:
        for some in part.iter_slices(SLICE):
            said.update(some.write_csv(include_header=False, separator="\t", quote_style="never").encode())
    return said.hexdigest()


def record_written(written: Sequence[pl.DataFrame], result: BulkResult, form: str, writing: Writing) -> None:
    """Write down in the trail what was written on one form."""
    imported = writing.options.batch
    days = [day for part in written for day in (part["day"].min(), part["day"].max())]
    record_event(
        actor=writing.actor,
        code="reports.imported",
        subject=("import_batch", str(imported.pk)) if imported else ("form", form),
        detail={
            "form": form,
            "channel": str(writing.options.channel),
            "rows": result.rows,
            "accepted": result.accepted,
            "corrected": result.corrected,
            "refused": result.refused,
            "unchanged": result.unchanged,
            "first_day": min(days),
            "last_day": max(days),
            "sha256": result.digest,
        },
    )
