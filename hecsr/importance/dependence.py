"""How a prediction follows one descriptor: partial dependence, local effects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Function = Callable[[pd.DataFrame], Array]

_GRID: Final = 40
_BINS: Final = 20
# The middle four fifths of the samples' own curves are the band.
BAND: Final = (10.0, 90.0)


@dataclass(frozen=True, eq=False)
class Curve:
    """Mean prediction against one descriptor, and the band of the samples' own curves.

    `low` and `high` are of the curves moved to the same mean: without interaction with
    other descriptors the band has no width.
    """

    grid: Array
    mean: Array
    low: Array
    high: Array


def partial_dependence(
    function: Function, X: pd.DataFrame, name: str, grid: Array | None = None
) -> Curve:
    """Return the mean prediction over the rows of X, one column set to each value.

    Friedman, Ann. Statist. 29 (2001) 1189; the band after the individual
    curves of Goldstein et al., J. Comput. Graph. Stat. 24 (2015) 44. Where `name` is
    correlated with other columns, rows are made up that no sample resembles:
    `local_effects` makes up none that is far away.

    Parameters
    ----------
    function
        Predicts a value for each row; NaN where undefined, and such rows do not count.
    grid
        Values to set; by default 40 from the least to the largest.
    """
    import pandas as pd

    values = X[name].to_numpy(np.float64)
    if grid is None:
        grid = np.linspace(values.min(), values.max(), _GRID)
    # all values in one table: many small predictions cost more than a large one
    table = pd.concat([X] * len(grid), ignore_index=True)
    table[name] = np.repeat(grid, len(X))
    curves = np.asarray(function(table), dtype=np.float64).reshape(len(grid), len(X))
    whole = np.isfinite(curves).all(axis=0)
    mean = _mean(curves, axis=1)
    if not whole.any():
        nothing = np.full(len(grid), np.nan)
        return Curve(grid, mean, nothing, nothing)
    moved = curves[:, whole] - curves[:, whole].mean(axis=0) + np.nanmean(mean)
    low, high = np.percentile(moved, BAND, axis=1)
    return Curve(grid, mean, low, high)


def at_medians(function: Function, X: pd.DataFrame, name: str, grid: Array) -> Array:
    """Return the prediction along one column, all others at their medians."""
    import pandas as pd

    row = X.median()
    table = pd.DataFrame([row] * len(grid), columns=X.columns).reset_index(drop=True)
    table[name] = grid
    return np.asarray(function(table), dtype=np.float64)


def local_effects(
    function: Function, X: pd.DataFrame, name: str
) -> tuple[Array, Array]:
    """Return the accumulated local effect of one column, and where it is given.

    Apley and Zhu, J. R. Stat. Soc. B 82 (2020) 1059, doi:10.1111/rssb.12377:
    in each of up to 20 intervals with equally many rows only those rows are moved,
    from one end of it to the other. The mean over the rows is that of the predictions,
    so that the curve stands beside a partial dependence.
    """
    values = X[name].to_numpy(np.float64)
    edges = np.unique(np.quantile(values, np.linspace(0, 1, _BINS + 1)))
    if len(edges) < 2:
        return edges, _mean(function(X)[None, :], axis=1)
    place = np.clip(np.searchsorted(edges, values, side="left"), 1, len(edges) - 1) - 1
    lower, upper = X.copy(), X.copy()
    lower[name], upper[name] = edges[place], edges[place + 1]
    change = np.asarray(function(upper)) - np.asarray(function(lower))
    steps = np.zeros(len(edges) - 1)
    rows = np.zeros(len(edges) - 1)
    for k in range(len(steps)):
        known = change[(place == k) & np.isfinite(change)]
        rows[k] = len(known)
        steps[k] = known.mean() if len(known) else 0.0
    curve = np.concatenate([[0.0], np.cumsum(steps)])
    if rows.any():
        curve -= np.average((curve[1:] + curve[:-1]) / 2, weights=rows)
    return edges, curve + _mean(function(X)[None, :], axis=1)[0]


def _mean(values: Array, axis: int) -> Array:
    """Return the mean of what is defined; NaN where nothing is."""
    known = np.isfinite(values)
    total = np.where(known, values, 0.0).sum(axis=axis)
    count = known.sum(axis=axis)
    mean: Array = np.full(total.shape, np.nan)
    np.divide(total, count, out=mean, where=count > 0)
    return mean
