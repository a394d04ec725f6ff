"""Derivatives of an expression, as an expression again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from hecsr.descriptors.descriptor import Descriptor
from hecsr.errors import FormulaError
from hecsr.formula.analysis.simplify import simplify
from hecsr.formula.expression import (
    Binary,
    Call,
    Comparison,
    Constant,
    Expression,
    Negative,
    Number,
    Power,
    Variable,
    walk,
)

_ONE, _TWO, _ZERO = Number(1.0), Number(2.0), Number(0.0)
_LN10: Final = 2.302585092994046

_SLOPES: Final[Mapping[str, Callable[[Expression], Expression]]] = MappingProxyType(
    {
        "exp": lambda u: Call("exp", u),
        "log": lambda u: _ONE / u,
        "log10": lambda u: _ONE / (Number(_LN10) * u),
        "sqrt": lambda u: _ONE / (_TWO * Call("sqrt", u)),
        "cbrt": lambda u: _ONE / (Number(3.0) * Call("cbrt", u) ** 2),
        "abs": lambda u: u / Call("abs", u),
        "sin": lambda u: Call("cos", u),
        "cos": lambda u: -Call("sin", u),
        "tan": lambda u: _ONE / Call("cos", u) ** 2,
        "atan": lambda u: _ONE / (_ONE + u**2),
        "tanh": lambda u: _ONE - Call("tanh", u) ** 2,
        "logistic": lambda u: Call("logistic", u) * Call("logistic", -u),
    }
)
"""Derivative of each function of an expression by its operand."""


def derivative(
    expression: Expression,
    by: Variable | Constant,
    descriptors: Iterable[Descriptor] = (),
) -> Expression:
    """Return the derivative by a variable or constant, simplified.

    It holds where the expression itself is defined, which the derivative may be
    beyond, as 1 / x of log(x). A comparison is flat; its jump is left out.

    Parameters
    ----------
    descriptors
        Bounds and scales of the variables, see
        :func:`~hecsr.formula.analysis.simplify.simplify`.
    """
    return simplify(_slope(expression, by), descriptors)


def _slope(node: Expression, by: Variable | Constant) -> Expression:
    if all(leaf != by for leaf in walk(node)):
        return _ZERO
    if node == by:
        return _ONE
    match node:
        case Negative(operand):
            return -_slope(operand, by)
        case Comparison():
            return _ZERO
        case Call(function, operand):
            return _times(_SLOPES[function](operand), _slope(operand, by))
        case Power(base, exponent):
            return _times(_power_slope(base, exponent), _slope(base, by))
        case Binary(operator, left, right):
            return _binary(operator, left, right, by)
    raise FormulaError(f"not an expression: {node!r}")


def _power_slope(base: Expression, exponent: Fraction) -> Expression:
    lower = exponent - 1
    rest = base if lower == 1 else Power(base, lower)
    return Number(float(exponent)) * rest if lower else Number(float(exponent))


def _binary(
    operator: str, a: Expression, b: Expression, by: Variable | Constant
) -> Expression:
    da, db = _slope(a, by), _slope(b, by)
    match operator:
        case "+":
            return _plus(da, db)
        case "-":
            return _plus(da, -db)
        case "*":
            return _plus(_times(da, b), _times(a, db))
        case "/":
            by_b = _ZERO if db == _ZERO else -(_times(a, db) / b**2)
            return _plus(_ZERO if da == _ZERO else da / b, by_b)
    lower: Expression = Binary("^", a, b - _ONE)
    by_base = _times(b * lower, da)
    return _plus(by_base, _times(Binary("^", a, b) * Call("log", a), db))


def _plus(a: Expression, b: Expression) -> Expression:
    """Add; what does not depend on the leaf adds nothing, defined or not."""
    if _is_zero(a):
        return b
    return a if _is_zero(b) else a + b


def _times(a: Expression, b: Expression) -> Expression:
    return _ZERO if _is_zero(a) or _is_zero(b) else a * b


def _is_zero(node: Expression) -> bool:
    match node:
        case Number(value):
            return value == 0
        case Negative(operand):
            return _is_zero(operand)
    return False
