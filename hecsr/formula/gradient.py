"""Exact first derivatives of expressions, carried along with their values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hecsr.errors import FormulaError
from hecsr.formula.expression import (
    BOUNDED,
    COMPARISONS,
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
    called,
    finite,
    logistic,
    power,
    quotient,
    raised,
)
from hecsr.formula.lookalikes import missing_column

SLOPES: Final[Mapping[str, Callable[[Array], Array]]] = MappingProxyType(
    {
        "exp": np.exp,
        "log": lambda x: 1 / x,
        "log10": lambda x: 1 / (x * np.log(10)),
        "sqrt": lambda x: 0.5 / np.sqrt(x),
        "cbrt": lambda x: 1 / (3 * np.cbrt(x) ** 2),
        "abs": lambda x: x / np.abs(x),  # none at the kink
        "sin": np.cos,
        "cos": lambda x: -np.sin(x),
        "tan": lambda x: 1 / np.cos(x) ** 2,
        "atan": lambda x: 1 / (1 + x**2),
        "tanh": lambda x: 1 / np.cosh(x) ** 2,  # 1 - tanh^2 would cancel
        "logistic": lambda x: logistic(x) * logistic(-x),
    }
)
"""Derivative of each function of an expression."""

_Mask = NDArray[np.bool_]

_Slopes = dict[int, tuple[Array, _Mask]]
"""Derivative by each leaf a node depends on, and where it does not change with it.

A value that does not change with a leaf, as c x with c where x is 0, has the
derivative 0 whatever is made of it: sqrt(c x) too, whose slope is infinite there.
One that is only at rest, as x^2 at 0, leaves the derivative of sqrt(x^2) undefined.
"""

_Dual = tuple[Array, _Slopes]


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
        NaN where undefined: where the value is, and at the kink of an absolute
        value, the jump of a comparison, the upright end of a root.

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
    defined = np.isfinite(value)
    found = np.zeros((rows, len(by)))
    for i, leaf in enumerate(by):  # a leaf may be asked for twice
        if place[leaf] in slopes:
            found[:, i] = slopes[place[leaf]][0]
    good = np.isfinite(found) & defined[:, None]
    return np.where(defined, value, np.nan), np.where(good, found, np.nan)


def _dual(
    node: Expression,
    place: Mapping[Constant | Variable, int],
    columns: Mapping[str, Array],
    constants: Mapping[str, float],
    hidden: bool = False,
) -> _Dual:
    """Return the value of a node and its derivatives; `hidden` as in evaluate."""

    def of(inner: Expression, inside: bool = hidden) -> _Dual:
        return _dual(inner, place, columns, constants, inside)

    match node:
        case Number(number):
            return finite(np.array([number], dtype=np.float64)), {}
        case Constant() | Variable():
            value = _leaf(node, columns, constants)
            if node not in place:
                return value, {}
            return value, {place[node]: (np.ones(1), np.zeros(1, dtype=bool))}
        case Negative(operand):
            a, da = of(operand)
            return -a, {i: (-slope, flat) for i, (slope, flat) in da.items()}
        case Call(function, operand):
            a, da = of(operand, hidden or function in BOUNDED)
            value = called(function, a, hidden=hidden)
            return value, _chain(SLOPES[function](a), da)
        case Power(base, exponent):
            a, da = of(base, hidden or exponent.numerator <= 0)
            by = float(exponent)
            # x^0 is flat at 0 too, where 0 * 0^-1 would be undefined
            slope = by * np.power(a, by - 1) if exponent else np.zeros_like(a)
            return power(a, exponent, hidden=hidden), _chain(slope, da)
        case Comparison(operator, left, right):
            (a, da), (b, db) = of(left, False), of(right, False)
            known = np.isfinite(a) & np.isfinite(b)
            value = np.where(known, COMPARISONS[operator](a, b), np.nan)
            # flat but for the jump, at which there is no derivative to speak of
            flat = np.asarray(a != b)
            slope = np.where(flat, 0.0, np.nan)
            return value, _joined(da, db, lambda i: _either(i, da, db, slope, flat))
        case Binary(operator, left, right):
            first = of(left, hidden or operator == "^")
            second = of(right, hidden or operator in "/^")
            return _binary(operator, first, second, hidden)
    raise FormulaError(f"not an expression: {node!r}")


def _leaf(
    node: Constant | Variable,
    columns: Mapping[str, Array],
    constants: Mapping[str, float],
) -> Array:
    if isinstance(node, Constant):
        if node.name not in constants:
            raise FormulaError(f"no value for the constant '{node.name}'")
        return finite(np.array([constants[node.name]], dtype=np.float64))
    if node.name not in columns:
        raise FormulaError(missing_column(node.name, map(str, columns)))
    return finite(np.atleast_1d(np.asarray(columns[node.name], dtype=np.float64)))


_FLAT: Final = (np.zeros(1), np.ones(1, dtype=bool))


def _binary(operator: str, left: _Dual, right: _Dual, hidden: bool) -> _Dual:
    (a, da), (b, db) = left, right
    if operator in "+-":
        value = a + b if operator == "+" else a - b
        by_a, by_b = np.ones(1), np.array([1.0 if operator == "+" else -1.0])
        nought_a = nought_b = np.zeros(1, dtype=bool)
    elif operator == "*":
        value, by_a, by_b = a * b, b, a
        nought_a, nought_b = a == 0, b == 0
    elif operator == "/":
        value = quotient(a, b, hidden=hidden)
        by_a, by_b = 1 / b, -value / b
        nought_a, nought_b = (a == 0) & (b != 0), np.zeros(1, dtype=bool)
    else:
        value = raised(a, b)
        by_a = np.where(b == 0, 0.0, b * np.power(a, b - 1))
        # 0^b is 0 for every positive b
        by_b = np.where((a == 0) & (b > 0), 0.0, value * np.log(a))
        nought_a, nought_b = ((a == 0) & (b > 0)) | (a == 1), b == 0

    def one(i: int) -> tuple[Array, _Mask]:
        (sa, fa), (sb, fb) = da.get(i, _FLAT), db.get(i, _FLAT)
        # 0 that does not change keeps the product at 0, whatever the other does
        flat = (fa & fb) | (fa & nought_a) | (fb & nought_b)
        slope = np.where(fa, 0.0, by_a * sa) + np.where(fb, 0.0, by_b * sb)
        return np.where(flat, 0.0, slope), flat

    return value, _joined(da, db, one)


def _chain(outer: Array, inner: _Slopes) -> _Slopes:
    """Multiply by the slope of a function; what is constant stays so."""
    return {
        i: (np.where(flat, 0.0, outer * slope), flat)
        for i, (slope, flat) in inner.items()
    }


def _joined(
    da: _Slopes, db: _Slopes, one: Callable[[int], tuple[Array, _Mask]]
) -> _Slopes:
    return {i: one(i) for i in dict.fromkeys((*da, *db))}


def _either(
    i: int, da: _Slopes, db: _Slopes, slope: Array, flat: _Mask
) -> tuple[Array, _Mask]:
    """Return the derivative of a comparison by one leaf of its operands."""
    constant = da.get(i, _FLAT)[1] & db.get(i, _FLAT)[1]
    return np.where(constant, 0.0, slope), flat | constant
