"""How the scores of two runs differ, and whether by more than chance moves them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, cast

import numpy as np

from hecsr.changes.rows import in_common, same_places
from hecsr.validation.bootstrap import bootstrap_intervals
from hecsr.validation.metrics import LOWER_IS_BETTER, METRICS
from hecsr.validation.metrics import scores as scores_of

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from hecsr.changes.folder import ReportFolder
    from hecsr.formula.formula import Task

FEWEST_COMMON: Final = 10
"""Compositions that two runs must share to be compared on these alone."""
OTHER_ROWS: Final = "other rows: not comparable"
# CSVs hold ten digits
_ROUNDING: Final = 2e-9


@dataclass(frozen=True)
class ScoreChange:
    """A score in both runs; NaN where a run does not have it.

    Attributes
    ----------
    old, new
        Means over the folds or, as `by` says, over the same rows.
    low, high
        Ends of the 95 % bootstrap interval of the difference, over the same rows;
        NaN where there is none.
    beyond
        Whether the difference is beyond chance by what `by` names; None where
        nothing decides.
    by
        What both scores and the verdict rest on.
    comparable
        Whether both are scores of the same rows, as far as the files tell.
    """

    scheme: str
    competitor: str
    metric: str
    old: float
    new: float
    low: float = math.nan
    high: float = math.nan
    beyond: bool | None = None
    by: str = ""
    comparable: bool = True

    @property
    def both(self) -> bool:
        """Whether both runs have the score."""
        return not math.isnan(self.old) and not math.isnan(self.new)

    @property
    def one_only(self) -> bool:
        """Whether one run has the score and the other has not."""
        return math.isnan(self.old) != math.isnan(self.new)

    @property
    def difference(self) -> float:
        """New less old; NaN between scores of other rows."""
        return self.new - self.old if self.comparable else math.nan

    @property
    def same(self) -> bool:
        """Whether both are equal to the digits of the files."""
        return self.comparable and _equal(self.old, self.new)

    @property
    def better(self) -> bool:
        """Whether the second run scores better."""
        lower = self.metric in LOWER_IS_BETTER
        return self.difference < 0 if lower else self.difference > 0


Key = tuple[str, str, str]
Four = tuple[float, float, float, float]


@dataclass(frozen=True)
class _Rows:
    """What one scheme and competitor of both runs have in common.

    `scores` holds by metric both scores over these rows and the ends of the interval
    of their difference; `same` is whether the folds are the same too.
    """

    by: str
    same: bool
    scores: dict[str, Four] = field(default_factory=dict)


def compare_scores(old: ReportFolder, new: ReportFolder) -> tuple[ScoreChange, ...]:
    """Compare the scores of every scheme and competitor but points of fronts.

    Only scores of the same rows are held against each other: of all held-out rows
    where these are the same, else of those in common.
    """
    if old.metrics is None or new.metrics is None:
        return ()
    before, after = _means(old.metrics), _means(new.metrics)
    # without predictions nothing but the data say which rows were held out
    known = old.predictions is not None and new.predictions is not None
    alike = not known and _same_data(old, new)
    intervals = {} if known else _both_intervals(old, new)
    rows = _rows(old, new)
    found = []
    for key in dict.fromkeys([*before, *after]):
        value, sd = before.get(key, (math.nan, math.nan))
        now = after.get(key, (math.nan, math.nan))[0]
        one = ScoreChange(*key, value, now)
        shared = rows.get(key[:2])
        if not one.both:
            found.append(one)
        elif shared is not None and key[2] in shared.scores:
            found.append(_on_rows(key, shared.scores[key[2]], shared.by))
        elif not (alike if shared is None else shared.same):
            found.append(ScoreChange(*key, value, now, by=OTHER_ROWS, comparable=False))
        elif key in intervals:
            found.append(_in_interval(key, *intervals[key]))
        else:
            found.append(_by_scatter(key, value, now, sd))
    return tuple(found)


def _means(metrics: pd.DataFrame) -> dict[Key, tuple[float, float]]:
    rows = metrics[metrics["level"] == "mean"]
    if "kind" in rows:
        rows = rows[rows["kind"] != "front"]
    sd = rows["sd"] if "sd" in rows else rows["value"] * math.nan
    keys = zip(rows["scheme"], rows["competitor"], rows["metric"], strict=True)
    return dict(zip(keys, zip(rows["value"], sd, strict=True), strict=True))


def _same_data(old: ReportFolder, new: ReportFolder) -> bool:
    parts = [f.part("data") for f in (old, new)]
    return all(
        parts[0].get(key) == parts[1].get(key) for key in ("sha256", "rows_used")
    )


def _both_intervals(
    old: ReportFolder, new: ReportFolder
) -> dict[Key, tuple[float, float, float, float]]:
    """Return each score of the intervals in both runs, and the interval of the first.

    An interval is of a mean over rows, which is no mean over folds: what is held
    against it is the score that the second run gives an interval too.
    """
    frames = [f.intervals for f in (old, new)]
    tables = [
        _own(frame) if frame is not None and "value" in frame else {}
        for frame in frames
    ]
    return {
        key: (tables[0][key][0], tables[1][key][0], *tables[0][key][1:])
        for key in tables[0]
        if key in tables[1]
    }


def _own(frame: pd.DataFrame) -> dict[Key, tuple[float, float, float]]:
    # earlier reports hold differences from one competitor too
    own = frame[frame["against"] == ""] if "against" in frame else frame
    keys = zip(own["scheme"], own["competitor"], own["metric"], strict=True)
    ends = zip(own["value"], own["low"], own["high"], strict=True)
    return dict(zip(keys, ends, strict=True))


def _equal(old: float, new: float) -> bool:
    return abs(new - old) <= _ROUNDING * max(abs(old), abs(new))


def _on_rows(key: Key, found: Four, by: str) -> ScoreChange:
    old, new, low, high = found
    if _equal(old, new):
        return ScoreChange(*key, old, new, low, high, beyond=False, by="equal")
    beyond = None if math.isnan(low) else not low <= 0 <= high
    return ScoreChange(*key, old, new, low, high, beyond, by)


def _in_interval(
    key: Key, old: float, new: float, low: float, high: float
) -> ScoreChange:
    if _equal(old, new):
        return ScoreChange(*key, old, new, beyond=False, by="equal")
    beyond = not low <= new <= high
    return ScoreChange(*key, old, new, beyond=beyond, by="interval of the first run")


def _by_scatter(key: Key, old: float, new: float, sd: float) -> ScoreChange:
    if _equal(old, new):
        return ScoreChange(*key, old, new, beyond=False, by="equal")
    if math.isnan(sd):
        return ScoreChange(*key, old, new)
    beyond = abs(new - old) > sd
    return ScoreChange(*key, old, new, beyond=beyond, by="scatter of the folds")


def _rows(old: ReportFolder, new: ReportFolder) -> dict[tuple[str, str], _Rows]:
    """Score both runs on the rows that they share, scheme by scheme.

    Where both held out the same rows in the same folds only means over rows are
    scored again: of other scores those of the files are of the same rows already.
    """
    if old.predictions is None or new.predictions is None or old.task != new.task:
        return {}
    task = cast("Task", old.task)
    first, second = (_with_threshold(f) for f in (old.predictions, new.predictions))
    found: dict[tuple[str, str], _Rows] = {}
    places = ["scheme", "competitor"]
    parts = {tuple(map(str, k)): p for k, p in second.groupby(places, sort=False)}
    for name, one in first.groupby(places, sort=False):
        scheme, competitor = map(str, name)
        other = parts.get((scheme, competitor))
        if other is None:
            continue
        same = same_places(one, other)
        pair = in_common(one, other)
        if same:
            means = _row_means(*pair, task) if len(pair[0]) else {}
            found[scheme, competitor] = _Rows("the same rows", same, means)
        elif pair[0]["composition"].nunique() < FEWEST_COMMON:
            found[scheme, competitor] = _Rows(OTHER_ROWS, same)
        else:
            by = f"{pair[0]['sample'].nunique()} rows in common"
            scores = _pooled(*pair, task) | _row_means(*pair, task)
            found[scheme, competitor] = _Rows(by, same, scores)
    return found


def _row_means(one: pd.DataFrame, other: pd.DataFrame, task: Task) -> dict[str, Four]:
    """Return the scores that are means over rows, with paired intervals.

    A row's score is its mean over the folds and repeats that held it out. Drawn are
    compositions, not rows: files do not hold the groups of a run, and rows of one
    composition are in one of them by default.
    """
    import pandas as pd

    both = [p.assign(competitor=run) for p, run in ((one, "first"), (other, "second"))]
    joined = pd.concat(both, ignore_index=True)
    own = bootstrap_intervals(joined, task, draws=1)
    values = own.pivot_table("value", "metric", "competitor", aggfunc="first")
    drawn = bootstrap_intervals(
        joined, task, groups=_compositions(one), against="first"
    )
    drawn = drawn[drawn["competitor"] == "second"]
    found: dict[str, Four] = {}
    for metric, low, high in zip(
        drawn["metric"], drawn["low"], drawn["high"], strict=True
    ):
        old, new = (float(values.loc[metric, run]) for run in ("first", "second"))
        found[metric] = old, new, float(low), float(high)
    return found


def _pooled(one: pd.DataFrame, other: pd.DataFrame, task: Task) -> dict[str, Four]:
    """Return every score over the rows of a repeat together, as means over repeats."""
    old, new = (_over_repeats(part, task) for part in (one, other))
    return {
        metric: (old[metric], new[metric], math.nan, math.nan)
        for metric in METRICS[task]
        if not math.isnan(old[metric] + new[metric])
    }


def _over_repeats(part: pd.DataFrame, task: Task) -> dict[str, float]:
    found = [
        scores_of(
            task,
            of_repeat["observed"].to_numpy(),
            of_repeat["predicted"].to_numpy(),
            threshold=of_repeat["threshold"].to_numpy(),
        )
        for _, of_repeat in part.groupby("repeat", sort=False)
    ]
    return {m: float(np.mean([f[m] for f in found])) for m in METRICS[task]}


def _with_threshold(predictions: pd.DataFrame) -> pd.DataFrame:
    # reports from before thresholds were chosen called from one half on
    if "threshold" not in predictions:
        predictions = predictions.assign(threshold=0.5)
    whole = ["repeat", "fold", "sample"]
    return predictions.astype(dict.fromkeys(whole, int))


def _compositions(part: pd.DataFrame) -> NDArray[np.intp]:
    """Return the number of each row's composition, by the number of the row."""
    seen = part.drop_duplicates("sample")
    codes = np.unique(seen["composition"], return_inverse=True)[1]
    found = np.zeros(int(seen["sample"].max()) + 1, dtype=np.intp)
    found[seen["sample"].to_numpy()] = codes
    return found
