"""Exact first derivatives of expressions, carried along with their values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

import numpy as np

from hecsr.errors import FormulaError
from hecsr.formula.expression import (
    FUNCTIONS,
    Array,
    Binary,
    Call,
    Comparison,
    Constant,
    Expression,
    Negative,
    Number,
    Power,
    Variable,
    evaluate,
    logistic,
)

SLOPES: Final[Mapping[str, Callable[[Array], Array]]] = MappingProxyType(
    {
        "exp": np.exp,
        "log": lambda x: 1 / x,
        "log10": lambda x: 1 / (x * np.log(10)),
        "sqrt": lambda x: 0.5 / np.sqrt(x),
        "cbrt": lambda x: 1 / (3 * np.cbrt(x) ** 2),
        "abs": np.sign,
        "sin": np.cos,
        "cos": lambda x: -np.sin(x),
        "tan": lambda x: 1 / np.cos(x) ** 2,
        "atan": lambda x: 1 / (1 + x**2),
        "tanh": lambda x: 1 - np.tanh(x) ** 2,
        "logistic": lambda x: logistic(x) * logistic(-x),
    }
)
"""Derivative of each function of an expression."""

_Dual = tuple[Array, Array]


def gradient(
    expression: Expression,
    by: Sequence[Constant | Variable],
    columns: Mapping[str, Array],
    constants: Mapping[str, float] = MappingProxyType({}),
) -> tuple[Array, Array]:
    """Return the value and the derivatives by some constants and variables.

    Parameters
    ----------
    by
        The k leaves to derive by.

    Returns
    -------
    value : ndarray of shape (n,)
        NaN where undefined. Without columns n is 1.
    derivatives : ndarray of shape (n, k)
        NaN where undefined, as that of a root at 0.

    Raises
    ------
    FormulaError
        If a variable or constant of the expression is not given.
    """
    rows = np.broadcast_shapes((1,), *(np.shape(c) for c in columns.values()))[0]
    place = {leaf: i for i, leaf in enumerate(by)}
    with np.errstate(all="ignore"):
        value, slopes = _dual(expression, place, columns, constants)
    value = np.broadcast_to(value, (rows,))
    slopes = np.broadcast_to(slopes, (len(by), rows)).T
    defined = np.isfinite(value)
    good = np.isfinite(slopes) & defined[:, None]
    return np.where(defined, value, np.nan), np.where(good, slopes, np.nan)


def _dual(
    node: Expression,
    place: Mapping[Constant | Variable, int],
    columns: Mapping[str, Array],
    constants: Mapping[str, float],
) -> _Dual:
    """Return the value of a node, and its derivatives along the first axis."""

    def of(inner: Expression) -> _Dual:
        return _dual(inner, place, columns, constants)

    zero = np.zeros((len(place), 1))
    match node:
        case Number(number):
            return np.array([number]), zero
        case Constant() | Variable():
            if node in place:
                zero = zero.copy()
                zero[place[node]] = 1.0
            return np.atleast_1d(_leaf(node, columns, constants)), zero
        case Negative(operand):
            a, da = of(operand)
            return -a, -da
        case Call(function, operand):
            a, da = of(operand)
            return FUNCTIONS[function](a), _times(SLOPES[function](a), da)
        case Power(base, exponent):
            a, da = of(base)
            power = float(exponent)
            value = np.power(a, power)
            if exponent.denominator != 1:
                value = np.where(a >= 0, value, np.nan)
            # x^0 is flat at 0 too, where 0 * 0^-1 would be undefined
            slope = power * np.power(a, power - 1) if exponent else np.zeros_like(a)
            return value, _times(slope, da)
        case Comparison(_, left, right):
            # flat but for the jump, at which there is no derivative to speak of
            value = evaluate(node, columns, constants)
            a, b = of(left)[0], of(right)[0]
            flat = np.where(a == b, np.nan, 0.0)
            return np.atleast_1d(value), zero + flat
        case Binary(operator, left, right):
            return _binary(operator, of(left), of(right))
    raise FormulaError(f"not an expression: {node!r}")


def _binary(operator: str, left: _Dual, right: _Dual) -> _Dual:
    (a, da), (b, db) = left, right
    if operator == "+":
        return a + b, da + db
    if operator == "-":
        return a - b, da - db
    if operator == "*":
        return a * b, _times(b, da) + _times(a, db)
    if operator == "/":
        return a / b, _times(1 / b, da) - _times(a / b**2, db)
    value = np.power(a, b)
    return value, _times(b * np.power(a, b - 1), da) + _times(value * np.log(a), db)


def _times(slope: Array, inner: Array) -> Array:
    """Multiply, where what does not depend on a leaf adds nothing, defined or not."""
    return np.where(inner == 0, 0.0, slope * inner)


def _leaf(
    node: Constant | Variable,
    columns: Mapping[str, Array],
    constants: Mapping[str, float],
) -> Array:
    return evaluate(node, columns, constants)
