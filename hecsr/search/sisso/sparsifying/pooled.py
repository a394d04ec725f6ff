"""Compiled search of all pairs or triples over several tasks, from Gram matrices.

Tasks share the features of a model and have coefficients of their own, so that the
R^2 of a tuple is a weighted sum of one closed form per task; a triple is a pair after
its first feature is eliminated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hecsr.search.sisso.screening.scans import fast

if TYPE_CHECKING:
    from hecsr.formula.expression import Array
    from hecsr.search.sisso.sparsifying.minors import Before, Features, Limits
    from hecsr.search.sisso.sparsifying.refits import Positions


@fast
def scan_pooled(
    features: Features,
    share: Array,
    before: Before,
    limits: Limits,
    corner: tuple[int, int],
    area: tuple[int, int, int, int],
    width: int,
    state: Positions,
    hits: Positions,
    count: int,
) -> int:
    """List the tuples that may reach the level; return how many are listed.

    Where `hits` is full the search breaks off: `state` says at which column, first
    feature (-1 for pairs, which have none) and row to go on, and that all is done by
    a column beyond the last.

    Parameters
    ----------
    features
        As for :func:`.minors.scan_triples`, with one more axis, the
        first, for the task; the Gram matrices may be a part, which begins at the row
        and the column of `corner`.
    share
        Share of each task in the target's sum of squares.
    area
        Rows from ... to ..., columns from ... to ... of what is searched.
    """
    gram, square, b, names, bits, required = features
    chosen, won, last_lead = before
    level, least = limits
    top, bottom, _, right = area
    tasks = len(share)
    size = hits.shape[1]
    begin, i_first, j_first = state[0], state[1], state[2]
    pairs = i_first < 0
    i_last = 0 if pairs else min(bottom - 1, last_lead)
    end = min(bottom, last_lead) if pairs else bottom
    rows = np.empty((tasks, 3, bottom - top))
    columns = np.empty((tasks, 3, width))
    r2 = np.empty(width)
    for kb in range(begin, right, width):
        ke = min(kb + width, right)
        for i in range(i_first, i_last):
            if not eliminate_lead(gram, square, b, i, top, bottom, least, rows):
                continue
            eliminate_lead(gram, square, b, i, kb, ke, least, columns)
            lead = won
            if i >= 0:
                for t in range(tasks):
                    lead += share[t] * b[t, i] ** 2 / square[t, i]
            for j in range(max(j_first, i + 1), end):
                k0 = max(kb, j + 1)
                if k0 >= ke:
                    continue
                total = r2[: ke - k0]
                for k in range(len(total)):
                    total[k] = lead
                for t in range(tasks):
                    add_pairs(
                        gram[t, j - corner[0], k0 - corner[1] : ke - corner[1]],
                        rows[t, :, j - top],
                        columns[t, 0, k0 - kb : ke - kb],
                        columns[t, 1, k0 - kb : ke - kb],
                        columns[t, 2, k0 - kb : ke - kb],
                        share[t],
                        least,
                        total,
                    )
                passes = False
                for k in range(len(total)):
                    passes |= total[k] >= level
                if not passes:
                    continue
                if count + len(total) > len(hits):
                    state[0], state[1], state[2] = kb, i, j
                    return count
                for k in range(len(total)):
                    if not total[k] >= level:
                        continue
                    for q in range(len(chosen)):
                        hits[count, q] = chosen[q]
                    if i >= 0:
                        hits[count, size - 3] = names[i]
                    hits[count, size - 2] = names[j]
                    hits[count, size - 1] = names[k0 + k]
                    covered = 0
                    for q in range(size):
                        covered |= bits[hits[count, q]]
                    if covered & required == required:
                        count += 1
            j_first = top
        i_first = -1 if pairs else 0
    state[0] = right
    return count


@fast
def eliminate_lead(
    gram: Array,
    square: Array,
    b: Array,
    i: int,
    start: int,
    stop: int,
    least: float,
    out: Array,
) -> bool:
    """Write the products with the first feature, and norms and covariances left.

    Norms are NaN, which reaches no level, for features that depend on it; returns
    False if the first feature itself depends on those before.
    """
    for t in range(len(square)):
        u, d, c = out[t, 0], out[t, 1], out[t, 2]
        if i >= 0 and square[t, i] <= least:
            return False
        g = square[t, start:stop] if i < 0 else gram[t, i, start:stop]
        scale = 0.0 if i < 0 else 1.0 / np.sqrt(square[t, i])
        along = 0.0 if i < 0 else b[t, i] * scale
        for s in range(len(g)):
            u[s] = g[s] * scale
            rest = square[t, start + s] - u[s] * u[s]
            d[s] = rest if rest > least else np.nan
            c[s] = b[t, start + s] - u[s] * along
    return True


@fast
def add_pairs(
    gram: Array,
    row: Array,
    uk: Array,
    dk: Array,
    ck: Array,
    share: float,
    least: float,
    total: Array,
) -> None:
    """Add what pairs of one feature with others explain of one task."""
    u, d, c = row[0], row[1], row[2]
    inverse = 1.0 / d
    alone = share * c * c * inverse
    for k in range(len(total)):
        g = gram[k] - u * uk[k]
        along = g * inverse
        rest = dk[k] - g * along
        cov = ck[k] - c * along
        gain = share * cov * cov / rest
        total[k] += alone + (gain if rest > least else np.nan)


@fast
def eliminate(
    gram: Array,
    square: Array,
    b: Array,
    i: int,
    least: float,
    gram_left: Array,
    square_left: Array,
    b_left: Array,
) -> bool:
    """Write what is left of the features after one when that is eliminated.

    Below the diagonal nothing is written. Returns False if the feature depends on
    those eliminated before.
    """
    for t in range(len(square)):
        if square[t, i] <= least:
            return False
        g = gram[t, i]
        for j in range(i + 1, len(g)):
            along = g[j] / square[t, i]
            square_left[t, j - i - 1] = square[t, j] - along * g[j]
            b_left[t, j - i - 1] = b[t, j] - along * b[t, i]
            source = gram[t, j, j + 1 :]
            lead = g[j + 1 :]
            out = gram_left[t, j - i - 1, j - i :]
            for k in range(len(source)):
                out[k] = source[k] - along * lead[k]
    return True
