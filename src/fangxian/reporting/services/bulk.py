"""Many reports at once: the same rules by columns, one transaction, one audit row with a digest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import polars as pl
from django.db import connection, transaction
from django.utils import timezone

from fangxian.base.errors import Finding
from fangxian.ground.accounts.choices import Action
from fangxian.ground.accounts.models import User
from fangxian.ground.accounts.selectors import policy
from fangxian.ground.audit.services import record_event
from fangxian.ground.emergency_plans.selectors import plan_of_edition
from fangxian.ground.places.models import Facility
from fangxian.plans.schema import Form, Plan
from fangxian.reporting.choices import Channel
from fangxian.reporting.rules import local_day, refusal
from fangxian.reporting.rules.bulk import (
    as_numbers,
    check_findings,
    late_column,
    text_of_values,
    value_faults,
    value_findings,
)
from fangxian.reporting.rules.checks import previous_fields
from fangxian.reporting.selectors.crosscheck import checked_places
from fangxian.reporting.selectors.plans import edition_column, form_of, peak_fields
from fangxian.reporting.selectors.stored import current_columns, previous_columns, unit_columns
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
from fangxian.reporting.services.storage import insert_reports, retire_reports
from fangxian.reporting.services.totals import apply_gains


@dataclass
class _Batch:
    """The rows on their way: what is left of them, and what was decided about the others."""

    form_id: str
    actor: User
    options: BulkOptions
    now: datetime
    read: int
    findings: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    refused: set[int] = field(default_factory=set)
    unchanged: set[int] = field(default_factory=set)
    written: list[pl.DataFrame] = field(default_factory=list)

    def refuse(self, code: str, column: str, rows: pl.DataFrame, said: str, limit: str | None = None) -> None:
        """Refuse rows for one reason; ``said`` and ``limit`` name the columns that hold what was received."""
        limits = rows[limit] if limit else [None] * rows.height
        for row, value, bound in zip(rows["row"], rows[said], limits, strict=True):
            self.findings.append(refusal(code, column, value, row, limit=bound))
            self.refused.add(row)

    def keep(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return the rows that are still wanted."""
        gone = self.refused | self.unchanged
        return rows.filter(~pl.col("row").is_in(list(gone))) if gone else rows


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
    batch = _Batch(form, actor, options, options.now or timezone.now(), frame.height)
    with transaction.atomic():
        rows = _admitted(batch, _prepared(frame, batch))
        for (edition,), part in rows.partition_by("_edition", as_dict=True, maintain_order=True).items():
            _take(batch, plan_of_edition(edition), part)
        result = _result(batch)
        if result.accepted:
            _audit(batch, result)
    return result


def _prepared(frame: pl.DataFrame, batch: _Batch) -> pl.DataFrame:
    """Fill in the columns that a batch may leave out."""
    options, added = batch.options, []
    if "row" not in frame.columns:
        added.append(pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("row"))
    reason = pl.col("reason").cast(pl.String) if "reason" in frame.columns else pl.lit(None, dtype=pl.String)
    added.append(reason.str.strip_chars().replace("", None).fill_null(options.reason.strip()).alias("reason"))
    said = pl.lit(options.reported_at or batch.now).dt.convert_time_zone("UTC").dt.cast_time_unit("us")
    if "reported_at" in frame.columns:
        own = pl.col("reported_at").dt.convert_time_zone("UTC").dt.cast_time_unit("us")
        said = own.fill_null(said)
    added.append(said.alias("reported_at"))
    for name, default in (("zero_declared", False), ("synthetic", options.synthetic)):
        column = pl.col(name).fill_null(default) if name in frame.columns else pl.lit(default)
        added.append(column.alias(name))
    return frame.with_columns(added).with_columns(
        pl.col("unit").cast(pl.String), pl.col("row").cast(pl.Int64)
    )


def _admitted(batch: _Batch, rows: pl.DataFrame) -> pl.DataFrame:
    """Refuse rows whose unit, day or plan is wrong; lock the units of the others."""
    units = unit_columns(rows["unit"].unique().drop_nulls().to_list())
    rows = rows.join(units, on="unit", how="left", maintain_order="left")
    batch.refuse("unit-unknown", "unit", rows.filter(pl.col("_unit").is_null()), "unit")
    batch.refuse("day-missing", "day", batch.keep(rows.filter(pl.col("day").is_null())), "day")
    rows = batch.keep(rows)
    if batch.options.channel not in {Channel.GENERATOR, Channel.DATASET}:
        allowed = list(
            policy.units(batch.actor, Action.IMPORT_REPORTS).order_by().values_list("pk", flat=True)
        )
        batch.refuse("unit-out-of-scope", "unit", rows.filter(~pl.col("_unit").is_in(allowed)), "unit")
    rows = batch.keep(rows)
    rows = rows.with_columns(edition_column(rows))
    batch.refuse("plan-missing", "day", rows.filter(pl.col("_edition").is_null()), "day")
    rows = batch.keep(rows)
    _lock_units(rows["_unit"].unique().sort().to_list())
    return rows


def _lock_units(unit_ids: Sequence[int]) -> None:
    """Lock the units in ascending order, as `submit_report` locks its one; SQLite has one writer anyway."""
    if connection.vendor == "postgresql" and unit_ids:
        chosen = Facility.objects.select_for_update(no_key=True).filter(pk__in=unit_ids)
        list(chosen.order_by("pk").values_list("pk"))


def _take(batch: _Batch, plan: Plan, rows: pl.DataFrame) -> None:
    """Check and write the rows that stand under one edition of the plan."""
    form = form_of(plan, batch.form_id)
    rows = _valued(batch, form, _owed(batch, form, rows))
    rows = _against_stored(batch, form, _once(batch, rows))
    rows = _checked(batch, form, rows)
    if rows.is_empty():
        return
    rows = _write(batch, form, rows)
    apply_gains(gains_of(form, rows, peak_fields(form.id)))
    _review(batch, plan, form, rows)
    batch.written.append(rows.select("unit", "day", "_revision", "_values"))


def _owed(batch: _Batch, form: Form, rows: pl.DataFrame) -> pl.DataFrame:
    future = rows.filter(pl.col("day") > local_day(form.deadline, batch.now))
    batch.refuse("day-future", "day", future, "day")
    fits = pl.col("_kind").is_in(form.reporters.facility_kinds)
    if form.reporters.grades:
        fits &= pl.col("_grade").is_in(form.reporters.grades)
    fits &= (pl.col("_opened") <= pl.col("day")).fill_null(value=True)
    fits &= (pl.col("day") < pl.col("_closed")).fill_null(value=True)
    rows = batch.keep(rows)
    batch.refuse("form-not-owed", "unit", rows.filter(~fits), "unit")
    return batch.keep(rows)


def _valued(batch: _Batch, form: Form, original: pl.DataFrame) -> pl.DataFrame:
    """Refuse rows with a bad value; give the others their text."""
    rows = as_numbers(form, original)
    faulty = rows.select(value_faults(form, rows).arg_true()).to_series().to_list()
    if faulty:
        batch.findings += value_findings(form, original, faulty)
        batch.refused |= set(rows[faulty]["row"])
    rows = batch.keep(rows)
    return rows.with_columns(text_of_values(form, rows).alias("_values"))


def _once(batch: _Batch, rows: pl.DataFrame) -> pl.DataFrame:
    """Keep one row for a unit and day: the same again changes nothing, another figure is refused."""
    slot = ["_unit", "day"]
    repeated = rows.filter(~pl.struct(slot).is_first_distinct())
    if repeated.is_empty():
        return rows
    said = ["_values", "zero_declared"]
    first = rows.filter(pl.struct(slot).is_first_distinct())
    both = repeated.join(
        first.select(*slot, *said, "row"), on=slot, how="left", suffix="_first", maintain_order="left"
    )
    same = (pl.col("_values") == pl.col("_values_first")) & (
        pl.col("zero_declared") == pl.col("zero_declared_first")
    )
    batch.unchanged |= set(both.filter(same)["row"])
    batch.refuse("row-repeated", "unit", both.filter(~same), "unit", limit="row_first")
    return batch.keep(rows)


def _against_stored(batch: _Batch, form: Form, rows: pl.DataFrame) -> pl.DataFrame:
    """Set apart what is on record already; a correction must say why."""
    stored = current_columns(form.id, rows.select("_unit", "day"))
    rows = rows.join(stored, on=["_unit", "day"], how="left", maintain_order="left")
    if stored.is_empty():
        return rows
    known = rows.filter(pl.col("_stored").is_not_null())
    same = [
        new == old or json.loads(new) == json.loads(old)
        for new, old in zip(known["_values"], known["_stored_values"], strict=True)
    ]
    unchanged = known.filter(pl.Series(same) & (known["zero_declared"] == known["_stored_zero"]))
    batch.unchanged |= set(unchanged["row"])
    silent = batch.keep(known).filter(pl.col("reason") == "")
    batch.refuse("correction-needs-reason", "reason", silent, "unit")
    return batch.keep(rows)


def _checked(batch: _Batch, form: Form, rows: pl.DataFrame) -> pl.DataFrame:
    """Decide the plan's checks; a warning refuses its row only where warnings were not confirmed."""
    found = check_findings(form, rows, previous_columns(form.id, rows, sorted(previous_fields(form))))
    strict = not batch.options.confirmed_warnings
    for finding in found:
        refuses = strict or finding.severity == "error"
        (batch.findings if refuses else batch.warnings).append(finding)
        if refuses and finding.row is not None:
            batch.refused.add(finding.row)
    return batch.keep(rows)


def _write(batch: _Batch, form: Form, rows: pl.DataFrame) -> pl.DataFrame:
    """Append the revisions, the originals first giving way."""
    late = late_column(form, rows)
    rows = rows.with_columns(
        (pl.col("_stored_revision").fill_null(0) + 1).alias("_revision"),
        pl.coalesce("_stored_late", late).alias("_late"),
    )
    retire_reports(rows["_stored"].drop_nulls().to_list())
    options = batch.options
    insert_reports(
        rows.select(
            pl.col("_unit").alias("unit_id"),
            pl.lit(form.id).alias("form"),
            "day",
            pl.col("_revision").alias("revision"),
            pl.lit(value=True).alias("is_current"),
            pl.col("_values").alias("values"),
            "zero_declared",
            pl.col("_late").alias("late"),
            "reported_at",
            pl.lit(batch.now).dt.convert_time_zone("UTC").alias("entered_at"),
            pl.lit(batch.actor.pk).alias("entered_by_id"),
            pl.lit(str(options.channel)).alias("channel"),
            pl.when(pl.col("_revision") > 1).then(pl.col("reason")).otherwise(pl.lit("")).alias("reason"),
            pl.lit(options.batch.pk if options.batch else None, dtype=pl.Int64).alias("batch_id"),
            "synthetic",
        )
    )
    return rows


def _review(batch: _Batch, plan: Plan, form: Form, rows: pl.DataFrame) -> None:
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
    record(decisions, form=form.id, now=batch.now)


def _result(batch: _Batch) -> BulkResult:
    refused, unchanged = len(batch.refused), len(batch.unchanged)
    return BulkResult(
        rows=batch.read,
        accepted=batch.read - refused - unchanged,
        refused=refused,
        unchanged=unchanged,
        corrected=sum(part.filter(pl.col("_revision") > 1).height for part in batch.written),
        findings=sorted(batch.findings, key=lambda one: one.row or 0),
        warnings=sorted(batch.warnings, key=lambda one: one.row or 0),
        digest=_digest(batch.written),
        refused_rows=sorted(batch.refused),
        unchanged_rows=sorted(batch.unchanged),
    )


def _digest(written: Sequence[pl.DataFrame]) -> str:
    """Return the SHA-256 over all rows written, one line each: unit, day, revision, values."""
    said = hashlib.sha256()
    for part in written:
        said.update(part.write_csv(include_header=False, separator="\t", quote_style="never").encode())
    return said.hexdigest()


def _audit(batch: _Batch, result: BulkResult) -> None:
    imported = batch.options.batch
    days = [day for part in batch.written for day in (part["day"].min(), part["day"].max())]
    record_event(
        actor=batch.actor,
        code="reports.imported",
        subject=("import_batch", str(imported.pk)) if imported else ("form", batch.form_id),
        detail={
            "form": batch.form_id,
            "channel": str(batch.options.channel),
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
