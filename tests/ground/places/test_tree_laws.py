"""The numbering of any tree agrees with walking its parents one by one, and dated amounts never overlap."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from fangxian.ground.places.rules.capacities import spans
from fangxian.ground.places.rules.tree import nested_intervals
from fangxian.ground.places.rules.wording import WORDING


@st.composite
def trees(draw: st.DrawFn) -> dict[str, str | None]:
    count = draw(st.integers(0, 25))
    parents: dict[str, str | None] = {}
    for step in range(count):
        above = draw(st.none() | st.sampled_from(sorted(parents))) if parents else None
        parents[f"{draw(st.integers(0, 9))}-{step}"] = above
    return parents


def walks_up_to(parents: dict[str, str | None], code: str, ancestor: str) -> bool:
    here: str | None = code
    while here is not None:
        if here == ancestor:
            return True
        here = parents[here]
    return False


@given(trees())
def test_a_subtree_is_one_range(parents: dict[str, str | None]) -> None:
    intervals = nested_intervals(parents)
    assert sorted(left for left, _ in intervals.values()) == list(range(1, len(parents) + 1))
    for code in parents:
        for ancestor in parents:
            left, right = intervals[ancestor]
            assert (left <= intervals[code][0] <= right) == walks_up_to(parents, code, ancestor)


@given(trees())
def test_numbering_does_not_depend_on_the_order_of_rows(parents: dict[str, str | None]) -> None:
    assert nested_intervals(dict(reversed(parents.items()))) == nested_intervals(parents)


def test_a_circle_is_left_out() -> None:
    assert nested_intervals({"A": "B", "B": "A", "C": None}) == {"C": (1, 1)}


@given(st.lists(st.integers(0, 60), min_size=1))
def test_one_amount_holds_on_any_day_after_the_first(offsets: list[int]) -> None:
    first = date(2022, 1, 1)
    held = spans(first + timedelta(days=offset) for offset in offsets)
    for day in (first + timedelta(days=step) for step in range(62)):
        current = [start for start, end in held.items() if start <= day and (end is None or day < end)]
        assert len(current) == (1 if day >= min(held) else 0)


def test_every_finding_is_worded_in_both_languages() -> None:
    for code, (zh, en, remedy_zh, remedy_en) in WORDING.items():
        assert all((zh, en, remedy_zh, remedy_en)), code
        assert any("一" <= character <= "鿿" for character in zh + remedy_zh), code
