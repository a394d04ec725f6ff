"""A published formula as a competitor: as it is stated, or refitted in each fold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from hecsr.descriptors.descriptor import Descriptor
from hecsr.errors import SearchError
from hecsr.formula.expression import variables
from hecsr.formula.formula import Formula, Target, Task
from hecsr.formula.printers.text import to_text
from hecsr.formula.published.published import (
    Published,
    described,
    in_columns,
    read,
)
from hecsr.formula.published.refit import as_stated, refitted
from hecsr.units import NUMBER

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


class _Published(BaseEstimator):  # type: ignore[misc]
    """What both estimators share; `_task` says which of them it is."""

    _task: Task

    def __init__(
        self,
        formula: str | Published,
        *,
        refit: bool = False,
        columns: Mapping[str, str] | None = None,
        given: Mapping[str, float] | None = None,
        start: Mapping[str, float] | None = None,
        target: Target | None = None,
        descriptors: Mapping[str, Descriptor] | Sequence[Descriptor] | None = None,
    ) -> None:
        self.formula = formula
        self.refit = refit
        self.columns = columns
        self.given = given
        self.start = start
        self.target = target
        self.descriptors = descriptors

    @property
    def published(self) -> Published:
        """The formula that is scored."""
        return read(self.formula, [*(self.start or {})])

    @property
    def label(self) -> str:
        """A few words for a table."""
        return f"{self.published.label}, {'refitted' if self.refit else 'as stated'}"

    @property
    def description(self) -> str:
        """What the formula is, what of it is fitted, and where it stands."""
        formula = self.published
        how = "not fitted"
        if self.refit:
            what = "thresholds" if formula.verdict else "coefficients"
            how = f"its {what} fitted in each fold"
        sources = "; ".join(s.cited for s in formula.sources)
        said = f"{formula.text}; {how}; silent where it is undefined"
        return f"{said}; {sources}" if sources else said

    def fit(self, X: pd.DataFrame, y: Any) -> Any:
        """Find the formula's variables among the columns; refit it if asked to.

        Raises
        ------
        FormulaError
            If a variable is neither a column nor made of columns.
        SearchError
            If the formula is not of the task, a constant has no value, or the
            rows are too few to fit it.
        """
        formula = self.published
        if formula.task != self._task:
            raise SearchError(_unlike(formula, self._task))
        expression = in_columns(formula, set(X.columns), self.columns, self.given)
        table = {n: np.asarray(X[n], dtype=np.float64) for n in variables(expression)}
        unit = formula.unit or NUMBER
        target = self.target or Target("y", label=formula.quantity, unit=unit)
        known = described(formula, table, self.columns) | _by_name(self.descriptors)
        if self.refit:
            self.formula_ = refitted(
                expression,
                table,
                np.asarray(y, dtype=np.float64),
                task=self._task,
                target=target,
                start=self.start,
                descriptors=known,
            )
        else:
            self.formula_ = as_stated(
                expression, table, task=self._task, target=target, descriptors=known
            )
        self.n_features_in_ = X.shape[1]
        return self

    def _value(self, X: pd.DataFrame) -> Array:
        check_is_fitted(self)
        formula: Formula = self.formula_
        return formula.evaluate(X)


class PublishedFormula(RegressorMixin, _Published):  # type: ignore[misc]
    """A formula that gives a value; NaN where it is undefined.

    Parameters
    ----------
    formula
        Name of a formula of the literature, or a text in hecsr's grammar.
    refit
        Fit its coefficients to the training rows: named constants, or without any
        the number before each summand and the intercept.
    columns
        Column names by variable, where they differ.
    given
        Values of variables or constants that are the same in every row.
    start
        Values that the fit of named constants begins with; by default 1, and if that
        leads to a better fit, values in the scale of the columns.
    target
        What the value is; by default what the literature says.
    descriptors
        What the columns are, with their units; of others what the literature says.

    Attributes
    ----------
    formula_ : Formula
        The formula in the columns of the table, with its fitted constants.
    """

    _task: Task = "regression"

    def predict(self, X: pd.DataFrame) -> Array:
        """Return the value for each row."""
        return self._value(X)


def _gives_probability(estimator: PublishedFormulaClassifier) -> bool:
    return not estimator.published.verdict


class PublishedFormulaClassifier(ClassifierMixin, _Published):  # type: ignore[misc]
    """A rule that says 1 or 0, or a formula that gives the probability of 1.

    A rule is a comparison or a product of comparisons, and has no `predict_proba`;
    a probability is a ``logistic(...)``. NaN where undefined. Refitted, a rule has
    the thresholds with the best balanced accuracy on the training rows.

    Parameters and attributes are those of :class:`PublishedFormula`.
    """

    _task: Task = "classification"

    def fit(self, X: pd.DataFrame, y: Any) -> Any:
        """Find the formula's variables among the columns; refit it if asked to."""
        self.classes_ = np.array([0, 1])
        return super().fit(X, y)

    def predict(self, X: pd.DataFrame) -> Array:
        """Return 1, 0, or NaN for each row."""
        value = self._value(X)
        return np.where(np.isnan(value), np.nan, (value >= 0.5).astype(np.float64))

    @available_if(_gives_probability)  # type: ignore[untyped-decorator]
    def predict_proba(self, X: pd.DataFrame) -> Array:
        """Return the probabilities of both classes for each row."""
        value = self._value(X)
        return np.column_stack([1 - value, value])


def published_estimator(task: Task, formula: str | Published, **options: Any) -> Any:
    """Return the unfitted estimator of a task; options as its parameters."""
    kind = PublishedFormula if task == "regression" else PublishedFormulaClassifier
    return kind(formula, **options)


def _by_name(
    descriptors: Mapping[str, Descriptor] | Iterable[Descriptor] | None,
) -> dict[str, Descriptor]:
    if isinstance(descriptors, Mapping):
        return dict(descriptors)
    return {d.name: d for d in descriptors or ()}


def _unlike(formula: Published, task: Task) -> str:
    text = to_text(formula.expression, digits=4)
    if task == "classification":
        return (
            f"{text} gives a value, but the task is to tell classes: write a "
            "comparison, as delta < 0.065, or a probability, as logistic(c0 + c1 * vec)"
        )
    return f"{text} tells classes, but the task is to predict a value"
