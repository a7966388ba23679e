"""Random numbers that are looked up, not drawn in turn: a keyed hash for use inside compiled kernels.

One decision is one key: (seed, purpose, who, which). Whatever else is drawn, on however many threads and in
whatever order, the same key gives the same number, so two runs that differ in one measure share all other
luck (law 10).

The hash is the output function of SplitMix64 with the multipliers of Stafford's variant 13, applied once per
part of the key. It mixes every bit of the input into every bit of the output; it is no cryptography.

Steele GL, Lea D, Flood CH. Fast splittable pseudorandom number generators. OOPSLA 2014.
DOI 10.1145/2660193.2660195. Salmon JK et al. Parallel random numbers: as easy as 1, 2, 3. SC'11.
DOI 10.1145/2063384.2063405.

Notes
-----
Numba turns a mixture of signed and unsigned integers into floating point. The functions below therefore cast
what they are given; arithmetic on their results in a kernel must keep to ``np.uint64``.
"""

from __future__ import annotations

import hashlib

import numpy as np

from fangxian.base.compiled import compiled_lean

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST_MULTIPLIER = np.uint64(0xBF58476D1CE4E5B9)
_SECOND_MULTIPLIER = np.uint64(0x94D049BB133111EB)
_SHIFT_30 = np.uint64(30)
_SHIFT_27 = np.uint64(27)
_SHIFT_31 = np.uint64(31)
_SHIFT_12 = np.uint64(12)
_SHIFT_32 = np.uint64(32)
_TWO_TO_MINUS_52 = 2.0**-52


def purpose_key(seed: int, purpose: str) -> np.uint64:
    """Return the key of one kind of decision in one run.

    Parameters
    ----------
    seed : int
        Of the whole run; 0 or more.
    purpose : str
        What is decided, e.g. ``"household sizes"``; two purposes never share luck.

    Returns
    -------
    numpy.uint64
        First argument of :func:`keyed_bits`.

    Raises
    ------
    ValueError
        If the seed is negative.
    """
    if seed < 0:
        raise ValueError(f"purpose_key: the seed must be 0 or more (got {seed}); give another seed")
    digest = hashlib.blake2b(f"{seed}\n{purpose}".encode(), digest_size=8).digest()
    return np.uint64(int.from_bytes(digest, "little"))


@compiled_lean()
def keyed_bits(key: np.uint64, who: int, which: int) -> np.uint64:
    """Return 64 random bits of one decision.

    Parameters
    ----------
    key : numpy.uint64
        From :func:`purpose_key`.
    who : int
        Person, household or other subject; negative numbers are subjects of their own.
    which : int
        Day, attempt or partner: what tells decisions of one subject apart.

    Returns
    -------
    numpy.uint64
    """
    mixed = _mix(np.uint64(key) + _GOLDEN * (np.uint64(who) + np.uint64(1)))
    return _mix(mixed + _GOLDEN * (np.uint64(which) + np.uint64(1)))


@compiled_lean()
def next_bits(bits: np.uint64) -> np.uint64:
    """Return 64 further bits that follow from some bits, for a decision that needs several numbers."""
    return _mix(np.uint64(bits) + _GOLDEN)


@compiled_lean()
def unit_interval(bits: np.uint64) -> float:
    """Return a number strictly between 0 and 1 from the upper 52 bits."""
    return (float(np.uint64(bits) >> _SHIFT_12) + 0.5) * _TWO_TO_MINUS_52


@compiled_lean()
def below(bits: np.uint64, count: int) -> int:
    """Return a whole number from 0 to ``count - 1`` from the upper 32 bits; count at most 2**31.

    The shares of two results differ by less than ``count / 2**32``.
    """
    return np.int64(((np.uint64(bits) >> _SHIFT_32) * np.uint64(count)) >> _SHIFT_32)  # type: ignore[return-value]


@compiled_lean()
def _mix(value: np.uint64) -> np.uint64:
    value = (value ^ (value >> _SHIFT_30)) * _FIRST_MULTIPLIER
    value = (value ^ (value >> _SHIFT_27)) * _SECOND_MULTIPLIER
    return value ^ (value >> _SHIFT_31)
