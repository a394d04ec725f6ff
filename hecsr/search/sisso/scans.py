"""Compiled scans of the last rung: which pairs may beat a threshold.

A scan never misses a pair that does; it may report some that do not, which an exact
evaluation then drops. Sums may be reordered here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numba import njit
from numpy.typing import NDArray

if TYPE_CHECKING:
    from hecsr.formula.expression import Array

Rows = NDArray[np.int32]
Function = TypeVar("Function", bound=Callable[..., Any])


def fast(function: Function) -> Function:
    """Compile a loop whose sums may be reordered."""
    compiled: Function = njit(
        cache=True,
        nogil=True,
        error_model="numpy",
        fastmath={"reassoc", "contract", "nsz", "arcp"},
    )(function)
    return compiled


@fast
def spread(square: Array, mean: Array, slack: float, out: NDArray[np.float32]) -> None:
    """Lower bound of the variance, from the mean square and the mean."""
    m, q = square.shape
    for a in range(m):
        s2 = square[a]
        s1 = mean[a]
        d = out[a]
        for b in range(q):
            v = s2[b] * (1.0 - slack) - s1[b] * s1[b]
            d[b] = max(0.0, v)


@fast
def scan_products(
    inner: Array,
    variance: NDArray[np.float32],
    least: float,
    diagonal: int,
    left: Rows,
    right: Rows,
) -> int:
    """List pairs whose squared covariance reaches `least` of the variance.

    Only columns beyond ``row + diagonal`` count: pairs are unordered, and the block
    may lie on the diagonal.
    """
    m, q = inner.shape
    count = 0
    for a in range(m):
        start = min(max(a + diagonal + 1, 0), q)
        b = start
        while b < q:
            end = min(b + 128, q)
            x = inner[a, b:end]
            d = variance[a, b:end]
            hits = 0.0
            # a sum runs in vector lanes; an early exit would not
            for t in range(len(x)):
                v = x[t] * x[t] - least * d[t]
                hits += 1.0 if v >= 0.0 else 0.0
            if hits > 0.0:
                for t in range(b, end):
                    y = inner[a, t]
                    if y * y - least * variance[a, t] >= 0.0:
                        left[count] = a
                        right[count] = t
                        count += 1
            b = end
    return count


@fast
def scan_sums(
    correlation: Array,
    row_inner: Array,
    column_inner: Array,
    row_sd: Array,
    column_sd: Array,
    sign: float,
    least: float,
    slack: float,
    diagonal: int,
    left: Rows,
    right: Rows,
) -> int:
    """List pairs whose sum (or difference) may reach the threshold."""
    m, q = correlation.shape
    count = 0
    for a in range(m):
        start = min(max(a + diagonal + 1, 0), q)
        ra = row_inner[a]
        sa = row_sd[a]
        va = sa * sa
        b = start
        while b < q:
            end = min(b + 128, q)
            c = correlation[a, b:end]
            r = column_inner[b:end]
            s = column_sd[b:end]
            hits = 0.0
            for t in range(len(c)):
                x = ra + sign * r[t]
                d = (va + s[t] * s[t]) * (1.0 - slack) + 2.0 * sign * sa * s[t] * c[t]
                v = x * x - least * d
                hits += 1.0 if v >= 0.0 else 0.0
            if hits > 0.0:
                for t in range(b, end):
                    sb = column_sd[t]
                    x = ra + sign * column_inner[t]
                    d = (va + sb * sb) * (1.0 - slack)
                    d += 2.0 * sign * sa * sb * correlation[a, t]
                    if x * x - least * d >= 0.0:
                        left[count] = a
                        right[count] = t
                        count += 1
            b = end
    return count


@fast
def scan_differences(
    rows: Array,
    columns: Array,
    share: Array,
    weighted: Array,
    least: float,
    slack: float,
    diagonal: int,
    left: Rows,
    right: Rows,
) -> int:
    """List pairs whose absolute difference may reach the threshold.

    `weighted` is the residual times the weights.
    """
    m, n = rows.shape
    q = len(columns)
    count = 0
    for a in range(m):
        start = min(max(a + diagonal + 1, 0), q)
        f = rows[a]
        for b in range(start, q):
            g = columns[b]
            s1 = 0.0
            s2 = 0.0
            sr = 0.0
            for t in range(n):
                d = abs(f[t] - g[t])
                s1 += share[t] * d
                s2 += share[t] * d * d
                sr += weighted[t] * d
            if sr * sr - least * (s2 * (1.0 - slack) - s1 * s1) >= 0.0:
                left[count] = a
                right[count] = b
                count += 1
    return count
