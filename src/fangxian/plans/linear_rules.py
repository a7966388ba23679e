"""Whether a comparison of sums can hold when nobody is counted twice: counts of people end at the population.

Interval arithmetic takes every name by itself, so that ``in_hospital > population`` looks possible. Here both
sides are written as one sum, *constant + Σ factor × name*, whose largest value is known.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

Interval = tuple[float, float]
Sum = Mapping[str, float]
"""Factor of each name; the constant stands under the empty name."""
CONSTANT = ""


@dataclass(frozen=True)
class Counted:
    """What is known of the names of a rule.

    Parameters
    ----------
    bounds : Mapping of str to Interval
        Smallest and largest value of each name.
    people : frozenset of str
        Names that count people of the place, each at most once.
    population : str
        Name of the number of people of the place.
    """

    bounds: Mapping[str, Interval]
    people: frozenset[str]
    population: str

    def largest(self, total: Sum) -> float:
        """Return the least upper bound of a sum."""
        with_population = total.get(self.population, 0.0)
        rest = total.get(CONSTANT, 0.0)
        for name, factor in total.items():
            if name in (CONSTANT, self.population) or factor == 0.0:
                continue
            plain = name.removeprefix("previous(").removesuffix(")")
            low, high = self.bounds.get(name, self.bounds.get(plain, (-math.inf, math.inf)))
            if factor > 0.0 and plain in self.people and math.isinf(high):
                with_population += factor
            else:
                rest += factor * (high if factor > 0.0 else low)
        fewest, most = self.bounds.get(self.population, (1.0, math.inf))
        people = most if with_population > 0.0 else fewest
        return rest + (with_population * people if with_population else 0.0)


def compared(
    left: ast.expr, operator: ast.cmpop, right: ast.expr, known: Counted, key_of: Callable[[ast.expr], str]
) -> tuple[bool, bool]:
    """Return whether a comparison can be true and whether it can be false; both where its sides are no sums.

    Parameters
    ----------
    left, right : ast.expr
        The two sides.
    operator : ast.cmpop
        Between them.
    known : Counted
        What is known of the names.
    key_of : callable
        Name of a node; empty for a node that is no name.

    Returns
    -------
    tuple of bool and bool
        False only if no values make it so.
    """
    sides = _sum_of(left, key_of), _sum_of(right, key_of)
    if sides[0] is None or sides[1] is None:
        return True, True
    more = known.largest(_less(sides[0], sides[1]))
    less = known.largest(_less(sides[1], sides[0]))
    if isinstance(operator, ast.Gt | ast.LtE):
        above = (more > 0.0, less >= 0.0)
        return above if isinstance(operator, ast.Gt) else above[::-1]
    if isinstance(operator, ast.Lt | ast.GtE):
        below = (less > 0.0, more >= 0.0)
        return below if isinstance(operator, ast.Lt) else below[::-1]
    meet, differ = more >= 0.0 and less >= 0.0, more > 0.0 or less > 0.0
    return (meet, differ) if isinstance(operator, ast.Eq) else (differ, meet)


def _sum_of(node: ast.expr, key_of: Callable[[ast.expr], str]) -> Sum | None:
    """Return a node as a sum of names, or None if it is none."""
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return {CONSTANT: float(node.value)}
    name = key_of(node)
    if name:
        return {name: 1.0}
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        inner = _sum_of(node.operand, key_of)
        return None if inner is None else _times(inner, -1.0 if isinstance(node.op, ast.USub) else 1.0)
    if not isinstance(node, ast.BinOp):
        return None
    left, right = _sum_of(node.left, key_of), _sum_of(node.right, key_of)
    if left is None or right is None:
        return None
    if isinstance(node.op, ast.Add):
        return _less(left, _times(right, -1.0))
    if isinstance(node.op, ast.Sub):
        return _less(left, right)
    if isinstance(node.op, ast.Div):
        divisor = _alone(right)
        return _times(left, 1.0 / divisor) if divisor else None
    factor = _alone(left)
    if factor is not None:
        return _times(right, factor)
    factor = _alone(right)
    return None if factor is None else _times(left, factor)


def _alone(total: Sum) -> float | None:
    """Return the constant of a sum without names, else None."""
    return total[CONSTANT] if set(total) == {CONSTANT} else None


def _times(total: Sum, factor: float) -> Sum:
    return {name: value * factor for name, value in total.items()}


def _less(left: Sum, right: Sum) -> Sum:
    return {name: left.get(name, 0.0) - right.get(name, 0.0) for name in {*left, *right}}
