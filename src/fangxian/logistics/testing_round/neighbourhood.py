"""A good plan of a round in seconds: moves between neighbouring plans, hot at first and cooling.

Kirkpatrick S, Gelatt CD, Vecchi MP. Optimization by simulated annealing. Science 1983.
DOI 10.1126/science.220.4598.671.
"""

from __future__ import annotations

import time
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fangxian.logistics.testing_round.ground import Assignment, Ground
from fangxian.logistics.testing_round.moves import State, broken, place_all, search, settle

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_BATCH = 20_000
_FEWEST_MOVES, _MOST_MOVES, _MORE_MOVES = 4000, 20_000, 65
"""Moves for each area until it is cold: the more areas, the more, between two limits."""
_MENDING_PER_AREA = 200
"""Moves after which the first plan is no longer mended."""
_HOTTEST, _WARM, _COLDEST = 0.4, 0.1, 0.002
"""Heat as a share of what an area costs."""
_TUBE_CHARGE, _STAFF_CHARGE = 200.0, 3000.0
_DEARER, _STRICT = 1.2, 0.6
"""Broken limits are charged for more by this, a batch, in the first plan and after this part of the time."""
_DEAREST = 1000 * _TUBE_CHARGE
_NOTHING = 1e-6


class Searched(NamedTuple):
    """What a search found.

    Attributes
    ----------
    found : Assignment
        The cheapest plan that keeps all limits, or, where none was met, one that breaks little.
    legal : bool
        Whether it keeps all limits.
    """

    found: Assignment
    legal: bool


def search_round(
    ground: Ground, *, seconds: float, seed: int = 1, start: Assignment | None = None
) -> Searched:
    """Search for a plan that keeps all limits.

    Parameters
    ----------
    ground : Ground
    seconds : float
        The search stops after that time, or when it has cooled.
    seed : int
        The same seed and enough time find the same plan.
    start : Assignment, optional
        A plan to begin from, which may break limits: then the search is not hot at first.

    Returns
    -------
    Searched

    Notes
    -----
    A first plan sends every area to where it costs least and is mended, cold, until it keeps all limits; from
    there the search is hot and cools. Where time is short it cools faster, so that it is cold at the end.
    """
    until = time.monotonic() + seconds
    state = nowhere(ground)
    nobody, hottest = float(state.totals[1]), _HOTTEST
    if start is None:
        cost = nobody + place_all(ground, state)
    else:
        hottest = _WARM
        state.scheme[:], state.lab[:] = start.scheme, start.lab
        cost = nobody + settle(ground, state, start.walk)
    areas = int(np.count_nonzero(np.diff(ground.first_walk)))
    each = max(1.0, (cost - float(state.totals[1])) / max(1, areas))
    kept = Assignment(state.walk.copy(), state.scheme.copy(), state.lab.copy())
    run = np.array([cost, cost if state.totals[1] < _NOTHING else np.inf, 0.0, 0.0])
    numbers = np.random.default_rng(seed)

    def batch(hot: float, cold: float) -> None:
        run[2:] = each * hot, each * cold
        search(ground, state, kept, numbers.random((_BATCH, 4)), run)

    for _ in range(1 + _MENDING_PER_AREA * areas // _BATCH):
        if np.isfinite(run[1]) or time.monotonic() > until:
            break
        batch(_COLDEST, _COLDEST)
        run[0] += charge_more(ground, state, _DEARER)
    run[0] += charge_more(ground, state, _TUBE_CHARGE / float(state.charge[0]))
    moves = min(_MOST_MOVES, max(_FEWEST_MOVES, _MORE_MOVES * areas))
    batches = max(1, moves * areas // _BATCH)
    cooling = (_COLDEST / hottest) ** (1 / batches)
    began, turn = time.monotonic(), 0.0
    while turn < batches and time.monotonic() < until:
        heat = hottest * cooling**turn
        batch(heat, heat * cooling)
        if turn > _STRICT * batches and state.totals[1] > _NOTHING and state.charge[0] < _DEAREST:
            run[0] += charge_more(ground, state, _DEARER)
        turn = max(turn + 1.0, (time.monotonic() - began) / (until - began) * batches)
    if np.isfinite(run[1]):
        return Searched(kept, legal=True)
    return Searched(Assignment(state.walk, state.scheme, state.lab), legal=False)


def charge_more(ground: Ground, state: State, times: float) -> float:
    """Charge so many times as much for broken limits of laboratories and staff; return the change of cost."""
    before = float(state.totals[1])
    state.charge[:2] *= times
    out = ground.people[state.walk < 0].sum() * state.charge[2]
    tubes = sum(broken(ground, state, lab) for lab in range(ground.room.shape[0])) * state.charge[0]
    staff = max(0.0, float(state.totals[0]) - ground.staff) * state.charge[1]
    state.totals[1] = out + tubes + staff
    return float(state.totals[1]) - before


def nowhere(ground: Ground) -> State:
    """Return the plan in which nobody goes anywhere: each scheme and laboratory the cheapest by itself."""
    areas, (sites, labs) = ground.people.shape[0], ground.trips.shape
    yuan = ground.tests[:, :, 2] * ground.test_cost.mean() + ground.material
    charge = np.array([_TUBE_CHARGE, _STAFF_CHARGE, 10 * _dearest_person(ground)])
    nobody = np.zeros(sites, np.int64)
    return State(
        np.full(areas, -1, np.int64),
        np.where(ground.allowed, yuan, np.inf).argmin(axis=1),
        ground.near_lab[:, 0].copy(),
        nobody,
        nobody.copy(),
        np.zeros((sites, 2)),
        np.zeros((labs, ground.room.shape[1])),
        np.zeros(labs),
        np.array([0.0, float(charge[2] * ground.people.sum())]),
        charge,
    )


def _dearest_person(ground: Ground) -> float:
    """Return more than swabbing and testing one person can cost beside lanes and sites."""
    tests = ground.tests[:, :, 2].max(axis=1) * ground.test_cost.max() + ground.material.max(axis=1)
    site = float(ground.opening.max()) + ground.lane_cost
    people = np.maximum(1, ground.people)
    return float((tests / people).max() + site / int(people.min()))
