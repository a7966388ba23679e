"""A published dataset comes in by its descriptor: places, their health authorities, reports, corrections."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, timedelta
from pathlib import Path
from typing import Literal

import polars as pl
from django.db import transaction

from fangxian.base.errors import Finding
from fangxian.ground.accounts.models import User
from fangxian.ground.places.models import Facility, Place
from fangxian.plans.datasets import Dataset, Descriptor, read_dataset
from fangxian.plans.schema import Form
from fangxian.reporting.choices import Channel, ImportStatus
from fangxian.reporting.models import ImportBatch, Report
from fangxian.reporting.rules.published import counted_once
from fangxian.reporting.rules.revisions import Corrected, Fall, Series, take_off_all
from fangxian.reporting.rules.state import deadline_at
from fangxian.reporting.selectors.plans import form_at
from fangxian.reporting.services.batches import new_batch, note_findings, record_import
from fangxian.reporting.services.bulk import submit_bulk
from fangxian.reporting.services.dataset_places import authorities_of, create_missing
from fangxian.reporting.services.imports import Progress
from fangxian.reporting.services.records import BulkOptions, BulkResult

CHUNK = 25_000
AUTHORITY_SUFFIX = "-HA"


@dataclass(frozen=True)
class DatasetRequest:
    """Which dataset, and what may be created for it.

    ``reported_at``: ``"now"`` says that the figures became known now; ``"day"`` assumes that each was
    reported at the deadline of its day (or when the file says), so that an as-of view of the past can be
    drawn. The assumption is written into the batch and the audit trail.
    """

    descriptor: Descriptor
    data_dir: Path
    root: Place | None = None
    create_units: bool = False
    reported_at: Literal["now", "day"] = "now"
    until: date | None = None


@dataclass
class DatasetOutcome:
    """What became of a dataset; counts of reports are in the batch."""

    batch: ImportBatch
    dataset: Dataset
    places_created: int = 0
    units_created: int = 0
    corrected: int = 0
    not_taken_off: float = 0
    findings: list[Finding] = field(default_factory=list)


def import_dataset(
    *, actor: User, request: DatasetRequest, progress: Progress | None = None
) -> DatasetOutcome:
    """Write a dataset as reports of the health authority of each place, all or nothing.

    The same dataset again changes nothing. Scope is not asked: this verb exists on the command line only.
    """
    read = read_dataset(request.descriptor, request.data_dir, until=request.until)
    dataset, counted_below = counted_once(read)
    values = _within(request, dataset.values)
    with transaction.atomic():
        places, units = create_missing(actor, request.descriptor, dataset) if request.create_units else (0, 0)
        authorities = authorities_of(values)
        batch = _open_batch(actor, request, dataset)
        outcome = DatasetOutcome(batch, dataset, places, units, findings=[*counted_below, *dataset.findings])
        run = _Run(actor, request, batch, authorities, progress)
        falls = _falls(run, dataset, values)
        fresh, known = {}, {}
        for form_id, frame in _prepared(run, values).items():
            fresh[form_id], known[form_id] = _split(frame, form_id)
            known[form_id] = _changed(known[form_id], falls.final.get(form_id, {})).drop(
                "reported_at", strict=False
            )
        results = [*_submit_values(run, fresh), *_submit_values(run, known)]
        corrections = _submit_falls(run, falls, fresh)
        outcome.corrected = sum(result.accepted for result in corrections)
        outcome.not_taken_off = falls.left
        _close_batch(actor, outcome, [*results, *corrections], results)
    return outcome


@dataclass(frozen=True)
class _Run:
    """What every step of one import needs."""

    actor: User
    request: DatasetRequest
    batch: ImportBatch
    authorities: dict[str, Facility]
    progress: Progress | None

    def form(self, form_id: str, day: date) -> Form:
        """Return a form as it holds for the places of the dataset."""
        return form_at(next(iter(self.authorities.values())).place, form_id, day)

    def submit(self, form_id: str, frame: pl.DataFrame) -> BulkResult:
        """Hand rows to the bulk verb."""
        options = BulkOptions(
            channel=Channel.DATASET,
            batch=self.batch,
            reason=f"{self.request.descriptor.dataset.id} 数据集重新发布",
        )
        return submit_bulk(actor=self.actor, form=form_id, frame=frame, options=options)


def _within(request: DatasetRequest, values: pl.DataFrame) -> pl.DataFrame:
    if request.root is None:
        return values
    codes = Place.objects.filter(
        tree_left__range=(request.root.tree_left, request.root.tree_right)
    ).values_list("code", flat=True)
    return values.filter(pl.col("place_code").is_in(list(codes)))


def _submit_values(run: _Run, prepared: Mapping[str, pl.DataFrame]) -> list[BulkResult]:
    results = []
    for form_id, frame in prepared.items():
        for start in range(0, frame.height, CHUNK):
            results.append(run.submit(form_id, frame.slice(start, CHUNK)))
            if run.progress is not None:
                run.progress(min(start + CHUNK, frame.height), frame.height)
    return results


def _prepared(run: _Run, values: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Return one row for each unit and day, by form."""
    units = {code: unit.code for code, unit in run.authorities.items()}
    frames = {}
    for (form_id,), part in values.partition_by("form", as_dict=True, maintain_order=True).items():
        wide = part.pivot(
            on="field",
            index=["place_code", "day"],
            values="value",
            aggregate_function="last",
            sort_columns=True,
        )
        said = part.group_by("place_code", "day").agg(pl.col("reported_at").max())
        wide = wide.join(said, on=["place_code", "day"], how="left", maintain_order="left")
        frame = wide.with_columns(pl.col("place_code").replace_strict(units).alias("unit")).drop("place_code")
        form = run.form(str(form_id), part["day"].min())
        frames[str(form_id)] = _dated(_with_unknowns(frame, form), form, run.request)
    return frames


def _split(frame: pl.DataFrame, form_id: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the rows of which nothing is on record, and the others."""
    stored = Report.objects.filter(
        form=form_id,
        is_current=True,
        day__range=(frame["day"].min(), frame["day"].max()),
        unit__code__in=frame["unit"].unique().to_list(),
    )
    keys = pl.DataFrame(
        list(stored.values_list("unit__code", "day")),
        schema={"unit": pl.String(), "day": pl.Date()},
        orient="row",
    )
    on = ["unit", "day"]
    return frame.join(keys, on=on, how="anti"), frame.join(keys, on=on, how="semi")


def _with_unknowns(frame: pl.DataFrame, form: Form) -> pl.DataFrame:
    """Declare a required figure not known where the source gives none, so that the others are not lost."""
    required = [one.id for one in form.fields if one.required]
    marks = [
        pl.when(pl.col(name).is_null() if name in frame.columns else pl.lit(value=True)).then(pl.lit(name))
        for name in required
    ]
    return frame.with_columns(pl.concat_list(marks).list.drop_nulls().alias("not_known")) if marks else frame


def _dated(frame: pl.DataFrame, form: Form, request: DatasetRequest) -> pl.DataFrame:
    if request.reported_at == "now":
        return frame.drop("reported_at")
    days = frame["day"].unique().to_list()
    deadlines = pl.DataFrame(
        {"day": days, "_deadline": [deadline_at(form.deadline, day) for day in days]},
        schema={"day": pl.Date(), "_deadline": pl.Datetime("us", "UTC")},
    )
    published = pl.col("reported_at").cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    return (
        frame.join(deadlines, on="day", how="left", maintain_order="left")
        .with_columns(published.fill_null(pl.col("_deadline")).alias("reported_at"))
        .drop("_deadline")
    )


@dataclass
class _Falls:
    """Falls by form and the day from which they are known, what is left of them, and counts after all."""

    by_day: dict[tuple[str, date], list[tuple[Fall, Corrected]]] = field(default_factory=dict)
    left: float = 0
    final: dict[str, dict[tuple[str, date], dict[str, float]]] = field(default_factory=dict)


def _falls(run: _Run, dataset: Dataset, values: pl.DataFrame) -> _Falls:
    """Take every fall of a published total off the counts before it, in the order they were noticed."""
    falls = [
        Fall(
            (row["place_code"], row["form"], row["field"]),
            row["day"],
            row["amount"],
            row["previous"],
            row["revised"],
        )
        for row in dataset.corrections.filter(pl.col("place_code").is_in(list(run.authorities))).iter_rows(
            named=True
        )
    ]
    touched = {fall.series for fall in falls}
    counts: dict[Series, dict[date, float]] = {}
    for place, day, form, name, value in values.select("place_code", "day", "form", "field", "value").rows():
        if value is not None and (place, form, name) in touched:
            counts.setdefault((place, form, name), {})[day] = value
    done = _Falls()
    for fall, corrected in take_off_all(falls, counts):
        place, form_id, name = fall.series
        done.left += corrected.left
        when = fall.day if run.request.reported_at == "day" else date.max
        done.by_day.setdefault((form_id, when), []).append((fall, corrected))
        unit = run.authorities[place].code
        for day, value in corrected.values.items():
            done.final.setdefault(form_id, {}).setdefault((unit, day), {})[name] = value
    return done


def _submit_falls(run: _Run, falls: _Falls, fresh: dict[str, pl.DataFrame]) -> list[BulkResult]:
    """Correct the days before each fall, where the original was written just now."""
    results = []
    for (form_id, when), noticed in sorted(falls.by_day.items(), key=lambda item: (item[0][1], item[0][0])):
        reasons: dict[tuple[str, date], list[str]] = {}
        changes: dict[tuple[str, date], dict[str, float]] = {}
        for fall, corrected in noticed:
            unit = run.authorities[fall.series[0]].code
            for day, value in corrected.values.items():
                changes.setdefault((unit, day), {})[fall.series[2]] = value
                reasons.setdefault((unit, day), []).append(fall.reason)
        fresh[form_id] = changed = _changed(fresh[form_id], changes)
        said = {key: "; ".join(dict.fromkeys(texts))[:200] for key, texts in reasons.items()}
        keys = pl.DataFrame([(*key, text) for key, text in said.items()], schema=_REASONS, orient="row")
        rows = changed.drop("reported_at", strict=False).join(keys, on=["unit", "day"], how="inner")
        if rows.height:
            results.append(run.submit(form_id, _noticed(run, form_id, when, rows)))
    return results


_REASONS = {"unit": pl.String(), "day": pl.Date(), "reason": pl.String()}


def _changed(frame: pl.DataFrame, changes: Mapping[tuple[str, date], Mapping[str, float]]) -> pl.DataFrame:
    """Return the frame with new numbers in some cells."""
    if not changes:
        return frame
    names = sorted({name for change in changes.values() for name in change})
    schema = {"unit": pl.String(), "day": pl.Date()} | {name: frame.schema[name] for name in names}
    rows = [(*key, *(change.get(name) for name in names)) for key, change in changes.items()]
    return frame.update(pl.DataFrame(rows, schema=schema, orient="row"), on=["unit", "day"])


def _noticed(run: _Run, form_id: str, when: date, rows: pl.DataFrame) -> pl.DataFrame:
    """Date corrections to the deadline of the day on which the fall was noticed, or leave them to now."""
    if when == date.max:
        return rows
    deadline = deadline_at(run.form(form_id, when).deadline, when)
    moment = min(deadline + timedelta(seconds=1), run.batch.at).astimezone(UTC)
    return rows.with_columns(pl.lit(moment).alias("reported_at"))


def _open_batch(actor: User, request: DatasetRequest, dataset: Dataset) -> ImportBatch:
    batch = new_batch(
        actor=actor,
        file_name=request.descriptor.dataset.id,
        content=dataset.values.write_csv().encode() + dataset.corrections.write_csv().encode(),
        channel=Channel.DATASET,
        status=ImportStatus.COMMITTED,
        options={
            "reported_at": request.reported_at,
            "assumed": "reported at the deadline of its day" if request.reported_at == "day" else "",
            "file_rows": asdict(dataset.rows),
        },
    )
    batch.save()
    return batch


def _close_batch(
    actor: User, outcome: DatasetOutcome, everything: list[BulkResult], values: list[BulkResult]
) -> None:
    """Write what became of the reports; a correction of a report counts with that report."""
    batch = outcome.batch
    batch.rows_read = sum(result.rows for result in values)
    batch.rows_unchanged = sum(result.unchanged for result in values)
    batch.rows_refused = sum(result.refused for result in values)
    batch.rows_accepted = batch.rows_read - batch.rows_unchanged - batch.rows_refused
    for result in everything:
        outcome.findings += [*result.findings, *result.warnings]
    note_findings(batch, outcome.findings, outcome.corrected)
    batch.digest = hashlib.sha256("".join(result.digest for result in everything).encode()).hexdigest()
    batch.options["not_taken_off"] = outcome.not_taken_off
    batch.save()
    said = {"dataset": batch.file_name, "reported_at": batch.options["reported_at"]}
    record_import(actor, batch, said)
