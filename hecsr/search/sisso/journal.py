"""What a search has finished so far: told to who asked, and kept in a checkpoint."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hecsr.errors import SearchError
from hecsr.search.running import Running, SearchProgress, Stage
from hecsr.search.sisso.building.features import Recipes

if TYPE_CHECKING:
    from hecsr.search.sisso.building.features import Features
    from hecsr.search.sisso.checkpoint import Checkpoint
    from hecsr.search.sisso.sparsifying.sparsify import Model

SHOWN = 0.1
"""Seconds between two reports of one screening."""


@dataclass(frozen=True)
class Finished:
    """One dimension: the features that joined the pool, and the models if done."""

    pool: Recipes
    models: tuple[Model, ...] | None


@dataclass(frozen=True)
class State:
    """What a search has done: dimensions, and tiles of the screening after them.

    Attributes
    ----------
    tiles, total
        Leading tiles that are done, of so many in the queue.
    kept
        What they left for each goal.
    """

    dimensions: tuple[Finished, ...] = ()
    tiles: int = 0
    total: int = 0
    kept: tuple[Recipes, ...] = ()


class Journal:
    """The dimensions that are finished, those of an earlier run included."""

    def __init__(
        self,
        features: Features,
        n_samples: int,
        running: Running,
        checkpoint: Checkpoint | None,
    ) -> None:
        self._features = features
        self._running = running
        self._checkpoint = checkpoint
        self._state = State()
        if checkpoint is not None:
            self._state = checkpoint.load(features, n_samples)
        self._told = -SHOWN
        self._latest: Callable[[], State] | None = None

    def pool(self, dimension: int) -> Recipes | None:
        """Return what joined the pool in a dimension that is screened already."""
        if dimension > len(self._state.dimensions):
            return None
        return self._state.dimensions[dimension - 1].pool

    def models(self, dimension: int) -> tuple[Model, ...] | None:
        """Return the models of a dimension that is finished already."""
        return self._state.dimensions[dimension - 1].models

    def resume(self, goals: int) -> tuple[int, tuple[Recipes, ...]] | None:
        """Return the leading tiles that are done, and what they left for each goal."""
        if not self._state.tiles:
            return None
        if len(self._state.kept) != goals:
            self._refuse(f"lists for {goals} goals")
        return self._state.tiles, self._state.kept

    def screened(self, pool: Recipes) -> None:
        """Note what the screening of the next dimension added to the pool."""
        done = (*self._state.dimensions, Finished(pool, None))
        self._note(State(done))

    def solved(self, models: tuple[Model, ...], more: Sequence[Recipes] = ()) -> None:
        """Note the models of the dimension that was screened last.

        `more` joined the pool after the screening.
        """
        *before, last = self._state.dimensions
        pool = Recipes.join([last.pool, *more])
        self._note(State((*before, Finished(pool, models))))

    def watch(
        self, dimension: int, stage: Stage = "screening"
    ) -> Callable[[int, int, Callable[[], list[Recipes]]], None]:
        """Return what a pass over the space tells of its tiles.

        Only a screening is resumed from between its tiles.
        """
        self._told = -SHOWN

        def tiles(done: int, total: int, kept: Callable[[], list[Recipes]]) -> None:
            if self._running.stop.asked:
                raise KeyboardInterrupt
            state, file = self._state, self._checkpoint
            if stage == "screening" and state.tiles and state.total != total:
                self._refuse(f"a queue of {total} tiles")
            if file is not None and stage == "screening":
                self._latest = lambda: State(
                    state.dimensions, done, total, tuple(kept())
                )
                if file.due:
                    self._note(self._latest())
            now = time.monotonic()
            if now - self._told >= SHOWN or done == total:
                self._told = now
                self._running.tell(SearchProgress(stage, done, total, dimension))

        return tiles

    def keep(self) -> None:
        """Write what is there of a screening that is given up."""
        if self._latest is not None:
            self._note(self._latest())

    def _note(self, state: State) -> None:
        self._state, self._latest = state, None
        if self._checkpoint is not None:
            self._checkpoint.save(self._features, state)

    def _refuse(self, what: str) -> None:
        assert self._checkpoint is not None
        raise SearchError(
            f"{self._checkpoint.path} has not {what}, as this search does; delete it "
            "to start anew"
        )
