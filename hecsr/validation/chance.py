"""What a search finds where there is nothing to be found: scrambled targets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hecsr.errors import HecsrError, SearchError
from hecsr.validation.compare import chosen_limit, filtered_columns, seeded
from hecsr.validation.decision import called_from
from hecsr.validation.metrics import LOWER_IS_BETTER, METRICS, scores
from hecsr.validation.parts import Part, Runner, digest
from hecsr.validation.predicting import filled, fit_on, is_hard, predicted
from hecsr.validation.scrambling import mixes_sizes, scrambled_target

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from hecsr.formula.formula import Task
    from hecsr.study.engines import Engine
    from hecsr.validation.decision import Decision
    from hecsr.validation.feature_space import FeatureSpace
    from hecsr.validation.folds import Split, Splits
    from hecsr.validation.problem import Problem

    Array = NDArray[np.float64]

TRUE: Final = -1
"""Number of the scramble that is none: the true target."""
SAME_BUDGET: Final = "the budget of the comparison"


@dataclass(frozen=True, eq=False)
class Chance:
    """What each engine's whole procedure makes of scrambled targets.

    Attributes
    ----------
    metric
        The one that is tested.
    scores
        Tidy: engine, scramble, metric, value. Scramble -1 is the true target, run
        with the same budget on the same folds; `value` is the mean over the folds.
    fits
        engine, scramble, in_sample, held_out, mean_alone, limit. `in_sample` is the
        share of the variance of the training rows that the chosen formulas explain,
        mean over the folds; `held_out` that of all held-out rows together;
        `mean_alone` in how many folds the engine kept the mean alone; `limit` the
        median of the chosen numbers of terms or operators. The share is
        1 - sum (y - f)^2 / sum (y - mean)^2; of classes 0 and 1 with f a probability
        it is Efron's (J. Am. Stat. Assoc. 73, 113 (1978)), in other words how much
        lower the Brier score is than that of the class share.
    tests
        engine, metric, value, mean, low, high, constant, scrambles, as_good, p,
        mean_alone. `value` is that of the true target, `mean`, `low` and `high` are
        those of the scrambled ones, `constant` is what the mean of the training rows
        scores, `as_good` how many scrambles are at least as good as the true target,
        and `mean_alone` on how many the engine kept the mean alone in every fold.
    budgets
        In words, by engine.
    n_folds, n_rows
        Of the folds that all were run on.
    space
        The largest feature space that the rows support; None where not estimated.
    mixed
        Whether groups of different sizes exchanged their values.
    """

    metric: str
    scores: pd.DataFrame
    fits: pd.DataFrame
    tests: pd.DataFrame
    budgets: Mapping[str, str]
    n_folds: int
    n_rows: int
    space: FeatureSpace | None = None
    mixed: bool = False

    def held_out(self, engine: str) -> float:
        """Share of the variance explained on held-out rows of the true target."""
        fits = self.fits
        own = fits[(fits["engine"] == engine) & (fits["scramble"] == TRUE)]
        return float(own["held_out"].iloc[0]) if len(own) else float("nan")


def scrambled(
    engines: Sequence[Engine],
    problem: Problem,
    splits: Splits,
    *,
    metric: str,
    scrambles: int = 50,
    decision: Decision = "half",
    seed: int = 0,
    runner: Runner | None = None,
) -> Chance:
    """Repeat every engine's whole procedure on permuted targets (y-scrambling).

    In each training fold of the first repeat the redundancy filter, the search and
    the inner choice of the size run as they do on the true target, which is run
    again with the same budget (`Engine.repeated`). The variant that permutes the
    target and repeats the selection is that of Rücker, Rücker and Meringer, J. Chem.
    Inf. Model. 47, 2345 (2007), 10.1021/ci700157b.

    The p-value is (1 + number of scrambles at least as good) / (1 + scrambles): with
    permutations drawn at random the true order is one of them, and p is never zero
    (Phipson and Smyth, Stat. Appl. Genet. Mol. Biol. 9, 39 (2010),
    arXiv:1603.05766).

    Targets are permuted as :func:`scrambled_target` says, over all rows. Classes are
    permuted inside the held-out part of each fold: the folds hold equal shares of
    the classes by construction, which a free permutation would not, and folds of
    unequal shares alone make scores worse than chance.

    A part of the work is one fold of one scramble of one engine, some seconds at
    most; more scrambles go on from those that are there.

    Parameters
    ----------
    metric
        One of the task's, by whose mean over the folds targets are compared.
    scrambles
        The smallest p that can be found is 1 / (1 + scrambles).
    decision
        From which probability on class 1 is called, as in
        :func:`hecsr.validation.compare.compare`.

    Raises
    ------
    HecsrError
        If there is no engine or scramble, the metric is not of the task, or rows are
        held out more than once in a repeat.
    SearchError
        If an engine fails; the message says where.
    """
    from joblib import delayed

    _check(engines, problem.task, metric, scrambles)
    folds = [s for s in splits if s.repeat == splits.splits[0].repeat]
    within = _strata(problem, folds)
    columns = [list(filtered_columns(problem.filter_on(s.train))) for s in folds]
    numbers = range(TRUE, scrambles)
    targets = {
        k: problem.y if k == TRUE else scrambled_target(problem, seed, k, within)
        for k in numbers
    }
    places = [(e, k, f) for k in numbers for e in engines for f in range(len(folds))]
    parts = []
    for engine, k, f in places:
        split, y = folds[f], targets[k]
        key = (
            *(engine.name, engine.description, engine.light_words, k, f),
            *(digest(y), digest(split.train, split.test), seed),
        )
        what = f"{engine.name}, {_named(k)}, fold {split.label}"
        X = problem.frame[columns[f]]
        data = _Data(X, y, problem.task, problem.groups)
        call = delayed(_run)(engine.repeated, data, split, seed, what)
        parts.append(Part(engine.name, key, call))
    found = (runner or Runner()).run("scrambled targets", parts)
    by_run: dict[tuple[str, int], list[Any]] = {}
    for (engine, k, _), outcome in zip(places, found, strict=True):
        by_run.setdefault((engine.name, k), []).append(outcome)
    runs = {
        (name, k): _scored(by_run[name, k], folds, targets[k], problem.task, decision)
        for name in (e.name for e in engines)
        for k in numbers
    }
    constant = _constant(folds, problem, decision)
    return Chance(
        metric=metric,
        scores=_score_frame(runs),
        fits=_fit_frame(runs),
        tests=_test_frame(runs, constant, metric),
        budgets={e.name: e.light_words for e in engines},
        n_folds=len(folds),
        n_rows=len(problem.y),
        mixed=mixes_sizes(problem.groups, len(problem.y), within),
    )


def p_value(value: float, by_chance: Array, *, lower_is_better: bool) -> float:
    """Return (1 + values by chance at least as good) / (1 + values by chance).

    Undefined where any of them is.

    Examples
    --------
    >>> p_value(1.0, np.array([3.0, 1.0, 4.0]), lower_is_better=True)
    0.5
    """
    if np.isnan(value) or np.isnan(by_chance).any():
        return float("nan")
    good = by_chance <= value if lower_is_better else by_chance >= value
    return float((1 + good.sum()) / (1 + len(by_chance)))


def share_explained(y: Array, values: Array) -> float:
    """Return 1 - sum (y - values)^2 / sum (y - mean)^2, NaN of a constant y."""
    return scores("regression", y, values)["r2"]


@dataclass(frozen=True, eq=False)
class _Data:
    """The columns that a fold may see, with a target of its own."""

    X: pd.DataFrame
    y: Array
    task: Task
    groups: NDArray[np.intp] | None


@dataclass(frozen=True)
class _Scored:
    """One engine on one target: means over the folds, and the shares explained."""

    scores: Mapping[str, float]
    in_sample: float
    held_out: float
    mean_alone: int
    limit: float
    folds: int


def _run(
    estimator: Any, data: _Data, split: Split, seed: int, what: str
) -> dict[str, Any]:
    """Fit one fold of one target; predict its held-out and its training rows."""
    from sklearn.base import clone
    from threadpoolctl import threadpool_limits

    train, task, y = split.train, data.task, data.y
    groups = None if data.groups is None else data.groups[train]
    target = y[train] if task == "regression" else y[train].astype(np.int64)
    try:
        model = seeded(clone(estimator), seed, split)
        fit_on(model, data.X.iloc[train], target, groups)
        with threadpool_limits(1):
            values = predicted(model, data.X.iloc[split.test], task)
            own = predicted(model, data.X.iloc[train], task)
    except HecsrError as error:
        raise SearchError(f"{what}: {error}") from None
    if getattr(model, "interrupted_", False):
        raise KeyboardInterrupt
    limit, formula = chosen_limit(model), getattr(model, "formula_", None)
    return {
        "values": values.tolist(),
        "in_sample": share_explained(y[train], filled(own, float(y[train].mean()))),
        "hard": is_hard(model, task),
        "limit": limit,
        "mean_alone": formula is not None and not formula.names,
    }


def _scored(
    outcomes: Sequence[Any],
    folds: Sequence[Split],
    y: Array,
    task: Task,
    decision: Decision,
) -> _Scored:
    by_fold, observed, guessed = [], [], []
    for outcome, split in zip(outcomes, folds, strict=True):
        mean = float(y[split.train].mean())
        values = filled(np.array(outcome["values"], dtype=np.float64), mean)
        hard = outcome["hard"]
        threshold = 0.5 if hard else called_from(decision, mean)
        by_fold.append(
            scores(task, y[split.test], values, hard=hard, threshold=threshold)
        )
        observed.append(y[split.test])
        guessed.append(values)
    limits = [o["limit"] for o in outcomes if o["limit"] is not None]
    return _Scored(
        scores={m: _mean([s[m] for s in by_fold]) for m in METRICS[task]},
        in_sample=_mean([o["in_sample"] for o in outcomes]),
        held_out=share_explained(np.concatenate(observed), np.concatenate(guessed)),
        mean_alone=sum(o["mean_alone"] for o in outcomes),
        limit=float(np.median(limits)) if limits else float("nan"),
        folds=len(folds),
    )


def _constant(
    folds: Sequence[Split], problem: Problem, decision: Decision
) -> Mapping[str, float]:
    """Score the mean of the training rows (the share of class 1) of the true target."""
    y = problem.y
    outcomes = [
        {
            "values": np.full(len(s.test), y[s.train].mean()),
            "hard": False,
            "in_sample": 0.0,
            "mean_alone": True,
            "limit": 0,
        }
        for s in folds
    ]
    return _scored(outcomes, folds, y, problem.task, decision).scores


def _mean(values: Sequence[float]) -> float:
    """Return the mean over the folds in which a metric is defined."""
    there = [v for v in values if not np.isnan(v)]
    return float(np.mean(there)) if there else float("nan")


def _strata(problem: Problem, folds: Sequence[Split]) -> list[NDArray[np.intp]] | None:
    """Return the parts inside which classes are permuted; None for all rows."""
    held = np.concatenate([s.test for s in folds])
    if len(np.unique(held)) < len(held) or len(held) < len(problem.y):
        raise HecsrError(
            "targets are scrambled over folds that hold every row out once a repeat; "
            "give a k-fold scheme"
        )
    if problem.task == "regression":
        return None
    parts = [s.test for s in folds]
    # single rows, or parts of one class, leave nothing to permute
    varied = all(len(np.unique(problem.y[rows])) > 1 for rows in parts)
    return parts if varied else None


def _score_frame(runs: Mapping[tuple[str, int], _Scored]) -> pd.DataFrame:
    import pandas as pd

    rows = [
        (name, k, metric, value)
        for (name, k), run in runs.items()
        for metric, value in run.scores.items()
    ]
    return pd.DataFrame(rows, columns=["engine", "scramble", "metric", "value"])


def _fit_frame(runs: Mapping[tuple[str, int], _Scored]) -> pd.DataFrame:
    import pandas as pd

    rows = [
        (name, k, run.in_sample, run.held_out, run.mean_alone, run.limit)
        for (name, k), run in runs.items()
    ]
    columns = ["engine", "scramble", "in_sample", "held_out", "mean_alone", "limit"]
    return pd.DataFrame(rows, columns=columns)


def _test_frame(
    runs: Mapping[tuple[str, int], _Scored], constant: Mapping[str, float], metric: str
) -> pd.DataFrame:
    import pandas as pd

    lower = metric in LOWER_IS_BETTER
    rows = []
    for name in dict.fromkeys(name for name, _ in runs):
        value = runs[name, TRUE].scores[metric]
        own = [run for (n, k), run in runs.items() if n == name and k != TRUE]
        chance = np.array([run.scores[metric] for run in own])
        p = p_value(value, chance, lower_is_better=lower)
        rows.append(
            {
                "engine": name,
                "metric": metric,
                "value": value,
                "mean": float(chance.mean()),
                "low": float(chance.min()),
                "high": float(chance.max()),
                "constant": constant[metric],
                "scrambles": len(own),
                "as_good": int((chance <= value if lower else chance >= value).sum()),
                "p": p,
                "mean_alone": sum(run.mean_alone == run.folds for run in own),
            }
        )
    return pd.DataFrame(rows)


def _named(scramble: int) -> str:
    return "true target" if scramble == TRUE else f"scramble {scramble + 1}"


def _check(engines: Sequence[Engine], task: Task, metric: str, scrambles: int) -> None:
    if not engines:
        raise HecsrError("no engine is given whose targets could be scrambled")
    names = [e.name for e in engines]
    twice = sorted({n for n in names if names.count(n) > 1})
    if twice:
        raise HecsrError(f"engines must have different names: {', '.join(twice)}")
    if scrambles < 1:
        raise HecsrError(f"scrambles is {scrambles}; at least 1 is needed")
    if metric not in METRICS[task]:
        known = ", ".join(METRICS[task])
        raise HecsrError(f"'{metric}' is no metric of a {task}; allowed: {known}")
