"""Applicability domain: where each held-out row lies, seen from its training rows.

A formula's domain is that of the descriptors which the fold's own formula holds:
their ranges, their convex hull, and the leverage. A black box looks at every
descriptor that the filter left, in which nearly all rows lie outside of a hull: its
ranges and the distance to the training rows are asked for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hecsr.errors import HecsrError, suggestion
from hecsr.formula.expression import Array, Call, Constant, constants, evaluate
from hecsr.formula.gradient import gradient
from hecsr.formula.grammar import parse
from hecsr.formula.hull import Hull
from hecsr.validation.inside_outside import compared_places, rank_correlations
from hecsr.validation.metrics import CLIP, LOSS, LOWER_IS_BETTER

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from hecsr.formula.expression import Expression
    from hecsr.formula.formula import Task
    from hecsr.validation.compare import Comparison, FoldRecord
    from hecsr.validation.problem import Problem

    Rows = NDArray[np.intp]

NEIGHBOURS: Final = 5
"""Training rows that the distance of a row is the mean of."""
FAR: Final = 0.95
"""Share of the training rows whose own distance is less than 1 in relative units."""
WARNING: Final = 3.0
"""The leverage warns from this many times p / n on (Gramatica, QSAR Comb. Sci. 26,
694 (2007), 10.1002/qsar.200610151), and a residual from as many standard ones."""
MOST_HULL: Final = 8
"""In more descriptors the hull is not asked for: few rows are inside of any, and each
is asked with a linear program (up to six: by facets)."""
_SLACK: Final = 1e-9
_COMMON: Final = ["scheme", "competitor", "repeat", "fold", "sample"]


@dataclass(frozen=True, eq=False)
class Applicability:
    """Every held-out prediction with its place, and the errors inside and outside.

    Attributes
    ----------
    places
        scheme, competitor, repeat, fold, sample, composition, observed, predicted,
        replaced, loss (absolute error in the target's unit; for classes the squared
        error of the probability), inside_ranges, inside_hull, leverage,
        leverage_limit (3 p / n), parameters (p), train_rows (n), distance, residual.
        `distance` is the mean one to the `neighbours` nearest training rows in
        standardised descriptors, over the value that 95 % of the training rows keep
        within, each seen from those of other groups. `residual` is the error over
        its standard one, ``s sqrt(1 + h)`` with s of the training rows; for classes
        the deviance residual, ``±sqrt(-2 log q)`` with q the probability that was
        given to the observed class. Missing where not asked for, or not known.
    summary
        Errors inside and outside, as
        :func:`hecsr.validation.inside_outside.compared_places` returns them.
    ranks
        Rank correlations of loss and distance, as
        :func:`hecsr.validation.inside_outside.rank_correlations` returns them.
    metric
        Of what `loss` is the row's share: 'mae' or 'brier'.
    skipped_hulls
        Folds whose formula holds more than eight descriptors, of all schemes and
        formulas together.
    skipped
        The same of each: scheme, competitor, folds.
    """

    places: pd.DataFrame
    summary: pd.DataFrame
    ranks: pd.DataFrame
    metric: str
    neighbours: int = NEIGHBOURS
    skipped_hulls: int = 0
    skipped: tuple[tuple[str, str, int], ...] = ()


def applicability(
    comparison: Comparison,
    *,
    competitors: Sequence[str] | None = None,
    primary: str | None = None,
    neighbours: int = NEIGHBOURS,
    draws: int = 2000,
    seed: int = 0,
) -> Applicability:
    """Place every held-out row of every scheme, and compare the errors by place.

    Nothing is fitted but a chosen formula's linear coefficients, so that a comparison
    whose models were not kept will do.

    Parameters
    ----------
    comparison
        Its `choices` hold the formula of each fold. Constants that do not enter
        linearly need their values there, in a column 'constants'; without it such a
        formula has no leverage.
    competitors
        Names; by default the formulas and the two best black boxes.
    primary
        Metric that the black boxes are ranked by in the first scheme; by default that
        of `Applicability.metric`.
    draws
        Bootstrap draws of whole groups.

    Raises
    ------
    HecsrError
        If a name is no competitor, or fewer than one neighbour is asked for.
    """
    import pandas as pd
    from threadpoolctl import threadpool_limits

    if neighbours < 1:
        raise HecsrError(f"{neighbours} neighbours: give at least 1")
    problem = comparison.problem
    names = _names(comparison, competitors, primary or LOSS[problem.task])
    choices = {
        (c["scheme"], c["competitor"], c["repeat"], c["fold"]): c
        for c in comparison.choices.to_dict("records")
    }
    held = comparison.predictions
    held = held[held["competitor"].isin(names)]
    by_run = dict(list(held.groupby(_COMMON[:4], sort=False)))
    found, skipped = [], Counter[tuple[str, str]]()
    for record in comparison.records:
        split = record.split
        with threadpool_limits(1):
            far = _distances(problem, record, neighbours)
        for name in names:
            run = (record.scheme, name, split.repeat, split.fold)
            place, choice = _ranges_alone(problem, record), choices.get(run)
            if choice is not None and choice["formula"] is not None:
                with threadpool_limits(1):
                    place = _place(problem, record, choice)
                skipped[run[:2]] += len(choice["variables"]) > MOST_HULL
            # rows are held out in the order of the split
            found.append(by_run[run].assign(**place, distance=far))
    places = _with_errors(pd.concat(found, ignore_index=True), problem.task)
    groups = problem.groups
    return Applicability(
        places=places,
        summary=compared_places(places, groups, draws=draws, seed=seed),
        ranks=rank_correlations(places, groups, draws=draws, seed=seed),
        metric=LOSS[problem.task],
        neighbours=neighbours,
        skipped_hulls=skipped.total(),
        skipped=tuple((*of, folds) for of, folds in skipped.items() if folds),
    )


def leverages(train: Array, rows: Array) -> tuple[Array, int]:
    """Return ``g' (G' G)^-1 g`` of rows g, and the rank p of the training rows G.

    Columns that depend on others add nothing. Rows with a missing value have none.

    Examples
    --------
    >>> train = np.array([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]])
    >>> h, p = leverages(train, np.array([[1.0, 1.0], [1.0, 3.0]]))
    >>> h.round(3).tolist(), p
    ([0.333, 2.333], 2)
    """
    train = train[np.isfinite(train).all(axis=1)]
    size = np.sqrt((train**2).sum(axis=0))
    used = size > 0
    if not len(train) or not used.any():
        return np.full(len(rows), np.nan), 0
    _, spread, axes = np.linalg.svd(train[:, used] / size[used], full_matrices=False)
    kept = spread > spread[0] * 1e-10
    across = (rows[:, used] / size[used]) @ (axes[kept].T / spread[kept])
    return np.asarray((across**2).sum(axis=1)), int(kept.sum())


def _names(
    comparison: Comparison, competitors: Sequence[str] | None, primary: str
) -> list[str]:
    known = {c.name: c.kind for c in comparison.competitors}
    if competitors is not None:
        for name in competitors:
            if name not in known:
                raise HecsrError(f"no competitor '{name}'; {suggestion(name, known)}")
        return list(dict.fromkeys(competitors))
    scores = comparison.scores
    own = scores[
        (scores["scheme"] == comparison.main)
        & (scores["metric"] == primary)
        & (scores["fold"] >= 0)
    ]
    mean = own.groupby("competitor", sort=False)["value"].mean().dropna()
    ranked = mean.sort_values(ascending=primary in LOWER_IS_BETTER, kind="stable").index
    boxes = [n for n in ranked if known[n] == "black box"]
    return [*(n for n, kind in known.items() if kind == "formula"), *boxes[:2]]


def _distances(problem: Problem, record: FoldRecord, neighbours: int) -> Array:
    from scipy.spatial.distance import cdist

    split = record.split
    values = problem.frame[list(record.columns)].to_numpy()
    train = values[split.train]
    # the filter leaves no column that is constant on the training rows
    scaled = (values - train.mean(axis=0)) / train.std(axis=0)
    between = cdist(scaled[split.train], scaled[split.train])
    # a held-out row has none of its group among the training rows either
    own = split.train if problem.groups is None else problem.groups[split.train]
    between[own[:, None] == own[None, :]] = np.inf
    typical = _nearest(between, neighbours)
    typical = typical[np.isfinite(typical)]
    unit = float(np.quantile(typical, FAR)) if len(typical) else np.nan
    away = _nearest(cdist(scaled[split.test], scaled[split.train]), neighbours)
    return away / unit if unit > 0 else np.full(len(away), np.nan)


def _nearest(between: Array, neighbours: int) -> Array:
    """Return the mean of each row's smallest finite values; NaN where there is none."""
    near = np.sort(between, axis=1)[:, :neighbours]
    there = np.isfinite(near)
    total = np.where(there, near, 0.0).sum(axis=1)
    counted = there.sum(axis=1)
    return np.where(counted > 0, total / np.maximum(counted, 1), np.nan)


def _within(train: Array, test: Array) -> NDArray[np.bool_]:
    low, high = train.min(axis=0), train.max(axis=0)
    # a fraction of 0.2 that was computed on another way is not outside
    slack = _SLACK * np.maximum(np.abs(low), np.abs(high))
    return np.asarray(((test >= low - slack) & (test <= high + slack)).all(axis=1))


def _ranges_alone(problem: Problem, record: FoldRecord) -> dict[str, Any]:
    values = problem.frame[list(record.columns)].to_numpy()
    split = record.split
    return {
        "inside_ranges": _within(values[split.train], values[split.test]),
        "inside_hull": None,
        "leverage": np.nan,
        "leverage_limit": np.nan,
        "parameters": np.nan,
        "train_rows": len(split.train),
        "scale": np.nan,
    }


def _place(
    problem: Problem, record: FoldRecord, choice: Mapping[Any, Any]
) -> dict[str, Any]:
    """Place the held-out rows of a fold in the domain of its own formula."""
    split = record.split
    names = list(choice["variables"])
    values = problem.frame[names].to_numpy()
    train, test = values[split.train], values[split.test]
    ranges = _within(train, test)
    inside: Any = None
    if not names:
        inside = ranges
    elif len(names) <= MOST_HULL:
        inside = ranges.copy()
        # what is beyond a range needs no hull
        inside[ranges] = Hull(train).holds(test[ranges])
    found = {
        **_ranges_alone(problem, record),
        "inside_ranges": ranges,
        "inside_hull": inside,
    }
    expression = parse(choice["formula"], _constant_names(choice["formula"], names))
    known = choice.get("constants")
    columns = {n: problem.frame[n].to_numpy() for n in names}
    slopes = _slopes(expression, columns, known, len(values))
    if slopes is None:
        return found
    own, rank = leverages(slopes[split.train], slopes[split.test])
    found |= {
        "leverage": own,
        "leverage_limit": WARNING * rank / len(split.train),
        "parameters": rank,
    }
    if problem.task == "regression":
        found["scale"] = _spread(
            expression, columns, known, slopes, problem.y, split.train, rank
        )
    return found


def _constant_names(text: str, names: Sequence[str]) -> list[str]:
    """Return the words of an exact text that are not names of descriptors."""
    from hecsr.formula.expression import variables

    return [n for n in variables(parse(text)) if n not in names]


def _slopes(
    expression: Expression,
    columns: Mapping[str, Array],
    known: Mapping[str, float] | None,
    n_rows: int,
) -> Array | None:
    """Return the derivatives of the linear predictor by the constants, (n, k).

    For classes too they are not weighted by p (1 - p), which would give a row that is
    far out, where p nears 0 or 1, no leverage at all. None where they depend on
    values of constants that are not known.
    """
    inner = expression
    match expression:
        case Call("logistic", operand):
            inner = operand
    by = [Constant(name) for name in constants(inner)]
    if not by:
        return None
    if known is not None:
        found = gradient(inner, by, columns, known)[1]
    else:
        found, other = (
            gradient(inner, by, columns, {c.name: value for c in by})[1]
            for value in (1.0, 2.0)
        )
        if not np.array_equal(found, other, equal_nan=True):
            return None
    return np.broadcast_to(found, (n_rows, len(by)))


def _spread(
    expression: Expression,
    columns: Mapping[str, Array],
    known: Mapping[str, float] | None,
    slopes: Array,
    y: Array,
    train: Rows,
    rank: int,
) -> float:
    """Return the standard deviation of the residuals on the training rows."""
    freedom = len(train) - rank
    if freedom <= 0:
        return np.nan
    if known is not None:
        fitted = np.broadcast_to(evaluate(expression, columns, known), len(y))
        left = y[train] - fitted[train]
    else:
        # linear in all: the engine's coefficients are those of least squares
        size = np.sqrt((slopes[train] ** 2).sum(axis=0))
        design = slopes[train] / np.where(size > 0, size, 1.0)
        if not np.isfinite(design).all():
            return np.nan
        left = y[train] - design @ np.linalg.lstsq(design, y[train], rcond=None)[0]
    return float(np.sqrt((left**2).sum() / freedom))


def _with_errors(places: pd.DataFrame, task: Task) -> pd.DataFrame:
    """Add what each row adds to the error, and its standardised residual."""
    guess = places["predicted"].to_numpy(dtype=np.float64)
    error = places["observed"].to_numpy(dtype=np.float64) - guess
    if task == "regression":
        loss = np.abs(error)
        h = places["leverage"].to_numpy(dtype=np.float64)
        standard = places["scale"].to_numpy(dtype=np.float64) * np.sqrt(1 + h)
        with np.errstate(divide="ignore", invalid="ignore"):
            residual = np.where(standard > 0, error / standard, np.nan)
    else:
        loss = error**2
        # a class that was given no chance at all would be infinitely far off
        given = np.maximum(1 - np.abs(error), CLIP)
        residual = np.sign(error) * np.sqrt(-2 * np.log(given))
        residual[places["leverage"].isna().to_numpy()] = np.nan
    # a model's gap that was filled has no residual of the model's own
    residual[places["replaced"].to_numpy(dtype=bool)] = np.nan
    columns = [*_COMMON, "composition", "observed", "predicted", "replaced", "loss"]
    columns += ["inside_ranges", "inside_hull", "leverage", "leverage_limit"]
    columns += ["parameters", "train_rows", "distance", "residual"]
    added = places.assign(loss=loss, residual=residual)[columns]
    # yes, no, or not asked
    return added.astype({"inside_hull": "boolean"})
