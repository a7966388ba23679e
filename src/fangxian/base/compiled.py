"""The one way to compile a kernel: ahead of numba's own decorator only by its type and its cache."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

Kernel = TypeVar("Kernel", bound=Callable[..., Any])


def compiled(**options: Any) -> Callable[[Kernel], Kernel]:  # noqa: ANN401 -- numba's own options
    """Return a decorator that compiles a function and keeps the machine code for the next process.

    Parameters
    ----------
    **options
        Passed to ``numba.njit``, e.g. ``parallel=True`` or ``inline="always"``.

    Returns
    -------
    callable
        A decorator that keeps the function's type for the type checker.
    """
    decorate = numba.njit(cache=True, **options)

    def apply(function: Kernel) -> Kernel:
        return cast("Kernel", decorate(function))

    return apply


def compiled_lean(**options: Any) -> Callable[[Kernel], Kernel]:  # noqa: ANN401 -- numba's own options
    """Return a decorator for the inside of a kernel: arrays are neither made nor counted.

    Numba counts the references to every array of a record that is handed on; in a function of a few
    nanoseconds with forty arrays the counting takes ten times longer than the work. A function compiled with
    this works only on arrays it is given, slices of them included.

    Parameters
    ----------
    **options
        As for :func:`compiled`.

    Returns
    -------
    callable
        A decorator that keeps the function's type for the type checker.
    """
    return compiled(_nrt=False, error_model="numpy", nogil=True, **options)
