"""Whole numbers in kernels."""

from __future__ import annotations

from typing import Any

import numpy as np

from fangxian.base.compiled import compiled_lean


@compiled_lean(forceinline=True)
def whole(value: Any) -> int:  # noqa: ANN401 -- an integer of any width, or a number to be cut
    """Return a number as a signed 64-bit integer, cut towards zero: numba makes floats of mixed signs."""
    return np.int64(value)  # type: ignore[return-value]
