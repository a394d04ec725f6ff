"""Two competitors on the same held-out rows, fold by fold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from hecsr.validation.leave_out import ROW_BY_ROW
from hecsr.validation.metrics import scores

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    from hecsr.formula.formula import Task
    from hecsr.validation.compare import Comparison, FoldRecord

    Array = NDArray[np.float64]

# Scores that differ by less than this share of themselves differ by rounding.
_ROUNDING: Final = 1e-9
_NAN: Final = float("nan")


@dataclass(frozen=True, slots=True)
class CorrectedTest:
    """Mean difference over k folds, its standard error, t, k - 1, and two-sided p."""

    difference: float = _NAN
    se: float = _NAN
    t: float = _NAN
    df: int = 0
    p: float = _NAN


def corrected_t_test(differences: ArrayLike, test_share: float) -> CorrectedTest:
    r"""Test a mean difference over resamples whose training sets overlap.

    The variance of the mean is ``(1/k + n_test/n_train) s^2`` over k folds, with
    ``k - 1`` degrees of freedom: Nadeau and Bengio, Mach. Learn. 52, 239 (2003),
    10.1023/A:1024068626366.

    Parameters
    ----------
    differences
        One per fold, of all repeats, shape (k,); those that are NaN do not count.
    test_share
        ``n_test/n_train``; 1/4 in five-fold cross-validation.

    Returns
    -------
    CorrectedTest
        Folds that all differ by zero give p = 1. Where all differ by the same other
        value, or fewer than two folds are left, the scatter is not known: p is NaN.

    Examples
    --------
    >>> found = corrected_t_test([1.0, 2.0, 3.0, 4.0], 1 / 3)
    >>> round(found.se, 4), round(found.t, 4), found.df, round(found.p, 4)
    (0.986, 2.5355, 3, 0.085)
    """
    from scipy.special import stdtr

    gaps = np.asarray(differences, dtype=np.float64)
    gaps = gaps[~np.isnan(gaps)]
    k = len(gaps)
    if k < 2:
        return CorrectedTest(float(gaps[0]) if k else _NAN)
    mean, spread = float(gaps.mean()), float(gaps.std(ddof=1))
    if not gaps.any():
        return CorrectedTest(0.0, 0.0, 0.0, k - 1, 1.0)
    if spread <= _ROUNDING * abs(mean):
        return CorrectedTest(mean, 0.0, _NAN, k - 1, _NAN)
    se = spread * float(np.sqrt(1 / k + test_share))
    t = mean / se
    return CorrectedTest(mean, se, t, k - 1, float(2 * stdtr(k - 1, -abs(t))))


def holm(p: ArrayLike) -> Array:
    """Adjust p-values of one family of hypotheses by Holm's step-down procedure.

    Holm, Scand. J. Stat. 6, 65 (1979). A NaN stays one and does not count.

    Examples
    --------
    >>> [round(float(p), 3) for p in holm([0.01, 0.04, 0.03, 0.005])]
    [0.03, 0.06, 0.06, 0.02]
    """
    found = np.array(p, dtype=np.float64)
    there = np.flatnonzero(~np.isnan(found))
    order = there[np.argsort(found[there], kind="stable")]
    left = np.arange(len(order), 0, -1)
    found[order] = np.minimum(np.maximum.accumulate(left * found[order]), 1.0)
    return found


@dataclass(frozen=True, eq=False)
class HeldOut:
    """The held-out rows of one fold, and what each competitor said of them.

    `share` is held-out rows over training rows.
    """

    share: float
    task: Task
    sample: NDArray[np.intp]
    observed: Array
    predicted: Mapping[str, Array]
    threshold: Mapping[str, Array]
    hard: frozenset[str]

    def score(self, name: str, rows: NDArray[np.bool_], metric: str) -> float:
        """Return a competitor's score on some of the rows."""
        return scores(
            self.task,
            self.observed[rows],
            self.predicted[name][rows],
            hard=name in self.hard,
            threshold=self.threshold[name][rows],
        )[metric]


def held_out(
    comparison: Comparison, scheme: str, names: Sequence[str]
) -> list[HeldOut]:
    """Return the folds of a scheme as arrays over their rows."""
    held = comparison.predictions
    held = held[(held["scheme"] == scheme) & held["competitor"].isin(list(names))]
    keys = ["repeat", "fold", "sample"]
    values = ["predicted", "threshold"]
    table = held.pivot_table(values, keys, "competitor", aggfunc="first")
    observed = held.groupby(keys)["observed"].first().loc[table.index].to_numpy()
    sample = table.index.get_level_values("sample").to_numpy()
    said, least = (
        {n: table[v, n].to_numpy(np.float64) for n in names if (v, n) in table}
        for v in values
    )
    places = table.groupby(level=keys[:2]).indices
    found = []
    for record in comparison.records:
        split = record.split
        rows = places.get((split.repeat, split.fold))
        if record.scheme == scheme and rows is not None:
            found.append(
                HeldOut(
                    share=len(split.test) / len(split.train),
                    task=comparison.problem.task,
                    sample=sample[rows],
                    observed=observed[rows],
                    predicted={n: v[rows] for n, v in said.items()},
                    threshold={n: v[rows] for n, v in least.items()},
                    hard=comparison.hard,
                )
            )
    return found


def rows_in_common(folds: Sequence[HeldOut], first: str, second: str) -> int:
    """Count the samples of which two competitors both say something in some fold."""
    seen: set[int] = set()
    for fold in folds:
        if first in fold.predicted and second in fold.predicted:
            both = ~np.isnan(fold.predicted[first] + fold.predicted[second])
            seen.update(fold.sample[both].tolist())
    return len(seen)


def fold_differences(
    folds: Sequence[HeldOut], names: Sequence[str], metric: str
) -> Array:
    """Return the differences of all pairs, shape (folds, names, names).

    Entry (f, i, j) is the score of i less that of j on the rows of fold f on which
    both are defined; NaN where there is none.
    """
    found = np.full((len(folds), len(names), len(names)), np.nan)
    for f, fold in enumerate(folds):
        there = {n: ~np.isnan(v) for n, v in fold.predicted.items()}
        # most are defined on every row: each is scored once for each set of rows
        known: dict[tuple[str, bytes], float] = {}
        for i, first in enumerate(names):
            for j, second in enumerate(names[:i]):
                if first not in there or second not in there:
                    continue
                rows = there[first] & there[second]
                pair = []
                for name in (first, second):
                    key = (name, rows.tobytes())
                    if key not in known:
                        known[key] = fold.score(name, rows, metric)
                    pair.append(known[key])
                gap = pair[0] - pair[1]
                if abs(gap) <= _ROUNDING * max(abs(pair[0]), abs(pair[1])):
                    gap = 0.0
                found[f, i, j], found[f, j, i] = gap, -gap
    return found


def paired_difference(
    comparison: Comparison, first: str, second: str, metric: str
) -> tuple[float, float]:
    """Return mean difference over the folds of the main scheme and its error.

    As :func:`corrected_t_test` has it, of the rows on which both are defined; NaN
    where there is none.
    """
    names = (first, second)
    folds = held_out(comparison, comparison.main, names)
    gaps = fold_differences(folds, names, metric)[:, 0, 1]
    found = corrected_t_test(gaps, held_out_share(folds))
    return found.difference, found.se


def held_out_share(folds: Sequence[HeldOut]) -> float:
    """Return the mean of held-out over training rows.

    Of all held-out rows, though a rule may be silent on some: of two splits at
    random, that is the share of the rows scored that they have in common.
    """
    return float(np.mean([fold.share for fold in folds])) if folds else _NAN


def dealt_at_random(records: Sequence[FoldRecord]) -> bool:
    """Whether the folds are numbered parts of a shuffle, not single or named ones.

    Folds that leave out an element or a source ask different questions, some harder
    than others; they are no sample of one difference, which a t-test supposes. Single
    rows left out are too few for a score of their own.
    """
    return all(
        r.scheme != ROW_BY_ROW and r.split.label == str(r.split.fold + 1)
        for r in records
    )


def in_common(comparison: Comparison, first: str, second: str) -> pd.DataFrame:
    """Return the held-out rows of the main scheme that two competitors both predict.

    repeat, fold, sample, observed, and of each competitor, 0 and 1, predicted_0,
    threshold_0, predicted_1, threshold_1.
    """
    held = comparison.predictions
    held = held[(held["scheme"] == comparison.main) & held["predicted"].notna()]
    keys = ["repeat", "fold", "sample"]
    ours = held[held["competitor"] == first]
    theirs = held[held["competitor"] == second]
    return ours[[*keys, "observed", "predicted", "threshold"]].merge(
        theirs[[*keys, "predicted", "threshold"]], on=keys, suffixes=("_0", "_1")
    )


def on_which(comparison: Comparison, first: str, second: str) -> str:
    """Say on which rows two competitors are compared; nothing where it is on all."""
    rows = in_common(comparison, first, second)["sample"].nunique()
    main = comparison.predictions["scheme"] == comparison.main
    of = comparison.predictions.loc[main, "sample"].nunique()
    if rows == of:
        return ""
    return f", on the {rows} of {of} rows on which both are defined"
