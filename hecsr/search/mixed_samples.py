"""Samples of several tasks, of which some have classes and some have numbers."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from hecsr.errors import SearchError
from hecsr.formula.formula import Target
from hecsr.search.task_samples import Label, TaskSamples

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from hecsr.formula.expression import Array, Expression
    from hecsr.formula.formula import Formula, Task
    from hecsr.formula.nonlinear import Form
    from hecsr.search.samples import Samples


@dataclass(frozen=True)
class MixedSamples(TaskSamples):
    """Samples sorted by task, each task with a kind of its own.

    Attributes
    ----------
    kinds
        What the targets of each task are.
    scored
        Whether a task counts in the screening and in the loss. One that does not
        lends: it has a say in which terms are the best, and a formula.
    scales
        What the targets of each task are divided by where tasks are added up: 1 for
        classes; for numbers such that their variance is that of the labels.
    """

    kinds: tuple[Task, ...] = ()
    scored: tuple[bool, ...] = ()
    scales: tuple[float, ...] = ()

    @property
    def scaled(self) -> Array:
        """The targets in the scale in which tasks are added up."""
        return np.asarray(self.y / np.array(self.scales)[self.codes])

    @property
    def counted(self) -> NDArray[np.bool_]:
        """Whether a row is of a task that is scored."""
        return np.array(self.scored, dtype=np.bool_)[self.codes]

    @property
    def constant(self) -> bool:
        """Whether no task that is scored has both classes."""
        tasks = zip(self.kinds, self.scored, self.parts, strict=True)
        return not any(
            scored and kind == "classification" and np.ptp(self.y[part]) > 0
            for kind, scored, part in tasks
        )

    @property
    def strata(self) -> NDArray[np.intp]:
        """The task of each row, and its class if it has one."""
        classes = np.array([kind == "classification" for kind in self.kinds])
        codes = 2 * self.codes
        own = classes[self.codes]
        codes[own] += self.y[own].astype(np.intp)
        return np.asarray(np.unique(codes, return_inverse=True)[1])

    def rows(self, index: NDArray[np.intp]) -> Self:
        """Return the samples at the given positions, which rise.

        A task without any of them is left out.
        """
        part = super().rows(index)
        count = np.diff(part.edges)
        left = np.flatnonzero(count).tolist()
        return replace(
            part,
            edges=(0, *np.cumsum(count[left]).tolist()),
            labels=tuple(self.labels[t] for t in left),
            kinds=tuple(self.kinds[t] for t in left),
            scored=tuple(self.scored[t] for t in left),
            scales=tuple(self.scales[t] for t in left),
        )

    def informs(self, t: int, terms: int) -> bool:
        """Whether a task can tell tuples of so many terms apart.

        One class alone cannot: an intercept of its own explains it completely, and
        whatever the terms are its likelihood tends to one. Neither can classes of no
        more samples than there are coefficients.
        """
        part = self.parts[t]
        if self.kinds[t] == "regression":
            return True
        return bool(np.ptp(self.y[part]) > 0 and part.stop - part.start > terms + 1)

    def loss(self, value: Array) -> float:
        """Return the mean squared error over the tasks that are scored.

        Of classes it is the Brier score. Numbers are scaled to the variance of the
        labels, so that the mean alone of either kind is as wrong for each row.
        """
        counted = self.counted
        share = self.share[counted] / self.share[counted].sum()
        scales = np.array(self.scales)[self.codes][counted]
        return float(share @ ((self.y - value)[counted] / scales) ** 2)

    def _refit_one(
        self, t: int, found: Sequence[Expression] | Form, target: Target
    ) -> Formula:
        """Fit a task by its kind; one that lends may have its share alone."""
        if self.scored[t]:
            return super()._refit_one(t, found, target)
        # terms that are alike on few rows cannot be told apart there
        with suppress(SearchError):
            if self.informs(t, len(found) if isinstance(found, tuple | list) else 0):
                return super()._refit_one(t, found, target)
        alone: Formula = self._one(t).refit((), target)
        return alone

    def _one(self, t: int) -> Samples:
        return replace(super()._one(t), task=self.kinds[t])


def coded_targets(
    y: NDArray[Any], labels: NDArray[Any], numbers: Collection[Label]
) -> tuple[NDArray[Any], Array]:
    """Return the two classes, and targets with 0 and 1 for them.

    Parameters
    ----------
    y
        One object for each row.
    labels
        The task of each row.
    numbers
        The tasks whose targets are numbers: they stay as they are.

    Raises
    ------
    SearchError
        If a task of `numbers` is not there, or there are not just two classes.
    """
    if isinstance(numbers, str):
        raise SearchError(
            f"numbers is '{numbers}'; give a collection of tasks, as ('{numbers}',)"
        )
    there = set(labels.tolist())
    missing = [t for t in numbers if t not in there]
    if missing:
        known = ", ".join(map(str, sorted(there, key=str)))
        raise SearchError(
            f"numbers names {', '.join(map(repr, missing))}, but the tasks are {known}"
        )
    named = set(numbers)
    own = np.array([t in named for t in labels.tolist()], dtype=np.bool_)
    if any(value is None or value != value for value in y.tolist()):  # noqa: PLR0124
        raise SearchError("a row of y has no value; leave it out")
    if own.all():
        raise SearchError("every task has numbers; SissoMultiTask searches for them")
    coded = np.empty(len(y))
    try:
        coded[own] = y[own].astype(np.float64)
    except (TypeError, ValueError) as error:
        raise SearchError(f"a target of numbers is none: {error}") from error
    classes = np.asarray(y[~own].tolist())
    found, codes = np.unique(classes, return_inverse=True)
    if len(found) != 2:
        shown = ", ".join(map(repr, found[:4].tolist()))
        raise SearchError(
            f"two classes are needed, but there are {len(found)} ({shown}"
            f"{', ...' if len(found) > 4 else ''}); tasks with numbers are named "
            "in numbers"
        )
    coded[~own] = codes
    return found, coded


def mixed(
    samples: TaskSamples, kinds: Sequence[Task], scored: Sequence[bool]
) -> MixedSamples:
    """Return samples whose tasks are of these kinds."""
    given = {f.name: getattr(samples, f.name) for f in fields(samples)}
    scales = _scales(samples, kinds, scored)
    return MixedSamples(
        **given, kinds=tuple(kinds), scored=tuple(scored), scales=scales
    )


def _scales(
    samples: TaskSamples, kinds: Sequence[Task], scored: Sequence[bool]
) -> tuple[float, ...]:
    """Return the scale of each task: its deviation over that of the labels.

    The labels' variance is the mean of those within the scored tasks of classes.
    """
    spread, held = [], []
    for part in samples.parts:
        y, w = samples.y[part], samples.share[part]
        top = float(np.abs(y).max()) or 1.0
        mean = float(w @ (y / top)) / w.sum()
        spread.append(top * float(np.sqrt(w @ (y / top - mean) ** 2 / w.sum())))
        held.append(float(w.sum()))
    classes = [kind == "classification" for kind in kinds]
    own = [t for t, counts in enumerate(scored) if counts and classes[t]]
    total = sum(held[t] for t in own)
    if not total:
        return (1.0,) * len(kinds)
    labels = float(np.sqrt(sum(held[t] * spread[t] ** 2 for t in own) / total))
    return tuple(
        1.0 if classes[t] or not spread[t] else spread[t] / labels
        for t in range(len(kinds))
    )
