"""Steps judged together are judged as one by one, and a step of long ago is judged as it was on its day."""

from __future__ import annotations

import numpy as np
import pytest

from fangxian.science.detection.count_quantiles import at_most, smallest_covering
from fangxian.science.detection.reference_points import TimeAxis
from fangxian.science.detection.surprise import SurpriseOptions, detect_surprises


@pytest.fixture
def panel():
    numbers = np.random.default_rng(11)
    counts = numbers.negative_binomial(3, 0.3, (80, 12)).astype(float)
    counts[numbers.random(counts.shape) < 0.1] = np.nan
    counts[70, 3] = 60
    return counts


def test_steps_judged_together_are_judged_as_one_by_one(panel):
    axis = TimeAxis(len(panel), 365)
    together = detect_surprises(panel, axis, steps=range(60, 80))
    assert together.alarm[10, 3]
    for row, step in enumerate(range(60, 80)):
        alone = detect_surprises(panel, axis, steps=[step])
        for whole, part in zip(together[1:], alone[1:], strict=True):
            np.testing.assert_allclose(whole[row], part[0], rtol=1e-12)


def test_what_lies_beyond_the_memory_decides_nothing(panel):
    """Tenfold counts of long ago change no judgement of a step that does not remember them."""
    options = SurpriseOptions(memory_steps=30, seasonal_deviation=())
    axis = TimeAxis(len(panel), 365)
    before = detect_surprises(panel, axis, options, steps=[79])
    panel[:49] *= 10
    after = detect_surprises(panel, axis, options, steps=[79])
    np.testing.assert_allclose(after.expected, before.expected, rtol=1e-9)
    panel[49] *= 10
    assert not np.allclose(detect_surprises(panel, axis, options, steps=[79]).expected, before.expected)


def test_each_mean_has_the_quantile_of_its_own_level():
    """The smallest count that covers: it does, and one less does not; each place has a level of its own."""
    numbers = np.random.default_rng(2)
    mean = 10 ** numbers.uniform(-3, 6, 400)
    dispersion = np.where(numbers.random(400) < 0.3, 1.0, 1 + 10 ** numbers.uniform(-2, 2, 400))
    level = numbers.choice([0.01, 0.5, 0.95, 0.999999], 400)
    found = smallest_covering(level, mean, dispersion)
    assert (at_most(found, mean, dispersion) >= level).all()
    assert ((found == 0) | (at_most(found - 1, mean, dispersion) < level)).all()
