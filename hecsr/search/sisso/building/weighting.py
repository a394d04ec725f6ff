"""How samples count: their weights, their tasks, and whether means are taken out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hecsr.formula.expression import Array


@dataclass(frozen=True)
class Weighting:
    """Weights of the samples, which come sorted by task.

    Attributes
    ----------
    share
        Weight of each sample; they sum to one.
    centred
        Whether a model has an intercept (one for each task), so that scores are
        correlations; without it they are cosines.
    edges
        Where each task starts, and the number of samples at the end. Tasks share
        the features of a model and have coefficients of their own.
    """

    share: Array
    centred: bool = True
    edges: tuple[int, ...] = ()

    @cached_property
    def rootshare(self) -> Array:
        """Roots of the weights."""
        return np.sqrt(self.share)

    @cached_property
    def bounds(self) -> NDArray[np.int64]:
        """The edges, of the one task there is if none were given."""
        return np.array(self.edges or (0, len(self.share)), dtype=np.int64)

    @cached_property
    def tasks(self) -> tuple[slice, ...]:
        """The samples of each task."""
        ends = self.bounds.tolist()
        return tuple(slice(a, b) for a, b in pairwise(ends))

    def standardised(self, y: Array) -> tuple[Array, Array]:
        """Scale a target to unit weighted norm within each task, root weights in.

        Returns
        -------
        tuple
            The row, whose product with a standardised feature is a correlation, and
            the norm of each task; a task without variation has norm 0 and a row of
            zeros there.
        """
        row = np.zeros_like(y, dtype=np.float64)
        sizes = np.zeros(len(self.tasks))
        for t, task in enumerate(self.tasks):
            w = self.share[task]
            part = y[task] - (w @ y[task]) / w.sum() if self.centred else y[task]
            part = part * self.rootshare[task]
            top = float(np.abs(part).max(initial=0.0))
            if top > 0:
                size = top * float(np.sqrt(np.sum((part / top) ** 2)))
                row[task], sizes[t] = part / size, size
        return row, sizes
