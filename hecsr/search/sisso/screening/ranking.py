"""The list of the best features of a screening, decided in exact arithmetic."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from hecsr.search.sisso.building import operators as op
from hecsr.search.sisso.building.features import Features, Recipes
from hecsr.search.sisso.building.values import (
    DEPENDENT,
    root_mean_square,
    standard_rows,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hecsr.formula.expression import Array
    from hecsr.search.sisso.building.weighting import Weighting
    from hecsr.search.sisso.screening.goals import Aim
    from hecsr.search.sisso.space import SearchSpace

_TIE = 1e-9


class Evaluator:
    """Values and scores of recipes on stored features."""

    def __init__(
        self, features: Features, weighting: Weighting, space: SearchSpace
    ) -> None:
        self.features = features
        self.weighting = weighting
        self.rms = root_mean_square(features.values, weighting.share)
        self.rule = space.value_rule(stored=False)
        self.duplicates = space.duplicates

    def standardised(self, recipes: Recipes) -> Array:
        """Return rows whose products with each other are correlations."""
        out = np.empty((len(recipes), len(self.weighting.share)))
        values = self.features.values
        standard_rows(values, self.rms, recipes, self.weighting, self.rule, out)
        return out

    def scores(self, recipes: Recipes, aim: Aim) -> Array:
        """Return how much each recipe helps towards an aim; -1 where refused."""
        from hecsr.search.sisso.building.kernels import rescore

        return rescore(
            self.features.values,
            self.rms,
            recipes.operator,
            recipes.left,
            recipes.right,
            self.weighting.share,
            self.weighting.rootshare,
            self.weighting.bounds,
            self.weighting.centred,
            self.rule.limits,
            aim.residual,
            aim.basis,
        )

    def bits(self, recipes: Recipes) -> NDArray[np.int64]:
        """Return which required descriptors each recipe contains."""
        bits = self.features.bits
        return np.asarray(bits[recipes.left] | bits[recipes.right])

    def nodes(self, recipes: Recipes) -> NDArray[np.int32]:
        """Return the operator nodes of each recipe; a stored feature has its own."""
        nodes = self.features.nodes(recipes)
        stored = recipes.operator == op.LEAF
        nodes[stored] = self.features.complexity[recipes.left[stored]]
        return nodes


class Ranking:
    """The `wanted` best distinct features offered so far, none of them in a pool.

    Everything that may still matter is kept, duplicates included, so that the final
    list does not depend on the order of the offers. Threads may offer at once.
    """

    def __init__(
        self, evaluator: Evaluator, aim: Aim, wanted: int, pool: Array
    ) -> None:
        self.evaluator = evaluator
        self.aim = aim
        self.wanted = wanted
        tasks = evaluator.weighting.tasks
        self.pool = unit_rows(pool, tasks)
        self.pool_score = scores_of_rows(pool, aim, tasks)
        self.window, self.limit = evaluator.duplicates
        # a window that follows from the limit only spares comparisons; beside a basis
        # scores of equal features differ more, as less is left of them
        if len(aim.basis) and self.window >= np.sqrt(2 * (1 - self.limit)):
            self.window = max(self.window, 1e-2)
        self.threshold = 0.0
        self._kept = Recipes.join([])
        self._score = np.empty(0)
        self._new: list[tuple[Recipes, Array]] = []
        self._unranked = 0
        self._lock = Lock()

    def offer(self, recipes: Recipes) -> int:
        """Score recipes and keep those that reach the threshold.

        Returns
        -------
        int
            How many were scored.
        """
        if self.aim.containing:
            asked = self.aim.containing
            recipes = recipes.take(self.evaluator.bits(recipes) & asked == asked)
        if not len(recipes):
            return 0
        score = self.evaluator.scores(recipes, self.aim)
        good = score >= max(self.threshold - _TIE, 0.0)
        if not good.any():
            return len(recipes)
        with self._lock:
            self._new.append((recipes.take(good), score[good]))
            self._unranked += int(good.sum())
            if self._unranked > 4 * self.wanted + 200:
                self._raise_threshold()
        return len(recipes)

    def tighten(self) -> None:
        """Raise the threshold as far as what was offered allows."""
        with self._lock:
            if self._unranked:
                self._raise_threshold()

    def kept(self) -> Recipes:
        """Return all that may still be listed, in no particular order."""
        with self._lock:
            return self._gathered()[0]

    def best(self) -> Recipes:
        """Return the list, best first; of equal features the simplest."""
        with self._lock:
            return self._ranked()[0]

    def _gathered(self) -> tuple[Recipes, Array]:
        if self._new:
            self._kept = Recipes.join([self._kept, *(r for r, _ in self._new)])
            self._score = np.concatenate([self._score, *(s for _, s in self._new)])
            self._new = []
        return self._kept, self._score

    def _raise_threshold(self) -> None:
        found, score = self._ranked()
        if len(found) >= self.wanted:
            self.threshold = max(self.threshold, float(score[self.wanted - 1]))
            keep = self._score >= self.threshold - _TIE
            self._kept, self._score = self._kept.take(keep), self._score[keep]
        self._unranked = 0

    def _ranked(self) -> tuple[Recipes, Array]:
        from hecsr.search.sisso.building.kernels import near_duplicates

        r, score = self._gathered()
        tasks = self.evaluator.weighting.tasks
        nodes = self.evaluator.nodes(r)
        simple = np.empty(len(r), np.intp)
        simple[np.lexsort((r.right, r.left, r.operator, nodes))] = np.arange(len(r))
        # scores that tie but for rounding are in the order of simplicity
        order = np.lexsort((simple, -score))
        seen = min(len(order), 4 * self.wanted + 64)
        while True:
            head = order[:seen]
            owner, looked = near_duplicates(
                unit_rows(self.evaluator.standardised(r.take(head)), tasks),
                score[head],
                self.pool,
                self.pool_score,
                self.window,
                self.limit,
                self.wanted,
            )
            if looked < seen or seen == len(order):
                break
            seen = min(len(order), 4 * seen)
        return self._representatives(head[:looked], owner[:looked], simple)

    def _representatives(
        self, head: NDArray[np.intp], owner: NDArray[np.int64], simple: NDArray[np.intp]
    ) -> tuple[Recipes, Array]:
        anchors = np.flatnonzero(owner == np.arange(len(owner)))[: self.wanted]
        rank = simple[head]
        first = np.full(len(owner), len(simple), dtype=np.intp)
        # what scores less than the last of the list may have been dropped before
        last = self._score[head[anchors[-1]]] if len(anchors) else 0.0
        new = (owner >= 0) & (self._score[head] >= last - _TIE)
        np.minimum.at(first, owner[new], rank[new])
        place = np.empty(len(simple), np.intp)
        place[simple] = np.arange(len(simple))
        chosen = place[first[anchors]]
        return self._kept.take(chosen), self._score[head[anchors]]


def scores_of_rows(rows: Array, aim: Aim, tasks: tuple[slice, ...]) -> Array:
    """Return how much standardised rows help towards an aim."""
    total = np.zeros(len(rows))
    for task in tasks:
        total += (rows[:, task] @ aim.residual[task]) ** 2
    if len(aim.basis):
        rest = 1 - np.square(rows @ aim.basis.T).sum(axis=1)
        total = np.where(rest > DEPENDENT, total / np.maximum(rest, DEPENDENT), 0.0)
    return np.sqrt(total / len(tasks))


def unit_rows(rows: Array, tasks: tuple[slice, ...]) -> Array:
    """Scale standardised rows so that the product of equal ones is 1.

    A feature counts in the tasks where it varies only.
    """
    if len(tasks) == 1:
        return rows
    norm = np.sqrt(np.einsum("ij,ij->i", rows, rows))
    return np.asarray(rows / np.where(norm > 0, norm, 1.0)[:, None])


def distinct(lists: Sequence[Recipes], evaluator: Evaluator) -> Recipes:
    """Join the lists of one screening, without near duplicates of earlier members."""
    kept, tasks = lists[0], evaluator.weighting.tasks
    limit = evaluator.duplicates[1]
    for later in lists[1:]:
        rows = unit_rows(evaluator.standardised(kept), tasks)
        others = unit_rows(evaluator.standardised(later), tasks)
        near = np.zeros(len(later))
        for part in range(0, len(later), 256):
            products = np.abs(others[part : part + 256] @ rows.T)
            near[part : part + 256] = products.max(axis=1, initial=0.0)
        kept = Recipes.join([kept, later.take(near <= limit)])
    return kept
