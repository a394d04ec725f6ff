"""A formula meets a table: where its variables come from, and which rows have them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from hecsr.composition import Composition
from hecsr.descriptors.catalogue import catalogue
from hecsr.descriptors.descriptor import Descriptor
from hecsr.descriptors.supplied import KNOWN, converted, supplied
from hecsr.descriptors.table import describe_where_known
from hecsr.errors import HecsrError, suggestion
from hecsr.formula.expression import (
    Constant,
    Expression,
    Variable,
    substituted,
    variables,
)
from hecsr.formula.published.published import Published, Quantity, in_columns
from hecsr.result import SetAside
from hecsr.scoring.units import refuse_unlike_sums
from hecsr.units import Unit
from hecsr.validation.groups import connected_groups

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

_NONE: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Binding:
    """How a formula's names are bound to a table.

    Attributes
    ----------
    columns
        Column by variable, where the names differ.
    units
        Unit that a variable or column is given in, where it is not the formula's.
    given
        Value of a variable or constant that is the same in every row.
    start
        Value that the fit of a named constant begins with.
    """

    columns: Mapping[str, str] = field(default_factory=lambda: _NONE)
    units: Mapping[str, str] = field(default_factory=lambda: _NONE)
    given: Mapping[str, float] = field(default_factory=lambda: _NONE)
    start: Mapping[str, float] = field(default_factory=lambda: _NONE)


@dataclass(frozen=True, eq=False)
class Inputs:
    """The rows that have every variable, and what was set aside.

    Attributes
    ----------
    table
        Values of the variables, in the units of `descriptors`.
    positions
        Place of each row in the table that was given.
    compositions
        Of each row; None where the table names none.
    described
        One line per variable: what it is, where it was taken from, its range.
    """

    table: pd.DataFrame
    descriptors: tuple[Descriptor, ...]
    positions: NDArray[np.intp]
    compositions: tuple[Composition, ...] | None
    set_aside: tuple[SetAside, ...]
    described: tuple[str, ...]

    def groups(
        self, frame: pd.DataFrame, names: Sequence[str]
    ) -> NDArray[np.intp] | None:
        """Return the number of each row's group; None where rows stand alone.

        Raises
        ------
        HecsrError
            If a column to group by does not exist.
        """
        keys: list[list[Any]] = []
        if self.compositions is not None:
            keys.append([c.formula for c in self.compositions])
        for name in names:
            if name not in frame.columns:
                hint = suggestion(name, map(str, frame.columns))
                raise HecsrError(f"no column '{name}' to group by; {hint}")
            values = frame[name].iloc[self.positions]
            # an empty cell names no group and ties no rows
            keys.append([None if v == "" else v for v in values])
        return connected_groups(*keys) if keys else None


def gather(
    formula: Published,
    frame: pd.DataFrame,
    binding: Binding,
    composition: str | None,
) -> Inputs:
    """Find the values of a formula's variables.

    A variable is a column of the table, or else a descriptor of the composition.

    Raises
    ------
    FormulaError
        If a variable is to be had nowhere, or a name is not the formula's.
    HecsrError
        If a column holds text, a unit does not fit, or no row has every variable.
    """
    import pandas as pd

    own = [str(c) for c in frame.columns]
    compositions = None
    if composition is not None and composition in own:
        compositions = [Composition.parse(t) for t in frame[composition]]
    available = {c for c in own if c != composition}
    if compositions is not None:
        available |= set(catalogue())
    expression = in_columns(formula, available, binding.columns, binding.given)
    names = variables(expression)
    if not names:
        raise HecsrError("the formula has no variable left: there is nothing to score")
    _check_units(binding, names, formula)
    known: dict[str, Unit] = {}
    rows = _Rows(len(frame))
    values: dict[str, Array] = {}
    descriptors: dict[str, Descriptor] = {}
    origin: dict[str, str] = {}
    for name in names:
        if name not in own:
            continue
        variable = _variable(name, binding)
        quantity = formula.quantity_of(variable)
        wanted = _unit(name, quantity)
        descriptor, unit = supplied(
            name,
            binding.units.get(variable, binding.units.get(name, wanted)),
            wanted=wanted,
            label=None if quantity is None else quantity.label,
        )
        values[name] = converted(_numbers(frame[name]), unit, descriptor.unit)
        descriptors[name] = descriptor
        if wanted is not None or {variable, name} & {*binding.units, *KNOWN}:
            known[name] = descriptor.unit
        origin[name] = "column of the table"
        rows.lose(np.isnan(values[name]), f"no value of {name}")
    computed = [n for n in names if n not in own]
    if computed:
        assert compositions is not None  # else they would not be available
        found = _compute(compositions, computed, rows)
        for name in computed:
            values[name] = found[name]
            descriptors[name] = catalogue()[name].descriptor
            known[name] = descriptors[name].unit
            origin[name] = "computed from the composition"
            rows.lose(np.isnan(found[name]), f"{name} is undefined")
    if not formula.name:
        refuse_unlike_sums(_open(formula, binding), known)
    kept = np.flatnonzero(rows.kept)
    if not kept.size:
        raise HecsrError(f"no row has every variable: {rows.told()}")
    table = pd.DataFrame({n: values[n][kept] for n in names})
    return Inputs(
        table=table,
        descriptors=tuple(descriptors[n] for n in names),
        positions=kept,
        compositions=None
        if compositions is None
        else tuple(compositions[i] for i in kept),
        set_aside=rows.set_aside,
        described=tuple(
            _described(descriptors[n], origin[n], table[n].to_numpy()) for n in names
        ),
    )


def _open(formula: Published, binding: Binding) -> Expression:
    """Return a user's formula in its columns, given values still constants."""
    parts: dict[Expression, Expression] = {}
    for name in variables(formula.expression):
        column = Variable(binding.columns.get(name, name))
        fixed = name in binding.given
        parts[Variable(name)] = Constant(f"{name}=") if fixed else column
    return substituted(formula.expression, parts)


class _Rows:
    """Which rows are still in, and why the others are not; the first reason counts."""

    def __init__(self, count: int) -> None:
        self.kept = np.ones(count, dtype=bool)
        self.reasons: Counter[str] = Counter()

    def lose(self, mask: NDArray[np.bool_], reason: str) -> None:
        lost = int((self.kept & mask).sum())
        if lost:
            self.reasons[reason] += lost
            self.kept &= ~mask

    @property
    def set_aside(self) -> tuple[SetAside, ...]:
        return tuple(SetAside(reason, n) for reason, n in self.reasons.items())

    def told(self) -> str:
        return "; ".join(f"{n} row(s): {reason}" for reason, n in self.reasons.items())


def _compute(
    compositions: Sequence[Composition], names: Sequence[str], rows: _Rows
) -> dict[str, Array]:
    """Return descriptors for every row, NaN where the tables lack a value."""
    table, gaps = describe_where_known(compositions, names)
    for gap in gaps:
        lost = np.zeros(len(compositions), dtype=bool)
        lost[gap.position] = True
        rows.lose(lost, f"the tables lack {gap.error.property}")
    missing = {gap.position for gap in gaps}
    there = [i for i in range(len(compositions)) if i not in missing]
    found = {}
    for column, name in enumerate(table.names):
        found[name] = np.full(len(compositions), np.nan)
        value = table.values[:, column]
        found[name][there] = np.where(np.isfinite(value), value, np.nan)
    return found


def _unit(name: str, quantity: Quantity | None) -> str | None:
    """Return the unit that a column is wanted in, and is in if nothing is said."""
    if quantity is not None:
        return quantity.unit.text
    computed = catalogue().get(name)
    return None if computed is None else computed.descriptor.unit.text


def _variable(column: str, binding: Binding) -> str:
    """Return the variable that a column is taken for."""
    return next((v for v, c in binding.columns.items() if c == column), column)


def _check_units(binding: Binding, names: Iterable[str], formula: Published) -> None:
    known = [*names, *(_variable(n, binding) for n in names)]
    for name in binding.units:
        if name not in known:
            msg = f"a unit is given for '{name}', which {formula.text} does not use"
            raise HecsrError(f"{msg}; {suggestion(name, dict.fromkeys(known))}")


def _numbers(column: pd.Series) -> Array:
    import pandas as pd

    number = pd.to_numeric(column, errors="coerce")
    values = number.to_numpy(dtype=np.float64, na_value=np.nan)
    empty = column.isna() | (column.astype(str).str.strip() == "")
    bad = ~np.isfinite(values) & ~empty.to_numpy(dtype=bool)
    if bad.any():
        at = int(np.flatnonzero(bad)[0])
        msg = f"column '{column.name}' must hold finite numbers; row {at + 1} has"
        raise HecsrError(f"{msg} {_quoted(column.iloc[at])}")
    return np.where(np.isfinite(values), values, np.nan)


def _quoted(cell: Any) -> str:
    return repr(cell) if isinstance(cell, str) else str(cell)


def _described(descriptor: Descriptor, origin: str, values: Array) -> str:
    label = descriptor.label or descriptor.name
    said = "" if label == descriptor.name else f" ({label})"
    return (
        f"{descriptor.name}{said}: {origin}, in {descriptor.unit.text}, "
        f"{values.min():.4g} to {values.max():.4g}"
    )
