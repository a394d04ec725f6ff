"""Which differences between competitors are shown, and which are not."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from hecsr.errors import HecsrError, suggestion
from hecsr.validation.bootstrap import DRAWS, bootstrap_pairs
from hecsr.validation.metrics import LOWER_IS_BETTER
from hecsr.validation.paired import (
    corrected_t_test,
    dealt_at_random,
    fold_differences,
    held_out,
    held_out_share,
    holm,
    rows_in_common,
)
from hecsr.validation.ranks import best_of, mean_ranks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from hecsr.validation.compare import Comparison

Word = Literal["better", "worse", "not shown to differ"]

LEVEL: Final = 0.05
NOT_SHOWN: Final[Word] = "not shown to differ"
_COLUMNS: Final = (
    "scheme", "first", "second", "difference", "se", "t", "df", "test", "p", "p_holm",
    "pooled", "low", "high", "folds", "rows", "word",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Significance:
    """Paired differences of all competitors, with what can be said of them.

    Attributes
    ----------
    metric, reference, main
        The score that is compared; the best formula procedure of the main scheme,
        empty where there is none; that scheme.
    pairs
        scheme, first, second, difference, se, t, df, test, p, p_holm, pooled, low,
        high, folds, rows, word: of every pair of competitors in every scheme of two
        folds and more. `difference` is first less second, the mean over the folds, in
        the metric's unit, on the `rows` that both predict; `pooled` that of all
        held-out rows together with its 95 % bootstrap interval `low` to `high`.
        `test` is 't', the corrected resampled t-test with `se`, `t` and `df`, where
        folds are dealt at random, and 'bootstrap' elsewhere, where folds are no sample
        of one difference. `p` is that test's; `p_holm` is adjusted over all pairs of
        the scheme. `word` says what `first` is where ``p_holm < 0.05``.
    rivals
        The same columns of every competitor, as `first`, against `reference`, as
        `second`; here `p_holm` is adjusted over these rivals of the scheme, and `word`
        follows from it.
    ranks
        scheme, competitor, rank, low, high, folds: mean rank over the folds, 1 for the
        best, among the competitors that are scored on every row, and the quartiles of
        its ranks.
    """

    metric: str
    reference: str
    main: str
    pairs: pd.DataFrame
    rivals: pd.DataFrame
    ranks: pd.DataFrame

    def between(self, first: str, second: str, scheme: str = "") -> dict[str, Any]:
        """Return the line of a pair, turned so that it says what `first` is.

        Raises
        ------
        HecsrError
            If the two were not compared under that scheme.
        """
        own = self.pairs[self.pairs["scheme"] == (scheme or self.main)]
        for turned, pair in ((False, (first, second)), (True, (second, first))):
            line = own[(own["first"] == pair[0]) & (own["second"] == pair[1])]
            if len(line):
                found = {str(k): v for k, v in line.iloc[0].items()}
                return _turned(found) if turned else found
        names = [*own["first"], *own["second"]]
        hints = "; ".join(
            f"'{n}': {suggestion(n, list(dict.fromkeys(names)))}"
            for n in (first, second)
            if n not in names
        )
        msg = f"'{first}' and '{second}' are no pair of '{scheme or self.main}'"
        raise HecsrError(f"{msg}; {hints or 'give two different competitors'}")

    @property
    def unlike(self) -> frozenset[frozenset[str]]:
        """The pairs that are shown to differ under the main scheme, among all pairs."""
        own = self.pairs[
            (self.pairs["scheme"] == self.main) & (self.pairs["word"] != NOT_SHOWN)
        ]
        return frozenset(map(frozenset, zip(own["first"], own["second"], strict=True)))


def significance(
    comparison: Comparison, metric: str, *, seed: int = 0, draws: int = DRAWS
) -> Significance:
    """Compare all competitors, front points apart, pair by pair under each scheme.

    Parameters
    ----------
    metric
        A metric of the comparison; the bootstrap is made of those that are means over
        rows, and else undefined.
    seed, draws
        Of the bootstrap.
    """
    import pandas as pd

    lines = [c for c in comparison.competitors if c.kind != "front"]
    names = [c.name for c in lines]
    held = comparison.predictions
    intervals = _intervals(
        comparison, held[held["competitor"].isin(names)], names, metric, seed, draws
    )
    found: list[dict[str, Any]] = []
    for scheme in dict.fromkeys(r.scheme for r in comparison.records):
        if sum(r.scheme == scheme for r in comparison.records) >= 2:
            found += _pairs(comparison, scheme, names, metric, intervals)
    pairs = pd.DataFrame(found, columns=list(_COLUMNS))
    best = best_of(comparison, metric, ("formula",))
    reference = "" if best is None else best.name
    return Significance(
        metric=metric,
        reference=reference,
        main=comparison.main,
        pairs=pairs,
        rivals=_rivals(found, names, reference, metric),
        ranks=mean_ranks(comparison, lines, metric),
    )


def rivals_of(
    comparison: Comparison,
    name: str,
    metric: str,
    *,
    seed: int = 0,
    draws: int = DRAWS,
) -> pd.DataFrame:
    """Compare one competitor, a front point too, with all others of the main scheme.

    As `Significance.rivals` does it for the best formula procedure; other front points
    are no rivals. Without two folds the frame is empty.

    Parameters
    ----------
    name
        The competitor; the second of each pair.
    """
    import pandas as pd

    rivals = [c.name for c in comparison.competitors if c.kind != "front"]
    names = [*(n for n in rivals if n != name), name]
    main = comparison.main
    if sum(r.scheme == main for r in comparison.records) < 2:
        return pd.DataFrame(columns=list(_COLUMNS))
    held = comparison.predictions
    held = held[(held["scheme"] == main) & held["competitor"].isin(names)]
    intervals = _intervals(comparison, held, names, metric, seed, draws)
    return _rivals(
        _pairs(comparison, main, names, metric, intervals), names, name, metric
    )


def _intervals(
    comparison: Comparison,
    held: pd.DataFrame,
    names: Sequence[str],
    metric: str,
    seed: int,
    draws: int,
) -> dict[Any, dict[str, float]]:
    drawn = bootstrap_pairs(
        held,
        comparison.problem.task,
        metric,
        names,
        groups=comparison.problem.groups,
        draws=draws,
        seed=seed,
    ).set_index(["scheme", "first", "second"])
    return {
        pair: {str(k): float(v) for k, v in line.items()}
        for pair, line in drawn.to_dict("index").items()
    }


def t_interval(line: Mapping[str, Any]) -> tuple[float, float]:
    """Return the 95 % interval of a difference, by the corrected resampled t-test.

    Of this pair by itself, without any adjustment; NaN where there is no t-test.

    Parameters
    ----------
    line
        Of `Significance.pairs` or `rivals`.

    Examples
    --------
    >>> low, high = t_interval({"test": "t", "difference": 1.0, "se": 0.5, "df": 9})
    >>> round(low, 3), round(high, 3)
    (-0.131, 2.131)
    """
    from scipy.special import stdtrit

    if line["test"] != "t" or not line["se"] > 0 or not line["df"] > 0:
        return float("nan"), float("nan")
    reach = float(stdtrit(line["df"], 1 - LEVEL / 2)) * float(line["se"])
    return float(line["difference"]) - reach, float(line["difference"]) + reach


def _pairs(
    comparison: Comparison,
    scheme: str,
    names: Sequence[str],
    metric: str,
    intervals: dict[Any, dict[str, float]],
) -> list[dict[str, Any]]:
    records = [r for r in comparison.records if r.scheme == scheme]
    folds = held_out(comparison, scheme, names)
    gaps = fold_differences(folds, names, metric)
    tests = dealt_at_random(records)
    share = held_out_share(folds)
    nothing = dict.fromkeys(("value", "low", "high", "p"), float("nan"))
    found: list[dict[str, Any]] = []
    for i, j in combinations(range(len(names)), 2):
        own = gaps[:, i, j]
        drawn = intervals.get((scheme, names[i], names[j]), nothing)
        line: dict[str, Any] = {
            "scheme": scheme,
            "first": names[i],
            "second": names[j],
            "difference": float("nan"),
            "se": float("nan"),
            "t": float("nan"),
            "df": 0,
            "test": "t" if tests else "bootstrap",
            "p": drawn["p"],
            "pooled": drawn["value"],
            "low": drawn["low"],
            "high": drawn["high"],
            "folds": int(np.sum(~np.isnan(own))),
            "rows": rows_in_common(folds, names[i], names[j]),
        }
        if line["folds"]:
            line["difference"] = float(np.nanmean(own))
        if tests:
            test = corrected_t_test(own, share)
            line |= {"se": test.se, "t": test.t, "df": test.df, "p": test.p}
        found.append(line)
    return _judged(found, metric)


def _judged(lines: list[dict[str, Any]], metric: str) -> list[dict[str, Any]]:
    """Adjust the p-values of one family and say what each first of a pair is."""
    adjusted = holm([line["p"] for line in lines])
    return [
        {**line, "p_holm": float(p), "word": _word(line, float(p), metric)}
        for line, p in zip(lines, adjusted, strict=True)
    ]


def _word(line: dict[str, Any], p: float, metric: str) -> Word:
    # the side of zero is that of the quantity tested
    gap = line["difference" if line["test"] == "t" else "pooled"]
    # an undefined p shows nothing
    if not p < LEVEL or not gap:
        return NOT_SHOWN
    return "better" if (gap < 0) == (metric in LOWER_IS_BETTER) else "worse"


def _turned(line: dict[str, Any]) -> dict[str, Any]:
    """Return the line of a pair from the other one's side."""
    other: dict[Word, Word] = {"better": "worse", "worse": "better"}
    return {
        **line,
        "first": line["second"],
        "second": line["first"],
        "difference": -line["difference"],
        "t": -line["t"],
        "pooled": -line["pooled"],
        "low": -line["high"],
        "high": -line["low"],
        "word": other.get(line["word"], line["word"]),
    }


def _rivals(
    pairs: Sequence[dict[str, Any]], names: Sequence[str], reference: str, metric: str
) -> pd.DataFrame:
    import pandas as pd

    place = {name: i for i, name in enumerate(names)}
    found: list[dict[str, Any]] = []
    for scheme in dict.fromkeys(line["scheme"] for line in pairs):
        own = [
            line if line["second"] == reference else _turned(line)
            for line in pairs
            if line["scheme"] == scheme and reference in (line["first"], line["second"])
        ]
        own.sort(key=lambda line: place[line["first"]])
        found += _judged(own, metric)
    return pd.DataFrame(found, columns=list(_COLUMNS))
