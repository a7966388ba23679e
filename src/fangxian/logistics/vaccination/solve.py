"""Which sessions to hold, whom to visit at home, and what no plan can exceed."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fangxian.logistics.programme import INFINITY, Indices, Programme, ProgrammeResult, SolverStop
from fangxian.logistics.vaccination.problem import HOMEBOUND, WALKS, SessionProblem

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_NEAREST_BASES = 12
"""Bases with teams that a plan lets call at a village; the bound holds for calls by any."""
_FOR_PLAN, _LEAST_S = 0.6, 0.05
"""Part of the time for the plan, the rest being for the bound, and seconds that each has at least."""


@dataclass(frozen=True)
class SessionPlan:
    """What is done in the campaign.

    Parameters
    ----------
    at_site : float[V, S]
        People of each village vaccinated at each fixed site.
    sessions, rounds : int64[V, B]
        Half days of sessions, and of home visits, of the teams of each base.
    at_session : float[V, 3]
        People vaccinated at sessions in their village, by mobility.
    at_home : float[V]
        People vaccinated at home.
    """

    at_site: Floats
    sessions: Integers
    rounds: Integers
    at_session: Floats
    at_home: Floats

    @property
    def vaccinated(self) -> Floats:
        """Return float[V, 3]: people vaccinated, by mobility."""
        done = self.at_session.copy()
        done[:, WALKS] += self.at_site.sum(axis=1)
        done[:, HOMEBOUND] += self.at_home
        return done


@dataclass(frozen=True)
class SessionResult:
    """A plan with its bound.

    Parameters
    ----------
    status : str
        ``"optimal"`` (within the gap asked for) or ``"stopped"``.
    plan : SessionPlan
        What is done.
    value : float
        Weighted vaccinations.
    cost : float
        Yuan.
    bound : float
        Weighted vaccinations that no plan can exceed, whichever bases call at a village.
    dose_price, team_price : float, float[B]
        Weighted vaccinations that one more dose, and one more half day of a base's teams, would add, by the
        linear relaxation.
    """

    status: str
    plan: SessionPlan
    value: float
    cost: float
    bound: float
    dose_price: float
    team_price: Floats

    @property
    def gap(self) -> float:
        """How far the plan may be below the best, as a share of the bound."""
        return max(0.0, self.bound - self.value) / self.bound if self.bound > 0 else 0.0


class _Columns(NamedTuple):
    walk_village: Indices
    walk_site: Indices
    walk: Indices
    call_village: Indices
    call_base: Indices
    sessions: Indices
    rounds: Indices
    walkers: Indices
    lifted: Indices
    visited: Indices


def solve_sessions(problem: SessionProblem, stop: SolverStop | None = None) -> SessionResult:
    """Plan the campaign: most weighted vaccinations first, least cost second.

    Parameters
    ----------
    problem : SessionProblem
        What there is.
    stop : SolverStop, optional
        When to stop; the plan so far is returned with its gap.

    Returns
    -------
    SessionResult
        Where time ends before a better one is found, the plan of the usual rule with the home visits that the
        rules keep half days for.
    """
    limit = stop or SolverStop()
    began = time.monotonic()

    def until(share: float) -> SolverStop:
        left = began + share * limit.time_limit_s - time.monotonic()
        return SolverStop(max(_LEAST_S, left), limit.relative_gap)

    programme, columns, rows = _model(problem)
    relaxed = programme.solve(until(_FOR_PLAN), relaxed=True)
    found = programme.solve(until(_FOR_PLAN))
    plan = _plan(problem, columns, found)
    value, cost = worth(problem, plan)
    if found.status != "optimal":
        usual = _usual_with_visits(problem)
        if worth(problem, usual)[0] > value:
            plan = usual
            value, cost = worth(problem, plan)
    unit = problem.rules.unit_yuan
    bound = min(_value_bound(problem, until), float(problem.people.sum(axis=1) @ problem.weight))
    dual = relaxed.row_dual if relaxed.row_dual.size else np.zeros(programme.rows)
    return SessionResult(
        found.status if found.has_plan else "stopped",
        plan,
        value,
        cost,
        bound,
        float(-dual[rows.doses[0]] / unit),
        -dual[rows.teams] / unit,
    )


class _Rows(NamedTuple):
    doses: Indices
    teams: Indices


def _model(problem: SessionProblem, *, free: bool = False) -> tuple[Programme, _Columns, _Rows]:
    """Write the programme; ``free`` leaves prices out and lets every base call anywhere, for the bound."""
    programme, rules = Programme(), problem.rules
    paid = 0.0 if free else 1.0
    gain = -rules.unit_yuan * problem.weight + paid * rules.dose_yuan
    village, site = np.nonzero(problem.walk_minutes <= rules.reach_minutes)
    walk = programme.add_columns(gain[village])
    drive = np.where(problem.teams > 0, problem.drive_hours, np.inf)
    order = np.argsort(drive, axis=1, kind="stable")[:, : None if free else _NEAREST_BASES]
    call_village = np.repeat(np.arange(order.shape[0]), order.shape[1])
    call_base = order.ravel()
    useful = problem.in_reach()[call_village, call_base]
    call_village, call_base = call_village[useful], call_base[useful]
    trip = rules.half_day_yuan + 2 * rules.km_yuan * problem.drive_km[call_village, call_base]
    sessions = programme.add_columns(paid * trip, integer=True)
    rounds = programme.add_columns(paid * trip, integer=True)
    groups = [programme.add_columns(gain, problem.people[:, kind]) for kind in range(3)]
    columns = _Columns(village, site, walk, call_village, call_base, sessions, rounds, *groups)
    return programme, columns, _limits(problem, programme, columns)


def _limits(problem: SessionProblem, programme: Programme, columns: _Columns) -> _Rows:
    villages = np.arange(len(problem.village_code))
    rows = programme.add_rows(-INFINITY, problem.people[:, WALKS], villages.shape[0])
    programme.add_entries(rows[columns.walk_village], columns.walk, 1.0)
    programme.add_entries(rows, columns.walkers, 1.0)
    rows = programme.add_rows(-INFINITY, problem.site_doses, len(problem.site_code))
    programme.add_entries(rows[columns.walk_site], columns.walk, 1.0)
    call = columns.call_village, columns.call_base
    rows = programme.add_rows(-INFINITY, 0.0, villages.shape[0])
    programme.add_entries(rows, columns.walkers, 1.0)
    programme.add_entries(rows, columns.lifted, 1.0)
    programme.add_entries(rows[columns.call_village], columns.sessions, -problem.session_doses()[call])
    rows = programme.add_rows(-INFINITY, 0.0, villages.shape[0])
    programme.add_entries(rows, columns.visited, 1.0)
    programme.add_entries(rows[columns.call_village], columns.rounds, -problem.round_visits()[call])
    teams = programme.add_rows(-INFINITY, problem.teams * problem.rules.half_days, len(problem.base_code))
    programme.add_entries(teams[columns.call_base], columns.sessions, 1.0)
    programme.add_entries(teams[columns.call_base], columns.rounds, 1.0)
    _due_rows(problem, programme, columns)
    kept = programme.add_rows(problem.least_rounds(), INFINITY, len(problem.base_code))
    programme.add_entries(kept[columns.call_base], columns.rounds, 1.0)
    doses = programme.add_rows(-INFINITY, problem.doses, 1)
    each = 1.0 + problem.rules.second_doses_kept
    for block in (columns.walk, columns.walkers, columns.lifted, columns.visited):
        programme.add_entries(np.full(block.shape[0], doses[0]), block, each)
    # The end of an open vial is lost: on average half a vial less one dose in every half day.
    lost = (problem.rules.vial_doses - 1) / 2
    for block in (columns.sessions, columns.rounds):
        programme.add_entries(np.full(block.shape[0], doses[0]), block, lost)
    return _Rows(doses, teams)


def _due_rows(problem: SessionProblem, programme: Programme, columns: _Columns) -> None:
    """What is due from a half day on must fit into what is left of the campaign: of teams, and of sites.

    For half days of equal length that is enough: teams that are never idle while somebody is due find a place
    for every call.
    """
    due, rules = problem.due(), problem.rules
    for half_day in np.unique(due[due > 1]).tolist():
        left = max(0, rules.half_days + 1 - half_day)
        rows = programme.add_rows(-INFINITY, problem.teams * left, len(problem.base_code))
        late = due[columns.call_village] >= half_day
        for block in (columns.sessions, columns.rounds):
            programme.add_entries(rows[columns.call_base[late]], block[late], 1.0)
        most = problem.site_doses * left // rules.half_days
        rows = programme.add_rows(-INFINITY, most, len(problem.site_code))
        late = due[columns.walk_village] >= half_day
        programme.add_entries(rows[columns.walk_site[late]], columns.walk[late], 1.0)


def _value_bound(problem: SessionProblem, until: Callable[[float], SolverStop]) -> float:
    """Return weighted vaccinations that no plan can exceed: all prices left out, and every base in reach."""
    programme, _, _ = _model(problem, free=True)
    bounds = [programme.solve(until(1.0), relaxed=relaxed).bound for relaxed in (True, False)]
    return max(0.0, -max(bounds) / problem.rules.unit_yuan)


def _plan(problem: SessionProblem, columns: _Columns, found: ProgrammeResult) -> SessionPlan:
    villages, bases = len(problem.village_code), len(problem.base_code)
    value = found.values if found.has_plan else np.zeros(int(columns.visited[-1]) + 1)
    at_site = np.zeros((villages, len(problem.site_code)))
    at_site[columns.walk_village, columns.walk_site] = _whole(value[columns.walk])
    calls = []
    for block in (columns.sessions, columns.rounds):
        count = np.zeros((villages, bases), np.int64)
        count[columns.call_village, columns.call_base] = np.rint(value[block]).astype(np.int64)
        calls.append(count)
    at_session = np.zeros((villages, 3))
    at_session[:, 0], at_session[:, 1] = _whole(value[columns.walkers]), _whole(value[columns.lifted])
    plan = SessionPlan(at_site, calls[0], calls[1], at_session, _whole(value[columns.visited]))
    return _topped_up(problem, plan)


def _topped_up(problem: SessionProblem, plan: SessionPlan) -> SessionPlan:
    """Give the doses that rounding left over where people, half days and sites have room, heaviest first."""
    at_site, at_session, at_home = plan.at_site.copy(), plan.at_session.copy(), plan.at_home.copy()
    rules, left = problem.rules, problem.people - plan.vaccinated
    lost = (plan.sessions + plan.rounds).sum() * (rules.vial_doses - 1) / 2
    given = plan.vaccinated.sum() * (1 + rules.second_doses_kept)
    doses = float(np.floor((problem.doses - lost - given) / (1 + rules.second_doses_kept) + 1e-6))
    visits = (plan.rounds * problem.round_visits()).sum(axis=1) - at_home
    places = (plan.sessions * problem.session_doses()).sum(axis=1) - at_session.sum(axis=1)
    for village in np.argsort(-problem.weight, kind="stable").tolist():
        more = min(left[village, HOMEBOUND], visits[village], max(0.0, doses))
        at_home[village] += more
        doses -= more
        for kind in range(HOMEBOUND):
            more = min(left[village, kind], places[village], max(0.0, doses))
            at_session[village, kind] += more
            places[village] -= more
            doses -= more
    return SessionPlan(at_site, plan.sessions, plan.rounds, at_session, at_home)


def _whole(people: Floats) -> Floats:
    """Return whole people: rounding down keeps every limit."""
    return np.asarray(np.floor(np.maximum(0.0, people) + 1e-6))


def worth(problem: SessionProblem, plan: SessionPlan) -> tuple[float, float]:
    """Return weighted vaccinations and yuan of a plan.

    Parameters
    ----------
    problem : SessionProblem
        What there is.
    plan : SessionPlan
        What is done.

    Returns
    -------
    float, float
    """
    rules, done = problem.rules, plan.vaccinated
    calls = plan.sessions + plan.rounds
    trips = calls * (rules.half_day_yuan + 2 * rules.km_yuan * problem.drive_km)
    return float(done.sum(axis=1) @ problem.weight), float(done.sum() * rules.dose_yuan + trips.sum())


def _usual_with_visits(problem: SessionProblem) -> SessionPlan:
    """Return the plan of the usual rule beside the least home visits, in the villages with most homebound."""
    least = problem.least_rounds()
    usual = sessions_of_today(problem, kept=least)
    rounds, visits = np.zeros_like(usual.rounds), problem.round_visits()
    if least.any():
        nearest = np.where(problem.teams > 0, problem.drive_hours, np.inf).argmin(axis=1)
        left = least.copy()
        for village in np.argsort(-problem.people[:, HOMEBOUND], kind="stable").tolist():
            base = int(nearest[village])
            most = int(visits[village, base]) * int(problem.due()[village] <= problem.rules.half_days)
            if most > 0:
                calls = min(int(left[base]), -(-int(problem.people[village, HOMEBOUND]) // most))
                rounds[village, base] = calls
                left[base] -= calls
    return _topped_up(problem, replace(usual, rounds=rounds))


def sessions_of_today(problem: SessionProblem, *, kept: Integers | None = None) -> SessionPlan:
    """Return the plan of the usual rule: villages by size, each session by the nearest base, no home visits.

    Parameters
    ----------
    problem : SessionProblem
        What there is.
    kept : int64[B], optional
        Half days of each base, and the doses lost in them, that are kept for other calls.

    Returns
    -------
    SessionPlan
        Who walks goes to the nearest site while it has doses; then teams call at the largest villages first.
        Those who cannot leave the house, and those who are due later, are left out.
    """
    villages, bases = len(problem.village_code), len(problem.base_code)
    at_site = np.zeros((villages, len(problem.site_code)))
    left = problem.people.astype(np.float64).copy()
    lost = (problem.rules.vial_doses - 1) / 2
    other = np.zeros(bases, np.int64) if kept is None else kept
    doses = (problem.doses - lost * float(other.sum())) / (1 + problem.rules.second_doses_kept)
    room = problem.site_doses.astype(np.float64).copy()
    order = np.argsort(-problem.people[:, :HOMEBOUND].sum(axis=1), kind="stable")
    order = order[problem.due()[order] == 1].tolist()
    for village in order:
        if not room.size:
            break
        site = int(np.argmin(problem.walk_minutes[village]))
        if problem.walk_minutes[village, site] <= problem.rules.reach_minutes:
            given = min(left[village, WALKS], room[site], doses)
            at_site[village, site] = given
            left[village, WALKS] -= given
            room[site] -= given
            doses -= given
    sessions, at_session = np.zeros((villages, bases), np.int64), np.zeros((villages, 3))
    half_days = problem.teams * problem.rules.half_days - other
    session_doses = problem.session_doses()
    for village in order if bases else []:
        base = int(np.argmin(problem.drive_hours[village]))
        most = int(session_doses[village, base])
        while half_days[base] > 0 and most > 0 and left[village, :HOMEBOUND].sum() > 0 and doses > lost:
            given = 0.0
            for kind in range(HOMEBOUND):
                more = min(left[village, kind], most - given, doses - lost - given)
                at_session[village, kind] += more
                left[village, kind] -= more
                given += more
            doses -= given + lost
            half_days[base] -= 1
            sessions[village, base] += 1
    return SessionPlan(at_site, sessions, np.zeros_like(sessions), at_session, np.zeros(villages))
