"""How the specimens of an area may be pooled in a round: single, tubes, arrays, or tubes by known risk.

The schemes and their sources are those of ``logistics.pooling``; here they become tests, yuan and cases found
for each area, so that the planner can choose one for each.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fangxian.logistics.pooling.assay import Assay
from fangxian.logistics.pooling.designs import PoolOutcome, dorfman, square_array
from fangxian.logistics.testing_round.problem import TestingRoundProblem

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

TUBES, ARRAY, BY_RISK = "tubes", "array", "by-risk"
_UPPER_NORMAL = 1.645
"""Room for single tests is planned for prevalence up to its 95 % quantile."""


class Part(NamedTuple):
    """People of an area who are pooled in one way: all of it, or a group of one risk.

    Attributes
    ----------
    name : str
        Of the group; empty for the rest, and for a whole area.
    people : float
    prevalence : float
    kind : str
        ``TUBES`` or ``ARRAY``.
    size : int
        Specimens in a tube, or the side of an array.
    """

    name: str
    people: float
    prevalence: float
    kind: str
    size: int


@dataclass(frozen=True)
class SchemeChoice:
    """What each scheme does in each area; K schemes.

    Parameters
    ----------
    kind : tuple of str
        ``TUBES``, ``ARRAY`` or ``BY_RISK``; tubes come first, by size.
    sizes : int64[K]
        Specimens in a tube, or the side of an array; 0 for tubes by risk.
    allowed : bool[A, K]
        Whether enough cases are found with it.
    tubes, retests, most_retests : float[A, K]
        Tests of the first round, expected single tests, and those at the 95 % quantile of prevalence, when
        all people of the area use that scheme.
    material : float[A, K]
        Yuan for tubes and swabs.
    found : float[A, K]
        Share of cases found.
    groups : dict of tuple of Part
        For each area with groups of known risk: how each is pooled where they are told apart.
    """

    kind: tuple[str, ...]
    sizes: Integers
    allowed: NDArray[np.bool_]
    tubes: Floats
    retests: Floats
    most_retests: Floats
    material: Floats
    found: Floats
    groups: dict[int, tuple[Part, ...]]

    def parts(self, problem: TestingRoundProblem, area: int, scheme: int) -> tuple[Part, ...]:
        """Return how the people of an area are pooled under a scheme."""
        if self.kind[scheme] == BY_RISK:
            return self.groups[area]
        people, prevalence = float(problem.people[area]), float(problem.prevalence[area])
        return (Part("", people, prevalence, self.kind[scheme], int(self.sizes[scheme])),)


def array_assay(problem: TestingRoundProblem) -> Assay:
    """Return the test as it sees rows and columns that were mixed in the laboratory."""
    mixed = max(problem.assay.dilution_exponent, problem.rules.array_dilution_exponent)
    return replace(problem.assay, dilution_exponent=mixed)


def outcome_of(problem: TestingRoundProblem, kind: str, size: int, prevalence: Floats) -> PoolOutcome:
    """Return what tubes or arrays of a size do at each prevalence."""
    if kind == ARRAY:
        return square_array(prevalence, size, array_assay(problem))
    return dorfman(prevalence, size, problem.assay)


def scheme_choices(problem: TestingRoundProblem) -> SchemeChoice:
    """Return tests, yuan and cases found by area and scheme; the smallest tube is allowed everywhere."""
    rules, people = problem.rules, problem.people.astype(np.float64)
    plain = [(TUBES, size) for size in sorted(set(rules.pool_sizes))]
    plain += [(ARRAY, side) for side in sorted(set(rules.array_sides))]
    columns = [_column(problem, kind, size, (people, problem.prevalence)) for kind, size in plain]
    groups = _groups(problem)
    if groups:
        columns.append(_by_risk(problem, groups))
        plain.append((BY_RISK, 0))
    table = {name: np.stack([getattr(each, name) for each in columns], axis=1) for name in _Column._fields}
    single = dorfman(problem.prevalence, 1, problem.assay).found[:, None]
    allowed = table["found"] >= rules.least_found * single - 1e-12
    allowed[:, 0] = True
    if groups:
        allowed[:, -1] = False
        allowed[list(groups), -1] = True
    kinds, sizes = tuple(kind for kind, _ in plain), np.array([size for _, size in plain], np.int64)
    return SchemeChoice(kinds, sizes, allowed, **table, groups=groups)


class _Column(NamedTuple):
    tubes: Floats
    retests: Floats
    most_retests: Floats
    material: Floats
    found: Floats


def _column(problem: TestingRoundProblem, kind: str, size: int, who: tuple[Floats, Floats]) -> _Column:
    """Return what a scheme does to so many people at such prevalence."""
    people, prevalence = who
    rules = problem.rules
    upper = np.minimum(0.99, prevalence * np.exp(_UPPER_NORMAL * rules.prevalence_log_sd))
    outcome, worse = (outcome_of(problem, kind, size, each) for each in (prevalence, upper))
    tubes, retests = people * outcome.first_tests, people * outcome.retests
    # Tubes are swabbed again when they are positive; the specimens of an array are kept.
    material = people * rules.own_tube_cost if kind == ARRAY else (tubes + retests) * rules.tube_cost
    return _Column(tubes, retests, people * worse.retests, material, outcome.found)


def _groups(problem: TestingRoundProblem) -> dict[int, tuple[Part, ...]]:
    """Return each area's groups, each in the tubes that need fewest tests and find enough."""
    found: dict[int, tuple[Part, ...]] = {}
    for area in np.unique(problem.group_area).tolist():
        mine = np.flatnonzero(problem.group_area == area)
        names = [problem.group_code[group] for group in mine]
        people = problem.group_people[mine].astype(np.float64)
        prevalence = problem.group_prevalence[mine]
        rest = float(problem.people[area]) - float(people.sum())
        cases = float(problem.people[area] * problem.prevalence[area] - people @ prevalence)
        if rest > 0:
            names.append("")
            people = np.append(people, rest)
            prevalence = np.append(prevalence, max(0.0, cases) / rest)
        found[area] = tuple(
            Part(name, float(count), float(share), TUBES, _best_tube(problem, float(share)))
            for name, count, share in zip(names, people, prevalence, strict=True)
        )
    return found


def _best_tube(problem: TestingRoundProblem, prevalence: float) -> int:
    sizes = sorted(set(problem.rules.pool_sizes))
    share = np.array([prevalence])
    outcomes = [dorfman(share, size, problem.assay) for size in sizes]
    floor = problem.rules.least_found * float(dorfman(share, 1, problem.assay).found[0])
    good = [k for k, each in enumerate(outcomes) if each.found[0] >= floor - 1e-12] or [0]
    return sizes[min(good, key=lambda k: float(outcomes[k].tests[0]))]


def _by_risk(problem: TestingRoundProblem, groups: dict[int, tuple[Part, ...]]) -> _Column:
    """Return what tubes by risk do; the areas without groups get zeros and are not allowed it."""
    table = _Column(*(np.zeros(len(problem.area_code)) for _ in _Column._fields))
    for area, parts in groups.items():
        cases = 0.0
        for part in parts:
            who = np.array([part.people]), np.array([part.prevalence])
            each = _column(problem, part.kind, part.size, who)
            for name in ("tubes", "retests", "most_retests", "material"):
                getattr(table, name)[area] += getattr(each, name)[0]
            table.found[area] += part.people * part.prevalence * each.found[0]
            cases += part.people * part.prevalence
        table.found[area] = table.found[area] / cases if cases > 0 else 1.0
    return table
