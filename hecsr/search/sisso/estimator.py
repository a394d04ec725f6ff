"""SISSO as scikit-learn estimators: sparse formulas from a space of features.

Sure independence screening and sparsifying operator: Ouyang, Curtarolo, Ahmetcik,
Scheffler, Ghiringhelli, Phys. Rev. Mater. 2, 083802 (2018),
10.1103/PhysRevMaterials.2.083802.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hecsr.search.engine import FormulaClassifier, FormulaRegressor
from hecsr.search.sisso.base import SissoEstimator, SissoNumbers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hecsr.descriptors.descriptor import Descriptor
    from hecsr.formula.formula import Target
    from hecsr.search.sisso.space import Budget, SearchSpace


class SissoRegressor(FormulaRegressor, SissoNumbers):
    """Sparse linear combination of features built from descriptors.

    Parameters
    ----------
    space
        What may be built; by default :class:`SearchSpace`'s own defaults.
    budget
        What the search may keep and cost.
    max_terms
        Most terms of a formula: 1 to 4, with other methods than the exhaustive up
        to 10.
    n_residuals
        Models of each dimension whose residuals the next screening looks at.
    beam
        Models of each dimension that are refined; 0 is plain SISSO.
    method
        How tuples of the kept features are chosen: all are fitted ('exhaustive'), or
        by orthogonal matching pursuit ('omp'), or among those that the LASSO selects
        ('l1l0').
    fit_intercept
        Whether formulas have a constant beside their terms. Without one the simplest
        formula is 0.
    inner_folds
        Folds of the inner cross-validation that chooses the number of terms, each
        with its own search; 0 takes `max_terms`.
    random_state
        Seed of the inner folds; the search itself has no randomness.
    n_jobs
        Threads of the search on all rows, then inner folds searched at once with one
        thread each; -1 for all cores. None is 1 unless ``joblib.parallel_config``
        says otherwise. Inside a job of joblib's it is always 1. The result does not
        depend on it.
    descriptors
        Units and metadata, looked up by column name.
    target
        Name, symbol and unit of the target.

    Attributes
    ----------
    models_
        The best models by number of terms, best first, with what is needed to
        average over them.
    cut_
        How the search was cut to its budget; empty if it was not.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.random.default_rng(0).uniform(1, 2, (40, 3))
    >>> found = SissoRegressor(max_terms=1, inner_folds=0)
    >>> found.fit(x, 3 * x[:, 0] / x[:, 1] - 1).formula_.to_text()
    '-1 + 3 * x0 / x1'
    """


class SissoClassifier(FormulaClassifier, SissoEstimator):
    """Probability of the second of two classes from features built of descriptors.

    Screening correlates features with labels minus probabilities; the best tuples by
    least squares on the labels are fitted by penalised logistic regression, whose
    likelihood decides. Parameters and attributes are as those of
    :class:`SissoRegressor`; formulas have an intercept and at most 4 terms. A beam is
    refined by least squares on the labels too.

    Parameters
    ----------
    criterion
        What ranks tuples: the penalised 'likelihood', or the 'overlap' of the
        classes' domains in them (:mod:`hecsr.search.overlap`), and among equals the
        likelihood.
    class_weight
        None, 'balanced', or weights by label, which multiply those of the samples;
        probabilities are then those of the weighted population. For costs of
        mistakes at decision see :meth:`decide`.
    """

    def __init__(
        self,
        *,
        space: SearchSpace | None = None,
        budget: Budget | None = None,
        max_terms: int = 3,
        n_residuals: int = 1,
        beam: int = 0,
        criterion: str = "likelihood",
        class_weight: str | Mapping[Any, float] | None = None,
        inner_folds: int = 5,
        random_state: Any = 0,
        n_jobs: int | None = None,
        descriptors: Sequence[Descriptor] | None = None,
        target: Target | None = None,
    ) -> None:
        self.space = space
        self.budget = budget
        self.max_terms = max_terms
        self.n_residuals = n_residuals
        self.beam = beam
        self.criterion = criterion
        self.class_weight = class_weight
        self.inner_folds = inner_folds
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.descriptors = descriptors
        self.target = target
