"""The reproduction number of a disease in a city, and the disease scaled to a wanted one.

R0 is the growth factor from one generation to the next of the expected number of *distinct* people infected,
in a population in which nobody is immune: the dominant eigenvalue of the matrix "i infects j"
(`next_generation`). A pair in a household or group counts with the probability of at least one effective
contact; in the community no pair meets twice. Members of one household infected by each other share their
other members, so that growth in clusters is slower than R0 alone says.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from fangxian.science.agents.city import City
from fangxian.science.agents.delays import quantile
from fangxian.science.agents.draws import LARGEST_MEAN
from fangxian.science.agents.next_generation import Weights, cells_of, first_vectors, one_pass
from fangxian.science.agents.records import DiseaseCourse, Infectiousness, Setting

Float64Array = NDArray[np.float64]
Int64Array = NDArray[np.int64]
_PASSES = 200
_STEADY = 2e-7
_NEARLY_STEADY = 3e-5
_TINY = 1e-9
_TRIALS = 60
_CLOSE_ENOUGH = 1e-9
_QUANTILES = 256


def reproduction_number(city: City, disease: DiseaseCourse) -> float:
    """Return R0.

    Parameters
    ----------
    city : City
    disease : DiseaseCourse

    Returns
    -------
    float
        People infected by one, on average; 0 where nobody meets anybody.
    """
    pairs = _Pairs(city, disease)
    value = 0.0
    for _ in range(_PASSES):
        before, value = value, pairs.growth(pairs.step(disease.transmissibility), disease.transmissibility)
        if abs(value - before) <= _STEADY * value:
            break
    return value


def scaled_to(city: City, disease: DiseaseCourse, reproduction: float) -> DiseaseCourse:
    """Return the disease with the transmissibility that gives a wanted R0 in this city.

    Every pass over the people is followed by the transmissibility at which its growth factor is the wanted
    one, so that vectors and transmissibility become right together, within about ten passes; what further
    passes would still change is added as the rest of a geometric series.

    Parameters
    ----------
    city : City
    disease : DiseaseCourse
    reproduction : float
        Wanted R0, 0 or more.

    Returns
    -------
    DiseaseCourse

    Raises
    ------
    ValueError
        If R0 is negative, no number or more than a person can make, or nobody meets anybody.
    """
    if not 0.0 <= reproduction < float("inf"):
        raise ValueError(f"scaled_to: R0 must be 0 or more and finite (got {reproduction}); give a number")
    if reproduction > LARGEST_MEAN:
        raise ValueError(
            f"scaled_to: R0 must be at most {LARGEST_MEAN:g}, the effective contacts that one person can "
            f"make (got {reproduction:g}); give a smaller one"
        )
    if reproduction == 0.0:
        return replace(disease, transmissibility=0.0)
    pairs = _Pairs(city, disease)
    trial, reached, change = _TINY, 0.0, 0.0
    for _ in range(_PASSES):
        weights = pairs.step(trial)
        if pairs.growth(weights, _TINY) == 0.0:
            raise ValueError(
                f"scaled_to: R0 {reproduction} cannot be reached where nobody meets anybody (0 contacts); "
                "give contacts, an infectious period above 0 and susceptible people"
            )
        before, reached_before, change_before = trial, reached, change
        trial, reached = pairs.transmissibility_for(reproduction, weights)
        change = trial - before
        if reached < reproduction * (1.0 - _STEADY):
            if abs(reached - reached_before) <= _STEADY * reached:
                raise ValueError(
                    f"scaled_to: R0 {reproduction} is more than the people whom one meets "
                    f"(reached {reached:.4g}); give more contacts outside the household"
                )
        elif abs(change) <= _NEARLY_STEADY * trial:
            break
    return replace(disease, transmissibility=trial + _still_to_come(change, change_before))


def _still_to_come(change: float, change_before: float) -> float:
    """Return the sum of all later changes, were each the same share of the one before (Aitken)."""
    share = change / change_before if change_before != 0.0 else 0.0
    return change * share / (1.0 - share) if 0.0 < share < 0.9 else 0.0


class _Pairs:
    """All pairs of persons, by setting and by what makes them differ."""

    def __init__(self, city: City, disease: DiseaseCourse) -> None:
        self.city, self.disease = city, disease
        self.cells, rows = cells_of(city, disease, _mean_strength(disease, city.age_groups.count))
        self.vectors = first_vectors(city.population.size)
        self.per_member = self._per_member()
        self.per_colleague = self._per_colleague(rows)

    def _per_member(self) -> Float64Array:
        """Return the contacts a day with each other member, by size of household and age; [S, A]."""
        contacts = self.city.contacts
        largest = int(np.diff(self.city.population.household_start).max())
        others = np.maximum(np.arange(largest + 1) - 1.0, 1.0)
        pair = contacts.weight[Setting.HOUSEHOLD] * contacts.household_per_member
        rates = pair * others**-contacts.household_exponent
        rates[:2] = 0.0
        return np.repeat(rates[:, None], self.city.age_groups.count, axis=1)

    def _per_colleague(self, rows: Int64Array) -> Float64Array:
        """Return the contacts a day with each other member, by kind and size of group and age; [R, A]."""
        contacts = self.city.contacts
        ages = self.city.age_groups.count
        of_kind = np.vstack([np.zeros((1, ages)), contacts.group * contacts.weight[1:5, None]])
        rates = of_kind[rows[:, 0]] / np.maximum(rows[:, 1] - 1, 1)[:, None]
        rates[rows[:, 1] < 2] = 0.0
        return rates

    def step(self, transmissibility: float) -> Weights:
        """Let a generation pass; return the weights of the vectors before it."""
        return one_pass(self.cells, self.city, self.vectors, self._infects(transmissibility))

    def growth(self, weights: Weights, transmissibility: float) -> float:
        """Return the growth factor at a transmissibility, for vectors with these weights."""
        at_home, at_work, _ = self._infects(transmissibility)
        grown = (at_home * weights.household).sum() + (at_work * weights.group).sum()
        grown += transmissibility * weights.community
        return float(grown / weights.both) if weights.both > 0.0 else 0.0

    def transmissibility_for(self, reproduction: float, weights: Weights) -> tuple[float, float]:
        """Return where the growth factor is the wanted one, or as high as it gets, and what it is there."""
        low, reached = _TINY, self.growth(weights, _TINY)
        trial = max(reproduction / reached * low, 2.0 * low)
        value = reached
        for _ in range(_TRIALS):
            value = self.growth(weights, trial)
            if abs(value - reproduction) <= _CLOSE_ENOUGH * reproduction or value - reached <= 0.0:
                break  # found, or every pair infects already
            # secant: the growth factor is concave in transmissibility
            step = (reproduction - value) * (trial - low) / (value - reached)
            low, reached, trial = trial, value, min(max(trial + step, trial / 10.0), trial * 10.0)
        return trial, value

    def _infects(self, transmissibility: float) -> tuple[Float64Array, Float64Array, float]:
        """Return the probabilities to infect one other at home and at work, and the transmissibility."""
        at_home = self._probability(self.per_member * transmissibility)
        return at_home, self._probability(self.per_colleague * transmissibility), transmissibility

    def _probability(self, rates: Float64Array) -> Float64Array:
        """Return the probability of at least one effective contact; [..., A] as the rates a day."""
        infectiousness, severity = self.disease.infectiousness, self.disease.severity
        escapes = _escape(infectiousness, rates)
        if severity is not None:
            mild = _escape(infectiousness, rates * infectiousness.asymptomatic_factor)
            escapes = severity.symptomatic * escapes + (1.0 - severity.symptomatic) * mild
        return 1.0 - escapes


def _escape(infectiousness: Infectiousness, rates: Float64Array) -> Float64Array:
    """Return the probability of no effective contact with one other person, for contacts a day; as the rates.

    The mean over the quantiles of the period, or its mean where the number of contacts does not follow it, of
    the Laplace transform of the gamma distribution of individual infectiousness.
    """
    days = np.array([infectiousness.period.mean_days])
    if infectiousness.follows_period:
        longer = (np.arange(_QUANTILES) + 0.5) / _QUANTILES
        days = quantile(infectiousness.period, longer)
        if days.sum() > 0.0:
            days = days * (infectiousness.period.mean_days / days.mean())
    different, which = np.unique(rates, return_inverse=True)
    expected = different[:, None] * days[None, :]
    shape = infectiousness.dispersion
    none = np.exp(-expected) if np.isinf(shape) else (1.0 + expected / shape) ** -shape
    escapes: Float64Array = none.mean(axis=1)[which].reshape(rates.shape)
    return escapes


def _mean_strength(disease: DiseaseCourse, ages: int) -> Float64Array:
    """Return the expected days of infectiousness by age, weighted by how infectious a person is; [A]."""
    infectiousness = disease.infectiousness
    days = infectiousness.period.mean_days
    if disease.severity is None:
        return np.full(ages, days)
    symptomatic = disease.severity.symptomatic
    return days * (symptomatic + (1.0 - symptomatic) * infectiousness.asymptomatic_factor)
