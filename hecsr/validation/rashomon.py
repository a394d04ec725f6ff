"""The formulas that cannot be told from the best one, and what they do held out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hecsr.errors import HecsrError, SearchError
from hecsr.validation.formula_set import LISTED, FormulaSet, described, rashomon_set
from hecsr.validation.parts import Part, Runner, digest

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from hecsr.formula.formula import Task
    from hecsr.study.engines import Engine
    from hecsr.validation.folds import Split, Splits
    from hecsr.validation.problem import Problem

LEVELS: Final = (0.5, 0.8, 0.9, 0.95)
"""Levels of the intervals whose coverage is counted."""


@dataclass(frozen=True, eq=False)
class RashomonSet:
    """What a report says of the set, and of the average over it on held-out rows.

    Attributes
    ----------
    engine, label
        Name of the search, and as printed.
    level
        Of the test that tells formulas from the best.
    n_rows, n_groups
        Rows, and groups of rows (0 where each stands for itself).
    effective_rows
        Independent rows that say as much: fewer where errors within groups are alike.
    size
        Formulas in the set, those that are the same counted once.
    same
        Formulas left out since they are the same as a simpler one.
    listed
        Most formulas of each number of terms that were tested.
    full
        Numbers of terms whose list was full: there are more formulas in the set.
    critical
        Standard errors by which a formula must be worse to be told from the best.
    best_error, simplest_error
        Square root of the mean squared error with rows left out one by one, of the
        best and the simplest member, in the target's unit; for classes of the Brier
        score.
    best, simplest
        Their terms as text.
    members
        The heaviest formulas: terms (number), text, complexity, error, statistic,
        weight; heaviest first.
    sizes
        By number of terms: terms, fitted, listed, members, weight, leading (whether
        the formula that the search gives is in the set).
    descriptors, features
        How often each descriptor, or term, stands in the set: name, share,
        probability; of descriptors also in_folds, the mean of the probability over
        the folds.
    folds
        Of each fold: repeat, fold, size, full, same_best (whether the best formula is
        that of all rows), critical.
    held
        Held-out rows: repeat, fold, sample, observed, mean (averaged prediction),
        best (that of the best formula), low, high (least and largest in the set),
        undefined.
    coverage
        For a regression: kind ('average', 'best', 'conformal'), level, observed, low,
        high, n, width; empty for classes. See :func:`.coverage.coverage`.
    scores
        kind ('average', 'best'), metric, value: mean over the repeats.
    calibration
        For classes: predicted, observed, low, high, n of rows with about as large a
        probability; empty for a regression.
    """

    engine: str
    label: str
    task: Task
    level: float
    n_rows: int
    n_groups: int
    effective_rows: float
    size: int
    same: int
    listed: int
    full: tuple[int, ...]
    critical: float
    best: str
    best_error: float
    simplest: str
    simplest_error: float
    members: pd.DataFrame
    sizes: pd.DataFrame
    descriptors: pd.DataFrame
    features: pd.DataFrame
    folds: pd.DataFrame
    held: pd.DataFrame
    coverage: pd.DataFrame
    scores: pd.DataFrame
    calibration: pd.DataFrame


def rashomon(
    engine: Engine,
    problem: Problem,
    *,
    level: float = 0.9,
    seed: int = 0,
    runner: Runner | None = None,
    splits: Splits,
    keep: int = LISTED,
) -> RashomonSet:
    """Return the set on all rows, and how the average over it does on held-out rows.

    In each fold everything is done anew on the training rows: filter, search, set,
    weights; the rows held out are then predicted.

    Raises
    ------
    HecsrError
        If the engine is no sparse search that fits every tuple: see
        :func:`hecsr.search.sisso.listing.has_list`.
    """
    from joblib import delayed

    from hecsr.validation.rashomon_frames import assembled

    runner = runner or Runner()
    said = (engine.name, engine.description, level, keep, seed)
    everything = np.arange(len(problem.y))
    whole = delayed(_on_all)(engine, problem, level, seed, keep)
    kind = f"{engine.name}, formulas not told from the best"
    parts = [Part(kind, (*said, "all rows", digest(everything)), whole)]
    for split in splits:
        call = delayed(_on_fold)(engine, problem, split, level, seed, keep)
        rows = digest(split.train, split.test)
        parts.append(Part(kind, (*said, split.repeat, split.fold, rows), call))
    found, *folds = runner.run("Rashomon set", parts)
    places = [(split.repeat, split.fold) for split in splits]
    return assembled(engine, problem, level, keep, found, places, folds)


def _set_on(
    engine: Engine,
    problem: Problem,
    rows: NDArray[np.intp],
    level: float,
    seed: np.random.SeedSequence,
    keep: int,
) -> FormulaSet:
    from hecsr.validation.compare import filtered_columns

    columns = list(filtered_columns(problem.filter_on(rows)))
    groups = None if problem.groups is None else problem.groups[rows]
    return rashomon_set(
        engine.estimator,
        problem.frame[columns].iloc[rows],
        problem.target(rows),
        level=level,
        groups=groups,
        seed=seed,
        keep=keep,
    )


def _on_all(
    engine: Engine, problem: Problem, level: float, seed: int, keep: int
) -> dict[str, Any]:
    """Describe the set on all rows, as plain data."""
    from threadpoolctl import threadpool_limits

    rows, own = np.arange(len(problem.y)), np.random.SeedSequence([seed])
    # sums in another order would change the last digits with the number of workers
    with threadpool_limits(1):
        return described(_set_on(engine, problem, rows, level, own, keep))


def _on_fold(
    engine: Engine, problem: Problem, split: Split, level: float, seed: int, keep: int
) -> dict[str, Any]:
    """Predict the rows held out by the set on the training rows, as plain data."""
    from threadpoolctl import threadpool_limits

    own = np.random.SeedSequence([seed, split.repeat + 1, split.fold])
    with threadpool_limits(1):
        try:
            found = _set_on(engine, problem, split.train, level, own, keep)
        except HecsrError as error:
            where = f"{engine.label}, fold {split.label} of the Rashomon set"
            raise SearchError(f"{where}: {error}") from None
        held = problem.frame.iloc[split.test]
        levels = LEVELS if problem.task == "regression" else LEVELS[:1]
        predicted = found.average.predict_levels(held, levels)
        each, spread, freedom, _ = found.average.components(held)
    best = int(np.argmin(found.error))
    defined = np.isfinite(each)
    low = np.where(defined, each, np.inf).min(axis=1)
    high = np.where(defined, each, -np.inf).max(axis=1)
    mean = predicted[levels[0]].mean
    return {
        "sample": split.test.tolist(),
        "mean": mean.tolist(),
        "best": each[:, best].tolist(),
        "low": np.where(np.isfinite(low), low, np.nan).tolist(),
        "high": np.where(np.isfinite(high), high, np.nan).tolist(),
        "undefined": (~defined).mean(axis=1).tolist(),
        "fill": float(problem.y[split.train].mean()),
        "best_spread": spread[:, best].tolist(),
        "best_freedom": float(freedom[best]),
        "bounds": [
            [at, p.lower.tolist(), p.upper.tolist()] for at, p in predicted.items()
        ],
        "size": len(found),
        "full": bool(found.full),
        "critical": found.told.critical,
        "best_text": found.average.texts[best],
        "descriptors": {
            str(row["name"]): float(row["probability"])
            for row in found.average.inclusion.to_dict("records")
        },
    }
