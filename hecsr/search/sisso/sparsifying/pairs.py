"""Compiled search of all pairs of one task, from a Gram matrix in single precision.

The test is that of :mod:`.minors`; what passes it with room for the
rounding of single precision is decided in double.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hecsr.search.sisso.screening.scans import fast
from hecsr.search.sisso.sparsifying.minors import ROWS, any_passes

if TYPE_CHECKING:
    from hecsr.formula.expression import Array
    from hecsr.search.sisso.sparsifying.minors import Limits
    from hecsr.search.sisso.sparsifying.refits import Positions

Singles = NDArray[np.float32]


@fast
def scan_pairs(
    rows: Array,
    square: Array,
    b: Array,
    names: Positions,
    bits: Positions,
    required: int,
    limits: Limits,
    terms: tuple[Singles, Singles, Singles],
    block: Singles,
    corner: tuple[int, int],
    state: Positions,
    hits: Positions,
    count: int,
) -> int:
    """List the pairs of a block of the Gram matrix that may reach the level.

    Where `hits` is full the search breaks off: `state` says at which row to go on,
    or is the number of rows. Returns how many pairs are listed.

    Parameters
    ----------
    terms
        Products with the target over the level, those products, and what they leave
        of the squared norms.
    block
        Part of the Gram matrix, from the row and the column of `corner` on; products
        that do not lie behind the diagonal are overwritten.
    """
    m, u, e = terms
    level, least = limits
    top, left = corner
    height, width = block.shape
    for j in range(max(top, left), top + height):
        for k in range(left, min(j + 1, left + width)):
            block[j - top, k - left] = np.nan
    end, stop = top + height, left + width
    begin = state[0]
    for j0 in range(begin, end, ROWS):
        j1 = min(j0 + ROWS, end)
        if not any_passes(block, top, left, j0, j1, stop, m, u, e):
            continue
        if count + ROWS * width > len(hits):
            state[0] = j0
            return count
        for j in range(j0, j1):
            for k in range(max(left, j + 1), stop):
                h = block[j - top, k - left] - m[j] * u[k]
                if not h * h >= e[j] * e[k]:
                    continue
                if (bits[names[j]] | bits[names[k]]) & required != required:
                    continue
                g = 0.0
                for s in range(rows.shape[1]):
                    g += rows[j, s] * rows[k, s]
                d = square[k] - g * g / square[j]
                c = b[k] - g * b[j] / square[j]
                if d > least and b[j] * b[j] / square[j] + c * c / d >= level:
                    hits[count, 0] = names[j]
                    hits[count, 1] = names[k]
                    count += 1
    state[0] = end
    return count
