"""Published pickup-and-delivery instances with time windows, and the best plans known for them.

Li H, Lim A. A metaheuristic for the pickup and delivery problem with time windows. Int J Artif Intell Tools
2003;12:173-186. DOI 10.1142/S0218213003001186. Tables and best known plans as SINTEF publishes them (TOP,
PDPTW benchmark, 100 tasks). First line: vehicles, capacity, speed. Then a task a line: number, x, y, demand,
begin and end of its window, service time, pickup sibling, delivery sibling.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from fangxian.logistics.routing.problem import NOBODY, Requests, TransferProblem, Vehicles

FOLDER = Path(__file__).parent / "li_lim"
SCALE = 1000
"""Lengths and times are kept to a thousandth of the published unit."""


class Best(NamedTuple):
    """The best plan known: vehicles, and distance in the published unit."""

    vehicles: int
    distance: float


BEST = {
    "lc101": Best(10, 828.94),
    "lr101": Best(19, 1650.80),
    "lrc101": Best(14, 1708.80),
    "lr201": Best(4, 1253.23),
}


def published(name: str) -> TransferProblem:
    """Return a published instance with as many vehicles as the best plan known uses."""
    lines = (FOLDER / f"{name}.txt").read_text().splitlines()
    capacity = int(lines[0].split()[1])
    table = np.array([[int(cell) for cell in line.split()] for line in lines[1:] if line.strip()])
    _, x, y, demand, begin, end, service, _, delivery = table.T
    apart = np.rint(np.hypot(x[:, None] - x, y[:, None] - y) * SCALE).astype(np.int64)
    first = np.flatnonzero(demand > 0)
    second = delivery[first]
    count, vehicles = first.shape[0], BEST[name].vehicles
    times = [begin[first], end[first], begin[second], end[second], service[first], service[second]]
    requests = Requests(
        first,
        second,
        demand[first],
        np.zeros(count, np.int64),
        *(each * SCALE for each in times),
        np.ones(count, np.int64),
        np.full(count, NOBODY),
    )
    nothing = np.zeros(vehicles, np.int64)
    fleet = Vehicles(
        nothing, nothing, nothing + capacity, nothing, nothing + end[0] * SCALE, nothing, nothing + 1
    )
    fits = np.ones((count, vehicles), np.bool_)
    return TransferProblem(requests, fleet, fits, apart, apart, np.zeros((2, 2), np.int64))
