"""Units of many features at once: integers that stand for exact exponents."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hecsr.units import DIMENSIONLESS, Dimension, Unit

if TYPE_CHECKING:
    from fractions import Fraction

Ids = NDArray[np.int32]


class UnitTable:
    """Numbers the units that occur; equal ids may be added as they stand.

    A unit is its seven exponents and the logarithm of its factor to SI, so that pm
    and Å are two.
    """

    def __init__(self) -> None:
        self._entries: list[tuple[Dimension, float]] = []
        self._known: dict[Dimension, list[int]] = {}
        self.number = self._id(DIMENSIONLESS, 0.0)

    def of(self, unit: Unit) -> int:
        """Return the id of a unit."""
        return self._id(unit.dimension, unit.log_factor)

    def times(self, left: Ids, right: Ids, power: Fraction) -> Ids:
        """Return the ids of ``left * right ** power``."""
        width = len(self._entries)
        keys, position = np.unique(
            left.astype(np.int64) * width + right, return_inverse=True
        )
        found = np.empty(len(keys), dtype=np.int32)
        for k, key in enumerate(keys):
            a, b = self._entries[key // width], self._entries[key % width]
            factor = a[1] + float(power) * b[1]
            found[k] = self._id(a[0] * b[0] ** power, factor)
        return found[position]

    def power(self, ids: Ids, power: Fraction) -> Ids:
        """Return the ids of ``ids ** power``."""
        return self.times(np.full(len(ids), self.number, np.int32), ids, power)

    def _id(self, dimension: Dimension, log_factor: float) -> int:
        same = self._known.setdefault(dimension, [])
        for known in same:
            if abs(self._entries[known][1] - log_factor) < 1e-9:
                return known
        self._entries.append((dimension, log_factor))
        same.append(len(self._entries) - 1)
        return same[-1]
