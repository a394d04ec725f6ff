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

from hecsr.search.sisso.building.operators import (
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
from hecsr.search.sisso.building.values import DEPENDENT

if TYPE_CHECKING:
    from hecsr.formula.expression import Array

Codes = NDArray[np.int8]
Rows = NDArray[np.int32]
Bounds = NDArray[np.int64]
Limits = tuple[float, float, float, float]

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
    """Sum of products in eight fixed lanes, the same on every machine."""
    n = len(x)
    a = b = c = d = e = f = g = h = 0.0
    t = 0
    while t + 7 < n:
        a += x[t] * y[t]
        b += x[t + 1] * y[t + 1]
        c += x[t + 2] * y[t + 2]
        d += x[t + 3] * y[t + 3]
        e += x[t + 4] * y[t + 4]
        f += x[t + 5] * y[t + 5]
        g += x[t + 6] * y[t + 6]
        h += x[t + 7] * y[t + 7]
        t += 8
    while t < n:
        a += x[t] * y[t]
        t += 1
    return ((a + b) + (c + d)) + ((e + f) + (g + h))


@exact
def dot_squares(x: Array, y: Array) -> float:
    """Sum of ``x**2 * y`` in eight fixed lanes."""
    n = len(x)
    a = b = c = d = e = f = g = h = 0.0
    t = 0
    while t + 7 < n:
        a += x[t] * x[t] * y[t]
        b += x[t + 1] * x[t + 1] * y[t + 1]
        c += x[t + 2] * x[t + 2] * y[t + 2]
        d += x[t + 3] * x[t + 3] * y[t + 3]
        e += x[t + 4] * x[t + 4] * y[t + 4]
        f += x[t + 5] * x[t + 5] * y[t + 5]
        g += x[t + 6] * x[t + 6] * y[t + 6]
        h += x[t + 7] * x[t + 7] * y[t + 7]
        t += 8
    while t < n:
        a += x[t] * x[t] * y[t]
        t += 1
    return ((a + b) + (c + d)) + ((e + f) + (g + h))


@exact
def largest(x: Array) -> float:
    """Return the largest absolute value, infinity if any is not finite.

    Without its sign a double is ordered as the integer of its bits, and integers
    compare in vector lanes.
    """
    bits = x.view(np.int64)
    top = np.int64(0)
    for t in range(len(bits)):
        top = max(top, bits[t] & 0x7FFFFFFFFFFFFFFF)
    exponent = int(top >> 52)
    if exponent == 0x7FF:
        return np.inf
    fraction = (top & 0xFFFFFFFFFFFFF) / 4503599627370496.0
    if exponent == 0:
        return math.ldexp(fraction, -1022)
    return math.ldexp(1.0 + fraction, exponent - 1023)


@exact
def farthest(x: Array) -> float:
    """Return the largest distance of a value from the first one."""
    apart = 0.0
    for t in range(len(x)):
        apart = max(apart, abs(x[t] - x[0]))
    return apart


@exact
def standardise(
    x: Array,
    share: Array,
    rootshare: Array,
    bounds: Bounds,
    centred: bool,
    reference: float,
    limits: Limits,
) -> bool:
    """Scale `x` to unit weighted norm within each task, in place; False if refused.

    `limits` are those of a :class:`ValueRule`; a standard deviation is compared with
    the root mean square, or with `reference` if that is larger. `x` leaves multiplied
    by the root of the weights, so that the product of two such rows is a correlation
    (a cosine if not `centred`). Within a task where it is constant it leaves as 0.
    """
    least, spread, smallest, greatest = limits
    top = largest(x)
    if not 0.0 < top < np.inf or top < smallest or top > greatest:
        return False
    if spread > 0.0 and not farthest(x) > spread:
        return False
    # a power of two changes no digit, and squares neither over- nor underflow
    scale = math.ldexp(1.0, max(-math.frexp(top)[1], -1000))
    reference *= scale
    total = 0.0
    varied = 0.0
    for k in range(len(bounds) - 1):
        start, stop = bounds[k], bounds[k + 1]
        part, w, root = x[start:stop], share[start:stop], rootshare[start:stop]
        m = len(part)
        if spread > 0.0 and not farthest(part) > spread:
            part[:] = 0.0
            continue
        weight = 1.0
        if len(bounds) > 2:
            weight = 0.0
            for t in range(m):
                weight += w[t]
        for t in range(m):
            part[t] *= scale
        mean = dot(part, w) / weight
        for t in range(m):
            part[t] -= mean
        variance = dot_squares(part, w)
        square = variance + mean * mean * weight
        total += square
        varied += variance
        size = max(math.sqrt(square), reference * math.sqrt(weight))
        if not math.sqrt(variance) > least * size:
            part[:] = 0.0
        elif centred:
            # a second pass takes out what rounding of the mean left
            rest = dot(part, w) / weight
            size = 1.0 / math.sqrt(variance - rest * rest * weight)
            for t in range(m):
                part[t] = (part[t] - rest) * size * root[t]
        else:
            size = 1.0 / math.sqrt(square)
            for t in range(m):
                part[t] = (part[t] + mean) * size * root[t]
    return math.sqrt(varied) > least * max(math.sqrt(total), reference)


@exact
def evaluate_rows(
    values: Array, operator: Codes, left: Rows, right: Rows, out: Array
) -> None:
    """Evaluate recipes on stored rows."""
    for s in range(len(operator)):
        combine(operator[s], values[left[s]], values[right[s]], out[s])


@exact
def fill_rows(
    values: Array,
    rms: Array,
    operator: Codes,
    left: Rows,
    right: Rows,
    share: Array,
    rootshare: Array,
    bounds: Bounds,
    centred: bool,
    limits: Limits,
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
        good[s] = standardise(
            out[s], share, rootshare, bounds, centred, reference, limits
        )
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
    bounds: Bounds,
    centred: bool,
    limits: Limits,
    residual: Array,
    basis: Array,
) -> Array:
    """Return the score of each recipe for a residual; -1 where refused.

    `residual` is standardised as :func:`standardise` leaves a feature; the score is
    the root mean square over tasks of its products with the feature. With a `basis`
    (orthonormal rows, orthogonal to the residual; one task) it is the product with
    what is left of the feature outside the basis, scaled to unit norm.
    """
    # the first steps are those of `fill_rows`, written out: a call for each recipe
    # takes a fifth longer where there are few samples
    score = np.empty(len(operator))
    row = np.empty(values.shape[1])
    tasks = len(bounds) - 1
    for s in range(len(operator)):
        code = operator[s]
        combine(code, values[left[s]], values[right[s]], row)
        reference = 0.0
        if code in (ADD, SUBTRACT, DIFFERENCE):
            reference = rms[left[s]] + rms[right[s]]
        if not standardise(row, share, rootshare, bounds, centred, reference, limits):
            score[s] = -1.0
        elif tasks == 1:
            rest = 1.0
            for k in range(len(basis)):
                part = dot(row, basis[k])
                rest -= part * part
            # a feature in the span of the basis adds nothing to it
            found = abs(dot(row, residual))
            score[s] = found / math.sqrt(rest) if rest > DEPENDENT else -1.0
        else:
            total = 0.0
            for k in range(tasks):
                start, stop = bounds[k], bounds[k + 1]
                part = dot(row[start:stop], residual[start:stop])
                total += part * part
            score[s] = math.sqrt(total / tasks)
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
