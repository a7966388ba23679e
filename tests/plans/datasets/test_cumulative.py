"""Totals become daily counts so that nothing is lost, nothing is negative, and the future cannot enter."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from pathlib import Path

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plans.datasets.tiny import TABLE, codes, read_tiny, series

FIRST = date(2020, 1, 30)
TOTALS = st.lists(st.one_of(st.none(), st.integers(0, 500)), min_size=1, max_size=12)
REUSED_FOLDER = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def _file(totals: dict[str, list[int | None]]) -> list[str]:
    return [
        f"{FIRST + timedelta(days=index)},{place},{'NA' if total is None else total}"
        for place, column in totals.items()
        for index, total in enumerate(column)
    ]


def _text(rows: list[str]) -> str:
    return "\n".join(["day,place,cases", *rows]) + "\n"


@REUSED_FOLDER
@given(st.fixed_dictionaries({"a": TOTALS, "b": TOTALS}), st.sampled_from(["count", "unknown"]))
def test_openings_values_and_corrections_add_up_to_the_last_total(
    tmp_path: Path, totals: dict[str, list[int | None]], first: str
) -> None:
    """For each place the last published total is preserved, and no daily value is below zero."""
    table = TABLE + f'first = "{first}"\n'
    dataset = read_tiny(tmp_path, _text(_file(totals)), table)
    known = {place: [total for total in column if total is not None] for place, column in totals.items()}
    expected = {place: float(column[-1]) for place, column in known.items() if column}
    found = {row[0]: row[3] for row in dataset.totals().rows() if known[row[0]]}
    assert found == expected
    assert dataset.values.filter(pl.col("value") < 0).is_empty()
    assert (dataset.corrections["amount"] < 0).all()
    falls = sum(later < earlier for column in known.values() for earlier, later in itertools.pairwise(column))
    assert dataset.corrections.height == falls


@REUSED_FOLDER
@given(st.fixed_dictionaries({"a": TOTALS, "b": TOTALS}), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(
    tmp_path: Path, totals: dict[str, list[int | None]], chance
) -> None:
    """Shuffled rows give the same values, corrections and places."""
    rows = _file(totals)
    straight = read_tiny(tmp_path, _text(rows))
    chance.shuffle(rows)
    shuffled = read_tiny(tmp_path, _text(rows))
    for name in ("values", "corrections", "openings", "places"):
        left, right = getattr(straight, name), getattr(shuffled, name)
        assert left.drop("source_row", strict=False).equals(right.drop("source_row", strict=False))


@REUSED_FOLDER
@given(st.fixed_dictionaries({"a": TOTALS, "b": TOTALS}), st.integers(0, 12))
def test_reading_until_a_day_is_reading_a_file_that_ends_there(
    tmp_path: Path, totals: dict[str, list[int | None]], days: int
) -> None:
    """What was reported later changes nothing of what is read as of a day, findings included."""
    until = FIRST + timedelta(days=days)
    rows = _file(totals)
    whole = read_tiny(tmp_path, _text(rows), until=until)
    kept = [row if row[:10] <= until.isoformat() else "" for row in rows]
    cut = read_tiny(tmp_path, _text(kept))
    for name in ("values", "corrections", "openings", "places"):
        assert getattr(whole, name).equals(getattr(cut, name))
    assert whole.findings == cut.findings


def test_a_missing_total_stays_unknown_and_its_count_is_flagged_on_the_day_it_becomes_known(
    tmp_path: Path,
) -> None:
    """3, not reported, no row, 10: the 7 stand on the last day and cover three days."""
    dataset = read_tiny(tmp_path, _text(["2020-01-01,a,3", "2020-01-02,a,NA", "2020-01-04,a,10"]))
    assert series(dataset, "a") == {"2020-01-01": None, "2020-01-02": None, "2020-01-04": 7.0}
    assert dataset.values["days_covered"].to_list() == [1, 1, 3]
    assert "count-after-gap" in codes(dataset)


def test_a_downward_revision_is_a_correction_with_both_totals(tmp_path: Path) -> None:
    """10, 8, 9: the count of the second day is unknown, the fall is kept, the third day counts from 8."""
    dataset = read_tiny(tmp_path, _text(["2020-01-01,a,10", "2020-01-02,a,8", "2020-01-03,a,9"]))
    assert series(dataset, "a") == {"2020-01-01": None, "2020-01-02": None, "2020-01-03": 1.0}
    fall = dataset.corrections.row(0, named=True)
    assert (fall["previous"], fall["revised"], fall["amount"], fall["reason"]) == (10, 8, -2, "total-fell")
    assert fall["source_row"] == 3
    assert "total-revised-down" in codes(dataset)


def test_a_descriptor_may_say_that_a_day_of_revision_counts_zero(tmp_path: Path) -> None:
    """With on_fall = zero the same day holds 0, and the correction is kept all the same."""
    dataset = read_tiny(tmp_path, _text(["2020-01-01,a,10", "2020-01-02,a,8"]), TABLE + 'on_fall = "zero"\n')
    assert series(dataset, "a")["2020-01-02"] == 0
    assert dataset.corrections["amount"].to_list() == [-2]


def test_the_first_total_is_a_count_only_where_the_descriptor_says_so(tmp_path: Path) -> None:
    """By default the first total is an opening balance; with first = count it is the count of its day."""
    rows = ["2020-01-01,a,10", "2020-01-02,a,12"]
    opened = read_tiny(tmp_path, _text(rows))
    assert series(opened, "a") == {"2020-01-01": None, "2020-01-02": 2.0}
    assert opened.openings["amount"].to_list() == [10]
    counted = read_tiny(tmp_path, _text(rows), TABLE + 'first = "count"\n')
    assert series(counted, "a") == {"2020-01-01": 10.0, "2020-01-02": 2.0}
    assert counted.openings.is_empty()


def test_a_negative_daily_count_is_a_correction_and_a_negative_stock_is_refused(tmp_path: Path) -> None:
    """A published -5 never enters a sum of days; nobody can have -5 people in hospital."""
    daily = read_tiny(tmp_path, _text(["2020-01-01,a,-5"]), TABLE.replace("cumulative", "daily"))
    assert series(daily, "a") == {"2020-01-01": None}
    assert daily.corrections.select("amount", "reason").rows() == [(-5.0, "count-negative")]
    stock = read_tiny(tmp_path, _text(["2020-01-01,a,-5"]), TABLE.replace("cumulative", "stock"))
    assert series(stock, "a") == {"2020-01-01": None}
    assert codes(stock) == ["value-negative"]
    assert stock.corrections.is_empty()


def test_what_was_published_later_is_not_known_before(tmp_path: Path) -> None:
    """With a column of publication, the as-of day goes by it; the row published last wins."""
    table = TABLE.replace(
        'day = { column = "day" }', 'day = { column = "day" }\nreported = { column = "out" }'
    )
    table = table.replace("cumulative", "daily")
    text = "day,out,place,cases\n2020-01-01,2020-01-05,a,9\n2020-01-01,2020-01-02,a,4\n"
    assert series(read_tiny(tmp_path, text, table, until=date(2020, 1, 1)), "a") == {}
    assert series(read_tiny(tmp_path, text, table, until=date(2020, 1, 4)), "a") == {"2020-01-01": 4.0}
    assert series(read_tiny(tmp_path, text, table), "a") == {"2020-01-01": 9.0}
