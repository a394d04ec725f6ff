"""Which tuples are best: by least squares, or by penalised likelihood."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
CRITERIA: Final = ("likelihood", "overlap")
"""What makes a tuple of features the better one for two classes."""
_KEPT = 20
PRESELECTED: Final = 100
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


def classification_solver(
    samples: Samples,
    keep: int,
    *,
    criterion: str = "likelihood",
    threads: int = 1,
) -> Solver:
    """Return the solver of logistic regression with Firth's penalty.

    It ranks by the penalised likelihood, or by the overlap of the classes' domains
    and among equals by the likelihood.
    """

    def solve(pool: Pool, size: int) -> list[Model]:
        from hecsr.search.sisso.sparsifying.firth import fit_tuple

        tuples = best_tuples(
            pool, samples.y, size, max(PRESELECTED, keep), threads=threads
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
        if criterion == "overlap":
            models = _by_overlap(models, columns, samples, keep)
        return models

    return solve


def _by_overlap(
    models: Sequence[Model], columns: Array, samples: Samples, keep: int
) -> list[Model]:
    """Put models in order of their overlap; of those far down sizes do not matter."""
    from hecsr.search.overlap import shared_samples, shared_size

    second = samples.y == 1
    points = [columns[list(m.members)].T for m in models]
    counts = [shared_samples(p, second) for p in points]
    last = sorted(counts)[min(keep, len(counts)) - 1] if counts else 0
    order = sorted(
        (count, shared_size(p, second) if count <= last else 0.0, place)
        for place, (count, p) in enumerate(zip(counts, points, strict=True))
    )
    return [models[place] for *_, place in order]


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
