"""The simulator against its slow twin: each measure alone, then all at once (issue 3, section 5)."""

from __future__ import annotations

import pytest
from day_by_day_comparison import disagreements, fast_run, side_by_side, slow_run
from slow_twin_runs import kept_runs
from slow_twin_scenes import LARGE_SCENES, SCENES

FAST, FAST_OF_LARGE = 50, 24


@pytest.mark.parametrize("name", [*SCENES, *LARGE_SCENES])
def test_the_simulator_agrees_with_the_slow_twin(name: str) -> None:
    """Every statistic lies where the twin's lies, and spreads as widely."""
    scene = (SCENES | LARGE_SCENES)[name]()
    fast = [fast_run(scene, seed) for seed in range(FAST_OF_LARGE if name in LARGE_SCENES else FAST)]
    assert disagreements(side_by_side(fast), kept_runs(name)) == []


@pytest.mark.parametrize("name", [*SCENES, *LARGE_SCENES])
def test_the_twin_is_the_one_whose_runs_are_kept(name: str) -> None:
    """A run made now equals the one that was kept; if not, make them again with slow_twin_runs.py."""
    made = slow_run((SCENES | LARGE_SCENES)[name](), seed=0)
    kept = {statistic: values[0] for statistic, values in kept_runs(name).items()}
    assert made == pytest.approx(kept, rel=1e-9)
