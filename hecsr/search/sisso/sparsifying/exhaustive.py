"""Search of all tuples of a pool, from Gram matrices, by one or several threads.

What is claimed: the list holds the tuples of least loss, ties in the order of their
members, as :class:`.refits.BestList` ranks them, bit for bit
whatever the number of threads and the size of tiles. The compiled scans only leave
out tuples that cannot enter it. Rounding is allowed for by taking a little from every
squared norm and from the level: what the errors of the products can take from R^2
grows with the coefficients, squared, as does what that adds.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import comb
from typing import TYPE_CHECKING

import numpy as np

from hecsr.search.sisso.building.values import DEPENDENT

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from hecsr.formula.expression import Array
    from hecsr.search.sisso.sparsifying.refits import BestList, Data, Positions
    from hecsr.search.sisso.sparsifying.workers import Worker

TILE = 128, 512
"""Rows and columns that are scanned together, of triples."""
BLOCK = 256, 512
"""Rows and columns of the Gram matrix that are made and scanned together, of pairs."""
_ALONE = 1_000_000
"""One thread searches fewer tuples than this in less time than others take to start."""


@dataclass(frozen=True)
class Remaining:
    """What is left of the rows behind some members once these are eliminated.

    Attributes
    ----------
    gram, square, b
        Products with each other, squared norms, and products with the target; the
        first axis is the task. For pairs no Gram matrix is held.
    names
        Positions in the pool.
    last_lead
        Before which position here a tuple must go on.
    chosen, won
        The members eliminated, and their R^2.
    """

    gram: Array
    square: Array
    b: Array
    names: Positions
    last_lead: int
    chosen: Positions
    won: float


class Exhaustive:
    """All tuples of `size` >= 2 rows that between them hold the required bits.

    Parameters
    ----------
    bits
        Which required descriptors each row contains.
    best
        Some good tuples to begin with; becomes the list of the best of all.
    """

    def __init__(
        self, data: Data, bits: Positions, required: int, size: int, best: BestList
    ) -> None:
        rows, target, _, bounds = data
        self.data = data
        self.bits = bits
        self.required = required
        self.size = size
        self.best = best
        self.tile = BLOCK if size == 2 else TILE
        # the R^2 to be reached so far, shared by the threads; one that another thread
        # has overtaken is only less strict
        self.level = best.level
        # those first of which every tuple needs one
        leading = rarest(bits, required)
        names = np.argsort(~leading, kind="stable")
        self.rows = rows[names] if required else rows
        ends = bounds.tolist()
        self.parts = [slice(a, b) for a, b in pairwise(ends)]
        self.slack = self.rounding(np.float64)
        self.least = max(DEPENDENT / size - 2 * self.slack, 0.0)
        parts = [self.rows[:, p] for p in self.parts]
        norm = np.array([np.einsum("ij,ij->i", x, x) for x in parts])
        # a row that is zero within one of several tasks does no harm there
        zero = 0.0 if len(self.parts) == 1 else 1.0
        self.whole = Remaining(
            gram=self._gram(),
            square=np.where(norm > 0.5, 1.0, zero) - self.slack,
            b=np.array([x @ target[p] for x, p in zip(parts, self.parts, strict=True)]),
            names=names,
            last_lead=int(leading.sum()),
            chosen=np.empty(0, np.int64),
            won=0.0,
        )

    @cached_property
    def singles(self) -> NDArray[np.float32]:
        """The rows in single precision."""
        return self.rows.astype(np.float32)

    def rounding(self, kind: type[np.floating]) -> float:
        """Bound the error that products in this precision bring to a tuple.

        A sum of n products errs by a few sqrt(n) roundings with all but certainty:
        Higham, Mary, SIAM J. Sci. Comput. 41, A2815 (2019), 10.1137/18M1226312.
        """
        n = self.rows.shape[1]
        return float(2 * self.size * np.finfo(kind).eps * (16 + min(n, 8 * n**0.5)))

    def search(self, threads: int) -> BestList:
        """Return the best of all tuples."""
        from hecsr.search.sisso.sparsifying.workers import (
            PairWorker,
            PooledWorker,
            TripleWorker,
        )

        kind: type[Worker] = PooledWorker
        if len(self.parts) == 1:
            kind = PairWorker if self.size == 2 else TripleWorker
        queue = deque(self._jobs())

        def work() -> BestList:
            worker = kind(self)
            while True:
                try:
                    job = queue.popleft()
                except IndexError:
                    return worker.finish()
                worker.run(*job)

        alone = threads == 1 or comb(len(self.rows), self.size) < _ALONE
        lists = [work()] if alone else in_threads(work, threads, queue)
        for one in lists:
            self.best.join(one)
        return self.best

    def _jobs(self) -> list[tuple[int, ...]]:
        """Split the work; large parts come first."""
        n, last = len(self.rows), self.whole.last_lead
        if self.size > 3:
            return [(i,) for i in range(min(last, n - self.size + 1))]
        height, width = self.tile
        tops = range(0, n, height)
        if self.size == 3:
            by_work = sorted(tops, key=lambda top: -min(top + height, last) * (n - top))
            return [(top,) for top in by_work]
        return [
            (top, left) for top in tops if top < last for left in range(top, n, width)
        ]

    def _gram(self) -> Array:
        n = len(self.rows) if self.size > 2 else 0
        gram = np.empty((len(self.parts), n, n))
        for out, part in zip(gram, self.parts, strict=True):
            np.dot(self.rows[:n, part], self.rows[:n, part].T, out=out)
        return gram


def in_threads(
    work: Callable[[], BestList], threads: int, queue: deque[tuple[int, ...]]
) -> list[BestList]:
    """Run the work that threads take from a queue; an interrupt empties it.

    joblib's threads take 30 ms to start and to stop, these 1 ms.
    """
    with ThreadPoolExecutor(threads) as pool:
        futures = [pool.submit(work) for _ in range(threads)]
        try:
            return [future.result() for future in futures]
        finally:
            queue.clear()


def rarest(bits: Positions, required: int) -> NDArray[np.bool_]:
    """Return which rows contain the required descriptor that fewest contain."""
    wanted = [1 << k for k in range(required.bit_length()) if required >> k & 1]
    have = [bits & bit != 0 for bit in wanted]
    return min(have, key=np.sum, default=np.ones(len(bits), dtype=np.bool_))
