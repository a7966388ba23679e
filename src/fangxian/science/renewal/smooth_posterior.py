"""Posterior of a smooth path: a mixture of normals over settings and jumps, its quantiles and draws."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fangxian.science.renewal.arrow import FloatArray
from fangxian.science.renewal.arrow_posterior import draw_states
from fangxian.science.renewal.mixture import exponential_moments, mixture_quantiles
from fangxian.science.renewal.smooth_model import Series, SmoothPrior


class Part(NamedTuple):
    """One normal of the mixture: settings, jumps and mode, and the path's moments under them."""

    log_weight: float
    order: int
    settings: FloatArray
    jumps: tuple[int, ...]
    state: FloatArray
    mean: FloatArray
    deviation: FloatArray
    skewness: FloatArray


@dataclass(frozen=True)
class SmoothPosterior:
    """Posterior of the path: a mixture over settings and jumps.

    Parameters
    ----------
    series : Series
        What was fitted.
    parts : tuple of Part
        In order of falling weight.
    weight : float array [part]
        Sums to 1.
    log_evidence : float
        Of the counts under the whole model.
    """

    series: Series
    prior: SmoothPrior
    parts: tuple[Part, ...]
    weight: FloatArray
    log_evidence: float

    def quantiles(self, levels: tuple[float, ...]) -> FloatArray:
        """Return quantiles of the path [time, level], on the log scale."""
        mean, deviation, skewness = self._stacked()
        return np.asarray(mixture_quantiles(self.weight, mean, deviation, skewness, np.array(levels)))

    def exponential(self) -> tuple[FloatArray, FloatArray]:
        """Return mean and standard deviation of the exponential of the path: arrays [time]."""
        mean, deviation, _skewness = self._stacked()
        average, spread = exponential_moments(self.weight, mean, deviation)
        return average, spread

    def jump_probability(self) -> FloatArray:
        """Return the posterior probability of a jump on each day [time]."""
        result = np.zeros(len(self.series.observed))
        for weight, part in zip(self.weight, self.parts, strict=True):
            result[list(part.jumps)] += weight
        return result

    def average(self, value: str) -> float:
        """Return the posterior mean of ``"movement"``, ``"noise"`` or the share of order 2, ``"bends"``."""
        each = {
            "movement": [np.exp(part.settings[0]) for part in self.parts],
            "noise": [np.exp(part.settings[1]) for part in self.parts],
            "bends": [float(part.order == 2) for part in self.parts],
        }[value]
        return float(self.weight @ np.array(each))

    def average_of_order(self, value: str, order: int, otherwise: float) -> float:
        """Return the posterior mean of ``"movement"`` or ``"noise"`` within one order of the walk.

        ``otherwise`` is returned where that order has no weight.
        """
        index = 0 if value == "movement" else 1
        inside = np.array([part.order == order for part in self.parts])
        if not inside.any():
            return otherwise
        each = np.exp(np.array([part.settings[index] for part in self.parts]))
        return float(self.weight[inside] @ each[inside] / self.weight[inside].sum())

    def side_effects(self) -> FloatArray:
        """Return the posterior mean of the effects of the columns that are not jumps: [effect]."""
        days, width = self.series.columns.shape
        return np.asarray(self.weight @ np.array([part.state[days : days + width] for part in self.parts]))

    def draw(self, draws: int, seed: int) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Draw from the joint posterior.

        Returns
        -------
        path, log_mean : float arrays [draw, time]
            The path, and the log mean of the counts.
        noise : float array [draw]
            Coefficient of variation beyond Poisson.
        """
        path, log_mean, part = self._draw(draws, seed)
        return path, log_mean, np.exp(np.array([each.settings[1] for each in self.parts]))[part]

    def _draw(self, draws: int, seed: int) -> tuple[FloatArray, FloatArray, NDArray[np.int64]]:
        """Return draws of path and log mean [draw, time] and the part that each draw is from."""
        generator = np.random.Generator(np.random.Philox(key=seed))
        shares = np.floor(self.weight * draws).astype(int)
        rest = draws - int(shares.sum())
        shares[np.argsort(shares - self.weight * draws, kind="stable")[:rest]] += 1
        days = len(self.series.observed)
        path, log_mean = np.empty((draws, days)), np.empty((draws, days))
        source = np.repeat(np.arange(len(self.parts)), shares)
        row = 0
        for share, part in zip(shares, self.parts, strict=True):
            if share == 0:
                continue
            problem = self.series.problem(part.jumps, self.prior)
            normal = generator.standard_normal((int(share), len(part.state)))
            state = draw_states(
                problem,
                self.prior.walk(part.order, part.settings),
                np.exp(2 * part.settings[1]),
                part.state,
                normal,
            )
            here = slice(row, row + int(share))
            shown = (problem.columns * problem.shown) @ state[:, days:].T
            middle = part.state[:days] + (problem.columns * problem.shown) @ part.state[days:]
            shift = part.mean - middle
            path[here] = state[:, :days] + shown.T + shift
            log_mean[here] = problem.base + state[:, :days] + (problem.columns @ state[:, days:].T).T + shift
            row += int(share)
        order = generator.permutation(draws)
        return path[order], log_mean[order], source[order]

    def draw_last(self, draws: int, seed: int) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Draw what a look ahead starts from.

        Returns
        -------
        path : float array [draw]
            Value of the path on the last day.
        noise, movement : float arrays [draw]
            Coefficient of variation beyond Poisson; standard deviation of a step or bend of the walk.
        effects : float array [draw, effect]
            Side effects, at the mode of the drawn part.
        """
        path, _log_mean, part = self._draw(draws, seed)
        days, width = self.series.columns.shape
        settings = np.array([each.settings for each in self.parts])
        effects = np.array([each.state[days : days + width] for each in self.parts])
        return path[:, -1], np.exp(settings[part, 1]), np.exp(settings[part, 0]), effects[part]

    def _stacked(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        return (
            np.array([part.mean for part in self.parts]),
            np.array([part.deviation for part in self.parts]),
            np.array([part.skewness for part in self.parts]),
        )
