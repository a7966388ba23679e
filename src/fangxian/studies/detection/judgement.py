"""What a method says of a range of steps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class Judgement:
    """Arrays are [step of the range, place]; NaN where a method has no such figure.

    Parameters
    ----------
    first : int
        The first judged step of the panel.
    expected, threshold, score : float arrays
    alarm : bool array
    decided : bool array
        False where nothing could be said: too little past, a missing count, too few cases.
    probability : float array, optional
        Chance of such a count or a larger one if nothing has happened.
    rate : float array, optional
        Share of false alarms, on average, among alarms at least as sure as this one.
    window : float array, optional
        Over how many last steps counts were added up.
    window_count, window_expected : float arrays, optional
        What was counted and expected over that window.
    limit : float, optional
        What the score must reach, for charts that add up over time.
    note : dict, optional
        What a person should know of the whole judgement, in ``zh`` and ``en``.
    """

    first: int
    expected: FloatArray
    threshold: FloatArray
    score: FloatArray
    alarm: BoolArray
    decided: BoolArray
    probability: FloatArray | None = None
    rate: FloatArray | None = None
    window: FloatArray | None = None
    window_count: FloatArray | None = None
    window_expected: FloatArray | None = None
    limit: float | None = None
    note: dict[str, str] | None = None
