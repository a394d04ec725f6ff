"""An estimator that tunes itself inside the rows it is given."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import BaseEstimator, clone
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from hecsr.errors import HecsrError
from hecsr.validation.folds import k_fold
from hecsr.validation.metrics import loss
from hecsr.validation.predicting import predicted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from hecsr.formula.formula import Task


@dataclass(frozen=True)
class _Score:
    """Minus the loss of the task, for scikit-learn's search."""

    task: Task

    def __call__(self, estimator: Any, X: Any, y: NDArray[Any]) -> float:
        return -loss(self.task, y, predicted(estimator, X, self.task))


def _classifies(tuned: Tuned) -> bool:
    return tuned.task == "classification"


class Tuned(BaseEstimator):  # type: ignore[misc]
    """An estimator whose parameters are chosen by cross-validation in `fit`.

    The choice is by mean absolute error, for classes by the Brier score, over
    inner folds that keep groups whole and spread the classes evenly.

    Parameters
    ----------
    estimator
        The estimator or pipeline to tune.
    grid
        Values to try, by parameter name; empty to fit without a search.
    task
        'regression' or 'classification'.
    n_splits
        Inner folds; fewer where a class or the groups do not allow as many.
    final
        Parameters of the last fit alone, such as more trees: more of the same,
        too slow for the search and without influence on its order.
    random_state
        Seed of the inner folds.

    Attributes
    ----------
    best_estimator_ : estimator
        The tuned estimator, fitted to all rows.
    best_params_ : dict
        What was chosen.
    best_error_ : float
        Its inner error; NaN without a search.
    """

    def __init__(
        self,
        estimator: Any,
        grid: Mapping[str, Sequence[Any]],
        *,
        task: Task = "regression",
        n_splits: int = 3,
        final: Mapping[str, Any] | None = None,
        random_state: int = 0,
    ) -> None:
        self.estimator = estimator
        self.grid = grid
        self.task = task
        self.n_splits = n_splits
        self.final = final
        self.random_state = random_state

    def fit(self, X: Any, y: Any, groups: NDArray[Any] | None = None) -> Tuned:
        """Choose the parameters and fit with them.

        Raises
        ------
        HecsrError
            If the rows, groups or members of a class do not make two inner folds.
        """
        from sklearn.exceptions import ConvergenceWarning
        from threadpoolctl import threadpool_limits

        target = np.asarray(y)
        # matrices this small are slower on two threads than on one, many times over
        with threadpool_limits(1), warnings.catch_warnings():
            # Nets stop after a set number of steps on purpose: that regularises,
            # and the inner folds judge what comes out.
            warnings.simplefilter("ignore", ConvergenceWarning)
            self.best_params_, self.best_error_ = self._search(X, target, groups)
            self.best_estimator_ = self._chosen().fit(X, target)
        if _classifies(self):
            self.classes_ = self.best_estimator_.classes_
        self.n_features_in_ = int(np.shape(X)[1])
        return self

    def predict(self, X: Any) -> NDArray[Any]:
        """Predict values, or classes."""
        check_is_fitted(self, "best_estimator_")
        return np.asarray(self.best_estimator_.predict(X))

    @available_if(_classifies)  # type: ignore[untyped-decorator]
    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Probabilities of the classes."""
        check_is_fitted(self, "best_estimator_")
        return np.asarray(self.best_estimator_.predict_proba(X), dtype=np.float64)

    def frozen(self) -> Tuned:
        """Return an unfitted copy that repeats the choices made here.

        A step that found more in `fit` than its parameters say, as a Gaussian process
        its length scales, keeps it: ``held_parameters`` returns what is
        to be set.
        """
        check_is_fitted(self, "best_estimator_")
        chosen = self._chosen()
        steps = getattr(self.best_estimator_, "named_steps", {})
        for name, step in steps.items():
            if hasattr(step, "held_parameters"):
                found = step.held_parameters().items()
                chosen.set_params(**{f"{name}__{key}": value for key, value in found})
        return Tuned(chosen, {}, task=self.task)

    def _chosen(self) -> Any:
        estimator = clone(self.estimator).set_params(**self.best_params_)
        return estimator.set_params(**(self.final or {}))

    def _search(
        self, X: Any, target: NDArray[Any], groups: NDArray[Any] | None
    ) -> tuple[dict[str, Any], float]:
        from sklearn.model_selection import GridSearchCV

        if not self.grid:
            return {}, float("nan")
        search = GridSearchCV(
            self.estimator,
            {name: list(values) for name, values in self.grid.items()},
            scoring=_Score(self.task),
            cv=self._folds(target, groups),
            refit=False,
            error_score="raise",
        ).fit(X, target)
        return dict(search.best_params_), -float(search.best_score_)

    def _folds(
        self, target: NDArray[Any], groups: NDArray[Any] | None
    ) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
        units = np.arange(len(target)) if groups is None else np.asarray(groups)
        most = len(np.unique(units))
        if _classifies(self):
            most = min(len(np.unique(units[target == c])) for c in np.unique(target))
        n_splits = min(self.n_splits, most)
        if n_splits < 2:
            msg = "too few rows, groups or members of a class to tune a black box"
            raise HecsrError(f"{msg} on {len(target)} training rows")
        splits = k_fold(
            target,
            n_splits=n_splits,
            groups=groups,
            stratified=_classifies(self),
            seed=self.random_state,
        )
        return [(s.train, s.test) for s in splits]
