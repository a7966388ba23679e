"""Claim: a roster of 500 staff over 28 days in under 60 s, with a proven bound.

``python bench/roster.py [SECONDS] [--peer]``. Made-up teams (模拟数据) of three hospitals and seven
townships, a third of whom fall ill for a week, in an ordinary month and in one with more need than staff.
Beside ours: the fixed rotation of today. The share covered is weighted by importance. Below each line: what
every level counts, and what it counts at least in any roster that is no worse in the levels above. ``--peer``
has CP-SAT of OR-Tools (extra ``routing``) make a roster by the same rules and weights in as many seconds.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from fangxian.logistics.rostering.problem import RosterProblem
from fangxian.logistics.rostering.rest import rest_table
from fangxian.logistics.rostering.rotation import fixed_rotation
from fangxian.logistics.rostering.solve import RosterStop, make_arena, solve_roster
from fangxian.studies.rosters.synthetic import write_synthetic_roster
from fangxian.studies.rosters.tables import read_roster


def cp_sat(problem: RosterProblem, seconds: float) -> tuple[float, float, float]:
    """Return what CP-SAT's roster counts in all, its open weight, and its bound.

    Everybody's days run through the table of rest; staff of one home and equal skills are told apart by their
    days only, and counted together by need. Nothing is published in these problems, so nothing is changed.
    """
    from ortools.sat.python import cp_model

    model, arena, table = cp_model.CpModel(), make_arena(problem), rest_table(problem)
    people = problem.available.shape[0]
    steps = table.following.shape[1]
    arcs = [(int(m), f, int(table.following[m, f])) for m, f in np.argwhere(table.following >= 0).tolist()]
    works: dict[tuple[int, int, int], list] = {}
    loads = []
    for one in range(people):
        shift = [
            model.new_int_var(0, steps - 1 if free else 0, "") for free in problem.available[one].tolist()
        ]
        model.add_automaton(shift, int(table.start[one]), list(range(table.following.shape[0])), arcs)
        points = []
        for day in np.flatnonzero(problem.available[one]).tolist():
            chosen = [model.new_bool_var("") for _ in range(steps)]
            model.add_exactly_one(chosen)
            model.add(shift[day] == sum(step * each for step, each in enumerate(chosen)))
            points += [int(arena.load[step]) * each for step, each in enumerate(chosen)]
            for step in range(1, steps):
                works.setdefault((int(arena.kind[one]), day, step - 1), []).append(chosen[step])
        load = model.new_int_var(0, int(arena.most_load[one]), "")
        model.add(load == sum(points))
        beside = [(point - int(arena.fair_load[one])) ** 2 for point in range(int(arena.most_load[one]) + 1)]
        square = model.new_int_var(0, max(beside), "")
        model.add_element(load, beside, square)
        loads.append(square)
    lent, cover = [], [[] for _ in problem.need]
    for (kind, day, shift), who in works.items():
        sent = []
        for option in range(int(arena.option_first[kind]), int(arena.option_first[kind + 1])):
            duty = int(arena.duty[day, shift, arena.option_slot[option]])
            if duty < 0:
                continue
            sent.append(model.new_int_var(0, len(who), ""))
            cover[duty].append(sent[-1])
            lent += sent[-1:] if arena.option_away[option] else []
        model.add(sum(who) == sum(sent))
    open_ = [model.new_int_var(0, int(need), "") for need in problem.need]
    for lacking, there, need in zip(open_, cover, problem.need.tolist(), strict=True):
        model.add(sum(there) + lacking >= need)
    rules = problem.rules
    missing = sum(round(unit) * each for unit, each in zip(arena.unit.tolist(), open_, strict=True))
    model.minimize(missing + round(rules.fairness_weight) * sum(loads) + round(rules.lend_weight) * sum(lent))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = 2
    if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return np.inf, np.inf, float(solver.best_objective_bound)
    return solver.objective_value, float(solver.value(missing)), float(solver.best_objective_bound)


def main() -> None:
    """Print what is covered, the bound and the time, and peak memory."""
    seconds = next((float(each) for each in sys.argv[1:] if not each.startswith("--")), 50.0)
    if (peer := "--peer" in sys.argv) and find_spec("ortools") is None:
        print("OR-Tools is not installed (extra [routing]); no peer")
        peer = False
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
        if peer:
            began = time.perf_counter()
            total, missing, bound = cp_sat(problem, seconds)
            spent, wanted = time.perf_counter() - began, float(problem.need @ problem.weight)
            covered = 1 - missing / (wanted * problem.rules.unit_weight)
            print(f"    in all {result.cost.total:,.0f}, proven at least {result.bound:,.0f}")
            found = f"{total:,.0f}, covered {covered:.2%}, ours beside it {result.cost.total / total:.2f}"
            theirs = found if np.isfinite(total) else "no roster found"
            print(f"    CP-SAT {theirs}; proven at least {bound:,.0f}; {spent:.1f} s")
    print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
