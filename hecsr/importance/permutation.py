"""Permutation importance: the rise of the error when a column is shuffled."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

from hecsr.importance.rows import (
    explained_models,
    frame_of,
    held_out,
    held_out_loss,
    in_order,
    row,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from hecsr.formula.formula import Task
    from hecsr.validation.compare import Comparison, KeptModel, Progress
    from hecsr.validation.problem import Problem


def permutation_importance(
    comparison: Comparison,
    competitors: Sequence[str] | None = None,
    *,
    n_repeats: int = 20,
    seed: int = 0,
    n_jobs: int | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Shuffle each descriptor among a fold's held-out rows, in the fold's own model.

    The value is the mean rise of the mean absolute error, for classes of the Brier
    score, over `n_repeats` shuffles, the same for every competitor. A descriptor
    that the filter removed in a fold has no line for that fold.

    Where two descriptors carry the same information, shuffling one leaves the other
    to the model: both look less important than together they are.

    Returns
    -------
    DataFrame
        competitor, method 'permutation', name, repeat, fold, value.
    """
    from joblib import delayed

    problem = comparison.problem
    models = explained_models(comparison, competitors)
    jobs = [delayed(_one_model)(kept, problem, n_repeats, seed) for kept in models]
    results = in_order(jobs, n_jobs, progress, "permutation importance")
    return frame_of(line for lines in results for line in lines)


def _one_model(
    kept: KeptModel, problem: Problem, n_repeats: int, seed: int
) -> list[dict[str, Any]]:
    from threadpoolctl import threadpool_limits

    split = kept.record.split
    with threadpool_limits(1):
        rises = permutation_rises(
            kept.model,
            held_out(kept, problem),
            problem.y[split.test],
            problem.task,
            fill=kept.record.fill,
            n_repeats=n_repeats,
            seed=(seed, split.repeat, split.fold),
        )
    return [row(kept, "permutation", name, rise) for name, rise in rises.items()]


def permutation_rises(
    model: Any,
    X: pd.DataFrame,
    y: NDArray[np.float64],
    task: Task,
    *,
    fill: float,
    n_repeats: int,
    seed: tuple[int, ...],
) -> dict[str, float]:
    """Return the mean rise of the loss for each column, shuffled on its own."""
    import pandas as pd

    before = held_out_loss(model, X, y, fill, task)
    formula = getattr(model, "formula_", None)
    used = set(X.columns) if formula is None else set(formula.names)
    rises: dict[str, float] = {}
    for name in X.columns:
        if name not in used:
            rises[name] = 0.0
            continue
        # by name, so that a column is shuffled alike whatever stands beside it
        rng = np.random.default_rng([*seed, zlib.crc32(str(name).encode())])
        # all shuffles in one table: many small predictions cost more than a large
        stacked = pd.concat([X] * n_repeats, ignore_index=True)
        values = X[name].to_numpy()
        stacked[name] = np.concatenate(
            [values[rng.permutation(len(values))] for _ in range(n_repeats)]
        )
        after = held_out_loss(model, stacked, np.tile(y, n_repeats), fill, task)
        rises[name] = after - before
    return rises
