"""Build a linear or integer programme from arrays and have HiGHS solve it, with its bound.

Huangfu Q, Hall JAJ. Parallelizing the dual revised simplex method. Math Program Comput 2018.
DOI 10.1007/s12532-017-0130-5.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import highspy
import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

INFINITY = float("inf")


@dataclass(frozen=True)
class SolverStop:
    """When the solver may stop.

    Parameters
    ----------
    time_limit_s : float
        Seconds; the best plan so far is returned with its gap.
    relative_gap : float
        Distance of the plan from the bound, as a share of the plan's value, that is near enough.
    """

    time_limit_s: float = 60.0
    relative_gap: float = 1e-4

    def __post_init__(self) -> None:
        """Refuse a limit that lets nothing happen."""
        if not self.time_limit_s > 0 or not 0 <= self.relative_gap < 1:
            raise ValueError(
                f"time_limit_s must be above 0 and relative_gap in [0, 1) (got {self.time_limit_s} and "
                f"{self.relative_gap}); give the seconds you can wait"
            )


@dataclass(frozen=True)
class ProgrammeResult:
    """What the solver found.

    Parameters
    ----------
    status : str
        ``"optimal"`` (within the gap asked for), ``"stopped"`` (time limit, ``values`` is the best so far),
        ``"infeasible"``, or ``"none"`` (time limit before any plan was found).
    values : float[C]
        The columns; empty without a plan.
    objective, bound : float
        Value of the plan, and what no plan can be below.
    row_dual : float[R]
        Prices of the rows for a programme without integers; zeros otherwise.
    """

    status: str
    values: Floats
    objective: float
    bound: float
    row_dual: Floats

    @property
    def has_plan(self) -> bool:
        """Whether there is a plan at all."""
        return self.status in {"optimal", "stopped"}

    @property
    def gap(self) -> float:
        """Relative distance of plan and bound; infinite without a plan."""
        if not self.has_plan:
            return INFINITY
        return relative_gap(self.objective, self.bound)


def relative_gap(objective: float, bound: float) -> float:
    """Return how far a cost may be above the best, as a share of it.

    Parameters
    ----------
    objective, bound : float
        Cost of a plan, and what no plan can be below.

    Returns
    -------
    float
        0 where the plan is proven best.
    """
    distance = max(0.0, objective - bound)
    return 0.0 if distance <= 1e-9 * max(1.0, abs(objective)) else distance / max(abs(objective), 1e-12)


class _QuietSolver(highspy.Highs):  # type: ignore[misc]
    """HiGHS without the callbacks that its constructor sets: setting them prints a banner among our JSON."""

    def __init__(self) -> None:
        super(highspy.Highs, self).__init__()


@dataclass
class Programme:
    """A minimisation that grows by blocks of columns and rows.

    Columns and rows are known by the numbers that the ``add`` methods return.
    """

    _cost: list[Floats] = field(default_factory=list)
    _column_bounds: list[Floats] = field(default_factory=list)
    _integer: list[NDArray[np.bool_]] = field(default_factory=list)
    _row_bounds: list[Floats] = field(default_factory=list)
    _entries: list[tuple[Indices, Indices, Floats]] = field(default_factory=list)
    columns: int = 0
    rows: int = 0

    def add_columns(
        self,
        cost: ArrayLike,
        upper: ArrayLike = INFINITY,
        *,
        lower: ArrayLike = 0.0,
        integer: bool = False,
    ) -> Indices:
        """Add a block of columns.

        Parameters
        ----------
        cost : float[N]
            Objective coefficients.
        upper, lower : float or float[N]
            Bounds.
        integer : bool
            Whether they must be whole.

        Returns
        -------
        int64[N]
            Their numbers.
        """
        costs = np.atleast_1d(np.asarray(cost, np.float64)).ravel()
        size = costs.shape[0]
        self._cost.append(costs)
        bounds = [np.broadcast_to(np.asarray(each, np.float64).ravel(), size) for each in (lower, upper)]
        self._column_bounds.append(np.stack(bounds))
        self._integer.append(np.full(size, integer))
        self.columns += size
        return np.arange(self.columns - size, self.columns, dtype=np.int64)

    def add_rows(self, lower: ArrayLike, upper: ArrayLike, size: int) -> Indices:
        """Add a block of empty rows with bounds and return their numbers."""
        bounds = [np.broadcast_to(np.asarray(each, np.float64).ravel(), size) for each in (lower, upper)]
        self._row_bounds.append(np.stack(bounds))
        self.rows += size
        return np.arange(self.rows - size, self.rows, dtype=np.int64)

    def add_entries(self, rows: ArrayLike, columns: ArrayLike, values: ArrayLike) -> None:
        """Put coefficients into the matrix; those of the same place are added up."""
        where = np.asarray(rows, np.int64).ravel(), np.asarray(columns, np.int64).ravel()
        if min(each.shape[0] for each in where) == 0:
            return  # one row for columns of which there are none
        size = max(each.shape[0] for each in where)
        what = np.asarray(values, np.float64).ravel()
        row, column = (np.broadcast_to(each, size) for each in where)
        self._entries.append((row, column, np.broadcast_to(what, size)))

    def solve(self, stop: SolverStop | None = None, *, relaxed: bool = False) -> ProgrammeResult:
        """Have HiGHS solve it, on one thread and with a fixed seed.

        Parameters
        ----------
        stop : SolverStop, optional
            When to stop.
        relaxed : bool
            Whether whole numbers may be broken: the linear programme, with prices.

        Returns
        -------
        ProgrammeResult
        """
        chosen = stop or SolverStop()
        solver = silent_solver()
        solver.setOptionValue("time_limit", float(chosen.time_limit_s))
        solver.setOptionValue("mip_rel_gap", float(chosen.relative_gap))
        integer = np.concatenate(self._integer) & (not relaxed)
        solver.passModel(self._model(integer))
        solver.run()
        return _result(solver, bool(integer.any()))

    def _model(self, integer: NDArray[np.bool_]) -> highspy.HighsLp:
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = self.columns, self.rows
        model.col_cost_ = np.concatenate(self._cost)
        lower, upper = np.concatenate(self._column_bounds, axis=1)
        model.col_lower_, model.col_upper_ = lower, upper
        row_lower, row_upper = np.concatenate(self._row_bounds, axis=1)
        model.row_lower_, model.row_upper_ = row_lower, row_upper
        row, column, value = (np.concatenate(parts) for parts in zip(*self._entries, strict=True))
        matrix = coo_array((value, (row, column)), (self.rows, self.columns)).tocsc()
        model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        model.a_matrix_.start_ = matrix.indptr.astype(np.int32)
        model.a_matrix_.index_ = matrix.indices.astype(np.int32)
        model.a_matrix_.value_ = matrix.data
        if integer.any():
            kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
            model.integrality_ = [kinds[int(each)] for each in integer]
        return model


def silent_solver() -> highspy.Highs:
    """Return a solver on one thread with a fixed seed that prints nothing."""
    solver = _QuietSolver()
    for name, value in (("output_flag", False), ("threads", 1), ("random_seed", 1)):
        solver.setOptionValue(name, value)
    return solver


def add_empty_rows(solver: highspy.Highs, lower: Floats, upper: Floats) -> None:
    """Add rows without entries to a solver that grows by columns.

    Parameters
    ----------
    solver : highspy.Highs
    lower, upper : float64[R]
        Bounds; infinite where there is none.
    """
    count = lower.shape[0]
    nothing = np.zeros(0, np.int32), np.zeros(0)
    solver.addRows(count, lower, upper, 0, np.zeros(count, np.int32), *nothing)


def _result(solver: highspy.Highs, integer: bool) -> ProgrammeResult:
    info, status = solver.getInfo(), solver.getModelStatus()
    nothing = np.zeros(0)
    infeasible = {highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible}
    if status in infeasible:
        return ProgrammeResult("infeasible", nothing, INFINITY, INFINITY, nothing)
    optimal = status == highspy.HighsModelStatus.kOptimal
    bound = float(info.mip_dual_bound) if integer else -INFINITY
    if info.primal_solution_status != highspy.kSolutionStatusFeasible:
        return ProgrammeResult("none", nothing, INFINITY, bound, nothing)
    solution = solver.getSolution()
    objective = float(info.objective_function_value)
    if optimal and not integer:
        bound = objective
    dual = np.zeros(0) if integer else np.array(solution.row_dual)
    return ProgrammeResult(
        "optimal" if optimal else "stopped", np.array(solution.col_value), objective, bound, dual
    )
