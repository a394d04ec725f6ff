"""LASSO formulas: the first sparse combinations on the path, refitted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hecsr.search.engine import FormulaClassifier, FormulaEstimator, FormulaRegressor
from hecsr.search.lasso_basis import LassoBasis, basis_terms, candidates

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hecsr.descriptors.descriptor import Descriptor
    from hecsr.formula.formula import Target
    from hecsr.search.samples import Samples
    from hecsr.search.selection import Terms


class _Lasso(FormulaEstimator):
    """What regression and classification share."""

    basis: LassoBasis | None

    def __init__(
        self,
        *,
        basis: LassoBasis | None = None,
        max_terms: int = 5,
        inner_folds: int = 5,
        random_state: Any = 0,
        descriptors: Sequence[Descriptor] | None = None,
        target: Target | None = None,
    ) -> None:
        self.basis = basis
        self.max_terms = max_terms
        self.inner_folds = inner_folds
        self.random_state = random_state
        self.descriptors = descriptors
        self.target = target

    def _measure(self, samples: Samples) -> dict[str, float]:
        terms = basis_terms(samples, self.basis or LassoBasis())
        return {**super()._measure(samples), "candidate_terms": len(terms)}

    def _search(self, samples: Samples) -> list[Terms]:
        from hecsr.search.lasso_path import supports

        made = candidates(samples, self.basis or LassoBasis())
        if not made.terms:
            return []
        found = supports(
            made.rows,
            samples.y,
            samples.share,
            min(self.max_terms, len(made.terms)),
            logistic=self._task == "classification",
        )
        return [tuple(made.terms[j] for j in found[k]) for k in sorted(found)]


class LassoFormula(FormulaRegressor, _Lasso):
    """Linear combination of simple terms that the LASSO chooses.

    Along the path of falling penalty the first support of each size is taken and
    refitted by least squares, which undoes the shrinkage (the relaxed LASSO at its
    limit: Meinshausen, Comput. Stat. Data Anal. 52, 374 (2007),
    10.1016/j.csda.2006.12.019). The number of terms takes the place of the penalty
    as the tuning parameter: the inner cross-validation repeats the path, and the
    one-standard-error rule chooses among sizes.

    Parameters
    ----------
    basis
        Which candidate terms are offered.
    max_terms
        Most terms of a formula.
    inner_folds
        Folds of the inner cross-validation; 0 takes `max_terms`.
    random_state
        Seed of the inner folds.
    descriptors
        Units and metadata, looked up by column name.
    target
        Name, symbol and unit of the target.
    """


class LassoFormulaClassifier(FormulaClassifier, _Lasso):
    """Probability of the second of two classes, by the logistic LASSO.

    Supports are refitted with Firth's penalty. Parameters are those of
    :class:`LassoFormula`.

    Parameters
    ----------
    class_weight
        None, 'balanced', or weights by label, which multiply those of the samples;
        probabilities are then those of the weighted population. For costs of
        mistakes at decision see :meth:`decide`.
    """

    def __init__(
        self,
        *,
        basis: LassoBasis | None = None,
        max_terms: int = 5,
        class_weight: str | Mapping[Any, float] | None = None,
        inner_folds: int = 5,
        random_state: Any = 0,
        descriptors: Sequence[Descriptor] | None = None,
        target: Target | None = None,
    ) -> None:
        self.basis = basis
        self.max_terms = max_terms
        self.class_weight = class_weight
        self.inner_folds = inner_folds
        self.random_state = random_state
        self.descriptors = descriptors
        self.target = target
