"""Series are judged together as alone, in any order, by any thread; memory is linear in their number."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.typing import NDArray

from fangxian.science.detection.bayes import BayesOptions, detect_bayes
from fangxian.science.detection.cusum import detect_cusum
from fangxian.science.detection.ears import EarsMethod, detect_ears
from fangxian.science.detection.farrington import FarringtonOptions, detect_farrington
from fangxian.science.detection.reference_points import TimeAxis
from fangxian.science.detection.surprise import SurpriseResult, detect_surprises

FloatArray = NDArray[np.float64]
Judge = Callable[[FloatArray], object]

WEEKS = 120
AXIS = TimeAxis(WEEKS, 52)
JUDGES: dict[str, Judge] = {
    "C1": lambda panel: detect_ears(panel, EarsMethod.C1),
    "C3": lambda panel: detect_ears(panel, EarsMethod.C3),
    "Farrington": lambda panel: detect_farrington(
        panel, AXIS, FarringtonOptions(years=1, seasons=4), steps=range(80, WEEKS)
    ),
    "CUSUM": lambda panel: detect_cusum(panel, 4.0),
    "Bayes": lambda panel: detect_bayes(panel, AXIS, BayesOptions()),
}


def panel(series: int) -> FloatArray:
    """Counts of many sizes, some of them missing, one a silent series."""
    rng = np.random.default_rng(17)
    counts = rng.negative_binomial(rng.uniform(0.5, 9, series), 0.4, (WEEKS, series)).astype(float)
    counts[:, 1] = 0
    counts[70:74, 2] = np.nan
    return counts


def judged(counts: FloatArray) -> SurpriseResult:
    """Judge the last weeks."""
    return detect_surprises(counts, AXIS, steps=range(100, WEEKS, 4))


@pytest.mark.parametrize("method", JUDGES)
def test_a_batch_changes_nothing(method: str) -> None:
    """Nine series at once, in batches of two, or one by one: the very same numbers."""
    counts, judge = panel(9), JUDGES[method]
    together = judge(counts)
    for size in (1, 2):
        batches = [judge(counts[:, first : first + size]) for first in range(0, 9, size)]
        for index, whole in enumerate(together):  # type: ignore[arg-type, var-annotated]
            if np.ndim(whole) == 2:
                parts = [batch[index] for batch in batches]  # type: ignore[index]
                np.testing.assert_array_equal(np.concatenate(parts, axis=1), whole)


def test_surprise_of_other_batches_differs_by_what_the_panel_teaches_only() -> None:
    """What is expected and how sure that is comes from the series itself; no other series moves it."""
    counts = panel(9)
    together, alone = judged(counts), [judged(counts[:, [place]]) for place in range(9)]
    np.testing.assert_array_equal(together.expected, np.hstack([one.expected for one in alone]))


def test_order_and_threads_change_no_number() -> None:
    """Reversed, or four at a time, the panel says the same of every series."""
    counts = panel(9)
    once = judged(counts)
    with ThreadPoolExecutor(4) as threads:
        several = list(threads.map(judged, [counts, counts[:, ::-1], counts, counts[:, ::-1]]))
    for name, values in once._asdict().items():
        np.testing.assert_array_equal(getattr(several[0], name), values)
        np.testing.assert_array_equal(getattr(several[2], name), values)
        turned = getattr(several[1], name)
        turned = turned if turned.ndim == 1 else turned[:, ::-1]
        np.testing.assert_allclose(turned.astype(float), values.astype(float), rtol=1e-9)


@pytest.mark.parametrize("judge", [judged, JUDGES["Farrington"]], ids=["surprise", "Farrington"])
def test_memory_is_linear_in_series(judge: Judge) -> None:
    """Four times the series take four times the memory, not sixteen times."""
    peaks = []
    for series in (20, 80):
        counts = panel(series)
        judge(counts[:, :3])
        tracemalloc.start()
        judge(counts)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 5 * peaks[0]
