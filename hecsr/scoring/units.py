"""Units of a given formula: sums that cannot be, and what enters as a number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import TYPE_CHECKING, Final

from hecsr.errors import UnitError
from hecsr.formula.expression import (
    Binary,
    Comparison,
    Constant,
    Expression,
    Variable,
    constants,
    substituted,
    variables,
    walk,
)
from hecsr.formula.physics import check_units
from hecsr.formula.printers.text import to_text

if TYPE_CHECKING:
    from hecsr.formula.formula import Formula
    from hecsr.units import Unit

_NUMBERED: Final = tuple(f"c{i}" for i in range(1, 100))


def refuse_unlike_sums(expression: Expression, units: Mapping[str, Unit]) -> None:
    """Refuse a sum or comparison of terms whose units are known and unlike.

    A number that stands alone, as in ``x - 3``, and a variable of unknown unit take
    the unit of the term beside them. A term whose own units do not close, as a power
    with a fitted exponent, is empirical: its numbers are in the stated units.

    Parameters
    ----------
    units
        Units of the variables, as far as they are known.

    Raises
    ------
    UnitError
        Naming the two terms and their units.
    """
    unknown = [n for n in variables(expression) if n not in units]
    whole = substituted(expression, {Variable(n): Constant(f"{n}?") for n in unknown})
    for node in walk(whole):
        terms = [t for t in _alike(node) if variables(t) and _closes(t, units)]
        for first, other in combinations(terms, 2):
            joined = (
                Comparison(node.operator, first, other)
                if isinstance(node, Comparison)
                else Binary("+", first, other)
            )
            try:
                check_units(joined, units)
            except UnitError as error:
                free = next(c for c in _NUMBERED if c not in constants(expression))
                msg = (
                    f"{error}: is the unit of a column wrong (--unit NAME=...)? A "
                    "number between unlike units is a constant with a unit of its "
                    f"own: write {free} * {to_text(other, digits=6)}, and fit {free} "
                    f"or give its value (--set {free}=1)"
                )
                raise UnitError(msg) from error


def unit_notes(formula: Formula) -> tuple[str, ...]:
    """Say which variables enter as numbers in their units; none where units close."""
    return formula.unit_check.notes({d.name: d.unit for d in formula.variables})


def _alike(node: Expression) -> list[Expression]:
    """Return what must be in one unit: the summands, or both sides."""
    match node:
        case Comparison(_, left, right):
            return [left, right]
        case Binary("+" | "-"):
            return list(_summands(node))
    return []


def _summands(node: Expression) -> Iterator[Expression]:
    match node:
        case Binary("+" | "-", left, right):
            yield from _summands(left)
            yield from _summands(right)
        case _:
            yield node


def _closes(term: Expression, units: Mapping[str, Unit]) -> bool:
    try:
        check_units(term, units)
    except UnitError:
        return False
    return True
