"""Pools of unequal size by known risk: people of low risk share large tubes, those of high risk small ones.

McMahan CS, Tebbs JM, Bilder CR. Informative Dorfman screening. Biometrics 2012.
DOI 10.1111/j.1541-0420.2011.01644.x. Hwang FK. A generalized binomial group testing problem. J Am Stat Assoc
1975. DOI 10.1080/01621459.1975.10480324: without error, pools of neighbours in the order of risk are the best
of all partitions.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fangxian.logistics.pooling.assay import Assay

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class InformativePools:
    """The best partition in the order of risk.

    Parameters
    ----------
    order : int64[N]
        People from the lowest risk to the highest.
    sizes : int64[M]
        Sizes of the tubes, filled in that order.
    tests : float
        Expected tests of both rounds.
    plain_tests : float
        Expected tests when everybody is pooled in one size, the best one, in the order of risk.
    """

    order: Integers
    sizes: Integers
    tests: float
    plain_tests: float


def informative_pools(risk: Floats, assay: Assay, *, largest: int = 32) -> InformativePools:
    """Cut the row of people, ordered by risk, into tubes with least expected tests.

    Parameters
    ----------
    risk : float[N]
        Chance of each person to be infected, in [0, 1).
    assay : Assay
        The test.
    largest : int
        Most specimens in a tube.

    Returns
    -------
    InformativePools
        Exact for tubes of neighbours in that order (dynamic programme, N x ``largest`` steps).

    Raises
    ------
    ValueError
        When nobody is given, a risk is outside [0, 1) or ``largest`` is below 1.
    """
    people = risk.shape[0]
    if people == 0 or largest < 1 or not (risk.min() >= 0 and risk.max() < 1):
        raise ValueError(
            f"risks must be in [0, 1), for at least 1 person, in tubes of at least 1 (got {people} people, "
            f"largest {largest}); give a share for each person"
        )
    order = np.argsort(risk, kind="stable")
    most = min(largest, people)
    cost = _pool_costs(risk[order], assay, most)
    best = np.zeros(people + 1)
    cut = np.zeros(people + 1, np.int64)
    for end in range(1, people + 1):
        allowed = min(most, end)
        total = best[end - allowed : end][::-1] + cost[:allowed, end]
        cut[end] = int(np.argmin(total)) + 1
        best[end] = total[cut[end] - 1]
    sizes = []
    end = people
    while end > 0:
        sizes.append(int(cut[end]))
        end -= sizes[-1]
    plain = min(_plain(cost, size, people) for size in range(1, most + 1))
    return InformativePools(order, np.array(sizes[::-1], np.int64), float(best[people]), plain)


def _pool_costs(risk: Floats, assay: Assay, most: int) -> Floats:
    """Return cost[size - 1, end]: expected tests of a tube of ``size`` people that ends before ``end``."""
    people = risk.shape[0]
    cost = np.full((most, people + 1), np.inf)
    cost[0, 1:] = 1.0
    for size in range(2, most + 1):
        unseen = np.concatenate([[0.0], np.cumsum(np.log1p(-risk * assay.sensitivity(size)))])
        silent = assay.specificity * np.exp(unseen[size:] - unseen[:-size])
        cost[size - 1, size:] = 1 + size * (1 - silent)
    return cost


def _plain(cost: Floats, size: int, people: int) -> float:
    ends = np.arange(size, people + 1, size)
    rest = people % size
    return float(cost[size - 1, ends].sum() + (cost[rest - 1, people] if rest else 0.0))
