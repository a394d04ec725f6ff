"""What a formula's terms add to each sample, beside the SHAP values of a black box."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from hecsr.formula.expression import Expression
    from hecsr.formula.formula import Formula
    from hecsr.result import ShapValues


@dataclass(frozen=True, eq=False)
class TermAgreement:
    """One term of a printed formula against a black box.

    Attributes
    ----------
    engine
        Whose printed formula it is.
    expression, text
        The term without its coefficient.
    names
        Its descriptors.
    shared
        Those of them that stand in another term as well: their SHAP values count for
        both.
    rows
        repeat, fold, sample, contribution, shap: what the term adds to the sample
        beyond its mean, in the formula's own scale (of a classifier the logarithm of
        the odds), and the sum of the SHAP values of its descriptors on the same,
        held-out, sample. Folds whose filter removed one of them are left out.
    pearson, spearman
        Correlation of the two; NaN without rows or where one does not vary.
    """

    engine: str
    expression: Expression
    text: str
    names: tuple[str, ...]
    shared: tuple[str, ...]
    rows: pd.DataFrame
    pearson: float
    spearman: float


def term_agreement(
    engine: str, formula: Formula, shap: ShapValues, frame: pd.DataFrame
) -> list[TermAgreement]:
    """Set the terms of a formula against the SHAP values of a black box.

    Parameters
    ----------
    frame
        Descriptors of all samples; SHAP values name a sample by its position.
    """
    import pandas as pd

    from hecsr.formula.analysis.contributions import (
        INTERCEPT,
        centred,
        contributions,
    )
    from hecsr.formula.analysis.sums import summands, without_coefficient
    from hecsr.formula.expression import variables

    added = contributions(formula, frame).reset_index(drop=True)
    columns = [str(c) for c in added.columns if c != INTERCEPT]
    moved = centred(added)
    terms: dict[str, Expression] = {}
    parts = [
        without_coefficient(t)
        for _, t in summands(formula.linear_predictor)
        if variables(t)
    ]
    # a term that stands twice is one column: the first of equal ones names it
    for part in parts:
        if part not in terms.values():
            terms[columns[len(terms)]] = part
    where = shap.values.index.to_frame(index=False)
    found = []
    for text, part in terms.items():
        names = variables(part)
        others = {n for o in terms.values() if o is not part for n in variables(o)}
        known = [n for n in names if n in shap.values.columns]
        values = shap.values[known].sum(axis=1, skipna=False).to_numpy(np.float64)
        if len(known) < len(names):
            values = np.full(len(where), np.nan)
        sample = where["sample"].to_numpy(np.intp)
        rows = pd.DataFrame(
            {
                "repeat": where["repeat"].to_numpy(),
                "fold": where["fold"].to_numpy(),
                "sample": sample,
                "contribution": moved[text].to_numpy(np.float64)[sample],
                "shap": values,
            }
        ).dropna(ignore_index=True)
        pearson, spearman = _correlations(rows)
        shared = tuple(n for n in names if n in others)
        found.append(
            TermAgreement(engine, part, text, names, shared, rows, pearson, spearman)
        )
    return found


def _correlations(rows: pd.DataFrame) -> tuple[float, float]:
    one, two = rows["contribution"].to_numpy(), rows["shap"].to_numpy()
    if len(rows) < 3 or not np.ptp(one) or not np.ptp(two):
        return float("nan"), float("nan")
    from scipy.stats import pearsonr, spearmanr

    return float(pearsonr(one, two)[0]), float(spearmanr(one, two)[0])
