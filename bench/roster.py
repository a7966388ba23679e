"""Claim: a roster of 500 staff over 28 days in under 60 s, with a proven bound.

``python bench/roster.py [SECONDS]``. Made-up teams (模拟数据) of three hospitals and seven townships,
a third of whom fall ill for a week, in an ordinary month and in one with more need than staff. Beside ours:
the fixed rotation of today. The share covered is weighted by importance. Below each line: what every level
counts, and what it counts at least in any roster that is no worse in the levels above.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

from fangxian.logistics.rostering.rotation import fixed_rotation
from fangxian.logistics.rostering.solve import RosterStop, solve_roster
from fangxian.studies.rosters.synthetic import write_synthetic_roster
from fangxian.studies.rosters.tables import read_roster


def main() -> None:
    """Print what is covered, the bound and the time, and peak memory."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 50.0
    print(
        f"{'need':<7}{'shifts':>8}{'open':>7}{'covered':>9}{'at most':>9}{'gap':>8}{'s':>7}"
        f"{'today open':>12}{'ratio':>7}"
    )
    for tightness in (0.6, 0.95):
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch) / "teams"
            write_synthetic_roster(folder, seed=1, tightness=tightness)
            problem = read_roster(folder)
        solve_roster(problem, stop=RosterStop(0.1))  # compiled before timing
        began = time.perf_counter()
        result = solve_roster(problem, stop=RosterStop(seconds))
        spent = time.perf_counter() - began
        mine, most = result.covered_share(problem)
        _, _, usual = fixed_rotation(problem)
        today = usual.uncovered / problem.rules.unit_weight
        ours = result.cost.uncovered / problem.rules.unit_weight
        print(
            f"{tightness:<7}{int(problem.need.sum()):>8}{int(result.missing.sum()):>7}{mine:>9.2%}{most:>9.2%}"
            f"{most - mine:>8.2%}{spent:>7.1f}{today:>12.0f}{ours / today:>7.2f}"
        )
        for level in result.levels:
            counts = f"{level.value:>10,.0f} at least {level.bound:>10,.0f}"
            print(f"    {level.name:<12}{counts} gap {level.gap:.2%}")
    print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
