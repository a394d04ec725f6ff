"""Intervals of scores and of their differences, by drawing whole groups again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from hecsr.errors import HecsrError, suggestion

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from hecsr.formula.formula import Task

    Array = NDArray[np.float64]

METRICS: Final = {
    "regression": ("mae",),
    "classification": ("accuracy", "balanced_accuracy", "brier"),
}
"""Scores that are means over rows, or over the rows of each class."""
DRAWS: Final = 4000
LEVEL: Final = 0.95


def bootstrap_intervals(
    predictions: pd.DataFrame,
    task: Task,
    *,
    groups: NDArray[np.intp] | None = None,
    against: str | None = None,
    level: float = LEVEL,
    draws: int = DRAWS,
    seed: int = 0,
) -> pd.DataFrame:
    """Return each competitor's scores, or its differences from one, with intervals.

    Groups (or rows) are drawn with replacement, all rows of a group together, the
    same for every competitor; of classes within each class of the group's first row,
    so that a draw keeps their balance. A row's score is its mean over the repeats.
    The interval holds the middle `level` of the draws. It is that of the rows given
    the fitted models: what another training set would have found does not enter.

    Parameters
    ----------
    predictions
        As in `Comparison.predictions`.
    against
        The competitor whose score is subtracted, draw by draw; None for the scores
        themselves.

    Returns
    -------
    DataFrame
        scheme, competitor, metric, value, low, high, n. Rows without a prediction
        are left out; a difference is over the rows that both predict.

    Raises
    ------
    HecsrError
        If `against` is no competitor.
    """
    import pandas as pd

    known = list(dict.fromkeys(predictions["competitor"]))
    if against is not None and against not in known:
        hint = suggestion(against, known)
        raise HecsrError(f"no competitor '{against}'; {hint}")
    rows = []
    for scheme, part in predictions.groupby("scheme", sort=False):
        sampled = _Draws(part, task, groups, draws, seed)
        own = {name: sampled.rows_of(name) for name in known}
        for name in known:
            other = None if against is None else own[against]
            for metric in METRICS[task]:
                found = sampled.interval(own[name], other, metric, level)
                if found is not None:
                    row = {"scheme": scheme, "competitor": name, "metric": metric}
                    rows.append(row | found)
    columns = ["scheme", "competitor", "metric", "value", "low", "high", "n"]
    return pd.DataFrame(rows, columns=columns)


class _Draws:
    """How often each row of a scheme is drawn, and the rows' scores."""

    def __init__(
        self,
        part: pd.DataFrame,
        task: Task,
        groups: NDArray[np.intp] | None,
        draws: int,
        seed: int,
    ) -> None:
        self.part, self.task = part, task
        seen = part.drop_duplicates("sample").sort_values("sample")
        self.samples = seen["sample"].to_numpy()
        self.observed = seen["observed"].to_numpy()
        codes = np.arange(len(self.samples)) if groups is None else groups[self.samples]
        first, group = np.unique(codes, return_index=True, return_inverse=True)[1:]
        kind = self.observed[first] if task == "classification" else first * 0
        random = np.random.default_rng(seed)
        counts = np.zeros((draws, len(first)))
        for value in np.unique(kind):
            members = np.flatnonzero(kind == value)
            share = np.full(len(members), 1 / len(members))
            counts[:, members] = random.multinomial(len(members), share, draws)
        self.counts = counts[:, group]

    def rows_of(self, name: str) -> dict[str, Array]:
        """Return each row's score by metric, NaN without a prediction."""
        own = self.part[self.part["competitor"] == name]
        error = (own["predicted"] - own["observed"]).to_numpy()
        if self.task == "regression":
            scored = {"mae": np.abs(error)}
        else:
            called = own["predicted"] >= own["threshold"]
            right = (called == (own["observed"] == 1)).to_numpy(dtype=np.float64)
            right[np.isnan(error)] = np.nan
            scored = {
                "accuracy": right,
                "balanced_accuracy": right,
                "brier": error**2,
            }
        place = np.searchsorted(self.samples, own["sample"].to_numpy())
        found = {}
        for metric, values in scored.items():
            # a row may be held out several times: in each repeat, by each source
            total = np.bincount(place, values, len(self.samples))
            times = np.bincount(place, minlength=len(self.samples))
            with np.errstate(invalid="ignore"):
                found[metric] = total / np.where(times > 0, times, np.nan)
        return found

    def interval(
        self,
        own: dict[str, Array],
        other: dict[str, Array] | None,
        metric: str,
        level: float,
    ) -> dict[str, float] | None:
        score = own[metric] if other is None else own[metric] - other[metric]
        there = np.isfinite(score)
        once = np.ones((1, len(score)))
        value = self._mean(once, score, there, metric)[0]
        if not np.isfinite(value):
            return None
        drawn = self._mean(self.counts, score, there, metric)
        tail = (1 - level) / 2
        low, high = np.nanquantile(drawn, [tail, 1 - tail])
        return {
            "value": float(value),
            "low": float(low),
            "high": float(high),
            "n": int(there.sum()),
        }

    def _mean(
        self, counts: Array, score: Array, there: NDArray[np.bool_], metric: str
    ) -> Array:
        masks = [there]
        if metric == "balanced_accuracy":
            masks = [there & (self.observed == 1), there & (self.observed == 0)]
        means = []
        for mask in masks:
            with np.errstate(invalid="ignore", divide="ignore"):
                means.append(
                    counts[:, mask] @ score[mask] / counts[:, mask].sum(axis=1)
                )
        return np.asarray(np.mean(means, axis=0))
