"""Sentences made from the figures: which model to trust, where, how far."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hecsr.result import Competitor, FormulaResult, Scheme, Verdict
from hecsr.validation.frames import fold_mean
from hecsr.validation.metrics import scores

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from hecsr.validation.compare import Comparison

# A smaller difference than this many standard errors is called none.
_STANDARD_ERRORS = 2.0


def make_verdict(
    comparison: Comparison,
    formulas: tuple[FormulaResult, ...],
    metric: str,
    unit: str,
    schemes: Sequence[Scheme] = (),
) -> Verdict:
    """Compare the best formula procedure with rivals, by paired differences.

    The standard error of a difference is that of the fold differences with the
    correction of Nadeau and Bengio, Mach. Learn. 52, 239 (2003),
    10.1023/A:1024068626366, for training sets that overlap. `unit` is that of the
    target; `schemes` lend their labels.
    """
    best = best_of(comparison, metric, ("formula",))
    if best is None:
        return Verdict(("No formula could be scored.",))
    value = _mean(comparison, best.name, metric, comparison.main)
    text = _shown(value, metric, unit)
    sentences = [
        f"The best formula procedure is {best.label}: {text} on held-out rows."
    ]
    for kinds, what in (
        (("black box",), "black box"),
        (("rule",), "known rule"),
        (("baseline",), "baseline"),
    ):
        rival = best_of(comparison, metric, kinds)
        if rival is not None:
            sentences.append(_difference(comparison, best, rival, what, metric, unit))
    names = {s.name: s.label for s in schemes}
    sentences += _extrapolation(comparison, best, metric, unit, names)
    sentences += [
        _size(found) for found in formulas if found.chosen and found.engine == best.name
    ]
    return Verdict(tuple(sentences))


def against_rules(
    differences: pd.DataFrame,
    competitors: Sequence[Competitor],
    best: str,
    metric: str,
    scheme: str,
) -> tuple[str, ...]:
    """Say which known rules the best formula is better than beyond the rows' scatter.

    By the bootstrap intervals of the differences from it; nothing without rules.
    """
    labels = {c.name: c.label for c in competitors}
    rules = [c.name for c in competitors if c.kind == "rule"]
    own = differences[
        (differences["scheme"] == scheme)
        & (differences["metric"] == metric)
        & differences["competitor"].isin(rules)
    ]
    if own.empty or best not in labels:
        return ()
    worse = own["low"] > 0 if _smaller_is_better(metric) else own["high"] < 0
    open_ = [labels[str(n)] for n in own.loc[~worse, "competitor"]]
    said = (
        f"By paired bootstrap of the held-out rows {labels[best]} is better than "
        f"{int(worse.sum())} of {len(own)} known rules, each on the rows of which it "
        "says something"
    )
    rest = f"; not shown to be better than: {', '.join(open_)}" if open_ else ""
    return (f"{said}{rest}.",)


def _size(found: FormulaResult) -> str:
    """Say how settled the size of the printed formula is."""
    if not found.formula.names:
        return (
            "On all rows the inner cross-validation chose the mean alone: no formula "
            "of these descriptors is reliably better than a constant."
        )
    share = 0.0 if found.chosen_in_folds is None else found.chosen_in_folds
    return (
        f"The printed formula has {found.size}, a size that was chosen in {share:.0%} "
        "of the folds."
    )


def best_of(
    comparison: Comparison,
    metric: str,
    kinds: tuple[str, ...],
    scheme: str | None = None,
) -> Competitor | None:
    """Return the competitor of these kinds with the best mean over the folds.

    Of the main scheme, if none is named.
    """
    scheme = scheme or comparison.main
    sign = 1 if _smaller_is_better(metric) else -1
    found = [
        (sign * _mean(comparison, c.name, metric, scheme), i)
        for i, c in enumerate(comparison.competitors)
        if c.kind in kinds and _covers_all(comparison, c.name)
    ]
    found = [(value, i) for value, i in found if np.isfinite(value)]
    return comparison.competitors[min(found)[1]] if found else None


def _covers_all(comparison: Comparison, name: str) -> bool:
    """Whether a competitor was scored on every row: a silent rule is not ranked."""
    kinds = {c.name: c.kind for c in comparison.competitors}
    undefined = comparison.undefined
    return kinds[name] != "rule" or name not in set(undefined["competitor"])


def _smaller_is_better(metric: str) -> bool:
    return metric in ("mae", "rmse", "brier", "log_loss")


def _mean(comparison: Comparison, name: str, metric: str, scheme: str) -> float:
    return fold_mean(comparison.scores, scheme, name, metric)


def _number(value: float, metric: str) -> str:
    # shares to three decimals, quantities with a unit to two
    return f"{value:.2f}" if metric in ("mae", "rmse") else f"{value:.3f}"


def _shown(value: float, metric: str, unit: str) -> str:
    name = "MAE" if metric == "mae" else metric.replace("_", " ")
    tail = f" {unit}" if metric == "mae" and unit != "1" else ""
    return f"{name} {_number(value, metric)}{tail}"


def _difference(
    comparison: Comparison,
    best: Competitor,
    rival: Competitor,
    what: str,
    metric: str,
    unit: str,
) -> str:
    """Say how two competitors differ over identical folds."""
    gap, error = paired_difference(comparison, best.name, rival.name, metric)
    theirs = _shown(
        _mean(comparison, rival.name, metric, comparison.main), metric, unit
    )
    opening = f"The best {what} is {rival.label} ({theirs})"
    # rounding in the last digit is no difference
    if abs(gap) <= 1e-9 and not error > 1e-9:
        return f"{opening}; the formula gives the same in every fold."
    if not np.isfinite(error) or error == 0:
        return f"{opening}; the folds are too few to compare it with the formula."
    gain = -gap if _smaller_is_better(metric) else gap
    ratio = abs(gap) / error
    band = (
        f"the difference over the folds, {_number(abs(gap), metric)}, is {ratio:.1f} "
        "standard errors"
    )
    better = "better" if gain > 0 else "worse"
    if ratio <= _STANDARD_ERRORS:
        said = f"the formula is {better}, but not shown to differ: {band}"
    else:
        said = f"the formula is {better}: {band}"
    return f"{opening}; {said}{on_which(comparison, best.name, rival.name)}."


def paired_difference(
    comparison: Comparison, first: str, second: str, metric: str
) -> tuple[float, float]:
    """Return mean difference over the folds of the main scheme and its error.

    Both are scored on the rows on which both are defined; NaN where there is none.
    The variance of the mean is ``(1/k + n_test/n_train) s^2`` over k folds.
    """
    common = in_common(comparison, first, second)
    task = comparison.problem.task
    shares: list[float] = []
    gaps: list[float] = []
    for record in comparison.main_records():
        split = record.split
        part = common[
            (common["repeat"] == split.repeat) & (common["fold"] == split.fold)
        ]
        if part.empty:
            continue
        ours, theirs = (
            scores(
                task,
                part["observed"].to_numpy(),
                part[f"predicted_{i}"].to_numpy(),
                hard=name in comparison.hard,
                threshold=part[f"threshold_{i}"].to_numpy(),
            )[metric]
            for i, name in enumerate((first, second))
        )
        shares.append(len(part) / len(split.train))
        if not np.isnan(ours - theirs):
            gaps.append(ours - theirs)
    if len(gaps) < 2:
        return (gaps[0] if gaps else float("nan")), float("nan")
    variance = (1 / len(gaps) + float(np.mean(shares))) * float(np.var(gaps, ddof=1))
    return float(np.mean(gaps)), float(np.sqrt(variance))


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


def _extrapolation(
    comparison: Comparison,
    best: Competitor,
    metric: str,
    unit: str,
    names: Mapping[str, str],
) -> list[str]:
    """Say how the formula and its rivals stand under the harder schemes."""
    said = []
    for scheme in dict.fromkeys(comparison.scores["scheme"]):
        if scheme == comparison.main:
            continue
        ours = _mean(comparison, best.name, metric, scheme)
        told = []
        for kind in ("formula", "black box", "rule", "baseline"):
            rival = best_of(comparison, metric, (kind,), scheme)
            if rival is not None and rival.name != best.name:
                value = _mean(comparison, rival.name, metric, scheme)
                told.append(f"best {kind}: {rival.label} {_number(value, metric)}")
        rivals = "; ".join(told)
        labels = comparison.scores.loc[
            comparison.scores["scheme"] == scheme, "fold_label"
        ]
        numbered = all(str(x).isdigit() or x == "all" for x in labels)
        mean = "the folds" if numbered else "what was left out"
        name = names.get(scheme, scheme)
        said.append(
            f"{name}, mean over {mean}: {_shown(ours, metric, unit)} for "
            f"{best.label} ({rivals})."
        )
    return said
