"""Which tuples are best for tasks of classes and of numbers together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from hecsr.search.sisso.sparsifying.solvers import PRESELECTED
from hecsr.search.sisso.sparsifying.sparsify import (
    Model,
    Pool,
    Solver,
    best_tuples,
    refit,
)

if TYPE_CHECKING:
    from hecsr.formula.expression import Array
    from hecsr.search.mixed_samples import MixedSamples

_EXACT: Final = 1e-24
"""Share of the variance below which a law of numbers counts as exact."""


def joint_solver(samples: MixedSamples, keep: int, *, threads: int = 1) -> Solver:
    """Return the solver of the likelihood of all tasks, with coefficients for each.

    Tasks are independent given the terms, so that their log-likelihoods add up. That
    of classes is the logistic one with Firth's penalty. That of numbers is Gaussian
    at its maximum over coefficients and variance, -n/2 log RSS but for a constant,
    which does not depend on their unit. So each task weighs by what it can tell: one
    with few samples, or few of a class, has little to gain by any terms. Tasks that
    cannot tell tuples apart (:meth:`~.MixedSamples.informs`) have no part.

    The best tuples by least squares over all tasks, numbers scaled to the variance
    of the labels, are decided among.
    """

    def solve(pool: Pool, size: int) -> list[Model]:
        y = samples.scaled
        wanted = max(PRESELECTED, keep)
        tuples = best_tuples(pool, y, size, wanted, threads=threads)
        tasks = _Tasks(samples, pool, size)
        models = []
        for model in refit(pool, y, tuples):
            loss, residual = tasks.fit(model)
            if np.isfinite(loss):
                models.append(Model(model.members, loss, residual, model.condition))
        models.sort(key=lambda m: (m.loss, m.members))
        return models

    return solve


class _Tasks:
    """The fits of one tuple after another to each task."""

    def __init__(self, samples: MixedSamples, pool: Pool, size: int) -> None:
        self.samples = samples
        self.share = pool.weighting.share
        n = len(samples.y)
        self.weights = np.ones(n) if samples.weights is None else samples.weights
        self.spread = pool.target(samples.scaled)[1] ** 2
        self.informing = [samples.informs(t, size) for t in range(len(samples.labels))]
        # standard deviation one within each task, as the logistic fit expects it
        root = np.array(pool.weighting.rootshare)
        for part in samples.parts:
            root[part] /= np.sqrt(self.share[part].sum())
        self.columns = np.divide(
            pool.rows, root, out=np.zeros_like(pool.rows), where=root > 0
        )

    def fit(self, model: Model) -> tuple[float, Array]:
        """Return minus the log-likelihood, and what is left of the scaled targets.

        Nothing is left of a task that only lends: the next screening looks at those
        that are scored.
        """
        residual = model.residual.copy()
        total = 0.0
        for t, part in enumerate(self.samples.parts):
            if self.samples.kinds[t] == "regression":
                total += self._numbers(t, part, residual)
                continue
            if self.informing[t]:
                likelihood, p = self._classes(part, model)
                if self.samples.scored[t]:
                    residual[part] = self.samples.y[part] - p
                elif not np.isfinite(likelihood):
                    likelihood, _ = self._classes(part, None)
                total -= likelihood
            if not self.samples.scored[t]:
                residual[part] = 0.0
        return total, residual

    def _numbers(self, t: int, part: slice, residual: Array) -> float:
        """Return minus the log-likelihood, without what no terms change."""
        if not self.spread[t]:
            return 0.0
        left = float(self.share[part] @ residual[part] ** 2) / self.spread[t]
        return 0.5 * float(self.weights[part].sum() * np.log(max(left, _EXACT)))

    def _classes(self, part: slice, model: Model | None) -> tuple[float, Array]:
        """Return the penalised log-likelihood and the probabilities of a task.

        Terms that are constant in the task are left out there.
        """
        from hecsr.search.sisso.sparsifying.firth import fit_tuple

        members = [] if model is None else list(model.members)
        columns = self.columns[members, part]
        columns = np.ascontiguousarray(columns[columns.any(axis=1)])
        found: tuple[float, Array] = fit_tuple(
            columns, self.samples.y[part], self.weights[part]
        )
        return found
