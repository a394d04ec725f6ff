"""One pass over the tiles of a screening, by one or several threads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Literal

from hecsr.search.sisso.building.features import Recipes

if TYPE_CHECKING:
    from hecsr.search.sisso.screening.layout import Block, Order
    from hecsr.search.sisso.screening.ranking import Ranking
    from hecsr.search.sisso.screening.scans import Tile
    from hecsr.search.sisso.screening.screening import Screening
    from hecsr.search.sisso.screening.tiles import Buffers

Watch = Callable[[int, int, Callable[[], list[Recipes]]], None]
"""Told of tiles done (the leading ones), of how many, and how to get what is kept."""

Inner = list[list["Tile"]]
"""For each class of sums and each aim: products with the residual and the basis."""

_SHARED = 32
"""Fewer tiles are done sooner than threads are started."""

Kind = Literal["joint", "product", "quotient", "sum", "difference"]


@dataclass(frozen=True)
class Job:
    """A tile, and which features its rows and columns are.

    A joint tile holds products, sums and differences of the same pairs.
    """

    kind: Kind
    block: Block
    orders: tuple[Order, Order]
    member: int = 0


class Pass:
    """The queue of tiles, and how far it is worked off."""

    def __init__(
        self,
        screening: Screening,
        rankings: Sequence[Ranking],
        done: int,
        watch: Watch | None,
    ) -> None:
        self.screening = screening
        self.rankings = rankings
        self.aims = screening.inner([r.aim for r in rankings])
        self.watch = watch
        self.done = self.next = done
        self._finished: set[int] = set()
        self._stopped = False
        self._lock = Lock()

    def work_off(self, threads: int) -> None:
        """Scan every tile."""
        few = len(self.screening.jobs) < _SHARED
        spaces = self.screening.work_space(1 if few else threads)
        try:
            if len(spaces) == 1:
                self._work(spaces[0])
            else:
                from joblib import Parallel, delayed

                Parallel(n_jobs=len(spaces), require="sharedmem")(
                    delayed(self._work)(space) for space in spaces
                )
        finally:
            self._stopped = True
            for space in spaces:
                space.count_into(self.screening.work)

    def _work(self, buffers: Buffers) -> None:
        jobs = self.screening.jobs
        while True:
            with self._lock:
                number = self.next
                if self._stopped or number >= len(jobs):
                    return
                self.next += 1
            try:
                self.screening.scan(jobs[number], self.rankings, self.aims, buffers)
                with self._lock:
                    self._finish(number)
            except BaseException:
                self._stopped = True
                raise

    def _finish(self, number: int) -> None:
        self._finished.add(number)
        while self.done in self._finished:
            self._finished.remove(self.done)
            self.done += 1
        if self.watch is not None and not self._stopped:
            total = len(self.screening.jobs)
            self.watch(self.done, total, lambda: [r.kept() for r in self.rankings])
