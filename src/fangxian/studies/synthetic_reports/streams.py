"""Random streams keyed by what they decide: the same seed gives the same day whatever else is drawn."""

from __future__ import annotations

import zlib

import numpy as np


def stream(seed: int, purpose: str, day: int = 0) -> np.random.Generator:
    """Return the generator of one purpose on one day.

    Parameters
    ----------
    seed : int
        Of the whole run; at least 0.
    purpose : str
        What is decided, e.g. ``"admissions"``; two purposes never share luck.
    day : int
        Days since the run began, or since 1970 for streams that outlive a run; at least 0.

    Returns
    -------
    numpy.random.Generator
        Philox, a counter-based generator [1]_: no stream depends on how much another one drew.

    References
    ----------
    .. [1] Salmon JK et al. Parallel random numbers: as easy as 1, 2, 3. SC'11.
       https://doi.org/10.1145/2063384.2063405
    """
    key = np.random.SeedSequence((seed, zlib.crc32(purpose.encode()), day))
    return np.random.Generator(np.random.Philox(key))
