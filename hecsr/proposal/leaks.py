"""Whether a column gives the target away: what no descriptor should do alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hecsr.formula.formula import Task

    Array = NDArray[np.float64]

SUSPECT: Final = 0.98
"""Share of the variance, or of the labels, from which on a column is suspect."""
_FEWEST: Final = 8
"""Fewer values than this are a curve through anything."""


def gives_away(column: Array, target: Array, task: Task) -> float:
    """Return how much of the target one column alone gives, NaN where unknown.

    Of values, the share of the variance that the two neighbours in the order of the
    column explain by a straight line between them; of classes, the balanced
    accuracy of the best threshold.

    Examples
    --------
    >>> x = np.linspace(0.0, 1.0, 40)
    >>> round(gives_away(x, np.exp(x), "regression"), 3)
    1.0
    >>> noise = np.random.default_rng(0).normal(size=40)
    >>> bool(gives_away(noise, np.exp(x), "regression") < 0.5)
    True
    """
    both = np.isfinite(column) & np.isfinite(target)
    x, y = column[both], target[both]
    if task == "classification":
        return _classes(x, y)
    return _values(x, y)


def _values(x: Array, y: Array) -> float:
    # squares of values of any size stay finite
    x, y = (v / (np.abs(v).max(initial=0.0) or 1.0) for v in (x, y))
    points, place = np.unique(x, return_inverse=True)
    if len(points) < _FEWEST:
        return float("nan")
    count = np.bincount(place)
    mean = np.bincount(place, weights=y) / count
    share = (points[1:-1] - points[:-2]) / (points[2:] - points[:-2])
    line = mean[:-2] + share * (mean[2:] - mean[:-2])
    inner = (place > 0) & (place < len(points) - 1)
    guess = line[place[inner] - 1]
    total = float(np.sum((y[inner] - y[inner].mean()) ** 2))
    if total == 0:
        return float("nan")
    return 1.0 - float(np.sum((y[inner] - guess) ** 2)) / total


def _classes(x: Array, y: Array) -> float:
    from hecsr.baselines.rules import Side, best_threshold

    one = y == 1
    if min(one.sum(), (~one).sum()) < _FEWEST // 2:
        return float("nan")
    sides: tuple[Side, ...] = ("above", "below")
    return max(best_threshold(x, one, side, None)[0] for side in sides)
