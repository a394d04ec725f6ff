"""Search spaces of growing size, up to the one that an analysis uses and one more."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hecsr.errors import SearchError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd
    from numpy.typing import NDArray

    from hecsr.formula.formula import Task
    from hecsr.search.samples import Samples
    from hecsr.search.sisso.cost import SpaceSize
    from hecsr.search.sisso.space import SearchSpace

# A step beyond the analysis' own space may cost this many times its search, but
# seconds are always there. Both are estimates from counts, the same on any machine.
_MORE: Final = 10.0
_SECONDS: Final = 2.0


def ladder(
    estimator: Any, X: pd.DataFrame, y: NDArray[np.float64], task: Task
) -> tuple[list[SearchSpace], int]:
    """Return spaces of growing size, and the place of the estimator's own.

    The first are the descriptors alone, then come the features of up to 1, 2, ...
    operators, and after the estimator's own space one with an operator more, where
    that is within its budget and costs little.

    Raises
    ------
    SearchError
        If a rung that would be stored is above the budget.
    """
    from hecsr.search.logarithms import in_logarithms
    from hecsr.search.samples import Samples, describe_columns
    from hecsr.search.sisso.space import SearchSpace

    own = estimator.space or SearchSpace()
    names = [str(c) for c in X.columns]
    described = describe_columns(names, estimator.descriptors)
    values = X.to_numpy(dtype=np.float64)
    samples = in_logarithms(Samples(values, described, y, None, task))
    found: list[tuple[SearchSpace, int]] = []
    for space in (*_smaller(own), own):
        count = _size(estimator, space, samples).candidates
        if found and count == found[-1][1]:
            # an operator of more than one node: nothing new up to here
            found.pop()
        found.append((space, count))
    used = len(found) - 1
    larger = _one_more(estimator, own, samples)
    return [s for s, _ in found] + ([] if larger is None else [larger]), used


def _smaller(own: SearchSpace) -> Iterator[SearchSpace]:
    """Yield the spaces of fewer operators than a feature of this one may have."""
    largest = 0
    for rung in range(1, own.rungs + 1):
        largest = 2 * largest + max(map(own.nodes, own.at(rung)), default=0)
    for nodes in range(min(own.max_complexity, largest)):
        rungs = min(own.rungs, nodes)
        by_rung = None if own.by_rung is None else own.by_rung[:rungs]
        yield replace(own, max_complexity=nodes, rungs=rungs, by_rung=by_rung)


def _one_more(estimator: Any, own: SearchSpace, samples: Samples) -> SearchSpace | None:
    """Return the next larger space if it can be searched at little more cost."""
    from hecsr.search.sisso.size import check_budget
    from hecsr.search.sisso.space import MAX_RUNGS, Budget

    size = _size(estimator, own, samples)
    allowed = max(_MORE * size.seconds, _SECONDS)
    larger = replace(own, max_complexity=own.max_complexity + 1)
    tried = [larger]
    if own.by_rung is None and own.rungs < MAX_RUNGS:
        tried.append(replace(larger, rungs=own.rungs + 1))
    for space in tried:
        try:
            more = _size(estimator, space, samples)
            check_budget(more, estimator.budget or Budget())
        except SearchError:
            return None
        if more.candidates > size.candidates:
            return space if more.seconds <= allowed else None
    return None


def _size(estimator: Any, space: SearchSpace, samples: Samples) -> SpaceSize:
    from hecsr.search.sisso.size import space_size

    return space_size(
        space,
        samples.descriptors,
        len(samples.y),
        budget=estimator.budget,
        max_terms=estimator.max_terms,
        n_residuals=estimator.n_residuals,
        values=samples.values,
    )
