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
from hecsr.search.class_weights import class_weighted, threshold_of
from hecsr.search.front import Front, FrontPoint, Searched, build_front
from hecsr.search.logarithms import in_logarithms, written_out
from hecsr.search.running import Running, jobs_for
from hecsr.search.samples import (
    Samples,
    check_finite,
    check_frame,
    check_target,
    check_weights,
    describe_columns,
    values_of,
)
from hecsr.search.selection import make_splits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from hecsr.descriptors.descriptor import Descriptor
    from hecsr.formula.expression import Array
    from hecsr.search.selection import Split, Terms


@dataclass(frozen=True)
class Given:
    """What was given to a fit, checked; rows of weight zero are set aside."""

    samples: Samples
    groups: NDArray[Any] | None
    kept: NDArray[np.bool_]
    target: Target


class FormulaEstimator(BaseEstimator):  # type: ignore[misc]
    """Base of the engines; a subclass says how to search.

    A subclass stores in its constructor at least `max_terms`, `inner_folds`,
    `random_state`, `descriptors` and `target`, and implements :meth:`_search`. One
    whose limit is a complexity has no `max_terms`: it implements :meth:`_searched`
    instead, and its own :meth:`_check_options` and :meth:`_check_enough`.

    Attributes
    ----------
    front_
        Formulas from simple to complex; the first is the mean (or the share of the
        second class) alone, without intercept 0.
    formula_
        The simplest formula within one standard error of the best by inner
        cross-validation; with ``inner_folds=0`` the last of the front.
    limit_
        Number of terms, or the complexity, that the choice allowed.
    size_
        What the search on all rows counted, by name.
    interrupted_
        Whether the fit was interrupted (Ctrl-C) and holds what was finished by then.
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
    interrupted_: bool

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
        given = self._given(X, y, groups, sample_weight)
        self._check_enough(given.samples)
        self._build_front(given.samples, given.groups, given.target, Running())
        return self

    def _given(self, X: Any, y: Any, groups: Any, sample_weight: Any) -> Given:
        named = self._check_options()
        if hasattr(X, "columns"):
            check_frame(X)
        check_target(y)
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
        _check_spread(y)
        weights = check_weights(sample_weight, len(y))
        groups = None if groups is None else np.asarray(groups)
        if groups is not None and groups.shape != (len(y),):
            raise SearchError(f"groups has shape {groups.shape}, expected ({len(y)},)")
        kept = np.ones(len(y), np.bool_)
        if weights is not None:
            kept = weights > 0
            X, y, weights = X[kept], y[kept], weights[kept]
            groups = groups if groups is None else groups[kept]
        weights = self._weighted(y, weights)
        samples = Samples(
            X,
            describe_columns(names, named),
            y,
            weights,
            self._task,
            intercept=getattr(self, "fit_intercept", True),
        )
        target = self.target or Target(str(label) if label is not None else "y")
        return Given(samples, groups, kept, target)

    def _searched(self, samples: Samples, running: Running) -> Searched:
        """Search with quantities that span decades taken by their logarithm."""
        del running
        found = self._search(in_logarithms(samples))
        terms = [tuple(written_out(t, samples) for t in terms) for terms in found]
        return Searched(dict(enumerate(terms, start=1)))

    def _searched_in_fold(self, samples: Samples, running: Running) -> Searched:
        return self._searched(samples, running)

    def _keep(self, searched: Searched, samples: Samples, target: Target) -> None:
        """Set the attributes that tell of the search on all rows."""
        del searched, target
        self.size_ = self._measure(samples)

    def _build_front(
        self,
        samples: Samples,
        groups: NDArray[Any] | None,
        target: Target,
        running: Running,
    ) -> None:
        splits: list[Split] = []
        if self.inner_folds:
            state = check_random_state(self.random_state).randint(2**31 - 1)
            splits = self._splits(samples, groups, state)
        searched = self._searched(samples, running)
        self._keep(searched, samples, target)
        n_jobs = jobs_for(getattr(self, "n_jobs", None))
        front = build_front(
            searched, self._searched_in_fold, samples, splits, target, running, n_jobs
        )
        self.interrupted_ = front.interrupted
        self.limit_ = front.chosen
        self._set_front(front)

    def _splits(
        self, samples: Samples, groups: NDArray[Any] | None, random_state: int
    ) -> list[Split]:
        return make_splits(samples, self.inner_folds, groups, random_state)

    def _set_front(self, front: Front) -> None:
        self.front_ = tuple(
            FrontPoint(limit, formula, *front.errors[limit])
            for limit, formula in front.fitted.items()
        )
        self.formula_ = front.fitted[front.chosen]

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
        check_is_fitted(self, "front_")
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

    def _weighted(self, y: Array, weights: Array | None) -> Array | None:
        """Return the weights that the fit counts samples by."""
        del y
        return weights

    def _check_options(self) -> Sequence[Descriptor] | None:
        if self.max_terms < 1:
            raise SearchError(f"max_terms is {self.max_terms}; at least 1 is needed")
        return self._check_folds()

    def _check_folds(self) -> Sequence[Descriptor] | None:
        if self.inner_folds < 0 or self.inner_folds == 1:
            msg = f"inner_folds is {self.inner_folds}; allowed: 0, or 2 and more"
            raise SearchError(msg)
        return self.descriptors

    def _check_enough(self, samples: Samples) -> None:
        n, needed = len(samples.y), self.max_terms + 1 + samples.intercept
        if n < needed:
            also = " and an intercept" if samples.intercept else ""
            msg = (
                f"n_samples = {n} is too few for {self.max_terms} terms{also}; "
                f"at least {needed} are needed, or lower max_terms"
            )
            raise SearchError(msg)
        self._check_varies(samples)

    def _check_varies(self, samples: Samples) -> None:
        if samples.constant:
            kind = "one class" if self._task == "classification" else "one value"
            raise SearchError(f"the target holds {kind} only: there is nothing to find")


def _check_spread(y: Array) -> None:
    """Refuse numbers whose squares do not fit into double precision."""
    with np.errstate(over="ignore", under="ignore"):
        spread = float(y.var())
    if not np.isfinite(spread) or (spread == 0 and np.ptp(y) > 0):
        msg = (
            f"the target reaches from {y.min():g} to {y.max():g}: its squares do not "
            "fit into double precision; rescale it"
        )
        raise SearchError(msg)


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

    Notes
    -----
    An engine with the parameter `class_weight` (None, 'balanced', or weights by
    label, as in scikit-learn) multiplies the weights of the samples by those of their
    classes. Its probabilities are then those of the weighted population: with
    'balanced' of one where both classes are equally common.
    """

    _task: ClassVar[Task] = "classification"
    classes_: NDArray[Any]
    class_weight: str | Mapping[Any, float] | None = None

    def predict_proba(self, X: Any) -> Array:
        """Return the probabilities of both classes for each row."""
        p = self._value(X)
        return np.column_stack([1 - p, p])

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the likelier class; the commoner one where that is undefined."""
        return self.decide(X, costs=(1, 1))

    def decide(self, X: Any, *, costs: Sequence[float]) -> NDArray[Any]:
        """Return the class that costs less to call, given the probability.

        The second class is called above a probability of c21 / (c21 + c12). Where
        the probability is undefined, the share of the second class stands for it.
        Class weights and costs say the same thing twice: with weights that are
        themselves costs take :meth:`predict`.

        Parameters
        ----------
        X
            Table of descriptors.
        costs
            What it costs to call a sample of the first class the second, c21, and
            one of the second class the first, c12; only their ratio matters.

        Raises
        ------
        SearchError
            If the costs are not two finite numbers, not negative, one above 0.

        See Also
        --------
        hecsr.search.class_weights.threshold_of : Where the threshold comes from.
        """
        threshold = threshold_of(costs)
        p = self._value(X)
        share = values_of(self.front_[0].formula, {}, 1)[0]
        second = np.where(np.isnan(p), share, p) > threshold
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

    def _weighted(self, y: Array, weights: Array | None) -> Array | None:
        return class_weighted(self.class_weight, self.classes_, y, weights)
