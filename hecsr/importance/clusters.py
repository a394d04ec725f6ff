"""Descriptors that stand in for each other: correlated pairs, and clusters of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

# Dormann et al., Ecography 36 (2013) 27, doi:10.1111/j.1600-0587.2012.07348.x: beyond
# it collinearity begins to distort what a model says of its variables.
THRESHOLD: Final = 0.7
JOINED: Final = " + "


def clusters(X: pd.DataFrame, threshold: float = THRESHOLD) -> list[tuple[str, ...]]:
    """Return the columns of X in groups that are correlated among themselves.

    Average linkage on ``1 - |Pearson r|``, cut where the mean ``|r|`` between two
    groups falls below `threshold`. Groups and members are in the order of the columns;
    a column without relatives is a group of its own.
    """
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    names = [str(c) for c in X.columns]
    if len(names) < 2:
        return [(name,) for name in names]
    apart = 1.0 - np.abs(correlation(X.to_numpy(np.float64)))
    np.fill_diagonal(apart, 0.0)
    tree = linkage(squareform(apart, checks=False), "average")
    labels = fcluster(tree, 1.0 - threshold, "distance")
    members: dict[int, list[str]] = {}
    for name, label in zip(names, labels, strict=True):
        members.setdefault(int(label), []).append(name)
    return [tuple(m) for m in members.values()]


def correlated_pairs(X: pd.DataFrame, threshold: float = THRESHOLD) -> pd.DataFrame:
    """Return the pairs of columns with ``|Pearson r|`` above `threshold`.

    Returns
    -------
    DataFrame
        first, second, pearson, spearman; the closest pair first.
    """
    import pandas as pd
    from scipy.stats import rankdata

    values, names = X.to_numpy(np.float64), [str(c) for c in X.columns]
    r, rho = correlation(values), correlation(rankdata(values, axis=0))
    rows = [
        (names[i], names[j], float(r[i, j]), float(rho[i, j]))
        for i in range(len(names))
        for j in range(i + 1, len(names))
        if abs(r[i, j]) > threshold
    ]
    # equal correlations keep the order of the table
    rows.sort(key=lambda row: -round(abs(row[2]), 12))
    return pd.DataFrame(rows, columns=["first", "second", "pearson", "spearman"])


def correlation(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return Pearson's r of every two columns; 0 where one is constant."""
    moved = values - values.mean(axis=0)
    size = np.sqrt((moved**2).sum(axis=0))
    unit = np.divide(moved, size, out=np.zeros_like(moved), where=size > 0)
    found: NDArray[np.float64] = np.clip(unit.T @ unit, -1.0, 1.0)
    return found
