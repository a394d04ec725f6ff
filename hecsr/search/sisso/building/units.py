"""Units of many features at once: integers that stand for exact exponents."""

from __future__ import annotations

from math import lcm
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hecsr.units import BASE, NUMBER

if TYPE_CHECKING:
    from fractions import Fraction

    from hecsr.units import Unit

Ids = NDArray[np.int32]
_PARTS = 216
"""Exponents are counted in such parts of one, for square and cubic roots of roots."""


class UnitTable:
    """Numbers the units that occur; equal ids may be added as they stand.

    A unit is its seven exponents and the logarithm of its factor to SI, so that pm
    and Å are two.
    """

    def __init__(self) -> None:
        self._parts = _PARTS
        self._exponents = np.empty((0, len(BASE)), dtype=np.int64)
        self._factors = np.empty(0)
        self._known: dict[bytes, list[int]] = {}
        self.number = self.of(NUMBER)

    def of(self, unit: Unit) -> int:
        """Return the id of a unit."""
        exponents = unit.dimension.exponents
        self._divide(lcm(*(e.denominator for e in exponents)) * _PARTS)
        row = np.array([[int(e * self._parts) for e in exponents]], dtype=np.int64)
        return int(self._ids(row, np.array([unit.log_factor]))[0])

    def times(self, left: Ids, right: Ids, power: Fraction) -> Ids:
        """Return the ids of ``left * right ** power``."""
        width = len(self._factors)
        keys, position = np.unique(
            left.astype(np.int64) * width + right, return_inverse=True
        )
        a, b = np.divmod(keys, width)
        if (self._exponents[b] % power.denominator).any():
            self._divide(self._parts * power.denominator)
        raised = self._exponents[b] * power.numerator // power.denominator
        factors = self._factors[a] + float(power) * self._factors[b]
        return self._ids(self._exponents[a] + raised, factors)[position]

    def power(self, ids: Ids, power: Fraction) -> Ids:
        """Return the ids of ``ids ** power``."""
        return self.times(np.full(len(ids), self.number, np.int32), ids, power)

    def _divide(self, parts: int) -> None:
        """Count exponents in smaller parts, if these are not multiples of them."""
        finer = lcm(self._parts, parts) // self._parts
        if finer > 1:
            self._parts *= finer
            self._exponents *= finer
            ids = range(len(self._factors))
            self._known = {}
            for k in ids:
                self._known.setdefault(self._exponents[k].tobytes(), []).append(k)

    def _ids(self, exponents: NDArray[np.int64], factors: NDArray[np.float64]) -> Ids:
        """Return the ids of units, numbering those not seen before."""
        found = np.empty(len(exponents), dtype=np.int32)
        all_factors = self._factors.tolist()
        new = []
        for k, row in enumerate(exponents):
            same = self._known.setdefault(row.tobytes(), [])
            for known in same:
                if abs(all_factors[known] - factors[k]) < 1e-9:
                    found[k] = known
                    break
            else:
                found[k] = len(all_factors)
                same.append(len(all_factors))
                all_factors.append(float(factors[k]))
                new.append(k)
        if new:
            self._exponents = np.vstack([self._exponents, exponents[new]])
            self._factors = np.array(all_factors)
        return found
