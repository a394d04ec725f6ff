"""Which formula of a front to choose: inner cross-validation, one standard error."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hecsr.errors import SearchError
from hecsr.formula.expression import Array, Expression
from hecsr.formula.nonlinear import Form
from hecsr.search.samples import Samples

if TYPE_CHECKING:
    from hecsr.formula.formula import Target

Terms = tuple[Expression, ...]
Result = Terms | Form
"""The terms of a linear combination, or an expression with constants anywhere."""
Search = Callable[[Samples], Mapping[int, Result]]
"""Finds the best formula of each number of terms, or of each complexity."""
Split = tuple[NDArray[np.intp], NDArray[np.intp]]


def make_splits(
    samples: Samples,
    folds: int,
    groups: NDArray[Any] | None,
    random_state: Any,
    *,
    least: int = 1,
) -> list[Split]:
    """Split the rows into inner folds, whole groups kept and strata balanced.

    Fewer folds are made where there are fewer groups, samples of a stratum, or rows.

    Parameters
    ----------
    least
        Rows of each stratum that every training part must hold.

    Raises
    ------
    SearchError
        If fewer than two usable folds can be made.
    """
    from sklearn.model_selection import (
        GroupKFold,
        KFold,
        StratifiedGroupKFold,
        StratifiedKFold,
    )

    strata = samples.strata
    kind = "class" if samples.task == "classification" else "task"
    most = min(folds, len(samples.y))
    if groups is not None:
        most = min(most, len(np.unique(groups)))
    if strata is not None:
        held = [strata == s for s in np.unique(strata)]
        units = [int(h.sum()) if groups is None else _count(groups[h]) for h in held]
        most = min(most, *units)
    if most < 2:
        unit = "rows" if groups is None else "groups"
        what = f"two {unit}"
        if strata is not None:
            what = f"each {kind} needs at least {what}"
        msg = (
            f"inner cross-validation needs more data ({what}); with inner_folds=0 the "
            "formula of the most terms is chosen instead"
        )
        raise SearchError(msg)
    mixed = {"shuffle": True, "random_state": random_state}
    if groups is not None:
        splitter = GroupKFold if strata is None else StratifiedGroupKFold
    else:
        splitter = KFold if strata is None else StratifiedKFold
    every = splitter(most, **mixed).split(samples.values, strata, groups)
    splits: list[Split] = [(np.sort(a), np.sort(b)) for a, b in every if len(b)]
    if strata is not None:
        # grouped strata may leave a training part without one: it can teach nothing
        size = int(strata.max()) + 1
        counts = [np.bincount(strata[a], minlength=size) for a, _ in splits]
        splits = [s for s, c in zip(splits, counts, strict=True) if c.min() >= least]
    if len(splits) < 2:
        rows = "all" if least == 1 else f"{least} rows of every"
        plural = {"class": "classes", "task": "tasks"}[kind] if least == 1 else kind
        msg = (
            f"fewer than two inner folds train on {rows} {plural}; take fewer terms, "
            "or with inner_folds=0 the formula of the most terms is chosen instead"
        )
        raise SearchError(msg)
    return splits


def inner_errors(
    search: Search,
    samples: Samples,
    splits: Sequence[Split],
    limits: Sequence[int],
    target: Target,
    *,
    n_jobs: int | None = None,
    done: Callable[[int], None] | None = None,
) -> tuple[Array, Array]:
    """Return the mean held-out loss of each limit and its standard error.

    The whole search is repeated on the training part of every fold. The standard
    error is that of the mean of the folds' losses.

    Parameters
    ----------
    limits
        Numbers of terms, or complexities, rising from 0.
    n_jobs
        Folds searched at once, in threads unless ``joblib.parallel_config`` names
        another backend.
    done
        Called with the number of folds that are finished.
    """
    from joblib import Parallel, delayed

    parts = [(samples.rows(train), samples.rows(test)) for train, test in splits]
    jobs = [
        delayed(_fold_losses)(search, part, held, limits, target)
        for part, held in parts
    ]
    # threads start at once, and the searches hold the interpreter's lock briefly
    run = Parallel(n_jobs=n_jobs, prefer="threads", return_as="generator")
    losses = np.empty((len(splits), len(limits)))
    for f, found in enumerate(run(jobs)):
        losses[f] = found
        if done is not None:
            done(f + 1)
    sizes = np.array(
        [len(h.y) if h.weights is None else h.weights.sum() for _, h in parts]
    )
    share = sizes / sizes.sum()
    mean = share @ losses
    spread = share @ (losses - mean) ** 2
    return mean, np.sqrt(spread / (len(splits) - 1))


def one_standard_error(mean: Array, error: Array) -> int:
    """Return the first point within one standard error of the best one."""
    best = int(np.argmin(mean))
    return int(np.flatnonzero(mean <= mean[best] + error[best])[0])


def _fold_losses(
    search: Search,
    part: Samples,
    held: Samples,
    limits: Sequence[int],
    target: Target,
) -> Array:
    found = {} if part.constant else search(part)
    losses = np.empty(len(limits))
    fitted = part.refit((), target)
    simplest = held.value(fitted)
    left = sorted(found)
    for point, limit in enumerate(limits):
        while left and left[0] <= limit:
            # terms dependent on this fold's rows: the simpler formula stands in
            with suppress(SearchError):
                fitted = part.refit(found[left.pop(0)], target)
        value = held.value(fitted)
        # a formula that is undefined on a row knows no better than the mean
        losses[point] = held.loss(np.where(np.isnan(value), simplest, value))
    return losses


def _count(groups: NDArray[Any]) -> int:
    return len(np.unique(groups))
