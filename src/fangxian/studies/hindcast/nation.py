"""A nation as many places with one wave, each at its own time, read from one survey.

Where on its course a wave stood on the day of a survey is told by the share of the ever infected who had
recovered. The day on which the wave of a run shows the same share is how far a place was ahead or behind;
how many were infected, and how many of them fell ill, is taken to be the same everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from fangxian.studies.hindcast.readings import Readings

FloatArray = NDArray[np.float64]
LEAST_INFECTED = 1e-3
"""Before so many are infected the share of recovered among them says nothing."""


def days_behind(read: Readings, survey_day: date, recovered_of_infected: Sequence[float]) -> FloatArray:
    """Return by how many days each place was behind the run on the day of the survey.

    Parameters
    ----------
    read : Readings
        Of the run.
    survey_day : date
        Of the survey.
    recovered_of_infected : sequence of float
        Of n places, 0 to 1.

    Returns
    -------
    float array [n]
        Positive: later than the run.
    """
    infected = np.cumsum(read.series["infections"]) / 1e5
    told = np.flatnonzero(infected > LEAST_INFECTED)
    share = np.maximum.accumulate(read.recovered[told] / infected[told])
    when = np.interp(np.asarray(recovered_of_infected), share, told.astype(np.float64))
    return np.asarray((survey_day - read.first_day).days - when)


def mixed(read: Readings, behind: FloatArray, people: FloatArray) -> Readings:
    """Return the readings of a nation whose places are ahead or behind the run.

    Parameters
    ----------
    read : Readings
        Of the run.
    behind : float array [n]
        Days, from :func:`days_behind`.
    people : float array [n]
        Of each place.

    Returns
    -------
    Readings
        Per 100 000 people of the nation; before its first day a series is as on that day.
    """
    days = np.arange(len(read.recovered), dtype=np.float64)
    weight = np.asarray(people, dtype=np.float64) / np.sum(people)

    def average(series: FloatArray) -> FloatArray:
        moved = [np.interp(days - late, days, series) for late in behind]
        return np.asarray(weight @ np.array(moved))

    series = {name: average(values) for name, values in read.series.items()}
    tests = series["tests"]
    series["positivity"] = np.divide(series["positives"], tests, out=np.zeros_like(tests), where=tests > 0)
    return Readings(read.first_day, series, average(read.recovered))
