"""Drop importance: the rise of the held-out error when a model must do without."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hecsr.errors import HecsrError
from hecsr.importance.frozen import frozen
from hecsr.importance.rows import (
    explained_models,
    frame_of,
    held_out,
    held_out_loss,
    part_key,
    row,
)
from hecsr.validation.compare import chosen_limit, fitted_model, seeded
from hecsr.validation.parts import Part, Runner
from hecsr.validation.predicting import fit_on

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pandas as pd

    from hecsr.validation.compare import Comparison, FoldRecord, KeptModel
    from hecsr.validation.problem import Problem

    # What to leave out of a fold, and the columns that then enter.
    Reduced = list[tuple[str, tuple[str, ...]]]

# Refits in a row: few enough to lose little at a stop, and the model that they are
# compared with is got once for all of them.
BATCH: Final = 8


def drop_importance(
    comparison: Comparison,
    competitors: Sequence[str] | None = None,
    *,
    first_repeat_only: bool = True,
    light: Mapping[str, Any] | None = None,
    seed: int = 0,
    runner: Runner | None = None,
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
    light
        By competitor, an unfitted stand-in with a smaller budget: it is fitted with
        and without the descriptor, in place of a model that takes too long. Where its
        formula does not use the descriptor the value is 0 without a search, for that
        formula is still at hand.
    seed
        The seed that the comparison was given.
    runner
        Does the refits, in parallel and with finished ones kept; the result does not
        depend on it.

    Returns
    -------
    DataFrame
        competitor, method 'drop', name, repeat, fold, value; NaN where no model
        can be fitted without the descriptor.
    """

    def without_one(record: FoldRecord) -> Reduced:
        columns = record.columns
        return [(name, tuple(c for c in columns if c != name)) for name in columns]

    models = explained_models(
        comparison, competitors, first_repeat_only=first_repeat_only
    )
    refits = _Refits(comparison.problem, "drop", light or {}, seed)
    return refits.run(models, without_one, "drop a descriptor", runner)


def drop_family_importance(
    comparison: Comparison,
    competitors: Sequence[str] | None = None,
    *,
    first_repeat_only: bool = True,
    light: Mapping[str, Any] | None = None,
    seed: int = 0,
    runner: Runner | None = None,
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

    models = explained_models(
        comparison, competitors, first_repeat_only=first_repeat_only
    )
    refits = _Refits(problem, "drop-family", light or {}, seed)
    return refits.run(models, without_family, "drop a family", runner)


def _columns_without(
    record: FoldRecord, problem: Problem, members: Sequence[str]
) -> tuple[str, ...]:
    """Fit the filter without a family; the same columns if it had none of it."""
    if not set(members) & set(record.columns):
        return record.columns
    if len(members) == problem.frame.shape[1]:
        return ()
    return tuple(problem.filter_on(record.split.train, without=members).kept_)


class _Refits:
    """The refits of one kind, fold by fold in batches."""

    def __init__(
        self, problem: Problem, method: str, light: Mapping[str, Any], seed: int
    ) -> None:
        self.problem = problem
        self.method = method
        self.light = light
        self.seed = seed

    def run(
        self,
        models: Sequence[KeptModel],
        reduced: Callable[[FoldRecord], Reduced],
        stage: str,
        runner: Runner | None,
    ) -> pd.DataFrame:
        """Return the rises of the error, model by model in the order of `reduced`."""
        from joblib import delayed

        ways: dict[int, Reduced] = {}
        parts: list[Part] = []
        for kept in models:
            record = kept.record
            if id(record) not in ways:
                ways[id(record)] = reduced(record)
            name = kept.entrant.competitor.name
            light = self.light.get(name)
            way = ways[id(record)]
            for start in range(0, len(way), BATCH):
                batch = way[start : start + BATCH]
                # the batch is named by its content: the table may have grown
                key = part_key(kept, self.seed, light is not None, str(batch))
                call = delayed(_rises)(kept, self.problem, batch, light, self.seed)
                parts.append(Part(name, key, call))
        done = iter((runner or Runner()).run(stage, parts))
        rows = []
        for kept in models:
            way = ways[id(kept.record)]
            rises = [r for _ in range(0, len(way), BATCH) for r in next(done)]
            rows += [
                row(kept, self.method, name, rise)
                for (name, _), rise in zip(way, rises, strict=True)
            ]
        return frame_of(rows)


def _rises(
    kept: KeptModel, problem: Problem, batch: Reduced, light: Any, seed: int
) -> list[float]:
    """Return how much the held-out error rises with each smaller set of columns."""
    record = kept.record
    if light is None:
        model = fitted_model(kept, problem)
        again = seeded(frozen(model), seed, record.split)
    else:
        again = seeded(_copy(light), seed, record.split)
        model = _fit(again, kept, problem, record.columns)
    base = _error(model, kept, problem, record.columns)
    # an engine that chose the mean alone has nothing to lose
    nothing = light is None and chosen_limit(model) == 0
    formula = None if light is None else getattr(model, "formula_", None)
    found = []
    for _, columns in batch:
        still = formula is not None and set(formula.names) <= set(columns)
        if nothing or still or columns == record.columns:
            found.append(0.0)
        elif not columns:
            found.append(float("nan"))
        else:
            found.append(_without(again, kept, problem, columns) - base)
    return found


def _without(
    again: Any, kept: KeptModel, problem: Problem, columns: tuple[str, ...]
) -> float:
    try:
        model = _fit(again, kept, problem, columns)
    except HecsrError:
        # what is left carries no formula at all: that is an answer, not a failure
        return float("nan")
    return _error(model, kept, problem, columns)


def _copy(estimator: Any) -> Any:
    from sklearn.base import clone

    return clone(estimator)


def _fit(
    again: Any, kept: KeptModel, problem: Problem, columns: tuple[str, ...]
) -> Any:
    train = kept.record.split.train
    groups = None if problem.groups is None else problem.groups[train]
    X = problem.frame[list(columns)].iloc[train]
    return fit_on(_copy(again), X, problem.target(train), groups)


def _error(
    model: Any, kept: KeptModel, problem: Problem, columns: tuple[str, ...]
) -> float:
    from threadpoolctl import threadpool_limits

    record, test = kept.record, kept.record.split.test
    with threadpool_limits(1):
        return held_out_loss(
            model,
            held_out(kept, problem, columns),
            problem.y[test],
            record.fill,
            problem.task,
        )
