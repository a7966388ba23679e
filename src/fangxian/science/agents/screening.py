"""Rounds of nucleic acid testing in pooled tubes: who shares a tube, and which tubes are positive."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fangxian.base.compiled import compiled
from fangxian.base.counter_random import keyed_bits, unit_interval
from fangxian.science.agents.checks import rows_for_kernel, whole_rows_for_kernel
from fangxian.science.agents.city import City
from fangxian.science.agents.measures import Screening
from fangxian.science.population.whole_numbers import largest_remainder

Int64Array = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Found:
    """What a round of screening brings to light.

    Parameters
    ----------
    cases : int64 array [n]
        In the order of their infection.
    turnaround_days : float array [n]
        Sample to result of each, without a queue.
    tubes : int64 array [P]
        Tubes of the round by place, those of single people after a positive tube included; a tube that two
        places share is counted in one.
    """

    cases: Int64Array
    turnaround_days: NDArray[np.float64]
    tubes: Int64Array


def found_in_tubes(
    cases: Int64Array, person: Int64Array, screening: Screening, city: City, luck: tuple[np.uint64, int]
) -> Found:
    """Put samples into tubes and return the cases of the tubes that are positive.

    Those of a place who are sampled fill tubes in the order of the register, so that a household shares one.
    A tube for n people with m samples that would be positive alone is diluted n / m times; it is found with
    probability ``min(1, (n / m) ** -dilution)``, and then all m are.

    Parameters
    ----------
    cases : int64 array
        Whose sample would be positive alone.
    person : int64 array
        Of each.
    screening : Screening
        Of the day.
    city : City
        For the register.
    luck : (numpy.uint64, int)
        Key and day.

    Returns
    -------
    Found
        Cases and tubes.

    Notes
    -----
    Samples of equal strength add up in a tube, so that m of them in n are as one in n / m. The power law is
    what an exponential distribution of the logarithm of viral loads above the limit of detection makes of a
    dilution (cf. Hwang 1976, DOI 10.1093/biomet/63.3.671, for the form; the disease file for the exponent).
    """
    places = city.sizes.places
    size = whole_rows_for_kernel(screening.pool_size, places)
    turnaround = rows_for_kernel(screening.turnaround_days, places)
    filled = screening.share * city.cell_people.sum(axis=1) / size
    tubes = largest_remainder(filled, int(np.ceil(filled.sum())))
    if len(cases) == 0:
        return Found(cases, np.zeros(0), tubes)
    start = city.population.place_start.astype(np.int64)
    place = np.searchsorted(start, person, side="right") - 1
    number = np.floor((person - start[place]) * screening.share[place] / size[place]).astype(np.int64)
    tube, which, together = np.unique(start[place] + number, return_inverse=True, return_counts=True)
    of_tube = np.zeros(len(tube), dtype=np.int64)
    of_tube[which] = place
    diluted = np.maximum(size[of_tube] / together, 1.0)
    positive = _lucky(*luck, tube) < diluted ** -rows_for_kernel(screening.dilution, places)[of_tube]
    again = np.where(positive & (size[of_tube] > 1), size[of_tube], 0)
    np.add.at(tubes, of_tube, again)
    kept = positive[which]
    return Found(cases[kept], turnaround[place[kept]], tubes)


@compiled()
def _lucky(key: np.uint64, day: int, tubes: Int64Array) -> NDArray[np.float64]:
    """Return the uniform number of each tube of a day."""
    numbers = np.empty(len(tubes))
    for at in range(len(tubes)):
        numbers[at] = unit_interval(keyed_bits(key, tubes[at], day))
    return numbers
