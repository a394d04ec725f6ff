"""Quantiles of mixtures of Student's t distributions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

_STEPS: Final = 200
_CLOSE: Final = 1e-8


def mixture_quantile(
    p: float, mean: Array, spread: Array, freedom: Array, weight: Array
) -> Array:
    """Return the p-quantile of a mixture of t distributions for each row, (n,).

    It lies between the least and the largest quantile of the components; from there
    Newton's steps on the distribution function, halved where they leave the bracket.

    Parameters
    ----------
    mean, spread
        Of each row and component, shape (n, m); spreads above 0.
    freedom
        Degrees of freedom of each component, shape (m,).
    weight
        Of each row and component, shape (n, m); rows sum to 1. Components of weight 0
        are not looked at. A row of zeros gives NaN.
    """
    from scipy.special import gammaln, stdtr, stdtrit

    used = weight > 0
    empty = ~used.any(axis=1)
    each = np.where(used, mean + spread * stdtrit(freedom, p), np.nan)
    each[empty] = 0.0
    low, high = np.nanmin(each, axis=1), np.nanmax(each, axis=1)
    x = np.where(used, weight * np.nan_to_num(each), 0.0).sum(axis=1)
    centre, width = np.where(used, mean, 0.0), np.where(used, spread, 1.0)
    factor = np.exp(gammaln((freedom + 1) / 2) - gammaln(freedom / 2))
    factor = factor / np.sqrt(freedom * np.pi)
    close = _CLOSE * np.maximum(high - low, np.abs(x) * 1e-12)
    for _ in range(_STEPS):
        z = (x[:, None] - centre) / width
        over = np.einsum("ij,ij->i", weight, stdtr(freedom, z)) - p
        low, high = np.where(over < 0, x, low), np.where(over < 0, high, x)
        density = factor * (1 + z * z / freedom) ** (-(freedom + 1) / 2) / width
        slope = np.einsum("ij,ij->i", weight, density)
        step = x - np.divide(over, slope, out=np.full_like(x, np.inf), where=slope > 0)
        inside = (step > low) & (step < high)
        new = np.where(over == 0, x, np.where(inside, step, (low + high) / 2))
        moved = np.abs(new - x)
        x = new
        if (moved <= close).all():
            break
    return np.where(empty, np.nan, x)
