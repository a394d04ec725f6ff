"""The LASSO path for numbers and for classes, as far as it is sparse.

Cyclic coordinate descent with an active set, for classes inside iteratively
reweighted least squares: Friedman, Hastie, Tibshirani, J. Stat. Softw. 33 (1), 1
(2010), 10.18637/jss.v033.i01.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from hecsr.formula.expression import Array

Function = TypeVar("Function", bound=Callable[..., Any])

STEP = 0.98
"""Each penalty is this times the one before."""
SMALLEST = 1e-4
"""Share of the largest penalty at which the path ends."""
_TOLERANCE = 1e-11


def compiled(function: Function) -> Function:
    """Compile a loop; sums may be reordered."""
    made: Function = njit(
        cache=True, nogil=True, error_model="numpy", fastmath={"reassoc", "contract"}
    )(function)
    return made


def supports(
    rows: Array, y: Array, share: Array, most: int, *, logistic: bool
) -> dict[int, list[int]]:
    """Return the first support of each size up to `most` along the path.

    A size that the path jumps over takes the largest coefficients of the first
    larger support. `rows` are standardised candidates, `share` weights that sum to
    one.
    """
    found: dict[int, list[int]] = {}
    for _, beta in path(rows, y, share, logistic=logistic):
        support = np.flatnonzero(beta[1:])
        size = len(support)
        by_size = support[np.argsort(-np.abs(beta[1 + support]), kind="stable")]
        for k in range(1, min(size, most) + 1):
            if k not in found:
                found[k] = sorted(int(j) for j in by_size[:k])
        if size >= most:
            break
    return found


def path(
    rows: Array, y: Array, share: Array, *, logistic: bool
) -> Iterator[tuple[float, Array]]:
    """Yield penalties, falling, and coefficients (intercept first).

    Minimises ``sum(share (y - b0 - x b)^2) / 2 + penalty |b|_1``, or with `logistic`
    the weighted mean of the log loss in place of the first sum.
    """
    mean = float(share @ y)
    penalty = float(np.max(np.abs(rows @ (share * (y - mean)))))
    if penalty == 0:
        return
    beta = np.zeros(len(rows) + 1)
    beta[0] = math.log(mean / (1 - mean)) if logistic else mean
    last = penalty * SMALLEST
    while penalty > last:
        penalty *= STEP
        if logistic:
            descend_logistic(rows, y, share, penalty, beta, _TOLERANCE)
        else:
            residual = y - beta[0] - beta[1:] @ rows
            descend(rows, share, residual, penalty, beta, _TOLERANCE * y.var())
        yield penalty, beta.copy()


@compiled
def descend(
    rows: Array,
    weights: Array,
    residual: Array,
    penalty: float,
    beta: Array,
    tolerance: float,
) -> None:
    """Minimise in place by coordinate descent; `residual` is kept up to date."""
    p, n = rows.shape
    norm = np.empty(p)
    total = 0.0
    for t in range(n):
        total += weights[t]
    for j in range(p):
        x = rows[j]
        s = 0.0
        for t in range(n):
            s += weights[t] * x[t] * x[t]
        norm[j] = s
    active = np.zeros(p, dtype=np.bool_)
    whole = True
    for _ in range(10_000):
        change = 0.0
        s = 0.0
        for t in range(n):
            s += weights[t] * residual[t]
        shift = s / total
        beta[0] += shift
        for t in range(n):
            residual[t] -= shift
        change = max(change, total * shift * shift)
        for j in range(p):
            if (not whole and not active[j]) or norm[j] == 0.0:
                continue
            x = rows[j]
            s = 0.0
            for t in range(n):
                s += weights[t] * residual[t] * x[t]
            old = beta[j + 1]
            g = s + norm[j] * old
            new = 0.0
            if g > penalty:
                new = (g - penalty) / norm[j]
            elif g < -penalty:
                new = (g + penalty) / norm[j]
            if new != old:
                step = new - old
                beta[j + 1] = new
                for t in range(n):
                    residual[t] -= step * x[t]
                change = max(change, norm[j] * step * step)
            active[j] = new != 0.0
        if change < tolerance:
            if whole:
                return
            whole = True
        else:
            whole = False


@compiled
def descend_logistic(
    rows: Array, y: Array, share: Array, penalty: float, beta: Array, tolerance: float
) -> None:
    """Minimise the penalised log loss in place."""
    p, n = rows.shape
    z = np.empty(n)
    weights = np.empty(n)
    residual = np.empty(n)
    for _ in range(100):
        for t in range(n):
            z[t] = beta[0]
        for j in range(p):
            if beta[j + 1] != 0.0:
                for t in range(n):
                    z[t] += beta[j + 1] * rows[j, t]
        for t in range(n):
            small = math.exp(-abs(z[t]))
            q = 1.0 / (1.0 + small) if z[t] >= 0 else small / (1.0 + small)
            # a floor, as the quadratic model fails where a class is certain
            v = max(q * (1.0 - q), 1e-5)
            weights[t] = share[t] * v
            residual[t] = (y[t] - q) / v
        before = beta.copy()
        descend(rows, weights, residual, penalty, beta, tolerance)
        if np.max(np.abs(beta - before)) < 1e-6:
            return
