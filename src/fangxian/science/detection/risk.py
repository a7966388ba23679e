"""How likely much disease is in a place next week, what it would do there, and which factor makes it so.

Likelihood x impact as in WHO. Rapid Risk Assessment of Acute Public Health Events, 2012
(WHO/HSE/GAR/ARO/2012.1), both as chances. Shares of factors are Shapley values: Shapley LS. A value for
n-person games. In: Contributions to the Theory of Games II, 1953:307-17. DOI 10.1515/9781400881970-018.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from math import factorial
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

FloatArray = NDArray[np.float64]

FACTORS = ("level", "growth", "importation", "susceptibility", "capacity")
EVERYBODY = 100_000.0  # cases a week per 100 000 people: nobody falls ill twice in a week


@dataclass(frozen=True)
class RiskFactors:
    """What is known of each place; arrays are [place].

    Parameters
    ----------
    level : float array
        New cases of the last week per 100 000 people.
    growth : float array
        Growth rate a day.
    importation : float array
        Cases that arrive in a week per 100 000 people, see `imported_cases`.
    susceptibility : float array
        Severe cases per case, see `severe_share`.
    capacity : float array
        Free beds for severe cases per 100 000 people.
    growth_deviation : float array
        Standard error of the growth rate.
    """

    level: FloatArray
    growth: FloatArray
    importation: FloatArray
    susceptibility: FloatArray
    capacity: FloatArray
    growth_deviation: FloatArray

    def __post_init__(self) -> None:
        for name in (*FACTORS, "growth_deviation"):
            array = getattr(self, name)
            if array.shape != self.level.shape or np.any(~np.isfinite(array)):
                raise ValueError(
                    f"{name} must hold one known number a place (got shape {array.shape}); "
                    "leave a place out whose figures are not known"
                )
            if name != "growth" and np.any(array < 0):
                raise ValueError(f"{name} must not be negative (got {array.min():g})")


@dataclass(frozen=True)
class RiskSettings:
    """What counts as much disease, and what a severe case needs.

    Parameters
    ----------
    alert_rate : float
        Cases a week per 100 000 people above which a place is heavily affected.
    stay_days : float
        How long a severe case takes a bed.
    projection_deviation : float
        Spread of the log of a week's projection that growth does not explain.
    """

    alert_rate: float = 50.0
    stay_days: float = 10.0
    projection_deviation: float = 0.5


class Risk(NamedTuple):
    """Arrays are [place].

    Attributes
    ----------
    projected : float array
        Cases of the next week per 100 000 people.
    likelihood : float array
        Chance that they exceed the alert rate.
    impact : float array
        1 - exp(-beds needed / beds free): 0.63 where the need is all that is free.
    risk : float array
        Likelihood x impact.
    share : float array [place, factor]
        How much each factor adds to the difference of the risk from that of the average place, in the order
        of `FACTORS`; they sum to ``risk - reference``.
    reference : float
        Risk of the average place.
    """

    projected: FloatArray
    likelihood: FloatArray
    impact: FloatArray
    risk: FloatArray
    share: FloatArray
    reference: float


def assess_risk(factors: RiskFactors, settings: RiskSettings | None = None) -> Risk:
    """Return likelihood, impact, risk and the share of each factor.

    Notes
    -----
    Next week has ``(level + importation) exp(7 growth)`` cases, log-normal with the spread of growth and
    projection, the standard error of growth averaged over places. Simplified: no depletion within the week
    but for the bound that nobody falls ill twice in it, and one mean stay.
    """
    chosen = settings or RiskSettings()
    projected, likelihood, impact = _evaluate(factors, chosen)
    average = {name: np.full(factors.level.shape, getattr(factors, name).mean()) for name in FACTORS}
    value: dict[frozenset[str], FloatArray] = {}
    for size in range(len(FACTORS) + 1):
        for known in combinations(FACTORS, size):
            given = {name: average[name] for name in FACTORS if name not in known}
            _, chance, effect = _evaluate(replace(factors, **given), chosen)
            value[frozenset(known)] = chance * effect
    share = np.zeros((len(factors.level), len(FACTORS)))
    for column, factor in enumerate(FACTORS):
        for given_factors, risk in value.items():
            if factor not in given_factors:
                size = len(given_factors)
                weight = factorial(size) * factorial(len(FACTORS) - size - 1) / factorial(len(FACTORS))
                share[:, column] += weight * (value[given_factors | {factor}] - risk)
    base = float(value[frozenset()].mean()) if len(factors.level) else 0.0
    return Risk(projected, likelihood, impact, likelihood * impact, share, base)


def _evaluate(factors: RiskFactors, settings: RiskSettings) -> tuple[FloatArray, FloatArray, FloatArray]:
    growing = (factors.level + factors.importation) * np.exp(np.minimum(7 * factors.growth, 50.0))
    projected = np.minimum(growing, EVERYBODY)
    spread = np.hypot(settings.projection_deviation, 7 * factors.growth_deviation.mean())
    ratio = np.log(np.maximum(projected, 1e-9) / settings.alert_rate)
    needed = projected * factors.susceptibility * settings.stay_days / 7
    impact = -np.expm1(-needed / np.maximum(factors.capacity, 1e-9))
    likelihood: FloatArray = ndtr(ratio / spread)
    return projected, likelihood, impact


def severe_share(
    tier_share: ArrayLike, severity: ArrayLike, coverage: ArrayLike, effectiveness: ArrayLike
) -> FloatArray:
    """Return severe cases per case in each place.

    Parameters
    ----------
    tier_share : array [place, tier]
        Share of the population in each tier of risk; rows sum to 1.
    severity : array [tier]
        Severe cases per case without vaccine.
    coverage : array [place, tier]
        Share vaccinated.
    effectiveness : array [tier]
        Of the vaccine against a severe course.
    """
    people, covered = np.asarray(tier_share, dtype=np.float64), np.asarray(coverage, dtype=np.float64)
    severe, shield = np.asarray(severity, dtype=np.float64), np.asarray(effectiveness, dtype=np.float64)
    if not np.allclose(people.sum(axis=1), 1, atol=1e-6):
        raise ValueError(f"tier_share must sum to 1 in each place (got {people.sum(axis=1).min():g})")
    for name, array in (("severity", severe), ("coverage", covered), ("effectiveness", shield)):
        if np.any((array < 0) | (array > 1)):
            raise ValueError(f"{name} must lie between 0 and 1 (got {array.min():g} to {array.max():g})")
    found: FloatArray = (people * severe * (1 - covered * shield)).sum(axis=1)
    return found


def gravity_trips(
    population: ArrayLike, coordinates: ArrayLike, *, trips_share: float = 0.05, exponent: float = 2.0
) -> FloatArray:
    """Return daily trips [from, to] by the gravity model, for where no mobility matrix is given.

    Parameters
    ----------
    population : array [place]
    coordinates : array [place, 2]
        Kilometres; places closer than 1 km count as 1 km apart.
    trips_share : float
        Share of the people of a place who travel to another one on a day.
    exponent : float
        Of the distance. Zipf GK. Am Sociol Rev 1946;11:677-86. DOI 10.2307/2087063.
    """
    people, where = np.asarray(population, dtype=np.float64), np.asarray(coordinates, dtype=np.float64)
    distance = np.sqrt(((where[:, None, :] - where[None, :, :]) ** 2).sum(axis=2))
    pull = people[None, :] / np.maximum(distance, 1.0) ** exponent
    np.fill_diagonal(pull, 0.0)
    total = pull.sum(axis=1, keepdims=True)
    trips: FloatArray = (
        people[:, None] * trips_share * np.divide(pull, total, out=np.zeros_like(pull), where=total > 0)
    )
    return trips


def imported_cases(level: ArrayLike, population: ArrayLike, trips: ArrayLike) -> FloatArray:
    """Return cases that arrive in a week per 100 000 people of the place of arrival [place].

    Parameters
    ----------
    level : array [place]
        Cases of the last week per 100 000 people, as those who travel have.
    population : array [place]
    trips : array [from, to]
        People a day; the diagonal is left out.
    """
    rate, people = np.asarray(level, dtype=np.float64), np.asarray(population, dtype=np.float64)
    flow = np.asarray(trips, dtype=np.float64).copy()
    if flow.shape != (len(people), len(people)) or np.any(flow < 0):
        raise ValueError(f"trips must be [place, place] and not negative (got shape {flow.shape})")
    if np.any(~(people > 0)):
        raise ValueError("population must be positive; leave out places where nobody lives")
    np.fill_diagonal(flow, 0.0)
    arriving: FloatArray = rate / 1e5 @ flow
    return arriving / people * 1e5
