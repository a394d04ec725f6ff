"""Score every feature of the last rung against a residual, without building it.

For rows F (features) and a centred residual r of unit norm, with weights w that sum
to one, every product f g needs three numbers, each an entry of a matrix product::

    <f g, r> = (F o w r) F^T     mean = (F o w) F^T     mean square = (F^2 o w) F^2^T

A quotient is the product with 1/g. Sums and differences need the Gram matrix of the
standardised rows of one unit. What may reach the threshold is scored exactly.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from hecsr.search.sisso import operators as op
from hecsr.search.sisso.features import Recipes
from hecsr.search.sisso.layout import (
    Block,
    Order,
    Products,
    UnitClass,
    pair_blocks,
    standard_class,
    unit_classes,
)
from hecsr.search.sisso.ranking import Evaluator, Ranking
from hecsr.search.sisso.recipes import all_recipes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from hecsr.formula.expression import Array
    from hecsr.search.sisso.space import SearchSpace
    from hecsr.search.sisso.units import UnitTable

_TILE = (256, 1024)
_RELATIVE = 1e-6
"""Slack of the comparison: rounding of the covariance, and of float32 variances."""
_SLACK = 1e-11
"""Slack of a variance, in units of its mean square: rounding of two large sums."""
_WARM_UP = 4_000


@dataclass
class Work:
    """What the screenings did: pairs scanned, and recipes scored exactly."""

    scanned: int = 0
    exact: int = 0


class Screening:
    """One search space on one set of samples, for any number of residuals.

    Variances do not depend on the residual; they are kept from one residual to the
    next as far as `cache_bytes` goes.
    """

    def __init__(
        self,
        evaluator: Evaluator,
        space: SearchSpace,
        units: UnitTable,
        cache_bytes: int,
        tile: tuple[int, int] = _TILE,
    ) -> None:
        features = evaluator.features
        self.evaluator = evaluator
        self.work = Work()
        self._most = space.max_complexity
        self._tile = tile
        self._room = cache_bytes
        self._variances: dict[tuple[int, int, int], NDArray[np.float32]] = {}
        size = tile[0] * tile[1]
        self._buffers = np.empty((2, size))
        self._variance = np.empty(size, np.float32)
        self._pairs = np.empty((2, size), np.int32)
        self._signs = frozenset(space.at(space.rungs)) if space.rungs else frozenset()
        share, newest = evaluator.share, space.rungs - 1
        self._products = Products(features, share, space) if self._signs else None
        every = ~features.argument
        both = {"+", "-"} <= self._signs
        summed = every & ~features.twin if both else every
        self._sums: list[UnitClass] = []
        if self._signs & {"+", "-"}:
            classes = unit_classes(features, np.flatnonzero(summed), newest)
            self._sums = [standard_class(members, share) for members in classes]
        self._differences: list[Order] = []
        if "|-|" in self._signs:
            rows = np.flatnonzero(every)
            self._differences = list(unit_classes(features, rows, newest))
        self._single = self._unscanned(space, units)

    def best(self, residual: Array, wanted: int, pool: Array) -> Recipes:
        """Return the features that correlate most with a residual, best first.

        `pool` holds standardised rows of features already chosen; their near
        duplicates are left out.
        """
        standard = self.evaluator.standardised_residual(residual)
        ranking = Ranking(self.evaluator, standard, wanted, pool)
        self._offer(ranking, self._single)
        if self._products is not None:
            self._warm_up(ranking, self._products)
            self._scan_products(ranking, self._products)
        self._scan_sums(ranking)
        self._scan_differences(ranking)
        return ranking.best()

    def _offer(self, ranking: Ranking, recipes: Recipes) -> None:
        self.work.exact += len(recipes)
        ranking.offer(recipes)

    def _unscanned(self, space: SearchSpace, units: UnitTable) -> Recipes:
        """Return what the scans leave out: functions, squares, stored features."""
        features = self.evaluator.features
        rows = np.flatnonzero(~features.argument & ~features.twin)
        parts = [Recipes.of(op.LEAF, rows, rows)]
        if self._products is not None:
            single = [s for s in sorted(self._signs) if not op.OPERATORS[s].binary]
            only = replace(space, operators=tuple(single), by_rung=None)
            parts.append(all_recipes(features, only, space.rungs, units))
            squares = []
            if "*" in self._signs:
                # a feature times minus itself: the twin was left out of the scans
                twins = np.flatnonzero(features.twin)
                squares.append(Recipes.of(op.MULTIPLY, twins, twins))
            if "/" in self._signs:
                squares.append(self._products.squares)
            found = Recipes.join(squares)
            newest = features.rung == space.rungs - 1
            allowed = newest[found.left] | newest[found.right]
            allowed &= features.nodes(found) <= space.max_complexity
            parts.append(found.take(allowed))
        return Recipes.join(parts)

    def _warm_up(self, ranking: Ranking, products: Products) -> None:
        """Score random pairs exactly, so that the first scan has a threshold."""
        random = np.random.default_rng(0)
        for sign, code, order in (
            ("*", op.MULTIPLY, products.plain),
            ("/", op.DIVIDE, products.divisors),
        ):
            blocks = list(self._blocks(products.plain, order, 1, unordered=code == 3))
            if sign not in self._signs or not blocks:
                continue
            sizes = np.array([b.shape[0] * b.shape[1] for b in blocks])
            some = random.choice(len(blocks), _WARM_UP, p=sizes / sizes.sum())
            u, v = random.random((2, _WARM_UP))
            i = np.array([b.rows.start for b in blocks])[some]
            j = np.array([b.columns.start for b in blocks])[some]
            i += (u * np.array([b.shape[0] for b in blocks])[some]).astype(np.intp)
            j += (v * np.array([b.shape[1] for b in blocks])[some]).astype(np.intp)
            left, right = products.plain.row[i], order.row[j]
            keys = np.unique(left.astype(np.int64) << 32 | right)
            left, right = keys >> 32, keys & 0xFFFFFFFF
            if code == op.MULTIPLY:
                left, right = np.minimum(left, right), np.maximum(left, right)
                keep = left != right
                left, right = left[keep], right[keep]
            self._offer(ranking, Recipes.of(code, left, right))

    def _blocks(
        self, left: Order, right: Order, cost: int, *, unordered: bool
    ) -> Iterator[Block]:
        most = self._most - cost
        return pair_blocks(
            left.levels, right.levels, most, self._tile, unordered=unordered
        )

    def _scan_products(self, ranking: Ranking, products: Products) -> None:
        plain, divisors = products.plain, products.divisors
        if "*" in self._signs:
            for block in self._blocks(plain, plain, 1, unordered=True):
                factors = products.factors, products.factors
                self._scan_block(ranking, op.MULTIPLY, block, factors, (plain, plain))
        if "/" in self._signs:
            for block in self._blocks(plain, divisors, 1, unordered=False):
                factors = products.factors, products.inverses
                self._scan_block(ranking, op.DIVIDE, block, factors, (plain, divisors))

    def _scan_block(
        self,
        ranking: Ranking,
        code: int,
        block: Block,
        factors: tuple[Array, Array],
        orders: tuple[Order, Order],
    ) -> None:
        from hecsr.search.sisso.scans import scan_products

        rows, columns = factors[0][block.rows], factors[1][block.columns]
        variance = self._variance_of(code, block, rows, columns)
        inner = self._view(0, block)
        weighted = self.evaluator.rootshare * ranking.residual
        np.dot(rows * weighted, columns.T, out=inner)
        count = scan_products(
            inner, variance, _least(ranking), block.diagonal, *self._pairs
        )
        self._report(ranking, code, block, orders, count)

    def _variance_of(
        self, code: int, block: Block, rows: Array, columns: Array
    ) -> NDArray[np.float32]:
        """Return a lower bound of the variance of each pair."""
        from hecsr.search.sisso.scans import spread

        key = code, block.rows.start, block.columns.start
        if key in self._variances:
            return self._variances[key]
        share = self.evaluator.share
        square, mean = self._view(0, block), self._view(1, block)
        np.dot(rows**2 * share, (columns**2).T, out=square)
        np.dot(rows * share, columns.T, out=mean)
        if self._room >= 4 * square.size:
            self._room -= 4 * square.size
            variance = self._variances[key] = np.empty(block.shape, np.float32)
        else:
            variance = self._variance[: square.size].reshape(block.shape)
        spread(square, mean, _SLACK, variance)
        return variance

    def _scan_sums(self, ranking: Ranking) -> None:
        from hecsr.search.sisso.scans import scan_sums

        signs = [(1.0, op.ADD)] if "+" in self._signs else []
        signs += [(-1.0, op.SUBTRACT)] if "-" in self._signs else []
        for members in self._sums:
            inner = (members.standard @ ranking.residual) * members.sd
            orders = members.order, members.order
            for block in self._blocks(*orders, 1, unordered=True):
                correlation = self._view(0, block)
                rows, columns = block.rows, block.columns
                np.dot(
                    members.standard[rows], members.standard[columns].T, out=correlation
                )
                for sign, code in signs:
                    count = scan_sums(
                        correlation,
                        inner[rows],
                        inner[columns],
                        members.sd[rows],
                        members.sd[columns],
                        sign,
                        _least(ranking),
                        _SLACK,
                        block.diagonal,
                        *self._pairs,
                    )
                    self._report(ranking, code, block, orders, count)

    def _scan_differences(self, ranking: Ranking) -> None:
        from hecsr.search.sisso.scans import scan_differences

        share = self.evaluator.share
        weighted = self.evaluator.rootshare * ranking.residual
        for members in self._differences:
            orders = members, members
            for block in self._blocks(*orders, 2, unordered=True):
                count = scan_differences(
                    members.values[block.rows],
                    members.values[block.columns],
                    share,
                    weighted,
                    _least(ranking),
                    _SLACK,
                    block.diagonal,
                    *self._pairs,
                )
                self._report(ranking, op.DIFFERENCE, block, orders, count)

    def _report(
        self,
        ranking: Ranking,
        code: int,
        block: Block,
        orders: tuple[Order, Order],
        count: int,
    ) -> None:
        """Offer the pairs that a scan left in the buffers."""
        self.work.scanned += block.shape[0] * block.shape[1]
        i = orders[0].row[block.rows.start + self._pairs[0, :count]]
        j = orders[1].row[block.columns.start + self._pairs[1, :count]]
        if code != op.DIVIDE:
            # unordered: written with the earlier feature first
            i, j = np.minimum(i, j), np.maximum(i, j)
        self._offer(ranking, Recipes.of(code, i, j))

    def _view(self, buffer: int, block: Block) -> Array:
        size = block.shape[0] * block.shape[1]
        return self._buffers[buffer, :size].reshape(block.shape)


def _least(ranking: Ranking) -> float:
    """Return the smallest squared score that may matter, with slack."""
    least = ranking.threshold**2 * (1.0 - _RELATIVE)
    return least if least > 1e-8 else 0.0
