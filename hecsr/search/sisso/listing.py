"""The long list of an exhaustive search: the tuples of features that fit best."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import comb
from typing import TYPE_CHECKING, Any

import numpy as np

from hecsr.errors import SearchError
from hecsr.search.class_weights import class_weighted
from hecsr.search.logarithms import in_logarithms, written_out
from hecsr.search.running import one_blas_thread
from hecsr.search.samples import Samples, describe_columns
from hecsr.search.sisso.building.features import Recipes
from hecsr.search.sisso.estimator import SissoClassifier, SissoRegressor
from hecsr.search.sisso.search import Found, search
from hecsr.search.sisso.size import space_size
from hecsr.search.sisso.space import Budget, SearchSpace
from hecsr.search.sisso.sparsifying.solvers import (
    classification_solver,
    regression_solver,
)
from hecsr.search.sisso.sparsifying.sparsify import Model, Pool, best_tuples

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import NDArray

    from hecsr.formula.expression import Expression
    from hecsr.search.sisso.sparsifying.refits import Positions
    from hecsr.search.sisso.sparsifying.sparsify import Solver


@dataclass(frozen=True, eq=False)
class Listed:
    """The best tuples of each size, over the features that screening kept.

    Attributes
    ----------
    samples
        What was searched.
    terms
        The features kept, in order of the screenings.
    nodes
        Operator nodes of each, as the search counts them.
    tuples
        By number of terms the members, positions in `terms`, best by least squares
        first; shape (m, number of terms).
    fitted
        How many tuples of each size were compared.
    candidates
        Features of the whole space by operator nodes; equal ones each count.
    leading
        By number of terms the members of the formula that the search itself gives.
    """

    samples: Samples
    terms: tuple[Expression, ...]
    nodes: NDArray[np.int64]
    tuples: Mapping[int, Positions]
    fitted: Mapping[int, int]
    candidates: Mapping[int, int]
    leading: Mapping[int, tuple[int, ...]]


def has_list(estimator: Any) -> bool:
    """Whether an engine is a sparse search that fits every tuple, with an intercept."""
    if type(estimator) is SissoRegressor:
        return estimator.method == "exhaustive" and bool(estimator.fit_intercept)
    return type(estimator) is SissoClassifier


def list_tuples(
    estimator: Any, X: pd.DataFrame, y: NDArray[Any], *, keep: int
) -> Listed:
    """Search as an estimator's fit does, and keep `keep` tuples of each size.

    Screening, residuals and refinement are those of the fit on the same rows, with
    one thread; there is no inner cross-validation. Tuples are listed by least squares,
    of classes on the labels.

    Parameters
    ----------
    estimator
        Unfitted :class:`SissoRegressor` or :class:`SissoClassifier`.
    X, y
        Descriptors, shape (n, p), and target; classes are 0 and 1.

    Raises
    ------
    SearchError
        If the estimator does not fit every tuple, or these data cannot be searched.
    """
    if not has_list(estimator):
        raise SearchError(
            f"{type(estimator).__name__} does not fit every tuple of features; the "
            "list of all good ones needs SissoRegressor(method='exhaustive'), with an "
            "intercept, or SissoClassifier"
        )
    samples = _samples(estimator, X, y)
    if samples.constant:
        raise SearchError("the target holds one value only: there is nothing to find")
    inside = in_logarithms(samples)
    space, budget = estimator.space or SearchSpace(), estimator.budget or Budget()
    listing = _Listing(_solver(estimator, inside), inside, keep)
    with one_blas_thread():
        found = search(
            inside,
            space,
            budget,
            max_terms=estimator.max_terms,
            n_residuals=estimator.n_residuals,
            solve=listing,
            beam=estimator.beam,
        )
    if not found.models:
        raise SearchError("no lawful feature varies on these rows")
    tuples = {d: _joined(listing.tuples[d], found, d) for d in found.models}
    every = tuple(
        written_out(term, samples) for term in found.terms(_all_of(found.pool), inside)
    )
    return Listed(
        samples,
        every,
        _nodes(found),
        tuples,
        {d: listing.fitted[d] for d in found.models},
        _candidates(space, budget, inside),
        {d: models[0].members for d, models in found.models.items()},
    )


class _Listing:
    """A solver that also keeps a longer list of each size than it returns."""

    def __init__(self, solve: Solver, samples: Samples, keep: int) -> None:
        self.solve = solve
        self.samples = samples
        self.keep = keep
        self.tuples: dict[int, Positions] = {}
        self.fitted: dict[int, int] = {}

    def __call__(self, pool: Pool, size: int) -> list[Model]:
        # a refinement asks again, about a few features under other positions
        if size not in self.tuples:
            self.fitted[size] = comb(len(pool.rows), size)
            self.tuples[size] = best_tuples(pool, self.samples.y, size, self.keep)
        return self.solve(pool, size)


def _joined(tuples: Positions, found: Found, size: int) -> Positions:
    """Put the models that a refinement found, of features not in the list, first."""
    listed = {tuple(t) for t in tuples.tolist()}
    new = [m.members for m in found.models[size] if m.members not in listed]
    more = np.array(new, dtype=np.int64).reshape(-1, size)
    return np.concatenate([more, tuples])


def _samples(estimator: Any, X: pd.DataFrame, y: NDArray[Any]) -> Samples:
    task = "classification" if type(estimator) is SissoClassifier else "regression"
    target = np.asarray(y, dtype=np.float64)
    weights = None
    if task == "classification":
        given = estimator.class_weight
        weights = class_weighted(given, np.array([0, 1]), target, None)
    names = [str(name) for name in X.columns]
    return Samples(
        X.to_numpy(dtype=np.float64),
        describe_columns(names, estimator.descriptors),
        target,
        weights,
        task,  # type: ignore[arg-type]
    )


def _solver(estimator: Any, samples: Samples) -> Solver:
    keep = max(estimator.n_residuals, estimator.beam)
    if samples.task == "classification":
        return classification_solver(samples, keep, criterion=estimator.criterion)
    return regression_solver(samples, keep)


def _all_of(pool: Recipes) -> Model:
    return Model(tuple(range(len(pool))), 0.0, np.empty(0), 1.0)


def _nodes(found: Found) -> NDArray[np.int64]:
    from hecsr.search.sisso.building import operators as op

    nodes = found.features.nodes(found.pool).astype(np.int64)
    stored = found.pool.operator == op.LEAF
    nodes[stored] = found.features.complexity[found.pool.left[stored]]
    return nodes


def _candidates(space: SearchSpace, budget: Budget, samples: Samples) -> dict[int, int]:
    """Count the features of the space by their operator nodes."""
    counts: dict[int, int] = {}
    total = 0
    for nodes in range(space.max_complexity + 1):
        rungs = min(space.rungs, nodes)
        by_rung = None if space.by_rung is None else space.by_rung[:rungs]
        smaller = replace(space, max_complexity=nodes, rungs=rungs, by_rung=by_rung)
        try:
            size = space_size(
                smaller,
                samples.descriptors,
                len(samples.y),
                budget=budget,
                values=samples.values,
            )
        except SearchError:
            break  # the search was cut to less
        if size.candidates > total:
            counts[nodes] = size.candidates - total
        total = size.candidates
    return counts
