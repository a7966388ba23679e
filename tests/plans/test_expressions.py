"""Rules are parsed, never run; the column evaluator equals a slow scalar reading, absent values included."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fangxian.base.errors import InvalidInput
from fangxian.plans.expressions import MAXIMUM_LENGTH, compile_rule

FIELDS = ("deaths", "in_hospital", "tests")
KEYS = (*FIELDS, "previous(deaths)", "hospital_daily.deaths")
COMPARE = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}

# A rule is drawn as a tree; `written` gives its text, `decided` its slow reading with None for "not decided".
numbers = st.one_of(
    st.sampled_from(KEYS).map(lambda key: ("name", key)),
    st.integers(0, 50).map(lambda value: ("constant", value)),
)
sums = st.recursive(
    numbers,
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(["+", "-", "*", "/"]), inner, inner),
        st.tuples(st.just("negative"), inner),
        st.tuples(st.just("abs"), inner),
        st.tuples(st.sampled_from(["min", "max"]), inner, inner),
    ),
    max_leaves=6,
)
comparisons = st.tuples(
    st.just("chain"),
    sums,
    st.lists(st.tuples(st.sampled_from(sorted(COMPARE)), sums), min_size=1, max_size=2),
)
rules = st.recursive(
    comparisons,
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(["and", "or"]), inner, inner), st.tuples(st.just("not"), inner)
    ),
    max_leaves=4,
)
values = st.dictionaries(st.sampled_from(KEYS), st.one_of(st.none(), st.integers(0, 100)))


def written(tree: tuple) -> str:
    """Return the text of a tree."""
    match tree:
        case ("name", key):
            return key
        case ("constant", value):
            return str(value)
        case ("negative", inner):
            return f"(-{written(inner)})"
        case ("not", inner):
            return f"(not {written(inner)})"
        case ("chain", first, rest):
            return "(" + written(first) + "".join(f" {sign} {written(part)}" for sign, part in rest) + ")"
        case ("abs", inner):
            return f"abs({written(inner)})"
        case (("min" | "max") as name, left, right):
            return f"{name}({written(left)}, {written(right)})"
        case (operator, left, right):
            return f"({written(left)} {operator} {written(right)})"
    raise AssertionError(tree)


def decided(tree: tuple, said: Mapping[str, float | None]) -> float | bool | None:
    """Read a tree one number at a time; None spreads from every absent or undefined value."""
    kind, *parts = tree
    if kind == "name":
        return said.get(parts[0])
    if kind == "constant":
        return float(parts[0])
    if kind == "chain":
        operands = [decided(parts[0], said), *(decided(part, said) for _, part in parts[1])]
        if None in operands:
            return None
        signs = [sign for sign, _ in parts[1]]
        return all(COMPARE[sign](operands[at], operands[at + 1]) for at, sign in enumerate(signs))
    inner = [decided(part, said) for part in parts]
    if None in inner or (kind == "/" and inner[1] == 0):
        return None
    return {
        "negative": lambda a: -a,
        "abs": abs,
        "not": lambda a: not a,
        "and": lambda a, b: a and b,
        "or": lambda a, b: a or b,
        "min": min,
        "max": max,
        "+": lambda a, b: a + b,
        "-": lambda a, b: a - b,
        "*": lambda a, b: a * b,
        "/": lambda a, b: a / b,
    }[kind](*inner)


def has_name(tree: object) -> bool:
    """Say whether a tree uses a field at all."""
    if isinstance(tree, tuple | list):
        return tree[:1] == ("name",) or any(has_name(part) for part in tree)
    return False


@given(rules, st.lists(values, min_size=1, max_size=5))
def test_many_reports_at_once_equal_one_at_a_time(tree, reports):
    """The column evaluator and the scalar oracle agree on every rule, report and absent value."""
    text = written(tree)
    if not has_name(tree) or len(text) > MAXIMUM_LENGTH:
        return
    columns = {
        key: np.array([math.nan if one.get(key) is None else one[key] for one in reports], dtype=float)
        for key in KEYS
    }
    result = np.broadcast_to(compile_rule(text).evaluate(columns), len(reports))
    expected = [decided(tree, one) for one in reports]
    assert [None if math.isnan(one) else bool(one) for one in result] == expected


@given(rules)
def test_a_rule_over_nothing_is_never_broken(tree):
    """With every value absent no rule fails, whatever it says."""
    text = written(tree)
    if has_name(tree) and len(text) <= MAXIMUM_LENGTH:
        assert not np.any(compile_rule(text).evaluate({}) == 0.0)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_with_a_column(text):
    """No text raises anything but the error meant for people."""
    try:
        compile_rule(text)
    except InvalidInput as error:
        assert error.fields["column"] >= 1


def test_names_are_told_apart_from_those_of_the_day_before():
    """Whoever evaluates knows which columns to fetch."""
    rule = compile_rule("deaths <= previous(in_hospital) + hospital_daily.admissions")
    assert rule.names == {(None, "deaths"), ("hospital_daily", "admissions")}
    assert rule.previous_names == {(None, "in_hospital")}
    assert rule.keys == {"deaths", "previous(in_hospital)", "hospital_daily.admissions"}


def test_undefined_arithmetic_is_not_decided():
    """A division by zero and an overflow are neither kept nor broken."""
    rule = compile_rule("positive / tests < 1 and tests * tests > 0 - 1")
    result = rule.evaluate({"positive": np.array([1.0, 0.0, 1.0]), "tests": np.array([0.0, 0.0, 1e200])})
    assert np.isnan(result).all()


REFUSED = {
    "10**10 > deaths": ("This operator is not available", 1),
    "__import__ > 1 or a(1)": ("A comparison is expected here", 19),
    "deaths.__class__.x > 1": ("not the name of a field", 1),
    "deaths if tests else tests": ("A comparison is expected", 1),
    "deaths": ("A comparison is expected", 1),
    "(deaths > 1) + 1 > 2": ("A number, a field or a sum is expected", 2),
    "deaths > True": ("This number cannot be used", 10),
    "deaths > 1e999": ("This number cannot be used", 10),
    "deaths is tests": ("This comparison is not available", 1),
    "deaths ≤ tests": ("The character '≤' cannot be used in a rule", 8),
    "deaths > 'x'": ('The character "\'" cannot be used in a rule', 10),
    "deaths[0] > 1": ("The character '[' cannot be used in a rule", 7),
    "deaths > 1or tests > 1": ("A number runs into a word: '1o'", 10),
    "previous(deaths + 1) > 1": ("previous takes the name of one field", 10),
    "min(deaths) > 1": ("min takes two values or more", 1),
    "eval(deaths) > 1": ("There is no such function", 1),
    "1 < 2": ("The rule names no field", 1),
    "deaths <": ("The rule cannot be read", 9),
    "-" * 450 + "a > 1": ("The rule is nested too deeply", 41),
    "a > 1" + " " * 500: ("The rule has 505 characters", 501),
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_rule_is_refused_at_its_column(text):
    """Powers, calls, attributes, strings and full-width signs never reach the evaluator."""
    message, column = REFUSED[text]
    with pytest.raises(InvalidInput) as caught:
        compile_rule(text)
    assert message in caught.value.message["en"]
    assert (caught.value.fields["column"], caught.value.remedy["zh"] != "") == (column, True)
