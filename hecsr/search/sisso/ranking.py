"""The list of the best features of a screening, decided in exact arithmetic."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hecsr.search.sisso.features import Features, Recipes
from hecsr.search.sisso.generate import root_mean_square

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hecsr.formula.expression import Array

DUPLICATE = 1.0 - 1e-10
"""Features of the list that correlate beyond this are one."""

# Two unit vectors that correlate beyond 1 - d differ by at most sqrt(2 d) in what
# they correlate with a third.
_WINDOW = float(np.sqrt(2 * (1.0 - DUPLICATE))) * 1.01
_TIE = 1e-9


class Evaluator:
    """Values and scores of recipes on stored features, under given weights."""

    def __init__(self, features: Features, share: Array, constant_below: float) -> None:
        self.features = features
        self.share = share
        self.rootshare = np.sqrt(share)
        self.rms = root_mean_square(features.values, share)
        self.constant_below = constant_below

    def standardised(self, recipes: Recipes) -> Array:
        """Return rows whose products with each other are correlations."""
        from hecsr.search.sisso.kernels import standard_rows

        out = np.empty((len(recipes), len(self.share)))
        standard_rows(
            self.features.values,
            self.rms,
            recipes.operator,
            recipes.left,
            recipes.right,
            self.share,
            self.rootshare,
            self.constant_below,
            out,
        )
        return out

    def scores(self, recipes: Recipes, residual: Array) -> Array:
        """Return |correlation| with a standardised residual; -1 where refused."""
        from hecsr.search.sisso.kernels import rescore

        return rescore(
            self.features.values,
            self.rms,
            recipes.operator,
            recipes.left,
            recipes.right,
            self.share,
            self.rootshare,
            residual,
            self.constant_below,
        )

    def standardised_residual(self, residual: Array) -> Array:
        """Centre a residual and scale it to unit weighted norm, root weights in."""
        centred = residual - self.share @ residual
        size = np.sqrt(self.share @ centred**2)
        return np.asarray(centred / size * self.rootshare)


class Ranking:
    """The `wanted` best distinct features offered so far, none of them in a pool.

    Everything that may still matter is kept, duplicates included, so that the final
    list does not depend on the order of the offers.
    """

    def __init__(
        self, evaluator: Evaluator, residual: Array, wanted: int, pool: Array
    ) -> None:
        self.evaluator = evaluator
        self.residual = residual
        self.wanted = wanted
        self.pool = pool
        self.pool_score = np.abs(pool @ residual)
        self.threshold = 0.0
        self.recipes = Recipes.join([])
        self.score = np.empty(0)
        self._unranked = 0

    def offer(self, recipes: Recipes) -> None:
        """Score recipes and keep those that reach the threshold."""
        if not len(recipes):
            return
        score = self.evaluator.scores(recipes, self.residual)
        good = score >= max(self.threshold - _TIE, 0.0)
        self._unranked += int(good.sum())
        self.recipes = Recipes.join([self.recipes, recipes.take(good)])
        self.score = np.concatenate([self.score, score[good]])
        if self._unranked > 4 * self.wanted + 200:
            self._raise_threshold()

    def best(self) -> Recipes:
        """Return the list, best first; of equal features the simplest."""
        return self._ranked()[0]

    def _raise_threshold(self) -> None:
        found, score = self._ranked()
        if len(found) >= self.wanted:
            self.threshold = max(self.threshold, float(score[self.wanted - 1]))
            keep = self.score >= self.threshold - _TIE
            self.recipes, self.score = self.recipes.take(keep), self.score[keep]
        self._unranked = 0

    def _ranked(self) -> tuple[Recipes, Array]:
        from hecsr.search.sisso.kernels import near_duplicates

        r = self.recipes
        nodes = self.evaluator.features.nodes(r)
        nodes[r.operator == 0] = self.evaluator.features.complexity[
            r.left[r.operator == 0]
        ]
        order = np.lexsort((r.right, r.left, r.operator, nodes, -self.score))
        simple = np.empty(len(order), np.intp)
        simple[np.lexsort((r.right, r.left, r.operator, nodes))] = np.arange(len(order))
        seen = min(len(order), 4 * self.wanted + 64)
        while True:
            head = order[:seen]
            owner, looked = near_duplicates(
                self.evaluator.standardised(r.take(head)),
                self.score[head],
                self.pool,
                self.pool_score,
                _WINDOW,
                DUPLICATE,
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
        chosen = np.full(len(owner), -1, dtype=np.intp)
        for s, a in enumerate(owner):
            if a >= 0 and (chosen[a] < 0 or simple[head[s]] < simple[chosen[a]]):
                chosen[a] = head[s]
        return self.recipes.take(chosen[anchors]), self.score[head[anchors]]
