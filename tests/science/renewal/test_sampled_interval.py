"""The stream of R and what EpiEstim draws from it: numbers that R 4.2.2 with EpiEstim 2.2.4 printed."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from fangxian.base.compiled import compiled
from fangxian.science.renewal.reference_stream import (
    draw_exponential,
    draw_gamma,
    draw_normal,
    draw_uniform,
    reference_state,
)
from fangxian.science.renewal.sampled_interval import IntervalDraws, sample_with_uncertain_interval
from fangxian.science.renewal.uncertain_interval import (
    TruncatedNormal,
    UncertainInterval,
    estimate_with_uncertain_interval,
)
from shared_data import shared_path

LEVELS = (0.025, 0.05, 0.25, 0.5, 0.75, 0.95, 0.975)
SHOWN = UncertainInterval(TruncatedNormal(2.6, 1, 1, 4.2), TruncatedNormal(1.5, 0.5, 0.5, 2.5))
LONG = UncertainInterval(TruncatedNormal(6, 2, 1.5, 11), TruncatedNormal(3, 1, 0.5, 6))
COUNTS = (4, 3, 0, 5, 6, 9, 7, 12, 10, 15, 14, 19, 22, 18, 25)


@compiled(nogil=True)
def _many(state: np.ndarray, kind: int, shape: float) -> np.ndarray:
    drawn = np.empty(20_000)
    for index in range(len(drawn)):
        if kind == 0:
            drawn[index] = draw_uniform(state)
        elif kind == 1:
            drawn[index] = draw_normal(state)
        elif kind == 2:
            drawn[index] = draw_exponential(state)
        else:
            drawn[index] = draw_gamma(state, shape, 1.0)
    return drawn


@pytest.mark.parametrize(
    ("kind", "shape", "printed"),
    [
        (0, 0, (0.46265593310818076, 0.45270767016336322, 0.76452833274379373, 9992.5470046745613)),
        (1, 0, (-0.093744814512965166, 0.073645240433905579, 1.334841681212394, 111.54983300451767)),
        (2, 0, (1.0069402257515421, 2.3225672932944064, 1.391635779207373, 20101.899891490022)),
        (3, 0.4, (0.20520953905330805, 0.062601813717619054, 0.0040038493490508007, 7844.0510275071219)),
        (3, 1.0, (0.43590942851882492, 2.903781041231734, 0.066804002499508894, 19930.638888285142)),
        (3, 2.5, (1.8696218344756323, 0.49539179252045346, 1.131273821488596, 49843.483217201392)),
        (3, 8.0, (7.2454662747725731, 4.1137573713332518, 7.9340856024226634, 159484.04130194566)),
        (3, 60.0, (58.779084742372987, 49.045531454846284, 60.467339905692562, 1198427.3933774375)),
    ],
)
def test_twenty_thousand_draws_are_those_of_r(kind: int, shape: float, printed: tuple[float, ...]) -> None:
    """The first two, the last and the sum: one draw too many or too few would move every later one."""
    drawn = _many(reference_state(-42), kind, shape)
    np.testing.assert_allclose([*drawn[[0, 1, -1]], drawn.sum()], printed, rtol=1e-12)


def test_every_column_equals_the_table_of_epiestim() -> None:
    """Mean, standard deviation and seven quantiles of 25 windows, to 1e-6."""
    with shared_path("expected/flu2009_incidence.csv").open() as lines:
        counts = [float(row["I"]) for row in csv.DictReader(lines)]
    with shared_path("expected/epiestim_flu2009_uncertain_si_seed1.csv").open() as lines:
        expected = [[float(value) for value in row[2:]] for row in list(csv.reader(lines))[1:]]
    result = sample_with_uncertain_interval(counts, SHOWN, IntervalDraws(100, 100, 1), probabilities=LEVELS)
    ours = np.column_stack([result.mean, result.standard_deviation, result.quantiles])
    np.testing.assert_allclose(ours, expected, rtol=0, atol=1e-6)


def test_early_windows_leave_out_intervals_that_have_not_passed() -> None:
    """Windows of three days and an interval of 6 ± 2 days: the first has part of the draws only."""
    draws = IntervalDraws(pairs=40, each=5, seed=2026)
    result = sample_with_uncertain_interval(COUNTS, LONG, draws, window_days=3, probabilities=LEVELS)
    printed = [
        [
            2.01860171445911,
            0.721247791121829,
            1.05551533399181,
            1.16216521938582,
            1.56048587778280,
            1.86986060447602,
            2.34491150107617,
            3.23217065340181,
            3.88028785207755,
        ],
        [
            3.41696492745552,
            1.523145477595770,
            1.26221391992039,
            1.49163507026242,
            2.37580194272755,
            3.09050192519647,
            4.28314204224201,
            6.06713635251744,
            6.86916281984547,
        ],
        [
            1.99692487737010,
            0.708292502416046,
            1.17348142242828,
            1.22859614406860,
            1.50513211562020,
            1.81777860278691,
            2.24615304400999,
            3.52276153009950,
            4.09275741832671,
        ],
    ]
    ours = np.column_stack([result.mean, result.standard_deviation, result.quantiles])
    np.testing.assert_allclose(ours[[0, 3, 11]], printed, rtol=1e-11)


def test_the_computed_mixture_is_where_the_draws_lead() -> None:
    """Means agree within four standard errors of 800 pairs, in early windows too."""
    drawn = sample_with_uncertain_interval(COUNTS, LONG, IntervalDraws(800, 10, 7), window_days=3)
    exact = estimate_with_uncertain_interval(COUNTS, LONG, window_days=3)
    assert np.isfinite(exact.mean).all()
    error = exact.standard_deviation / np.sqrt(800)
    error[:5] = exact.standard_deviation[:5] / np.sqrt(40)  # windows that few pairs of them enter
    assert np.all(np.abs(drawn.mean - exact.mean) < 4 * error)


def test_a_window_with_a_missing_day_is_not_drawn() -> None:
    """NaN for that window, numbers for others."""
    counts = np.full(20, 9.0)
    counts[15] = np.nan
    result = sample_with_uncertain_interval(counts, SHOWN, IntervalDraws(5, 5, 1), window_days=3)
    assert np.isnan(result.quantiles[result.window_end == 16]).all()
    assert np.isfinite(result.quantiles[result.window_end == 14]).all()


def test_wrong_draws_are_named_with_their_remedy() -> None:
    """A seed that R has not, a single draw, and ends that no draw meets."""
    with pytest.raises(ValueError, match=r"seed of R lies between .* .got 2147483648.; take a smaller one"):
        reference_state(2**31)
    with pytest.raises(ValueError, match=r"two draws or more .got 1 pairs of 1."):
        IntervalDraws(1, 1)
    far = UncertainInterval(TruncatedNormal(2, 0.1, 8, 9), TruncatedNormal(1.5, 0.5, 0.5, 2.5))
    with pytest.raises(ValueError, match="hardly ever falls between 8 and 9; set the ends on both sides"):
        sample_with_uncertain_interval(COUNTS, far, IntervalDraws())
