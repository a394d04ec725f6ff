"""Permutation importance: the rise of the error when a column is shuffled."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

from hecsr.importance.clusters import JOINED, THRESHOLD, clusters
from hecsr.importance.rows import (
    explained_models,
    frame_of,
    held_out,
    held_out_loss,
    part_key,
    row,
)
from hecsr.validation.compare import fitted_model
from hecsr.validation.parts import Part, Runner

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from hecsr.formula.formula import Task
    from hecsr.validation.compare import Comparison, KeptModel
    from hecsr.validation.problem import Problem


def permutation_importance(
    comparison: Comparison,
    competitors: Sequence[str] | None = None,
    *,
    n_repeats: int = 20,
    threshold: float = THRESHOLD,
    seed: int = 0,
    runner: Runner | None = None,
) -> pd.DataFrame:
    """Shuffle each descriptor among a fold's held-out rows, in the fold's own model.

    The value is the mean rise of the mean absolute error, for classes of the Brier
    score, over `n_repeats` shuffles, the same for every competitor. A descriptor
    that the filter removed in a fold has no line for that fold.

    Where two descriptors carry the same information, shuffling one leaves the other
    to the model: both look less important than together they are. So the members of
    a cluster of correlated descriptors are shuffled together as well, row by row.

    Parameters
    ----------
    threshold
        Mean ``|Pearson r|`` on the training rows from which on descriptors are one
        cluster, see :func:`hecsr.importance.clusters.clusters`.
    runner
        Does the work, in parallel and with finished folds kept; the result does not
        depend on it.

    Returns
    -------
    DataFrame
        competitor, method 'permutation', name, repeat, fold, value; and the same with
        method 'permutation-group', where the name joins the members by ' + ' and
        a descriptor without relatives stands by itself.
    """
    from joblib import delayed

    problem = comparison.problem
    models = explained_models(comparison, competitors)
    groups: dict[int, list[tuple[str, ...]]] = {}
    for kept in models:
        record = kept.record
        if id(record) not in groups:
            X = problem.frame[list(record.columns)].iloc[record.split.train]
            groups[id(record)] = clusters(X, threshold)
    parts = [
        Part(
            kept.entrant.competitor.name,
            part_key(kept, n_repeats, threshold, seed),
            delayed(_one_model)(
                kept, problem, groups[id(kept.record)], n_repeats, seed
            ),
        )
        for kept in models
    ]
    results = (runner or Runner()).run("permutation importance", parts)
    return frame_of(line for lines in results for line in lines)


def _one_model(
    kept: KeptModel,
    problem: Problem,
    groups: Sequence[tuple[str, ...]],
    n_repeats: int,
    seed: int,
) -> list[dict[str, Any]]:
    from threadpoolctl import threadpool_limits

    split = kept.record.split
    model = fitted_model(kept, problem)
    together = [g for g in groups if len(g) > 1]
    alone = [(name,) for name in kept.record.columns]
    with threadpool_limits(1):
        rises = permutation_rises(
            model,
            held_out(kept, problem),
            problem.y[split.test],
            problem.task,
            columns=[*alone, *together],
            fill=kept.record.fill,
            n_repeats=n_repeats,
            seed=(seed, split.repeat, split.fold),
        )
    return [
        row(kept, method, JOINED.join(group), rises[group])
        for method, some in (("permutation", alone), ("permutation-group", groups))
        for group in some
    ]


def permutation_rises(
    model: Any,
    X: pd.DataFrame,
    y: NDArray[np.float64],
    task: Task,
    *,
    columns: Sequence[tuple[str, ...]] | None = None,
    fill: float,
    n_repeats: int,
    seed: tuple[int, ...],
) -> dict[tuple[str, ...], float]:
    """Return the mean rise of the loss for each group of columns, shuffled together.

    By default every column is a group of its own.
    """
    import pandas as pd

    before = held_out_loss(model, X, y, fill, task)
    formula = getattr(model, "formula_", None)
    used = set(X.columns) if formula is None else set(formula.names)
    rises: dict[tuple[str, ...], float] = {}
    for group in [(str(c),) for c in X.columns] if columns is None else columns:
        if not used & set(group):
            rises[group] = 0.0
            continue
        # by name, so that a column is shuffled alike whatever stands beside it
        rng = np.random.default_rng([*seed, zlib.crc32(JOINED.join(group).encode())])
        orders = [rng.permutation(len(X)) for _ in range(n_repeats)]
        # all shuffles in one table: many small predictions cost more than a large
        stacked = pd.concat([X] * n_repeats, ignore_index=True)
        for name in group:
            stacked[name] = X[name].to_numpy()[np.concatenate(orders)]
        after = held_out_loss(model, stacked, np.tile(y, n_repeats), fill, task)
        rises[group] = after - before
    return rises
