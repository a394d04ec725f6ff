"""Refine models by exchanging terms for any feature of the whole space.

The lists of a plain search hold what correlates with the target or with the residual
of one model. A true term that the others hide is in neither. Here every model of a
beam loses one term at a time, the whole space is screened for what fits best beside
the terms that stay (partial correlation, so exactly), the lists are pooled, and the
best models of the pool are the next beam. When the best model stays the best, no
exchange of one of its terms for any feature of the space lowers its error.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from hecsr.search.sisso.building import operators as op
from hecsr.search.sisso.building.features import Recipes
from hecsr.search.sisso.screening.goals import Goal
from hecsr.search.sisso.screening.ranking import distinct
from hecsr.search.sisso.sparsifying.sparsify import Pool, best_tuples

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hecsr.formula.expression import Array
    from hecsr.search.sisso.screening.passes import Watch
    from hecsr.search.sisso.screening.ranking import Evaluator
    from hecsr.search.sisso.screening.screening import Screening
    from hecsr.search.sisso.sparsifying.sparsify import Model, Solver

MOST_TERMS: Final = 4
"""Beyond, the pooled features are too many to try all tuples of them."""

_POOLED: Final = {2: 6_000, 3: 1_500, 4: 300}
"""Features pooled by terms of the models: about 2e7, 6e8 and 3e8 tuples."""

_STORED: Final = 20_000
"""Simplest stored features whose pairs are all tried, to begin with."""

_ROUNDS: Final = 10
_SAME: Final = 0.98
"""Models whose terms correlate beyond this, pairwise, start the same search."""

Key = tuple[tuple[int, int, int], ...]


@dataclass
class Refinement:
    """The search for better models of so many terms.

    Attributes
    ----------
    beam
        Models refined at a time.
    required
        Bits of the descriptors that a model must contain.
    exchanged
        Whether every exchange of one term of the best model was tried.
    """

    y: Array
    evaluator: Evaluator
    screening: Screening
    size: int
    beam: int
    required: int = 0
    threads: int = 1
    watch: Watch | None = None
    exchanged: bool = False
    _lists: dict[Key, Recipes] = field(default_factory=dict)

    def improve(
        self,
        models: Sequence[Model],
        smaller: Sequence[Model],
        pool: Recipes,
        solve: Solver,
    ) -> tuple[tuple[Model, ...], Recipes]:
        """Return the best models beside those given, and features they need.

        Parameters
        ----------
        models
            Models of features of `pool`, best first.
        smaller
            Models of one term less.
        solve
            Decides among the features of all these models.

        Returns
        -------
        tuple
            Models of the pool with the features returned after it.
        """
        better = self.run(
            [pool.take(np.array(m.members)) for m in models[: self.beam]],
            [pool.take(np.array(m.members)) for m in smaller[: self.beam]],
        )
        more = distinct([pool, *better], self.evaluator).take(slice(len(pool), None))
        old = {member for model in models for member in model.members}
        new = range(len(pool), len(pool) + len(more))
        members = np.array([*sorted(old), *new])
        few = Recipes.join([pool, more]).take(members)
        rows, bits = self.evaluator.standardised(few), self.evaluator.bits(few)
        weighting = self.evaluator.weighting
        again = solve(Pool(rows, weighting, bits, self.required), self.size)
        found = tuple(
            replace(m, members=tuple(members[list(m.members)].tolist())) for m in again
        )
        return found, more

    def run(
        self, models: Sequence[Recipes], smaller: Sequence[Recipes]
    ) -> list[Recipes]:
        """Return the best models found, best first by least squares.

        Parameters
        ----------
        models
            Models of `size` terms to begin with.
        smaller
            Models of one term less, to be extended by one of any feature.
        """
        beam = [*models, *self._pairs()]
        parts = [*smaller, *self._reduced(beam)]
        best: Key = ()
        for _ in range(_ROUNDS):
            self._screen(parts)
            beam = self._best_models(self._pooled(parts, beam))
            if not beam:
                break
            parts = self._reduced(beam)
            found = key_of(beam[0])
            tried = all(key_of(p) in self._lists for p in self._reduced(beam[:1]))
            self.exchanged = found == best and tried
            if self.exchanged and all(key_of(p) in self._lists for p in parts):
                break
            best = found
        return beam

    def _pairs(self) -> list[Recipes]:
        """Return the best pairs of stored features, to begin from."""
        features = self.evaluator.features
        if self.size != 2:
            return []
        rows = np.flatnonzero(~features.argument & ~features.twin)
        rows = rows[np.argsort(features.complexity[rows], kind="stable")][:_STORED]
        return self._best_models(Recipes.of(op.LEAF, rows, rows))

    def _reduced(self, models: Sequence[Recipes]) -> list[Recipes]:
        """Return the models without one term each, once each."""
        found: dict[Key, Recipes] = {}
        for model in models:
            for k in range(len(model)):
                rest = model.take(np.delete(np.arange(len(model)), k))
                found.setdefault(key_of(rest), rest)
        return list(found.values())

    def _screen(self, parts: Sequence[Recipes]) -> None:
        """List the best partners of each part that has none yet."""
        new = [part for part in parts if key_of(part) not in self._lists]
        if not new:
            return
        goals = []
        for part in new:
            rows = self.evaluator.standardised(part)
            missing = self.required
            for bits in self.evaluator.bits(part).tolist():
                missing &= ~bits
            goals.append(Goal(self._residual(rows), rows, missing))
        wanted, n = self._length(parts), len(self.y)
        lists = self.screening.best(goals, wanted, np.empty((0, n)), watch=self.watch)
        for part, found in zip(new, lists, strict=True):
            self._lists[key_of(part)] = found

    def _length(self, parts: Sequence[Recipes]) -> int:
        """Return how much of each part's list is pooled."""
        return max(_POOLED[self.size] // max(len(parts), 1), 20)

    def _residual(self, rows: Array) -> Array:
        """Return what a model of these features leaves of the target."""
        weighting = self.evaluator.weighting
        target = weighting.standardised(self.y)[0]
        q = np.linalg.qr(rows.T)[0]
        for _ in range(2):
            target = target - q @ (q.T @ target)
        return np.asarray(target / weighting.rootshare)

    def _pooled(self, parts: Sequence[Recipes], beam: Sequence[Recipes]) -> Recipes:
        """Join the lists of these parts and the members of the beam, once each."""
        length = self._length(parts)
        joined = Recipes.join(
            [
                *beam,
                *parts,
                *(self._lists[key_of(p)].take(slice(length)) for p in parts),
            ]
        )
        columns = np.stack([joined.operator, joined.left, joined.right]).astype(int)
        first = np.unique(columns, axis=1, return_index=True)[1]
        return joined.take(np.sort(first))

    def _best_models(self, recipes: Recipes) -> list[Recipes]:
        """Return the best models of these features, different ones."""
        rows = self.evaluator.standardised(recipes)
        weighting = self.evaluator.weighting
        pool = Pool(rows, weighting, self.evaluator.bits(recipes), self.required)
        keep = 100 * self.beam
        tuples = best_tuples(pool, self.y, self.size, keep, threads=self.threads)
        chosen: list[NDArray[np.int64]] = []
        for members in tuples:
            if not any(same_terms(rows[members], rows[c]) for c in chosen):
                chosen.append(members)
            if len(chosen) == self.beam:
                break
        return [recipes.take(members) for members in chosen]


def key_of(model: Recipes) -> Key:
    """Return what tells models apart."""
    columns = (model.operator, model.left, model.right)
    return tuple(sorted(zip(*(c.tolist() for c in columns), strict=True)))


def same_terms(rows: Array, others: Array) -> bool:
    """Whether each term of one model nearly is a term of its own of the other."""
    near = np.abs(rows @ others.T) > _SAME
    free = np.ones(len(others), np.bool_)
    for row in near:
        place = np.flatnonzero(row & free)
        if not len(place):
            return False
        free[place[0]] = False
    return True
