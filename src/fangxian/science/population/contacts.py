"""Contacts by setting and age: the published matrices of a city, and what a simulator needs of them.

The matrices of Mistry et al. 2021 (DOI 10.1038/s41467-020-20544-y) hold frequencies: a row sums to the share
of people of its age who take part in the setting. Times the paper's contacts a day in that setting, they are
contacts of one person of the row's age with people of the column's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fangxian.plans.cities import CityFile
from fangxian.plans.cities.loader import SETTINGS
from fangxian.science.population.ages import AGES, people_by_age
from fangxian.science.population.records import GroupKind

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class ContactMatrices:
    """Contacts a day of one person of a row's age with people of a column's age, by setting.

    Parameters
    ----------
    age_from : tuple of int
        First age of each group; the last has no end.
    by_setting : dict of str to float array [A, A]
        ``"household"``, ``"school"``, ``"work"``, ``"community"``.
    """

    age_from: tuple[int, ...]
    by_setting: dict[str, FloatArray]

    @property
    def total(self) -> FloatArray:
        """Contacts a day in all settings; float array [A, A]."""
        return np.asarray(sum(self.by_setting.values()), dtype=np.float64)


@dataclass(frozen=True)
class SettingContacts:
    """Contacts a day of people who take part in a setting, where the groups are known one by one.

    Parameters
    ----------
    household_per_member : float
        Contacts a day of a person with all other members of the household together.
    household_exponent : float
        1: the sum does not depend on the size of the household, as the matrices count.
    group : float array [4, A]
        Contacts a day inside the daytime group, by :class:`GroupKind` and age.
    community : float array [A, A]
        Contacts a day of a person of the row's age with anybody of the column's.
    """

    household_per_member: float
    household_exponent: float
    group: FloatArray
    community: FloatArray


def contact_matrices(city: CityFile) -> ContactMatrices:
    """Return the contact matrices of a city.

    Raises
    ------
    ValueError
        If its margins name none.
    """
    weights = city.margins.contacts
    if weights is None:
        raise ValueError(
            f"the margins of {city.margins.code} name no contact matrices; add a [contacts] table "
            "with a file, or take the matrices of a city nearby"
        )
    return ContactMatrices(
        city.contact_ages,
        {
            setting: getattr(weights, setting) * np.array(city.contacts[setting], dtype=np.float64)
            for setting in SETTINGS
        },
    )


def regroup(matrix: FloatArray, age_from: ArrayLike, people: ArrayLike, wanted: ArrayLike) -> FloatArray:
    """Return a contact matrix for coarser age groups.

    Parameters
    ----------
    matrix : float array [A, A]
        Contacts of one person of the row's age with people of the column's.
    age_from : array_like [A]
        First age of each group of the matrix.
    people : array_like [101]
        People of each single year: rows are averaged by them.
    wanted : array_like [B]
        First age of each new group; each must begin where a group of the matrix begins.

    Returns
    -------
    float array [B, B]

    Raises
    ------
    ValueError
        If a new group begins inside an old one or beyond the matrix.
    """
    old = np.asarray(age_from, dtype=np.int64)
    new = np.asarray(wanted, dtype=np.int64)
    strays = sorted(set(new.tolist()) - set(old.tolist()))
    if strays or len(new) == 0 or new[0] != 0 or np.any(np.diff(new) <= 0):
        raise ValueError(
            f"regroup: new age groups must rise from 0 and begin where those of the matrix do "
            f"(got {new.tolist()}, ages outside the matrix: {strays}); "
            f"the matrix has groups from {old.tolist()}"
        )
    counts = np.add.reduceat(np.asarray(people, dtype=np.float64), old)
    group = np.searchsorted(new, old, side="right") - 1
    membership = (group[:, None] == np.arange(len(new))).astype(np.float64)
    weight = membership * counts[:, None]
    sums = weight.sum(axis=0)
    average = weight / np.where(sums > 0, sums, 1.0)
    return np.asarray(average.T @ matrix @ membership, dtype=np.float64)


def setting_contacts(city: CityFile, age_from: ArrayLike) -> SettingContacts:
    """Return what a simulator needs, with contacts in the community by the age groups wanted.

    Parameters
    ----------
    city : CityFile
    age_from : array_like [A]
        First age of each group, any ages from 0 rising.

    Returns
    -------
    SettingContacts
        In care homes people meet as many as at work: no source tells how many, and the kernel's care homes
        are the weaker for it. The community is met by chance, in proportion to the people of each age, as in
        the paper.
    """
    weights = city.margins.contacts
    if weights is None:
        raise ValueError(
            f"the margins of {city.margins.code} name no contact matrices; add a [contacts] table "
            "with a file, or take the matrices of a city nearby"
        )
    ages = np.asarray(age_from, dtype=np.int64)
    if len(ages) == 0 or ages[0] != 0 or np.any(np.diff(ages) <= 0) or ages[-1] >= AGES:
        raise ValueError(
            f"setting_contacts: ages must rise from 0 to at most {AGES - 1} (got {ages.tolist()})"
        )
    share = np.add.reduceat(people_by_age(city.margins), ages) / city.margins.people.value
    group = np.zeros((len(GroupKind), len(ages)))
    group[GroupKind.SCHOOL_CLASS] = weights.school
    group[[GroupKind.WORKPLACE, GroupKind.HEALTH_FACILITY, GroupKind.CARE_HOME]] = weights.work
    community = np.tile(weights.community * share, (len(ages), 1))
    return SettingContacts(weights.household, 1.0, group, community)
