"""Compiled search of all triples of one task, from a Gram matrix.

With G the Gram matrix of standardised features and b their products with the target,
a tuple reaches R^2 >= T exactly if its principal minor of M = G - b b' / T is not
positive: det(M) = det(G) (1 - b' G^-1 b / T). With its first feature eliminated a
triple is a 2 x 2 minor of what is left: one fused and two plain multiplications, and
no division. NaN and infinity stand for what must not pass; the loops are compiled to
respect them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hecsr.search.sisso.screening.scans import fast
from hecsr.search.sisso.sparsifying.refits import Positions

if TYPE_CHECKING:
    from hecsr.formula.expression import Array

Features = tuple["Array", "Array", "Array", Positions, Positions, int]
"""Gram matrix, squared norms, products with the target, names, bits of all features
of the pool, and the bits required."""
Before = tuple[Positions, float, int]
"""Names of members that are eliminated already, their R^2, and before which position
a tuple must go on."""
Limits = tuple[float, float]
"""The R^2 to be reached and the least squared norm of a feature after others."""
TINY = 1e-30
"""A level no larger than this is reached by all."""
Reals = NDArray[np.floating[Any]]
LANES, ROWS = 4, 4
"""Numbers that columns are a multiple of, and rows that are tested together."""


@fast
def scan_triples(
    features: Features,
    before: Before,
    limits: Limits,
    room: Array,
    state: Positions,
    top: int,
    hits: Positions,
    count: int,
) -> int:
    """List the triples of which the second is one of the rows from `top` on.

    A tile of M, of the size of `room`, stays in the cache while the first feature
    runs over all before it. Where `hits` is full the search breaks off: `state` says
    at which column, first feature and row to go on, and that all is done by a column
    beyond the last. Returns how many tuples are listed.
    """
    gram, square, b, _, _, _ = features
    _, won, last_lead = before
    level, least = limits
    need = level - won
    n = len(b)
    bottom = min(top + room.shape[0], n)
    width = room.shape[1]
    m, u, e = np.empty(n + LANES), np.empty(n + LANES), np.empty(n + LANES)
    begin, i_first, j_first = state[0], state[1], state[2]
    for kb in range(begin, n, width):
        ke = min(kb + width, n)
        shift(gram, b, top, bottom, kb, ke, need, room)
        for i in range(i_first, min(bottom - 1, last_lead)):
            if square[i] <= least:
                continue
            start = max(top, i + 1)
            eliminate_first(gram, square, b, i, start, bottom, need, least, m, u, e)
            start = max(kb, bottom, i + 1)
            eliminate_first(gram, square, b, i, start, ke, need, least, m, u, e)
            for t in range(ke, ke + LANES):
                u[t] = 0.0
                e[t] = np.inf
            for j0 in range(max(j_first, i + 1), bottom, ROWS):
                j1 = min(j0 + ROWS, bottom)
                if not any_passes(room, top, kb, j0, j1, ke, m, u, e):
                    continue
                if count + ROWS * (ke - kb) > len(hits):
                    state[0], state[1], state[2] = kb, i, j0
                    return count
                for j in range(j0, j1):
                    for k in range(max(kb, j + 1), ke):
                        h = room[j - top, k - kb] - m[j] * u[k]
                        if h * h >= e[j] * e[k] and reaches(
                            features, before, limits, i, j, k, hits, count
                        ):
                            count += 1
            j_first = top
        i_first = 0
    state[0] = n
    return count


@fast
def any_passes(
    tile: Reals,
    top: int,
    left: int,
    j0: int,
    j1: int,
    stop: int,
    m: Reals,
    u: Reals,
    e: Reals,
) -> bool:
    """Whether a minor in a few rows of a tile, whose corner is given, is not positive.

    Columns are those of whole vectors; that some outside may pass does no harm.
    """
    start = max(left, j0 + 1)
    start -= (start - left) % LANES
    stop += (start - stop) % LANES
    # unsigned positions need no check for counting from the end
    corner, last = np.uint64(left), j1 - 1
    a, b, c, d = j0, min(j0 + 1, last), min(j0 + 2, last), min(j0 + 3, last)
    ma, mb, mc, md = m[a], m[b], m[c], m[d]
    ea, eb, ec, ed = e[a], e[b], e[c], e[d]
    ra, rb = np.uint64(a - top), np.uint64(b - top)
    rc, rd = np.uint64(c - top), np.uint64(d - top)
    passes = False
    for k in range(np.uint64(start), np.uint64(stop)):
        uk, ek = u[k], e[k]
        h = tile[ra, k - corner] - ma * uk
        passes |= h * h >= ea * ek
        h = tile[rb, k - corner] - mb * uk
        passes |= h * h >= eb * ek
        h = tile[rc, k - corner] - mc * uk
        passes |= h * h >= ec * ek
        h = tile[rd, k - corner] - md * uk
        passes |= h * h >= ed * ek
    return passes


@fast
def shift(
    gram: Array,
    b: Array,
    top: int,
    bottom: int,
    left: int,
    right: int,
    need: float,
    tile: Array,
) -> None:
    """Write a tile of M, NaN where columns do not lie behind the row.

    Zeros, which no test refuses, if all tuples are wanted.
    """
    kept = 1.0 if need > TINY else 0.0
    above = kept / max(need, TINY)
    for j in range(top, bottom):
        factor = b[j] * above
        row, out = np.uint64(j), np.uint64(j - top)
        corner = np.uint64(left)
        for k in range(np.uint64(left), np.uint64(right)):
            tile[out, k - corner] = kept * gram[row, k] - factor * b[k]
        for k in range(left, min(j + 1, right)):
            tile[j - top, k - left] = np.nan


@fast
def eliminate_first(
    gram: Array,
    square: Array,
    b: Array,
    i: int,
    start: int,
    stop: int,
    need: float,
    least: float,
    m: Array,
    u: Array,
    e: Array,
) -> None:
    """Write M_it, M_it / M_ii, and what is left of M_tt, from one feature to another.

    The last is infinite, so that no test succeeds, for features that depend on the
    first one; it is 0, so that all do, where fewer features reach the level already.
    """
    above = 1.0 / need if need > TINY else 0.0
    shifted = b[i] * above
    inverse = 1.0 / square[i]
    corner = square[i] - b[i] * shifted
    kept = 1.0 if need > TINY and corner > 0.0 else 0.0
    scale = kept / corner if corner > 0.0 else 0.0
    first = np.uint64(i)
    for t in range(np.uint64(start), np.uint64(stop)):
        g = gram[first, t]
        x = g - shifted * b[t]
        m[t] = x * kept
        u[t] = x * scale
        rest = (square[t] - b[t] * b[t] * above) * kept - x * x * scale
        e[t] = max(rest, 0.0) if square[t] - g * g * inverse > least else np.inf


@fast
def reaches(
    features: Features,
    before: Before,
    limits: Limits,
    i: int,
    j: int,
    k: int,
    hits: Positions,
    count: int,
) -> bool:
    """List the members of a triple; return whether it counts, by G itself."""
    gram, square, b, names, bits, required = features
    chosen, r2, _ = before
    level, least = limits
    size = len(chosen)
    for q in range(size):
        hits[count, q] = chosen[q]
    hits[count, size] = names[i]
    hits[count, size + 1] = names[j]
    hits[count, size + 2] = names[k]
    covered = 0
    for q in range(size + 3):
        covered |= bits[hits[count, q]]
    g_j, g_k = gram[i, j] / square[i], gram[i, k] / square[i]
    g = gram[j, k] - gram[i, j] * g_k
    d_j = square[j] - gram[i, j] * g_j
    d_k = square[k] - gram[i, k] * g_k - g * g / d_j
    if d_j <= least or d_k <= least or covered & required != required:
        return False
    b_j = b[j] - g_j * b[i]
    b_k = b[k] - g_k * b[i] - g * b_j / d_j
    r2 += b[i] * b[i] / square[i] + b_j * b_j / d_j + b_k * b_k / d_k
    enough: bool = r2 >= level
    return enough
