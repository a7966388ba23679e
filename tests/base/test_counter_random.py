"""Random numbers looked up by key."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chisquare, kstest

from fangxian.base.compiled import compiled
from fangxian.base.counter_random import below, keyed_bits, next_bits, purpose_key, unit_interval

M64 = (1 << 64) - 1


@compiled()
def table(key, people, days):
    """Return the unit-interval number of every person and day."""
    numbers = np.empty((people, days))
    for person in range(people):
        for day in range(days):
            numbers[person, day] = unit_interval(keyed_bits(key, person, day))
    return numbers


def plain_bits(key: int, who: int, which: int) -> int:
    """Return what keyed_bits must give, in Python's own integers."""

    def mix(value: int) -> int:
        value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & M64
        value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & M64
        return value ^ (value >> 31)

    golden = 0x9E3779B97F4A7C15
    return mix((mix((key + golden * (who % 2**64 + 1)) & M64) + golden * (which % 2**64 + 1)) & M64)


@pytest.mark.parametrize(("who", "which"), [(0, 0), (1, 0), (0, 1), (9_413_989, 180), (-1, 3), (2**40, -7)])
def test_kernel_agrees_with_plain_integers(who, which):
    """The compiled hash is the hash that the page states, for negative and large subjects too."""
    key = purpose_key(1, "infection")
    assert int(keyed_bits(key, who, which)) == plain_bits(int(key), who, which)


def test_first_output_of_splitmix_as_published():
    """SplitMix64 seeded with 0 begins with this number (reference implementation, Vigna 2015)."""
    assert int(next_bits(np.uint64(0))) == 0xE220A8397B1DCDAF


def test_uniform_and_unrelated_between_neighbours():
    """People, days and purposes next to each other share nothing."""
    numbers = table(purpose_key(1, "a"), 2_000, 100)
    assert kstest(numbers.ravel(), "uniform").pvalue > 1e-4
    other = table(purpose_key(1, "b"), 2_000, 100)
    bound = 4.5 / np.sqrt(numbers.size)
    for left, right in [
        (numbers[:-1], numbers[1:]),
        (numbers[:, :-1], numbers[:, 1:]),
        (numbers, other),
        (numbers, table(purpose_key(2, "a"), 2_000, 100)),
        (numbers[:100, :], numbers[:100, :].T),
    ]:
        off_diagonal = left != right
        found = np.corrcoef(left[off_diagonal], right[off_diagonal])[0, 1]
        assert abs(found) < bound * np.sqrt(numbers.size / off_diagonal.sum())


def test_one_changed_bit_changes_half_of_the_bits():
    """Avalanche: every input bit reaches every output bit."""
    key = purpose_key(3, "avalanche")
    for bit in range(31):
        changed = [
            (int(keyed_bits(key, who, 5)) ^ int(keyed_bits(key, who ^ (1 << bit), 5))).bit_count()
            for who in range(200)
        ]
        assert 30 < np.mean(changed) < 34


def test_whole_numbers_below_a_bound():
    """Every number below the bound is as frequent as the next, and none reaches it."""
    key = purpose_key(1, "below")
    drawn = [below(np.uint64(keyed_bits(key, who, 0)), 7) for who in range(14_000)]
    counts = np.bincount(drawn)
    assert len(counts) == 7
    assert chisquare(counts).pvalue > 1e-4
    assert below(np.uint64(M64), 2**31) == 2**31 - 1


def test_never_zero_and_never_one():
    """A logarithm of the number and of one minus it exists."""
    assert unit_interval(np.uint64(0)) > 0
    assert unit_interval(np.uint64(M64)) < 1


def test_negative_seed_is_refused():
    """A seed names a run; a minus sign is a slip of the keyboard."""
    with pytest.raises(ValueError, match=r"seed must be 0 or more \(got -1\)"):
        purpose_key(-1, "x")
