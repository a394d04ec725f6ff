"""Samples of several tasks: one shared set of terms, coefficients for each."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from hecsr.errors import SearchError
from hecsr.formula.expression import evaluate
from hecsr.formula.formula import Target
from hecsr.formula.nonlinear import Form
from hecsr.search.samples import Samples

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hecsr.formula.expression import Array, Expression
    from hecsr.formula.formula import Formula

Label = Hashable
Targets = Target | Mapping[Label, Target]
"""The target of all tasks, or that of each by its label."""


@dataclass(frozen=True)
class TaskSamples(Samples):
    """Samples sorted by task; `edges` are where each task starts, and the end.

    Attributes
    ----------
    labels
        What each task is called.
    """

    labels: tuple[Label, ...] = ()

    @property
    def parts(self) -> tuple[slice, ...]:
        """The rows of each task."""
        ends = zip(self.edges[:-1], self.edges[1:], strict=True)
        return tuple(slice(a, b) for a, b in ends)

    @property
    def codes(self) -> NDArray[np.intp]:
        """The position of each row's task in `labels`."""
        return np.repeat(np.arange(len(self.labels)), np.diff(self.edges))

    @property
    def constant(self) -> bool:
        """Whether every sample of some task has the same target."""
        return any(bool(np.ptp(self.y[part]) == 0) for part in self.parts)

    @property
    def strata(self) -> NDArray[np.intp]:
        """The task of each row: the folds keep them balanced."""
        return self.codes

    def rows(self, index: NDArray[np.intp]) -> Self:
        """Return the samples at the given positions, which rise."""
        count = np.bincount(self.codes[index], minlength=len(self.labels))
        edges = (0, *np.cumsum(count).tolist())
        return replace(super().rows(index), edges=edges)

    def refit(
        self, found: Sequence[Expression] | Form, target: Targets
    ) -> dict[Label, Formula]:
        """Fit the coefficients to each task's samples.

        A term that is constant on a task's samples is left out of its formula: its
        coefficient there is as good as any.
        """
        fitted = {}
        for t, label in enumerate(self.labels):
            own = target
            if isinstance(own, Mapping):
                own = own.get(label) or Target("y")
            try:
                fitted[label] = self._refit_one(t, found, own)
            except SearchError as error:
                raise SearchError(f"task {label!r}: {error}") from error
        return fitted

    def value(self, fitted: Mapping[Label, Formula]) -> Array:
        """Evaluate each task's formula on its rows; NaN where undefined."""
        named = enumerate(self.labels)
        return np.concatenate([self._one(t).value(fitted[label]) for t, label in named])

    def _refit_one(
        self, t: int, found: Sequence[Expression] | Form, target: Target
    ) -> Formula:
        """Fit the coefficients to the samples of one task."""
        own = self._one(t)
        varying = found
        if not isinstance(found, Form):
            varying = [term for term in found if _varies(evaluate(term, own.columns))]
        fitted: Formula = own.refit(varying, target)
        return fitted

    def _one(self, t: int) -> Samples:
        """Return the samples of one task."""
        part = self.parts[t]
        weights = None if self.weights is None else self.weights[part]
        return Samples(
            self.values[part],
            self.descriptors,
            self.y[part],
            weights,
            self.task,
            intercept=self.intercept,
        )


def sorted_by_task(
    samples: Samples, tasks: NDArray[Any]
) -> tuple[TaskSamples, NDArray[np.intp]]:
    """Sort samples by their tasks' labels, and return the order too."""
    labels, codes = np.unique(tasks, return_inverse=True)
    order = np.argsort(codes, kind="stable")
    ours = samples.rows(order)
    edges = (0, *np.cumsum(np.bincount(codes)).tolist())
    made = TaskSamples(
        ours.values,
        ours.descriptors,
        ours.y,
        ours.weights,
        ours.task,
        intercept=ours.intercept,
        edges=edges,
        labels=tuple(labels.tolist()),
    )
    return made, order


def _varies(column: Array) -> bool:
    # NaN counts as varying, so that the fit says what is undefined
    return not bool(np.ptp(column) <= 1e-12 * np.abs(column).max())
