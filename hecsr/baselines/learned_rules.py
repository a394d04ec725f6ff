"""The simplest models that choose what they look at: one rule, a small tree, a pair."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from hecsr.baselines.rules import (
    Side,
    Threshold,
    best_threshold,
    column_of,
    on_side,
    printed,
)

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


class OneRule(Threshold):
    """One descriptor against one threshold, both chosen on the training rows.

    The descriptor, side and threshold of the best balanced accuracy; of equally good
    ones the first descriptor (Holte, Mach. Learn. 11, 63 (1993),
    10.1023/A:1022631118932, for the idea).

    Attributes
    ----------
    column_
        The descriptor.
    """

    label: ClassVar[str] = "One descriptor, one threshold"
    description: ClassVar[str] = (
        "the descriptor, side and threshold of the best balanced accuracy on the "
        "training rows of each fold"
    )

    def fit(self, X: pd.DataFrame, y: Any) -> OneRule:
        """Try every column and side."""
        self.classes_ = np.array([0, 1])
        single = np.asarray(y) == 1
        best = -np.inf
        for name in X.columns:
            value = column_of(X, name)
            sides: tuple[Side, ...] = ("above", "below")
            for side in sides:
                found, threshold = best_threshold(value, single, side, None)
                # rounding is no reason to prefer a later one
                if found > best + 1e-12:
                    best = found
                    self.column_, self.threshold_ = str(name), threshold
                    self.direction_ = side
        return self

    def _quantity(self, X: pd.DataFrame) -> Array:
        return column_of(X, self.column_)


class PairRule(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Single-phase if and only if two columns lie below their thresholds.

    Both thresholds are fitted together, by balanced accuracy, over the middles
    between neighbouring values.

    Parameters
    ----------
    first, second
        Columns to read; NaN where unknown, and the rule is silent there.
    """

    def __init__(self, first: str, second: str) -> None:
        self.first = first
        self.second = second

    @property
    def label(self) -> str:
        """A few words for a table."""
        said = f"{printed(self.first)} and {printed(self.second)} below t"
        return said[:1].upper() + said[1:]

    @property
    def description(self) -> str:
        """What the rule says and what of it is fitted."""
        return (
            f"single-phase if and only if {self.first} < t1 and {self.second} < t2; t1 "
            "and t2 fitted in each fold"
        )

    def fit(self, X: pd.DataFrame, y: Any) -> PairRule:
        """Fit both thresholds."""
        self.classes_ = np.array([0, 1])
        single = np.asarray(y) == 1
        a, b = column_of(X, self.first), column_of(X, self.second)
        below_a = [(t, on_side(a, t, "below")) for t in _middles(a)]
        below_b = [(t, on_side(b, t, "below")) for t in _middles(b)]
        best = -np.inf
        for t, one in below_a:
            for u, other in below_b:
                called = one & other
                found = called[single].mean() + (~called[~single]).mean()
                if found > best + 1e-12:
                    best, self.thresholds_ = found, (float(t), float(u))
        return self

    def predict(self, X: pd.DataFrame) -> Array:
        """Return 1, 0, or NaN where a column is unknown."""
        check_is_fitted(self, "thresholds_")
        a, b = column_of(X, self.first), column_of(X, self.second)
        t, u = self.thresholds_
        single = on_side(a, t, "below") & on_side(b, u, "below")
        silent = np.isnan(a) | np.isnan(b)
        return np.where(silent, np.nan, single.astype(np.float64))


class ShallowTree(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A decision tree of two questions, with the shares of its leaves."""

    label: ClassVar[str] = "Tree of two questions"
    description: ClassVar[str] = (
        "decision tree of depth 2, at least 3 rows in a leaf, classes weighted alike; "
        "fitted in each fold"
    )

    def fit(self, X: pd.DataFrame, y: Any) -> ShallowTree:
        """Grow the tree."""
        from sklearn.tree import DecisionTreeClassifier

        # random only in the order in which equally good columns are tried
        self.tree_ = DecisionTreeClassifier(
            max_depth=2, min_samples_leaf=3, class_weight="balanced", random_state=0
        ).fit(X, np.asarray(y))
        self.classes_ = self.tree_.classes_
        return self

    def predict_proba(self, X: pd.DataFrame) -> Array:
        """Return the shares of both classes in each row's leaf."""
        check_is_fitted(self, "tree_")
        return np.asarray(self.tree_.predict_proba(X), dtype=np.float64)

    def predict(self, X: pd.DataFrame) -> NDArray[np.int64]:
        """Return the likelier class of each row's leaf."""
        return np.asarray(self.tree_.predict(X), dtype=np.int64)


def _middles(value: Array) -> Array:
    points = np.unique(value[~np.isnan(value)])
    above = np.nextafter(points[-1:], np.inf)
    return np.concatenate([(points[1:] + points[:-1]) / 2, above])
