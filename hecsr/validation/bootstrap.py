"""Intervals of scores and of their differences, by drawing whole groups again."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hecsr.errors import HecsrError, suggestion

if TYPE_CHECKING:
    from collections.abc import Sequence

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
# Means that differ by less than this share of themselves differ by rounding.
_ROUNDING: Final = 1e-9


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
    so that a draw keeps their balance. A row's score is its mean over the times that it
    was held out and has a prediction.
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
        scheme, competitor, metric, value, low, high, n. Rows without any prediction
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


def bootstrap_pairs(
    predictions: pd.DataFrame,
    task: Task,
    metric: str,
    names: Sequence[str],
    *,
    groups: NDArray[np.intp] | None = None,
    level: float = LEVEL,
    draws: int = DRAWS,
    seed: int = 0,
) -> pd.DataFrame:
    """Return the differences of all pairs of some competitors, with intervals.

    The draws are those of :func:`bootstrap_intervals` for the same rows and seed, and
    so are the intervals. Each competitor's mean is taken once for each set of rows on
    which it is compared, not once for each pair.

    Parameters
    ----------
    metric
        One of `METRICS`, which are means over rows; of another nothing is returned.
    names
        Competitors; a pair is first less second in their order.

    Returns
    -------
    DataFrame
        scheme, first, second, value, low, high, p, n. `p` is twice the smaller share
        of the draws, of which one more is counted, on which the difference is not
        above, or not below, zero: Davison and Hinkley, Bootstrap Methods and Their
        Application (1997), section 4.2.
    """
    import pandas as pd

    rows: list[dict[str, Any]] = []
    for scheme, part in predictions.groupby("scheme", sort=False):
        if metric not in METRICS[task]:
            break
        sampled = _Draws(part, task, groups, draws, seed)
        here = set(part["competitor"])
        present = [name for name in names if name in here]
        table = {name: sampled.rows_of(name)[metric] for name in present}
        means = _Means(sampled, table, metric)
        for first, second in combinations(present, 2):
            found = _pair(means, first, second, level)
            if found is not None:
                pair = {"scheme": scheme, "first": first, "second": second}
                rows.append({**pair, **found})
    columns = ["scheme", "first", "second", "value", "low", "high", "p", "n"]
    return pd.DataFrame(rows, columns=columns)


def _pair(
    means: _Means, first: str, second: str, level: float
) -> dict[str, float] | None:
    """Return the difference of two competitors, its interval and p-value."""
    there = means.there[first] & means.there[second]
    pair = [means.drawn(name, there) for name in (first, second)]
    gaps = pair[0] - pair[1]
    gaps[np.abs(gaps) <= _ROUNDING * np.maximum(*np.abs(pair))] = 0.0
    value, drawn = float(gaps[0]), gaps[1:][~np.isnan(gaps[1:])]
    if not np.isfinite(value) or not len(drawn):
        return None
    tail = (1 - level) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail])
    least = min(np.sum(drawn <= 0), np.sum(drawn >= 0))
    return {
        "value": value,
        "low": float(low),
        "high": float(high),
        "p": float(min(1.0, 2 * (1 + least) / (1 + len(drawn)))),
        "n": int(there.sum()),
    }


class _Means:
    """Means of the competitors on sets of rows: of all of these, then of each draw."""

    def __init__(self, sampled: _Draws, table: dict[str, Array], metric: str) -> None:
        self.sampled, self.table, self.metric = sampled, table, metric
        self.there = {name: np.isfinite(score) for name, score in table.items()}
        self.known: dict[tuple[str, bytes], Array] = {}

    def drawn(self, name: str, there: NDArray[np.bool_]) -> Array:
        """Return the mean and the drawn ones, shape (1 + draws,)."""
        key = (name, there.tobytes())
        if key not in self.known:
            score = self.table[name]
            self.known[key] = np.concatenate(
                [
                    self.sampled.mean(counts, score, there, self.metric)
                    for counts in (np.ones((1, len(score))), self.sampled.counts)
                ]
            )
        return self.known[key]


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
        """Return each row's mean score by metric, NaN without any prediction."""
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
        there = ~np.isnan(error)
        found = {}
        for metric, values in scored.items():
            # a row may be held out several times: in each repeat, by each source; a
            # model may be silent some of these times, and is judged by the others
            total = np.bincount(place[there], values[there], len(self.samples))
            times = np.bincount(place[there], minlength=len(self.samples))
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
        value = self.mean(once, score, there, metric)[0]
        if not np.isfinite(value):
            return None
        drawn = self.mean(self.counts, score, there, metric)
        tail = (1 - level) / 2
        low, high = np.nanquantile(drawn, [tail, 1 - tail])
        return {
            "value": float(value),
            "low": float(low),
            "high": float(high),
            "n": int(there.sum()),
        }

    def mean(
        self, counts: Array, score: Array, there: NDArray[np.bool_], metric: str
    ) -> Array:
        """Return the mean of a score over the rows that are there, by draw."""
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
