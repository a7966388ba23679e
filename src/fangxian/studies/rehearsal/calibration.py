"""How likely a contact must infect so that one infection causes as many as the disease file says.

In a town with households and fixed groups the same people meet again and again, so that the number infected
is less than contacts times probability. The expectation is taken person by person: members of the household
and of the daytime group each escape with their own probability, contacts in the community are nearly always
with new people.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fangxian.base.counter_random import purpose_key
from fangxian.plans.schema import DiseaseFile
from fangxian.science.agents.records import Setting
from fangxian.studies.rehearsal.from_disease import by_group, complete, infectiousness_of
from fangxian.studies.rehearsal.town import Town

FloatArray = NDArray[np.float64]
SAMPLE = 40_000
"""Persons over whom the expectation is taken."""
LARGEST_REPRODUCTION_NUMBER = 100.0
"""More than any disease known; beyond it, contacts rather than the disease would have to be looked at."""
SMALLEST_LOGARITHM, LARGEST_LOGARITHM, CLOSE_ENOUGH = -30.0, 12.0, 1e-6
"""Where the logarithm of the probability is looked for, and how closely."""


def transmissibility_for(
    disease: DiseaseFile, town: Town, *, reproduction_number: float | None = None
) -> float:
    """Return the probability of infection at a contact of weight 1, before susceptibility by age.

    Parameters
    ----------
    disease : DiseaseFile
        With transmission and course.
    town : Town
        Whose people meet.
    reproduction_number : float, optional
        Infections caused by one where nobody is immune and nothing is done; the file's by default. 0 is a
        disease that does not pass on.

    Returns
    -------
    float
        Such that persons, drawn in proportion to how many they meet, cause that many infections each.

    Raises
    ------
    ValueError
        If the number is negative, or nobody meets anybody.
    """
    spread, course, _ = complete(disease)
    wanted = spread.reproduction_number.value if reproduction_number is None else reproduction_number
    if not 0.0 <= wanted <= LARGEST_REPRODUCTION_NUMBER:
        raise ValueError(
            f"transmissibility_for: reproduction_number must be 0 to {LARGEST_REPRODUCTION_NUMBER:g} "
            f"(got {wanted}); give infections caused by one"
        )
    if wanted == 0.0:
        return 0.0
    infectiousness = infectiousness_of(spread)
    symptomatic = by_group(course.symptomatic, town)
    factor = symptomatic + (1.0 - symptomatic) * infectiousness.asymptomatic_factor
    susceptible = (
        np.ones(town.age_groups.count)
        if spread.susceptibility is None
        else by_group(spread.susceptibility, town)
    )
    sample = _Sample(town, factor, susceptible)
    days = infectiousness.period.mean_days

    def excess(logarithm: float) -> float:
        return sample.expected(float(np.exp(logarithm)) * days, infectiousness.dispersion) - wanted

    low, high = SMALLEST_LOGARITHM, LARGEST_LOGARITHM
    if excess(high) < 0.0:
        raise ValueError(
            f"transmissibility_for: {wanted} infections caused by one cannot be reached, "
            "people meet too few others; check the contacts and the size of the town"
        )
    while high - low > CLOSE_ENOUGH:
        middle = (low + high) / 2
        low, high = (low, middle) if excess(middle) > 0.0 else (middle, high)
    return float(np.exp((low + high) / 2))


class _Sample:
    """Contacts of a sample of persons: rates a day, and with how many different people."""

    def __init__(self, town: Town, factor: FloatArray, susceptible: FloatArray) -> None:
        people, contacts = town.population, town.contacts
        size = min(SAMPLE, people.size)
        random = np.random.Generator(np.random.Philox(int(purpose_key(0, "calibration sample"))))
        chosen = random.choice(people.size, size=size, replace=False)
        age = town.age_groups.of_years()[people.person_age[chosen]]
        shares = town.people.sum(axis=0) / people.size
        mean_susceptible = float(np.dot(shares, susceptible))
        home = people.person_household[chosen]
        members = np.diff(people.household_start)[home] - 1.0
        self.others = members
        safe = np.maximum(members, 1.0)
        self.household = contacts.household_per_member * safe**-contacts.household_exponent
        self.household *= contacts.weight[Setting.HOUSEHOLD] * mean_susceptible * (members > 0)
        group = people.person_group[chosen]
        sizes = np.concatenate((np.diff(people.group_start), [1]))
        kinds = np.concatenate((people.group_kind, [0])).astype(np.int64)
        self.mates = sizes[group] - 1.0
        rate = contacts.group[kinds[group], age] * contacts.weight[1 + kinds[group]]
        self.group = np.where(self.mates > 0, rate, 0.0) * susceptible[age]
        self.community = (contacts.community @ susceptible)[age] * contacts.weight[Setting.COMMUNITY]
        self.factor = factor[age]
        total = self.household * members + self.group + self.community
        weight = total * susceptible[age]
        self.weight = weight / weight.sum() if weight.sum() > 0 else np.full(size, 1.0 / size)

    def expected(self, strength: float, dispersion: float) -> float:
        """Return infections caused by one, for an infectiousness in contacts of weight 1."""
        own = strength * self.factor
        home = self.others * _infected(self.household * own, dispersion)
        mates = np.maximum(self.mates, 1.0)
        group = self.mates * _infected(self.group * own / mates, dispersion)
        return float(np.dot(self.weight, home + group + self.community * own))


def _infected(mean: FloatArray, dispersion: float) -> FloatArray:
    """Return the chance that one of a Poisson number of contacts infects, its mean varied by a gamma."""
    if np.isinf(dispersion):
        return -np.expm1(-mean)
    return 1.0 - (1.0 + mean / dispersion) ** -dispersion
