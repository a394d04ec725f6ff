"""How the scores of two runs differ, and whether by more than chance moves them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

import numpy as np

from hecsr.validation.bootstrap import bootstrap_intervals
from hecsr.validation.metrics import LOWER_IS_BETTER

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from hecsr.changes.folder import ReportFolder
    from hecsr.formula.formula import Task

_KEYS: Final = ["scheme", "competitor", "repeat", "fold", "sample"]
# CSVs hold ten digits
_ROUNDING: Final = 2e-9


@dataclass(frozen=True)
class ScoreChange:
    """A score in both runs; NaN where a run does not have it.

    Attributes
    ----------
    old, new
        Means over the folds or, with an interval of their difference, over the rows.
    low, high
        Ends of the 95 % bootstrap interval of the difference, over the same held-out
        rows; NaN where the rows differ.
    beyond
        Whether the difference is beyond that interval or, without one, beyond the
        interval of the score in the first run, or the scatter of its folds; None
        where none of these is known.
    by
        Which of them decided.
    """

    scheme: str
    competitor: str
    metric: str
    old: float
    new: float
    low: float
    high: float
    beyond: bool | None
    by: str

    @property
    def difference(self) -> float:
        """New less old."""
        return self.new - self.old

    @property
    def same(self) -> bool:
        """Whether both are equal to the digits of the files."""
        size = max(abs(self.old), abs(self.new))
        return abs(self.difference) <= _ROUNDING * size

    @property
    def better(self) -> bool:
        """Whether the second run scores better."""
        lower = self.metric in LOWER_IS_BETTER
        return self.difference < 0 if lower else self.difference > 0


def compare_scores(old: ReportFolder, new: ReportFolder) -> tuple[ScoreChange, ...]:
    """Compare the scores of every scheme and competitor but points of fronts."""
    if old.metrics is None or new.metrics is None:
        return ()
    before, after = _means(old.metrics), _means(new.metrics)
    held = old.intervals
    own = {} if held is None else _intervals(held)
    paired = _paired(old, new)
    found = []
    for key in dict.fromkeys([*before, *after]):
        value, sd = before.get(key, (math.nan, math.nan))
        now = after.get(key, (math.nan, math.nan))[0]
        low = high = math.nan
        if key in paired:
            value, now, low, high = paired[key]
        beyond, by = _judged(value, now, sd, (low, high), own.get(key))
        found.append(ScoreChange(*key, value, now, low, high, beyond, by))
    return tuple(found)


Key = tuple[str, str, str]


def _means(metrics: pd.DataFrame) -> dict[Key, tuple[float, float]]:
    rows = metrics[metrics["level"] == "mean"]
    if "kind" in rows:
        rows = rows[rows["kind"] != "front"]
    sd = rows["sd"] if "sd" in rows else rows["value"] * math.nan
    keys = zip(rows["scheme"], rows["competitor"], rows["metric"], strict=True)
    return dict(zip(keys, zip(rows["value"], sd, strict=True), strict=True))


def _intervals(frame: pd.DataFrame) -> dict[Key, tuple[float, float]]:
    # earlier reports hold differences from one competitor too
    own = frame[frame["against"] == ""] if "against" in frame else frame
    keys = zip(own["scheme"], own["competitor"], own["metric"], strict=True)
    return dict(zip(keys, zip(own["low"], own["high"], strict=True), strict=True))


def _judged(
    old: float,
    new: float,
    sd: float,
    paired: tuple[float, float],
    interval: tuple[float, float] | None,
) -> tuple[bool | None, str]:
    if math.isnan(old) or math.isnan(new):
        return None, ""
    if abs(new - old) <= _ROUNDING * max(abs(old), abs(new)):
        return False, "equal"
    if not math.isnan(paired[0]):
        return not paired[0] <= 0 <= paired[1], "the same rows"
    if interval is not None:
        return not interval[0] <= new <= interval[1], "interval of the first run"
    if not math.isnan(sd):
        return abs(new - old) > sd, "scatter of the folds"
    return None, ""


Paired = tuple[float, float, float, float]


def _paired(old: ReportFolder, new: ReportFolder) -> dict[Key, Paired]:
    """Return both scores and the interval of their difference over the same rows.

    Only where both runs held out the same rows in the same folds. Scores are means
    over the rows, or over those of each class, and not over the folds: of folds of
    different sizes these differ, and only the first has the interval that is drawn.

    Drawn are compositions, not rows: files do not hold the groups of a run, and rows
    of one composition are in one of them by default.
    """
    if old.predictions is None or new.predictions is None or old.task != new.task:
        return {}
    import pandas as pd

    first, second = (_with_threshold(f) for f in (old.predictions, new.predictions))
    found: dict[Key, Paired] = {}
    places = ["scheme", "competitor"]
    parts = {tuple(map(str, k)): p for k, p in second.groupby(places, sort=False)}
    for name, one in first.groupby(places, sort=False):
        scheme, competitor = map(str, name)
        other = parts.get((scheme, competitor))
        if other is None or not _same_rows(one, other):
            continue
        both = [
            part.assign(competitor=run)
            for part, run in ((one, "first"), (other, "second"))
        ]
        joined = pd.concat(both, ignore_index=True)
        task = cast("Task", old.task)
        own = bootstrap_intervals(joined, task, draws=1)
        values = own.pivot_table("value", "metric", "competitor", aggfunc="first")
        drawn = bootstrap_intervals(
            joined, task, groups=_compositions(one), against="first"
        )
        drawn = drawn[drawn["competitor"] == "second"]
        for metric, low, high in zip(
            drawn["metric"], drawn["low"], drawn["high"], strict=True
        ):
            scores = (float(values.loc[metric, run]) for run in ("first", "second"))
            first_score, second_score = scores
            ends = float(low), float(high)
            found[scheme, competitor, metric] = first_score, second_score, *ends
    return found


def _with_threshold(predictions: pd.DataFrame) -> pd.DataFrame:
    # reports from before thresholds were chosen called from one half on
    if "threshold" not in predictions:
        predictions = predictions.assign(threshold=0.5)
    whole = ["repeat", "fold", "sample"]
    return predictions.astype(dict.fromkeys(whole, int))


def _same_rows(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    """Whether the folds hold the same rows, by number, composition and value."""
    if len(one) != len(other):
        return False
    a, b = (part.sort_values(_KEYS).reset_index(drop=True) for part in (one, other))
    same = [*_KEYS, "composition"]
    return bool(
        a[same].equals(b[same]) and np.allclose(a["observed"], b["observed"], rtol=1e-9)
    )


def _compositions(part: pd.DataFrame) -> NDArray[np.intp]:
    """Return the number of each row's composition, by the number of the row."""
    seen = part.drop_duplicates("sample")
    codes = np.unique(seen["composition"], return_inverse=True)[1]
    found = np.zeros(int(seen["sample"].max()) + 1, dtype=np.intp)
    found[seen["sample"].to_numpy()] = codes
    return found


@dataclass(frozen=True)
class RowChange:
    """Rows of the main scheme in both runs, and in one of them only."""

    kept: int
    added: tuple[str, ...]
    gone: tuple[str, ...]


def compare_rows(old: ReportFolder, new: ReportFolder) -> RowChange | None:
    """Say which rows took part, by composition and observed value."""
    if old.predictions is None or new.predictions is None:
        return None
    from collections import Counter

    counts = [Counter(_rows(f.predictions)) for f in (old, new)]
    before, after = counts
    added, gone = after - before, before - after
    kept = sum((before & after).values())
    return RowChange(kept, _listed(added), _listed(gone))


def _rows(predictions: pd.DataFrame | None) -> list[tuple[str, float]]:
    if predictions is None or predictions.empty:
        return []
    main = predictions[predictions["scheme"] == predictions["scheme"].iloc[0]]
    seen = main.drop_duplicates("sample")
    values = [float(f"{v:.9g}") for v in seen["observed"]]
    return list(zip(seen["composition"], values, strict=True))


def _listed(rows: dict[tuple[str, float], int]) -> tuple[str, ...]:
    return tuple(
        f"{composition} ({value:g})"
        for (composition, value), n in sorted(rows.items())
        for _ in range(n)
    )
