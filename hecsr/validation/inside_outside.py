"""Held-out errors inside and outside a domain, and whether they differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

LEVEL: Final = 0.95
FEWEST: Final = 5
"""With fewer distinct samples on one side nothing is said of a difference."""


def compared_places(
    places: pd.DataFrame,
    groups: NDArray[np.intp] | None = None,
    *,
    draws: int = 2000,
    seed: int = 0,
) -> pd.DataFrame:
    """Compare the mean loss of the rows inside and outside, for each way to say so.

    Groups (or rows) are drawn with replacement, all held-out predictions of a group
    together; a draw that leaves one side empty is left out. What another training set
    would have found does not enter.

    Parameters
    ----------
    places
        As in :class:`hecsr.validation.applicability.Applicability`.
    groups
        Of all samples, by position; shape (n,).

    Returns
    -------
    DataFrame
        scheme, competitor, by ('ranges', 'hull', 'leverage', 'distance'); for each
        side its mean loss, interval, predictions n and distinct samples; the ratio
        of the loss outside to that inside, with its interval; and `shown`: 'larger',
        'smaller', 'not shown', or 'too few' with fewer than five samples on a side.
    """
    import pandas as pd

    rows = []
    for (scheme, competitor), own in places.groupby(
        ["scheme", "competitor"], sort=False
    ):
        for by, (inner, known) in _sides(own).items():
            if not known.any():
                continue
            found = _compared(own[known], inner[known], groups, draws, seed)
            rows.append({"scheme": scheme, "competitor": competitor, "by": by} | found)
    columns = ["scheme", "competitor", "by"]
    for side in ("inside", "outside"):
        columns += [side, f"{side}_low", f"{side}_high", f"n_{side}", f"samples_{side}"]
    columns += ["ratio", "ratio_low", "ratio_high", "shown"]
    return pd.DataFrame(rows, columns=columns)


def rank_correlations(
    places: pd.DataFrame,
    groups: NDArray[np.intp] | None = None,
    *,
    draws: int = 2000,
    seed: int = 0,
) -> pd.DataFrame:
    """Return Spearman's correlation of loss and distance, with its interval.

    The ranks are those of all rows in every bootstrap draw of groups.

    Returns
    -------
    DataFrame
        scheme, competitor, rho, low, high, n; NaN where either never changes.
    """
    import pandas as pd
    from scipy.stats import rankdata

    rows = []
    for (scheme, competitor), own in places.groupby(
        ["scheme", "competitor"], sort=False
    ):
        there = own[own["loss"].notna() & own["distance"].notna()]
        x = rankdata(there["distance"].to_numpy())
        y = rankdata(there["loss"].to_numpy())
        code, times = _drawn(there, groups, draws, seed)
        counts = np.vstack([np.ones((1, times.shape[1])), times])
        sums = [
            np.asarray(counts @ np.bincount(code, v, times.shape[1]), dtype=np.float64)
            for v in (np.ones(len(x)), x, y, x * y, x * x, y * y)
        ]
        rho = _correlation(*sums)
        low, high = _middle(rho[1:])
        rows.append(
            {
                "scheme": scheme,
                "competitor": competitor,
                "rho": rho[0] if len(rho) else np.nan,
                "low": low,
                "high": high,
                "n": len(there),
            }
        )
    columns = ["scheme", "competitor", "rho", "low", "high", "n"]
    return pd.DataFrame(rows, columns=columns)


def _sides(own: pd.DataFrame) -> dict[str, tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """Which rows are inside, and of which that is known, in each sense."""
    leverage = own["leverage"].to_numpy(dtype=np.float64)
    limit = own["leverage_limit"].to_numpy(dtype=np.float64)
    distance = own["distance"].to_numpy(dtype=np.float64)
    hull = own["inside_hull"]
    lost = own["loss"].notna().to_numpy()
    return {
        "ranges": (own["inside_ranges"].to_numpy(dtype=bool), lost),
        "hull": (
            hull.fillna(value=False).to_numpy(dtype=bool),
            hull.notna().to_numpy() & lost,
        ),
        "leverage": (leverage <= limit, np.isfinite(leverage) & lost),
        "distance": (distance <= 1, np.isfinite(distance) & lost),
    }


def _compared(
    part: pd.DataFrame,
    inside: NDArray[np.bool_],
    groups: NDArray[np.intp] | None,
    draws: int,
    seed: int,
) -> dict[str, float | int | str]:
    loss = part["loss"].to_numpy(dtype=np.float64)
    code, times = _drawn(part, groups, draws, seed)
    found: dict[str, float | int | str] = {}
    means = {}
    for side, mask in (("inside", inside), ("outside", ~inside)):
        total = np.bincount(code[mask], loss[mask], times.shape[1])
        counted = np.bincount(code[mask], minlength=times.shape[1])
        with np.errstate(invalid="ignore", divide="ignore"):
            means[side] = (times @ total) / (times @ counted)
        low, high = _middle(means[side])
        found |= {
            side: float(loss[mask].mean()) if mask.any() else np.nan,
            f"{side}_low": low,
            f"{side}_high": high,
            f"n_{side}": int(mask.sum()),
            f"samples_{side}": int(part.loc[mask, "sample"].nunique()),
        }
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.divide(found["outside"], np.float64(found["inside"]))
        drawn = means["outside"] / means["inside"]
    low, high = _middle(drawn)
    fewest = min(int(found["samples_inside"]), int(found["samples_outside"]))
    shown = "not shown"
    if fewest < FEWEST or not np.isfinite(low):
        shown = "too few"
    elif low > 1:
        shown = "larger"
    elif high < 1:
        shown = "smaller"
    return found | {
        "ratio": float(ratio),
        "ratio_low": low,
        "ratio_high": high,
        "shown": shown,
    }


def _drawn(
    part: pd.DataFrame, groups: NDArray[np.intp] | None, draws: int, seed: int
) -> tuple[NDArray[np.intp], Array]:
    """Return each row's group, and how often each group is drawn."""
    samples = part["sample"].to_numpy(dtype=np.intp)
    keys = samples if groups is None else groups[samples]
    distinct, code = np.unique(keys, return_inverse=True)
    n = len(distinct)
    if not n:
        return code, np.zeros((draws, 0))
    random = np.random.default_rng(seed)
    return code, random.multinomial(n, np.full(n, 1 / n), draws).astype(np.float64)


def _middle(values: Array) -> tuple[float, float]:
    values = values[np.isfinite(values)]
    if not len(values):
        return np.nan, np.nan
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(values, [tail, 1 - tail])
    return float(low), float(high)


def _correlation(
    n: Array, x: Array, y: Array, xy: Array, xx: Array, yy: Array
) -> Array:
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = (xx - x * x / n) * (yy - y * y / n)
        found = (xy - x * y / n) / np.sqrt(np.where(spread > 0, spread, np.nan))
    return np.asarray(found)
