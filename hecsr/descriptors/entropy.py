"""Configurational entropy of a sublattice."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

GAS_CONSTANT: Final = 8.31446261815324
"""Molar gas constant R in J/(mol K), exact since the SI of 2019."""


def mixing_entropy(fractions: NDArray[np.float64]) -> float:
    """Return the ideal mixing entropy in J/(mol K), per mole of sites.

    ``S = -R sum_i c_i ln c_i`` over the species that share the sublattice; 1.609 R
    for five equimolar metals.

    References
    ----------
    Yeh et al., Adv. Eng. Mater. 6, 299 (2004), 10.1002/adem.200300567.
    """
    c = fractions[fractions > 0]
    return float(-GAS_CONSTANT * (c @ np.log(c))) + 0.0
