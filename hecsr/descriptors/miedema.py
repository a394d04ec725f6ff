"""Mixing enthalpy of the metals from Miedema's binary values, and 1/Omega.

Both describe the liquid alloy of the metals, not the ceramic.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def mixing_enthalpy(fractions: Array, pairs: Array) -> float:
    """Return the mixing enthalpy in kJ/mol of metal atoms.

    ``dH = 4 sum_{i<j} H_ij c_i c_j`` with `pairs` the symmetric matrix of the
    equimolar binary values H_ij in kJ/mol and a zero diagonal.

    References
    ----------
    Takeuchi and Inoue, Mater. Trans. 46, 2817 (2005),
    10.2320/matertrans.46.2817.
    """
    return float(2.0 * fractions @ pairs @ fractions)


def inverse_omega(enthalpy: float, melting_point: float, entropy: float) -> float:
    """Return ``1/Omega = |dH| / (Tm dS)``, a pure number; NaN for one metal.

    `enthalpy` in kJ/mol, mean melting point in K, `entropy` in J/(mol K). Omega
    itself diverges where the mixing enthalpy is zero.

    References
    ----------
    Yang and Zhang, Mater. Chem. Phys. 132, 233 (2012),
    10.1016/j.matchemphys.2011.11.021 (Omega, inverted).
    """
    if entropy <= 0:
        return float("nan")
    return 1e3 * abs(enthalpy) / (melting_point * entropy)
