"""How strongly a formula answers to its variables, sample by sample."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from hecsr.formula.analysis.rows import columns_of, labels_of
from hecsr.formula.expression import Array, Variable
from hecsr.formula.gradient import gradient

if TYPE_CHECKING:
    import pandas as pd

    from hecsr.formula.formula import Formula


def slopes(formula: Formula, data: pd.DataFrame | Mapping[str, Array]) -> pd.DataFrame:
    """Return dy/dx for each sample (row) and variable (column), in y's unit over x's.

    NaN where the formula or the derivative is undefined. A classifier's y is its
    probability.

    Raises
    ------
    FormulaError
        If a column is missing.
    """
    import pandas as pd

    _, found = _gradient(formula, data)
    return pd.DataFrame(found, index=labels_of(data), columns=list(formula.names))


def elasticities(
    formula: Formula, data: pd.DataFrame | Mapping[str, Array]
) -> pd.DataFrame:
    """Return (x / y) dy/dx: the per cent that y changes by with 1 % of x.

    For each sample (row) and variable (column); NaN where y is 0 or undefined.
    """
    import pandas as pd

    value, found = _gradient(formula, data)
    x = np.column_stack(
        [np.empty((len(value), 0)), *columns_of(formula, data).values()]
    )
    with np.errstate(all="ignore"):
        relative = x * found / value[:, None]
    relative = np.where(np.isfinite(relative), relative, np.nan)
    return pd.DataFrame(relative, index=labels_of(data), columns=list(formula.names))


def summarised(rows: pd.DataFrame) -> pd.DataFrame:
    """Sum up slopes or elasticities of samples, one row for each variable.

    Columns: `mean`, `lowest` and `highest` over the `samples` that have a value, and
    `sign`, which is '+' or '-' where it never changes ('0' where all are 0, a value
    of 0 apart), else 'both'; '' without samples.
    """
    import pandas as pd

    found = []
    for name in rows.columns:
        values = rows[name].to_numpy(dtype=np.float64)
        values = values[np.isfinite(values)]
        some = len(values) > 0
        found.append(
            {
                "mean": values.mean() if some else np.nan,
                "lowest": values.min() if some else np.nan,
                "highest": values.max() if some else np.nan,
                "sign": _sign(values),
                "samples": len(values),
            }
        )
    columns = ["mean", "lowest", "highest", "sign", "samples"]
    return pd.DataFrame(found, index=rows.columns, columns=columns)


def _sign(values: Array) -> str:
    if not len(values):
        return ""
    up, down = bool((values > 0).any()), bool((values < 0).any())
    if up and down:
        return "both"
    return "+" if up else "-" if down else "0"


def _gradient(
    formula: Formula, data: pd.DataFrame | Mapping[str, Array]
) -> tuple[Array, Array]:
    columns = columns_of(formula, data)
    by = [Variable(name) for name in formula.names]
    value, found = gradient(formula.expression, by, columns, formula.constants)
    n = len(labels_of(data))
    return np.broadcast_to(value, (n,)), np.broadcast_to(found, (n, len(by)))
