"""The samples of a table, as columns of a formula's variables and as labels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from hecsr.errors import FormulaError
from hecsr.formula.columns import numbers
from hecsr.formula.expression import Array
from hecsr.formula.lookalikes import missing_column

if TYPE_CHECKING:
    import pandas as pd

    from hecsr.formula.formula import Formula


def columns_of(
    formula: Formula, data: pd.DataFrame | Mapping[str, Array]
) -> dict[str, Array]:
    """Return the values of each variable of a formula, in order of appearance.

    Raises
    ------
    FormulaError
        If a column is missing or holds text.
    """
    for name in formula.names:
        if name not in data:
            raise FormulaError(missing_column(name, map(str, data)))
    return {n: numbers(n, data[n]) for n in formula.names}


def labels_of(data: pd.DataFrame | Mapping[str, Array]) -> pd.Index:
    """Return the samples' labels; without, their numbers from 0."""
    import pandas as pd

    if isinstance(data, pd.DataFrame):
        return data.index
    return pd.RangeIndex(len(next(iter(data.values()), ())))
