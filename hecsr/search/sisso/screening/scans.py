"""Compiled scans of the last rung: which pairs may beat a threshold.

A scan never misses a pair that does; it may report some that do not, which an exact
evaluation then drops. Sums may be reordered here. Tiles are float64 or float32.

Rounding is bounded, not guessed: a sum of n products has a relative error of at most
about n unit roundoffs of the sum of their sizes (Higham, Accuracy and Stability of
Numerical Algorithms, 2002, eq. 3.5), which by Cauchy and Schwarz is that share of the
root mean squares of what is multiplied. `slack` is this share, and lowers variances.
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
Tile = NDArray[np.floating[Any]]
Single = NDArray[np.float32]
Function = TypeVar("Function", bound=Callable[..., Any])

FLOOR = 1.0 - 2.0**-22
"""Lowers a variance by more than four roundings to float32 can raise it."""
_TINY = 1e-35
"""Below, squares of float32 lose digits: such pairs are listed whatever they are."""
_TINIEST = 1e-290
"""The same for squares of float64."""


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
def spread(square: Tile, mean: Tile, slack: float, out: Single) -> None:
    """Lower bound of the variance, from the mean square and the mean."""
    m, q = square.shape
    keep = square.dtype.type((1.0 - slack) * FLOOR)
    for a in range(m):
        s2 = square[a]
        s1 = mean[a]
        d = out[a]
        for b in range(q):
            v = s2[b] * keep - s1[b] * s1[b]
            d[b] = max(v, 0)


@fast
def spread_of_products(
    square: Tile,
    correlation: Tile,
    row_mean: Tile,
    column_mean: Tile,
    row_sd: Tile,
    column_sd: Tile,
    slack: float,
    out: Single,
) -> None:
    """Lower bound of a product's variance, its mean from the factors' correlation."""
    m, q = square.shape
    keep = square.dtype.type((1.0 - slack) * FLOOR)
    for a in range(m):
        s2 = square[a]
        c = correlation[a]
        d = out[a]
        ma = row_mean[a]
        sa = row_sd[a]
        for b in range(q):
            mean = ma * column_mean[b] + sa * column_sd[b] * c[b]
            v = s2[b] * keep - mean * mean
            d[b] = max(v, 0)


@fast
def subtract_squares(inner: Tile, rest: Single) -> None:
    """Take from the variance what lies along one direction."""
    m, q = inner.shape
    for a in range(m):
        x = inner[a]
        d = rest[a]
        for b in range(q):
            d[b] = max(d[b] - x[b] * x[b], 0)


@fast
def scan_products(
    inner: Tile,
    variance: Single,
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
    need = inner.dtype.type(least)
    tiny = inner.dtype.type(_TINY)
    for a in range(m):
        start = min(max(a + diagonal + 1, 0), q)
        b = start
        while b < q:
            end = min(b + 256, q)
            x = inner[a, b:end]
            d = variance[a, b:end]
            hits = 0
            # counting runs in vector lanes; an early exit would not
            for t in range(len(x)):
                hits += x[t] * x[t] + tiny >= need * d[t]
            if hits > 0:
                for t in range(b, end):
                    if inner[a, t] * inner[a, t] + tiny >= need * variance[a, t]:
                        left[count] = a
                        right[count] = t
                        count += 1
            b = end
    return count


@fast
def scan_sums(
    correlation: Tile,
    row_inner: Tile,
    column_inner: Tile,
    row_sd: Tile,
    column_sd: Tile,
    sign: int,
    least: float,
    slack: float,
    diagonal: int,
    left: Rows,
    right: Rows,
) -> int:
    """List pairs whose sum (or difference) may reach the threshold."""
    m, q = correlation.shape
    count = 0
    kind = row_sd.dtype.type
    need = kind(least)
    tiny = kind(_TINY if row_sd.itemsize == 4 else _TINIEST)
    twice = kind(2 * sign)
    plus = kind(sign)
    keep = kind(1.0 - slack)
    for a in range(m):
        start = min(max(a + diagonal + 1, 0), q)
        ra = row_inner[a]
        sa = row_sd[a]
        va = sa * sa
        b = start
        while b < q:
            end = min(b + 256, q)
            c = correlation[a, b:end]
            r = column_inner[b:end]
            s = column_sd[b:end]
            hits = 0
            for t in range(len(c)):
                x = ra + plus * r[t]
                d = (va + s[t] * s[t]) * keep + twice * sa * s[t] * c[t]
                hits += x * x + tiny >= need * d
            if hits > 0:
                for t in range(b, end):
                    x = ra + plus * column_inner[t]
                    sb = column_sd[t]
                    d = (va + sb * sb) * keep + twice * sa * sb * correlation[a, t]
                    if x * x + tiny >= need * d:
                        left[count] = a
                        right[count] = t
                        count += 1
            b = end
    return count


@fast
def spread_of_sums(
    correlation: Tile, row_sd: Tile, column_sd: Tile, sign: int, slack: float, out: Tile
) -> None:
    """Lower bound of the variance of sums or differences."""
    m, q = correlation.shape
    for a in range(m):
        sa = row_sd[a]
        c = correlation[a]
        d = out[a]
        for b in range(q):
            sb = column_sd[b]
            d[b] = (sa * sa + sb * sb) * (1.0 - slack) + 2.0 * sign * sa * sb * c[b]


@fast
def subtract_sum_squares(
    row_inner: Tile, column_inner: Tile, sign: int, rest: Tile
) -> None:
    """Take from the variance of sums what lies along one direction."""
    m, q = rest.shape
    for a in range(m):
        ra = row_inner[a]
        d = rest[a]
        for b in range(q):
            x = ra + sign * column_inner[b]
            d[b] -= x * x


@fast
def scan_sum_rest(
    row_inner: Tile,
    column_inner: Tile,
    sign: int,
    rest: Tile,
    least: float,
    diagonal: int,
    left: Rows,
    right: Rows,
) -> int:
    """List sums that may reach the threshold with what is left of their variance."""
    m, q = rest.shape
    count = 0
    tiny = _TINY if rest.itemsize == 4 else _TINIEST
    for a in range(m):
        start = min(max(a + diagonal + 1, 0), q)
        ra = row_inner[a]
        for b in range(start, q):
            x = ra + sign * column_inner[b]
            if x * x + tiny >= least * rest[a, b]:
                left[count] = a
                right[count] = b
                count += 1
    return count


@fast
def scan_differences(
    rows: Tile,
    columns: Tile,
    row_square: Tile,
    column_square: Tile,
    rootshare: Tile,
    residual: Tile,
    centred: bool,
    least: float,
    slack: float,
    diagonal: int,
    left: Rows,
    right: Rows,
) -> int:
    """List pairs whose absolute difference may reach the threshold.

    `rows` and `columns` hold features times the root weights, the squares their mean
    squares. Four columns at a time share the loads of the row and of the weights.
    """
    m, n = rows.shape
    q = len(columns)
    count = 0
    kind = rows.dtype.type
    need = kind(least)
    loss = kind(slack)
    tiny = kind(_TINY if rows.itemsize == 4 else _TINIEST)
    mean_counts = kind(1.0 if centred else 0.0)
    zero = kind(0)
    for a in range(m):
        start = min(max(a + diagonal + 1, 0), q)
        f = rows[a]
        b = start
        while b < q:
            b1 = min(b + 1, q - 1)
            b2 = min(b + 2, q - 1)
            b3 = min(b + 3, q - 1)
            g0 = columns[b]
            g1 = columns[b1]
            g2 = columns[b2]
            g3 = columns[b3]
            s0 = s1 = s2 = s3 = zero
            u0 = u1 = u2 = u3 = zero
            r0 = r1 = r2 = r3 = zero
            for t in range(n):
                x = f[t]
                w = rootshare[t]
                e = residual[t]
                d0 = abs(x - g0[t])
                d1 = abs(x - g1[t])
                d2 = abs(x - g2[t])
                d3 = abs(x - g3[t])
                s0 += d0 * d0
                s1 += d1 * d1
                s2 += d2 * d2
                s3 += d3 * d3
                u0 += w * d0
                u1 += w * d1
                u2 += w * d2
                u3 += w * d3
                r0 += e * d0
                r1 += e * d1
                r2 += e * d2
                r3 += e * d3
            size = row_square[a]
            for k in range(4):
                c = b + k
                if c >= q:
                    break
                s = s0 if k == 0 else s1 if k == 1 else s2 if k == 2 else s3
                u = u0 if k == 0 else u1 if k == 1 else u2 if k == 2 else u3
                r = r0 if k == 0 else r1 if k == 1 else r2 if k == 2 else r3
                low = s - loss * (size + column_square[c]) - mean_counts * u * u
                if r * r + tiny >= need * low:
                    left[count] = a
                    right[count] = c
                    count += 1
            b += 4
    return count


@fast
def scan_differences_outside(
    rows: Array,
    columns: Array,
    rootshare: Array,
    residual: Array,
    basis: Array,
    centred: bool,
    least: float,
    slack: float,
    diagonal: int,
    left: Rows,
    right: Rows,
) -> int:
    """List absolute differences by what is left of them outside a basis."""
    m, n = rows.shape
    q = len(columns)
    count = 0
    d = np.empty(n)
    for a in range(m):
        start = min(max(a + diagonal + 1, 0), q)
        for b in range(start, q):
            s = 0.0
            u = 0.0
            r = 0.0
            size = 0.0
            for t in range(n):
                x = rows[a, t]
                y = columns[b, t]
                d[t] = abs(x - y)
                s += d[t] * d[t]
                u += rootshare[t] * d[t]
                r += residual[t] * d[t]
                size += x * x + y * y
            rest = s - slack * size
            if centred:
                rest -= u * u
            for k in range(len(basis)):
                p = 0.0
                for t in range(n):
                    p += basis[k, t] * d[t]
                rest -= p * p
            if r * r + _TINIEST >= least * rest:
                left[count] = a
                right[count] = b
                count += 1
    return count


@fast
def add_shares(inner: Tile, variance: Single, total: Tile) -> None:
    """Add the squared correlation of one task; unknown where the variance is."""
    m, q = inner.shape
    for a in range(m):
        for b in range(q):
            x = inner[a, b]
            d = variance[a, b]
            total[a, b] += min(x * x / d, 1.0) if d > _TINY else 1.0


@fast
def add_sum_shares(
    row_inner: Tile, column_inner: Tile, sign: int, rest: Tile, total: Tile
) -> None:
    """Add the squared correlation of sums in one task."""
    m, q = rest.shape
    for a in range(m):
        for b in range(q):
            x = row_inner[a] + sign * column_inner[b]
            d = rest[a, b]
            total[a, b] += min(x * x / d, 1.0) if d > _TINIEST else 1.0


@fast
def list_above(
    total: Tile, least: float, diagonal: int, left: Rows, right: Rows
) -> int:
    """List the pairs whose total reaches `least`."""
    m, q = total.shape
    count = 0
    for a in range(m):
        for b in range(min(max(a + diagonal + 1, 0), q), q):
            if total[a, b] >= least:
                left[count] = a
                right[count] = b
                count += 1
    return count
