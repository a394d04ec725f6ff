"""Formulas that say yes or no: their conditions, and the fit of thresholds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hecsr.errors import SearchError
from hecsr.formula.expression import (
    COMPARISONS,
    Array,
    Binary,
    Call,
    Comparison,
    Constant,
    Expression,
    Number,
    constants,
    variables,
)

_MIRRORED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_MOST: Final = 2
"""Thresholds that are fitted together; all their combinations are gone through."""
_TIE: Final = 1e-12


def is_verdict(expression: Expression) -> bool:
    """Whether the value can be 1, 0 or undefined and nothing else.

    A comparison, a product of verdicts, and 1 less a verdict are verdicts.
    """
    match expression:
        case Comparison():
            return True
        case Binary("*", left, right):
            return is_verdict(left) and is_verdict(right)
        case Binary("-", Number(1.0), right):
            return is_verdict(right)
    return False


def is_probability(expression: Expression) -> bool:
    """Whether the outermost operation is the logistic link."""
    return isinstance(expression, Call) and expression.function == "logistic"


@dataclass(frozen=True)
class Condition:
    """One comparison; `threshold` is the side without a variable, on the right.

    Where both sides hold variables there is no threshold to fit.
    """

    value: Expression
    operator: str
    threshold: Expression
    fitted: bool

    def holds(self, value: Array, threshold: Array) -> NDArray[np.bool_]:
        """Compare values with thresholds, broadcast."""
        return np.asarray(COMPARISONS[self.operator](value, threshold), dtype=bool)

    def candidates(self, value: Array) -> Array:
        """Return thresholds between neighbouring values, and beyond both ends."""
        points = np.unique(value)
        middle = (points[1:] + points[:-1]) / 2
        if self.operator in {">=", "<"}:
            ends = points[:1], np.nextafter(points[-1:], np.inf)
        else:
            ends = np.nextafter(points[:1], -np.inf), points[-1:]
        return np.concatenate([ends[0], middle, ends[1]])


def conditions(expression: Expression) -> tuple[Condition, ...]:
    """Split a product of comparisons.

    Thresholds that are named constants are fitted; where there is none, all that
    are numbers.

    Raises
    ------
    SearchError
        If the verdict is anything else, so that its thresholds cannot be fitted.
    """
    parts = tuple(_split(expression))
    if not constants(expression):
        return parts
    return tuple(replace(p, fitted=bool(constants(p.threshold))) for p in parts)


def _split(expression: Expression) -> Iterator[Condition]:
    match expression:
        case Binary("*", left, right):
            yield from _split(left)
            yield from _split(right)
            return
        case Comparison(operator, left, right):
            if variables(right) and not variables(left):
                left, right, operator = right, left, _MIRRORED[operator]
            whole = isinstance(right, Constant) or not constants(right)
            if whole and not constants(left):
                yield Condition(left, operator, right, fitted=not variables(right))
                return
    msg = (
        "thresholds are fitted where they stand alone on one side of a comparison, "
        "in a product of comparisons such as (delta < c1) * (vec > c2)"
    )
    raise SearchError(msg)


def with_thresholds(parts: Sequence[Condition], names: Sequence[str]) -> Expression:
    """Return the product of conditions with their fitted thresholds as constants."""
    left = iter(names)
    found: Expression | None = None
    for part in parts:
        side = Constant(next(left)) if part.fitted else part.threshold
        node = Comparison(part.operator, part.value, side)
        found = node if found is None else Binary("*", found, node)
    assert found is not None  # a verdict has at least one comparison
    return found


def best_thresholds(
    parts: Sequence[Condition],
    values: Mapping[Expression, Array],
    single: NDArray[np.bool_],
    start: Sequence[float | None],
) -> tuple[float, ...]:
    """Return the thresholds with the best balanced accuracy.

    Every combination is tried, that of `start` among them. Of equally good ones the
    nearest to `start` is taken, so that a stated threshold is kept where none is
    better; without a start the middle one. NaN where `single` holds one class only:
    nothing can be fitted there.

    Parameters
    ----------
    values
        Values of both sides of the conditions, each of length n, none undefined.
    single
        Which of the n rows are of class 1.
    start
        A number for each threshold to fit, or None.

    Raises
    ------
    SearchError
        If there are more than two thresholds to fit.
    """
    free = [p for p in parts if p.fitted]
    if not 1 <= len(free) <= _MOST:
        msg = f"the rule has {len(free)} thresholds; one or two can be fitted"
        raise SearchError(msg)
    if single.all() or not single.any():
        return (float("nan"),) * len(free)
    passed = np.ones(len(single), dtype=bool)
    for p in parts:
        if not p.fitted:
            passed &= p.holds(values[p.value], values[p.threshold])
    tried, called, distance = [], [], []
    for p, s in zip(free, start, strict=True):
        value = values[p.value]
        t = p.candidates(value)
        t = t if s is None else np.union1d(t, [s])
        tried.append(t)
        called.append(p.holds(value, t[:, None]).astype(np.float64))
        width = float(np.ptp(value)) or 1.0
        distance.append(np.zeros(len(t)) if s is None else np.abs(t - s) / width)
    if len(free) < _MOST:
        called.append(np.ones((1, len(single))))
        distance.append(np.zeros(1))
    first, second = called[0] * passed, called[1]
    right = first[:, single] @ second[:, single].T / single.sum()
    wrong = first[:, ~single] @ second[:, ~single].T / (~single).sum()
    score = (right + 1 - wrong) / 2
    away = np.where(
        score >= score.max() - _TIE, distance[0][:, None] + distance[1], np.inf
    ).ravel()
    best = np.flatnonzero(away <= away.min() + _TIE)
    at = divmod(int(best[(len(best) - 1) // 2]), len(second))
    return tuple(float(t[i]) for t, i in zip(tried, at, strict=False))
