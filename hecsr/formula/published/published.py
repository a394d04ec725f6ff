"""A published formula: its text, what its variables are, and where it stands."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from hecsr.descriptors.catalogue import catalogue
from hecsr.descriptors.descriptor import Descriptor, plain
from hecsr.errors import FormulaError, suggestion
from hecsr.formula.expression import (
    Constant,
    Expression,
    Number,
    Variable,
    constants,
    substituted,
    variables,
)
from hecsr.formula.formula import Task
from hecsr.formula.grammar import parse
from hecsr.formula.published.verdict import is_probability, is_verdict
from hecsr.units import Unit

_QUOTED: Final = re.compile(r"`(?:[^`\\]|\\.)*`")
_NUMBERED: Final = re.compile(r"(?<![A-Za-z0-9_.])c\d+(?![A-Za-z0-9_])")


@dataclass(frozen=True)
class Source:
    """Where a formula was published, and what of it was seen there.

    `doi` is empty where it could not be confirmed.
    """

    citation: str
    doi: str
    checked: str

    @property
    def cited(self) -> str:
        """The citation, with the DOI if it is known."""
        return f"{self.citation}, {self.doi}" if self.doi else self.citation


@dataclass(frozen=True)
class Quantity:
    """A variable of a published formula, in the unit that its numbers belong to.

    `instead` are expressions that give it where the data lack it, the first whose
    variables are all known.
    """

    name: str
    label: str
    unit: Unit
    instead: tuple[Expression, ...] = ()


@dataclass(frozen=True)
class Published:
    """A formula as it is stated somewhere; nothing in it is fitted yet.

    Attributes
    ----------
    name
        Its name in the literature file; empty for a user's own text.
    text, constants
        The formula in the grammar, and the names in it that stand for constants.
    task
        'classification' where it gives 1, 0 or a probability; else 'regression'.
    stated
        The statement in its source's own notation.
    quantity, unit
        What its value is; no unit for a class, or where none is known.
    stated_for, note
        The materials that its source speaks of, and what a reader should know.
    """

    name: str
    label: str
    text: str
    task: Task
    constants: tuple[str, ...] = ()
    stated: str = ""
    quantity: str = ""
    unit: Unit | None = None
    stated_for: str = ""
    note: str = ""
    quantities: tuple[Quantity, ...] = ()
    sources: tuple[Source, ...] = ()

    @cached_property
    def expression(self) -> Expression:
        """The formula's tree."""
        return parse(self.text, self.constants)

    @property
    def verdict(self) -> bool:
        """Whether it says yes or no, and gives no probability."""
        return is_verdict(self.expression)

    def quantity_of(self, name: str) -> Quantity | None:
        """Return what a variable is, if its source says."""
        return next((q for q in self.quantities if q.name == name), None)


def read(formula: str | Published, also_constants: Iterable[str] = ()) -> Published:
    """Return the formula of the literature by that name, or the one written.

    In a text the bare names ``c0``, ``c1``, ... and those of `also_constants` are
    constants; a column of such a name is written in backticks.

    Raises
    ------
    FormulaError
        If the text is not of the grammar.
    """
    from hecsr.formula.published.literature import literature

    if isinstance(formula, Published):
        return formula
    name = formula.strip()
    if name in literature():
        return literature()[name]
    found = [*_NUMBERED.findall(_QUOTED.sub(" ", formula)), *also_constants]
    expression = parse(formula, found)
    classes = is_verdict(expression) or is_probability(expression)
    return Published(
        name="",
        label="given formula",
        text=name,
        task="classification" if classes else "regression",
        constants=constants(expression),
    )


def in_columns(
    formula: Published,
    available: Container[str],
    columns: Mapping[str, str] | None = None,
    given: Mapping[str, float] | None = None,
) -> Expression:
    """Write a formula in the columns of a table.

    A variable is taken from its number in `given`, from the column named for it in
    `columns`, from the column of its own name, or else from what may stand for it.

    Parameters
    ----------
    available
        Names of the columns there are.
    columns
        Column names by variable.
    given
        Numbers of variables and constants that are the same in every row.

    Raises
    ------
    FormulaError
        If a name is not in the formula, or a variable is to be had nowhere.
    """
    columns, given = dict(columns or {}), dict(given or {})
    own = {*variables(formula.expression), *(q.name for q in formula.quantities)}
    for name in [*columns, *given]:
        if name not in own and not (name in given and name in formula.constants):
            known = [*sorted(own), *formula.constants]
            msg = f"the formula has no '{name}'; {suggestion(name, known)}"
            raise FormulaError(msg)
    finder = _Finder(formula, available, columns, given)
    parts: dict[Expression, Expression] = {
        Variable(n): finder.find(n) for n in variables(formula.expression)
    }
    for n in formula.constants:
        if n in given:
            parts[Constant(n)] = Number(given[n])
    return substituted(formula.expression, parts)


def described(
    formula: Published,
    names: Iterable[str],
    columns: Mapping[str, str] | None = None,
) -> dict[str, Descriptor]:
    """Describe the columns of which the formula's source says what they are.

    A formula of the literature names computed quantities as the catalogue does;
    others have the unit and the words of its source.

    Parameters
    ----------
    names
        Columns that the formula is written in (see :func:`in_columns`).
    columns
        Column names by variable.
    """
    variable = {column: name for name, column in (columns or {}).items()}
    found: dict[str, Descriptor] = {}
    for name in names:
        quantity = formula.quantity_of(variable.get(name, name))
        computed = catalogue().get(name) if formula.quantities else None
        if computed is not None and (
            quantity is None or computed.descriptor.unit.like(quantity.unit)
        ):
            found[name] = computed.descriptor
        elif quantity is not None:
            found[name] = replace(plain(name), label=quantity.label, unit=quantity.unit)
    return found


@dataclass(frozen=True)
class _Finder:
    """Where each variable of a formula comes from."""

    formula: Published
    available: Container[str]
    columns: Mapping[str, str]
    given: Mapping[str, float]

    def direct(self, name: str) -> Expression | None:
        """Return the number or column that a variable is, if there is one."""
        if name in self.given:
            return Number(self.given[name])
        column = self.columns.get(name, name)
        if column in self.available:
            return Variable(column)
        if name in self.columns:
            raise FormulaError(f"there is no column '{column}' to take '{name}' from")
        return None

    def find(self, name: str) -> Expression:
        found = self.direct(name)
        if found is not None:
            return found
        quantity = self.formula.quantity_of(name)
        for other in quantity.instead if quantity else ():
            parts = {n: self.direct(n) for n in variables(other)}
            known: dict[Expression, Expression] = {
                Variable(n): p for n, p in parts.items() if p is not None
            }
            if len(known) == len(parts):
                return substituted(other, known)
        raise FormulaError(self.missing(name, quantity))

    def missing(self, name: str, quantity: Quantity | None) -> str:
        from hecsr.formula.published.literature import literature

        what = f" ({quantity.label}, in {quantity.unit.text})" if quantity else ""
        words = suggestion(self.formula.text, literature())
        meant = f"; {words}" if words.startswith("did you mean") else ""
        return (
            f"the formula needs '{name}'{what}, which is neither a column nor computed "
            f"from a composition: name its column (--name {name}=...), or give its "
            f"value (--set {name}=...){meant}"
        )
