"""Whether a rule can ever hold: interval arithmetic over what its names can be, and sums of people.

A trigger that nothing can fire is a mistake that no reader sees. The answer errs on one side only: what is
called impossible is impossible, but a rule that is called possible may still never hold.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping

from fangxian.plans.expressions import compile_rule, value_key
from fangxian.plans.linear_rules import Counted, Interval, compared
from fangxian.plans.schema import Aggregation, Indicator, Plan

EVERYTHING: Interval = (-math.inf, math.inf)
FROM_ZERO: Interval = (0.0, math.inf)
POPULATION = "population"
"""Name of the number of people of a place in a trigger."""


def trigger_bounds(plan: Plan) -> dict[str, Interval]:
    """Return what each name of a trigger can be: indicators of the plan by id, and ``population``."""
    bounds = {indicator.id: _bounds_of(plan, indicator) for indicator in plan.indicators}
    return {**bounds, POPULATION: (1.0, math.inf)}


def counts_of_people(plan: Plan) -> frozenset[str]:
    """Return the indicators that count people of a place, each at most once: none exceeds its population."""
    return frozenset(
        indicator.id
        for indicator in plan.indicators
        if indicator.unit == "person" and indicator.numerator is None
    )


def _bounds_of(plan: Plan, indicator: Indicator) -> Interval:
    if indicator.numerator is not None or indicator.unit == "share":
        return (0.0, 1.0) if indicator.unit == "share" else FROM_ZERO
    low, high = math.inf, -math.inf
    for source in indicator.sources:
        form_id, _, field_id = source.partition(".")
        for form in plan.forms:
            for field in form.fields:
                if (form.id, field.id) == (form_id, field_id):
                    bounded = field.aggregation in (Aggregation.MAX, Aggregation.MEAN)
                    low = min(low, field.minimum)
                    high = max(high, field.maximum if bounded and field.maximum is not None else math.inf)
    return (low, high) if low <= high else FROM_ZERO


def can_hold(rule: str, bounds: Mapping[str, Interval], people: frozenset[str] = frozenset()) -> bool:
    """Return whether a rule can hold for some values within bounds.

    Parameters
    ----------
    rule : str
        A rule that `compile_rule` accepts.
    bounds : Mapping[str, Interval]
        Smallest and largest value of each name; a name that is not listed can be anything.
    people : frozenset of str
        Names of which none can exceed the population (`counts_of_people`).

    Returns
    -------
    bool
        False only if no value of the names makes it hold.

    Raises
    ------
    InvalidInput
        If the rule cannot be read.
    """
    compile_rule(rule)
    body = ast.parse(" ".join(rule.split()), mode="eval").body
    return _truth(body, dict(bounds), people)[0]


def _truth(node: ast.expr, bounds: dict[str, Interval], people: frozenset[str]) -> tuple[bool, bool]:
    """Return whether a node can be true and whether it can be false."""
    if isinstance(node, ast.BoolOp):
        if isinstance(node.op, ast.And):
            narrowed = _narrowed(node.values, bounds)
            if narrowed is None:
                return False, True
            parts = [_truth(part, narrowed, people) for part in node.values]
            apart = [_truth(part, bounds, people) for part in node.values]
            return all(part[0] for part in parts), any(part[1] for part in apart)
        parts = [_truth(part, bounds, people) for part in node.values]
        return any(part[0] for part in parts), all(part[1] for part in parts)
    if isinstance(node, ast.UnaryOp):
        true, false = _truth(node.operand, bounds, people)
        return false, true
    if isinstance(node, ast.Compare):
        operands = [node.left, *node.comparators]
        known = Counted(bounds, people, POPULATION)
        links = [
            _link(left, operator, right, known)
            for left, operator, right in zip(operands, node.ops, operands[1:], strict=False)
        ]
        return all(link[0] for link in links), any(link[1] for link in links)
    return True, True


def _link(left: ast.expr, operator: ast.cmpop, right: ast.expr, known: Counted) -> tuple[bool, bool]:
    """Return whether one comparison can be true and whether it can be false, by intervals and by sums."""
    apart = _compared(_number(left, known.bounds), operator, _number(right, known.bounds))
    together = compared(left, operator, right, known, lambda node: _key(node) or "")
    return apart[0] and together[0], apart[1] and together[1]


def _narrowed(parts: list[ast.expr], bounds: dict[str, Interval]) -> dict[str, Interval] | None:
    """Return the bounds that simple comparisons of a conjunction leave; None if they exclude each other."""
    left_over = dict(bounds)
    for part in parts:
        if not isinstance(part, ast.Compare) or len(part.ops) != 1:
            continue
        for named, other, mirrored in (
            (part.left, part.comparators[0], False),
            (part.comparators[0], part.left, True),
        ):
            key = _key(named)
            fixed = _number(other, {}) if key is not None else EVERYTHING
            if key is None or fixed[0] != fixed[1]:
                continue
            low, high = left_over.get(key, EVERYTHING)
            upper = isinstance(part.ops[0], ast.Lt | ast.LtE) is not mirrored
            if isinstance(part.ops[0], ast.Eq):
                low, high = max(low, fixed[0]), min(high, fixed[0])
            elif isinstance(part.ops[0], ast.NotEq):
                continue
            elif upper:
                high = min(high, fixed[0])
            else:
                low = max(low, fixed[0])
            if low > high:
                return None
            left_over[key] = (low, high)
    return left_over


def _key(node: ast.expr) -> str | None:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "previous":
        inner = node.args[0]
        return value_key((None, inner.id), previous=True) if isinstance(inner, ast.Name) else None
    return None


def _compared(left: Interval, operator: ast.cmpop, right: Interval) -> tuple[bool, bool]:
    if isinstance(operator, ast.Gt | ast.GtE):
        return _compared(right, ast.Lt() if isinstance(operator, ast.Gt) else ast.LtE(), left)
    if isinstance(operator, ast.Lt):
        return left[0] < right[1], left[1] >= right[0]
    if isinstance(operator, ast.LtE):
        return left[0] <= right[1], left[1] > right[0]
    meet = left[0] <= right[1] and right[0] <= left[1]
    same = left[0] == left[1] == right[0] == right[1]
    return (meet, not same) if isinstance(operator, ast.Eq) else (not same, meet)


def _number(node: ast.expr, bounds: Mapping[str, Interval]) -> Interval:
    if isinstance(node, ast.Constant):
        value = float(node.value) if isinstance(node.value, int | float) else math.nan
        return value, value
    key = _key(node)
    if key is not None:
        plain = key.removeprefix("previous(").removesuffix(")")
        return bounds.get(key, bounds.get(plain, EVERYTHING))
    if isinstance(node, ast.UnaryOp):
        low, high = _number(node.operand, bounds)
        return (-high, -low) if isinstance(node.op, ast.USub) else (low, high)
    if isinstance(node, ast.BinOp):
        return _arithmetic(_number(node.left, bounds), node.op, _number(node.right, bounds))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return _called(node.func.id, [_number(part, bounds) for part in node.args])
    return EVERYTHING


def _called(name: str, parts: list[Interval]) -> Interval:
    if name == "abs":
        low, high = parts[0]
        inside = low <= 0 <= high
        return 0.0 if inside else min(abs(low), abs(high)), max(abs(low), abs(high))
    choose = min if name == "min" else max
    return choose(part[0] for part in parts), choose(part[1] for part in parts)


def _arithmetic(left: Interval, operator: ast.operator, right: Interval) -> Interval:
    if isinstance(operator, ast.Add):
        return left[0] + right[0], left[1] + right[1]
    if isinstance(operator, ast.Sub):
        return left[0] - right[1], left[1] - right[0]
    if isinstance(operator, ast.Div):
        if right[0] < 0 <= right[1] or right == (0.0, 0.0):
            return EVERYTHING
        if right[0] == 0:
            return (0.0 if left[0] >= 0 else -math.inf), (0.0 if left[1] <= 0 else math.inf)
        right = (1 / right[1], 1 / right[0])
    ends = [_product(one, other) for one in left for other in right]
    return min(ends), max(ends)


def _product(one: float, other: float) -> float:
    return 0.0 if one == 0 or other == 0 else one * other
