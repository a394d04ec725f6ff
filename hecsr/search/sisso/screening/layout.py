"""How stored features are ordered for the scans, and the tiles of pairs."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from hecsr.search.sisso.building.features import Features

_WHOLE = -(2**30)
"""Diagonal offset of a tile whose every pair counts."""


@dataclass(frozen=True, slots=True)
class Level:
    """Rows next to each other of equal complexity, all of the newest rung or none."""

    start: int
    stop: int
    new: bool
    complexity: int


@dataclass(frozen=True, slots=True)
class Block:
    """A tile of pairs; column t of row a counts if ``t > a + diagonal``."""

    rows: slice
    columns: slice
    diagonal: int

    @property
    def shape(self) -> tuple[int, int]:
        """Number of rows and columns."""
        return (
            self.rows.stop - self.rows.start,
            self.columns.stop - self.columns.start,
        )

    @property
    def pairs(self) -> int:
        """Number of pairs that count."""
        m, q = self.shape
        first = np.clip(np.arange(m) + self.diagonal + 1, 0, q)
        return int(m * q - first.sum())


@dataclass(frozen=True)
class Order:
    """Stored features in the order of a scan: their row numbers and levels."""

    row: NDArray[np.int32]
    levels: tuple[Level, ...]

    def __len__(self) -> int:
        return len(self.row)

    @property
    def new(self) -> bool:
        """Whether any of them is of the newest rung."""
        return any(level.new for level in self.levels)


def ordered(features: Features, rows: NDArray[np.intp], newest: int) -> Order:
    """Sort features by rung and complexity."""
    new = features.rung[rows] == newest
    nodes = features.complexity[rows]
    rows = rows[np.lexsort((rows, nodes, ~new))]
    new = features.rung[rows] == newest
    nodes = features.complexity[rows]
    cuts = np.flatnonzero((new[1:] != new[:-1]) | (nodes[1:] != nodes[:-1])) + 1
    ends = [0, *cuts.tolist(), len(rows)]
    levels = tuple(
        Level(a, b, bool(new[a]), int(nodes[a])) for a, b in pairwise(ends) if b > a
    )
    return Order(rows.astype(np.int32), levels)


def by_unit(features: Features, rows: NDArray[np.intp], newest: int) -> Iterator[Order]:
    """Split features by unit; units that allow no new sum are left out."""
    units = features.unit[rows]
    order = np.argsort(units, kind="stable")
    cuts = np.flatnonzero(np.diff(units[order])) + 1
    for part in np.split(order, cuts):
        members = rows[part]
        if len(members) > 1 and (features.rung[members] == newest).any():
            yield ordered(features, members, newest)


def pair_blocks(
    left: Sequence[Level],
    right: Sequence[Level],
    most: int,
    tile: tuple[int, int],
    *,
    unordered: bool,
) -> Iterator[Block]:
    """Yield tiles of the pairs with one new member and at most `most` nodes.

    Levels next to each other that all may pair are joined into one stretch, so that
    tiles are as large as they can be.
    """
    for p, a in enumerate(left):
        for first, last in _stretches(a, right, most, p if unordered else 0):
            diagonal = unordered and first == p
            begin = a.start if diagonal else right[first].start
            stop = right[last].stop
            for i in range(a.start, a.stop, tile[0]):
                end = min(i + tile[0], a.stop)
                for j in range(i if diagonal else begin, stop, tile[1]):
                    columns = slice(j, min(j + tile[1], stop))
                    offset = i - j if diagonal else _WHOLE
                    yield Block(slice(i, end), columns, offset)


def _may_pair(a: Level, b: Level, most: int) -> bool:
    return (a.new or b.new) and a.complexity + b.complexity <= most


def _stretches(
    a: Level, right: Sequence[Level], most: int, first: int
) -> Iterator[tuple[int, int]]:
    """Yield runs of neighbouring levels that pair with `a`."""
    begin = -1
    for q in range(first, len(right)):
        if _may_pair(a, right[q], most):
            begin = q if begin < 0 else begin
        elif begin >= 0:
            yield begin, q - 1
            begin = -1
    if begin >= 0:
        yield begin, len(right) - 1
