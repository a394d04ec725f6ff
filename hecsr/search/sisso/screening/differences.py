"""Absolute differences of stored features of one unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hecsr.search.sisso.screening.layout import ordered
from hecsr.search.sisso.screening.sums import class_exponent, scaled_values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from hecsr.search.sisso.building.features import Features
    from hecsr.search.sisso.building.weighting import Weighting
    from hecsr.search.sisso.screening.layout import Order
    from hecsr.search.sisso.screening.scans import Tile


@dataclass(frozen=True)
class DifferenceClass:
    """Features of one unit, and those that are minus another.

    The absolute difference of two sign twins is that of their partners, so that
    twins only stand on one side.

    Attributes
    ----------
    exponent
        The values are divided by two to this power.
    """

    features: Features
    weighting: Weighting
    kind: type[np.float64 | np.float32]
    rows: Order
    twins: Order
    exponent: int

    def part(self, order: Order, part: slice) -> tuple[Tile, Tile]:
        """Return some features times the root weights, and their mean squares."""
        values = scaled_values(self.features, order, part, self.exponent)
        values = values * self.weighting.rootshare
        square = np.einsum("ij,ij->i", values, values)
        return values.astype(self.kind), square.astype(self.kind)


def difference_classes(
    features: Features,
    core: NDArray[np.intp],
    newest: int,
    weighting: Weighting,
    kind: type[np.float64 | np.float32],
) -> Iterator[DifferenceClass]:
    """Split features by unit; `core` holds those that are no sign twins."""
    twins = np.flatnonzero(features.twin & ~features.argument)
    for unit in np.unique(features.unit[core]):
        rows = ordered(features, core[features.unit[core] == unit], newest)
        columns = ordered(features, twins[features.unit[twins] == unit], newest)
        if len(rows) + len(columns) > 1 and (rows.new or columns.new):
            exponent = class_exponent(features, rows)
            yield DifferenceClass(features, weighting, kind, rows, columns, exponent)
