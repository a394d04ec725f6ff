"""SISSO for several tasks at once: the same terms, coefficients of their own.

Ouyang, Ahmetcik, Carbogno, Scheffler, Ghiringhelli, J. Phys. Mater. 2, 024002 (2019),
10.1088/2515-7639/ab077b.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.metrics import r2_score
from sklearn.utils.validation import check_is_fitted

from hecsr.errors import SearchError
from hecsr.formula.formula import Formula
from hecsr.search.running import one_blas_thread
from hecsr.search.samples import values_of
from hecsr.search.selection import Split, make_splits
from hecsr.search.sisso.base import SissoEstimator, SissoNumbers, running_for
from hecsr.search.task_samples import Label, TaskSamples, sorted_by_task

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hecsr.descriptors.descriptor import Descriptor
    from hecsr.formula.expression import Array
    from hecsr.search.engine import Given
    from hecsr.search.front import Front
    from hecsr.search.running import Callback
    from hecsr.search.samples import Samples


@dataclass(frozen=True)
class TaskFrontPoint:
    """The formulas of all tasks that the best `limit` terms make.

    `error` and `error_se` are as those of :class:`hecsr.search.front.FrontPoint`.
    """

    limit: int
    formulas: Mapping[Label, Formula]
    error: float | None
    error_se: float | None

    @property
    def complexity(self) -> int:
        """Number of operator nodes of the largest formula."""
        return max(formula.complexity for formula in self.formulas.values())


class SharedTerms(SissoEstimator):
    """What searches for several tasks share, be their targets numbers or classes."""

    tasks_: tuple[Label, ...]
    formulas_: Mapping[Label, Formula]
    front_: tuple[TaskFrontPoint, ...]  # type: ignore[assignment]

    def fit(  # type: ignore[override]
        self,
        X: Any,
        y: Any,
        tasks: Any,
        groups: Any = None,
        sample_weight: Any = None,
        *,
        callback: Callback | None = None,
        checkpoint: str | os.PathLike[str] | None = None,
    ) -> Self:
        """Search terms that serve all tasks.

        Parameters
        ----------
        X
            Table of descriptors (DataFrame with descriptor names, or array).
        y
            Target values, or labels of classes where tasks have them.
        tasks
            The label of each row's task.
        groups
            Rows of one group are never parted by the inner folds.
        sample_weight
            Non-negative weights; rows of weight zero take no part.
        callback, checkpoint
            As in :meth:`hecsr.search.sisso.estimator.SissoRegressor.fit`.

        Raises
        ------
        SearchError
            If these data cannot be searched, or a task has too few samples.
        """
        given, labels = self._given_tasks(X, y, tasks, groups, sample_weight)
        samples, own = self._by_task(given, labels)
        self._check_enough(samples)
        running = running_for(callback, checkpoint)
        with one_blas_thread():
            self._build_front(samples, own, given.target, running)
        self.tasks_ = samples.labels
        return self

    def predict_front(self, X: Any, tasks: Any) -> Array:  # type: ignore[override]
        """Return the values of every front point, in columns; NaN where undefined.

        Of classes they are probabilities of the second.
        """
        check_is_fitted(self, "front_")
        return self._values(X, tasks, [point.formulas for point in self.front_])

    def _given_tasks(
        self, X: Any, y: Any, tasks: Any, groups: Any, sample_weight: Any
    ) -> tuple[Given, NDArray[Any]]:
        """Check what was given to a fit, and return the task of each row kept."""
        given = self._given(X, y, groups, sample_weight)
        return given, labels_of(tasks, len(given.kept))[given.kept]

    def _by_task(
        self, given: Given, labels: NDArray[Any]
    ) -> tuple[TaskSamples, NDArray[Any] | None]:
        """Return the samples and their groups, sorted by task."""
        samples, order = sorted_by_task(given.samples, labels)
        return samples, None if given.groups is None else given.groups[order]

    def _check_options(self) -> Sequence[Descriptor] | None:
        if self.beam:
            raise SearchError(
                f"beam is {self.beam}, but models of several tasks are not refined; "
                "take beam=0 and more n_residuals"
            )
        return super()._check_options()

    @property
    def _chosen(self) -> Mapping[Label, Formula]:
        check_is_fitted(self, "formulas_")
        return self.formulas_

    def _values(
        self, X: Any, tasks: Any, formulas: list[Mapping[Label, Formula]]
    ) -> Array:
        columns, n = self._columns(X)
        labels = labels_of(tasks, n)
        unknown = sorted({str(t) for t in labels.tolist() if t not in self.tasks_})
        if unknown:
            known = ", ".join(map(str, self.tasks_))
            raise SearchError(
                f"no task {', '.join(unknown)} was fitted; there are {known}"
            )
        values = np.full((n, len(formulas)), np.nan)
        for task in self.tasks_:
            rows = np.flatnonzero([t == task for t in labels.tolist()])
            part = {name: column[rows] for name, column in columns.items()}
            for k, by_task in enumerate(formulas):
                values[rows, k] = values_of(by_task[task], part, len(rows))
        return values

    def _set_front(self, front: Front) -> None:
        self.front_ = tuple(
            TaskFrontPoint(limit, formulas, *front.errors[limit])
            for limit, formulas in front.fitted.items()
        )
        self.formulas_ = front.fitted[front.chosen]


class SissoMultiTask(SharedTerms, SissoNumbers):
    """One set of terms for several tasks, with coefficients for each of them.

    A feature counts by the mean over tasks of its squared correlation with the
    target, a model by the squared error over all samples: give the tasks targets of
    one kind. Parameters are those of
    :class:`~hecsr.search.sisso.estimator.SissoRegressor`, but for `beam`.

    Attributes
    ----------
    tasks_
        The labels of the tasks, sorted.
    formulas_
        The chosen formula of each task.
    front_
        The formulas of all tasks from simple to complex.
    models_
        The best models by number of terms; the `formula` of each is a formula for
        each task.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.random.default_rng(0).uniform(1, 2, (40, 3))
    >>> tasks = np.repeat(["carbide", "nitride"], 20)
    >>> y = np.where(tasks == "carbide", 3, -1) * x[:, 0] / x[:, 1] + 2
    >>> found = SissoMultiTask(max_terms=1, inner_folds=0).fit(x, y, tasks)
    >>> found.formulas_["nitride"].to_text()
    '2 - 1 * x0 / x1'
    """

    _task = "regression"

    def predict(self, X: Any, tasks: Any) -> Array:
        """Return the value of its task's chosen formula for each row.

        Undefined values are NaN.

        Raises
        ------
        SearchError
            If a row's task was not there at fit.
        """
        return self._values(X, tasks, [self._chosen])[:, 0]

    def score(self, X: Any, y: Any, tasks: Any, sample_weight: Any = None) -> float:
        """Return R² over all rows, as scikit-learn's regressors do."""
        value = self.predict(X, tasks)
        return float(r2_score(y, value, sample_weight=sample_weight))

    def _splits(
        self, samples: Samples, groups: NDArray[Any] | None, random_state: int
    ) -> list[Split]:
        least = self.max_terms + 1 + samples.intercept
        return make_splits(samples, self.inner_folds, groups, random_state, least=least)

    def _check_enough(self, samples: Samples) -> None:
        assert isinstance(samples, TaskSamples)
        needed = self.max_terms + 1 + samples.intercept
        for label, part in zip(samples.labels, samples.parts, strict=True):
            y = samples.y[part]
            if len(y) < needed:
                raise SearchError(
                    f"task {label!r} has {len(y)} samples, too few for "
                    f"{self.max_terms} terms; at least {needed} are needed, or lower "
                    "max_terms"
                )
            if np.ptp(y) == 0:
                raise SearchError(
                    f"the target of task {label!r} holds one value only: there is "
                    "nothing to find; leave it out"
                )


def labels_of(tasks: Any, n: int) -> NDArray[Any]:
    """Return the label of each row's task.

    Raises
    ------
    SearchError
        If there are not `n` of them, or a row has none.
    """
    labels = np.asarray(tasks)
    if labels.shape != (n,):
        raise SearchError(f"tasks has shape {labels.shape}, expected ({n},)")
    if any(label is None or label != label for label in labels.tolist()):  # noqa: PLR0124
        raise SearchError("a row of tasks has no label")
    return labels
