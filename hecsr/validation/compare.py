"""Nested comparison: all competitors over identical outer folds."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from hecsr.errors import HecsrError, SearchError
from hecsr.formula.printers.text import to_text
from hecsr.validation.decision import called_from
from hecsr.validation.frames import build_frames
from hecsr.validation.parts import Part, Runner, digest
from hecsr.validation.predicting import fit_on, is_hard, predicted

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from hecsr.descriptors.filter import RedundancyFilter
    from hecsr.result import Competitor, RemovedDescriptor
    from hecsr.validation.decision import Decision
    from hecsr.validation.folds import Split, Splits
    from hecsr.validation.problem import Problem
    from hecsr.validation.store import Label

# A probability that equals the share but for rounding calls class 1.
_HAIR: Final = 1e-12


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
    """A fold's own fitted model, for explaining it on its held-out rows.

    `model` is None where the fold was finished in an earlier run: see
    :func:`fitted_model`.
    """

    entrant: Entrant
    record: FoldRecord
    model: Any
    seed: int = 0


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
    formula: str | None = None
    constants: Mapping[str, float] | None = None


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
        scheme, competitor, repeat, fold, limit, variables, formula, constants:
        the limit that the engine chose in each fold, the descriptors of that formula,
        its text, and the values of the constants in it.
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
    runner: Runner | None = None,
    keep_models: bool = True,
    stage: str = "comparison",
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
        weigh alike, or a probability.
    runner
        Does the fits, in parallel and with finished ones kept; the result does not
        depend on it.
    stage
        What the runner calls it.

    Raises
    ------
    HecsrError
        If names repeat, a fold trains on one class, or an entrant fails.
    """
    from joblib import delayed

    _check(entrants, schemes)
    runner = runner or Runner()
    records: list[FoldRecord] = []
    for scheme in schemes:
        records += [_record(problem, scheme, split, decision) for split in scheme]
    main = schemes[0].scheme.name
    whole = problem.everything
    parts = []
    for e, entrant in enumerate(entrants):
        for r, record in enumerate(records):
            keep = keep_models and record.scheme == main
            fit = _Fit(e, r, entrant, record, seed, keep=keep)
            call = delayed(_run)(fit, _view(problem, whole, entrant, record), problem)
            parts.append(Part(entrant.competitor.name, _key(fit, decision), call))
    outcomes: list[Outcome] = []
    places = [(e, r) for e in range(len(entrants)) for r in range(len(records))]
    done = runner.run(stage, parts, encode=encoded, decode=decoded)
    # the places in the lists are those of this run
    for (e, r), outcome in zip(places, done, strict=True):
        outcomes.append(replace(outcome, entrant=e, record=r))
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
            KeptModel(entrants[o.entrant], records[o.record], o.model, seed)
            for o in outcomes
            if keep_models and records[o.record].scheme == main
        ),
    )


def fitted_model(kept: KeptModel, problem: Problem) -> Any:
    """Return the fold's model; one that was not kept is fitted again, to the same."""
    if kept.model is not None:
        return kept.model
    X = _view(problem, problem.everything, kept.entrant, kept.record)
    return _fitted(kept.entrant, kept.record, X, problem, kept.seed)


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
    fill = float(train.mean())
    return FoldRecord(
        scheme=scheme.scheme.name,
        split=split,
        columns=filtered_columns(filter_),
        removed=tuple(filter_.removed_),
        fill=fill,
        threshold=called_from(decision, fill) - (_HAIR if decision == "share" else 0),
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


def _key(fit: _Fit, decision: Decision) -> tuple[Label, ...]:
    """Return what sets a fit apart; its competitor's description says its settings."""
    competitor, split = fit.entrant.competitor, fit.record.split
    rows = digest(split.train, split.test)
    said = (competitor.name, competitor.description, fit.entrant.columns)
    return (*said, rows, fit.seed, split.repeat, split.fold, decision)


def _fitted(
    entrant: Entrant, record: FoldRecord, X: pd.DataFrame, problem: Problem, seed: int
) -> Any:
    from sklearn.base import clone

    split = record.split
    model = seeded(clone(entrant.estimator), seed, split)
    groups = None if problem.groups is None else problem.groups[split.train]
    return fit_on(model, X.iloc[split.train], problem.target(split.train), groups)


def _run(fit: _Fit, X: pd.DataFrame, problem: Problem) -> Outcome:
    from threadpoolctl import threadpool_limits

    split, task = fit.record.split, problem.task
    began = time.perf_counter()
    try:
        model = _fitted(fit.entrant, fit.record, X, problem, fit.seed)
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
        formula=None if formula is None else to_text(formula.expression),
        constants=None if formula is None else dict(formula.constants),
    )


def encoded(outcome: Outcome) -> dict[str, Any]:
    """Return an outcome as plain data, without its model."""
    return {
        "values": outcome.values.tolist(),
        "front": [[k, v.tolist()] for k, v in outcome.front.items()],
        "limit": outcome.limit,
        "variables": outcome.variables,
        "hard": outcome.hard,
        "seconds": outcome.seconds,
        "formula": outcome.formula,
        "constants": outcome.constants,
    }


def decoded(plain: Mapping[str, Any]) -> Outcome:
    """Read what :func:`encoded` wrote."""
    names = plain["variables"]
    return Outcome(
        entrant=0,
        record=0,
        values=np.array(plain["values"], dtype=np.float64),
        front={int(k): np.array(v, dtype=np.float64) for k, v in plain["front"]},
        limit=plain["limit"],
        variables=None if names is None else tuple(names),
        hard=plain["hard"],
        seconds=plain["seconds"],
        formula=plain["formula"],
        constants=plain["constants"],
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
