"""Size mismatch of the species that share a sublattice."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def mismatch(fractions: NDArray[np.float64], radii: NDArray[np.float64]) -> float:
    """Return the size mismatch delta, a pure number.

    ``delta = sqrt(sum_i c_i (1 - r_i / rbar)^2)`` with ``rbar = sum_i c_i r_i``.
    The field prints it in per cent; here 0.05 is 5 %.

    References
    ----------
    Zhang et al., Adv. Eng. Mater. 10, 534 (2008), 10.1002/adem.200700240.
    """
    mean = fractions @ radii
    return float(np.sqrt(fractions @ (1 - radii / mean) ** 2))
