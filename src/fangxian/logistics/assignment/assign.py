"""Place a morning's patients: severe waiting first, then risk of getting worse, then distance; each proven.

Each aim is a transportation problem between groups of equal patients and groups of equal beds. Its prices say
which pairs and which beds every best plan uses; the next aim is sought among those only. So the three aims
are met in strict order, and each is proven by its own prices. Where the time ends between two aims, the plan
of the last one stands, and the others are given what no plan can be below.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from fangxian.logistics.allocation.transport import TransportProblem, solve_transport
from fangxian.logistics.assignment.problem import (
    NOWHERE,
    BedProblem,
    Flags,
    Floats,
    Integers,
    Patients,
    fits,
)
from fangxian.logistics.programme import SolverStop

WAITS = -1
"""``opening`` of a patient without a bed before the horizon."""

_PROHIBITED = 2**38
_MUST_USE = 2**33


@dataclass(frozen=True)
class Costs:
    """What each pairing of patients (rows) and openings (columns) costs; the last column is: no bed today.

    Parameters
    ----------
    allowed : bool[P, S+1]
    minutes : int64[P, S+1]
        Until care begins.
    severe_minutes : int64[P, S+1]
        The same for the severe, 0 for others: the first aim.
    risk : float64[P, S+1]
        Probability of getting worse before care begins: the second aim.
    metres : int64[P, S+1]
        Distance, transfers and levels above need, in metres: the third aim.
    """

    allowed: Flags
    minutes: Integers
    severe_minutes: Integers
    risk: Floats
    metres: Integers


@dataclass(frozen=True)
class Aim:
    """One of the three aims: what the plan comes to, and what none can be below.

    Parameters
    ----------
    name : str
    value, bound : float
        In the unit of the aim: hours, expected patients, kilometres.
    """

    name: str
    value: float
    bound: float

    @property
    def gap(self) -> float:
        """Part of the value that could at most be saved; 0 when proven best."""
        return 0.0 if self.value <= self.bound else (self.value - self.bound) / self.value


@dataclass(frozen=True)
class BedPlan:
    """Who gets which bed.

    Parameters
    ----------
    opening : int64[P]
        Row of the openings, or ``WAITS``.
    minutes : int64[P]
        Until care begins.
    risk : float64[P]
    stays : bool[P]
        Lies already in a hospital that has what is needed, and is not moved.
    aims : tuple of Aim
    bed_price : int64[S]
        Minutes of severe waiting that one more bed there would save.
    """

    opening: Integers
    minutes: Integers
    risk: Floats
    stays: Flags
    aims: tuple[Aim, ...]
    bed_price: Integers


def costs_of(problem: BedProblem, patients: Patients | None = None) -> Costs:
    """Return what each pairing costs, and which are allowed.

    Parameters
    ----------
    problem : BedProblem
    patients : Patients, optional
        Others than the problem's.

    Returns
    -------
    Costs
        A pairing is not allowed where the bed does not suit, where it is kept for others, or where the
        patient loses by it: is likelier to get worse than without a bed today.
    """
    who, opening, chosen = patients or problem.patients, problem.openings, problem.parameters
    count = len(who)
    hospital = problem.pools.hospital[opening.pool]
    travel = problem.travel_minutes[who.place][:, hospital]
    minutes = np.maximum(travel, opening.ready_minutes[None, :])
    minutes = np.minimum(minutes, chosen.horizon_minutes)
    hazard = problem.severities.hazard_per_hour[who.severity][:, None] / 60
    weighted = minutes + (chosen.travel_hazard_factor - 1) * travel
    risk = 1 - np.exp(-hazard * weighted)
    none = np.full((count, 1), chosen.horizon_minutes)
    risk_without = 1 - np.exp(-hazard * none)
    severe = problem.severities.severe[who.severity]
    allowed = fits(problem, who)[:, opening.pool] & (severe[:, None] | ~opening.reserved[None, :])
    allowed &= (opening.beds > 0)[None, :] & (risk < risk_without)
    level = problem.hospital_level[hospital][None, :]
    above = np.maximum(level - problem.severities.least_level[who.severity][:, None], 0)
    moved = (who.at != NOWHERE)[:, None] & (who.at[:, None] != hospital[None, :])
    metres = problem.distance_m[who.place][:, hospital] + moved * chosen.transfer_m
    metres = metres + above * chosen.above_level_m
    minutes = np.concatenate([minutes, none], axis=1)
    return Costs(
        np.concatenate([allowed, np.ones((count, 1), np.bool_)], axis=1),
        minutes,
        minutes * severe[:, None],
        np.concatenate([risk, risk_without], axis=1),
        np.concatenate([metres, np.zeros((count, 1), np.int64)], axis=1),
    )


def already_cared_for(problem: BedProblem) -> Flags:
    """Return bool[P]: lies in a hospital where some pool has what is needed; moving them would be no gain."""
    suited = fits(problem)
    here = problem.patients.at[:, None] == problem.pools.hospital[None, :]
    cared: Flags = (suited & here).any(axis=1) & (problem.patients.at != NOWHERE)
    return cared


def assign_beds(problem: BedProblem, stop: SolverStop | None = None) -> BedPlan:
    """Find the best plan of the morning.

    Parameters
    ----------
    problem : BedProblem
    stop : SolverStop, optional
        When to stop. The clock is looked at between the aims, each of which takes a second or two for a
        city; the first, the wait of the severe, is always met.

    Returns
    -------
    BedPlan
        With a gap of 0 in each aim that there was time for.
    """
    until = time.monotonic() + (stop or SolverStop()).time_limit_s
    stays = already_cared_for(problem)
    who = np.flatnonzero(~stays)
    opening = np.full(len(problem.patients), WAITS, np.int64)
    minutes = np.zeros(len(problem.patients), np.int64)
    risk = np.zeros(len(problem.patients))
    price = np.zeros(len(problem.openings), np.int64)
    aims: tuple[Aim, ...] = (
        Aim("severe waiting hours", 0.0, 0.0),
        Aim("expected to get worse", 0.0, 0.0),
        Aim("kilometres", 0.0, 0.0),
    )
    if who.size:
        first, member = _alike(problem.patients, who)
        costs = costs_of(problem, _rows(problem.patients, first))
        morning = _Morning(costs, problem.openings.beds, np.bincount(member), problem.parameters.risk_step)
        flow, aims, price = _in_order(morning, until)
        column = _members(flow, member)
        opening[who] = np.where(column == len(problem.openings), WAITS, column)
        minutes[who], risk[who] = costs.minutes[member, column], costs.risk[member, column]
    return BedPlan(opening, minutes, risk, stays, aims, price)


def _rows(patients: Patients, rows: Integers) -> Patients:
    return Patients(**{name: values[rows] for name, values in vars(patients).items()})


def _alike(patients: Patients, who: Integers) -> tuple[Integers, Integers]:
    """Return one patient of each group of equal ones, and the group of each of ``who``."""
    columns = [patients.place, patients.severity, patients.zone, patients.at]
    table = np.concatenate([np.stack(columns, axis=1), patients.needs], axis=1)[who]
    _, first, member = np.unique(table, axis=0, return_index=True, return_inverse=True)
    return who[first], member.ravel().astype(np.int64)


class _Flow(NamedTuple):
    """How many of a group (``point``) go to an opening (``warehouse``); the last opening is: no bed."""

    warehouse: Integers
    point: Integers
    amount: Integers


class _Morning(NamedTuple):
    """Groups of equal patients: what pairings cost, the beds, how many are in each group, and the step."""

    costs: Costs
    beds: Integers
    demand: Integers
    risk_step: float

    def tables(self) -> tuple[Integers, Integers, Integers]:
        """Return what each aim counts, in whole numbers."""
        risk = np.rint(self.costs.risk / self.risk_step).astype(np.int64)
        return self.costs.severe_minutes, risk, self.costs.metres

    def scales(self) -> tuple[float, float, float]:
        """Return how many of these are one hour, one patient, one kilometre."""
        return 60.0, 1 / self.risk_step, 1000.0


_AIMS = ("severe waiting hours", "expected to get worse", "kilometres")


def _in_order(morning: _Morning, until: float) -> tuple[_Flow, tuple[Aim, ...], Integers]:
    """Solve the three aims in turn, each among the best of the one before, while there is time."""
    costs, beds, demand = morning.costs, morning.beds, morning.demand
    supply = np.append(beds, demand.sum()).astype(np.int64)
    tables = morning.tables()
    open_ = costs.allowed.T
    must = np.zeros(supply.shape[0], np.bool_)
    aims, price = [], np.zeros(beds.shape[0], np.int64)
    for name, table, scale in zip(_AIMS, tables, morning.scales(), strict=True):
        # Beds that every best plan fills cost less by a sum that no difference of this aim can outweigh.
        cost = np.where(open_, table.T + np.where(must, 0, _MUST_USE)[:, None], _PROHIBITED)
        found = solve_transport(TransportProblem(cost, supply, demand.astype(np.int64)))
        bonus = int(found.amount[~must[found.warehouse]].sum()) * _MUST_USE
        value = found.total_cost - bonus
        aims.append(Aim(name, value / scale, (value - found.gap) / scale))
        if not aims[1:]:
            price = found.warehouse_price[:-1].copy()
        flow = _Flow(found.warehouse, found.point, found.amount)
        slack = cost - found.point_price[None, :] + found.warehouse_price[:, None]
        open_ = open_ & (slack == 0)
        must = must | (found.warehouse_price > 0)
        if time.monotonic() > until:
            aims += _unproven(morning, flow, open_, len(aims))
            break
    return flow, tuple(aims), price


def _unproven(morning: _Morning, flow: _Flow, open_: Flags, first: int) -> list[Aim]:
    """Return the aims from ``first`` on as the flow meets them, beside the best pairing of each by itself."""
    found = []
    rows = list(zip(_AIMS, morning.tables(), morning.scales(), strict=True))
    for name, table, scale in rows[first:]:
        value = int(table[flow.point, flow.warehouse] @ flow.amount)
        least = np.where(open_, table.T, _PROHIBITED).min(axis=0) @ morning.demand
        found.append(Aim(name, value / scale, int(least) / scale))
    return found


def _members(flow: _Flow, member: Integers) -> Integers:
    """Return the column of each member of the groups."""
    column = np.empty(member.shape[0], np.int64)
    order = np.argsort(member, kind="stable")
    by_group = np.argsort(flow.point, kind="stable")
    column[order] = np.repeat(flow.warehouse[by_group], flow.amount[by_group])
    return column
