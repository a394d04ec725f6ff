"""Which formula of a front to choose: inner cross-validation, one standard error."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hecsr.errors import SearchError
from hecsr.formula.expression import Array, Expression, evaluate
from hecsr.search.samples import Samples

if TYPE_CHECKING:
    from hecsr.formula.formula import Formula, Target

Terms = tuple[Expression, ...]
Search = Callable[[Samples], Sequence[Terms]]
Split = tuple[NDArray[np.intp], NDArray[np.intp]]


def values_of(formula: Formula, columns: dict[str, Array], n_rows: int) -> Array:
    """Evaluate a formula on columns; the mean alone is spread over all rows."""
    value = evaluate(formula.expression, columns, formula.constants)
    return np.broadcast_to(value, (n_rows,)).copy()


def make_splits(
    samples: Samples,
    folds: int,
    groups: NDArray[Any] | None,
    random_state: Any,
) -> list[Split]:
    """Split the rows into inner folds, whole groups and balanced classes kept.

    Fewer folds are made where there are fewer groups, samples of a class, or rows.

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

    n = len(samples.y)
    stratify = samples.task == "classification"
    most = min(folds, n)
    if groups is not None:
        most = min(most, len(np.unique(groups)))
    if stratify:
        counts = np.bincount(samples.y.astype(np.intp))
        if groups is None:
            most = min(most, int(counts[counts > 0].min()))
        else:
            held = min(len(np.unique(groups[samples.y == c])) for c in (0, 1))
            most = min(most, held)
    if most < 2:
        unit = "rows" if groups is None else "groups"
        what = f"each class needs at least two {unit}" if stratify else f"two {unit}"
        msg = (
            f"inner cross-validation needs more data ({what}); with inner_folds=0 the "
            "formula of the most terms is chosen instead"
        )
        raise SearchError(msg)
    mixed = {"shuffle": True, "random_state": random_state}
    if groups is not None:
        splitter = (
            StratifiedGroupKFold(most, **mixed)
            if stratify
            else GroupKFold(most, **mixed)
        )
    else:
        splitter = StratifiedKFold(most, **mixed) if stratify else KFold(most, **mixed)
    splits: list[Split] = list(splitter.split(samples.values, samples.y, groups))
    # grouped strata may leave a training part with one class: it can teach nothing
    splits = [
        (a, b)
        for a, b in splits
        if len(b) and not (stratify and np.ptp(samples.y[a]) == 0)
    ]
    if len(splits) < 2:
        msg = "the groups leave fewer than two inner folds with both classes"
        raise SearchError(msg)
    return splits


def inner_errors(
    search: Search,
    samples: Samples,
    splits: Sequence[Split],
    n_points: int,
    target: Target,
) -> tuple[Array, Array]:
    """Return the mean held-out loss of each limit and its standard error.

    The whole search is repeated on the training part of every fold. The standard
    error is that of the mean of the folds' losses.
    """
    losses = np.empty((len(splits), n_points))
    sizes = np.empty(len(splits))
    for f, (train, test) in enumerate(splits):
        part, held = samples.rows(train), samples.rows(test)
        losses[f] = _fold_losses(search, part, held, n_points, target)
        sizes[f] = held.share.size if held.weights is None else held.weights.sum()
    share = sizes / sizes.sum()
    mean = share @ losses
    spread = share @ (losses - mean) ** 2
    return mean, np.sqrt(spread / (len(splits) - 1))


def one_standard_error(mean: Array, error: Array) -> int:
    """Return the first point within one standard error of the best one."""
    best = int(np.argmin(mean))
    return int(np.flatnonzero(mean <= mean[best] + error[best])[0])


def _fold_losses(
    search: Search, part: Samples, held: Samples, n_points: int, target: Target
) -> Array:
    found = [] if part.constant else list(search(part))
    losses = np.empty(n_points)
    prior = float(part.share @ part.y)
    formula = part.refit((), target)
    for point in range(n_points):
        if 0 < point <= len(found):
            # terms dependent on this fold's rows: the simpler formula stands in
            with suppress(SearchError):
                formula = part.refit(found[point - 1], target)
        value = values_of(formula, held.columns, len(held.y))
        # a formula that is undefined on a row knows no better than the mean
        value = np.where(np.isnan(value), prior, value)
        losses[point] = held.share @ loss(held.y, value)
    return losses


def loss(y: Array, value: Array) -> Array:
    """Squared error; of a probability its Brier score.

    Both are least for the true mean. The log of the probability would be too, but
    one confident mistake in a small fold outweighs all else in it.
    """
    return np.asarray((y - value) ** 2)
