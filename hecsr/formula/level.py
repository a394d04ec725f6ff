"""The level of the log odds at which a class's mean probability is its share."""

from __future__ import annotations

import numpy as np

from hecsr.formula.expression import Array, logistic


def level(odds: Array, y: Array, weights: Array) -> float:
    """Return what to add to log odds so that the mean probability is that of `y`.

    That is the intercept of greatest likelihood, the rest given; 0 where it is
    infinite (one class only) or where the odds are not finite.
    """
    from scipy.optimize import brentq

    share = float(weights @ y / weights.sum())
    if not 0 < share < 1 or not np.isfinite(odds).all():
        return 0.0
    middle = np.log(share / (1 - share))
    # at the ends every probability is below, and above, the share
    low, high = middle - float(odds.max()), middle - float(odds.min())

    def excess(shift: float) -> float:
        return float(weights @ (logistic(odds + shift) - y))

    if not excess(low) < 0 < excess(high):
        return float((low + high) / 2)
    return float(brentq(excess, low, high, xtol=1e-13, rtol=1e-14))
