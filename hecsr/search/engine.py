"""The contract of every engine: a scikit-learn estimator that finds formulas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import check_is_fitted, check_random_state, validate_data

from hecsr.errors import SearchError
from hecsr.formula.formula import Formula, Target, Task
from hecsr.search.logarithms import in_logarithms, written_out
from hecsr.search.samples import (
    Samples,
    check_finite,
    check_frame,
    check_weights,
    describe_columns,
)
from hecsr.search.selection import (
    Terms,
    inner_errors,
    make_splits,
    one_standard_error,
    values_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hecsr.descriptors.descriptor import Descriptor
    from hecsr.formula.expression import Array


@dataclass(frozen=True)
class FrontPoint:
    """One formula of a front: the best that a search of `limit` terms found.

    `error` is the inner cross-validation's mean loss of the whole search under this
    limit (squared error; for classes the Brier score) and `error_se` its standard
    error; None without inner folds. They serve the choice and are not the error to
    quote, which is that of held-out data the choice has not seen.
    """

    limit: int
    formula: Formula
    error: float | None
    error_se: float | None


class FormulaEstimator(BaseEstimator):  # type: ignore[misc]
    """Base of the engines; a subclass says how to search.

    A subclass stores in its constructor at least `max_terms`, `inner_folds`,
    `random_state`, `descriptors` and `target`, and implements :meth:`_search`.

    Attributes
    ----------
    front_
        Formulas from simple to complex; the first is the mean (or the share of the
        second class) alone.
    formula_
        The simplest formula within one standard error of the best by inner
        cross-validation; with ``inner_folds=0`` the last of the front.
    limit_
        Number of terms that the choice allowed.
    size_
        What the search on all rows counted, by name.
    """

    _task: ClassVar[Task]
    max_terms: int
    inner_folds: int
    random_state: Any
    descriptors: Sequence[Descriptor] | None
    target: Target | None

    front_: tuple[FrontPoint, ...]
    formula_: Formula
    limit_: int
    size_: dict[str, float]

    def _search(self, samples: Samples) -> list[Terms]:
        """Return the terms of the best formula of 1, 2, ... terms.

        The list may end early: no lawful feature is left, or the target is met
        exactly.
        """
        raise NotImplementedError

    def _measure(self, samples: Samples) -> dict[str, float]:
        """Count the search, for the record."""
        return {"descriptors": len(samples.descriptors)}

    def fit(
        self,
        X: Any,
        y: Any,
        groups: Any = None,
        sample_weight: Any = None,
    ) -> Self:
        """Search formulas for `y`.

        Parameters
        ----------
        X
            Table of descriptors (DataFrame with descriptor names, or array).
        y
            Target values, or labels of two classes.
        groups
            Rows of one group are never parted by the inner folds.
        sample_weight
            Non-negative weights; rows of weight zero take no part.

        Raises
        ------
        SearchError
            If these data cannot be searched; the message says why.
        """
        named = self._check_options()
        if hasattr(X, "columns"):
            check_frame(X)
        label = getattr(y, "name", None)
        X, y = validate_data(
            self,
            X,
            y,
            dtype=np.float64,
            y_numeric=self._task == "regression",
            ensure_all_finite=False,
            ensure_min_samples=2,
        )
        names = self._names()
        check_finite(X, names)
        y = self._encode(y)
        weights = check_weights(sample_weight, len(y))
        groups = None if groups is None else np.asarray(groups)
        if groups is not None and groups.shape != (len(y),):
            raise SearchError(f"groups has shape {groups.shape}, expected ({len(y)},)")
        if weights is not None:
            kept = weights > 0
            X, y, weights = X[kept], y[kept], weights[kept]
            groups = groups if groups is None else groups[kept]
        samples = Samples(X, describe_columns(names, named), y, weights, self._task)
        self._check_enough(samples)
        target = self.target or Target(str(label) if label is not None else "y")
        self.size_ = self._measure(samples)
        self._build_front(samples, groups, target)
        return self

    def _terms(self, samples: Samples) -> list[Terms]:
        """Search with quantities that span decades taken by their logarithm."""
        return [
            tuple(written_out(term, samples) for term in terms)
            for terms in self._search(in_logarithms(samples))
        ]

    def _build_front(
        self, samples: Samples, groups: NDArray[Any] | None, target: Target
    ) -> None:
        splits = None
        if self.inner_folds:
            state = check_random_state(self.random_state).randint(2**31 - 1)
            splits = make_splits(samples, self.inner_folds, groups, state)
        formulas = [samples.refit((), target)]
        for terms in self._terms(samples):
            try:
                formulas.append(samples.refit(terms, target))
            except SearchError:
                break
        errors: list[tuple[float | None, float | None]] = [(None, None)] * len(formulas)
        chosen = len(formulas) - 1
        if splits is not None:
            mean, se = inner_errors(self._terms, samples, splits, len(formulas), target)
            errors = [(float(m), float(s)) for m, s in zip(mean, se, strict=True)]
            chosen = one_standard_error(mean, se)
        self.front_ = tuple(
            FrontPoint(limit, formula, *errors[limit])
            for limit, formula in enumerate(formulas)
        )
        self.limit_ = chosen
        self.formula_ = formulas[chosen]

    def predict_front(self, X: Any) -> Array:
        """Return the value (or probability) of every front point for each row.

        Undefined values are NaN. Columns are in the order of `front_`.
        """
        columns, n = self._columns(X)
        return np.column_stack([values_of(p.formula, columns, n) for p in self.front_])

    def _value(self, X: Any) -> Array:
        columns, n = self._columns(X)
        return values_of(self.formula_, columns, n)

    def _columns(self, X: Any) -> tuple[dict[str, Array], int]:
        check_is_fitted(self, "formula_")
        X = validate_data(
            self, X, dtype=np.float64, reset=False, ensure_all_finite=False
        )
        names = self._names()
        check_finite(X, names)
        return dict(zip(names, X.T, strict=True)), len(X)

    def _names(self) -> list[str]:
        given = getattr(self, "feature_names_in_", None)
        if given is None:
            return [f"x{i}" for i in range(self.n_features_in_)]
        return [str(name) for name in given]

    def _encode(self, y: NDArray[Any]) -> Array:
        return np.asarray(y, dtype=np.float64)

    def _check_options(self) -> Sequence[Descriptor] | None:
        if self.max_terms < 1:
            raise SearchError(f"max_terms is {self.max_terms}; at least 1 is needed")
        if self.inner_folds < 0 or self.inner_folds == 1:
            msg = f"inner_folds is {self.inner_folds}; allowed: 0, or 2 and more"
            raise SearchError(msg)
        return self.descriptors

    def _check_enough(self, samples: Samples) -> None:
        n, needed = len(samples.y), self.max_terms + 2
        if n < needed:
            msg = (
                f"n_samples = {n} is too few for {self.max_terms} terms and an "
                f"intercept; at least {needed} are needed, or lower max_terms"
            )
            raise SearchError(msg)
        if samples.constant:
            kind = "one class" if self._task == "classification" else "one value"
            raise SearchError(f"the target holds {kind} only: there is nothing to find")


class FormulaRegressor(RegressorMixin, FormulaEstimator):  # type: ignore[misc]
    """An engine for a number as target."""

    _task: ClassVar[Task] = "regression"

    def predict(self, X: Any) -> Array:
        """Return the chosen formula's value for each row, NaN where undefined."""
        return self._value(X)


class FormulaClassifier(ClassifierMixin, FormulaEstimator):  # type: ignore[misc]
    """An engine for two classes; formulas give the second class's probability.

    Attributes
    ----------
    classes_
        The two labels, sorted.
    """

    _task: ClassVar[Task] = "classification"
    classes_: NDArray[Any]

    def predict_proba(self, X: Any) -> Array:
        """Return the probabilities of both classes for each row."""
        p = self._value(X)
        return np.column_stack([1 - p, p])

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the likelier class; the commoner one where that is undefined."""
        p = self._value(X)
        prior = self.front_[0].formula.coefficients[0].value
        second = np.where(np.isnan(p), prior > 0, p > 0.5)
        return np.asarray(self.classes_[second.astype(np.intp)])

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags

    def _encode(self, y: NDArray[Any]) -> Array:
        check_classification_targets(y)
        self.classes_, codes = np.unique(y, return_inverse=True)
        if len(self.classes_) > 2:
            msg = (
                "Only binary classification is supported. The type of the target is "
                f"{type_of_target(y)}."
            )
            raise SearchError(msg)
        return codes.astype(np.float64)
