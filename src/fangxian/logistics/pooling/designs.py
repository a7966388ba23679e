"""Tests per person, cases found and false alarms of pooled designs, by prevalence.

Dorfman R. The detection of defective members of large populations. Ann Math Stat 1943.
DOI 10.1214/aoms/1177731363. Kim HY, Hudgens MG, Dreyfuss JM, Westreich DJ, Pilcher CD. Comparison of group
testing algorithms for case identification in the presence of test error. Biometrics 2007.
DOI 10.1111/j.1541-0420.2007.00817.x (square arrays).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fangxian.logistics.pooling.assay import Assay

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class PoolOutcome:
    """What a design does on average, for each prevalence.

    Parameters
    ----------
    first_tests, retests : float[P]
        Tubes tested per person in the first round, and single tests after it.
    found : float[P]
        Share of infected people who end with a positive single test.
    false_alarms : float[P]
        Share of uninfected people who end with a positive single test.
    flagged : float[P]
        Chance that a tube of the first round is positive.
    """

    first_tests: Floats
    retests: Floats
    found: Floats
    false_alarms: Floats
    flagged: Floats

    @property
    def tests(self) -> Floats:
        """Tests per person, both rounds."""
        return np.asarray(self.first_tests + self.retests)


def _checked(prevalence: ArrayLike, size: int) -> Floats:
    values = np.atleast_1d(np.asarray(prevalence, np.float64))
    if values.size and not (values.min() >= 0 and values.max() < 1):
        raise ValueError(f"prevalence must be in [0, 1) (got {values.min()} to {values.max()}); give a share")
    if size < 1:
        raise ValueError(f"a tube must hold at least 1 specimen (got {size}); use 1 for single tests")
    return values


def dorfman(prevalence: ArrayLike, size: int, assay: Assay) -> PoolOutcome:
    """Tubes of one size; everybody in a positive tube is swabbed again and tested singly.

    Parameters
    ----------
    prevalence : float[P]
        Share of infected people among those who share tubes, independent of each other.
    size : int
        Specimens in a tube; 1 means single tests without a second.
    assay : Assay
        The test.

    Returns
    -------
    PoolOutcome
        Arrays over prevalence.

    Raises
    ------
    ValueError
        For a prevalence outside [0, 1) or a size below 1.

    Notes
    -----
    A case is found when its tube is positive, for whatever reason, and its second swab is. Infections within
    a tube are taken as independent; families who queue together make fewer tubes positive than this says.
    """
    share = _checked(prevalence, size)
    load, weight = assay.loads()
    others = (1 - share * assay.sensitivity(size)) ** (size - 1)
    unflagged = assay.specificity * others * (1 - share * assay.sensitivity(size))
    single = weight @ assay.seen(load, 1)
    if size == 1:
        found = np.full(share.shape, assay.swab_yield * single)
        false = np.full(share.shape, 1 - assay.specificity)
        return PoolOutcome(np.ones(share.shape), np.zeros(share.shape), found, false, 1 - unflagged)
    own = assay.swab_yield * assay.seen(load, size)
    silent = assay.specificity * (1 - own)[None, :] * others[:, None]
    found = assay.swab_yield * ((1 - silent) @ (weight * assay.seen(load, 1)))
    false = (1 - assay.specificity * others) * (1 - assay.specificity)
    return PoolOutcome(np.full(share.shape, 1 / size), 1 - unflagged, found, false, 1 - unflagged)


def square_array(prevalence: ArrayLike, side: int, assay: Assay) -> PoolOutcome:
    """Specimens in a square; every row and every column is a pool, and positive crossings are tested singly.

    Parameters
    ----------
    prevalence : float[P]
        Share of infected people, independent of each other.
    side : int
        Specimens in a row and in a column, at least 2.
    assay : Assay
        The test; the specimens are kept, so that one swab serves row, column and single test.

    Returns
    -------
    PoolOutcome
        Arrays over prevalence; ``flagged`` is that of a row.

    Raises
    ------
    ValueError
        For a prevalence outside [0, 1) or a side below 2.
    """
    share = _checked(prevalence, side)
    if side < 2:
        raise ValueError(f"an array needs a side of at least 2 (got {side}); use tubes of one size instead")
    load, weight = assay.loads()
    others = (1 - share * assay.sensitivity(side)) ** (side - 1)
    own = assay.seen(load, side)
    crossed = (1 - assay.specificity * (1 - own)[None, :] * others[:, None]) ** 2
    by_chance = (1 - assay.specificity * others) ** 2
    infected = assay.swab_yield * (crossed @ weight) + (1 - assay.swab_yield) * by_chance
    found = assay.swab_yield * (crossed @ (weight * assay.seen(load, 1)))
    retests = share * infected + (1 - share) * by_chance
    flagged = 1 - assay.specificity * others * (1 - share * assay.sensitivity(side))
    return PoolOutcome(
        np.full(share.shape, 2 / side), retests, found, by_chance * (1 - assay.specificity), flagged
    )


@dataclass(frozen=True)
class BestDesign:
    """The cheapest design for one prevalence.

    Parameters
    ----------
    design : str
        ``"single"``, ``"tubes"`` or ``"array"``.
    size : int
        Specimens in a tube, or the side of the array.
    tests, found : float
        Tests per person and share of cases found.
    bound : float
        Tests per person that no design without error can be below: the entropy of the prevalence in bits.
    """

    design: str
    size: int
    tests: float
    found: float
    bound: float


def best_design(
    prevalence: float,
    assay: Assay,
    *,
    tube_sizes: Sequence[int] = tuple(range(1, 65)),
    array_sides: Sequence[int] = (),
    least_found: float = 0.0,
) -> BestDesign:
    """Return the design with fewest tests among those that find enough cases.

    Parameters
    ----------
    prevalence : float
        Share of infected people.
    assay : Assay
        The test.
    tube_sizes, array_sides : sequence of int
        What may be used; the first of equal designs wins.
    least_found : float
        Share of cases that must be found, relative to single tests.

    Returns
    -------
    BestDesign

    Raises
    ------
    ValueError
        When no design allowed finds enough.
    """
    floor = least_found * float(dorfman(prevalence, 1, assay).found[0])
    tried = [
        ("tubes" if size > 1 else "single", size, dorfman(prevalence, size, assay)) for size in tube_sizes
    ]
    tried += [("array", side, square_array(prevalence, side, assay)) for side in array_sides]
    good = [
        BestDesign(name, size, float(each.tests[0]), float(each.found[0]), information_bound(prevalence))
        for name, size, each in tried
        if each.found[0] >= floor
    ]
    if not good:
        raise ValueError(
            f"no design finds {least_found} of what single tests find (tubes {tuple(tube_sizes)}, arrays "
            f"{tuple(array_sides)}); allow smaller tubes"
        )
    return min(good, key=lambda each: each.tests)


def information_bound(prevalence: float) -> float:
    """Return the entropy of a prevalence in bits: tests a person that errorless testing cannot be below."""
    if prevalence in (0.0, 1.0):
        return 0.0
    other = 1 - prevalence
    return float(-(prevalence * np.log2(prevalence) + other * np.log2(other)))
