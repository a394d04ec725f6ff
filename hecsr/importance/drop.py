"""Drop importance: the rise of the held-out error when a model must do without."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from hecsr.errors import HecsrError
from hecsr.importance.frozen import frozen
from hecsr.importance.rows import (
    explained_models,
    frame_of,
    held_out,
    held_out_loss,
    in_order,
    row,
)
from hecsr.validation.compare import chosen_limit, seeded
from hecsr.validation.predicting import fit_on

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pandas as pd

    from hecsr.validation.compare import Comparison, FoldRecord, KeptModel, Progress
    from hecsr.validation.problem import Problem

    # What to leave out of a fold, and the columns that then enter.
    Reduced = list[tuple[str, tuple[str, ...]]]


@dataclass(frozen=True, eq=False)
class _Refit:
    """One refit: the fold without its fitted model, which would be slow to send."""

    kept: KeptModel
    estimator: Any
    columns: tuple[str, ...]
    base: float
    method: str
    name: str


def drop_importance(
    comparison: Comparison,
    competitors: Sequence[str] | None = None,
    *,
    first_repeat_only: bool = True,
    seed: int = 0,
    n_jobs: int | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Refit each fold's model without one of the descriptors that entered it.

    The value is the rise of the mean absolute error, for classes of the Brier
    score, on the fold's held-out rows. The refit keeps the choices that the fold
    made, see `frozen`. A relative of the dropped descriptor may speak for it; the
    families tell.

    Parameters
    ----------
    first_repeat_only
        Use the folds of the first repeat alone; each descriptor costs one refit
        per fold.
    seed
        The seed that the comparison was given.

    Returns
    -------
    DataFrame
        competitor, method 'drop', name, repeat, fold, value; NaN where no model
        can be fitted without the descriptor.
    """

    def without_one(record: FoldRecord) -> Reduced:
        columns = record.columns
        return [(name, tuple(c for c in columns if c != name)) for name in columns]

    models = _models(comparison, competitors, first_repeat_only=first_repeat_only)
    refits = _refits(models, comparison.problem, "drop", without_one, seed)
    return _run(list(refits), comparison.problem, n_jobs, progress)


def drop_family_importance(
    comparison: Comparison,
    competitors: Sequence[str] | None = None,
    *,
    first_repeat_only: bool = True,
    seed: int = 0,
    n_jobs: int | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Refit each fold's model without a whole family of descriptors.

    All members are taken from the table before the filter, which is fitted anew:
    mean, deviation and range of a property stand in for each other, and element
    fractions sum to one. A relative from another family that the filter had removed
    for their sake comes back. Otherwise as `drop_importance`.

    Returns
    -------
    DataFrame
        competitor, method 'drop-family', name, repeat, fold, value.
    """
    problem = comparison.problem

    def without_family(record: FoldRecord) -> Reduced:
        return [
            (family, _columns_without(record, problem, members))
            for family, members in problem.families.items()
        ]

    models = _models(comparison, competitors, first_repeat_only=first_repeat_only)
    refits = _refits(models, problem, "drop-family", without_family, seed)
    return _run(list(refits), problem, n_jobs, progress)


def _models(
    comparison: Comparison,
    competitors: Sequence[str] | None,
    *,
    first_repeat_only: bool,
) -> list[KeptModel]:
    models = explained_models(comparison, competitors)
    if first_repeat_only:
        models = [m for m in models if m.record.split.repeat == 0]
    return models


def _columns_without(
    record: FoldRecord, problem: Problem, members: Sequence[str]
) -> tuple[str, ...]:
    """Fit the filter without a family; the same columns if it had none of it."""
    if not set(members) & set(record.columns):
        return record.columns
    if len(members) == problem.frame.shape[1]:
        return ()
    return tuple(problem.filter_on(record.split.train, without=members).kept_)


def _refits(
    models: Sequence[KeptModel],
    problem: Problem,
    method: str,
    reduced: Callable[[FoldRecord], Reduced],
    seed: int,
) -> Iterator[_Refit]:
    ways: dict[int, Reduced] = {}
    for kept in models:
        record = kept.record
        base = held_out_loss(
            kept.model,
            held_out(kept, problem),
            problem.y[record.split.test],
            record.fill,
            problem.task,
        )
        estimator = seeded(frozen(kept.model), seed, record.split)
        # an engine that chose the mean alone has nothing to lose
        nothing = chosen_limit(kept.model) == 0
        light = replace(kept, model=None)
        if id(record) not in ways:
            ways[id(record)] = reduced(record)
        for name, columns in ways[id(record)]:
            left = record.columns if nothing else columns
            yield _Refit(light, estimator, left, base, method, name)


def _run(
    refits: Sequence[_Refit],
    problem: Problem,
    n_jobs: int | None,
    progress: Progress | None,
) -> pd.DataFrame:
    from joblib import delayed

    jobs = [delayed(_rise)(refit, problem) for refit in refits]
    rises = in_order(jobs, n_jobs, progress, "drop importance")
    return frame_of(
        row(refit.kept, refit.method, refit.name, rise)
        for refit, rise in zip(refits, rises, strict=True)
    )


def _rise(refit: _Refit, problem: Problem) -> float:
    from sklearn.base import clone
    from threadpoolctl import threadpool_limits

    record = refit.kept.record
    split = record.split
    if refit.columns == record.columns:
        return 0.0
    if not refit.columns:
        return float("nan")
    X = problem.frame[list(refit.columns)]
    groups = None if problem.groups is None else problem.groups[split.train]
    model = clone(refit.estimator)
    try:
        fit_on(model, X.iloc[split.train], problem.target(split.train), groups)
    except HecsrError:
        # what is left carries no formula at all: that is an answer, not a failure
        return float("nan")
    with threadpool_limits(1):
        error = held_out_loss(
            model,
            X.iloc[split.test],
            problem.y[split.test],
            record.fill,
            problem.task,
        )
    return error - refit.base
