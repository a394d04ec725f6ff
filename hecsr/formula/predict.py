"""Evaluate a formula on compositions or descriptors, with interval and domain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from hecsr.composition import Composition
from hecsr.descriptors.catalogue import catalogue
from hecsr.descriptors.descriptor import Descriptor
from hecsr.descriptors.table import describe_where_known, joined
from hecsr.errors import FormulaError, MissingDataError, suggestion
from hecsr.formula.columns import numbers
from hecsr.formula.defined import reasons
from hecsr.formula.domain import Judgement
from hecsr.formula.expression import Array
from hecsr.formula.formula import Formula
from hecsr.formula.lookalikes import missing_column
from hecsr.formula.uncertainty import LEVEL, Bounds, Kind, intervals, leverage

if TYPE_CHECKING:
    import pandas as pd

    from hecsr.descriptors.table import Gap

    Amount = float | Sequence[float]
    Rows = (
        str
        | Composition
        | Iterable[str | Composition]
        | pd.DataFrame
        | Mapping[str, Amount]
    )


def predict(
    formula: Formula,
    compositions: Rows,
    given: Mapping[str, Amount] | None = None,
    *,
    level: float = LEVEL,
    interval: Kind | None = None,
) -> pd.DataFrame:
    """Return value, lower and upper bound, domain and note for each row.

    Of a probability with a known threshold a column 'class' before the domain says
    whether it reaches it (1 or 0, missing where the formula is undefined).

    The domain is 'inside', 'edge' or 'outside' of what the formula was fitted to, or
    'unknown' (see :class:`hecsr.formula.domain.Domain`), or 'undefined'; the note says
    why, and what of the fit is not known. Where the tables lack a value of an element
    the row is undefined, and others are evaluated. What the
    bounds rest on stands in the frame's ``attrs``: 'level', 'interval' (the kind) and
    'basis', a sentence. Bounds of kind 'analytic' hold given this form only: after a
    search they are not coverage.

    Parameters
    ----------
    compositions
        Compositions, which stand in a first column of the result; or a table of the
        formula's variables, whose index is kept, or a mapping of its columns.
    given
        The variables that no composition determines, in the unit that the formula
        states: one value for all, or one for each composition. For a table, those it
        has no column of.
    level, interval
        As in :func:`hecsr.formula.uncertainty.intervals`.

    Raises
    ------
    FormulaError
        If such a variable is missing or text, or a given one is not in the formula,
        or what is given is neither compositions nor a table.
    """
    import pandas as pd

    table = _as_table(compositions)
    gaps: Sequence[Gap] = ()
    if table is not None:
        index, parsed = table.index, None
        columns = _from_table(formula, table, given or {})
    else:
        parsed = _parsed(compositions)
        index = pd.RangeIndex(len(parsed))
        columns, gaps = _columns(formula, parsed, given or {})
    value, bounds, judged = _evaluated(
        formula, columns, len(index), parsed, level, interval, gaps
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
    if formula.threshold is not None:
        frame.insert(3, "class", _called(value, formula.threshold))
    if parsed is not None:
        frame.insert(0, "composition", [c.formula for c in parsed])
    frame.attrs = {
        "level": bounds.level, "interval": bounds.kind, "basis": bounds.basis
    }  # fmt: skip
    return frame


def values(
    formula: Formula,
    compositions: Rows,
    given: Mapping[str, Amount] | None = None,
) -> Array:
    """Return the value for each row, as :func:`predict`, and nothing about it.

    Raises
    ------
    FormulaError
        As :func:`predict`.
    MissingDataError
        If the tables lack a value that a descriptor needs.
    """
    table = _as_table(compositions)
    if table is not None:
        columns = _from_table(formula, table, given or {})
        return formula.evaluate(columns or table)
    parsed = _parsed(compositions)
    columns, gaps = _columns(formula, parsed, given or {})
    if gaps:
        found = joined(gaps)
        advice = (
            f"{len(gaps)} composition(s) are affected, {gaps[0].composition} first; "
            "predict gives NaN and the reason for them, and evaluates the others"
        )
        raise MissingDataError(found.what, found.missing, found.property, advice)
    return formula.evaluate(columns or {"": np.zeros(len(parsed))})


def _as_table(given: Rows) -> pd.DataFrame | None:
    """Return a table of variables; None for what is to be compositions.

    Raises
    ------
    FormulaError
        If columns are of unequal length, or all of them are single numbers.
    """
    import pandas as pd

    if isinstance(given, Mapping):
        try:
            return pd.DataFrame(dict(given))
        except ValueError as error:
            msg = f"the columns do not make a table: {error}; give lists of one length"
            raise FormulaError(msg) from error
    return given if isinstance(given, pd.DataFrame) else None


def _called(value: Array, threshold: float) -> Any:
    """Return the class of each probability, missing where it is undefined."""
    import pandas as pd

    return pd.array(
        [pd.NA if np.isnan(p) else int(p >= threshold) for p in value], dtype="Int64"
    )


def _parsed(given: Any) -> list[Composition]:
    if isinstance(given, str | Composition):
        given = [given]
    if not isinstance(given, Iterable):
        msg = (
            f"{given!r} is neither a composition nor a table; give compositions, as "
            "'(Ti,Zr)C', or the variables as a DataFrame or a dict of columns"
        )
        raise FormulaError(msg)
    return [Composition.parse(c) for c in given]


def _evaluated(
    formula: Formula,
    columns: Mapping[str, Array],
    n_rows: int,
    compositions: list[Composition] | None,
    level: float,
    interval: Kind | None,
    gaps: Sequence[Gap],
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
    lacking = {
        gap.position: f"the tables lack {gap.error.property} of "
        f"{', '.join(gap.error.missing)}"
        for gap in gaps
    }
    for row, reason in zip(undefined.tolist(), why, strict=True):
        judged.notes[row].insert(0, f"undefined: {lacking.get(row, reason)}")
    for row, composition in enumerate(compositions or ()):
        judged.notes[row][:0] = composition.warnings
    return value, bounds, judged


def _from_table(
    formula: Formula, table: pd.DataFrame, given: Mapping[str, Amount]
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
                raise FormulaError(missing_column(name, map(str, table)))
            columns[name] = numbers(name, table[name])
    return columns


def _spread(name: str, amount: Amount, count: int, what: str) -> Array:
    found = numbers(name, amount)
    if found.ndim and len(found) != count:
        raise FormulaError(f"'{name}' has {len(found)} values for {count} {what}")
    return np.broadcast_to(found, (count,)).copy()


def computed(variable: Descriptor) -> bool:
    """Whether the composition gives the variable; a user's own column does not."""
    return variable.kind != 3 and variable.name in catalogue()


def _columns(
    formula: Formula,
    compositions: list[Composition],
    given: Mapping[str, Amount],
) -> tuple[dict[str, Array], Sequence[Gap]]:
    """Return the variables' values, NaN where the tables lack one, and those gaps."""
    supplied = [d for d in formula.variables if not computed(d)]
    names = [d.name for d in supplied]
    for name in given:
        if name not in names:
            hint = suggestion(name, names) if names else "it needs none"
            raise FormulaError(f"the formula has no variable '{name}' to set; {hint}")
    for descriptor in supplied:
        if descriptor.name not in given:
            msg = (
                f"the formula needs '{descriptor.name}' ({descriptor.label}, in "
                f"{descriptor.unit.shown}); give it by name, as "
                f"{descriptor.name}=..., or with --set {descriptor.name}=..."
            )
            raise FormulaError(msg)
    columns: dict[str, Array] = {}
    gaps: Sequence[Gap] = ()
    wanted = [d.name for d in formula.variables if computed(d)]
    if wanted:
        table, gaps = describe_where_known(compositions, wanted)
        missing = {gap.position for gap in gaps}
        known = [i for i in range(len(compositions)) if i not in missing]
        for j, name in enumerate(table.names):
            columns[name] = np.full(len(compositions), np.nan)
            columns[name][known] = table.values[:, j]
    for name, amount in given.items():
        columns[name] = _spread(name, amount, len(compositions), "compositions")
    return columns, gaps
