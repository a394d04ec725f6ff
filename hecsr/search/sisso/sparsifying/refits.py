"""Exact least squares of a few rows, and the ordered list of the best tuples.

What decides is computed here, for each tuple by itself and by sums of fixed order:
lists are the same bit for bit however the tuples came to be looked at.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hecsr.search.sisso.building.kernels import dot, exact
from hecsr.search.sisso.building.values import DEPENDENT

if TYPE_CHECKING:
    from hecsr.formula.expression import Array

Positions = NDArray[np.int64]
Data = tuple["Array", "Array", "Array", Positions]
"""Rows, target, share of each task in the target's sum of squares, task bounds."""

_TIE = 2.0**-40
_ROOM = 2**20
"""Numbers that the orthonormal rows of tuples fitted at once may hold."""


@exact
def fit_tuples(
    data: Data, tuples: Positions, basis: Array, triangle: Array, residual: Array
) -> Array:
    """Return the share of the target that each tuple leaves, inf if dependent.

    Gram-Schmidt twice over, which is enough for an orthonormal basis to working
    precision (Giraud, Langou, Rozloznik, Comput. Math. Appl. 50, 1069 (2005),
    10.1016/j.camwa.2005.08.009). A member that is zero within a task is left out
    there.

    Parameters
    ----------
    tuples
        Members, ascending, one tuple per row.
    basis
        Becomes the orthonormal rows of each tuple.
    triangle
        Becomes the factor R of each tuple and task, zero where dependent.
    residual
        Becomes what each tuple leaves of the target.
    """
    rows, target, share, bounds = data
    count, size = tuples.shape
    loss = np.zeros(count)
    for k in range(count):
        used = 0
        for t in range(len(share)):
            start, stop = bounds[t], bounds[t + 1]
            factor = triangle[k, t]
            factor[:] = 0.0
            for q in range(size):
                x = basis[k, q, start:stop]
                source = rows[tuples[k, q], start:stop]
                for s in range(len(x)):
                    x[s] = source[s]
                if dot(x, x) == 0.0:
                    continue
                used |= 1 << q
                for _ in range(2):
                    for p in range(q):
                        other = basis[k, p, start:stop]
                        along = dot(other, x)
                        factor[p, q] += along
                        for s in range(len(x)):
                            x[s] -= along * other[s]
                square = dot(x, x)
                if square <= DEPENDENT:
                    loss[k] = np.inf
                    square = 1.0
                factor[q, q] = math.sqrt(square)
                inverse = 1.0 / factor[q, q]
                for s in range(len(x)):
                    x[s] *= inverse
            if dependent(factor):
                loss[k] = np.inf
            rest = residual[k, start:stop]
            source = target[start:stop]
            for s in range(len(rest)):
                rest[s] = source[s]
            for _ in range(2):
                for q in range(size):
                    x = basis[k, q, start:stop]
                    along = dot(x, rest)
                    for s in range(len(x)):
                        rest[s] -= along * x[s]
            loss[k] += share[t] * dot(rest, rest)
        if used != (1 << size) - 1:
            loss[k] = np.inf
    return loss


@exact
def dependent(triangle: Array) -> bool:
    """Whether too little of a column is left outside the others, squared.

    What is left is one over the sum of squares of a row of the inverse.
    """
    size = len(triangle)
    z = np.zeros(size)
    for q in range(size):
        if triangle[q, q] == 0.0:
            continue
        # row q of the inverse solves z R = e_q
        z[q] = 1.0 / triangle[q, q]
        total = z[q] * z[q]
        for p in range(q + 1, size):
            s = 0.0
            for r in range(q, p):
                s += z[r] * triangle[r, p]
            z[p] = -s / triangle[p, p] if triangle[p, p] != 0.0 else 0.0
            total += z[p] * z[p]
        if total * DEPENDENT >= 1.0:
            return True
    return False


class BestList:
    """The best tuples offered so far: least loss first, ties by the members.

    Tied are tuples whose residuals have the same length, as a share of the target's,
    when it is rounded to 2^-40: features that span the same space differ by no more.
    """

    def __init__(self, data: Data, size: int, keep: int) -> None:
        self.data = data
        self.keep = keep
        self.key = np.empty(0)
        self.tuples = np.empty((0, size), np.int64)

    @property
    def level(self) -> float:
        """The R^2 that a tuple must reach to be listed."""
        if len(self.key) < self.keep:
            return -np.inf
        return 1.0 - float((self.key[-1] + 0.5) * _TIE) ** 2

    def offer(self, tuples: Positions) -> None:
        """Fit tuples and list those among the best."""
        tuples = np.sort(tuples, axis=1)
        step = max(1, _ROOM // (len(self.data[1]) * tuples.shape[1]))
        for start in range(0, len(tuples), step):
            part = tuples[start : start + step]
            self._add(ranking_key(fit(self.data, part)[0]), part)

    def join(self, other: BestList) -> None:
        """Take in what another one lists."""
        self._add(other.key, other.tuples)

    def _add(self, key: Array, tuples: Positions) -> None:
        good = key < np.inf
        key = np.concatenate([self.key, key[good]])
        tuples = np.concatenate([self.tuples, tuples[good]])
        order = np.lexsort((*tuples.T[::-1], key))
        key, tuples = key[order], tuples[order]
        new = np.ones(len(key), dtype=np.bool_)
        new[1:] = (tuples[1:] != tuples[:-1]).any(axis=1)
        self.key, self.tuples = key[new][: self.keep], tuples[new][: self.keep]


def ranking_key(loss: Array) -> Array:
    """Return whole numbers in the order of the losses, equal for ties."""
    return np.rint(np.sqrt(loss) / _TIE)


def fit(data: Data, tuples: Positions) -> tuple[Array, Array, Array, Array]:
    """Return loss, orthonormal rows, factors R and residual of each tuple."""
    count, size = tuples.shape
    n, tasks = len(data[1]), len(data[2])
    basis = np.empty((count, size, n))
    triangle = np.empty((count, tasks, size, size))
    residual = np.empty((count, n))
    loss = fit_tuples(data, tuples, basis, triangle, residual)
    return loss, basis, triangle, residual
