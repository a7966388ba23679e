"""Claim: a county's testing round is planned within a stated gap, cheaper than the rule of today.

``python bench/testing_round.py [SECONDS]``. Three made-up counties (模拟数据) of 300 quarters and
villages, 312 possible sites and 3 laboratories. Beside ours: the plain integer programme
of the same round in HiGHS for the same time (it may split an area over sites and schemes, so that its bound
holds for ours too), and the rule of today. Each area is pooled singly, in tubes of 5, 10 or 20, in arrays of
8 or 12, or in tubes by known risk.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

from fangxian.logistics.programme import SolverStop
from fangxian.logistics.testing_round.model import build_model
from fangxian.logistics.testing_round.solve import solve_round
from fangxian.studies.testing_round.synthetic import RoundSize, write_synthetic_round
from fangxian.studies.testing_round.tables import read_round


def main() -> None:
    """Print cost, bound, gap and time of three counties, and peak memory."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 20.0
    print(
        f"{'county':<8}{'ours':>12}{'bound':>12}{'gap':>8}{'s':>7}{'plain':>12}{'gap':>8}{'today':>12}{'ours/today':>12}"
    )
    for seed in (0, 1, 2, 3):
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch) / "county"
            write_synthetic_round(folder, seed=seed, size=None if seed else RoundSize(1, 2, 10, 2))
            problem, _ = read_round(folder)
        if seed == 0:  # compiled before timing
            solve_round(problem, SolverStop(5.0, 0.005))
            continue
        began = time.perf_counter()
        result = solve_round(problem, SolverStop(seconds, 0.005))
        spent = time.perf_counter() - began
        assert result.account is not None
        mine, usual = result.account.total_cost, result.today_account.total_cost
        model, _ = build_model(problem, result.choice)
        plain = model.programme.solve(SolverStop(seconds, 0.005))
        print(
            f"{seed:<8}{mine:>12,.0f}{result.bound:>12,.0f}{result.gap:>8.2%}{spent:>7.1f}"
            f"{plain.objective:>12,.0f}{plain.gap:>8.2%}{usual:>12,.0f}{mine / usual:>12.2f}"
        )
    print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
