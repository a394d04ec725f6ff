"""The operators of a search space: sign, code, cost and the expression they make."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import Final, Literal

from hecsr.formula.expression import Binary, Call, Expression, Negative, Power

# Codes are shared with the compiled kernels, which compare plain integers.
LEAF: Final = 0
ADD: Final = 1
SUBTRACT: Final = 2
MULTIPLY: Final = 3
DIVIDE: Final = 4
DIFFERENCE: Final = 5
INVERSE: Final = 10
SQUARE: Final = 11
CUBE: Final = 12
SIXTH: Final = 13
SQRT: Final = 14
CBRT: Final = 15
EXP: Final = 16
EXP_MINUS: Final = 17
LOG: Final = 18
ABS: Final = 19
SIN: Final = 20
COS: Final = 21
SCALED: Final = 30
"""A descriptor divided by its reference value; only functions take it."""

UnitRule = Literal["same", "product", "power", "number"]


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator.

    Attributes
    ----------
    nodes
        Operator nodes it adds to the expression: ``|a-b|`` is two, a difference
        and an absolute value.
    rule
        What it asks of units: 'same' operands, 'product', 'power' of the operand's,
        or a pure 'number'.
    exponent
        Of a 'power'; the sign of the right operand of a 'product'.
    """

    sign: str
    code: int
    nodes: int
    rule: UnitRule
    exponent: Fraction = Fraction(1)

    @property
    def binary(self) -> bool:
        """Whether it takes two operands."""
        return self.code < INVERSE


_ALL: Final = (
    Operator("+", ADD, 1, "same"),
    Operator("-", SUBTRACT, 1, "same"),
    Operator("*", MULTIPLY, 1, "product"),
    Operator("/", DIVIDE, 1, "product", Fraction(-1)),
    Operator("|-|", DIFFERENCE, 2, "same"),
    Operator("^-1", INVERSE, 1, "power", Fraction(-1)),
    Operator("^2", SQUARE, 1, "power", Fraction(2)),
    Operator("^3", CUBE, 1, "power", Fraction(3)),
    Operator("^6", SIXTH, 1, "power", Fraction(6)),
    Operator("sqrt", SQRT, 1, "power", Fraction(1, 2)),
    Operator("cbrt", CBRT, 1, "power", Fraction(1, 3)),
    Operator("exp", EXP, 1, "number"),
    Operator("exp-", EXP_MINUS, 2, "number"),
    Operator("log", LOG, 1, "number"),
    Operator("abs", ABS, 1, "power"),
    Operator("sin", SIN, 1, "number"),
    Operator("cos", COS, 1, "number"),
)
OPERATORS: Final = MappingProxyType({o.sign: o for o in _ALL})
BY_CODE: Final = MappingProxyType({o.code: o for o in _ALL})
_CALLS: Final = {
    SQRT: "sqrt",
    CBRT: "cbrt",
    EXP: "exp",
    LOG: "log",
    ABS: "abs",
    SIN: "sin",
    COS: "cos",
}


def apply(code: int, left: Expression, right: Expression | None) -> Expression:
    """Return the expression that an operator makes of its operands."""
    operator = BY_CODE[code]
    if right is not None:
        if code == DIFFERENCE:
            return Call("abs", Binary("-", left, right))
        return Binary(operator.sign, left, right)
    if code in _CALLS:
        return Call(_CALLS[code], left)
    if code == EXP_MINUS:
        return Call("exp", Negative(left))
    return Power(left, operator.exponent)
