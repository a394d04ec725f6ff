"""Whether a closed form of at most two terms does what the best black box does."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from hecsr.study.case import amount, as_gain, band, named, small
from hecsr.study.verdict import p_words
from hecsr.validation.bootstrap import DRAWS
from hecsr.validation.frames import fold_mean
from hecsr.validation.metrics import LOWER_IS_BETTER
from hecsr.validation.ranks import best_of, ranked
from hecsr.validation.significance import NOT_SHOWN, rivals_of, t_interval

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from hecsr.result import Competitor, FormulaResult
    from hecsr.validation.compare import Comparison
    from hecsr.validation.significance import Significance

TERMS: Final = 2


def goal(
    comparison: Comparison,
    found: Significance,
    formulas: Sequence[FormulaResult],
    unit: str,
    *,
    seed: int = 0,
    draws: int = DRAWS,
) -> str:
    """Compare the best small form with the best black box and, of classes, the rules.

    A small form is the whole search of an engine that counts terms, held to one or two
    of them: a point of its front, or the procedure itself where it may take no more.

    Parameters
    ----------
    unit
        Of the target.
    seed, draws
        Of the bootstrap, for a form that is not the best formula procedure.

    Returns
    -------
    str
        '' where there is no such form or no black box.
    """
    metric = found.metric
    small_ones = _small_forms(comparison, metric)
    box = best_of(comparison, metric, ("black box",))
    if not small_ones or box is None:
        return ""
    form = small_ones[0]
    if form.name == found.reference:
        rivals = found.rivals[found.rivals["scheme"] == found.main]
    else:
        rivals = rivals_of(comparison, form.name, metric, seed=seed, draws=draws)
    ours, theirs = (
        fold_mean(comparison.scores, comparison.main, c.name, metric)
        for c in (form, box)
    )
    lower = metric in LOWER_IS_BETTER
    there = ours <= theirs if lower else ours >= theirs
    said = (
        f"The best closed form of at most two terms, {form.label.replace(', ', ' of ')}"
        f" ({named(metric)} {amount(ours, metric, unit)}{_of(len(small_ones))}), "
        f"{'reaches' if there else 'does not reach'} the {named(metric)} of the best "
        f"black box, {small(box.label)} ({amount(theirs, metric, unit)})"
        f"{_beside(rivals, box, metric, unit)}."
    )
    if comparison.problem.task == "classification":
        said += _rules(rivals, comparison, metric)
    return said + _reading(form, formulas)


def _small_forms(comparison: Comparison, metric: str) -> list[Competitor]:
    """Return the forms of one or two terms, the best one first."""
    counted = [c for c in comparison.competitors if c.limit_by == "terms"]
    largest: dict[str, int] = {}
    for c in counted:
        if c.kind == "front" and c.limit is not None:
            largest[c.engine] = max(largest.get(c.engine, 0), c.limit)
    names = {
        c.name
        for c in counted
        if (c.kind == "front" and c.limit in range(1, TERMS + 1))
        or (c.kind == "formula" and 1 <= largest.get(c.engine, 0) <= TERMS)
    }
    every = ranked(comparison, metric, ("formula", "front"))
    return [c for c in every if c.name in names]


def _reading(form: Competitor, formulas: Sequence[FormulaResult]) -> str:
    """Say what is taken for a descriptor, and how many variables the form holds."""
    said = " Two descriptors are read as two terms, which SISSO calls descriptors"
    for one in formulas:
        wanted = one.chosen if form.kind == "formula" else one.limit == form.limit
        if one.engine == form.engine and wanted:
            n = len(one.formula.names)
            return (
                f"{said}: fitted to all rows, the form has {one.size} with {n} "
                f"variable{'' if n == 1 else 's'}."
            )
    return f"{said}."


def _of(number: int) -> str:
    if number == 1:
        return ""
    return f", the best of {number} by these same held-out rows"


def _beside(rivals: pd.DataFrame, box: Competitor, metric: str, unit: str) -> str:
    """Say how the form and the black box differ, by both tests."""
    own = rivals[rivals["first"] == box.name]
    if own.empty:
        return "; the folds are too few to compare them"
    line: dict[str, Any] = {str(k): v for k, v in own.iloc[0].items()}
    verdict = {
        "better": "the black box is shown to be better",
        "worse": "the form is shown to be better",
    }.get(line["word"], "no difference is shown")
    if line["word"] == NOT_SHOWN and (line["low"] > 0 or line["high"] < 0):
        verdict += " by the test, though the bootstrap interval leaves out zero"
    gain = as_gain(line["difference"], line["difference"], metric)[0]
    parts = []
    low, high = as_gain(*t_interval(line), metric)
    if not math.isnan(low):
        parts.append(
            f"95 % interval of its gain {band(low, high, metric, unit)} by the "
            f"corrected t-test, {p_words(line['p_holm'])} after Holm over "
            f"{len(rivals)} rivals"
        )
    low, high = as_gain(line["low"], line["high"], metric)
    if not math.isnan(low):
        parts.append(
            f"{band(low, high, metric, unit)} by bootstrap of the held-out rows, with "
            "the fitted models as they are"
        )
    bounds = f" ({'; '.join(parts)})" if parts else ""
    side = "ahead" if gain >= 0 else "behind"
    by = amount(abs(gain), metric, unit)
    return f"; the black box is {side} by {by}{bounds}: {verdict}"


def _rules(rivals: pd.DataFrame, comparison: Comparison, metric: str) -> str:
    names = [c.name for c in comparison.competitors if c.kind == "rule"]
    own = rivals[rivals["first"].isin(names)]
    if own.empty:
        return ""
    by_test = [(own["word"] == w).sum() for w in ("worse", NOT_SHOWN, "better")]
    first, last = own["low"], own["high"]
    if metric in LOWER_IS_BETTER:
        first, last = -last, -first
    # of a rule behind the form the gain lies below zero
    beaten, ahead = int((last < 0).sum()), int((first > 0).sum())
    by_draws = [beaten, len(own) - beaten - ahead, ahead]
    silent = own["rows"].min() < own["rows"].max()
    test = "corrected t-test" if (own["test"] == "t").all() else "bootstrap test"
    partly = ", each on the rows of which it says something," if silent else ""
    return (
        f" Of the {len(own)} known rules{partly} it beats {by_test[0]}, ties with "
        f"{by_test[1]} and loses to {by_test[2]} by the {test} with Holm; by the "
        f"95 % bootstrap interval of each difference alone it beats {by_draws[0]}, "
        f"ties with {by_draws[1]} and loses to {by_draws[2]}. A tie is a difference "
        "that is not shown."
    )
