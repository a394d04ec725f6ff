"""SymPy, built node by node: no text is ever parsed by SymPy."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from hecsr.formula.expression import (
    Binary,
    Call,
    Constant,
    Expression,
    Negative,
    Number,
    Power,
    Variable,
)

if TYPE_CHECKING:
    import sympy


def to_sympy(
    expression: Expression, constants: Mapping[str, float] = MappingProxyType({})
) -> sympy.Expr:
    """Return the SymPy expression; variables become real symbols of their name.

    Constants without a value become symbols too.
    """
    import sympy

    functions: dict[str, Any] = {
        "exp": sympy.exp,
        "log": sympy.log,
        "sqrt": sympy.sqrt,
        "cbrt": lambda x: sympy.real_root(x, 3),
        "abs": sympy.Abs,
        "sin": sympy.sin,
        "cos": sympy.cos,
        "logistic": lambda x: 1 / (1 + sympy.exp(-x)),
    }

    def build(node: Expression) -> Any:
        match node:
            case Number(value):
                whole = float(value).is_integer() and abs(value) < 2**53
                return sympy.Integer(int(value)) if whole else sympy.Float(value, 17)
            case Constant(name):
                if name in constants:
                    return sympy.Float(constants[name], 17)
                return sympy.Symbol(name, real=True)
            case Variable(name):
                return sympy.Symbol(name, real=True)
            case Negative(operand):
                return -build(operand)
            case Call(function, operand):
                return functions[function](build(operand))
            case Power(base, exponent):
                power = sympy.Rational(exponent.numerator, exponent.denominator)
                return build(base) ** power
            case Binary("+", left, right):
                return build(left) + build(right)
            case Binary("-", left, right):
                return build(left) - build(right)
            case Binary("*", left, right):
                return build(left) * build(right)
            case Binary(_, left, right):
                return build(left) / build(right)
        raise TypeError(type(node))

    return build(expression)
