"""A cell is taken for exactly what it says, or refused with a reason; nothing is guessed."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fangxian.base.errors import Finding
from fangxian.ground.exchange.rules import plain_text, read_day, read_number


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("12", 12),
        ("12.0", 12),
        ("１２３", 123),
        ("１，２３４", 1234),
        ("1,234,567", 1234567),
        (" 12　", 12),
        ("12例", 12),
        ("12 人", 12),
        ("-3", -3),
        ("0", 0),
        ("2.5", 2.5),
        ("1000000000000", 10**12),
    ],
)
def test_numbers_as_people_type_them(typed: str, number: float) -> None:
    """Full-width digits, thousands separators, blanks and measure words do not change a number."""
    assert read_number(typed) == number


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("无", "value-not-declared-missing"),
        ("—", "value-not-declared-missing"),
        ("/", "value-not-declared-missing"),
        ("N/A", "value-not-declared-missing"),
        ("#DIV/0!", "value-error-cell"),
        ("TRUE", "value-boolean"),
        ("1E+12", "value-scientific"),
        ("2023-01-05", "value-is-a-date"),
        ("12,5", "value-not-a-number"),
        ("12,34", "value-not-a-number"),
        ("约12", "value-not-a-number"),
        ("十二", "value-not-a-number"),
        ("5²", "value-not-a-number"),
        ("①", "value-not-a-number"),
        ("٣", "value-not-a-number"),
        ("12%", "value-not-a-number"),
        ("0x10", "value-not-a-number"),
        ("1_000", "value-not-a-number"),
        ("inf", "value-not-a-number"),
        ("=1+1", "value-not-a-number"),
    ],
)
def test_what_is_not_a_number_is_refused_with_its_reason(typed: str, code: str) -> None:
    """No text becomes a number by guessing."""
    found = read_number(typed)
    assert isinstance(found, Finding)
    assert found.code == code
    assert found.value == typed
    assert found.remedy["zh"]
    assert found.remedy["en"]


def test_blank_is_absent_and_a_marker_counts_only_when_declared() -> None:
    """A blank cell was not reported; a dash is refused unless the file is known to use it for that."""
    assert read_number("") is None
    assert read_number("　") is None
    assert read_number("—", missing=("—",)) is None
    assert isinstance(read_number("—"), Finding)
    assert read_number("0", missing=("—",)) == 0


@pytest.mark.parametrize(
    "typed",
    [
        "2023-01-05",
        "2023-1-5",
        "2023/1/5",
        "2023.1.5",
        "2023年1月5日",
        "２０２３年０１月０５日",
        "2023年1月5号",
        "20230105",
        "2023-01-05 00:00:00",
        "2023-01-05T08:30:00+08:00",
        "44931",
        "44931.0",
    ],
)
def test_days_in_many_forms(typed: str) -> None:
    """Each unambiguous way of writing 5 January 2023 is that day, spreadsheet serials included."""
    assert read_day(typed) == date(2023, 1, 5)


@pytest.mark.parametrize(
    "typed",
    ["5/1/2023", "01-05-2023", "1月5日", "23-1-5", "2023-02-30", "2023-1/5", "昨天", "12", "", "99999"],
)
def test_an_ambiguous_day_is_refused(typed: str) -> None:
    """A day that can be read in two ways, or that does not exist, is never taken."""
    found = read_day(typed)
    assert isinstance(found, Finding)
    assert found.code == "day-unreadable"
    assert "2023-01-05" in found.remedy["en"]


@given(st.text(max_size=30))
def test_any_text_gets_an_answer(typed: str) -> None:
    """No text breaks the reading of a cell, and what is taken is what its plain text says."""
    number, day = read_number(typed), read_day(typed)
    assert number is None or isinstance(number, int | float | Finding)
    assert isinstance(day, date | Finding)
    if number is None:
        assert plain_text(typed) == ""


@given(st.integers(-(10**15), 10**15))
def test_every_whole_number_survives(number: int) -> None:
    """A whole number comes back as itself with and without thousands separators and in full width."""
    full_width = str(number).translate({ord("0") + digit: 0xFF10 + digit for digit in range(10)})
    assert read_number(str(number)) == read_number(f"{number:,}") == read_number(full_width) == number
