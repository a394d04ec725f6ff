"""Errors against the number of training rows, and against the size of the formula."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hecsr.errors import HecsrError
from hecsr.validation.compare import chosen_limit, filtered_columns, seeded
from hecsr.validation.decision import called_from
from hecsr.validation.folds import Split
from hecsr.validation.metrics import LOSS, LOWER_IS_BETTER, METRICS, scores
from hecsr.validation.parts import Part, Runner, digest
from hecsr.validation.power_law import Outlook, outlook
from hecsr.validation.predicting import filled, fit_on, is_hard, predicted

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from hecsr.result import Competitor
    from hecsr.validation.compare import Entrant
    from hecsr.validation.decision import Decision
    from hecsr.validation.folds import Splits
    from hecsr.validation.problem import Problem

    Array = NDArray[np.float64]
    Rows = NDArray[np.intp]

SIZES: Final = (0.2, 0.4, 0.6, 0.8, 1.0)
_RUN: Final = ["competitor", "size", "repeat", "fold"]


@dataclass(frozen=True, eq=False)
class LearningCurves:
    """Training and held-out errors of every fit.

    Attributes
    ----------
    competitors
        Those that were fitted, with the budget they had.
    curves
        competitor, size (share of the training rows), repeat, fold, rows, train,
        held_out, seconds, failed (why nothing was fitted; empty otherwise).
    fronts
        Of the fits to all training rows of a fold, for each point of an engine's
        front: competitor, fold, limit, train, held_out, chosen. Where a fold's front
        ends before a limit its last point stands for it.
    outlooks
        By competitor, what twice the rows would be expected to do; only where there
        are enough sizes and folds.
    metric
        What the errors are; of a metric of which more is better, one less it.
    scheme
        The scheme whose first repeat was used.
    repeats
        Random subsets of each size and fold, nested from the smallest to the largest.
    """

    competitors: tuple[Competitor, ...]
    curves: pd.DataFrame
    fronts: pd.DataFrame
    outlooks: Mapping[str, Outlook]
    metric: str
    scheme: str
    repeats: int


def learning_curves(
    entrants: Sequence[Entrant],
    problem: Problem,
    splits: Splits,
    *,
    sizes: Sequence[float] = SIZES,
    repeats: int = 2,
    metric: str | None = None,
    decision: Decision = "half",
    seed: int = 0,
    runner: Runner | None = None,
) -> LearningCurves:
    """Repeat the whole procedure on growing parts of each fold's training rows.

    The held-out rows stay the same. Filter, tuning and search see the part alone. The
    fits to all training rows also give the over-fitting curve: the errors of every
    point of an engine's front on the rows it was fitted to and on the held-out ones.

    Parameters
    ----------
    splits
        Folds; those of the first repeat are taken.
    sizes
        Shares of the training rows. At 1 there is one part, and so one fit.
    repeats
        Random parts of each other size: whole groups, for classes each with about
        the share of both classes, the smaller part within the larger.
    metric
        By default the mean absolute error, for classes the Brier score, which a
        model without probabilities does not have.

    Raises
    ------
    HecsrError
        If names repeat, there is nothing to fit, or a size, a number of repeats or a
        metric is not possible.
    """
    import pandas as pd
    from joblib import delayed

    metric = metric or LOSS[problem.task]
    shares = _checked(entrants, problem, splits, sizes, repeats, metric)
    runner = runner or Runner()
    first = min(s.repeat for s in splits)
    folds = [s for s in splits if s.repeat == first]
    parts, runs = [], []
    for split in folds:
        for share, repeat, part in _subsets(problem, split, shares, repeats, seed):
            for entrant in entrants:
                name = entrant.competitor.name
                said = (name, entrant.competitor.description, entrant.columns)
                on = digest(part.train, part.test)
                key = (*said, on, seed, share, repeat, split.fold, metric, decision)
                call = delayed(_fit)(entrant, problem, part, metric, decision, seed)
                # fits of one size take about as long as each other
                parts.append(Part(f"{name}, {share:g}", key, call))
                runs.append((name, share, repeat, split.fold, len(part.train)))
    curves, fronts = [], []
    done = runner.run("learning curves", parts)
    for place, found in zip(runs, done, strict=True):
        name, share, repeat, fold, rows = place
        run = {"competitor": name, "size": share, "repeat": repeat, "fold": fold}
        errors = {k: found[k] for k in ("train", "held_out", "seconds", "failed")}
        curves.append({**run, "rows": rows, **errors})
        if share == 1:
            fronts += [
                {"competitor": name, "fold": fold, "limit": int(at)}
                | {"train": train, "held_out": held, "chosen": at == found["limit"]}
                for at, train, held in found["front"]
            ]
    columns = [*_RUN, "rows", "train", "held_out", "seconds", "failed"]
    table = pd.DataFrame(curves, columns=columns)
    table = table.astype({"train": float, "held_out": float})
    return LearningCurves(
        competitors=tuple(e.competitor for e in entrants),
        curves=table,
        fronts=_reached(fronts),
        outlooks=_outlooks(table, seed),
        metric=metric,
        scheme=splits.scheme.name,
        repeats=repeats,
    )


def nested_order(problem: Problem, train: Rows, random: np.random.Generator) -> Rows:
    """Return the training rows in a random order, whole groups one after the other.

    Of classes (that of a group is the one most of its rows have, 1 of a tie) every
    beginning of the order holds about the share of both.
    """
    groups = train if problem.groups is None else problem.groups[train]
    distinct, code = np.unique(groups, return_inverse=True)
    kind = np.zeros(len(distinct), dtype=np.intp)
    if problem.task == "classification":
        mean = np.bincount(code, problem.y[train]) / np.bincount(code)
        kind = (mean >= 0.5).astype(np.intp)
    place = np.empty(len(distinct))
    for value in np.unique(kind):
        members = random.permutation(np.flatnonzero(kind == value))
        # in the middle of equal steps, so that the classes are dealt out evenly
        place[members] = (np.arange(len(members)) + 0.5) / len(members)
    rank = np.empty(len(distinct), dtype=np.intp)
    rank[np.lexsort((random.random(len(distinct)), place))] = np.arange(len(distinct))
    return np.asarray(train[np.argsort(rank[code], kind="stable")])


def _subsets(
    problem: Problem, split: Split, shares: Sequence[float], repeats: int, seed: int
) -> Iterator[tuple[float, int, Split]]:
    for repeat in range(repeats):
        sequence = np.random.SeedSequence([seed, split.fold, repeat])
        order = nested_order(problem, split.train, np.random.default_rng(sequence))
        keys = order if problem.groups is None else problem.groups[order]
        # a part ends where a group does
        ends = np.flatnonzero(np.r_[keys[1:] != keys[:-1], True]) + 1
        for share in shares:
            if share == 1 and repeat:
                continue
            wanted = share * len(order)
            end = int(ends[np.argmin(np.abs(ends - wanted))])
            train = np.sort(order[:end])
            # a fold number for each part, so that seeds differ between them
            number = split.fold if share == 1 else split.fold + 1000 * (repeat + 1)
            yield share, repeat, Split(split.repeat, number, "", train, split.test)


def _fit(
    entrant: Entrant,
    problem: Problem,
    split: Split,
    metric: str,
    decision: Decision,
    seed: int,
) -> dict[str, Any]:
    """Fit to a part of the rows; return the errors as plain numbers."""
    import time

    from threadpoolctl import threadpool_limits

    began = time.perf_counter()
    nothing: dict[str, Any] = {"train": None, "held_out": None, "limit": None}
    nothing["front"] = []
    try:
        model, X = _fitted(entrant, problem, split, seed)
        with threadpool_limits(1):
            sides = [X.iloc[split.train], X.iloc[split.test]]
            values = [predicted(model, side, problem.task) for side in sides]
            fronts = [
                np.asarray(model.predict_front(side), dtype=np.float64)
                if hasattr(model, "predict_front")
                else np.empty((len(side), 0))
                for side in sides
            ]
    except HecsrError as error:
        # too few rows for a procedure are a result, too
        seconds = time.perf_counter() - began
        return {**nothing, "seconds": seconds, "failed": str(error)}
    if getattr(model, "interrupted_", False):
        raise KeyboardInterrupt
    hard = is_hard(model, problem.task)

    def errors(train: Array, held: Array, *, hard: bool) -> list[float]:
        return [
            _error(problem, split, rows, guess, metric, decision, hard=hard)
            for rows, guess in ((split.train, train), (split.test, held))
        ]

    train, held = errors(*values, hard=hard)
    limits = [int(p.limit) for p in getattr(model, "front_", ())]
    return {
        "train": train,
        "held_out": held,
        "limit": chosen_limit(model),
        "front": [
            [limit, *errors(fronts[0][:, k], fronts[1][:, k], hard=False)]
            for k, limit in enumerate(limits[: fronts[0].shape[1]])
        ],
        "seconds": time.perf_counter() - began,
        "failed": "",
    }


def _fitted(
    entrant: Entrant, problem: Problem, split: Split, seed: int
) -> tuple[Any, pd.DataFrame]:
    from sklearn.base import clone

    if len(np.unique(problem.y[split.train])) < 2:
        raise HecsrError("the target does not vary on these rows")
    X = problem.everything
    if entrant.columns == "filtered":
        X = problem.frame[list(filtered_columns(problem.filter_on(split.train)))]
    model = seeded(clone(entrant.estimator), seed, split)
    groups = None if problem.groups is None else problem.groups[split.train]
    fit_on(model, X.iloc[split.train], problem.target(split.train), groups)
    return model, X


def _error(
    problem: Problem,
    split: Split,
    rows: Rows,
    guess: Array,
    metric: str,
    decision: Decision,
    *,
    hard: bool,
) -> float:
    mean = float(problem.y[split.train].mean())
    guess = filled(np.where(np.isfinite(guess), guess, np.nan), mean)
    threshold = 0.5 if hard else called_from(decision, mean)
    found = scores(
        problem.task, problem.y[rows], guess, hard=hard, threshold=threshold
    )[metric]
    return found if metric in LOWER_IS_BETTER else 1 - found


def _reached(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Let a front's last point stand for the limits that it did not reach."""
    import pandas as pd

    columns = ["competitor", "fold", "limit", "train", "held_out", "chosen"]
    table = pd.DataFrame(rows, columns=columns)
    found = []
    for _, own in table.groupby("competitor", sort=False):
        limits = sorted(own["limit"].unique())
        for _, front in own.groupby("fold", sort=False):
            by_limit = {r["limit"]: r for r in front.to_dict("records")}
            for limit in limits:
                reached = max(
                    (x for x in by_limit if x <= limit), default=min(by_limit)
                )
                row = by_limit[reached]
                chosen = bool(row["chosen"]) and reached == limit
                found.append({**row, "limit": limit, "chosen": chosen})
    return pd.DataFrame(found, columns=columns)


def _outlooks(curves: pd.DataFrame, seed: int) -> dict[str, Outlook]:
    found = {}
    for name, own in curves.groupby("competitor", sort=False):
        errors = own.pivot_table(
            index="fold", columns="size", values="held_out", aggfunc="mean"
        ).dropna(axis="columns", how="all")
        rows = own.groupby("size")["rows"].mean()[errors.columns]
        said = outlook(rows.to_numpy(dtype=float), errors.to_numpy(), seed=seed)
        if said is not None:
            found[str(name)] = said
    return found


def _checked(
    entrants: Sequence[Entrant],
    problem: Problem,
    splits: Splits,
    sizes: Sequence[float],
    repeats: int,
    metric: str,
) -> tuple[float, ...]:
    names = [e.competitor.name for e in entrants]
    if not names or not len(splits):
        raise HecsrError("a learning curve needs at least one competitor and one fold")
    if twice := sorted({n for n in names if names.count(n) > 1}):
        raise HecsrError(f"competitors must have different names: {', '.join(twice)}")
    if not sizes or not all(0 < s <= 1 for s in sizes):
        given = ", ".join(f"{s:g}" for s in sizes) or "none"
        raise HecsrError(f"sizes {given}: give shares above 0 and up to 1")
    if repeats < 1:
        raise HecsrError(f"{repeats} repeats: give at least 1")
    if metric not in METRICS[problem.task]:
        known = ", ".join(METRICS[problem.task])
        raise HecsrError(f"'{metric}' is no metric of a {problem.task}; take {known}")
    return tuple(sorted({float(s) for s in sizes}))
