"""How stored features are ordered for the scans, and the tiles of pairs."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from hecsr.search.sisso import operators as op
from hecsr.search.sisso.domain import apart_from_zero
from hecsr.search.sisso.features import Features, Recipes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from hecsr.formula.expression import Array
    from hecsr.search.sisso.space import SearchSpace

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


@dataclass(frozen=True)
class Order:
    """Features in the order of a scan: their row numbers, levels and values."""

    row: NDArray[np.int32]
    levels: tuple[Level, ...]
    values: Array


def ordered(features: Features, rows: NDArray[np.intp], newest: int) -> Order:
    """Sort features by rung and complexity; the values are left as they are."""
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
    return Order(
        rows.astype(np.int32), levels, np.ascontiguousarray(features.values[rows])
    )


def pair_blocks(
    left: Sequence[Level],
    right: Sequence[Level],
    most: int,
    tile: tuple[int, int],
    *,
    unordered: bool,
) -> Iterator[Block]:
    """Yield tiles of the pairs with one new member and at most `most` nodes."""
    for p, a in enumerate(left):
        for q, b in enumerate(right):
            if (unordered and q < p) or not (a.new or b.new):
                continue
            if a.complexity + b.complexity > most:
                continue
            diagonal = unordered and p == q
            for i in range(a.start, a.stop, tile[0]):
                end = min(i + tile[0], a.stop)
                for j in range(i if diagonal else b.start, b.stop, tile[1]):
                    columns = slice(j, min(j + tile[1], b.stop))
                    offset = i - j if diagonal else _WHOLE
                    yield Block(slice(i, end), columns, offset)


def count_pairs(
    left: Sequence[Level], right: Sequence[Level], most: int, *, unordered: bool
) -> int:
    """Count what :func:`pair_blocks` would yield, pair by pair."""
    total = 0
    for p, a in enumerate(left):
        for q, b in enumerate(right):
            if (unordered and q < p) or not (a.new or b.new):
                continue
            if a.complexity + b.complexity > most:
                continue
            size = (a.stop - a.start) * (b.stop - b.start)
            if unordered and p == q:
                n = a.stop - a.start
                size = n * (n - 1) // 2
            total += size
    return total


def unit_rms(values: Array, share: Array) -> Array:
    """Scale rows to unit weighted root mean square, so that squares stay in range."""
    top = np.abs(values).max(axis=1, keepdims=True)
    scaled = values / top
    return np.asarray(scaled / np.sqrt(scaled**2 @ share)[:, None])


class Products:
    """Orders for products and quotients, and which divisors are redundant.

    Sign twins are left out: their products are those of their partners. Divisors
    are left out if their inverse is stored and no more complex: f / (a / b) is
    f * (b / a).
    """

    def __init__(self, features: Features, share: Array, space: SearchSpace) -> None:
        newest = space.rungs - 1
        core = ~features.argument & ~features.twin
        divides = apart_from_zero((features.low, features.high))
        product_everywhere = all(
            "*" in space.at(rung) for rung in range(1, space.rungs + 1)
        )
        partner = (
            _inverses(features)
            if product_everywhere
            else np.full(len(features), -1, np.intp)
        )
        self.plain = ordered(features, np.flatnonzero(core), newest)
        self.divisors = ordered(
            features, np.flatnonzero(core & divides & (partner < 0)), newest
        )
        self.factors = unit_rms(self.plain.values, share)
        with np.errstate(all="ignore"):
            # scaled first: the inverse of a tiny number would overflow
            self.inverses = unit_rms(1 / unit_rms(self.divisors.values, share), share)
        skipped = np.flatnonzero(core & divides & (partner >= 0))
        self.squares = Recipes.of(op.DIVIDE, partner[skipped], skipped)


def _inverses(features: Features) -> NDArray[np.intp]:
    """Return for each row a stored one that is its inverse and not more complex."""
    r = features.recipes
    found = np.full(len(features), -1, np.intp)
    quotients = {
        (int(r.left[k]), int(r.right[k])): int(k)
        for k in np.flatnonzero(r.operator == op.DIVIDE)
    }
    for (a, b), k in quotients.items():
        other = quotients.get((b, a), -1)
        if other >= 0 and not features.twin[other]:
            found[k] = other
    inverse = r.operator == op.INVERSE
    found[inverse] = r.left[inverse]
    return found


@dataclass(frozen=True)
class UnitClass:
    """Features of one unit, for sums and differences.

    `standard` holds centred rows of unit weighted norm with root weights in, `sd`
    the norms.
    """

    order: Order
    standard: Array
    sd: Array


def unit_classes(
    features: Features, rows: NDArray[np.intp], newest: int
) -> Iterator[Order]:
    """Split features by unit, classes of one left out; one power of two scales each."""
    for unit in np.unique(features.unit[rows]):
        members = rows[features.unit[rows] == unit]
        if len(members) < 2 or not (features.rung[members] == newest).any():
            continue
        order = ordered(features, members, newest)
        top = max(order.values.max(), -order.values.min())
        np.ldexp(order.values, -int(np.frexp(top)[1]), out=order.values)
        yield order


def standard_class(order: Order, share: Array) -> UnitClass:
    """Centre and scale the features of one unit."""
    standard = order.values - (order.values @ share)[:, None]
    standard *= np.sqrt(share)
    sd = np.sqrt(np.einsum("ij,ij->i", standard, standard))
    standard /= np.where(sd > 0, sd, 1.0)[:, None]
    return UnitClass(order, standard, sd)
