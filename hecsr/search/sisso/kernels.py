"""Compiled loops over features; they know numbers and operator codes only.

Scans may reorder sums (they are followed by an exact decision); what decides does
not: sums run in a fixed order, the same on every machine.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numba import njit
from numpy.typing import NDArray

from hecsr.search.sisso.operators import (
    ABS,
    ADD,
    CBRT,
    COS,
    CUBE,
    DIFFERENCE,
    DIVIDE,
    EXP,
    EXP_MINUS,
    INVERSE,
    LOG,
    MULTIPLY,
    SIN,
    SIXTH,
    SQRT,
    SQUARE,
    SUBTRACT,
)

if TYPE_CHECKING:
    from hecsr.formula.expression import Array

Codes = NDArray[np.int8]
Rows = NDArray[np.int32]
Function = TypeVar("Function", bound=Callable[..., Any])


def exact(function: Function) -> Function:
    """Compile a loop whose sums keep their order."""
    compiled: Function = njit(cache=True, nogil=True, error_model="numpy")(function)
    return compiled


@exact
def combine(code: int, f: Array, g: Array, out: Array) -> None:
    """Write the values of one operator on two rows (the second may be unused)."""
    n = len(out)
    if code == ADD:
        for t in range(n):
            out[t] = f[t] + g[t]
    elif code == SUBTRACT:
        for t in range(n):
            out[t] = f[t] - g[t]
    elif code == MULTIPLY:
        for t in range(n):
            out[t] = f[t] * g[t]
    elif code == DIVIDE:
        for t in range(n):
            out[t] = f[t] / g[t]
    elif code == DIFFERENCE:
        for t in range(n):
            out[t] = abs(f[t] - g[t])
    elif code == INVERSE:
        for t in range(n):
            out[t] = 1.0 / f[t]
    elif code == SQUARE:
        for t in range(n):
            out[t] = f[t] * f[t]
    elif code == CUBE:
        for t in range(n):
            out[t] = f[t] * f[t] * f[t]
    elif code == SIXTH:
        for t in range(n):
            cube = f[t] * f[t] * f[t]
            out[t] = cube * cube
    elif code == SQRT:
        for t in range(n):
            out[t] = math.sqrt(f[t])
    elif code == CBRT:
        for t in range(n):
            out[t] = np.cbrt(f[t])
    elif code == EXP:
        for t in range(n):
            out[t] = math.exp(f[t])
    elif code == EXP_MINUS:
        for t in range(n):
            out[t] = math.exp(-f[t])
    elif code == LOG:
        for t in range(n):
            out[t] = math.log(f[t])
    elif code == ABS:
        for t in range(n):
            out[t] = abs(f[t])
    elif code == SIN:
        for t in range(n):
            out[t] = math.sin(f[t])
    elif code == COS:
        for t in range(n):
            out[t] = math.cos(f[t])
    else:
        for t in range(n):
            out[t] = f[t]


@exact
def dot(x: Array, y: Array) -> float:
    """Sum of products in four fixed lanes."""
    n = len(x)
    a = b = c = d = 0.0
    t = 0
    while t + 3 < n:
        a += x[t] * y[t]
        b += x[t + 1] * y[t + 1]
        c += x[t + 2] * y[t + 2]
        d += x[t + 3] * y[t + 3]
        t += 4
    while t < n:
        a += x[t] * y[t]
        t += 1
    return (a + b) + (c + d)


@exact
def standardise(
    x: Array, share: Array, rootshare: Array, reference: float, least: float
) -> bool:
    """Centre `x` and scale it to unit weighted norm in place; False if refused.

    Refused are non-finite values, and a standard deviation below `least` of the
    root mean square, or of `reference` if that is larger. `x` leaves multiplied by
    the root of the weights, so that the product of two such rows is a correlation.
    """
    n = len(x)
    top = 0.0
    for t in range(n):
        size = abs(x[t])
        if not size < np.inf:
            return False
        top = max(top, size)
    if top == 0.0:
        return False
    # a power of two changes no digit, and squares neither over- nor underflow
    scale = math.ldexp(1.0, max(-math.frexp(top)[1], -1000))
    for t in range(n):
        x[t] *= scale
    mean = dot(x, share)
    square = 0.0
    spread = 0.0
    for t in range(n):
        square += share[t] * x[t] * x[t]
        x[t] -= mean
        spread += share[t] * x[t] * x[t]
    if not math.sqrt(spread) > least * max(math.sqrt(square), reference * scale):
        return False
    # a second pass takes out what rounding of the mean left
    rest = dot(x, share)
    spread -= rest * rest
    size = 1.0 / math.sqrt(spread)
    for t in range(n):
        x[t] = (x[t] - rest) * size * rootshare[t]
    return True


@exact
def evaluate_rows(
    values: Array, operator: Codes, left: Rows, right: Rows, out: Array
) -> None:
    """Evaluate recipes on stored rows."""
    for s in range(len(operator)):
        combine(operator[s], values[left[s]], values[right[s]], out[s])


@exact
def standard_rows(
    values: Array,
    rms: Array,
    operator: Codes,
    left: Rows,
    right: Rows,
    share: Array,
    rootshare: Array,
    least: float,
    out: Array,
) -> NDArray[np.bool_]:
    """Evaluate and standardise recipes; return which are not refused."""
    good = np.zeros(len(operator), dtype=np.bool_)
    for s in range(len(operator)):
        code = operator[s]
        combine(code, values[left[s]], values[right[s]], out[s])
        reference = 0.0
        if code in (ADD, SUBTRACT, DIFFERENCE):
            reference = rms[left[s]] + rms[right[s]]
        good[s] = standardise(out[s], share, rootshare, reference, least)
    return good


@exact
def rescore(
    values: Array,
    rms: Array,
    operator: Codes,
    left: Rows,
    right: Rows,
    share: Array,
    rootshare: Array,
    residual: Array,
    least: float,
) -> Array:
    """Return |correlation| of each recipe with a residual; -1 where refused.

    `residual` is standardised as :func:`standardise` leaves it.
    """
    score = np.empty(len(operator))
    row = np.empty(values.shape[1])
    for s in range(len(operator)):
        code = operator[s]
        combine(code, values[left[s]], values[right[s]], row)
        reference = 0.0
        if code in (ADD, SUBTRACT, DIFFERENCE):
            reference = rms[left[s]] + rms[right[s]]
        if standardise(row, share, rootshare, reference, least):
            score[s] = abs(dot(row, residual))
        else:
            score[s] = -1.0
    return score


@exact
def near_duplicates(
    rows: Array,
    score: Array,
    pool: Array,
    pool_score: Array,
    window: float,
    limit: float,
    wanted: int,
) -> tuple[NDArray[np.int64], int]:
    """Assign each row, best score first, to the first one it nearly equals.

    Rows whose scores differ by more than `window` cannot correlate beyond `limit`.
    Returns the owner of each row (itself if new, -1 if of the pool) and how many
    rows were looked at: the scan ends after `wanted` new ones and their ties.
    """
    owner = np.full(len(rows), -1, dtype=np.int64)
    anchors = np.empty(len(rows), dtype=np.int64)
    count = 0
    for s in range(len(rows)):
        if count >= wanted and score[s] < score[anchors[wanted - 1]] - window:
            return owner, s
        found = False
        for p in range(len(pool)):
            near = abs(pool_score[p] - score[s]) <= window
            if near and abs(dot(pool[p], rows[s])) > limit:
                found = True
                break
        if found:
            continue
        for a in range(count - 1, -1, -1):
            if score[anchors[a]] - score[s] > window:
                break
            if abs(dot(rows[anchors[a]], rows[s])) > limit:
                owner[s] = anchors[a]
                found = True
                break
        if not found:
            owner[s] = s
            anchors[count] = s
            count += 1
    return owner, len(rows)


@exact
def equal_pairs(
    values: Array,
    order: NDArray[np.intp],
    key: Array,
    gap: float,
    tolerance: float,
) -> list[tuple[int, int, int]]:
    """Return pairs of rows that are equal (1) or opposite (-1).

    Only rows whose sorted keys differ by less than `gap` in a chain are compared.
    """
    found = []
    n = values.shape[1]
    for a in range(len(order)):
        x = values[order[a]]
        top = 0.0
        for t in range(n):
            top = max(top, abs(x[t]))
        for b in range(a + 1, len(order)):
            if key[b] - key[a] > gap:
                break
            y = values[order[b]]
            plus = True
            minus = True
            for t in range(n):
                if abs(x[t] - y[t]) > tolerance * top:
                    plus = False
                if abs(x[t] + y[t]) > tolerance * top:
                    minus = False
                if not (plus or minus):
                    break
            if plus:
                found.append((order[a], order[b], 1))
            elif minus:
                found.append((order[a], order[b], -1))
    return found
