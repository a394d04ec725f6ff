"""Which stored features are one: equal values, or what SISSO takes for equal.

Rows are evaluated again where they are compared, so that no copy of them is held.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hecsr.search.sisso.building.rules import EQUAL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from hecsr.formula.expression import Array
    from hecsr.search.sisso.building.features import Features, Recipes
    from hecsr.search.sisso.building.weighting import Weighting
    from hecsr.search.sisso.space import SearchSpace

_CHUNK = 2048


def equal_or_opposite(
    values: Array, features: Features, old: int, space: SearchSpace
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Say which features stay, and which are minus another.

    Of equal features the simplest stays, unless another may go where it may not:
    then both stay. The first `old` ones always stay: recipes point at them.

    Parameters
    ----------
    values
        Rows that the recipes of the features take.
    """
    n = values.shape[1]
    weights = 1 + np.random.default_rng(0).random((n,))

    def size(rows: Array) -> Array:
        # equal or opposite rows have close keys; no scale over- or underflows
        top = np.abs(rows).max(axis=1)
        total = np.abs(rows / top[:, None]) @ weights
        return np.asarray(np.log(top) + np.log(total))

    # each value may differ by a share of the largest; the weights are from 1 to 2
    gap = (2 * n + 2) * EQUAL
    if space.rules.same_key is not None:
        old = len(features)
    return _sorted_out(values, features, size, gap, 0.0, old, space)


def first_of_key(
    values: Array, features: Features, weighting: Weighting, space: SearchSpace
) -> NDArray[np.bool_]:
    """Say which features are not SISSO's duplicates of simpler ones."""
    tag = np.empty(values.shape[1])
    for task in weighting.tasks:
        tag[task] = 1.0 + 0.001 * np.arange(1, task.stop - task.start + 1)

    def key(rows: Array) -> Array:
        return np.asarray(np.sqrt(np.square(rows + tag).sum(axis=1)))

    gap, limit = space.rules.same_key or 0.0, space.duplicates[1]
    return _sorted_out(values, features, key, gap, limit, 0, space)[0]


def _sorted_out(
    values: Array,
    features: Features,
    key_of: Callable[[Array], Array],
    gap: float,
    limit: float,
    old: int,
    space: SearchSpace,
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    from hecsr.search.sisso.building.comparison import sort_out

    count = len(features)
    key = np.empty(count)
    for start in range(0, count, _CHUNK):
        part = slice(start, start + _CHUNK)
        key[part] = key_of(_evaluated(values, features.recipes.take(part)))
    low, high = features.low, features.high
    if space.poles:
        # equal values are then lawful alike
        low = high = np.zeros(count)
    keep, twin = np.ones(count, np.bool_), np.zeros(count, np.bool_)
    for members, edges in _batches(*_groups(key, gap, features.complexity)):
        sort_out(
            _evaluated(values, features.recipes.take(members)),
            members,
            edges,
            key,
            *(gap, EQUAL, limit, old),
            *(features.unit, low, high, features.bits),
            *(keep, twin),
        )
    return keep, twin


def _evaluated(values: Array, recipes: Recipes) -> Array:
    from hecsr.search.sisso.building.kernels import evaluate_rows

    rows = np.empty((len(recipes), values.shape[1]))
    evaluate_rows(values, recipes.operator, recipes.left, recipes.right, rows)
    return rows


def _groups(
    key: Array, gap: float, complexity: NDArray[np.int32]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return chains of features with close keys, simple ones first, and their ends."""
    order = np.argsort(key, kind="stable")
    chain = np.zeros(len(key), np.intp)
    chain[order[1:]] = np.cumsum(np.diff(key[order]) > gap)
    members = np.flatnonzero(np.bincount(chain)[chain] > 1)
    members = members[np.lexsort((members, complexity[members], chain[members]))]
    edges = np.flatnonzero(np.diff(chain[members], prepend=-1, append=len(key)))
    return members, edges


def _batches(
    members: NDArray[np.intp], edges: NDArray[np.intp]
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Yield whole groups, a few at a time."""
    first = 0
    while first < len(edges) - 1:
        last = int(np.searchsorted(edges, edges[first] + _CHUNK, side="right")) - 1
        last = max(last, first + 1)
        part = members[edges[first] : edges[last]]
        yield part, edges[first : last + 1] - edges[first]
        first = last
