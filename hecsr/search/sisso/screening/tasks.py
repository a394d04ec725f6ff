"""Score tiles for several tasks at once: the mean of their squared correlations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from hecsr.formula.expression import Array
    from hecsr.search.sisso.building.weighting import Weighting
    from hecsr.search.sisso.screening.goals import Aim, Rounding
    from hecsr.search.sisso.screening.layout import Block
    from hecsr.search.sisso.screening.products import Factors
    from hecsr.search.sisso.screening.scans import Tile
    from hecsr.search.sisso.screening.sums import SumClass
    from hecsr.search.sisso.screening.tiles import Buffers, Hits, Scan

_LOST = 1e-6
"""Share that a mean of quotients may be too small by, near lost variances."""


class TaskTiles:
    """The tiles of one set of samples, sorted by task; float64 only."""

    def __init__(self, weighting: Weighting, rounding: Rounding) -> None:
        self.weighting = weighting
        self.rounding = rounding

    def products(
        self,
        aim: Aim,
        block: Block,
        factors: tuple[Factors, Factors],
        buffers: Buffers,
    ) -> Scan:
        """Return the scan of products."""
        from hecsr.search.sisso.screening.scans import add_shares

        slack = self.rounding.slack
        rows, row_squares = factors[0].block(block.rows, np.float64)
        columns, column_squares = factors[1].block(block.columns, np.float64)
        total = np.zeros(block.shape)
        variance = buffers.single(0, block)
        for task in self.weighting.tasks:
            share = self.weighting.share[task]
            weighted = self.weighting.rootshare[task] * aim.residual[task]
            square = buffers.dot(
                row_squares[:, task] * share,
                column_squares[:, task],
                buffers.tile(0, block),
            )
            square *= 1 - slack
            if self.weighting.centred:
                mean = buffers.dot(
                    rows[:, task] * share, columns[:, task], buffers.tile(1, block)
                )
                square -= mean * mean / share.sum()
            np.maximum(square, 0, out=variance, casting="same_kind")
            inner = buffers.dot(
                rows[:, task] * weighted, columns[:, task], buffers.tile(1, block)
            )
            add_shares(inner, variance, total)
        return self._above(total, block, buffers)

    def sums(
        self,
        inner: Tile,
        block: Block,
        members: SumClass,
        sign: int,
        buffers: Buffers,
    ) -> Scan:
        """Return the scan of sums (or differences); `inner` has one row per task."""
        from hecsr.search.sisso.screening.scans import add_sum_shares, spread_of_sums

        i, j = block.rows, block.columns
        total = np.zeros(block.shape)
        for t, task in enumerate(self.weighting.tasks):
            size = members.size[:, t]
            correlation = buffers.dot(
                members.standard[i, task],
                members.standard[j, task],
                buffers.tile(0, block),
            )
            rest = buffers.tile(1, block)
            slack = self.rounding.slack
            spread_of_sums(correlation, size[i], size[j], sign, slack, rest)
            add_sum_shares(inner[t, i], inner[t, j], sign, rest, total)
        return self._above(total, block, buffers)

    def every(self, block: Block, buffers: Buffers) -> Scan:
        """Return the scan that lists all pairs, for what only the recipe can tell."""
        return self._above(np.full(block.shape, np.inf), block, buffers)

    def _above(self, total: Array, block: Block, buffers: Buffers) -> Scan:
        from hecsr.search.sisso.screening.scans import list_above

        tasks = len(self.weighting.tasks)

        def scan(threshold: float) -> Hits:
            least = self.rounding.least(threshold) * tasks * (1 - _LOST)
            pairs = block.diagonal, buffers.left, buffers.right
            return buffers.hits(list_above(total, least, *pairs))

        return scan
