"""Many rows judged against the register, the plan and what is on record, with nothing written."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime

import polars as pl

from fangxian.base.errors import Finding
from fangxian.ground.accounts.choices import Action
from fangxian.ground.accounts.models import User
from fangxian.ground.accounts.selectors import policy
from fangxian.ground.emergency_plans.selectors import plan_of_edition
from fangxian.plans.schema import Form, Plan
from fangxian.reporting.rules import local_day, refusal
from fangxian.reporting.rules.bulk import (
    as_jsonb,
    as_numbers,
    check_findings,
    text_of_values,
    value_faults,
    value_findings,
)
from fangxian.reporting.rules.checks import previous_fields
from fangxian.reporting.selectors.plans import edition_column, form_of
from fangxian.reporting.selectors.stored import current_columns, previous_columns, unit_columns


@dataclass(frozen=True)
class Terms:
    """How rows are judged.

    ``viewer`` is whose scope is asked (``None``: nobody's); ``reason`` is for corrections whose row gives
    none; with ``strict``, a warning refuses its row.
    """

    now: datetime
    viewer: User | None = None
    reason: str = ""
    strict: bool = False
    synthetic: bool = False


@dataclass(frozen=True)
class Part:
    """Rows that may be written, of one form under one edition of its plan."""

    form_id: str
    edition: str
    rows: pl.DataFrame

    @property
    def plan(self) -> Plan:
        """Return the plan that holds for these rows."""
        return plan_of_edition(self.edition)

    @property
    def form(self) -> Form:
        """Return the form as that plan has it."""
        return form_of(self.plan, self.form_id)


@dataclass
class Judgement:
    """What is to be written of some rows, and what was decided about the others, by row."""

    form_id: str
    terms: Terms
    read: int
    rows: pl.DataFrame = field(default_factory=pl.DataFrame)
    parts: list[Part] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    refused: set[int] = field(default_factory=set)
    unchanged: set[int] = field(default_factory=set)

    @property
    def corrected(self) -> int:
        """Return how many of the rows to be written correct a report."""
        return sum(part.rows["_stored"].count() for part in self.parts)

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


def admit(form_id: str, frame: pl.DataFrame, terms: Terms) -> Judgement:
    """Refuse rows whose unit, day or plan is wrong; the others are in ``rows``, to be decided."""
    judgement = Judgement(form_id, terms, frame.height)
    rows = _prepared(frame, terms)
    units = unit_columns(rows["unit"].unique().drop_nulls().to_list())
    rows = rows.join(units, on="unit", how="left", maintain_order="left")
    judgement.refuse("unit-unknown", "unit", rows.filter(pl.col("_unit").is_null()), "unit")
    judgement.refuse("day-missing", "day", judgement.keep(rows.filter(pl.col("day").is_null())), "day")
    rows = judgement.keep(rows)
    if terms.viewer is not None:
        foreign = rows.filter(~pl.col("_unit").is_in(list(importable_units(terms.viewer))))
        judgement.refuse("unit-out-of-scope", "unit", foreign, "unit")
    rows = judgement.keep(rows)
    rows = rows.with_columns(edition_column(rows))
    judgement.refuse("plan-missing", "day", rows.filter(pl.col("_edition").is_null()), "day")
    judgement.rows = judgement.keep(rows)
    return judgement


def importable_units(viewer: User) -> set[int]:
    """Return the units whose reports a person may import."""
    return set(policy.units(viewer, Action.IMPORT_REPORTS).order_by().values_list("pk", flat=True))


def decide(judgement: Judgement) -> Judgement:
    """Decide each admitted row: to be written, on record already, or refused with a reason."""
    for (edition,), rows in judgement.rows.partition_by(
        "_edition", as_dict=True, maintain_order=True
    ).items():
        form = form_of(plan_of_edition(edition), judgement.form_id)
        left = _valued(judgement, form, _owed(judgement, form, rows))
        left = _against_stored(judgement, form, _once(judgement, form, left))
        left = _checked(judgement, form, left)
        if not left.is_empty():
            judgement.parts.append(Part(judgement.form_id, edition, left))
    return judgement


def with_text(form: Form, rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows with the text of their values, which not every row needs and takes its time."""
    if "_values" in rows.columns:
        return rows
    return rows.with_columns(text_of_values(form, rows).alias("_values"))


def _prepared(frame: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """Fill in the columns that a batch may leave out."""
    added = []
    if "row" not in frame.columns:
        added.append(pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("row"))
    reason = pl.col("reason").cast(pl.String) if "reason" in frame.columns else pl.lit(None, dtype=pl.String)
    added.append(reason.str.strip_chars().replace("", None).fill_null(terms.reason.strip()).alias("reason"))
    said = pl.lit(None, dtype=pl.Datetime("us", "UTC"))
    if "reported_at" in frame.columns:
        said = pl.col("reported_at").dt.convert_time_zone("UTC").dt.cast_time_unit("us")
    added.append(said.alias("reported_at"))
    for name, default in (("zero_declared", False), ("synthetic", terms.synthetic)):
        column = pl.col(name).fill_null(default) if name in frame.columns else pl.lit(default)
        added.append(column.alias(name))
    return frame.with_columns(added).with_columns(
        pl.col("unit").cast(pl.String), pl.col("row").cast(pl.Int64)
    )


def _owed(judgement: Judgement, form: Form, rows: pl.DataFrame) -> pl.DataFrame:
    future = rows.filter(pl.col("day") > local_day(form.deadline, judgement.terms.now))
    judgement.refuse("day-future", "day", future, "day")
    fits = pl.col("_kind").is_in(form.reporters.facility_kinds)
    if form.reporters.grades:
        fits &= pl.col("_grade").is_in(form.reporters.grades)
    fits &= (pl.col("_opened") <= pl.col("day")).fill_null(value=True)
    fits &= (pl.col("day") < pl.col("_closed")).fill_null(value=True)
    rows = judgement.keep(rows)
    judgement.refuse("form-not-owed", "unit", rows.filter(~fits), "unit")
    return judgement.keep(rows)


def _valued(judgement: Judgement, form: Form, original: pl.DataFrame) -> pl.DataFrame:
    """Refuse rows with a bad value; make the others numbers."""
    rows = as_numbers(form, original)
    faulty = rows.select(value_faults(form, rows).arg_true()).to_series().to_list()
    if faulty:
        judgement.findings += value_findings(form, original, faulty)
        judgement.refused |= set(rows[faulty]["row"])
    return judgement.keep(rows)


def _once(judgement: Judgement, form: Form, rows: pl.DataFrame) -> pl.DataFrame:
    """Keep one row for a unit and day: the same again changes nothing, another figure is refused."""
    slot = ["_unit", "day"]
    first = pl.struct(slot).is_first_distinct()
    if rows.select(first.all()).item():
        return rows
    rows = with_text(form, rows)
    said = ["_values", "zero_declared"]
    both = rows.filter(~first).join(
        rows.filter(first).select(*slot, *said, "row"),
        on=slot,
        how="left",
        suffix="_first",
        maintain_order="left",
    )
    same = (pl.col("_values") == pl.col("_values_first")) & (
        pl.col("zero_declared") == pl.col("zero_declared_first")
    )
    judgement.unchanged |= set(both.filter(same)["row"])
    judgement.refuse("row-repeated", "unit", both.filter(~same), "unit", limit="row_first")
    return judgement.keep(rows)


def _against_stored(judgement: Judgement, form: Form, rows: pl.DataFrame) -> pl.DataFrame:
    """Set apart what is on record already; a correction must say why."""
    stored = current_columns(form.id, rows.select("_unit", "day"))
    rows = rows.join(stored, on=["_unit", "day"], how="left", maintain_order="left")
    if stored.is_empty():
        return rows
    known = with_text(form, rows.filter(pl.col("_stored").is_not_null()))
    same = _alike(form, known)
    unchanged = known.filter(same & (known["zero_declared"] == known["_stored_zero"]))
    judgement.unchanged |= set(unchanged["row"])
    silent = judgement.keep(known).filter(pl.col("reason") == "")
    judgement.refuse("correction-needs-reason", "reason", silent, "unit")
    return judgement.keep(rows)


def _alike(form: Form, known: pl.DataFrame) -> pl.Series:
    """Say where the values are those on record; what differs as text may still be the same."""
    stored = known["_stored_values"].str.replace_all(": ", ":", literal=True)
    stored = stored.str.replace_all(", ", ",", literal=True)
    same = (known["_values"] == stored) | (known.select(as_jsonb(form, known)).to_series() == stored)
    other = known.filter(~same).select("row", "_values", "_stored_values").iter_rows()
    alike = [row for row, said, kept in other if json.loads(said) == json.loads(kept)]
    return same | known["row"].is_in(alike)


def _checked(judgement: Judgement, form: Form, rows: pl.DataFrame) -> pl.DataFrame:
    """Decide the plan's checks; an error refuses its row, a warning only where none may pass."""
    found = check_findings(form, rows, previous_columns(form.id, rows, sorted(previous_fields(form))))
    for finding in found:
        refuses = judgement.terms.strict or finding.severity == "error"
        (judgement.findings if refuses else judgement.warnings).append(finding)
        if refuses and finding.row is not None:
            judgement.refused.add(finding.row)
    return judgement.keep(rows)
