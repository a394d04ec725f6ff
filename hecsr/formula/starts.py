"""Where the fit of constants may start, if nobody said: scaled to the columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hecsr.formula.expression import (
    Array,
    Binary,
    Comparison,
    Constant,
    Expression,
    Negative,
    constants,
)
from hecsr.formula.gradient import gradient
from hecsr.formula.optimum import Problem

_MOST: Final = 300
"""Combinations of start values that are looked at."""
_KEPT: Final = 3
"""Of which the fit is tried from this many."""
_STILL: Final = 1e-9
_SHARES: Final = (0.5, 0.1, 0.9)


@dataclass(frozen=True)
class Start:
    """Values of all constants, and the samples on which the form is then defined."""

    values: Mapping[str, float]
    rows: NDArray[np.bool_]


def starting_points(
    problem: Problem, first: Mapping[str, float], movable: Sequence[str]
) -> list[Start]:
    """Return points to start from, `first` before all others.

    Constants that enter linearly take their linear solution given the others. The
    others go through a grid of both signs and several sizes, in units of the spread
    of what they multiply, or through quantiles of what they are added to; the points
    with the smallest loss are returned, those defined on most samples before all.

    Parameters
    ----------
    first
        Values of all constants.
    movable
        Those that may start elsewhere.
    """
    points = [Start(first, _defined(problem, first))]
    linear = linear_among(problem.expression, movable)
    curved = [n for n in movable if n not in linear]
    if not linear and not curved:
        return points
    with np.errstate(all="ignore"):
        grid = _grid(problem, first, curved)
        found = [_solved(problem, values, linear) for values in grid]
    good = [(p, loss) for p, loss in found if p.rows.any() and np.isfinite(loss)]
    good.sort(key=lambda one: (-int(one[0].rows.sum()), one[1]))
    return points + [p for p, _ in good[:_KEPT]]


def linear_among(expression: Expression, names: Sequence[str]) -> tuple[str, ...]:
    """Return constants in which the expression is linear, all of them together."""
    found: tuple[str, ...] = ()
    for name in names:
        if _degree(expression, frozenset({*found, name})) == 1:
            found = (*found, name)
    return found


def _degree(node: Expression, names: frozenset[str]) -> int | None:
    """Return 0 without these constants, 1 where it is linear in them, else None."""
    if isinstance(node, Constant):
        return int(node.name in names)
    degrees = [_degree(child, names) for child in node.children]
    if not any(d != 0 for d in degrees):
        return 0
    match node, degrees:
        case Negative(), _:
            return degrees[0]
        case Binary("+" | "-"), [int(), int()]:
            return 1
        case Binary("*"), [1, 0] | [0, 1]:
            return 1
        case Binary("/"), [1, 0]:
            return 1
    return None


def _defined(problem: Problem, values: Mapping[str, float]) -> NDArray[np.bool_]:
    return ~np.isnan(problem.value(values))


def _solved(
    problem: Problem, values: Mapping[str, float], linear: tuple[str, ...]
) -> tuple[Start, float]:
    """Give the linear constants their least-squares solution; return the loss too.

    Log odds are drawn to those of one step from equal odds, which saturate nowhere.
    """
    values = dict(values)
    if linear:
        rest, slopes = problem.both({**values, **dict.fromkeys(linear, 0.0)}, linear)
        good = ~np.isnan(rest) & ~np.isnan(slopes).any(axis=1)
        if not good.any():
            return Start(values, good), np.inf
        root = np.sqrt(problem.weights[good])
        aim = (_wanted(problem)[good] - rest[good]) * root
        columns = slopes[good] * root[:, None]
        size = np.abs(columns).max(axis=0)
        size = np.where(size > 0, size, 1.0)
        part, *_ = np.linalg.lstsq(columns / size, aim, rcond=None)
        values |= dict(zip(linear, (part / size).tolist(), strict=True))
    rows = _defined(problem, values)
    return Start(values, rows), among(problem, rows).loss(values)


def among(problem: Problem, rows: NDArray[np.bool_]) -> Problem:
    """Return the problem of some of the samples."""
    return replace(
        problem,
        columns={n: c[rows] for n, c in problem.columns.items()},
        y=problem.y[rows],
        weights=problem.weights[rows],
    )


def _wanted(problem: Problem) -> Array:
    """Return what the expression is to be near: the target, or log odds."""
    if problem.task == "regression":
        return problem.y
    share = float(np.clip(np.average(problem.y, weights=problem.weights), 0.05, 0.95))
    level = np.log(share / (1 - share))
    return np.asarray(level + (problem.y - share) / (share * (1 - share)))


def _grid(
    problem: Problem, first: Mapping[str, float], curved: Sequence[str]
) -> list[dict[str, float]]:
    """Return combinations of start values, fewer each where there are more constants.

    Inner constants come first: what an outer one multiplies depends on them.
    """
    each = max(2, int(_MOST ** (1 / max(1, len(curved)))))
    found = [dict(first)]
    for name in sorted(curved, key=lambda n: -_depth(problem.expression, n)):
        moved = [
            {**values, name: value}
            for values in found
            for value in _candidates(problem, values, name)[:each]
        ]
        found = moved[:_MOST] or found
    return found


def _candidates(
    problem: Problem, values: Mapping[str, float], name: str
) -> list[float]:
    """Return start values of one constant, the likeliest first.

    What is linear in it and stands in a function is ``p + q c``. Where q changes from
    row to row, c has the size of 1 over the spread of q; else it shifts p.
    """
    part, outer = _argument(problem.expression, name)
    p, q = gradient(part, [Constant(name)], problem.columns, {**values, name: 0.0})
    good = np.isfinite(p) & np.isfinite(q[:, 0])
    p, q = p[good], q[good, 0]
    if not good.any() or not q.any():
        return [1.0]
    spread, size = float(q.std()), float(np.abs(q).mean())
    if spread > _STILL * size:
        found = [s * k / spread for k in (1, 0.3, 3) for s in (1, -1)]
    elif p.any():
        ends = float(p.min()) - float(p.std()), float(p.max()) + float(p.std())
        at = [*np.quantile(p, _SHARES).tolist(), *ends]
        mean = float(q.mean())
        found = [-v / mean for v in at] + [float(np.median(p)) / mean]
    elif isinstance(outer, Binary) and outer.operator == "/":
        found = [s * k * _typical(problem, outer.left, values)
                 for k in (1, 0.3, 3) for s in (1, -1)]  # fmt: skip
    else:
        found = [2.0, -1.0, 0.5, 0.1, -0.1]
    # a value that somebody gave, or 1, is one among the others
    return [v for v in [*found, float(values[name])] if np.isfinite(v)]


def _typical(problem: Problem, node: Expression, values: Mapping[str, float]) -> float:
    """Return the spread of an operand over the samples, or its size."""
    found, _ = gradient(node, (), problem.columns, values)
    found = found[np.isfinite(found)]
    if not found.size:
        return 1.0
    return float(found.std()) or float(np.abs(found).mean()) or 1.0


def _argument(expression: Expression, name: str) -> tuple[Expression, Expression]:
    """Return the largest part linear in a constant, and what that part stands in."""
    part: Expression = Constant(name)
    for node in _above(expression, name):
        if isinstance(node, Comparison):
            # a comparison is one of the difference with 0
            difference = Binary("-", node.left, node.right)
            if _degree(difference, frozenset({name})) == 1:
                return difference, node
        if _degree(node, frozenset({name})) != 1:
            return part, node
        part = node
    return part, expression


def _above(expression: Expression, name: str) -> Iterator[Expression]:
    """Yield the nodes above the first place of a constant, the innermost first."""
    for child in expression.children:
        if name in constants(child):
            yield from _above(child, name)
            yield expression
            return


def _depth(expression: Expression, name: str) -> int:
    return sum(1 for _ in _above(expression, name))
