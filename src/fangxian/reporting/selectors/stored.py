"""Reading many units and reports at once, as columns."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date

import polars as pl
from django.db import connection

from fangxian.ground.places.models import Facility
from fangxian.reporting.models import Report
from fangxian.reporting.selectors.totals import chains

_UNITS = {
    "unit": pl.String,
    "_unit": pl.Int64,
    "_kind": pl.String,
    "_grade": pl.String,
    "_opened": pl.Date,
    "_closed": pl.Date,
    "_population": pl.Int64,
    "_place": pl.Int64,
    "_left": pl.Int64,
}
STORED = {
    "_stored": pl.Int64,
    "_unit": pl.Int64,
    "day": pl.Date,
    "_stored_revision": pl.Int64,
    "_stored_values": pl.String,
    "_stored_zero": pl.Boolean,
    "_stored_late": pl.Boolean,
    "_stored_synthetic": pl.Boolean,
}
"""The current report of a unit and day, beside a row of a batch; names with a bar are never fields."""


def unit_columns(codes: Sequence[str]) -> pl.DataFrame:
    """Return the facilities of some codes with what the rules ask about them."""
    query = Facility.objects.order_by()
    if len(codes) <= 500:
        query = query.filter(code__in=codes)
    rows = query.values_list(
        "code",
        "pk",
        "kind",
        "grade",
        "opened",
        "closed",
        "population_served",
        "place_id",
        "place__tree_left",
    )
    return pl.DataFrame(list(rows), schema=_UNITS, orient="row")


def current_columns(form: str, slots: pl.DataFrame) -> pl.DataFrame:
    """Return the current reports of units and days (``_unit``, ``day``), values as JSON text."""
    if slots.is_empty():
        return pl.DataFrame(schema=STORED)
    units = slots["_unit"].unique().sort().to_list()
    first, last = slots["day"].min(), slots["day"].max()
    chosen, ids = _among(units)
    text = '"values"::text' if connection.vendor == "postgresql" else '"values"'
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, unit_id, day, revision, {text}, zero_declared, late, synthetic "  # noqa: S608 -- fixed names
            f"FROM {Report._meta.db_table} "
            f"WHERE form = %s AND day BETWEEN %s AND %s AND is_current AND unit_id {chosen}",
            [form, first, last, ids],
        )
        rows = cursor.fetchall()
    frame = pl.DataFrame(rows, schema=STORED, orient="row")
    return frame.join(slots.select("_unit", "day").unique(), on=["_unit", "day"])


Mark = tuple[int, int]
"""How many current reports there are and the sum of their keys; both only grow, whatever is reported."""


def mark_of(form: str, units: Sequence[int], first: date, last: date) -> Mark:
    """Return by what it is seen that a current report of these units and days was added or corrected.

    Reports are only ever appended, so a new one raises the count, and a correction puts a later key in the
    place of an earlier one.
    """
    chosen, ids = _among(units)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*), coalesce(sum(id), 0) FROM {Report._meta.db_table} "  # noqa: S608 -- fixed names
            f"WHERE form = %s AND day BETWEEN %s AND %s AND is_current AND unit_id {chosen}",
            [form, first, last, ids],
        )
        count, total = cursor.fetchone()
    return int(count), int(total)


def _among(units: Sequence[int]) -> tuple[str, str | list[int]]:
    """Return a condition on a key with one bound value for however many units, and that value."""
    if connection.vendor == "postgresql":
        return "= ANY(%s)", list(units)
    return "IN (SELECT value FROM json_each(%s))", json.dumps(list(units))


def previous_columns(form: str, rows: pl.DataFrame, fields: Sequence[str]) -> pl.DataFrame:
    """Return, row by row, what each unit said the day before: in the same batch, or as stored."""
    wanted = rows.select("_unit", pl.col("day").dt.offset_by("-1d"))
    if not fields:
        return wanted
    known = [name for name in fields if name in rows.columns]
    inside = rows.select("_unit", "day", *known)
    outside = wanted.unique().join(inside, on=["_unit", "day"], how="anti")
    stored = current_columns(form, outside)
    said = [json.loads(text) for text in stored["_stored_values"]]
    columns = {
        name: pl.Series(name, [one.get(name) for one in said], dtype=pl.Float64, strict=False)
        for name in fields
    }
    before = pl.concat(
        [inside, stored.select("_unit", "day").with_columns(**columns)], how="diagonal_relaxed"
    )
    return wanted.join(before, on=["_unit", "day"], how="left", maintain_order="left")


def ancestor_columns(place_ids: Sequence[int]) -> tuple[pl.DataFrame, list[str]]:
    """Return each place with those whose totals its reports enter, one column for each step of the chain."""
    chain = chains()
    depth = max((len(chain[pk]) for pk in place_ids), default=0)
    names = [f"above_{step}" for step in range(depth)]
    rows = [[pk, *chain[pk], *[None] * (depth - len(chain[pk]))] for pk in place_ids]
    return pl.DataFrame(rows, schema=dict.fromkeys(["_place", *names], pl.Int64), orient="row"), names
