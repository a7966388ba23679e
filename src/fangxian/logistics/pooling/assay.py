"""What a nucleic acid test sees of a specimen, alone and among others.

The virus in a specimen is a number of copies; a test takes a sample of them and answers positive as soon as
it holds one that it can multiply (single hit). Copies of several positives in a tube add up, so the chances
that each of them goes unseen multiply: sensitivity of a tube needs no table by number of positives.

Hwang FK. Group testing with a dilution effect. Biometrika 1976. DOI 10.1093/biomet/63.3.671 (the exponent).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

_NODES = 96
_HITS_AT_LIMIT = float(np.log(20))
"""Expected hits at the concentration that is seen 95 times in 100."""


@dataclass(frozen=True)
class Assay:
    """A test and the specimens it is used on.

    Parameters
    ----------
    load_log10_mean, load_log10_sd : float
        Logarithm of copies/mL in a good swab of an infected person: mean and standard deviation.
    limit_log10 : float
        Logarithm of the copies/mL seen in 95 % of tests (limit of detection).
    dilution_exponent : float
        0: swabs share one tube of medium (混采), nothing is diluted; 1: equal parts of k specimens are mixed
        in the laboratory (混样), the load falls to 1/k.
    swab_yield : float
        Chance that the swab of an infected person holds virus at all.
    specificity : float
        Chance that a tube without virus tests negative.
    """

    load_log10_mean: float = 6.0
    load_log10_sd: float = 1.8
    limit_log10: float = 2.7
    dilution_exponent: float = 0.0
    swab_yield: float = 0.95
    specificity: float = 0.9999

    def __post_init__(self) -> None:
        """Refuse shares outside 0 to 1 and a negative spread."""
        for name in ("dilution_exponent", "swab_yield", "specificity"):
            value = getattr(self, name)
            if not 0 <= value <= 1:
                raise ValueError(f"{name} must be in [0, 1] (got {value}); give it as a share")
        if not (self.load_log10_sd >= 0 and np.isfinite(self.load_log10_mean)):
            raise ValueError(
                f"load_log10_sd must not be negative and loads must be finite (got {self.load_log10_sd}, "
                f"{self.load_log10_mean}); give logarithms to base 10"
            )

    @classmethod
    def perfect(cls) -> Assay:
        """Return the test of the textbook: it sees every positive and only those."""
        return cls(30.0, 0.0, 0.0, 0.0, 1.0, 1.0)

    def loads(self) -> tuple[Floats, Floats]:
        """Return load_log10[N] and weight[N]: Gauss-Hermite nodes of the loads, weights summing to 1."""
        if self.load_log10_sd == 0:
            return np.array([self.load_log10_mean]), np.ones(1)
        node, weight = _normal_nodes()
        return self.load_log10_mean + self.load_log10_sd * node, weight / weight.sum()

    def seen(self, load_log10: ArrayLike, size: int) -> Floats:
        """Return the chance that a load in one of ``size`` specimens makes the tube positive.

        Parameters
        ----------
        load_log10 : float[N]
            Logarithms of copies/mL.
        size : int
            Specimens in the tube.

        Returns
        -------
        float[N]
        """
        above = (
            np.asarray(load_log10, np.float64) - self.limit_log10 - self.dilution_exponent * np.log10(size)
        )
        return np.asarray(-np.expm1(-_HITS_AT_LIMIT * 10.0 ** np.minimum(above, 12.0)))

    def sensitivity(self, size: int) -> float:
        """Return the chance that one positive alone makes a tube of ``size`` positive."""
        load, weight = self.loads()
        return float(self.swab_yield * (weight @ self.seen(load, size)))


@lru_cache(maxsize=1)
def _normal_nodes() -> tuple[Floats, Floats]:
    """Return nodes and weights of the normal distribution: finding them costs more than using them."""
    node, weight = np.polynomial.hermite_e.hermegauss(_NODES)
    return node, weight
