"""How often intervals hold what they promise, and probabilities come true."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hecsr.errors import HecsrError
from hecsr.validation.conformal import half_width

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

COLUMNS: Final = ("kind", "level", "observed", "low", "high", "n", "width")
CALIBRATION: Final = ("predicted", "observed", "low", "high", "n")
_SURE: Final = 0.95
_BINS: Final = 5


def binomial_interval(share: float, n: int, sure: float = _SURE) -> tuple[float, float]:
    """Return the exact interval of a share of n independent trials.

    Clopper, Pearson, Biometrika 26, 404 (1934), 10.1093/biomet/26.4.404; a share that
    is a mean of several repeats need not be a whole number of trials.
    """
    from scipy.special import betaincinv

    k, tail = share * n, (1 - sure) / 2
    low = 0.0 if k <= 0 else float(betaincinv(k, n - k + 1, tail))
    high = 1.0 if k >= n else float(betaincinv(k + 1, n - k, 1 - tail))
    return low, high


def coverage_rows(
    kind: str,
    levels: Sequence[float],
    inside: Array,
    width: Array,
    repeat: NDArray[np.intp],
) -> list[dict[str, Any]]:
    """Count the held-out rows inside intervals, one row a level.

    The binomial interval is that of the rows of one repeat: the repeats show the same
    rows again.

    Parameters
    ----------
    inside
        1 where a row is inside, 0 where not, NaN where there is no interval; shape
        (levels, n).
    width
        Widths in the target's unit, shape (levels, n).
    repeat
        Repeat that each row belongs to, shape (n,).
    """
    found = []
    repeats = len(np.unique(repeat))
    for at, held, wide in zip(levels, inside, width, strict=True):
        known = np.isfinite(held)
        n = round(int(known.sum()) / repeats)
        share = float(held[known].mean()) if n else np.nan
        low, high = binomial_interval(share, n) if n else (np.nan, np.nan)
        found.append(
            {
                "kind": kind,
                "level": float(at),
                "observed": share,
                "low": low,
                "high": high,
                "n": n,
                "width": float(wide[known].mean()) if n else np.nan,
            }
        )
    return found


def conformal_half_widths(
    error: Array,
    repeat: NDArray[np.intp],
    fold: NDArray[np.intp],
    level: float,
    groups: NDArray[np.intp] | None = None,
) -> Array:
    """Return for each held-out row the conformal half width without its own fold.

    That of the held-out errors in the other folds of the repeat
    (:func:`.conformal.half_width`), NaN where these are too few for the level.
    """
    found = np.full(len(error), np.nan)
    for r, f in sorted(set(zip(repeat.tolist(), fold.tolist(), strict=True))):
        own = (repeat == r) & (fold == f)
        others = (repeat == r) & (fold != f)
        of = None if groups is None else groups[others]
        try:
            found[own] = half_width(error[others], level, of)
        except HecsrError:
            continue  # too few errors carry no interval of this level
    return found


def calibration_frame(
    p: Array, y: Array, repeats: int, bins: int = _BINS
) -> pd.DataFrame:
    """Set observed shares beside probabilities, in bins of as many rows.

    Parameters
    ----------
    p, y
        Probabilities and classes of held-out rows, shape (n,).
    repeats
        How often each row stands in them.

    Returns
    -------
    DataFrame
        predicted (mean of the bin), observed (share of class 1), low and high
        (binomial, of the rows of one repeat), n (those rows).
    """
    import pandas as pd

    rows = []
    for part in np.array_split(np.argsort(p, kind="stable"), bins):
        n = round(len(part) / repeats)
        if not n:
            continue
        share = float(y[part].mean())
        low, high = binomial_interval(share, n)
        rows.append((float(p[part].mean()), share, low, high, n))
    return pd.DataFrame(rows, columns=list(CALIBRATION))
