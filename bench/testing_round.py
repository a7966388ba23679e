"""Claim: a testing round of a county or a city is planned in time, within a stated gap, cheaper than today.

``python bench/testing_round.py [SECONDS]``: three made-up counties (模拟数据) of 300 quarters and villages,
312 possible sites and 3 laboratories. Beside ours: the plain integer programme of the same round in HiGHS for
the same time (it may split an area over sites and schemes, so that its bound holds for ours too), and the
rule of today. Each area is pooled singly, in tubes of 5, 10 or 20, in arrays of 8 or 12, or in tubes by known
risk.

``python bench/testing_round.py city [SECONDS ...]``: a made-up city of 20 such counties, once for each time.
The plain programme, of more than a million columns, is left out there.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

from fangxian.logistics.programme import SolverStop
from fangxian.logistics.testing_round.model import build_model
from fangxian.logistics.testing_round.problem import TestingRoundProblem
from fangxian.logistics.testing_round.solve import RoundResult, keeps_limits, solve_round
from fangxian.studies.testing_round.synthetic import RoundSize, write_synthetic_round
from fangxian.studies.testing_round.tables import read_round

GAP = 0.005


def main() -> None:
    """Print cost, bound, gap and time of counties or of a city, and peak memory."""
    city = sys.argv[1:2] == ["city"]
    times = [float(each) for each in sys.argv[1 + city :]] or ([100.0] if city else [20.0])
    solve_round(made_up(1, RoundSize()), SolverStop(3.0, GAP))  # compiled before timing
    heads = ("ours", 12), ("bound", 12), ("gap", 8), ("s", 7), ("today", 12), ("ours/today", 12)
    peer = () if city else (("plain", 12), ("gap", 8))
    print(f"{'round':<12}" + "".join(f"{name:>{wide}}" for name, wide in (*heads, *peer)))
    if city:
        problem = made_up(1, RoundSize(counties=20))
        for seconds in times:
            planned(f"city {seconds:g} s", problem, seconds)
            print()
    else:
        for seed in (1, 2, 3):
            problem = made_up(seed, RoundSize())
            result = planned(f"county {seed}", problem, times[0])
            plain = build_model(problem, result.choice).programme.solve(SolverStop(times[0], GAP))
            print(f"{plain.objective:>12,.0f}{plain.gap:>8.2%}")
    print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def made_up(seed: int, size: RoundSize) -> TestingRoundProblem:
    """Return a made-up round."""
    with tempfile.TemporaryDirectory() as scratch:
        write_synthetic_round(Path(scratch) / "round", seed=seed, size=size)
        return read_round(Path(scratch) / "round")[0]


def planned(name: str, problem: TestingRoundProblem, seconds: float) -> RoundResult:
    """Plan a round and print what came of it, without the end of the line."""
    began = time.perf_counter()
    result = solve_round(problem, SolverStop(seconds, GAP))
    spent = time.perf_counter() - began
    assert result.account is not None and result.plan is not None
    assert keeps_limits(problem, result.choice, result.plan, result.account)
    mine, usual = result.account.total_cost, result.today_account.total_cost
    print(
        f"{name:<12}{mine:>12,.0f}{result.bound:>12,.0f}{result.gap:>8.2%}{spent:>7.1f}{usual:>12,.0f}"
        f"{mine / usual:>12.2f}",
        end="",
        flush=True,
    )
    return result


if __name__ == "__main__":
    main()
