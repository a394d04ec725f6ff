"""Values of a formula's variables, as they are given."""

from __future__ import annotations

from typing import Any

import numpy as np

from hecsr.errors import FormulaError
from hecsr.formula.expression import Array

_SHOWN = 40


def numbers(name: str, values: Any) -> Array:
    """Return what is given for a variable as float64; what is missing is NaN.

    Raises
    ------
    FormulaError
        If it is not numbers; the variable and the first such value are named.
    """
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        pass
    given = np.asarray(values, dtype=object)
    rows = [_number(value) for value in given.ravel()]
    if given.ndim > 1 or any(isinstance(v, list | tuple) for v in given.ravel()):
        raise FormulaError(f"'{name}' is to be one number for each row, in one list")
    for row, (value, found) in enumerate(zip(given.ravel(), rows, strict=True)):
        if found is None:
            shown = repr(value)
            shown = shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"
            place = f" in row {row}" if given.ndim else ""
            msg = f"'{name}' is {shown}{place}, which is no number; give numbers"
            raise FormulaError(msg)
    return np.array(rows, dtype=np.float64).reshape(given.shape)


def _number(value: Any) -> float | None:
    """Return a number, NaN for pandas' missing value, None for anything else."""
    if type(value).__name__ in ("NAType", "NaTType"):
        return np.nan
    try:
        return float(value) if value is not None else np.nan
    except (TypeError, ValueError):
        return None
