"""What a smooth path is fitted to, and its prior: movement, noise, jumps, effects beside the path."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from fangxian.science.renewal.arrow import FloatArray, Problem, Walk
from fangxian.science.renewal.settings import SettingsPrior


@dataclass(frozen=True)
class SmoothPrior:
    """Prior of path and noise, on the scale of natural logarithms a day.

    Parameters
    ----------
    orders : tuple of int
        Random walks weighed against each other: 1 steps, 2 bends.
    step_deviation, bend_deviation : float
        Mean of the exponential prior of the standard deviation of a step (order 1) or a bend (order 2).
    first_deviation, slope_deviation : float
        Standard deviation of the first value (about 0) and of the first slope.
    noise : float
        Mean of the exponential prior of the coefficient of variation beyond Poisson.
    pull_deviation : float
        Every value is drawn to 0 as by an observation of this standard deviation, so that a path on which
        nothing is observed stays within a few units.
    jump_probability : float
        That the path jumps on a given day; 0 forbids jumps.
    jump_deviation : float
        Standard deviation of the size of a jump.
    most_jumps : int
        Search stops there.
    """

    orders: tuple[int, ...] = (1, 2)
    step_deviation: float = 0.05
    bend_deviation: float = 0.005
    first_deviation: float = 1.0
    slope_deviation: float = 0.1
    noise: float = 0.2
    pull_deviation: float = 10.0
    jump_probability: float = 0.005
    jump_deviation: float = 0.7
    most_jumps: int = 8

    def __post_init__(self) -> None:
        scales = (
            self.step_deviation,
            self.bend_deviation,
            self.first_deviation,
            self.slope_deviation,
            self.noise,
            self.pull_deviation,
            self.jump_deviation,
        )
        if min(scales) <= 0 or not 0 <= self.jump_probability < 0.5:
            raise ValueError(
                "SmoothPrior: every deviation must be positive and jump_probability in [0, 0.5) "
                f"(got {scales} and {self.jump_probability}); use jump_probability=0 to forbid jumps"
            )
        if not self.orders or any(order not in (1, 2) for order in self.orders):
            raise ValueError(f"SmoothPrior: orders must be 1, 2 or both (got {self.orders})")

    def settings_prior(self, order: int) -> SettingsPrior:
        """Return the part of the prior that the search over settings needs."""
        movement = self.step_deviation if order == 1 else self.bend_deviation
        return SettingsPrior(
            order,
            movement,
            self.noise,
            self.first_deviation,
            self.slope_deviation,
            self.pull_deviation**-2,
        )

    def walk(self, order: int, settings: FloatArray) -> Walk:
        """Return the prior of the path at given settings."""
        return Walk(
            order,
            float(np.exp(-2 * settings[0])),
            self.first_deviation**-2,
            self.slope_deviation**-2,
            self.pull_deviation**-2,
        )


@dataclass(frozen=True)
class Series:
    """Counts, the known part of their log mean, and effects that are no part of the path.

    Parameters
    ----------
    observed, base : float arrays [time]
        NaN in ``observed`` is a day that says nothing; ``base`` is finite everywhere.
    columns : float array [time, effect]
        Of effects beside the path: days of the week, a change of definition.
    deviation : float array [effect]
        Prior standard deviation of each; the mean is 0.
    """

    observed: FloatArray
    base: FloatArray
    columns: FloatArray
    deviation: FloatArray
    _made: dict[tuple[tuple[int, ...], float], Problem] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def problem(self, jumps: tuple[int, ...], prior: SmoothPrior) -> Problem:
        """Return the series with a column for each jump."""
        key = (jumps, prior.jump_deviation)
        if key not in self._made:
            self._made[key] = self._with_jumps(jumps, prior)
        return self._made[key]

    def _with_jumps(self, jumps: tuple[int, ...], prior: SmoothPrior) -> Problem:
        days, width = self.columns.shape
        steps = (np.arange(days)[:, None] >= np.array(jumps, dtype=np.int64)[None, :]).astype(np.float64)
        shown = np.concatenate([np.zeros(width), np.ones(len(jumps))])
        deviation = np.concatenate([self.deviation, np.full(len(jumps), prior.jump_deviation)])
        columns = np.ascontiguousarray(np.hstack([self.columns, steps]))
        return Problem(self.observed, self.base, columns, deviation**-2.0, shown)


def weekday_columns(days: int) -> FloatArray:
    """Return six orthonormal contrasts of the days of the week, [time, 6], so that the effects sum to 0."""
    basis = np.zeros((7, 6))
    for column in range(6):
        basis[: column + 1, column] = 1.0
        basis[column + 1, column] = -(column + 1.0)
        basis[:, column] /= np.sqrt((column + 1.0) * (column + 2.0))
    return np.asarray(basis[np.arange(days) % 7])
