"""What one vehicle with nothing else to do would miss in serving one request: decided exactly."""

from __future__ import annotations

import numpy as np

from fangxian.logistics.routing.problem import HOME, Integers, TransferProblem

LIMITS = ("vehicle kind", "seats", "crew hours", "delivery deadline", "pickup deadline")
"""In the order in which one would rather keep them."""


def missed_alone(problem: TransferProblem) -> dict[str, Integers]:
    """Return by how much each limit would be missed, a request a row and a vehicle a column.

    Parameters
    ----------
    problem : TransferProblem

    Returns
    -------
    dict of str to int64[R, V]
        Seconds, or persons; 1 for a vehicle of the wrong kind. What is not above 0 is kept. For those aboard
        already the numbers mean nothing.
    """
    asked, fleet, way = problem.requests, problem.vehicles, problem.travel_s
    kind, home = asked.category[:, None], asked.delivery == HOME
    now = fleet.opens_s[None, :] + problem.cleaning_s[fleet.last_category[None, :], kind]
    now = np.maximum(now + way[fleet.start[None, :], asked.pickup[:, None]], asked.ready_s[:, None])
    late = now - asked.pickup_until_s[:, None]
    now = now + asked.pickup_s[:, None]
    goal = np.where(home, asked.pickup, asked.delivery)
    arrive = np.maximum(now + way[asked.pickup, goal][:, None], asked.deliver_from_s[:, None])
    arrive_late = np.where(home[:, None], 0, arrive - asked.deliver_until_s[:, None])
    now = np.where(home[:, None], now, arrive + asked.delivery_s[:, None])
    back = now + way[goal[:, None], fleet.end[None, :]] + problem.cleaning_s[kind, problem.clean]
    return {
        "vehicle kind": (~problem.fits).astype(np.int64),
        "seats": asked.persons[:, None] - fleet.capacity[None, :],
        "crew hours": back - fleet.closes_s[None, :],
        "delivery deadline": arrive_late,
        "pickup deadline": late,
    }


def impossible_alone(problem: TransferProblem) -> np.ndarray:
    """Return bool[R]: no vehicle, even with nothing else to do, can serve the request."""
    worst = np.max(list(missed_alone(problem).values()), axis=0)
    impossible: np.ndarray = (worst > 0).all(axis=1) & (problem.requests.aboard < 0)
    return impossible
