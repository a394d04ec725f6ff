"""Half width of a prediction interval from held-out errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hecsr.errors import HecsrError
from hecsr.formula.formula import Interval

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike


def half_width(residuals: ArrayLike, level: float = 0.9) -> float:
    """Return the smallest half width that holds `level` of new errors.

    The ``ceil((n + 1) level)``-th smallest of n absolute errors: with exchangeable
    errors an interval of this half width holds a new value with probability at
    least `level` (split conformal prediction).

    Raises
    ------
    HecsrError
        If the level is not between 0 and 1, or too high for so few errors.
    """
    if not 0 < level < 1:
        raise HecsrError(f"the level of an interval is {level}; give one in (0, 1)")
    size = np.sort(np.abs(np.asarray(residuals, dtype=np.float64)))
    if not np.isfinite(size).all():
        raise HecsrError("held-out errors are missing or infinite")
    # 0.9 times 10 must be 9, not the next float above it
    rank = int(np.ceil(round((len(size) + 1) * level, 9)))
    if rank > len(size):
        least = int(np.ceil(round(level / (1 - level), 9)))
        msg = f"{len(size)} held-out errors carry no {level:.0%} interval"
        raise HecsrError(f"{msg}; {least} are needed")
    return float(size[rank - 1])


def conformal_interval(
    predictions: pd.DataFrame,
    competitor: str,
    *,
    scheme: str | None = None,
    level: float = 0.9,
) -> Interval:
    """Interval of a procedure from its out-of-fold errors under a scheme.

    With folds that keep groups whole, the errors are those on unseen groups. Each
    repeat gives one error per sample and a half width; their mean is returned.

    Parameters
    ----------
    predictions
        As in `Comparison.predictions`, of a regression.
    scheme
        The scheme to take; the first by default.

    Raises
    ------
    HecsrError
        If the competitor has no predictions, or too few.
    """
    chosen = predictions["scheme"].iloc[0] if scheme is None else scheme
    own = predictions[
        (predictions["scheme"] == chosen) & (predictions["competitor"] == competitor)
    ]
    if own.empty:
        raise HecsrError(f"no predictions of '{competitor}' under '{chosen}'")
    widths = [
        half_width(part["observed"].to_numpy() - part["predicted"].to_numpy(), level)
        for _, part in own.groupby("repeat", sort=True)
    ]
    rows = len(own) // len(widths)
    return Interval(
        half_width=float(np.mean(widths)),
        level=level,
        source=f"{rows} out-of-fold errors of the procedure, {chosen}",
    )
