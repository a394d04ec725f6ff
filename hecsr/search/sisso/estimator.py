"""SISSO as scikit-learn estimators: sparse formulas from a space of features.

Sure independence screening and sparsifying operator: Ouyang, Curtarolo, Ahmetcik,
Scheffler, Ghiringhelli, Phys. Rev. Mater. 2, 083802 (2018),
10.1103/PhysRevMaterials.2.083802.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hecsr.errors import SearchError
from hecsr.search.engine import FormulaClassifier, FormulaEstimator, FormulaRegressor
from hecsr.search.sisso.search import Found, search
from hecsr.search.sisso.size import space_size
from hecsr.search.sisso.solvers import classification_solver, regression_solver
from hecsr.search.sisso.space import MAX_TERMS, Budget, SearchSpace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hecsr.descriptors.descriptor import Descriptor
    from hecsr.formula.formula import Target
    from hecsr.search.samples import Samples
    from hecsr.search.selection import Terms


class _Sisso(FormulaEstimator):
    """What regression and classification share."""

    space: SearchSpace | None
    budget: Budget | None
    n_residuals: int

    def __init__(
        self,
        *,
        space: SearchSpace | None = None,
        budget: Budget | None = None,
        max_terms: int = 3,
        n_residuals: int = 1,
        inner_folds: int = 5,
        random_state: Any = 0,
        descriptors: Sequence[Descriptor] | None = None,
        target: Target | None = None,
    ) -> None:
        self.space = space
        self.budget = budget
        self.max_terms = max_terms
        self.n_residuals = n_residuals
        self.inner_folds = inner_folds
        self.random_state = random_state
        self.descriptors = descriptors
        self.target = target

    def _check_options(self) -> Sequence[Descriptor] | None:
        if self.max_terms > MAX_TERMS:
            msg = f"max_terms is {self.max_terms}; at most {MAX_TERMS} are searched"
            raise SearchError(msg)
        if self.n_residuals < 1:
            raise SearchError(
                f"n_residuals is {self.n_residuals}; at least 1 is needed"
            )
        return super()._check_options()

    def _measure(self, samples: Samples) -> dict[str, float]:
        size = space_size(
            self.space or SearchSpace(),
            samples.descriptors,
            len(samples.y),
            budget=self.budget,
            max_terms=self.max_terms,
            values=samples.values,
        )
        return {
            **super()._measure(samples),
            "candidate_features": size.candidates,
            "stored_features": size.stored,
            "models": size.models,
            "megabytes": round(size.n_bytes / 1e6),
        }

    def _search(self, samples: Samples) -> list[Terms]:
        return self._find(samples).terms(samples)

    def _find(self, samples: Samples) -> Found:
        from threadpoolctl import threadpool_limits

        make = (
            regression_solver if self._task == "regression" else classification_solver
        )
        # folds run in processes of their own: one thread each
        with threadpool_limits(limits=1, user_api="blas"):
            return search(
                samples,
                self.space or SearchSpace(),
                self.budget or Budget(),
                max_terms=self.max_terms,
                n_residuals=self.n_residuals,
                solve=make(samples, self.n_residuals),
            )


class SissoRegressor(FormulaRegressor, _Sisso):
    """Sparse linear combination of features built from descriptors.

    Parameters
    ----------
    space
        What may be built; by default :class:`SearchSpace`'s own defaults.
    budget
        What the search may keep and cost.
    max_terms
        Most terms of a formula, 1 to 3.
    n_residuals
        Models of each dimension whose residuals the next screening looks at.
    inner_folds
        Folds of the inner cross-validation that chooses the number of terms, each
        with its own search; 0 takes `max_terms`.
    random_state
        Seed of the inner folds; the search itself has no randomness.
    descriptors
        Units and metadata, looked up by column name.
    target
        Name, symbol and unit of the target.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.random.default_rng(0).uniform(1, 2, (40, 3))
    >>> found = SissoRegressor(max_terms=1, inner_folds=0)
    >>> found.fit(x, 3 * x[:, 0] / x[:, 1] - 1).formula_.to_text()
    '-1 + 3 * (x0 / x1)'
    """


class SissoClassifier(FormulaClassifier, _Sisso):
    """Probability of the second of two classes from features built of descriptors.

    Screening correlates features with labels minus probabilities; the best tuples by
    least squares on the labels are fitted by penalised logistic regression, whose
    likelihood decides. Parameters are those of :class:`SissoRegressor`.
    """
