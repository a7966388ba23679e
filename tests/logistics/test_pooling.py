"""Pooled designs: Dorfman's published table, a plain simulation as slow twin, and laws."""

from __future__ import annotations

import numpy as np
import pytest

from fangxian.logistics.pooling.assay import Assay
from fangxian.logistics.pooling.designs import best_design, dorfman, information_bound, square_array
from fangxian.logistics.pooling.informative import informative_pools

PERFECT = Assay.perfect()
WEAK = Assay(4.0, 1.5, 3.0, 1.0, 0.9, 0.97)
# Dorfman 1943, table I: prevalence in per cent, group size, tests in per cent of single tests.
TABLE = [
    (1, 11, 20),
    (2, 8, 27),
    (3, 6, 33),
    (4, 6, 38),
    (5, 5, 43),
    (6, 5, 47),
    (7, 5, 50),
    (8, 4, 53),
    (9, 4, 56),
    (10, 4, 59),
    (12, 4, 65),
    (13, 3, 67),
    (15, 3, 72),
    (20, 3, 82),
    (25, 3, 91),
    (30, 3, 99),
]


@pytest.mark.parametrize(("per_cent", "size", "tests"), TABLE)
def test_the_published_optimum_of_dorfman(per_cent, size, tests):
    best = best_design(per_cent / 100, PERFECT)
    assert round(100 * dorfman(per_cent / 100, size, PERFECT).tests[0]) == tests
    # At 7 % groups of 4 need 50.19 and the published groups of 5 need 50.43: both are printed as 50.
    assert best.size == (4 if per_cent == 7 else size)
    assert round(100 * best.tests) == tests
    assert best.bound <= best.tests


def test_above_31_in_100_nobody_is_pooled():
    """Groups stop paying at 1 - (1/3)^(1/3) = 0.3066 (groups of three are the last to pay)."""
    assert best_design(0.306, PERFECT).design == "tubes"
    assert best_design(0.307, PERFECT).design == "single"


def test_arrays_beat_tubes_at_low_prevalence_by_hand():
    """Side 10 at 1 %: 2/10 + 0.01 + 0.99 (1 - 0.99^9)^2 = 0.2174 tests."""
    outcome = square_array(0.01, 10, PERFECT)
    assert outcome.tests[0] == pytest.approx(0.2 + 0.01 + 0.99 * (1 - 0.99**9) ** 2)
    side_30 = square_array(0.01, 25, PERFECT).tests[0]
    assert side_30 < dorfman(0.01, 11, PERFECT).tests[0]


def plain_tubes(numbers, prevalence, size, assay, tubes):
    """Loop over people: who is infected, whose tube answers, who is found."""
    tests = found = cases = 0
    for _ in range(tubes):
        infected = numbers.random(size) < prevalence
        load = numbers.normal(assay.load_log10_mean, assay.load_log10_sd, size)
        copies = np.where(infected & (numbers.random(size) < assay.swab_yield), 10.0**load, 0.0)
        in_tube = copies.sum() / size**assay.dilution_exponent
        hits = np.log(20) * in_tube / 10**assay.limit_log10
        positive = numbers.random() < 1 - assay.specificity * np.exp(-hits)
        tests += 1 + size * positive
        cases += infected.sum()
        if positive:
            second = infected & (numbers.random(size) < assay.swab_yield)
            seen = numbers.random(size) < 1 - np.exp(-np.log(20) * 10.0 ** (load - assay.limit_log10))
            found += (second & seen).sum()
    return tests / (tubes * size), found / cases


def test_tubes_agree_with_a_plain_simulation_under_dilution_and_error():
    tests, found = plain_tubes(np.random.default_rng(4), 0.08, 6, WEAK, 20_000)
    outcome = dorfman(0.08, 6, WEAK)
    assert outcome.tests[0] == pytest.approx(tests, abs=0.01)
    assert outcome.found[0] == pytest.approx(found, abs=0.015)


def test_arrays_agree_with_a_plain_simulation_under_dilution_and_error():
    numbers, side, prevalence = np.random.default_rng(5), 6, 0.06
    tests = found = cases = false = well = 0
    for _ in range(6000):
        infected = numbers.random((side, side)) < prevalence
        load = numbers.normal(WEAK.load_log10_mean, WEAK.load_log10_sd, (side, side))
        copies = np.where(infected & (numbers.random((side, side)) < WEAK.swab_yield), 10.0**load, 0.0)
        scale = np.log(20) / 10**WEAK.limit_log10
        lines = [
            numbers.random(side) < 1 - WEAK.specificity * np.exp(-scale * copies.sum(axis) / side)
            for axis in (1, 0)
        ]
        again = lines[0][:, None] & lines[1][None, :]
        tests += 2 * side + again.sum()
        seen = numbers.random((side, side)) < 1 - np.exp(-scale * copies)
        found += (again & seen & infected).sum()
        false += (again & ~infected & (numbers.random((side, side)) > WEAK.specificity)).sum()
        cases += infected.sum()
        well += (~infected).sum()
    outcome = square_array(prevalence, side, WEAK)
    assert outcome.tests[0] == pytest.approx(tests / (6000 * side**2), abs=0.005)
    assert outcome.found[0] == pytest.approx(found / cases, abs=0.015)
    assert outcome.false_alarms[0] == pytest.approx(false / well, abs=0.001)


def test_dilution_misses_cases_and_a_shared_tube_of_medium_does_not():
    """混样 loses weak cases as tubes grow; 混采 does not, but for the second swab that both need."""
    mixed = [dorfman(0.001, size, Assay(dilution_exponent=1.0)).found[0] for size in (2, 5, 10, 20)]
    assert np.all(np.diff(mixed) < 0)
    shared = [dorfman(0.001, size, Assay(dilution_exponent=0.0)).found[0] for size in (2, 5, 10, 20)]
    assert np.ptp(shared) < 0.001
    assert (
        best_design(0.001, Assay(dilution_exponent=1.0), least_found=0.9).size
        < best_design(0.001, Assay(dilution_exponent=1.0)).size
    )


def test_known_risks_save_tests_and_equal_risks_fall_back_to_dorfman():
    equal = informative_pools(np.full(110, 0.01), PERFECT)
    assert equal.tests == pytest.approx(110 * dorfman(0.01, 11, PERFECT).tests[0])
    risks = np.random.default_rng(1).permutation(np.repeat([0.001, 0.05, 0.4], [400, 100, 20]))
    known = informative_pools(risks, PERFECT)
    mean = risks.mean()
    assert known.tests < 520 * best_design(mean, PERFECT).tests
    assert known.tests <= known.plain_tests
    assert known.sizes.sum() == 520
    assert np.all(np.diff(known.sizes) <= 1)  # no tube is larger than one of lower risk, but for rounding
    assert known.sizes[-1] == 1


def partitions(items):
    """Yield every way to put people into tubes."""
    if not items:
        yield []
        return
    first, rest = items[0], items[1:]
    for smaller in partitions(rest):
        for k, group in enumerate(smaller):
            yield [*smaller[:k], [first, *group], *smaller[k + 1 :]]
        yield [[first], *smaller]


def test_neighbours_in_risk_are_the_best_of_all_partitions():
    """Hwang 1975: with an errorless test no other partition of six people is cheaper."""
    risks = np.array([0.3, 0.02, 0.15, 0.05, 0.4, 0.01])

    def tests(groups):
        return sum(
            1.0 if len(each) == 1 else 1 + len(each) * (1 - np.prod(1 - risks[each])) for each in groups
        )

    assert informative_pools(risks, PERFECT).tests == pytest.approx(
        min(tests(groups) for groups in partitions(list(range(6))))
    )


def test_nothing_beats_the_entropy():
    for prevalence in (0.001, 0.01, 0.1, 0.3):
        best = best_design(prevalence, PERFECT, array_sides=range(2, 40))
        assert best.tests >= information_bound(prevalence)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: dorfman(1.2, 5, PERFECT), r"prevalence must be in \[0, 1\) \(got 1.2 to 1.2\)"),
        (lambda: dorfman(0.1, 0, PERFECT), r"at least 1 specimen \(got 0\)"),
        (lambda: square_array(0.1, 1, PERFECT), r"side of at least 2 \(got 1\)"),
        (lambda: Assay(specificity=99.0), r"specificity must be in \[0, 1\] \(got 99.0\)"),
        (lambda: best_design(0.1, WEAK, tube_sizes=(30,), least_found=0.99), "allow smaller tubes"),
        (lambda: informative_pools(np.array([]), PERFECT), "at least 1 person"),
    ],
)
def test_wrong_values_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
