"""Bonds between the metals and the anions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def electronegativity_gap(
    metals: Array, chi: Array, anions: Array, chi_x: Array
) -> float:
    """Return mean anion less mean metal electronegativity (Pauling), a pure number."""
    return float(anions @ chi_x - metals @ chi)


def ionic_character(metals: Array, chi: Array, anions: Array, chi_x: Array) -> float:
    """Return the mean ionic character of the metal-anion bonds, 0 to 1.

    ``sum_i sum_x c_i y_x [1 - exp(-(chi_i - chi_x)^2 / 4)]``.

    References
    ----------
    Pauling, The Nature of the Chemical Bond, 3rd ed. (1960), section 3-9.
    """
    gap = chi[:, None] - chi_x[None, :]
    return float(metals @ (1 - np.exp(-(gap**2) / 4)) @ anions)
