"""Whether two models hold the same descriptors for important."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

RANK_COLUMNS: Final = (
    "method", "first", "second", "names", "folds",
    "spearman", "spearman_low", "spearman_high",
    "kendall", "kendall_low", "kendall_high", "shared", "of",
)  # fmt: skip


def rank_agreement(
    importance: pd.DataFrame, *, top: int = 5, draws: int = 500, seed: int = 0
) -> pd.DataFrame:
    """Compare the importances of every two models, method by method.

    Importances are means over the folds; names that took part in fewer than half of
    them are left out. The bounds are the 2.5th and 97.5th percentile over folds drawn
    anew with replacement: they tell how much the folds differ, no more, since the
    folds' training rows overlap.

    Parameters
    ----------
    importance
        Tidy: competitor, method, name, repeat, fold, value.
    top
        How many of the most important names of each model are compared; those of no
        importance do not count.
    draws
        Draws of folds; 0 for no bounds.

    Returns
    -------
    DataFrame
        method, first, second, names (how many), folds, Spearman's rho and Kendall's
        tau-b with their bounds, and how many of the `top` are `shared`, `of` how many.
    """
    import pandas as pd

    rows: list[dict[str, Any]] = []
    for method, own in importance.groupby("method", sort=False):
        of = {
            str(who): rows_.pivot_table(
                index=["repeat", "fold"],
                columns="name",
                values="value",
                sort=False,
                dropna=False,
            )
            for who, rows_ in own.groupby("competitor", sort=False)
        }
        for first, second in combinations(of, 2):
            found = _pair(of[first], of[second], top, draws, seed)
            rows.append({"method": method, "first": first, "second": second, **found})
    return pd.DataFrame(rows, columns=list(RANK_COLUMNS))


def _pair(
    a: pd.DataFrame, b: pd.DataFrame, top: int, draws: int, seed: int
) -> dict[str, Any]:
    folds = a.dropna(how="all").index.intersection(b.dropna(how="all").index)
    shared = [n for n in a.columns if n in set(b.columns)]
    one = a.loc[folds, shared].to_numpy(np.float64)
    two = b.loc[folds, shared].to_numpy(np.float64)
    there = np.isfinite(one) & np.isfinite(two)
    often = there.sum(axis=0) * 2 >= max(len(folds), 1)
    one, two, there = one[:, often], two[:, often], there[:, often]
    once = np.ones((1, len(folds)))
    means = [_means(once, values, there) for values in (one, two)]
    rng = np.random.default_rng(seed)
    weights = rng.multinomial(len(folds), np.full(len(folds), 1 / len(folds)), draws)
    drawn = [_means(weights.astype(float), values, there) for values in (one, two)]
    whole = np.isfinite(drawn[0]).all(axis=1)
    resampled = [d[whole] for d in drawn]
    found: dict[str, Any] = {"names": int(often.sum()), "folds": len(folds)}
    for key, measure in (("spearman", spearman), ("kendall", kendall)):
        found[key] = float(measure(*means)[0])
        of_draws = measure(*resampled) if len(folds) > 1 else np.empty(0)
        of_draws = of_draws[np.isfinite(of_draws)]
        low, high = (
            np.percentile(of_draws, [2.5, 97.5]) if len(of_draws) else (np.nan, np.nan)
        )
        found |= {f"{key}_low": float(low), f"{key}_high": float(high)}
    leading = [_leading(m[0], top) for m in means]
    found["shared"] = len(leading[0] & leading[1])
    found["of"] = min(len(leading[0]), len(leading[1]))
    return found


def _means(weights: Array, values: Array, there: NDArray[np.bool_]) -> Array:
    """Return the weighted mean of each column, a row for each set of weights."""
    total = weights @ np.where(there, values, 0.0)
    count = weights @ there.astype(np.float64)
    return np.divide(total, count, out=np.full_like(total, np.nan), where=count > 0)


def _leading(means: Array, top: int) -> set[int]:
    order: Sequence[int] = np.argsort(-means, kind="stable")[:top].tolist()
    return {i for i in order if means[i] > 0}


def spearman(a: Array, b: Array) -> Array:
    """Return Spearman's rho of a and b row by row; NaN where one does not vary."""
    from scipy.stats import rankdata

    if a.shape[1] < 2:
        return np.full(len(a), np.nan)
    ranks = [rankdata(v, axis=1) for v in (a, b)]
    moved = [r - r.mean(axis=1, keepdims=True) for r in ranks]
    return _cosine(moved[0], moved[1])


def kendall(a: Array, b: Array) -> Array:
    """Return Kendall's tau-b of a and b row by row; NaN where one does not vary."""
    first, second = np.triu_indices(a.shape[1], 1)
    signs = [np.sign(v[:, first] - v[:, second]) for v in (a, b)]
    return _cosine(signs[0], signs[1])


def _cosine(a: Array, b: Array) -> Array:
    product = np.einsum("ij,ij->i", a, b)
    size = np.sqrt(np.einsum("ij,ij->i", a, a) * np.einsum("ij,ij->i", b, b))
    found = np.divide(product, size, out=np.full_like(product, np.nan), where=size > 0)
    clipped: Array = np.clip(found, -1.0, 1.0)
    return clipped
