"""Which tuples are best: by least squares, or by penalised likelihood."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hecsr.search.sisso.sparsify import Model, best_tuples, least_squares_models

if TYPE_CHECKING:
    from hecsr.formula.expression import Array
    from hecsr.search.samples import Samples
    from hecsr.search.sisso.ranking import Evaluator
    from hecsr.search.sisso.search import Solver

_KEPT = 20
_PRESELECTED = 100
"""Tuples, best by least squares on the labels, that the likelihood decides among."""


def regression_solver(samples: Samples, n_residuals: int) -> Solver:
    """Return the solver of least squares with intercept."""

    def solve(rows: Array, evaluator: Evaluator, size: int) -> list[Model]:
        target = evaluator.standardised_residual(samples.y)
        keep = max(_KEPT, n_residuals)
        models = least_squares_models(rows, target, size, keep)
        return [
            Model(m.members, m.loss, m.residual / evaluator.rootshare) for m in models
        ]

    return solve


def classification_solver(samples: Samples, n_residuals: int) -> Solver:
    """Return the solver of logistic regression with Firth's penalty."""

    def solve(rows: Array, evaluator: Evaluator, size: int) -> list[Model]:
        from hecsr.search.sisso.firth import fit_tuple

        target = evaluator.standardised_residual(samples.y)
        keep = max(_PRESELECTED, n_residuals)
        weights = (
            np.ones(len(samples.y)) if samples.weights is None else samples.weights
        )
        # standard deviation one, as the logistic fit expects it
        columns = np.ascontiguousarray(rows / evaluator.rootshare)
        models = []
        for members in best_tuples(rows, target, size, keep):
            likelihood, p = fit_tuple(columns[members], samples.y, weights)
            chosen = tuple(int(m) for m in members)
            models.append(Model(chosen, -likelihood, samples.y - p))
        models.sort(key=lambda m: (m.loss, m.members))
        return models

    return solve
