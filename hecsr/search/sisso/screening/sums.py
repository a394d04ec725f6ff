"""Sums and differences of stored features of one unit, from their correlations.

With standard deviations s and correlation c, ``var(f + g) = s_f^2 + s_g^2 + 2 s_f s_g
c``, and the covariance with a residual is the sum of the features' own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hecsr.search.sisso.screening.layout import by_unit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from hecsr.formula.expression import Array
    from hecsr.search.sisso.building.features import Features
    from hecsr.search.sisso.building.weighting import Weighting
    from hecsr.search.sisso.screening.goals import Precision
    from hecsr.search.sisso.screening.layout import Order
    from hecsr.search.sisso.screening.scans import Tile


@dataclass(frozen=True)
class SumClass:
    """Features of one unit.

    Attributes
    ----------
    standard
        Rows of unit weighted norm, root weights in, within each task; centred if the
        models have an intercept.
    size
        Their norms before that, one column per task, in the class's scale.
    exponent
        The class's scale: its values are divided by two to this power.
    """

    order: Order
    standard: Tile
    size: Array
    exponent: int

    def inner(self, rows: Array, task: slice, t: int) -> Array:
        """Return the products of rows (of one task) with the centred features."""
        found = np.empty((len(rows), len(self.order)))
        for start in range(0, len(self.order), 1024):
            part = slice(start, start + 1024)
            standard = self.standard[part, task].astype(np.float64)
            found[:, part] = (rows[:, task] @ standard.T) * self.size[part, t]
        return found


def sum_classes(
    features: Features,
    rows: NDArray[np.intp],
    newest: int,
    weighting: Weighting,
    precision: Precision,
) -> Iterator[SumClass]:
    """Split features by unit and standardise them."""
    kind = np.float32 if precision == "float32" else np.float64
    for order in by_unit(features, rows, newest):
        exponent = class_exponent(features, order)
        n = features.values.shape[1]
        standard = np.empty((len(order), n), kind)
        size = np.empty((len(order), len(weighting.tasks)))
        for start in range(0, len(order), 1024):
            part = slice(start, start + 1024)
            values = scaled_values(features, order, part, exponent)
            standard[part], size[part] = standardised(values, weighting)
        yield SumClass(order, standard, size, exponent)


def class_exponent(features: Features, order: Order) -> int:
    """Return the power of two that brings the largest value to between 0.5 and 1."""
    top = 0.0
    for start in range(0, len(order), 1024):
        values = features.values[order.row[start : start + 1024]]
        top = max(top, float(values.max()), -float(values.min()))
    return int(np.frexp(top)[1])


def scaled_values(
    features: Features, order: Order, part: slice, exponent: int
) -> Array:
    """Return some rows in the class's scale; no digit changes."""
    return np.asarray(np.ldexp(features.values[order.row[part]], -exponent))


def standardised(values: Array, weighting: Weighting) -> tuple[Array, Array]:
    """Centre rows within each task and scale them to unit weighted norm.

    Returns
    -------
    tuple
        The rows with the root weights in, and their norms, one column per task.
    """
    rows = values * weighting.rootshare
    size = np.empty((len(values), len(weighting.tasks)))
    for t, task in enumerate(weighting.tasks):
        root = weighting.rootshare[task]
        part = rows[:, task]
        if weighting.centred:
            for _ in range(2):
                mean = (part @ root) / (root @ root)
                part -= mean[:, None] * root
        size[:, t] = np.sqrt(np.einsum("ij,ij->i", part, part))
        part /= np.where(size[:, t] > 0, size[:, t], 1.0)[:, None]
    return rows, size
