"""Keeping totals beside the reports: changed in the transaction of the report, always equal to the sum."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl
from django.db import connection, transaction

from fangxian.ground.accounts.models import User
from fangxian.ground.audit.services import record_event
from fangxian.reporting.models import Report, Total
from fangxian.reporting.rules.totals import COUNTERS, Tally, add
from fangxian.reporting.rules.values import whole
from fangxian.reporting.selectors.totals import Key, current_tallies, kept_totals, peaks_of

_ADVISORY = 7_203_004  # names this lock among the advisory locks of the database


@dataclass(frozen=True)
class Gains:
    """What a verb adds to the totals of one form.

    ``peaks`` holds the largest new value of each field that is combined by maximum; ``lowered`` the keys
    where a correction may have taken the old maximum away.
    """

    form: str
    tallies: Mapping[Key, Tally]
    peak_fields: frozenset[str] = frozenset()
    peaks: Mapping[Key, Mapping[str, float]] = field(default_factory=dict)
    lowered: frozenset[Key] = frozenset()


def lock_totals(form: str) -> None:
    """Let one writer at a time change the totals of a form; SQLite has one writer anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [_ADVISORY, form])


def apply_gains(gains: Gains) -> None:
    """Add what a verb gained to the kept totals."""
    lock_totals(gains.form)
    kept = kept_totals(gains.form, gains.tallies)
    rows = []
    for key in sorted(gains.tallies):
        before, maxima = kept[key].whole if key in kept else (None, {})
        gained = gains.tallies[key]
        after = gained if before is None else add([before, gained])
        rows.append(_row(key, gains.form, after, _maxima(gains, key, maxima)))
    write_totals(rows)


def _maxima(gains: Gains, key: Key, kept: Mapping[str, float]) -> Mapping[str, float]:
    if not gains.peak_fields:
        return kept
    if key in gains.lowered:
        return peaks_of(key, gains.form, gains.peak_fields)
    new = gains.peaks.get(key, {})
    return {name: max(kept.get(name, value), value) for name, value in {**kept, **new}.items()}


def _row(key: Key, form: str, tallied: Tally, maxima: Mapping[str, float]) -> tuple[Any, ...]:
    """Return a total as it is written; a field that no unit gave has no key."""
    given = [name for name, count in sorted(tallied.counts.items()) if count]
    return (
        key[0],
        form,
        key[1],
        "{" + ",".join(f'"{name}":{whole(tallied.sums[name])}' for name in given) + "}",
        json.dumps(maxima) if maxima else "{}",
        "{" + ",".join(f'"{name}":{tallied.counts[name]}' for name in given) + "}",
        *(tallied.counters.get(name, 0) for name in COUNTERS),
    )


_TABLE = Total._meta.db_table
_NAMES = ("place_id", "form", "day", "sums", "maxima", "counts", *COUNTERS)
_COLUMNS = ", ".join(_NAMES)
_CONFLICT = "ON CONFLICT (place_id, form, day) DO UPDATE SET " + ", ".join(
    f"{name} = excluded.{name}" for name in _NAMES[3:]
)
_MANY = 100


def write_totals(rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert or overwrite totals; the caller holds the lock of the form."""
    if not rows:
        return
    if connection.vendor == "postgresql" and len(rows) > _MANY:
        _copy_totals(rows)
        return
    if connection.vendor == "sqlite":
        rows = [(*row[:2], row[2].isoformat(), *row[3:]) for row in rows]
    marks = ", ".join(["%s"] * len(_NAMES))
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {_TABLE} ({_COLUMNS}) VALUES ({marks}) {_CONFLICT}", rows)  # noqa: S608 -- fixed names


def _copy_totals(rows: Sequence[tuple[Any, ...]]) -> None:
    """Bring many totals over by COPY, then merge them in one statement."""
    text = pl.DataFrame(rows, schema=list(_NAMES), orient="row").write_csv(
        include_header=False, quote_style="non_numeric"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMPORARY TABLE IF NOT EXISTS incoming_totals ON COMMIT DROP AS "  # noqa: S608 -- fixed names
            f"SELECT {_COLUMNS} FROM {_TABLE} WITH NO DATA"
        )
        with cursor.copy(f"COPY incoming_totals ({_COLUMNS}) FROM STDIN (FORMAT csv)") as copy:
            copy.write(text)
        cursor.execute(
            f"INSERT INTO {_TABLE} ({_COLUMNS}) SELECT {_COLUMNS} FROM incoming_totals {_CONFLICT}"  # noqa: S608 -- the same
        )
        cursor.execute("TRUNCATE incoming_totals")


def recompute_totals(*, actor: User | None, forms: Iterable[str] | None = None) -> int:
    """Build all totals again from the current reports, e.g. after a merger; return the rows written.

    Needed when the tree of places or a plan's way of combining a field changes; reports keep totals right
    by themselves.
    """
    with transaction.atomic():
        chosen = sorted(forms if forms is not None else _forms())
        written = 0
        for form in chosen:
            lock_totals(form)
            Total.objects.filter(form=form).delete()
            rows = [_row(key, form, *both) for key, both in current_tallies(form)]
            write_totals(rows)
            written += len(rows)
        record_event(actor=actor, code="reports.totals_recomputed", detail={"forms": chosen, "rows": written})
    return written


def _forms() -> set[str]:
    return set(Report.objects.values_list("form", flat=True).distinct()) | set(
        Total.objects.values_list("form", flat=True).distinct()
    )
