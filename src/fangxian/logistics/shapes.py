"""The check that the arrays of a problem fit together."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray


def require_shape(name: str, values: NDArray[Any], shape: tuple[int, ...]) -> None:
    """Refuse an array of another shape.

    Parameters
    ----------
    name : str
        As the problem calls it.
    values : array
        What was given.
    shape : tuple of int
        What the other arrays of the problem ask for.

    Raises
    ------
    ValueError
        When the shape differs.
    """
    if values.shape != shape:
        raise ValueError(f"{name} must have shape {shape} (got {values.shape}); align the tables")
