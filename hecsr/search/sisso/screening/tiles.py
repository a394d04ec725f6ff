"""Score one tile of pairs: matrix products into buffers, then a compiled scan.

A scan lists the pairs that may reach the threshold of a goal; what it lists is
decided elsewhere, from the recipes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from hecsr.search.sisso.building.weighting import Weighting
    from hecsr.search.sisso.screening.goals import Aim, Rounding
    from hecsr.search.sisso.screening.layout import Block
    from hecsr.search.sisso.screening.products import Factors
    from hecsr.search.sisso.screening.scans import Single, Tile
    from hecsr.search.sisso.screening.sums import SumClass
    from hecsr.search.sisso.screening.work import Work

Number = TypeVar("Number", bound=np.floating[Any])
Hits = tuple[NDArray[np.int32], NDArray[np.int32]]
Scan = Callable[[float], Hits]
"""Lists the pairs of a tile that may reach a threshold, in views of the buffers."""


class Buffers:
    """Work space of one thread."""

    def __init__(self, size: int, kind: type[np.float64 | np.float32]) -> None:
        self._size = size
        self._double: Buffers | None = None
        self._tiles: Tile = np.empty((3, size), kind)
        self._single: Single = np.empty((2, size), np.float32)
        self.left = np.empty(size, np.int32)
        self.right = np.empty(size, np.int32)
        self.flops = self.scanned = self.exact = 0

    def in_double(self) -> Buffers:
        """Return work space for what float32 does not tell apart."""
        if self._double is None:
            self._double = Buffers(self._size, np.float64)
        return self._double

    def count_into(self, work: Work) -> None:
        """Add what was counted, and start anew."""
        for buffers in (self, self._double):
            if buffers is not None:
                work.flops += buffers.flops
                work.scanned += buffers.scanned
                work.exact += buffers.exact
                buffers.flops = buffers.scanned = buffers.exact = 0

    def tile(self, which: int, block: Block) -> Tile:
        """Return one of three tiles of the shape of a block."""
        return _shaped(self._tiles[which], block)

    def single(self, which: int, block: Block) -> Single:
        """Return one of two float32 tiles of the shape of a block."""
        return _shaped(self._single[which], block)

    def dot(self, rows: Tile, columns: Tile, out: Tile) -> Tile:
        """Write the products of rows with rows."""
        np.dot(rows, columns.T, out=out)
        self.flops += 2 * out.size * rows.shape[1]
        return out

    def hits(self, count: int) -> Hits:
        """Return the pairs that a scan listed; the next one overwrites them."""
        return self.left[:count], self.right[:count]


class Variances:
    """Variances of tiles, kept from one screening to the next within a limit.

    They do not depend on what is screened for.
    """

    def __init__(self, limit: int) -> None:
        self._room = limit
        self._known: dict[tuple[str, int, int], Single] = {}
        self._lock = Lock()

    def get(self, kind: str, block: Block) -> Single | None:
        """Return what is known of a tile."""
        return self._known.get((kind, block.rows.start, block.columns.start))

    def keep(self, kind: str, block: Block, tile: Tile) -> None:
        """Keep a copy, if there is room."""
        with self._lock:
            if self._room < 4 * tile.size:
                return
            self._room -= 4 * tile.size
        key = kind, block.rows.start, block.columns.start
        self._known[key] = tile.astype(np.float32)

    def close(self) -> None:
        """Forget all and keep no more."""
        self._known.clear()
        self._room = 0


@dataclass(frozen=True)
class Joint:
    """Means and standard deviations of factors that are also one class of sums.

    The mean of a product then follows from the correlation of its factors.
    """

    mean: Tile
    sd: Tile


class Tiles:
    """The tiles of one set of samples."""

    def __init__(
        self, weighting: Weighting, rounding: Rounding, variances: Variances
    ) -> None:
        self.weighting = weighting
        self.rounding = rounding
        self.variances = variances
        self._root: Tile = weighting.rootshare.astype(rounding.kind)
        self._share: Tile = weighting.share.astype(rounding.kind)

    def product_variance(
        self,
        name: str,
        block: Block,
        factors: tuple[Factors, Factors],
        buffers: Buffers,
        correlation: tuple[Tile, Joint] | None = None,
    ) -> Single:
        """Return lower bounds of the variances of products, in ``single(0)``."""
        from hecsr.search.sisso.screening.scans import FLOOR, spread, spread_of_products

        known = self.variances.get(name, block)
        if known is not None:
            return known
        kind, slack = self.rounding.kind, self.rounding.slack
        rows, row_squares = factors[0].block(block.rows, kind)
        columns, column_squares = factors[1].block(block.columns, kind)
        out = buffers.single(0, block)
        square = buffers.dot(
            row_squares * self._share, column_squares, buffers.tile(1, block)
        )
        if not self.weighting.centred:
            np.multiply(square, (1 - slack) * FLOOR, out=out, casting="same_kind")
        elif correlation is not None:
            c, joint = correlation
            i, j = block.rows, block.columns
            ends = joint.mean[i], joint.mean[j], joint.sd[i], joint.sd[j]
            spread_of_products(square, c, *ends, slack, out)
        else:
            mean = buffers.dot(rows * self._share, columns, buffers.tile(2, block))
            spread(square, mean, slack, out)
        self.variances.keep(name, block, out)
        return out

    def products(
        self,
        aim: Aim,
        block: Block,
        factors: tuple[Factors, Factors],
        variance: Single,
        buffers: Buffers,
    ) -> Scan:
        """Return the scan of products."""
        from hecsr.search.sisso.screening.scans import scan_products, subtract_squares

        kind = self.rounding.kind
        rows, _ = factors[0].block(block.rows, kind)
        columns, _ = factors[1].block(block.columns, kind)
        rest = variance
        inner = buffers.tile(1, block)
        if len(aim.basis):
            rest = buffers.single(1, block)
            rest[:] = variance
            for direction in aim.basis.astype(kind):
                buffers.dot(rows * (self._root * direction), columns, inner)
                subtract_squares(inner, rest)
        weighted: Tile = self._root * aim.residual.astype(kind)
        buffers.dot(rows * weighted, columns, inner)
        diagonal, left, right = block.diagonal, buffers.left, buffers.right

        def scan(threshold: float) -> Hits:
            least = self.rounding.least(threshold)
            return buffers.hits(
                scan_products(inner, rest, least, diagonal, left, right)
            )

        return scan

    def correlation(self, block: Block, members: SumClass, buffers: Buffers) -> Tile:
        """Return the correlations of the features of a class, in ``tile(0)``."""
        rows = members.standard[block.rows]
        columns = members.standard[block.columns]
        return buffers.dot(rows, columns, buffers.tile(0, block))

    def sums(
        self,
        inner: Tile,
        block: Block,
        size: Tile,
        correlation: Tile,
        sign: int,
        buffers: Buffers,
    ) -> Scan:
        """Return the scan of sums (or differences).

        `inner` holds the products of the class's features with the residual, and
        below it those with each direction of a basis.
        """
        from hecsr.search.sisso.screening.scans import (
            scan_sum_rest,
            scan_sums,
            spread_of_sums,
            subtract_sum_squares,
        )

        i, j = block.rows, block.columns
        slack = self.rounding.slack
        rows, columns = inner[0, i], inner[0, j]
        row_size, column_size = size[i], size[j]
        diagonal, left, right = block.diagonal, buffers.left, buffers.right
        rest = buffers.tile(2, block)
        if len(inner) > 1:
            spread_of_sums(correlation, row_size, column_size, sign, slack, rest)
            for part in inner[1:]:
                subtract_sum_squares(part[i], part[j], sign, rest)

        def scan(threshold: float) -> Hits:
            least = self.rounding.least(threshold)
            if len(inner) > 1:
                count = scan_sum_rest(
                    rows, columns, sign, rest, least, diagonal, left, right
                )
            else:
                count = scan_sums(
                    correlation,
                    rows,
                    columns,
                    row_size,
                    column_size,
                    sign,
                    least,
                    slack,
                    diagonal,
                    left,
                    right,
                )
            return buffers.hits(count)

        return scan

    def differences(
        self,
        aim: Aim,
        block: Block,
        rows: tuple[Tile, Tile],
        columns: tuple[Tile, Tile],
        buffers: Buffers,
    ) -> Scan:
        """Return the scan of absolute differences.

        `rows` and `columns` are those of the block: features times the root weights,
        and their mean squares.
        """
        from hecsr.search.sisso.screening.scans import (
            scan_differences,
            scan_differences_outside,
        )

        rounding, centred = self.rounding, self.weighting.centred
        diagonal, left, right = block.diagonal, buffers.left, buffers.right
        residual: Tile = aim.residual.astype(rounding.kind)

        def scan(threshold: float) -> Hits:
            least, slack = rounding.least(threshold), rounding.slack
            if len(aim.basis):
                count = scan_differences_outside(
                    rows[0].astype(np.float64),
                    columns[0].astype(np.float64),
                    self.weighting.rootshare,
                    aim.residual,
                    aim.basis,
                    centred,
                    least,
                    slack,
                    diagonal,
                    left,
                    right,
                )
            else:
                count = scan_differences(
                    rows[0],
                    columns[0],
                    rows[1],
                    columns[1],
                    self._root,
                    residual,
                    centred,
                    least,
                    slack,
                    diagonal,
                    left,
                    right,
                )
            return buffers.hits(count)

        return scan


def _shaped(buffer: NDArray[Number], block: Block) -> NDArray[Number]:
    m, q = block.shape
    return buffer[: m * q].reshape(m, q)
