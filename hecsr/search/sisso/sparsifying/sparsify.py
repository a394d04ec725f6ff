"""Choose the best few of the features that the screening kept.

From the Gram matrix of the standardised features the R^2 of a tuple follows without
its values, so that all tuples can be looked at; the best are then fitted exactly.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from hecsr.formula.expression import Array
    from hecsr.search.sisso.building.weighting import Weighting
    from hecsr.search.sisso.sparsifying.refits import Data


_CONSTANT = 1e-12
"""A target that varies by less of its size, in each task, has nothing to explain."""
_LEFT_OUT = 1e-7
"""Features that are not near-dependent have larger singular values."""


@dataclass(frozen=True)
class Pool:
    """The features to choose from.

    Attributes
    ----------
    rows
        One feature per row, as :func:`.kernels.standardise` leaves
        it: within each task centred (if models have an intercept) and of unit norm,
        root weights in, or zero where it is constant.
    bits
        Which required descriptors each feature contains.
    required
        The bits that the features of a model must contain between them.
    """

    rows: Array
    weighting: Weighting
    bits: NDArray[np.int64]
    required: int = 0

    def target(self, y: Array) -> tuple[Array, Array]:
        """Return the standardised target and its norm within each task.

        Both are 0 within a task where `y` is constant but for rounding.
        """
        row, sizes = self.weighting.standardised(y)
        for t, task in enumerate(self.weighting.tasks):
            top = np.abs(y[task]).max(initial=0.0)
            if sizes[t] <= _CONSTANT * top * np.sqrt(self.weighting.share[task].sum()):
                row[task], sizes[t] = 0.0, 0.0
        return row, sizes

    def data(self, y: Array) -> Data | None:
        """Return rows and standardised target for a fit; None if `y` is constant."""
        target, sizes = self.target(y)
        if not sizes.any():
            return None
        square = (sizes / sizes.max()) ** 2
        rows = np.ascontiguousarray(self.rows, dtype=np.float64)
        return rows, target, square / square.sum(), self.weighting.bounds


@dataclass(frozen=True)
class Model:
    """Some features of a pool, and how well they fit.

    Attributes
    ----------
    members
        Positions in the pool, ascending.
    loss
        Share of the target's weighted sum of squares (about the mean of each task,
        if there is an intercept) that is left; for classes minus the penalised
        log-likelihood.
    residual
        Target minus fit, one number per sample, 0 where the weight is 0.
    condition
        2-norm condition number of the standardised features, the largest of the
        tasks'.
    """

    members: tuple[int, ...]
    loss: float
    residual: Array
    condition: float


Solver = Callable[[Pool, int], list[Model]]
"""Finds models of so many features of a pool, best first."""


def best_tuples(
    pool: Pool, y: Array, size: int, keep: int, *, threads: int = 1
) -> NDArray[np.int64]:
    """Return the `keep` tuples of largest R^2 among all of `size`, best first.

    Near-dependent tuples, and those without the required bits, are left out.
    """
    from hecsr.search.sisso.sparsifying.exhaustive import Exhaustive
    from hecsr.search.sisso.sparsifying.pursuit import beam, extended

    data = pool.data(y)
    if data is None or len(pool.rows) < size:
        return np.empty((0, size), np.int64)
    if size == 1:
        best = extended(pool, data, np.empty((1, 0), np.int64), 1, keep)
    else:
        best = beam(pool, data, size, keep)
        problem = Exhaustive(data, pool.bits, pool.required, size, best)
        best = problem.search(threads)
    return best.tuples


def refit(pool: Pool, y: Array, tuples: NDArray[np.int64]) -> list[Model]:
    """Fit tuples by least squares and sort them, leaving dependent ones out.

    Models that tie, as :class:`.refits.BestList` has it, go by
    their members.
    """
    from hecsr.search.sisso.sparsifying.refits import fit, ranking_key

    data = pool.data(y)
    if data is None or not len(tuples):
        return []
    tuples = np.sort(tuples, axis=1)
    weighting = pool.weighting
    loss, _, triangle, residual = fit(data, tuples)
    scale = np.zeros(len(y))
    for task, length in zip(weighting.tasks, pool.target(y)[1], strict=True):
        root = weighting.rootshare[task]
        np.divide(length, root, out=scale[task], where=root > 0)
    residual *= scale
    condition = conditions(triangle)
    order = np.lexsort((*tuples.T[::-1], ranking_key(loss)))
    return [
        Model(
            tuple(int(m) for m in tuples[s]),
            float(loss[s]),
            residual[s],
            float(condition[s]),
        )
        for s in order
        if loss[s] < np.inf
    ]


def conditions(triangle: Array) -> Array:
    """Return the largest condition number of the tasks' factors R, for each tuple."""
    values = np.linalg.svd(triangle, compute_uv=False)
    # those of features that are left out are 0
    least = np.where(values > _LEFT_OUT, values, np.inf).min(axis=-1)
    return np.asarray((values[..., 0] / least).max(axis=-1))
