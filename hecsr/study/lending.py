"""A search that sees further tasks beside the rows that it is given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, clone

from hecsr.study.tasks import least_rows
from hecsr.validation.groups import connected_groups

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from hecsr.formula.expression import Array
    from hecsr.formula.formula import Formula


@dataclass(frozen=True, eq=False)
class Lent:
    """Rows of all further tasks, one below the other.

    Attributes
    ----------
    tasks
        The label of each row's task.
    metals
        The set of metals of each row, as text.
    numbers
        The tasks whose targets are numbers.
    """

    frame: pd.DataFrame
    y: Array
    tasks: NDArray[Any]
    metals: tuple[str, ...]
    weights: Array
    numbers: tuple[str, ...]

    def free(self, held_out: set[str]) -> NDArray[np.bool_]:
        """Say which rows have the metals of no composition that is held out."""
        return np.array([m not in held_out for m in self.metals], dtype=np.bool_)


def held_out_metals(metals: tuple[str, ...], train: NDArray[np.intp]) -> set[str]:
    """Return the sets of metals of the rows that are not trained on."""
    inside = set(train.tolist())
    return {m for row, m in enumerate(metals) if row not in inside}


class WithCompanions(BaseEstimator):  # type: ignore[misc]
    """What classes and numbers share; see :class:`ClassesWithCompanions`."""

    search_: Any
    formula_: Formula
    limit_: int
    left_out_: int

    def __init__(
        self, *, search: Any, lent: Lent, own: str, metals: tuple[str, ...]
    ) -> None:
        self.search = search
        self.lent = lent
        self.own = own
        self.metals = metals

    def fit(self, X: pd.DataFrame, y: Any, groups: Any = None) -> Self:
        """Search terms that serve the rows given and the further tasks.

        Parameters
        ----------
        X
            Its index says which rows of `metals` these are; all others are held out,
            and so is every further row with the set of metals of one of them.
        groups
            Rows of one group are never parted by the inner folds, nor are rows of any
            task with the same set of metals.

        Raises
        ------
        SearchError
            If the search fails.
        """
        lent, rows = self.lent, X.index.to_numpy(dtype=np.intp)
        free = lent.free(held_out_metals(self.metals, rows))
        self.left_out_ = int((~free).sum())
        search = clone(self.search)
        numbers = []
        for label in lent.numbers:
            part = (lent.tasks == label) & free
            if part.sum() < least_rows(search.max_terms) or not np.ptp(lent.y[part]):
                free &= lent.tasks != label
            else:
                numbers.append(label)
        own = np.asarray(y, dtype=np.float64)
        # as objects, or the longest label would set what the others are cut to
        tasks = [*[self.own] * len(rows), *lent.tasks[free].tolist()]
        metals = [self.metals[i] for i in rows]
        metals += [m for m, kept in zip(lent.metals, free, strict=True) if kept]
        given = range(len(rows)) if groups is None else np.asarray(groups).tolist()
        linked = connected_groups([*given, *[None] * int(free.sum())], metals)
        self._prepare(search, tuple(numbers), own, linked[: len(rows)])
        self.search_ = search.fit(
            self._stacked(X, lent.frame[free][list(X.columns)]),
            np.concatenate([own, lent.y[free]]),
            np.array(tasks, dtype=object),
            groups=linked,
            sample_weight=self._weights(own, free),
        )
        self.formula_ = self.search_.formulas_[self.own]
        (self.limit_,) = [
            point.limit
            for point in self.search_.front_
            if point.formulas is self.search_.formulas_
        ]
        return self

    def _prepare(
        self, search: Any, numbers: tuple[str, ...], y: Array, groups: NDArray[Any]
    ) -> None:
        """Set what depends on the rows; nothing where all tasks have numbers."""

    def _weights(self, own: Array, free: NDArray[np.bool_]) -> Array:
        return np.concatenate([np.ones(len(own)), self.lent.weights[free]])

    @staticmethod
    def _stacked(X: pd.DataFrame, more: pd.DataFrame) -> pd.DataFrame:
        import pandas as pd

        return pd.concat([X, more], ignore_index=True)

    def _named(self, X: pd.DataFrame) -> NDArray[Any]:
        return np.array([self.own] * len(X), dtype=object)


class ClassesWithCompanions(ClassifierMixin, WithCompanions):  # type: ignore[misc]
    """A classifier of one family whose terms serve further tasks too.

    Parameters
    ----------
    search
        Unfitted :class:`~hecsr.search.sisso.multitask_classes.SissoMultiTaskClassifier`
        (for numbers :class:`~hecsr.search.sisso.multitask.SissoMultiTask`). Its
        `min_per_class` is lowered where the rows given have fewer.
    lent
        The rows of the further tasks.
    own
        What the task of the rows given at fit is called.
    metals
        The set of metals of every row of the analysis, by position.

    Attributes
    ----------
    search_
        The fitted search.
    formula_, limit_
        The formula of `own`, and its number of terms.
    left_out_
        Further rows that have the metals of a row held out.
    """

    @property
    def classes_(self) -> NDArray[Any]:
        """The two labels, sorted."""
        return np.asarray(self.search_.classes_)

    def predict(self, X: pd.DataFrame) -> NDArray[Any]:
        """Return the likelier class of each row."""
        return np.asarray(self.search_.predict(X, self._named(X)))

    def predict_proba(self, X: pd.DataFrame) -> Array:
        """Return the probabilities of both classes for each row; NaN if undefined."""
        return np.asarray(self.search_.predict_proba(X, self._named(X)))

    def _prepare(
        self, search: Any, numbers: tuple[str, ...], y: Array, groups: NDArray[Any]
    ) -> None:
        # the rows given are searched for however few they are, as they are alone
        least = min(len(np.unique(groups[y == c])) for c in np.unique(y))
        search.set_params(
            numbers=numbers, min_per_class=min(search.min_per_class, least)
        )


class NumbersWithCompanions(RegressorMixin, WithCompanions):  # type: ignore[misc]
    """The same for a number: errors count in the deviation of each task's target."""

    def predict(self, X: pd.DataFrame) -> Array:
        """Return the value of each row; NaN if undefined."""
        return np.asarray(self.search_.predict(X, self._named(X)))

    def _weights(self, own: Array, free: NDArray[np.bool_]) -> Array:
        # the search adds up squared errors: each in the variance of its own task
        weights = super()._weights(own, free)
        tasks = self.lent.tasks[free]
        for label in set(tasks.tolist()):
            part = np.flatnonzero(tasks == label)
            spread = float(np.var(self.lent.y[free][part]))
            weights[len(own) + part] *= float(np.var(own)) / spread
        return weights
