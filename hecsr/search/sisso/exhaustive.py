"""Compiled exhaustive searches of pairs and triples from a Gram matrix.

For standardised features with Gram matrix G and correlations b with the target, the
R^2 of a pair is (b1^2 + b2^2 - 2 b1 b2 g) / (1 - g^2). A triple is a pair after the
first feature is eliminated. Tuples are compared without a division.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hecsr.search.sisso.scans import fast

if TYPE_CHECKING:
    from hecsr.formula.expression import Array

Tuples = NDArray[np.int32]


@fast
def best_pairs(G: Array, b: Array, gap: float, best: Array, found: Tuples) -> None:
    """Fill `best` (descending R^2) and `found` with the best pairs."""
    n = len(b)
    keep = len(best)
    least = best[keep - 1]
    for i in range(n - 1):
        bi = b[i]
        j = i + 1
        while j < n:
            end = min(j + 128, n)
            g_row = G[i, j:end]
            b_row = b[j:end]
            hits = 0.0
            for t in range(len(g_row)):
                g = g_row[t]
                v = bi * bi + b_row[t] * b_row[t] - 2.0 * bi * b_row[t] * g
                v -= least * (1.0 - g * g)
                hits += 1.0 if v > 0.0 else 0.0
            if hits > 0.0:
                for t in range(j, end):
                    g = G[i, t]
                    rest = 1.0 - g * g
                    if rest > gap:
                        r2 = (bi * bi + b[t] * b[t] - 2.0 * bi * b[t] * g) / rest
                        if r2 > least:
                            p = keep - 1
                            while p > 0 and best[p - 1] < r2:
                                best[p] = best[p - 1]
                                found[p] = found[p - 1]
                                p -= 1
                            best[p] = r2
                            found[p, 0] = i
                            found[p, 1] = t
                            least = best[keep - 1]
            j = end


@fast
def best_triples(
    G: Array, b: Array, gap: float, best: Array, found: Tuples, tile: int
) -> None:
    """Fill `best` (descending R^2) and `found` with the best triples.

    A tile of G stays in the cache while the first feature runs over all before it.
    With the first one eliminated, u is its product with the others, d what is left
    of their norm, c of their covariance with the target, and q = c^2 - T d, where T
    is what the other two must add to be listed.
    """
    n = len(b)
    keep = len(best)
    least = best[keep - 1]
    u = np.empty(n)
    c = np.empty(n)
    d = np.empty(n)
    q = np.empty(n)
    for jb in range(0, n, tile):
        je = min(jb + tile, n)
        for kb in range(jb, n, tile):
            ke = min(kb + tile, n)
            for i in range(je - 1):
                bi = b[i]
                need = least - bi * bi
                for part in range(2):
                    if part == 1 and kb == jb:
                        break
                    start = jb if part == 0 else kb
                    stop = je if part == 0 else ke
                    for t in range(start, stop):
                        g = G[i, t]
                        rest = 1.0 - g * g
                        apart = 1.0 if rest > gap else 0.0
                        cov = (b[t] - g * bi) * apart
                        u[t] = g * apart
                        d[t] = rest * apart
                        c[t] = cov
                        q[t] = cov * cov - need * rest * apart
                for j in range(max(jb, i + 1), je):
                    dj = d[j]
                    if dj == 0.0:
                        continue
                    cj = c[j]
                    uj = u[j]
                    square = cj * cj
                    first = max(kb, j + 1)
                    g_row = G[j, first:ke]
                    uk = u[first:ke]
                    dk = d[first:ke]
                    qk = q[first:ke]
                    ck = c[first:ke]
                    hits = 0.0
                    for k in range(len(g_row)):
                        g = g_row[k] - uj * uk[k]
                        v = square * dk[k] + dj * qk[k]
                        v += g * (need * g - 2.0 * cj * ck[k])
                        hits += 1.0 if v > 0.0 else 0.0
                    if hits == 0.0:
                        continue
                    for k in range(first, ke):
                        g = G[j, k] - uj * u[k]
                        rest = dj * d[k] - g * g
                        if rest <= gap * dj * d[k] or d[k] == 0.0:
                            continue
                        r2 = bi * bi
                        r2 += (
                            square * d[k] + dj * c[k] * c[k] - 2.0 * cj * c[k] * g
                        ) / rest
                        if r2 > least:
                            p = keep - 1
                            while p > 0 and best[p - 1] < r2:
                                best[p] = best[p - 1]
                                found[p] = found[p - 1]
                                p -= 1
                            best[p] = r2
                            found[p, 0] = i
                            found[p, 1] = j
                            found[p, 2] = k
                            if best[keep - 1] > least:
                                rise = best[keep - 1] - least
                                least = best[keep - 1]
                                need = least - bi * bi
                                for t in range(jb, je):
                                    q[t] -= rise * d[t]
                                if kb != jb:
                                    for t in range(kb, ke):
                                        q[t] -= rise * d[t]
