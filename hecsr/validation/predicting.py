"""One way to ask any estimator, rule or formula for its prediction."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from hecsr.formula.formula import Task

    Array = NDArray[np.float64]


def is_hard(estimator: Any, task: Task) -> bool:
    """Whether a classifier gives a class and no probability."""
    return task == "classification" and not hasattr(estimator, "predict_proba")


def predicted(estimator: Any, X: pd.DataFrame, task: Task) -> Array:
    """Return values, or probabilities of class 1, or classes where that is all.

    Undefined and infinite predictions are NaN.
    """
    if task == "regression" or is_hard(estimator, task):
        values = np.asarray(estimator.predict(X), dtype=np.float64)
    else:
        shares = np.asarray(estimator.predict_proba(X), dtype=np.float64)
        # a model trained on one class knows one column only
        column = np.flatnonzero(np.asarray(estimator.classes_) == 1)
        values = shares[:, column[0]] if len(column) else np.zeros(len(shares))
    return np.where(np.isfinite(values), values, np.nan)


def filled(values: Array, fill: float) -> Array:
    """Put the training mean (class 1's share) where a formula is undefined."""
    return np.where(np.isnan(values), fill, values)


def fit_on(
    estimator: Any,
    X: pd.DataFrame,
    y: NDArray[Any],
    groups: NDArray[np.intp] | None,
) -> Any:
    """Fit on one thread; hand over the groups where the estimator takes them."""
    from threadpoolctl import threadpool_limits

    takes_groups = "groups" in inspect.signature(estimator.fit).parameters
    given = {"groups": groups} if takes_groups and groups is not None else {}
    # One thread: sums in another order would make the last digits, and with them
    # ties between descriptors, depend on the number of workers.
    with threadpool_limits(1):
        return estimator.fit(X, y, **given)
