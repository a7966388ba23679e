"""What a run shows of the figures that were published about the exit wave."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray
from scipy.stats import gamma

from fangxian.plans.schema import DiseaseFile
from fangxian.science.agents.outcome import Flow, Outcome, Stock
from fangxian.studies.rehearsal.from_disease import complete

FloatArray = NDArray[np.float64]
PER_100_000 = 1e5


@dataclass(frozen=True)
class Peak:
    """Highest day of a series and its height per 100 000 people."""

    day: date
    height: float


@dataclass(frozen=True, eq=False)
class Readings:
    """Series of one run by day, per 100 000 people, and what a survey would find.

    Parameters
    ----------
    first_day : date
    series : dict of str to float array [D]
        Per 100 000 people: ``infections``, ``fever_clinic_visits``, ``in_hospital``, ``severe`` (in intensive
        care or waiting for it), ``intensive_care``, ``deaths``, ``deaths_in_hospital`` (of those who had the
        bed they needed). Share of tests: ``positivity``, and ``positives`` and ``tests`` per 100 000.
    recovered : float array [D]
        Share of the people who have been infected and whose symptoms would be over by the end of the day.
    """

    first_day: date
    series: dict[str, FloatArray]
    recovered: FloatArray

    def peak(self, name: str, *, since: date | None = None) -> Peak:
        """Return the peak of a series, from a day on."""
        skipped = 0 if since is None else (since - self.first_day).days
        values = self.series[name][skipped:]
        at = int(np.argmax(values))
        return Peak(self.first_day + timedelta(days=skipped + at), float(values[at]))

    def ever_infected(self, day: date) -> float:
        """Return the share of the people infected by the end of a day."""
        until = (day - self.first_day).days + 1
        return float(self.series["infections"][:until].sum() / PER_100_000)

    def recovered_share(self, day: date) -> float:
        """Return the share of the people recovered by the end of a day."""
        return float(self.recovered[(day - self.first_day).days])


def read_run(outcome: Outcome, people: int, disease: DiseaseFile, first_day: date) -> Readings:
    """Return the readings of a run.

    Parameters
    ----------
    outcome : Outcome
    people : int
        Of the town.
    disease : DiseaseFile
        For incubation and duration of symptoms.
    first_day : date
        Date of day 0.

    Returns
    -------
    Readings
    """
    scale = PER_100_000 / people
    flow = {one: outcome.total(one).astype(np.float64) for one in Flow}
    stock = {one: outcome.stock(one).sum(axis=(1, 2), dtype=np.float64) for one in Stock}
    tests = flow[Flow.TESTS]
    in_care = stock[Stock.IN_INTENSIVE_CARE]
    series = {
        "infections": flow[Flow.INFECTIONS] * scale,
        "fever_clinic_visits": flow[Flow.FEVER_CLINIC_VISITS] * scale,
        "in_hospital": (stock[Stock.IN_WARD] + in_care) * scale,
        "severe": (in_care + stock[Stock.WAITING_INTENSIVE_CARE]) * scale,
        "intensive_care": in_care * scale,
        "deaths": flow[Flow.DEATHS] * scale,
        "deaths_in_hospital": (flow[Flow.DEATHS] - flow[Flow.DEATHS_WITHOUT_CARE]) * scale,
        "positives": flow[Flow.POSITIVES] * scale,
        "tests": tests * scale,
        "positivity": np.divide(flow[Flow.POSITIVES], tests, out=np.zeros_like(tests), where=tests > 0),
    }
    return Readings(first_day, series, _recovered(flow[Flow.INFECTIONS] / people, disease))


def _recovered(infections: FloatArray, disease: DiseaseFile) -> FloatArray:
    """Return the share recovered by the end of each day: incubation and symptoms are over, as one gamma."""
    spread, _, stays = complete(disease)
    parts = (spread.incubation_period, stays.symptoms)
    mean = sum(part.mean_days for part in parts)
    variance = sum(part.sd_days**2 for part in parts)
    over = gamma.cdf(np.arange(len(infections)) + 0.5, mean**2 / variance, scale=variance / mean)
    return np.asarray(np.convolve(infections, over)[: len(infections)], dtype=np.float64)
