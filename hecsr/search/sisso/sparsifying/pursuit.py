"""Greedy choice of features: orthogonal matching pursuit, and a beam of such paths."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from hecsr.search.sisso.building.values import DEPENDENT
from hecsr.search.sisso.sparsifying.refits import BestList, fit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hecsr.formula.expression import Array
    from hecsr.search.sisso.sparsifying.refits import Data, Positions
    from hecsr.search.sisso.sparsifying.sparsify import Pool

_BEAM = 5
"""Tuples extended at each step of a beam, times the features wanted; wider beams
raised the first threshold little."""
_NEAR = 1e-9
"""Gains this close are told apart by exact fits."""


def pursuit_tuples(pool: Pool, y: Array, size: int, keep: int) -> Positions:
    """Return tuples found by orthogonal matching pursuit, best first.

    Each step adds the feature of largest partial R^2 given those chosen; the last
    one returns the best `keep` of its choices. Features are orthogonalised to those
    chosen before they are compared, which the plain pursuit (Pati, Rezaiifar,
    Krishnaprasad, Asilomar 27, 40 (1993), 10.1109/ACSSC.1993.342465) does not:
    Chen, Billings, Luo, Int. J. Control 50, 1873 (1989), 10.1080/00207178908953472.
    """
    data = pool.data(y)
    found = np.empty((1, 0), np.int64)
    for slots in range(size, 0, -1):
        if data is None or not len(found):
            return np.empty((0, size), np.int64)
        found = extended(pool, data, found, slots, keep if slots == 1 else 1).tuples
    return found


def beam(pool: Pool, data: Data, size: int, keep: int) -> BestList:
    """Return good tuples, so that a search of all begins with a high threshold."""
    found = np.empty((1, 0), np.int64)
    for slots in range(size, 1, -1):
        found = extended(pool, data, found, slots, _BEAM * size).tuples
        if not len(found):
            return BestList(data, size, keep)
    return extended(pool, data, found, 1, keep)


def extended(
    pool: Pool, data: Data, tuples: Positions, slots: int, keep: int
) -> BestList:
    """Return the best tuples with one more feature, which fills one of the slots.

    The required bits must still find room in the other ones.
    """
    gain = extension_gains(data, tuples)
    if pool.required:
        gain[~completable(pool, tuples, slots - 1)] = -np.inf
    count, size = len(tuples), tuples.shape[1] + 1
    best = BestList(data, size, keep)
    # the same tuple may come from each of its parts
    wanted = keep * min(count, size)
    while True:
        wanted = min(wanted, gain.size)
        cut = np.partition(gain.ravel(), gain.size - wanted)[gain.size - wanted]
        which, feature = np.nonzero((gain >= cut - _NEAR) & (gain > -np.inf))
        best.offer(np.column_stack([tuples[which], feature]))
        if len(best.tuples) == keep or wanted == gain.size:
            return best
        wanted *= 4


def extension_gains(data: Data, tuples: Positions) -> Array:
    """Return the R^2 of each tuple with each row; -inf where dependent."""
    rows, _, share, bounds = data
    count, size = tuples.shape
    loss, basis, _, residual = fit(data, tuples)
    total = np.repeat(1.0 - loss[:, None], len(rows), axis=1)
    for t in range(len(share)):
        part = slice(bounds[t], bounds[t + 1])
        x = rows[:, part]
        norm = np.einsum("ij,ij->i", x, x)
        along = basis[:, :, part].reshape(count * size, x.shape[1]) @ x.T
        rest = norm - np.square(along).reshape(count, size, len(x)).sum(axis=1)
        gain = np.square(residual[:, part] @ x.T) * share[t]
        free = rest > DEPENDENT
        total += np.divide(gain, rest, out=np.zeros_like(gain), where=free)
        total[~free & (norm > 0)] = -np.inf
    return total


def completable(pool: Pool, tuples: Positions, slots: int) -> NDArray[np.bool_]:
    """Return whether each tuple with each row can come to hold all required bits."""
    held = np.bitwise_or.reduce(pool.bits[tuples], axis=1) & pool.required
    patterns, pattern = np.unique(pool.bits & pool.required, return_inverse=True)
    kinds = tuple(int(k) for k in patterns if k)
    missing = pool.required & ~(held[:, None] | patterns)
    fits = [[needed(kinds, int(m)) <= slots for m in row] for row in missing]
    return np.array(fits)[:, pattern]


@lru_cache(maxsize=4096)
def needed(kinds: tuple[int, ...], missing: int) -> float:
    """Return how few features of these bits may hold all missing ones."""
    if missing == 0:
        return 0
    bit = missing & -missing
    return min(
        (1 + needed(kinds, missing & ~k) for k in kinds if k & bit), default=np.inf
    )
