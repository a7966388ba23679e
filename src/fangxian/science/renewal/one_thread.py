"""Dense positive definite matrices of a few hundred rows, on one thread.

A linear algebra library starts threads for such matrices. Where other processes work beside it, the threads
wait for each other and a millisecond becomes a hundred; here nothing waits.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from fangxian.base.compiled import compiled

FloatArray = NDArray[np.float64]


@compiled(nogil=True, fastmath={"reassoc", "contract"})
def _dot(left: FloatArray, right: FloatArray) -> float:
    total = 0.0
    for index in range(len(left)):
        total += left[index] * right[index]
    return total


@compiled(nogil=True)
def cholesky(matrix: FloatArray) -> FloatArray:
    """Return the lower factor of a matrix of which only the lower triangle is read."""
    size = len(matrix)
    factor = np.zeros((size, size))
    for row in range(size):
        for column in range(row):
            left = matrix[row, column] - _dot(factor[row, :column], factor[column, :column])
            factor[row, column] = left / factor[column, column]
        left = matrix[row, row] - _dot(factor[row, :row], factor[row, :row])
        if not left > 0.0:
            raise ValueError("matrix is not positive definite; its prior or its data are not finite")
        factor[row, row] = math.sqrt(left)
    return factor


@compiled(nogil=True)
def log_determinant(factor: FloatArray) -> float:
    """Return the log determinant of the matrix from its factor."""
    total = 0.0
    for row in range(len(factor)):
        total += 2.0 * math.log(factor[row, row])
    return total


@compiled(nogil=True)
def solve(factor: FloatArray, right: FloatArray) -> FloatArray:
    """Return the solution for one right-hand side."""
    size = len(factor)
    result = right.copy()
    for row in range(size):
        result[row] = (result[row] - _dot(factor[row, :row], result[:row])) / factor[row, row]
    return back_substituted(factor, result)


@compiled(nogil=True)
def back_substituted(factor: FloatArray, right: FloatArray) -> FloatArray:
    """Return the solution of the transposed factor: standard normal values become those of the covariance."""
    result = right.copy()
    for row in range(len(factor) - 1, -1, -1):
        result[row] /= factor[row, row]
        for other in range(row):
            result[other] -= factor[row, other] * result[row]
    return result


@compiled(nogil=True)
def inverse(matrix: FloatArray) -> tuple[FloatArray, float]:
    """Return the inverse and the log determinant."""
    size = len(matrix)
    factor = cholesky(matrix)
    result = np.zeros((size, size))
    for column in range(size):
        unit = np.zeros(size)
        unit[column] = 1.0
        result[column] = solve(factor, unit)
    return result, log_determinant(factor)


@compiled(nogil=True)
def product(matrix: FloatArray, vector: FloatArray) -> FloatArray:
    """Return matrix times vector."""
    result = np.empty(len(matrix))
    for row in range(len(matrix)):
        result[row] = _dot(matrix[row], vector)
    return result


@compiled(nogil=True)
def rows_of_covariance(factor: FloatArray, centre: FloatArray, normal: FloatArray) -> FloatArray:
    """Return draws [draw, row] about a centre, from standard normal ones and the factor of the precision."""
    result = np.empty(normal.shape)
    for draw in range(len(normal)):
        result[draw] = centre + back_substituted(factor, normal[draw])
    return result
