"""Score every feature of the last rung against residuals, without building it.

The pairs of stored features are cut into tiles; each is scored by matrix products
(`tiles`), and what may reach the threshold is scored exactly from its recipe
(`ranking`). Tiles form one queue, which threads share; the result does not depend on
how they do.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from hecsr.search.sisso.building import operators as op
from hecsr.search.sisso.building.features import Recipes
from hecsr.search.sisso.building.recipes import all_recipes
from hecsr.search.sisso.counts import count_last
from hecsr.search.sisso.screening.differences import DifferenceClass, difference_classes
from hecsr.search.sisso.screening.goals import Aim, Goal, Precision, Rounding
from hecsr.search.sisso.screening.layout import Block, Order, pair_blocks
from hecsr.search.sisso.screening.passes import Job, Kind, Pass, Watch
from hecsr.search.sisso.screening.products import Products
from hecsr.search.sisso.screening.ranking import Evaluator, Ranking
from hecsr.search.sisso.screening.sums import SumClass, sum_classes
from hecsr.search.sisso.screening.tasks import TaskTiles
from hecsr.search.sisso.screening.tiles import Buffers, Joint, Tiles, Variances
from hecsr.search.sisso.screening.work import Work

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from hecsr.formula.expression import Array
    from hecsr.search.sisso.building.units import UnitTable
    from hecsr.search.sisso.screening.passes import Inner
    from hecsr.search.sisso.screening.scans import Tile
    from hecsr.search.sisso.screening.tiles import Scan
    from hecsr.search.sisso.space import SearchSpace

_TILE = (256, 1024)
_SAMPLE = 1_000
_CROWDED = 0.01
"""A float32 tile of which a larger share may matter is scored again in float64."""


class Screening:
    """One search space on one set of samples, for any number of residuals.

    Parameters
    ----------
    cache_bytes
        Memory for variances, which do not depend on the residual; kept if it is
        enough for all of them.
    precision
        Of the matrix products; what is listed is decided in float64 either way.
    threads
        Threads that share the queue of tiles.
    tile
        Rows and columns of a tile.
    """

    def __init__(
        self,
        evaluator: Evaluator,
        space: SearchSpace,
        units: UnitTable,
        *,
        cache_bytes: int = 0,
        precision: Precision = "float64",
        threads: int = 1,
        tile: tuple[int, int] = _TILE,
    ) -> None:
        features, weighting = evaluator.features, evaluator.weighting
        tasks = len(weighting.tasks) > 1
        self.evaluator = evaluator
        counts = count_last(features, space, exact=True)
        self.work = Work(nominal=counts.stored + counts.last)
        self._space = space
        self._threads = threads
        self._tile = tile
        self._tasks = tasks
        self._precision: Precision = "float64" if tasks else precision
        n = len(weighting.share)
        self._variances = Variances(cache_bytes)
        self._tiles = Tiles(weighting, Rounding.of(self._precision, n), self._variances)
        exact = Rounding.of("float64", n)
        self._exact_tiles = Tiles(weighting, exact, Variances(0))
        self._task_tiles = TaskTiles(weighting, exact)
        self._signs = frozenset(space.at(space.rungs)) if space.rungs else frozenset()
        newest = space.rungs - 1
        self._products: Products | None = None
        if self._signs & {"*", "/"}:
            self._products = Products(features, weighting.share, space, self._precision)
        every = np.flatnonzero(~features.argument)
        core = every[~features.twin[every]]
        self._sums: list[SumClass] = []
        if self._signs & {"+", "-"}:
            # with both, a sum with minus a feature is the difference with it
            summed = core if self._signs >= {"+", "-"} else every
            self._sums = list(
                sum_classes(features, summed, newest, weighting, self._precision)
            )
        self._differences: list[DifferenceClass] = []
        if "|-|" in self._signs:
            kind = self._tiles.rounding.kind
            found = difference_classes(features, core, newest, weighting, kind)
            self._differences = list(found)
        kind = self._tiles.rounding.kind
        self._sizes: list[Tile] = [m.size[:, 0].astype(kind) for m in self._sums]
        self._joint = self._find_joint()
        self._single = self._unscanned(units)
        self.jobs = list(self._make_jobs())
        kept = [j for j in self.jobs if j.kind in ("joint", "product", "quotient")]
        # a part of them would save as small a part of the time
        if 4 * sum(j.block.shape[0] * j.block.shape[1] for j in kept) > cache_bytes:
            self._variances.close()
        self._buffers: list[Buffers] = []

    def best(
        self,
        goals: Sequence[Goal],
        wanted: int,
        pool: Array,
        *,
        watch: Watch | None = None,
        resume: tuple[int, Sequence[Recipes]] | None = None,
    ) -> list[Recipes]:
        """Return for each goal the features that help most towards it, best first.

        Parameters
        ----------
        wanted
            Length of each list.
        pool
            Standardised rows of features already chosen; their near duplicates are
            left out.
        watch
            Told of progress after each tile; what it raises ends the screening.
        resume
            Leading tiles to leave out, and what they had kept for each goal.
        """
        aims = [Aim.of(goal, self.evaluator.weighting) for goal in goals]
        rankings = [Ranking(self.evaluator, aim, wanted, pool) for aim in aims]
        done, kept = resume or (0, [])
        self.work.passes += 1
        for ranking, recipes in zip(rankings, kept, strict=False):
            ranking.offer(recipes)
        for ranking in rankings:
            self.work.exact += ranking.offer(self._single)
            ranking.tighten()
        Pass(self, rankings, done, watch).work_off(self._threads)
        return [ranking.best() for ranking in rankings]

    def release(self) -> None:
        """Free the work space; a later screening makes it anew."""
        self._buffers.clear()
        self._variances.close()

    def _find_joint(self) -> Joint | None:
        """Say whether one class of sums holds just the factors of products."""
        products = self._products
        wanted = self._signs >= {"+", "-", "*"} and not self._tasks
        if not wanted or products is None or len(self._sums) != 1:
            return None
        members = self._sums[0]
        if not np.array_equal(members.order.row, products.plain.order.row):
            return None
        rows, share = products.plain.rows, self.evaluator.weighting.share
        mean = rows @ share.astype(rows.dtype)
        return Joint(mean, np.sqrt(np.maximum(1 - mean**2, 0)))

    def _unscanned(self, units: UnitTable) -> Recipes:
        """Return what the scans leave out: functions, squares, stored features."""
        features, space = self.evaluator.features, self._space
        rows = np.flatnonzero(~features.argument & ~features.twin)
        parts = [Recipes.of(op.LEAF, rows, rows)]
        if self._signs:
            single = [s for s in sorted(self._signs) if not op.OPERATORS[s].binary]
            only = replace(space, operators=tuple(single), by_rung=None)
            parts.append(all_recipes(features, only, space.rungs, units))
        if self._products is not None and self._products.extra:
            found = Recipes.join(self._products.extra)
            newest = features.rung == space.rungs - 1
            allowed = newest[found.left] | newest[found.right]
            allowed &= features.nodes(found) <= space.max_complexity
            parts.append(found.take(allowed))
        return Recipes.join(parts)

    def _make_jobs(self) -> Iterator[Job]:
        products = self._products
        if products is not None and "*" in self._signs:
            plain = products.plain.order
            kind: Kind = "joint" if self._joint else "product"
            for block in self._blocks(plain, plain, "*", unordered=True):
                yield Job(kind, block, (plain, plain))
        if products is not None and products.divisors is not None:
            orders = products.plain.order, products.divisors.order
            for block in self._blocks(*orders, "/", unordered=False):
                yield Job("quotient", block, orders)
        if not self._joint:
            for k, members in enumerate(self._sums):
                order = members.order
                for block in self._blocks(order, order, "+", unordered=True):
                    yield Job("sum", block, (order, order), k)
        for k, unlike in enumerate(self._differences):
            rows, twins = unlike.rows, unlike.twins
            for block in self._blocks(rows, rows, "|-|", unordered=True):
                yield Job("difference", block, (rows, rows), k)
            for block in self._blocks(rows, twins, "|-|", unordered=False):
                yield Job("difference", block, (rows, twins), k)

    def _blocks(
        self, left: Order, right: Order, sign: str, *, unordered: bool
    ) -> Iterator[Block]:
        most = self._space.max_complexity - self._space.nodes(sign)
        return pair_blocks(
            left.levels, right.levels, most, self._tile, unordered=unordered
        )

    def scan(
        self, job: Job, rankings: Sequence[Ranking], aims: Inner, buffers: Buffers
    ) -> None:
        """Score a tile for every ranking and offer what may matter."""
        signs = self._signs & {"+", "-", "*"} if job.kind == "joint" else {job.kind}
        if job.kind == "sum":
            signs = self._signs & {"+", "-"}
        pairs = job.block.pairs
        if job.kind == "quotient" and self._products is not None:
            pairs = self._products.quotients(job.block)
        buffers.scanned += pairs * len(signs)
        if job.kind in ("joint", "product", "quotient"):
            self._scan_products(job, rankings, aims, buffers)
        elif job.kind == "sum":
            self._scan_sums(job, rankings, aims, buffers, None)
        else:
            self._scan_differences(job, rankings, buffers)

    def _scan_products(
        self, job: Job, rankings: Sequence[Ranking], aims: Inner, buffers: Buffers
    ) -> None:
        products = self._products
        assert products is not None
        quotient = job.kind == "quotient"
        code = op.DIVIDE if quotient else op.MULTIPLY
        right = products.divisors if quotient else products.plain
        assert right is not None
        factors = products.plain, right
        if self._tasks:
            for ranking in rankings:
                scan = self._task_tiles.products(
                    ranking.aim, job.block, factors, buffers
                )
                self._decide(ranking, code, job, scan, buffers)
            return
        joint = None
        if job.kind == "joint" and self._joint is not None:
            correlation = self._tiles.correlation(job.block, self._sums[0], buffers)
            self._scan_sums(job, rankings, aims, buffers, correlation)
            joint = correlation, self._joint
        variance = self._tiles.product_variance(
            job.kind, job.block, factors, buffers, joint
        )
        for ranking in rankings:
            scan = self._tiles.products(
                ranking.aim, job.block, factors, variance, buffers
            )
            count = len(scan(ranking.threshold)[0])
            crowded = count > _CROWDED * job.block.shape[0] * job.block.shape[1]
            if self._precision == "float32" and crowded:
                more = buffers.in_double()
                exact = self._exact_tiles
                again = exact.product_variance(job.kind, job.block, factors, more)
                scan = exact.products(ranking.aim, job.block, factors, again, more)
            self._decide(ranking, code, job, scan, buffers)

    def _scan_sums(
        self,
        job: Job,
        rankings: Sequence[Ranking],
        aims: Inner,
        buffers: Buffers,
        correlation: Tile | None,
    ) -> None:
        members = self._sums[job.member]
        for sign, code in ((1, op.ADD), (-1, op.SUBTRACT)):
            if op.BY_CODE[code].sign not in self._signs:
                continue
            for ranking, inner in zip(rankings, aims[job.member], strict=True):
                if self._tasks:
                    scan = self._task_tiles.sums(
                        inner, job.block, members, sign, buffers
                    )
                else:
                    if correlation is None:
                        correlation = self._tiles.correlation(
                            job.block, members, buffers
                        )
                    size = self._sizes[job.member]
                    scan = self._tiles.sums(
                        inner, job.block, size, correlation, sign, buffers
                    )
                self._decide(ranking, code, job, scan, buffers)

    def _scan_differences(
        self, job: Job, rankings: Sequence[Ranking], buffers: Buffers
    ) -> None:
        block = job.block
        if self._tasks:
            for ranking in rankings:
                scan = self._task_tiles.every(block, buffers)
                self._decide(ranking, op.DIFFERENCE, job, scan, buffers)
            return
        members = self._differences[job.member]
        rows = members.part(job.orders[0], block.rows)
        columns = members.part(job.orders[1], block.columns)
        for ranking in rankings:
            scan = self._tiles.differences(ranking.aim, block, rows, columns, buffers)
            self._decide(ranking, op.DIFFERENCE, job, scan, buffers)

    def _decide(
        self, ranking: Ranking, code: int, job: Job, scan: Scan, buffers: Buffers
    ) -> None:
        """Score exactly what a scan lists.

        Where that is much, a sample of it goes first and raises the threshold.
        """
        found = self._recipes(code, job, *scan(ranking.threshold))
        before = 2 * len(found)
        while 2 * _SAMPLE < len(found) <= before / 2:
            before = len(found)
            some = np.arange(0, len(found), -(-len(found) // _SAMPLE))
            buffers.exact += ranking.offer(found.take(some))
            ranking.tighten()
            found = self._recipes(code, job, *scan(ranking.threshold))
        buffers.exact += ranking.offer(found)

    def _recipes(
        self, code: int, job: Job, left: NDArray[Any], right: NDArray[Any]
    ) -> Recipes:
        i = job.orders[0].row[job.block.rows.start + left]
        j = job.orders[1].row[job.block.columns.start + right]
        if code != op.DIVIDE:
            # unordered: written with the earlier feature first
            i, j = np.minimum(i, j), np.maximum(i, j)
        return Recipes.of(code, i, j)

    def inner(self, aims: Sequence[Aim]) -> Inner:
        """Return for each class of sums and each aim what the scans of sums need."""
        kind = self._tiles.rounding.kind
        found: Inner = []
        for members in self._sums:
            parts: list[Tile] = []
            for aim in aims:
                if self._tasks:
                    tasks = enumerate(self.evaluator.weighting.tasks)
                    rows = aim.residual[None]
                    parts.append(
                        np.vstack([members.inner(rows, s, t) for t, s in tasks])
                    )
                else:
                    rows = np.vstack([aim.residual, aim.basis])
                    inner = members.inner(rows, slice(None), 0)
                    parts.append(inner.astype(kind))
            found.append(parts)
        return found

    def work_space(self, count: int) -> list[Buffers]:
        """Return work space for so many threads."""
        kind = self._tiles.rounding.kind
        size = self._tile[0] * self._tile[1]
        while len(self._buffers) < count:
            self._buffers.append(Buffers(size, kind))
        return self._buffers[:count]
