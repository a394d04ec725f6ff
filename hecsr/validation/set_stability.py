"""How alike the sets are that a selection returns from resample to resample."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hecsr.errors import HecsrError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@dataclass(frozen=True, slots=True)
class SetStability:
    """Stability of sets with its standard error; 1 where all sets are the same.

    About 0 where they agree no better than sets of the same sizes drawn at random.
    """

    value: float
    error: float

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Return the approximate interval; it is cut at 1, the largest value."""
        from scipy.stats import norm

        half = float(norm.ppf((1 + level) / 2)) * self.error
        return self.value - half, min(self.value + half, 1.0)


def set_stability(chosen: ArrayLike) -> SetStability:
    """Return Nogueira's stability of feature sets and its standard error.

    Nogueira, Sechidis, Brown, J. Mach. Learn. Res. 18(174), 1-54 (2018): with p_f the
    share of the M sets that hold feature f of d, and k the mean size of a set, ::

        1 - mean_f[M / (M - 1) p_f (1 - p_f)] / [k/d (1 - k/d)]

    which does not depend on the sizes of the sets by chance (Definition 4); the
    variance is the asymptotic one of the same paper, for independent resamples. It
    counts a swap of two correlated features as a change.

    Parameters
    ----------
    chosen
        Which set holds which feature, shape (M, d), of booleans or 0 and 1.

    Returns
    -------
    SetStability
        NaN where every set is empty or holds every feature.

    Raises
    ------
    HecsrError
        If there are fewer than two sets or no feature, or other values than 0 and 1.

    Examples
    --------
    >>> set_stability([[1, 1, 0, 0], [1, 1, 0, 0]]).value
    1.0
    """
    held = np.asarray(chosen, dtype=np.float64)
    if held.ndim != 2 or len(held) < 2 or not held.shape[1]:
        raise HecsrError(f"two sets or more are needed, not shape {held.shape}")
    if not np.isin(held, (0.0, 1.0)).all():
        raise HecsrError("a set holds a feature (1) or not (0); other values are given")
    sets, features = held.shape
    share = held.mean(axis=0)
    size = held.sum(axis=1)
    mean = size.mean()
    by_chance = mean / features * (1 - mean / features)
    if by_chance <= 0:
        return SetStability(float("nan"), float("nan"))
    spread = sets / (sets - 1) * float((share * (1 - share)).mean())
    value = 1 - spread / by_chance
    both = size * mean / features**2
    own = (
        held @ share / features
        - both
        + value / 2 * (2 * both - size / features - mean / features + 1)
    ) / by_chance
    variance = 4 / sets**2 * float(((own - own.mean()) ** 2).sum())
    return SetStability(float(value), float(np.sqrt(variance)))
