"""Claim: a county plans its vaccination with a stated gap and reaches more than the rule of today.

``python bench/vaccination.py [SECONDS]``. Three made-up counties (模拟数据) of 290 villages and 12 townships.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

from fangxian.logistics.programme import SolverStop
from fangxian.logistics.vaccination.solve import sessions_of_today, solve_sessions, worth
from fangxian.studies.vaccination.tables import read_campaign, write_synthetic_campaign


def main() -> None:
    """Print weighted vaccinations, bound, gap, time and the rule of today, and peak memory."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 20.0
    print(
        f"{'county':<8}{'weighted':>10}{'at most':>10}{'gap':>8}{'s':>7}"
        f"{'at home':>9}{'today':>10}{'ratio':>7}"
    )
    for seed in (1, 2, 3):
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch) / "county"
            write_synthetic_campaign(folder, seed=seed)
            problem = read_campaign(folder)
        began = time.perf_counter()
        result = solve_sessions(problem, SolverStop(seconds, 1e-3))
        spent = time.perf_counter() - began
        usual, _ = worth(problem, sessions_of_today(problem))
        print(
            f"{seed:<8}{result.value:>10,.0f}{result.bound:>10,.0f}{result.gap:>8.2%}{spent:>7.1f}"
            f"{result.plan.at_home.sum():>9,.0f}{usual:>10,.0f}{result.value / usual:>7.2f}"
        )
    print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
