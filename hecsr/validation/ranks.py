"""Who is best: ranks in the folds, and who shares a place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hecsr.validation.frames import fold_mean
from hecsr.validation.metrics import LOWER_IS_BETTER

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

    from hecsr.result import Competitor
    from hecsr.validation.compare import Comparison

_RANKS: Final = ("scheme", "competitor", "rank", "low", "high", "folds")


def best_of(
    comparison: Comparison,
    metric: str,
    kinds: tuple[str, ...],
    scheme: str | None = None,
) -> Competitor | None:
    """Return the competitor of these kinds with the best mean over the folds.

    Of the main scheme, if none is named.
    """
    return next(iter(ranked(comparison, metric, kinds, scheme)), None)


def ranked(
    comparison: Comparison,
    metric: str,
    kinds: tuple[str, ...],
    scheme: str | None = None,
) -> list[Competitor]:
    """Return the competitors of these kinds, the best mean over the folds first.

    Of the main scheme, if none is named; those that are scored on every row.
    """
    scheme = scheme or comparison.main
    sign = 1 if metric in LOWER_IS_BETTER else -1
    found = [
        (sign * fold_mean(comparison.scores, scheme, c.name, metric), i)
        for i, c in enumerate(comparison.competitors)
        if c.kind in kinds and _covers_all(comparison, c)
    ]
    found = sorted((value, i) for value, i in found if np.isfinite(value))
    return [comparison.competitors[i] for _, i in found]


def mean_ranks(
    comparison: Comparison, lines: Sequence[Competitor], metric: str
) -> pd.DataFrame:
    """Return mean ranks over the folds of each scheme, 1 for the best.

    Ranks are among the competitors that are scored on every row; equal scores share
    the mean of their ranks. Folds in which a score is undefined are passed over.

    Returns
    -------
    DataFrame
        scheme, competitor, rank, low, high, folds: the mean, and the quartiles of the
        ranks in the single folds.
    """
    import pandas as pd
    from scipy.stats import rankdata

    ranked = [c.name for c in lines if _covers_all(comparison, c)]
    table = comparison.scores
    table = table[
        (table["metric"] == metric)
        & (table["fold"] >= 0)
        & table["competitor"].isin(ranked)
    ]
    found: list[tuple[Any, ...]] = []
    for scheme, part in table.groupby("scheme", sort=False):
        values = part.pivot_table(
            "value", ["repeat", "fold"], "competitor", aggfunc="first", sort=False
        )
        # classes told without a probability have no Brier score in any fold
        values = values.dropna(axis="columns", how="all").dropna(axis="index")
        if len(values) < 2:
            continue
        shown = [n for n in ranked if n in values]
        sign = 1 if metric in LOWER_IS_BETTER else -1
        # sums in another order make ties differ in the last digits
        ranks = rankdata(sign * values[shown].to_numpy().round(12), axis=1)
        low, high = np.quantile(ranks, [0.25, 0.75], axis=0)
        found += [
            (
                scheme,
                n,
                float(ranks[:, i].mean()),
                float(low[i]),
                float(high[i]),
                len(ranks),
            )
            for i, n in enumerate(shown)
        ]
    return pd.DataFrame(found, columns=list(_RANKS))


def cliques(
    order: Sequence[str], differ: Callable[[str, str], bool]
) -> tuple[tuple[str, ...], ...]:
    """Return the longest runs of neighbours of which no two are shown to differ.

    Runs of one, and runs within another, are left out.

    Examples
    --------
    >>> cliques("abcd", lambda x, y: {x, y} in ({"a", "c"}, {"a", "d"}))
    (('a', 'b'), ('b', 'c', 'd'))
    """
    found: list[tuple[str, ...]] = []
    reached = 0
    for i in range(len(order)):
        end = i + 1
        while end < len(order) and not any(
            differ(order[k], order[end]) for k in range(i, end)
        ):
            end += 1
        if end > reached and end - i > 1:
            found.append(tuple(order[i:end]))
        reached = max(reached, end)
    return tuple(found)


def _covers_all(comparison: Comparison, competitor: Competitor) -> bool:
    """Whether a competitor was scored on every row: a silent rule is not ranked."""
    silent = set(comparison.undefined["competitor"])
    return competitor.kind != "rule" or competitor.name not in silent
