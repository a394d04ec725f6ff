"""Evaluate a formula on compositions or descriptors, with interval and domain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from hecsr.composition import Composition
from hecsr.descriptors.catalogue import catalogue
from hecsr.descriptors.descriptor import Descriptor
from hecsr.descriptors.table import describe
from hecsr.errors import FormulaError, suggestion
from hecsr.formula.defined import reasons
from hecsr.formula.domain import Judgement
from hecsr.formula.expression import Array
from hecsr.formula.formula import Formula
from hecsr.formula.uncertainty import LEVEL, Bounds, Kind, intervals, leverage

if TYPE_CHECKING:
    import pandas as pd


def predict(
    formula: Formula,
    compositions: str | Composition | Iterable[str | Composition] | pd.DataFrame,
    given: Mapping[str, float | Sequence[float]] | None = None,
    *,
    level: float = LEVEL,
    interval: Kind | None = None,
) -> pd.DataFrame:
    """Return value, lower and upper bound, domain and note for each row.

    The domain is 'inside', 'edge' or 'outside' of what the formula was fitted to (see
    :class:`hecsr.formula.domain.Domain`), or 'undefined'; the note says why. What the
    bounds rest on stands in the frame's ``attrs``: 'level', 'interval' (the kind) and
    'basis', a sentence. Bounds of kind 'analytic' hold given this form only: after a
    search they are not coverage.

    Parameters
    ----------
    compositions
        Compositions, which stand in a first column of the result; or a table of the
        formula's variables, whose index is kept.
    given
        The variables that no composition determines, in the unit that the formula
        states: one value for all, or one for each composition. For a table, those it
        has no column of.
    level, interval
        As in :func:`hecsr.formula.uncertainty.intervals`.

    Raises
    ------
    FormulaError
        If such a variable is missing, or a given one is not in the formula.
    MissingDataError
        If a table lacks a value that a descriptor needs.
    """
    import pandas as pd

    if isinstance(compositions, pd.DataFrame):
        index, parsed = compositions.index, None
        columns = _from_table(formula, compositions, dict(given or {}))
    else:
        if isinstance(compositions, str | Composition):
            compositions = [compositions]
        parsed = [Composition.parse(c) for c in compositions]
        index = pd.RangeIndex(len(parsed))
        columns = _columns(formula, parsed, dict(given or {}))
    value, bounds, judged = _evaluated(
        formula, columns, len(index), parsed, level, interval
    )
    undefined = np.isnan(value)
    frame = pd.DataFrame(
        {
            "value": value,
            "lower": bounds.lower,
            "upper": bounds.upper,
            "domain": np.where(undefined, "undefined", judged.places),
            "note": ["; ".join(notes) for notes in judged.notes],
        },
        index=index,
    )
    if parsed is not None:
        frame.insert(0, "composition", [c.formula for c in parsed])
    frame.attrs = {
        "level": bounds.level, "interval": bounds.kind, "basis": bounds.basis
    }  # fmt: skip
    return frame


def _evaluated(
    formula: Formula,
    columns: Mapping[str, Array],
    n_rows: int,
    compositions: list[Composition] | None,
    level: float,
    interval: Kind | None,
) -> tuple[Array, Bounds, Judgement]:
    """Return the value, its bounds, and where each row lies with all notes on it."""
    # a formula without variables has no column to tell the number of rows
    table = dict(columns) or {"": np.zeros(n_rows)}
    value = formula.evaluate(table)
    bounds = intervals(formula, table, interval, level)
    height = leverage(formula, columns, n_rows)
    judged = formula.domain.judge(columns, n_rows, height, compositions)
    undefined = np.flatnonzero(np.isnan(value))
    bad = {n: column[undefined] for n, column in table.items()}
    why = reasons(formula.expression, bad, formula.constants) if len(undefined) else []
    for row, reason in zip(undefined.tolist(), why, strict=True):
        judged.notes[row].insert(0, f"undefined: {reason}")
    for row, composition in enumerate(compositions or ()):
        judged.notes[row][:0] = composition.warnings
    return value, bounds, judged


def _from_table(
    formula: Formula, table: pd.DataFrame, given: dict[str, float | Sequence[float]]
) -> dict[str, Array]:
    """Return the variables' values from a table, and from what is given by name."""
    columns: dict[str, Array] = {}
    for name, amount in given.items():
        if name not in formula.names:
            hint = suggestion(name, formula.names) if formula.names else "it needs none"
            raise FormulaError(f"the formula has no variable '{name}' to set; {hint}")
        if name in table:
            raise FormulaError(f"'{name}' is given twice: by name and by a column")
        columns[name] = _spread(name, amount, len(table), "rows")
    for name in formula.names:
        if name not in columns:
            if name not in table:
                msg = f"no column '{name}'; {suggestion(name, map(str, table))}"
                raise FormulaError(msg)
            columns[name] = np.asarray(table[name], dtype=np.float64)
    return columns


def _spread(name: str, amount: float | Sequence[float], count: int, what: str) -> Array:
    values = np.asarray(amount, dtype=np.float64)
    if values.ndim and len(values) != count:
        raise FormulaError(f"'{name}' has {len(values)} values for {count} {what}")
    return np.broadcast_to(values, (count,)).copy()


def _computed(variable: Descriptor) -> bool:
    """Whether the composition gives the variable; a user's own column does not."""
    return variable.kind != 3 and variable.name in catalogue()


def _columns(
    formula: Formula,
    compositions: list[Composition],
    given: dict[str, float | Sequence[float]],
) -> dict[str, Array]:
    supplied = [d for d in formula.variables if not _computed(d)]
    names = [d.name for d in supplied]
    for name in given:
        if name not in names:
            hint = suggestion(name, names) if names else "it needs none"
            raise FormulaError(f"the formula has no variable '{name}' to set; {hint}")
    for descriptor in supplied:
        if descriptor.name not in given:
            unit = descriptor.unit.text
            msg = (
                f"the formula needs '{descriptor.name}' ({descriptor.label}, in "
                f"{unit}); give it by name, as {descriptor.name}=..., or with "
                f"--set {descriptor.name}=..."
            )
            raise FormulaError(msg)
    columns: dict[str, Array] = {}
    computed = [d.name for d in formula.variables if _computed(d)]
    if computed:
        table = describe(compositions, computed)
        columns |= {n: table.values[:, j] for j, n in enumerate(table.names)}
    for name, amount in given.items():
        columns[name] = _spread(name, amount, len(compositions), "compositions")
    return columns
