"""Averages over a sublattice: shares `c` that sum to one, property values `p`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def mean(c: Array, p: Array) -> float:
    """Return the weighted mean, in the unit of `p`."""
    return float(c @ p)


def deviation(c: Array, p: Array) -> float:
    """Return the weighted standard deviation, in the unit of `p`."""
    return float(np.sqrt(c @ (p - c @ p) ** 2))


def minimum(c: Array, p: Array) -> float:
    """Return the smallest value on the sublattice, in the unit of `p`."""
    del c
    return float(p.min())


def maximum(c: Array, p: Array) -> float:
    """Return the largest value on the sublattice, in the unit of `p`."""
    del c
    return float(p.max())


def extent(c: Array, p: Array) -> float:
    """Return the largest less the smallest value, in the unit of `p`."""
    del c
    return float(p.max() - p.min())


def pair_mismatch(c: Array, p: Array) -> float:
    """Return ``sum_{i<j} c_i c_j |p_i - p_j|``, in the unit of `p`."""
    return float(0.5 * c @ np.abs(p[:, None] - p[None, :]) @ c)
