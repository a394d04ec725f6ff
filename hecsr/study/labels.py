"""What rows have in common: groups, sources, families, years."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hecsr.config import Analysis
from hecsr.errors import ConfigError, suggestion
from hecsr.study.rows import Rows, matches
from hecsr.validation.groups import connected_groups, is_missing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

OF_COMPOSITION: Final = ("composition", "metals", "family")
"""Labels that are read from the composition, not from a column of that name."""

BY_THEMSELVES: Final = ("row", "element", "source")
"""What may be left out one at a time beside labels: a row may have several of it."""

_SAID: Final = {"metals": "set of metals"}


def said(name: str) -> str:
    """Return how a label is called in a sentence."""
    return _SAID.get(name, name)


def labels_of(name: str, rows: Rows, place: str) -> list[Any]:
    """Return the label of each row, None where it has none.

    'composition' is the canonical formula, amounts and anions included; 'metals' the
    set of metals, whatever their amounts and the anions; 'family' that of the
    composition, as 'carbide'. Any other name is a column of the table.

    Raises
    ------
    ConfigError
        If there is no such column; `place` says where it was named.
    """
    if name == "composition":
        return [c.formula for c in rows.compositions]
    if name == "metals":
        return ["-".join(sorted(c.fractions)) for c in rows.compositions]
    if name == "family":
        return [c.family for c in rows.compositions]
    if name not in rows.frame.columns:
        columns = [str(c) for c in rows.frame.columns]
        hint = suggestion(name, dict.fromkeys([*OF_COMPOSITION, *columns]))
        raise ConfigError(f"'{place}' names '{name}', which is no column; {hint}")
    # an empty cell names nothing and ties no rows
    return [
        None if is_missing(v) or str(v).strip() == "" else v for v in rows.frame[name]
    ]


def groups_of(analysis: Analysis, rows: Rows) -> NDArray[np.intp]:
    """Return the number of each row's group: rows that no split tears apart."""
    data = analysis.data
    keys: list[list[Any]] = []
    for name in data.groups:
        labels = labels_of(name, rows, "data.groups")
        only = data.groups_where.get(name)
        if only is not None:
            flags = matches(rows.frame[only], [True])
            labels = [v if f else None for v, f in zip(labels, flags, strict=True)]
        keys.append(labels)
    return connected_groups(*keys)


def groups_said(analysis: Analysis) -> str:
    """Say which rows stay together."""
    data = analysis.data
    where = data.groups_where
    keys = " or ".join(
        f"the same {said(name)}"
        + (f" (where {where[name]} is true)" if name in where else "")
        for name in data.groups
    )
    return f"rows of {keys} stay together"


def sources_of(analysis: Analysis, rows: Rows) -> tuple[frozenset[str], ...]:
    """Return all sources of each row."""
    column = analysis.data.source
    if column not in rows.frame.columns:
        return tuple(frozenset[str]() for _ in rows.compositions)
    if analysis.data.table is None:
        # a user's cell is one source, whatever is written in it
        return tuple(frozenset({str(t)} - {"", "nan"}) for t in rows.frame[column])
    return tuple(frozenset(str(text).split()) for text in rows.frame[column])


def labels_left_out(analysis: Analysis, rows: Rows) -> Mapping[str, tuple[Any, ...]]:
    """Return the labels that are left out one at a time, by their name.

    Raises
    ------
    ConfigError
        If `leave_one_out` names what is neither known nor a column.
    """
    found = {}
    for name in analysis.validation.leave_one_out:
        if name in BY_THEMSELVES:
            continue
        if name not in (*OF_COMPOSITION, *rows.frame.columns):
            known = [*BY_THEMSELVES, *OF_COMPOSITION]
            columns = [str(c) for c in rows.frame.columns]
            hint = suggestion(name, dict.fromkeys([*known, *columns]))
            msg = f"'validation.leave_one_out' names '{name}'"
            ways = f"neither one of {', '.join(known)} nor a column"
            raise ConfigError(f"{msg}, which is {ways}; {hint}")
        labels = labels_of(name, rows, "validation.leave_one_out")
        found[name] = tuple(None if v is None else str(v) for v in labels)
    return found


def years_of(analysis: Analysis, rows: Rows) -> NDArray[np.float64] | None:
    """Return the year of each row, NaN where the cell is empty; None if not asked for.

    Raises
    ------
    ConfigError
        If there is no column of years, or it holds anything but numbers.
    """
    asked = analysis.validation
    if not asked.years_up_to:
        return None
    import pandas as pd

    column = asked.year_column
    if column not in rows.frame.columns:
        given = ", ".join(map(str, asked.years_up_to))
        hint = suggestion(column, map(str, rows.frame.columns))
        msg = (
            f"'validation.years_up_to' is {given}, but the table has no column "
            f"'{column}'; name the column of years in 'validation.year_column' ({hint})"
        )
        raise ConfigError(msg)
    cells = labels_of(column, rows, "validation.year_column")
    values = pd.to_numeric(pd.Series(cells, dtype=object), errors="coerce")
    found = values.to_numpy(dtype=np.float64, na_value=np.nan)
    for cell, value, composition in zip(cells, found, rows.compositions, strict=True):
        if cell is not None and not np.isfinite(value):
            msg = (
                f"column '{column}' must hold years; {composition} has {cell!r}: "
                "write a number, or leave the cell empty"
            )
            raise ConfigError(msg)
    return found
