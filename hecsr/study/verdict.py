"""Sentences made from the figures: which model to trust, where, how far."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hecsr.config import Analysis
from hecsr.result import Competitor, FormulaResult, Verdict

if TYPE_CHECKING:
    from hecsr.validation.compare import Comparison

# A smaller difference than this many standard errors is called none.
_STANDARD_ERRORS = 2.0


def make_verdict(
    analysis: Analysis,
    comparison: Comparison,
    formulas: tuple[FormulaResult, ...],
    metric: str,
) -> Verdict:
    """Compare the best formula procedure with rivals, by paired differences.

    The standard error of a difference is that of the fold differences with the
    correction of Nadeau and Bengio, Mach. Learn. 52, 239 (2003),
    10.1023/A:1024068626366, for training sets that overlap.
    """
    best = _best(comparison, metric, ("formula",))
    sentences = [_standing(comparison, best, metric)]
    for kinds, what in (
        (("black box",), "black box"),
        (("rule",), "known rule"),
        (("baseline",), "baseline"),
    ):
        rival = _best(comparison, metric, kinds)
        if rival is not None and best is not None:
            sentences.append(_difference(comparison, best, rival, what, metric))
    sentences += _extrapolation(comparison, best, metric)
    chosen = [f for f in formulas if f.chosen and best and f.engine == best.name]
    for found in chosen:
        if not found.formula.names:
            sentences.append(
                "On all rows the inner cross-validation chose the mean alone: no "
                "formula of these descriptors is better than a constant."
            )
        elif found.chosen_in_folds is not None:
            sentences.append(
                f"Its size, {found.limit} term{'' if found.limit == 1 else 's'}, was "
                f"chosen in {found.chosen_in_folds:.0%} of the folds."
            )
    return Verdict(tuple(sentences))


def _best(
    comparison: Comparison, metric: str, kinds: tuple[str, ...]
) -> Competitor | None:
    """Return the competitor of these kinds with the best pooled metric."""
    sign = 1 if _smaller_is_better(metric) else -1
    found = [
        (sign * _pooled(comparison, c.name, metric, comparison.main), i)
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


def _pooled(comparison: Comparison, name: str, metric: str, scheme: str) -> float:
    s = comparison.scores
    own = s[
        (s["competitor"] == name)
        & (s["metric"] == metric)
        & (s["scheme"] == scheme)
        & (s["fold"] == -1)
    ]["value"]
    return float(own.mean())


def _shown(value: float, metric: str, comparison: Comparison) -> str:
    name = metric.replace("_", " ").upper() if metric == "mae" else metric.replace("_", " ")
    del comparison
    return f"{name} {value:.3g}"


def _standing(comparison: Comparison, best: Competitor | None, metric: str) -> str:
    if best is None:
        return "No formula could be scored."
    value = _pooled(comparison, best.name, metric, comparison.main)
    text = _shown(value, metric, comparison)
    return f"The best formula procedure is {best.label}: {text} on held-out rows."


def _difference(
    comparison: Comparison,
    best: Competitor,
    rival: Competitor,
    what: str,
    metric: str,
) -> str:
    """Say how two competitors differ over identical folds."""
    gap, error = paired_difference(comparison, best.name, rival.name, metric)
    theirs = _shown(
        _pooled(comparison, rival.name, metric, comparison.main), metric, comparison
    )
    gain = -gap if _smaller_is_better(metric) else gap
    band = f"difference {abs(gap):.2g}, standard error {error:.2g}"
    if not np.isfinite(error) or abs(gap) <= _STANDARD_ERRORS * error:
        said = "cannot be told apart from it"
    else:
        said = "beats it" if gain > 0 else "is worse than it"
    return f"The best {what} is {rival.label} ({theirs}): the formula {said} ({band})."


def paired_difference(
    comparison: Comparison, first: str, second: str, metric: str
) -> tuple[float, float]:
    """Return mean difference over the folds of the main scheme and its error.

    The variance of the mean is ``(1/k + n_test/n_train) s^2`` over k folds.
    """
    s = comparison.scores
    main = s[
        (s["scheme"] == comparison.main) & (s["metric"] == metric) & (s["fold"] >= 0)
    ]
    wide = main.pivot_table(
        index=["repeat", "fold"], columns="competitor", values="value"
    )
    gaps = (wide[first] - wide[second]).dropna().to_numpy()
    if len(gaps) < 2:
        return (float(gaps.mean()) if len(gaps) else float("nan")), float("nan")
    splits = [r.split for r in comparison.main_records()]
    ratio = float(np.mean([len(x.test) / len(x.train) for x in splits]))
    variance = (1 / len(gaps) + ratio) * float(gaps.var(ddof=1))
    return float(gaps.mean()), float(np.sqrt(variance))


def _extrapolation(
    comparison: Comparison, best: Competitor | None, metric: str
) -> list[str]:
    if best is None:
        return []
    schemes = dict.fromkeys(comparison.scores["scheme"])
    said = []
    for scheme in schemes:
        if scheme == comparison.main:
            continue
        ours = _pooled(comparison, best.name, metric, scheme)
        rivals = [
            (_pooled(comparison, c.name, metric, scheme), c)
            for c in comparison.competitors
            if c.kind in ("black box", "baseline")
        ]
        told = ", ".join(f"{c.label} {value:.3g}" for value, c in rivals)
        name = scheme.replace("-", " ")
        text = _shown(ours, metric, comparison)
        said.append(f"{name.capitalize()}: {text} for the formula ({told}).")
    return said
