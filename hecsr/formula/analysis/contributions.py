"""What each term of a formula adds to the value of each sample."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import numpy as np

from hecsr.formula.analysis.rows import columns_of, labels_of
from hecsr.formula.analysis.sums import summands, without_coefficient
from hecsr.formula.expression import (
    Array,
    Expression,
    evaluate,
    variables,
)
from hecsr.formula.printers.text import to_text

if TYPE_CHECKING:
    import pandas as pd

    from hecsr.formula.formula import Formula

INTERCEPT: Final = "intercept"
MEAN: Final = "mean"


def contributions(
    formula: Formula, data: pd.DataFrame | Mapping[str, Array]
) -> pd.DataFrame:
    """Return what each term adds to each sample, coefficient included.

    One row for each sample; the column 'intercept', all that holds no variable, and
    one for each term, named by its text without the coefficient. A row sums to the
    formula's value, of a classifier to the linear predictor, whose logistic is the
    probability. NaN where a term is undefined.

    Raises
    ------
    FormulaError
        If a column is missing.
    """
    import pandas as pd

    columns = columns_of(formula, data)
    labels = labels_of(data)
    found: dict[str, Array] = {INTERCEPT: np.zeros(len(labels))}
    for minus, term in summands(formula.linear_predictor):
        value = evaluate(term, columns, formula.constants)
        value = np.broadcast_to(-value if minus else value, (len(labels),))
        name = _name(term) if variables(term) else INTERCEPT
        # a term that stands twice is one column; so the columns' names are unique
        found[name] = found[name] + value if name in found else value
    return pd.DataFrame(found, index=labels)


def centred(rows: pd.DataFrame) -> pd.DataFrame:
    """Return contributions relative to their means over the samples.

    The column 'mean' replaces the intercept and holds the mean of the value, so that
    a row still sums to the value. Samples with an undefined term do not count in the
    means.
    """
    whole = rows.dropna()
    means = whole.mean()
    terms = rows.drop(columns=INTERCEPT)
    moved = terms - means[terms.columns]
    moved.insert(0, MEAN, means.sum() if len(whole) else np.nan)
    return moved


def _name(term: Expression) -> str:
    name = to_text(without_coefficient(term), digits=6)
    return f"({name})" if name == INTERCEPT else name
