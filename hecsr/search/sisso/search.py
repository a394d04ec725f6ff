"""The search: screen against the residual, choose the best tuple, and again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hecsr.formula.expression import Array, Expression
from hecsr.search.sisso.features import Features, Recipes
from hecsr.search.sisso.generate import stored_features
from hecsr.search.sisso.ranking import Evaluator
from hecsr.search.sisso.screening import Screening, Work
from hecsr.search.sisso.size import check_budget, space_size
from hecsr.search.sisso.sparsify import Model
from hecsr.search.sisso.units import UnitTable

if TYPE_CHECKING:
    from hecsr.search.samples import Samples
    from hecsr.search.sisso.space import Budget, SearchSpace

Solver = Callable[[Array, Evaluator, int], list[Model]]
"""Finds the best tuples of so many of the standardised pool rows."""

_MET = 1e-24
"""A model that leaves less of the variance has met the target exactly."""


@dataclass(frozen=True)
class Found:
    """The pool that the screenings kept and the best models of each dimension."""

    features: Features
    pool: Recipes
    models: tuple[tuple[Model, ...], ...]
    work: Work

    def terms(self, samples: Samples) -> list[tuple[Expression, ...]]:
        """Write out the best model of each dimension."""
        pool = self.pool
        return [
            tuple(
                self.features.expression(
                    int(pool.operator[m]),
                    int(pool.left[m]),
                    int(pool.right[m]),
                    samples.descriptors,
                )
                for m in best[0].members
            )
            for best in self.models
        ]


def search(
    samples: Samples,
    space: SearchSpace,
    budget: Budget,
    *,
    max_terms: int,
    n_residuals: int,
    solve: Solver,
) -> Found:
    """Return the best models of 1, 2, ... terms over the whole space.

    Each dimension keeps the features that correlate most with the residuals of the
    `n_residuals` best models of the dimension before, beside those kept earlier,
    and then takes the best tuple of all kept.

    Raises
    ------
    SearchError
        If the space is above the budget.
    """
    size = space_size(
        space,
        samples.descriptors,
        len(samples.y),
        budget=budget,
        max_terms=max_terms,
        values=samples.values,
    )
    check_budget(size, budget)
    units = UnitTable()
    share = samples.share
    features = stored_features(samples.values, samples.descriptors, share, space, units)
    if not len(features):
        return Found(features, Recipes.join([]), (), Work())
    evaluator = Evaluator(features, share, space.constant_below)
    room = max(budget.max_bytes - size.stored * len(samples.y) * 48, 0)
    screening = Screening(evaluator, space, units, room)
    pool, rows = Recipes.join([]), np.empty((0, len(samples.y)))
    residuals = [samples.y - share @ samples.y]
    models: list[tuple[Model, ...]] = []
    for dimension in range(1, max_terms + 1):
        for residual in residuals:
            best = screening.best(residual, budget.sis, rows)
            pool = Recipes.join([pool, best])
            rows = np.vstack([rows, evaluator.standardised(best)])
        found = solve(rows, evaluator, dimension) if len(pool) >= dimension else []
        if not found:
            break
        models.append(tuple(found))
        if samples.task == "regression" and found[0].loss < _MET:
            break
        residuals = [m.residual for m in found[:n_residuals]]
    return Found(features, pool, tuple(models), screening.work)
