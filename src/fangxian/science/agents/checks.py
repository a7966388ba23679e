"""Checks of numbers that come from outside: rule, value received, remedy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def require_shape(record: str, name: str, array: NDArray[np.generic], shape: tuple[int, ...]) -> None:
    """Refuse an array of another shape.

    Raises
    ------
    ValueError
        If the shape differs.
    """
    if array.shape != shape:
        raise ValueError(
            f"{record}: {name} must have shape {shape} (got {array.shape}); "
            "use the same ages, places and settings throughout a run"
        )


def require_rows(
    record: str, name: str, values: float | NDArray[np.generic], places: int, row: tuple[int, ...] = ()
) -> None:
    """Refuse what is neither one row for all places nor a row for each.

    Raises
    ------
    ValueError
        For another shape.
    """
    shape = np.shape(values)
    if shape not in (row, (places, *row)):
        raise ValueError(
            f"{record}: {name} must have shape {row} or {(places, *row)} (got {shape}); "
            "give one for all places, or one for each"
        )


def require_within(
    record: str, name: str, values: float | NDArray[np.generic], low: float, high: float
) -> None:
    """Refuse a number, or an array with a number, outside a range; not-a-number is outside.

    Raises
    ------
    ValueError
        If a value lies outside.
    """
    array = np.atleast_1d(np.asarray(values, dtype=np.float64))
    inside = (array >= low) & (array <= high)
    if not inside.all():
        raise ValueError(
            f"{record}: {name} must lie between {low:g} and {high:g} "
            f"(got {float(array[~inside][0]):g}); check its unit"
        )


def require_probability(record: str, name: str, values: float | NDArray[np.generic]) -> None:
    """Refuse what is no probability.

    Raises
    ------
    ValueError
        If a value lies outside 0 to 1.
    """
    require_within(record, name, values, 0.0, 1.0)


def floats_for_kernel(values: float | NDArray[np.generic]) -> NDArray[np.float64]:
    """Return a writable copy in order of memory: kernels are compiled once for this kind of array alone."""
    return np.array(values, dtype=np.float64, order="C")


def integers_for_kernel(values: float | NDArray[np.generic]) -> NDArray[np.int64]:
    """Return the same of whole numbers."""
    return np.array(values, dtype=np.int64, order="C")


def rows_for_kernel(
    values: float | NDArray[np.generic], places: int, row: tuple[int, ...] = ()
) -> NDArray[np.float64]:
    """Return a row for each place, from one for all or from as many; float array [P, *row]."""
    rows = np.empty((places, *row))
    rows[...] = values
    return rows


def whole_rows_for_kernel(values: float | NDArray[np.generic], places: int) -> NDArray[np.int64]:
    """Return the same of whole numbers; int64 array [P]."""
    rows = np.empty(places, dtype=np.int64)
    rows[...] = values
    return rows
