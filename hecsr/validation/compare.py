"""Nested comparison: all competitors over identical outer folds."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from hecsr.errors import HecsrError, SearchError
from hecsr.validation.frames import build_frames
from hecsr.validation.predicting import fit_on, is_hard, predicted

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from hecsr.descriptors.filter import RedundancyFilter
    from hecsr.result import Competitor, RemovedDescriptor
    from hecsr.validation.folds import Split, Splits
    from hecsr.validation.problem import Problem

Progress = Callable[[int, int, str], None]
Decision = Literal["half", "share"]


@dataclass(frozen=True, eq=False)
class Entrant:
    """A competitor, the unfitted estimator behind it, and the columns it may see.

    ``columns="filtered"`` is what the redundancy filter leaves in the fold, the
    same for all; ``columns="all"`` is for rules, and includes the columns that only
    rules know of.
    """

    competitor: Competitor
    estimator: Any
    columns: Literal["filtered", "all"] = "filtered"


@dataclass(frozen=True, eq=False)
class FoldRecord:
    """One outer fold: its split and what the filter did on its training rows.

    `fill` is the mean of the training target, which stands in where a model is
    undefined; `threshold` the probability from which on class 1 is called.
    """

    scheme: str
    split: Split
    columns: tuple[str, ...]
    removed: tuple[RemovedDescriptor, ...]
    fill: float
    threshold: float = 0.5


@dataclass(frozen=True, eq=False)
class KeptModel:
    """A fold's own fitted model, for explaining it on its held-out rows."""

    entrant: Entrant
    record: FoldRecord
    model: Any


@dataclass(frozen=True, eq=False)
class Outcome:
    """What one entrant did in one fold, ready to be put into frames."""

    entrant: int
    record: int
    values: NDArray[np.float64]
    front: Mapping[int, NDArray[np.float64]]
    limit: int | None
    variables: tuple[str, ...] | None
    hard: bool
    seconds: float
    model: Any = None


@dataclass(frozen=True, eq=False)
class Comparison:
    """All that the comparison found out.

    Attributes
    ----------
    competitors
        The entrants' and, after each engine, its front points by limit.
    scores
        Tidy: scheme, competitor, repeat, fold, fold_label, metric, value, n. Fold
        -1 is the metric of all held-out predictions of a repeat taken together.
    predictions
        Tidy: scheme, competitor, repeat, fold, sample, composition, observed,
        predicted, threshold, replaced. From the threshold on class 1 is called;
        `replaced` marks rows on which the model is undefined
        and the mean of the training target was scored instead.
    undefined
        scheme, competitor, rows, of: how many held-out rows had no prediction of
        the model's own; only competitors with such rows. A rule is not scored on
        them.
    choices
        scheme, competitor, repeat, fold, limit, variables: the limit that the
        engine chose in each fold, and the descriptors of that formula.
    timings
        scheme, competitor, repeat, fold, seconds.
    hard
        Competitors that give a class and no probability.
    models
        The fitted models of the first scheme.
    """

    problem: Problem
    competitors: tuple[Competitor, ...]
    scores: pd.DataFrame
    predictions: pd.DataFrame
    undefined: pd.DataFrame
    choices: pd.DataFrame
    timings: pd.DataFrame
    hard: frozenset[str]
    records: tuple[FoldRecord, ...]
    models: tuple[KeptModel, ...] = field(default=(), repr=False)

    @property
    def main(self) -> str:
        """Name of the first scheme, whose models were kept."""
        return self.records[0].scheme

    def main_records(self) -> tuple[FoldRecord, ...]:
        """Folds of the first scheme."""
        return tuple(r for r in self.records if r.scheme == self.main)


def compare(
    entrants: Sequence[Entrant],
    problem: Problem,
    schemes: Sequence[Splits],
    *,
    seed: int = 0,
    decision: Decision = "half",
    n_jobs: int | None = None,
    progress: Progress | None = None,
    keep_models: bool = True,
) -> Comparison:
    """Fit every entrant on every fold's training rows; score the held-out rows.

    In each fold the redundancy filter is fitted once, on the training rows. An
    engine is fitted once per fold: its front points come from the same fit.

    Parameters
    ----------
    schemes
        The first is the main one: its models are kept for the explanation.
    seed
        Seeds the estimators whose ``random_state`` is None, by fold.
    decision
        From which probability on class 1 is called: 'half', or the 'share' of class
        1 among the training rows of the fold, at which mistakes of both classes
        weigh alike.
    n_jobs
        As joblib's; None follows ``joblib.parallel_config``. The result does not
        depend on it.
    progress
        Called with the number of fits done, their total, and what was done.

    Raises
    ------
    HecsrError
        If names repeat, a fold trains on one class, or an entrant fails.
    """
    from joblib import Parallel, delayed

    _check(entrants, schemes)
    records: list[FoldRecord] = []
    for scheme in schemes:
        records += [_record(problem, scheme, split, decision) for split in scheme]
    main = schemes[0].scheme.name
    whole = problem.everything
    fits = [
        _Fit(e, r, entrant, record, seed, keep=keep_models and record.scheme == main)
        for r, record in enumerate(records)
        for e, entrant in enumerate(entrants)
    ]
    jobs = [
        delayed(_run)(fit, _view(problem, whole, fit.entrant, fit.record), problem)
        for fit in fits
    ]
    outcomes: list[Outcome] = []
    # as they come, so that the progress is true; sorted afterwards
    for outcome in Parallel(n_jobs=n_jobs, return_as="generator_unordered")(jobs):
        outcomes.append(outcome)
        if progress is not None:
            record = records[outcome.record]
            text = f"{entrants[outcome.entrant].competitor.label}, {record.scheme}"
            progress(len(outcomes), len(jobs), f"{text} {record.split.label}")
    outcomes.sort(key=lambda o: (o.entrant, o.record))
    frames = build_frames(entrants, records, outcomes, problem)
    return Comparison(
        problem=problem,
        competitors=frames.competitors,
        scores=frames.scores,
        predictions=frames.predictions,
        undefined=frames.undefined,
        choices=frames.choices,
        timings=frames.timings,
        hard=frames.hard,
        records=tuple(records),
        models=tuple(
            KeptModel(entrants[o.entrant], records[o.record], o.model)
            for o in outcomes
            if o.model is not None
        ),
    )


def filtered_columns(filter_: RedundancyFilter) -> tuple[str, ...]:
    """Names the filter kept, or an error where it kept none."""
    if not filter_.kept_:
        raise HecsrError("no descriptor varies on the training rows of a fold")
    return tuple(filter_.kept_)


def _record(
    problem: Problem, scheme: Splits, split: Split, decision: Decision
) -> FoldRecord:
    train = problem.y[split.train]
    if problem.task == "classification" and len(np.unique(train)) < 2:
        where = f"{scheme.scheme.name}, fold {split.label}"
        raise HecsrError(f"{where}: the training rows hold one class only")
    filter_ = problem.filter_on(split.train)
    return FoldRecord(
        scheme=scheme.scheme.name,
        split=split,
        columns=filtered_columns(filter_),
        removed=tuple(filter_.removed_),
        fill=float(train.mean()),
        threshold=float(train.mean()) if decision == "share" else 0.5,
    )


def _view(
    problem: Problem, whole: pd.DataFrame, entrant: Entrant, record: FoldRecord
) -> pd.DataFrame:
    """Return the columns that an entrant sees in a fold."""
    if entrant.columns == "all":
        return whole
    return problem.frame[list(record.columns)]


@dataclass(frozen=True, eq=False)
class _Fit:
    """One fit to do: an entrant in a fold, by their places in the lists."""

    entrant_id: int
    record_id: int
    entrant: Entrant
    record: FoldRecord
    seed: int
    keep: bool


def _run(fit: _Fit, X: pd.DataFrame, problem: Problem) -> Outcome:
    from sklearn.base import clone
    from threadpoolctl import threadpool_limits

    split, task = fit.record.split, problem.task
    model = seeded(clone(fit.entrant.estimator), fit.seed, split)
    groups = None if problem.groups is None else problem.groups[split.train]
    began = time.perf_counter()
    try:
        model = fit_on(model, X.iloc[split.train], problem.target(split.train), groups)
        with threadpool_limits(1):
            held = X.iloc[split.test]
            values = predicted(model, held, task)
            front = _front(model, held)
    except HecsrError as error:
        # a plain error: those with more arguments do not travel between processes
        where = f"{fit.entrant.competitor.name}, {fit.record.scheme}"
        raise SearchError(f"{where}, fold {split.label}: {error}") from None
    if getattr(model, "interrupted_", False):
        # half a search would be compared as if it were a whole one
        raise KeyboardInterrupt
    formula = getattr(model, "formula_", None)
    return Outcome(
        entrant=fit.entrant_id,
        record=fit.record_id,
        values=values,
        front=front,
        limit=chosen_limit(model),
        variables=None if formula is None else tuple(formula.names),
        hard=is_hard(model, task),
        seconds=time.perf_counter() - began,
        model=model if fit.keep else None,
    )


def seeded(estimator: Any, seed: int, split: Split) -> Any:
    """Give an estimator without a random state one that belongs to the fold."""
    parameters = estimator.get_params(deep=False)
    if "random_state" in parameters and parameters["random_state"] is None:
        sequence = np.random.SeedSequence([seed, split.repeat, split.fold])
        estimator.set_params(random_state=int(sequence.generate_state(1)[0]))
    return estimator


def chosen_limit(model: Any) -> int | None:
    """Limit of the front point that the engine chose, if it has a front."""
    if hasattr(model, "limit_"):
        return int(model.limit_)
    limits = [
        p.limit for p in getattr(model, "front_", ()) if p.formula is model.formula_
    ]
    return int(limits[0]) if limits else None


def _front(model: Any, X: pd.DataFrame) -> dict[int, NDArray[np.float64]]:
    if not hasattr(model, "predict_front"):
        return {}
    values = np.asarray(model.predict_front(X), dtype=np.float64)
    values = np.where(np.isfinite(values), values, np.nan)
    return {
        int(point.limit): values[:, column] for column, point in enumerate(model.front_)
    }


def _check(entrants: Sequence[Entrant], schemes: Sequence[Splits]) -> None:
    if not entrants or not schemes:
        raise HecsrError("a comparison needs at least one competitor and one scheme")
    for what, names in (
        ("competitors", [e.competitor.name for e in entrants]),
        ("schemes", [s.scheme.name for s in schemes]),
    ):
        twice = sorted({n for n in names if names.count(n) > 1})
        if twice:
            raise HecsrError(f"{what} must have different names: {', '.join(twice)}")
