"""Units of expressions: what may be added, and what a formula's value is in."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from hecsr.errors import UnitError
from hecsr.formula.expression import (
    Binary,
    Call,
    Expression,
    Negative,
    Number,
    Power,
    Variable,
)
from hecsr.formula.printers.text import to_text
from hecsr.units import NUMBER, Unit

_ROOTS: Final = {"sqrt": Fraction(1, 2), "cbrt": Fraction(1, 3)}


def unit_of(
    expression: Expression,
    units: Mapping[str, Unit],
    scales: Mapping[str, float] = MappingProxyType({}),
) -> Unit:
    """Return the unit of an expression without fitted constants.

    Values are combined as numbers in the variables' own units, so a sum needs
    equal units, not only equal dimensions: 1 pm + 1 Å is refused. `scales` are
    reference values in the variables' units: a variable over its own is a number.

    Raises
    ------
    UnitError
        If unlike units are added (both operands are named), or a function is
        given a quantity that is not a pure number.
    """
    match expression:
        case Number():
            return NUMBER
        case Variable(name):
            if name not in units:
                raise UnitError(f"the unit of '{name}' is not known")
            return units[name]
        case Negative(operand) | Call("abs", operand):
            return unit_of(operand, units, scales)
        case Power(base, exponent):
            return unit_of(base, units, scales) ** exponent
        case Call(function, operand):
            inner = unit_of(operand, units, scales)
            if function in _ROOTS:
                return inner ** _ROOTS[function]
            if not inner.like(NUMBER):
                msg = f"{function} of {to_text(operand)}, which is in {inner.text}"
                raise UnitError(msg)
            return NUMBER
        case Binary("/", Variable(name), Number(value)) if scales.get(name) == value:
            return NUMBER
        case Binary(operator, left, right):
            a, b = unit_of(left, units, scales), unit_of(right, units, scales)
            if operator == "*":
                return a * b
            if operator == "/":
                return a / b
            if not a.like(b):
                msg = (
                    f"{to_text(left)} in {a.text} and {to_text(right)} in {b.text} "
                    "cannot be added or subtracted"
                )
                raise UnitError(msg)
            return a
    raise UnitError(f"the unit of {expression!r} is not known")
