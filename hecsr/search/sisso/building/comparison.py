"""Compiled loops that compare stored features; they know numbers only."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hecsr.search.sisso.building.kernels import exact

if TYPE_CHECKING:
    from hecsr.formula.expression import Array


@exact
def opposite_or_equal(x: Array, y: Array, tolerance: float) -> int:
    """Return 1 if two rows are equal, -1 if one is minus the other, else 0."""
    plus = True
    minus = True
    top = 0.0
    for t in range(len(x)):
        top = max(top, abs(x[t]))
    for t in range(len(x)):
        if abs(x[t] - y[t]) > tolerance * top:
            plus = False
        if abs(x[t] + y[t]) > tolerance * top:
            minus = False
        if not (plus or minus):
            return 0
    return 1 if plus else -1


@exact
def correlated(x: Array, y: Array, limit: float) -> bool:
    """Say whether the correlation of two rows is above a limit, either way."""
    n = len(x)
    a = 0.0
    b = 0.0
    for t in range(n):
        a += x[t]
        b += y[t]
    a /= n
    b /= n
    xx = 0.0
    yy = 0.0
    xy = 0.0
    for t in range(n):
        xx += (x[t] - a) * (x[t] - a)
        yy += (y[t] - b) * (y[t] - b)
        xy += (x[t] - a) * (y[t] - b)
    return abs(xy) > limit * math.sqrt(xx) * math.sqrt(yy)


@exact
def sort_out(
    rows: Array,
    members: NDArray[np.intp],
    edges: NDArray[np.intp],
    key: Array,
    gap: float,
    tolerance: float,
    limit: float,
    old: int,
    unit: NDArray[np.int32],
    low: Array,
    high: Array,
    bits: NDArray[np.int64],
    keep: NDArray[np.bool_],
    twin: NDArray[np.bool_],
) -> None:
    """Write which features stay, and which of those are minus another.

    `rows` are the values of `members`, in groups that `edges` bound, simple ones
    first; what follows is by feature. One goes if it equals an earlier one of its
    group that stays and is lawful wherever it is, unless it is one of the first
    `old`. With a `limit` those are one that correlate beyond it and whose keys are
    within `gap`, and none is marked as minus another.
    """
    for group in range(len(edges) - 1):
        for s in range(edges[group], edges[group + 1]):
            m = members[s]
            for k in range(edges[group], s):
                first = members[k]
                if not keep[first]:
                    continue
                if unit[first] != unit[m] or (bits[m] & ~bits[first]) != 0:
                    continue
                if limit > 0:
                    near = abs(key[first] - key[m]) <= gap
                    if near and correlated(rows[k], rows[s], limit):
                        keep[m] = False
                        break
                    continue
                sign = opposite_or_equal(rows[k], rows[s], tolerance)
                if sign == 0:
                    continue
                least, most = low[first], high[first]
                if sign < 0:
                    least, most = -most, -least
                slack = 1e-9 * max(abs(least), abs(most))
                if least < low[m] - slack or most > high[m] + slack:
                    continue
                if sign < 0:
                    if not twin[first]:
                        twin[m] = True
                elif m >= old:
                    keep[m] = False
                    break
