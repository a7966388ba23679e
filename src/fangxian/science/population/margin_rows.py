"""One margin beside what a population has of it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from fangxian.base.errors import Text
from fangxian.plans.schema import Sourced


class MarginRow(NamedTuple):
    """One margin.

    Attributes
    ----------
    code : str
        Stable name, e.g. ``"age 0-14"``.
    name : Text
        In Chinese and English.
    target, got : float
        What the margins say, and what the population has.
    unit : str
    status : str
        How far the target can be trusted: a published total or a stated assumption.
    """

    code: str
    name: Text
    target: float
    got: float
    unit: str
    status: str

    @property
    def difference(self) -> float:
        """Got less target."""
        return self.got - self.target

    @property
    def relative(self) -> float:
        """Difference as a share of the target; not-a-number for a target of 0."""
        return self.difference / self.target if self.target else float("nan")


def margin_row(
    code: str,
    zh: str,
    en: str,
    numbers: tuple[float | np.number, float | np.number],
    source: Sourced,
    unit: str = "person",
) -> MarginRow:
    """Return a row: code, name in both languages, target and got, the record that gave the target, unit."""
    return MarginRow(
        code, {"zh": zh, "en": en}, float(numbers[0]), float(numbers[1]), unit, str(source.status)
    )
