"""What a thread does of an exhaustive search: scans of blocks, and its own list."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

import numpy as np

from hecsr.search.sisso.sparsifying.exhaustive import Exhaustive, Remaining
from hecsr.search.sisso.sparsifying.minors import LANES, ROWS
from hecsr.search.sisso.sparsifying.refits import BestList

if TYPE_CHECKING:
    from hecsr.formula.expression import Array
    from hecsr.search.sisso.sparsifying.pairs import Singles

_HITS, _SETTLED = 16384, 64
"""Most tuples reported before they are fitted, and how many wait for more."""


class Worker(ABC):
    """One thread's share."""

    def __init__(self, problem: Exhaustive) -> None:
        self.problem = problem
        self.best = BestList(problem.data, problem.size, problem.best.keep)
        self.best.join(problem.best)
        room = max(_HITS, ROWS * (problem.tile[1] + LANES))
        self.hits = np.empty((room, problem.size), np.int64)
        self.count = 0

    @abstractmethod
    def run(self, *job: int) -> None:
        """Search one part."""

    def settle(self, waiting: int = 0) -> None:
        """Fit the tuples that the scans reported, if there are more than `waiting`."""
        if self.count <= waiting:
            return
        self.best.offer(self.hits[: self.count])
        self.count = 0
        self.problem.level = max(self.problem.level, self.best.level)

    def finish(self) -> BestList:
        """Return the list once there is no more to do."""
        self.settle()
        return self.best


class PairWorker(Worker):
    """Pairs of one task, in blocks of the Gram matrix made for the purpose."""

    def __init__(self, problem: Exhaustive) -> None:
        super().__init__(problem)
        cells = problem.tile[0] * problem.tile[1]
        # the scan may look at a vector behind the last number
        self.room = np.empty(cells + LANES, np.float32)
        self.reached = problem.level
        self.terms = self._terms()

    def run(self, *job: int) -> None:
        """Search the pairs of one block."""
        from hecsr.search.sisso.sparsifying.pairs import scan_pairs

        p, (top, left) = self.problem, job
        rows = p.singles
        bottom = min(top + p.tile[0], p.whole.last_lead)
        right = min(left + p.tile[1], len(rows))
        shape = bottom - top, right - left
        block = self.room[: shape[0] * shape[1]].reshape(shape)
        np.dot(rows[top:bottom], rows[left:right].T, out=block)
        state = np.array([top])
        while True:
            if p.level > self.reached:
                self.reached = p.level
                self.terms = self._terms()
            self.count = scan_pairs(
                p.rows,
                p.whole.square[0],
                p.whole.b[0],
                p.whole.names,
                p.bits,
                p.required,
                (self.reached - p.slack, p.least),
                self.terms,
                block,
                (top, left),
                state,
                self.hits,
                self.count,
            )
            if state[0] >= bottom:
                break
            self.settle()
        self.settle(_SETTLED)

    def _terms(self) -> tuple[Singles, Singles, Singles]:
        """Return what turns the Gram matrix into M, in single precision."""
        rounding = self.problem.rounding(np.float32)
        need = self.reached - rounding
        square, b = self.problem.whole.square[0], self.problem.whole.b[0]
        n = len(b)
        m, u, e = np.zeros((3, n + LANES), np.float32)
        e[n:] = np.inf
        u[:n] = b
        if need > rounding:
            m[:n] = b / need
            e[:n] = np.maximum(square - rounding - b * b / need, 0.0)
        e[:n][square <= self.problem.least] = np.inf
        return m, u, e


class TripleWorker(Worker):
    """Triples and longer tuples of one task."""

    def __init__(self, problem: Exhaustive) -> None:
        super().__init__(problem)
        tasks, n = problem.whole.square.shape
        height, width = problem.tile
        self.tile = np.empty(height * (width + LANES))
        self.room = [
            np.empty(tasks * (n - depth - 1) ** 2) for depth in range(problem.size - 3)
        ]

    def run(self, *job: int) -> None:
        """Search the triples of some rows, or all longer tuples that begin with one."""
        whole = self.problem.whole
        if self.problem.size == 3:
            self._triples(whole, job[0])
        else:
            self._begin(whole, job[0])

    def _begin(self, left: Remaining, i: int) -> None:
        """Search the tuples that go on with one row."""
        from hecsr.search.sisso.sparsifying.pooled import eliminate

        p = self.problem
        depth = len(left.chosen)
        tasks, n = left.square.shape
        n -= i + 1
        gram = self.room[depth][: tasks * n * n].reshape(tasks, n, n)
        square, b = np.empty((2, tasks, n))
        if not eliminate(left.gram, left.square, left.b, i, p.least, gram, square, b):
            return
        won = left.won
        for t, share in enumerate(p.data[2]):
            won += float(share * left.b[t, i] ** 2 / left.square[t, i])
        chosen = np.empty(depth + 1, np.int64)
        chosen[:depth] = left.chosen
        chosen[depth] = left.names[i]
        rest = Remaining(gram, square, b, left.names[i + 1 :], n, chosen, won)
        wanted = p.size - depth - 1
        if wanted == 3:
            for top in range(0, n, p.tile[0]):
                self._triples(rest, top)
        else:
            for k in range(n - wanted + 1):
                self._begin(rest, k)

    def _triples(self, left: Remaining, top: int) -> None:
        """Search the triples of which the second is one of some rows."""
        from hecsr.search.sisso.sparsifying.minors import scan_triples

        p, n = self.problem, len(left.names)
        height = min(p.tile[0], n - top)
        width = min(p.tile[1], n - top)
        width += -width % LANES
        gram, square, b = left.gram[0], left.square[0], left.b[0]
        features = gram, square, b, left.names, p.bits, p.required
        state = np.array([top, 0, top])
        while True:
            self.count = scan_triples(
                features,
                (left.chosen, left.won, left.last_lead),
                (p.level - p.slack, p.least),
                self.tile[: height * width].reshape(height, width),
                state,
                top,
                self.hits,
                self.count,
            )
            if state[0] >= n:
                break
            self.settle()
        self.settle(_SETTLED)


class PooledWorker(TripleWorker):
    """Pairs, triples and longer tuples of several tasks."""

    def run(self, *job: int) -> None:
        """Search a block of pairs, or as for one task."""
        p = self.problem
        if p.size > 2:
            super().run(*job)
            return
        top, left = job
        n = len(p.rows)
        bottom, right = min(top + p.tile[0], n), min(left + p.tile[1], n)
        gram = np.empty((len(p.parts), bottom - top, right - left))
        for out, part in zip(gram, p.parts, strict=True):
            np.dot(p.rows[top:bottom, part], p.rows[left:right, part].T, out=out)
        self._scan(p.whole, gram, (top, left), (top, bottom, left, right))

    def _triples(self, left: Remaining, top: int) -> None:
        p, n = self.problem, len(left.names)
        area = top, min(top + p.tile[0], n), top, n
        self._scan(left, left.gram, (0, 0), area)

    def _scan(
        self,
        left: Remaining,
        gram: Array,
        corner: tuple[int, int],
        area: tuple[int, int, int, int],
    ) -> None:
        from hecsr.search.sisso.sparsifying.pooled import scan_pooled

        p = self.problem
        state = np.array([area[2], -1 if p.size == 2 else 0, area[0]])
        while True:
            self.count = scan_pooled(
                (gram, left.square, left.b, left.names, p.bits, p.required),
                p.data[2],
                (left.chosen, left.won, left.last_lead),
                (p.level - p.slack, p.least),
                corner,
                area,
                p.tile[1],
                state,
                self.hits,
                self.count,
            )
            if state[0] >= area[3]:
                break
            self.settle()
        self.settle(_SETTLED)
