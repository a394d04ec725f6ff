"""Sentences made from the figures: which model to trust, where, how far."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hecsr.result import Competitor, FormulaResult, Scheme, Verdict
from hecsr.validation.frames import fold_mean
from hecsr.validation.metrics import LOWER_IS_BETTER
from hecsr.validation.paired import on_which, paired_difference
from hecsr.validation.ranks import best_of
from hecsr.validation.significance import NOT_SHOWN, Significance, significance

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from hecsr.validation.compare import Comparison

__all__ = [
    "against_kinds",
    "best_of",
    "make_verdict",
    "on_which",
    "paired_difference",
]


def make_verdict(
    comparison: Comparison,
    formulas: tuple[FormulaResult, ...],
    metric: str,
    unit: str,
    schemes: Sequence[Scheme] = (),
    found: Significance | None = None,
) -> Verdict:
    """Compare the best formula procedure with rivals, by paired differences.

    `unit` is that of the target; `schemes` lend their labels. `found` is what
    :func:`~hecsr.validation.significance.significance` says of the comparison, so
    that the numbers here are those of the report; it is made where it is not given.
    """
    best = best_of(comparison, metric, ("formula",))
    if best is None:
        return Verdict(("No formula could be scored.",))
    found = found or significance(comparison, metric)
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
            sentences.append(_difference(comparison, found, rival, what, unit))
    names = {s.name: s.label for s in schemes}
    sentences += _extrapolation(comparison, best, metric, unit, names)
    sentences += [
        _size(one) for one in formulas if one.chosen and one.engine == best.name
    ]
    return Verdict(tuple(sentences))


def against_kinds(
    found: Significance, competitors: Sequence[Competitor]
) -> tuple[str, ...]:
    """Say how many black boxes and known rules the best formula is shown to beat.

    One sentence for each kind of two and more, under the main scheme.
    """
    labels = {c.name: c.label for c in competitors}
    own = found.rivals[found.rivals["scheme"] == found.main]
    said = []
    for kind, plural in (("black box", "black boxes"), ("rule", "known rules")):
        names = [c.name for c in competitors if c.kind == kind]
        lines = own[own["first"].isin(names)]
        if len(lines) < 2:
            continue
        # the words are those of the rivals
        beaten, ahead = (int((lines["word"] == w).sum()) for w in ("worse", "better"))
        rows = ", each on the rows of which it says something" if kind == "rule" else ""
        others = [n for n in lines["first"] if n not in _differing(lines)]
        rest = (
            f"; no significant difference from the other {len(others)}"
            if others and len(others) < len(lines)
            else "; no significant difference from any"
            if others
            else ""
        )
        said.append(
            f"Of {len(lines)} {plural} {labels[found.reference]} is shown to be better "
            f"than {beaten} and worse than {ahead}{rows} (Holm over {len(own)} rivals)"
            f"{rest}."
        )
    return tuple(said)


def _differing(lines: pd.DataFrame) -> set[str]:
    return set(lines.loc[lines["word"] != NOT_SHOWN, "first"])


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


def _smaller_is_better(metric: str) -> bool:
    return metric in LOWER_IS_BETTER


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
    found: Significance,
    rival: Competitor,
    what: str,
    unit: str,
) -> str:
    """Say how the best formula and a rival differ over identical folds."""
    own = found.rivals[found.rivals["scheme"] == found.main]
    theirs = _mean(comparison, rival.name, found.metric, found.main)
    opening = f"The best {what} is {rival.label} ({_shown(theirs, found.metric, unit)})"
    lines = own[own["first"] == rival.name].to_dict("records")
    if not lines or not np.isfinite(lines[0]["p_holm"]):
        return f"{opening}; the folds are too few to compare it with the formula."
    line = lines[0]
    gap, error, p = line["difference"], line["se"], line["p_holm"]
    if gap == 0 and error == 0:
        return f"{opening}; the formula gives the same in every fold."
    size = _number(abs(gap), found.metric)
    errors = f" ({abs(gap) / error:.1f} standard errors)" if error > 0 else ""
    band = (
        f"the difference over the folds is {size}{errors}, {p_words(p)} after Holm "
        f"over {len(own)} rivals"
    )
    behind = (gap > 0) == _smaller_is_better(found.metric)
    said = f"the formula is {'better' if behind else 'worse'}: "
    if line["word"] == NOT_SHOWN:
        said = f"{said[:-2]}, but not shown to differ (no significant difference): "
    rows = on_which(comparison, found.reference, rival.name)
    return f"{opening}; {said}{band}{rows}."


def p_words(p: float) -> str:
    """Write a p-value to two decimals, a small one to three."""
    if p < 0.001:
        return "p < 0.001"
    return f"p = {p:.3f}" if p < 0.0995 else f"p = {p:.2f}"


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
