"""The integer programme of a round, with or without limits that may be bought off."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fangxian.logistics.programme import INFINITY, Indices, Programme
from fangxian.logistics.testing_round.ground import arrivals, fees
from fangxian.logistics.testing_round.plan import most_over_expected
from fangxian.logistics.testing_round.problem import TestingRoundProblem
from fangxian.logistics.testing_round.schemes import SchemeChoice

Floats = NDArray[np.float64]

LIMITS = ("everybody", "lanes", "staff", "laboratories", "retests")
"""The limits of a round that can collide."""


class RoundModel(NamedTuple):
    """A programme and where its columns and rows are.

    Attributes
    ----------
    programme : Programme
    open, lanes : int64[S]
    pair_site, pair_lab : int64[U]
        The deliveries that can be in time.
    deliver, tubes, retests : int64[U]
    serve : int64[M]
        Shares of areas, by walk and scheme.
    serve_walk, serve_size : int64[M]
    slack : dict of int64[.]
        Columns that buy off a limit: shares of areas left to a later round, lanes, staff, tubes an hour of
        the first round and of the second.
    """

    programme: Programme
    open: Indices
    lanes: Indices
    pair_site: Indices
    pair_lab: Indices
    deliver: Indices
    tubes: Indices
    retests: Indices
    serve: Indices
    serve_walk: Indices
    serve_size: Indices
    slack: dict[str, Indices]


def build_model(
    problem: TestingRoundProblem,
    choice: SchemeChoice,
    *,
    prices: dict[str, float] | None = None,
    bought: Collection[str] = (),
) -> RoundModel:
    """Write the round as an integer programme.

    Parameters
    ----------
    problem : TestingRoundProblem
        What is where.
    choice : SchemeChoice
        Tests by area and scheme.
    prices : dict of float, optional
        Given: the plan's own costs are left out and a unit of each limit costs this much.
    bought : collection of str
        Limits of ``LIMITS`` that may be bought off; the others hold.

    Returns
    -------
    RoundModel
    """
    model = _columns(problem, choice, prices=prices, bought=bought)
    _walk_rows(problem, model)
    _site_rows(problem, model)
    _flow_rows(problem, choice, model)
    _laboratory_rows(problem, choice, model)
    return model


def _columns(
    problem: TestingRoundProblem,
    choice: SchemeChoice,
    *,
    prices: dict[str, float] | None,
    bought: Collection[str],
) -> RoundModel:
    programme, fee = Programme(), fees(problem)
    paid = 1.0 if prices is None else 0.0
    opened = programme.add_columns(paid * fee.opening, 1.0, integer=True)
    lanes = programme.add_columns(np.full(opened.shape, paid * fee.lane), integer=True)
    site, lab = np.nonzero(arrivals(problem).timely)
    deliver = programme.add_columns(paid * fee.trips[site, lab], 1.0, integer=True)
    each = paid * problem.test_cost[lab]
    tubes, retests = programme.add_columns(each), programme.add_columns(each)
    near = problem.walk_minutes <= problem.rules.walk_limit_minutes
    walk, size = np.nonzero(choice.allowed[problem.walk_area] & near[:, None])
    serve = programme.add_columns(paid * choice.material[problem.walk_area[walk], size], 1.0)
    weight = {
        "everybody": problem.people.astype(np.float64),
        "lanes": np.ones(len(problem.site_code)),
        "staff": np.ones(1),
        "laboratories": np.ones(len(problem.lab_code)),
        "retests": np.ones(len(problem.lab_code)),
    }
    slack = {
        name: programme.add_columns((prices or {}).get(name, 0.0) * weight[name])
        for name in LIMITS
        if name in bought
    }
    return RoundModel(programme, opened, lanes, site, lab, deliver, tubes, retests, serve, walk, size, slack)


def _walk_rows(problem: TestingRoundProblem, model: RoundModel) -> None:
    """Everybody is swabbed once; nobody at a closed site."""
    programme = model.programme
    area = problem.walk_area[model.serve_walk]
    wanted = (problem.people > 0).astype(np.float64)
    rows = programme.add_rows(wanted, wanted, len(problem.area_code))
    programme.add_entries(rows[area], model.serve, 1.0)
    if "everybody" in model.slack:
        programme.add_entries(rows, model.slack["everybody"], 1.0)
    walks, index = np.unique(model.serve_walk, return_inverse=True)
    rows = programme.add_rows(-INFINITY, 0.0, walks.shape[0])
    programme.add_entries(rows[index], model.serve, 1.0)
    programme.add_entries(rows, model.open[problem.walk_site[walks]], -1.0)


def _site_rows(problem: TestingRoundProblem, model: RoundModel) -> None:
    """Lanes are enough for the people, fit the site, and are staffed."""
    programme, rules, sites = model.programme, problem.rules, model.open.shape[0]
    site, area = problem.walk_site[model.serve_walk], problem.walk_area[model.serve_walk]
    rows = programme.add_rows(-INFINITY, 0.0, sites)
    programme.add_entries(rows[site], model.serve, problem.people[area])
    programme.add_entries(rows, model.lanes, -rules.lane_people)
    rows = programme.add_rows(0.0, INFINITY, sites)  # an open site has a lane
    programme.add_entries(rows, model.lanes, 1.0)
    programme.add_entries(rows, model.open, -1.0)
    rows = programme.add_rows(-INFINITY, 0.0, sites)
    programme.add_entries(rows, model.lanes, 1.0)
    programme.add_entries(rows, model.open, -problem.most_lanes)
    if "lanes" in model.slack:
        programme.add_entries(rows, model.slack["lanes"], -1.0)
    row = programme.add_rows(-INFINITY, rules.staff, 1)
    programme.add_entries(row, model.lanes, rules.lane_staff)
    programme.add_entries(row, model.open, rules.site_staff)
    if "staff" in model.slack:
        programme.add_entries(row, model.slack["staff"], -1.0)


def _flow_rows(problem: TestingRoundProblem, choice: SchemeChoice, model: RoundModel) -> None:
    """All tubes of a site go to its one laboratory."""
    programme, sites = model.programme, model.open.shape[0]
    site, area = problem.walk_site[model.serve_walk], problem.walk_area[model.serve_walk]
    for flow, by_area in ((model.tubes, choice.tubes), (model.retests, choice.retests)):
        made = by_area[area, model.serve_size]
        rows = programme.add_rows(0.0, 0.0, sites)
        programme.add_entries(rows[site], model.serve, made)
        programme.add_entries(rows[model.pair_site], flow, -1.0)
        walk_most = np.zeros(problem.walk_area.shape[0])
        np.maximum.at(walk_most, model.serve_walk, made)
        most = np.bincount(problem.walk_site, walk_most, sites)
        rows = programme.add_rows(-INFINITY, 0.0, flow.shape[0])
        programme.add_entries(rows, flow, 1.0)
        programme.add_entries(rows, model.deliver, -most[model.pair_site])
    rows = programme.add_rows(0.0, 0.0, sites)
    programme.add_entries(rows[model.pair_site], model.deliver, 1.0)
    programme.add_entries(rows, model.open, -1.0)


def _laboratory_rows(problem: TestingRoundProblem, choice: SchemeChoice, model: RoundModel) -> None:
    """What arrives after any hour must fit into what is left of the first round; single tests into theirs.

    Single tests are given room for the 95 % quantile of prevalence: each site's expected number times the
    ratio of both in the round as a whole.
    """
    programme, come = model.programme, arrivals(problem)
    worse = most_over_expected(choice)
    for lab, room in enumerate(come.room):
        pair = np.flatnonzero(model.pair_lab == lab)
        late = come.late[come.kind[model.pair_site[pair], lab]]
        rows = programme.add_rows(-INFINITY, room, room.shape[0])
        for row, share in zip(rows, late.T, strict=True):
            programme.add_entries(row, model.tubes[pair], share)
        if "laboratories" in model.slack:
            programme.add_entries(rows, model.slack["laboratories"][lab], -come.hours_left)
        again = programme.add_rows(-INFINITY, come.room_again[lab], 1)
        programme.add_entries(again, model.retests[pair], worse)
        if "retests" in model.slack:
            programme.add_entries(again, model.slack["retests"][lab], -problem.rules.retest_hours)
