"""Choose the best 1, 2 or 3 of the kept features, among all tuples of them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import TYPE_CHECKING

import numpy as np

from hecsr.errors import SearchError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hecsr.formula.expression import Array

_GAP = 1e-10
"""Tuples with less left of a feature after the others, squared, are dependent."""
_TILE = 256


@dataclass(frozen=True)
class Model:
    """Positions of the chosen features in the pool, and their residual.

    `loss` is the share of the target's variance that is left, or for classes minus
    the penalised log-likelihood.
    """

    members: tuple[int, ...]
    loss: float
    residual: Array


def best_tuples(rows: Array, target: Array, size: int, keep: int) -> NDArray[np.int32]:
    """Return the `keep` tuples of largest R^2, from the Gram matrix.

    `rows` and `target` are standardised: their products are correlations.
    """
    from hecsr.search.sisso.exhaustive import best_pairs, best_triples

    n = len(rows)
    correlation = rows @ target
    if size == 1:
        order = np.argsort(-(correlation**2), kind="stable")[:keep]
        return order[:, None].astype(np.int32)
    if comb(n, size) <= keep:
        return np.array(list(combinations(range(n), size)), np.int32).reshape(-1, size)
    best = np.zeros(keep)
    found = np.full((keep, size), -1, np.int32)
    gram = rows @ rows.T
    if size == 2:
        best_pairs(gram, correlation, _GAP, best, found)
    elif size == 3:
        best_triples(gram, correlation, _GAP, best, found, _TILE)
    else:
        raise SearchError(f"exhaustive search of {size} terms is not offered")
    return found[found[:, 0] >= 0]


def least_squares_models(
    rows: Array, target: Array, size: int, keep: int
) -> list[Model]:
    """Return the best tuples by exact least squares, best first.

    Residuals are in the scale of `target`, root weights in.
    """
    models = []
    for members in best_tuples(rows, target, size, keep):
        q, r = np.linalg.qr(rows[members].T)
        diagonal = np.abs(np.diag(r))
        if diagonal.min() ** 2 <= _GAP:
            continue
        residual = target - q @ (q.T @ target)
        # what rounding left of the first projection
        residual -= q @ (q.T @ residual)
        chosen = tuple(int(m) for m in members)
        models.append(Model(chosen, float(residual @ residual), residual))
    models.sort(key=lambda m: (m.loss, m.members))
    return models
