"""The first reader of a brief does not wait for a compiler."""

import numpy as np

from fangxian.console.cli.server import compile_ahead
from fangxian.science.detection.dispersion_prior import learn_weights
from fangxian.science.detection.seasonal_baseline import expect_panel
from fangxian.studies.brief.estimators import SurpriseDetector


def test_nothing_is_left_to_compile_when_real_counts_come():
    compile_ahead()
    kernels = [kernel.whole for kernel in (learn_weights, expect_panel)]
    ready = [list(kernel.signatures) for kernel in kernels]
    counts = np.random.default_rng(3).poisson(4.0, (60, 21)).astype(float)
    counts[-5, 2] = np.nan
    SurpriseDetector().detect(counts)
    assert all(ready), "the kernels of the detector were not compiled"
    assert [list(kernel.signatures) for kernel in kernels] == ready
