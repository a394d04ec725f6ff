"""Which tuples are best: by least squares, or by penalised likelihood."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

from hecsr.errors import SearchError, suggestion
from hecsr.search.sisso.sparsifying.sparsify import (
    Model,
    Pool,
    Solver,
    best_tuples,
    refit,
)

if TYPE_CHECKING:
    from hecsr.formula.expression import Array
    from hecsr.search.samples import Samples
    from hecsr.search.sisso.sparsifying.refits import Positions

METHODS: Final = ("exhaustive", "omp", "l1l0")
"""All tuples; orthogonal matching pursuit; the LASSO, then all tuples of a few."""
_KEPT = 20
_PRESELECTED = 100
"""Tuples, best by least squares on the labels, that the likelihood decides among."""


def regression_solver(
    samples: Samples, keep: int, *, method: str = "exhaustive", threads: int = 1
) -> Solver:
    """Return the solver of least squares, by one of the `METHODS`.

    It finds `keep` models or more, where there are so many.

    Raises
    ------
    SearchError
        If there is no such method.
    """
    find = _finder(method, threads)

    def solve(pool: Pool, size: int) -> list[Model]:
        tuples = find(pool, samples.y, size, max(_KEPT, keep))
        return refit(pool, samples.y, tuples)

    return solve


def classification_solver(samples: Samples, keep: int, *, threads: int = 1) -> Solver:
    """Return the solver of logistic regression with Firth's penalty."""

    def solve(pool: Pool, size: int) -> list[Model]:
        from hecsr.search.sisso.sparsifying.firth import fit_tuple

        tuples = best_tuples(
            pool, samples.y, size, max(_PRESELECTED, keep), threads=threads
        )
        n = len(samples.y)
        weights = np.ones(n) if samples.weights is None else samples.weights
        # standard deviation one, as the logistic fit expects it
        root = pool.weighting.rootshare
        columns = np.divide(
            pool.rows, root, out=np.zeros_like(pool.rows), where=root > 0
        )
        models = []
        for model in refit(pool, samples.y, tuples):
            likelihood, p = fit_tuple(columns[list(model.members)], samples.y, weights)
            if np.isfinite(likelihood):
                residual = samples.y - p
                models.append(
                    Model(model.members, -likelihood, residual, model.condition)
                )
        models.sort(key=lambda m: (m.loss, m.members))
        return models

    return solve


def _finder(method: str, threads: int) -> Callable[[Pool, Array, int, int], Positions]:
    """Return what finds the best tuples, best first."""
    if method == "exhaustive":
        return partial(best_tuples, threads=threads)
    if method == "omp":
        from hecsr.search.sisso.sparsifying.pursuit import pursuit_tuples

        return pursuit_tuples
    if method == "l1l0":
        from hecsr.search.sisso.sparsifying.l1l0 import l1l0_tuples

        return partial(l1l0_tuples, threads=threads)
    raise SearchError(f"unknown method '{method}'; {suggestion(method, METHODS)}")
