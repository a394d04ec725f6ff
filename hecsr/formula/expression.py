"""Immutable expressions: what a formula is made of, and how it is computed.

Nothing is protected: where an operation is undefined the value is NaN, also where
what is made of it would be finite again, as ``tanh(1 / x)`` at 0. A number too large
for double precision is infinite, and undefined only if the whole is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hecsr.errors import FormulaError, suggestion

Array = NDArray[np.float64]
_LONGEST: Final = 100
"""Characters of the text that stands for an expression."""


class Expression:
    """A node of an expression tree; compared and hashed by its structure."""

    __slots__ = ()

    @property
    def children(self) -> tuple[Expression, ...]:
        """The operands, left to right."""
        return ()

    def __repr__(self) -> str:
        """Return the kind of the node and its text, the end cut off where long.

        Leaves show their one field instead.
        """
        from hecsr.formula.printers.text import to_text

        try:
            text = to_text(self)
        except (FormulaError, RecursionError, AttributeError, TypeError):
            # nodes may hold what has no text; an error's message must still be made
            text = "…"
        shown = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
        return f"{type(self).__name__}({shown})"

    def __add__(self, other: Expression) -> Expression:
        return Binary("+", self, other)

    def __sub__(self, other: Expression) -> Expression:
        return Binary("-", self, other)

    def __mul__(self, other: Expression) -> Expression:
        return Binary("*", self, other)

    def __truediv__(self, other: Expression) -> Expression:
        return Binary("/", self, other)

    def __pow__(self, power: int | Fraction) -> Expression:
        return Power(self, Fraction(power))

    def __neg__(self) -> Expression:
        return Negative(self)


@dataclass(frozen=True, slots=True)
class Number(Expression):
    """A literal number that is part of the form, not fitted."""

    value: float


@dataclass(frozen=True, slots=True)
class Constant(Expression):
    """A fitted coefficient, by name; its value stands in the formula."""

    name: str


@dataclass(frozen=True, slots=True)
class Variable(Expression):
    """A descriptor, by the name of its column."""

    name: str


@dataclass(frozen=True, slots=True, repr=False)
class Binary(Expression):
    """One of ``+ - * / ^`` on two operands.

    ``^`` is a power whose exponent is an expression, such as a fitted constant; a
    fixed rational one is a :class:`Power`.
    """

    operator: str
    left: Expression
    right: Expression

    def __post_init__(self) -> None:
        if self.operator == "^" and isinstance(self.right, Number):
            raise FormulaError("a number as exponent belongs into a Power")

    @property
    def children(self) -> tuple[Expression, ...]:
        """The two operands."""
        return (self.left, self.right)


@dataclass(frozen=True, slots=True, repr=False)
class Comparison(Expression):
    """One of ``< <= > >=`` on two operands: 1 where it holds, 0 where it does not.

    NaN where an operand is undefined. A product of comparisons is 1 where all hold.
    """

    operator: str
    left: Expression
    right: Expression

    @property
    def children(self) -> tuple[Expression, ...]:
        """The two operands."""
        return (self.left, self.right)


@dataclass(frozen=True, slots=True, repr=False)
class Power(Expression):
    """A fixed rational power; a fractional power of a negative number is NaN."""

    base: Expression
    exponent: Fraction

    @property
    def children(self) -> tuple[Expression, ...]:
        """The base."""
        return (self.base,)


@dataclass(frozen=True, slots=True, repr=False)
class Negative(Expression):
    """The operand with its sign changed."""

    operand: Expression

    @property
    def children(self) -> tuple[Expression, ...]:
        """The operand."""
        return (self.operand,)


@dataclass(frozen=True, slots=True, repr=False)
class Call(Expression):
    """One of the functions of :data:`FUNCTIONS` on one operand."""

    function: str
    operand: Expression

    def __post_init__(self) -> None:
        if self.function not in FUNCTIONS:
            msg = (
                f"unknown function '{self.function}'; "
                f"{suggestion(self.function, FUNCTIONS)}"
            )
            raise FormulaError(msg)

    @property
    def children(self) -> tuple[Expression, ...]:
        """The operand."""
        return (self.operand,)


def logistic(x: Array) -> Array:
    """Return ``1 / (1 + exp(-x))``, without overflow on either side."""
    # exp of a negative number only, so that neither side overflows
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1.0, small) / (1.0 + small)


FUNCTIONS: Final[Mapping[str, Callable[[Array], Array]]] = MappingProxyType(
    {
        "exp": np.exp,
        "log": np.log,
        "log10": np.log10,
        "sqrt": np.sqrt,
        "cbrt": np.cbrt,
        "abs": np.abs,
        "sin": np.sin,
        "cos": np.cos,
        "tan": np.tan,
        "atan": np.arctan,
        "tanh": np.tanh,
        "logistic": logistic,
    }
)

BOUNDED: Final = frozenset({"exp", "atan", "tanh", "logistic"})
"""Functions that may give a finite value of an infinite number."""

LOGARITHMS: Final = frozenset({"log", "log10"})

COMPARISONS: Final[Mapping[str, Callable[[Array, Array], Array]]] = MappingProxyType(
    {
        "<": np.less,
        "<=": np.less_equal,
        ">": np.greater,
        ">=": np.greater_equal,
    }
)


def evaluate(
    expression: Expression,
    columns: Mapping[str, Array],
    constants: Mapping[str, float] = MappingProxyType({}),
) -> Array:
    """Return the value for each row of `columns`; NaN where it is undefined.

    Raises
    ------
    FormulaError
        If a variable or constant of the expression is not given.
    """
    with np.errstate(all="ignore"):
        value = np.asarray(_value(expression, columns, constants), dtype=np.float64)
    return np.where(np.isfinite(value), value, np.nan)


def _value(
    node: Expression,
    columns: Mapping[str, Array],
    constants: Mapping[str, float],
    hidden: bool = False,
) -> Array:
    """Return the value, infinite or NaN where undefined; NaN alone where `hidden`."""
    match node:
        case Number(value):
            return _scalar(value, hidden)
        case Constant(name):
            if name not in constants:
                raise FormulaError(f"no value for the constant '{name}'")
            return _scalar(constants[name], hidden)
        case Variable(name):
            if name not in columns:
                from hecsr.formula.lookalikes import missing_column

                raise FormulaError(missing_column(name, map(str, columns)))
            found = np.asarray(columns[name], dtype=np.float64)
            return finite(found) if hidden else found
        case Negative(operand):
            return -_value(operand, columns, constants, hidden)
        case Call(function, operand):
            inside = hidden or function in BOUNDED
            inner = _value(operand, columns, constants, inside)
            return called(function, inner, hidden=hidden)
        case Power(base, exponent):
            inner = _value(base, columns, constants, hidden or exponent.numerator <= 0)
            return power(inner, exponent, hidden=hidden)
        case Binary(operator, left, right):
            a = _value(left, columns, constants, hidden or operator == "^")
            b = _value(right, columns, constants, hidden or operator in "/^")
            if operator == "+":
                return a + b
            if operator == "-":
                return a - b
            if operator == "*":
                return a * b
            if operator == "/":
                return quotient(a, b, hidden=hidden) if hidden else a / b
            return raised(a, b)
        case Comparison(operator, left, right):
            a = _value(left, columns, constants)
            b = _value(right, columns, constants)
            known = np.isfinite(a) & np.isfinite(b)
            return np.where(known, COMPARISONS[operator](a, b), np.nan)
    raise FormulaError(f"not an expression: {node!r}")


# A pole is infinite, and so is all that sums, products and roots make of it, until the
# end takes it for undefined. Hidden in what gives finite values of infinite ones, it is
# made NaN at once. Where it is, is looked for only if a count says that there is one.


def _without_zero(x: Array) -> bool:
    return bool(np.count_nonzero(x) == np.size(x))


def _all_finite(x: Array) -> bool:
    # false for values beyond 1e154 too, whose squares overflow
    return math.isfinite(np.dot(x, x))


def _scalar(value: float, hidden: bool) -> Array:
    if hidden and not math.isfinite(value):
        value = math.nan
    return np.float64(value)  # type: ignore[return-value]


def finite(x: Array) -> Array:
    """Return the values of a leaf; NaN for infinite ones."""
    return x if _all_finite(x) else np.where(np.isfinite(x), x, np.nan)


def quotient(a: Array, b: Array, *, hidden: bool) -> Array:
    """Return ``a / b``; NaN where b is 0 if that is hidden."""
    value = a / b
    if hidden and not _without_zero(b):
        return np.where(b == 0, np.nan, value)
    return value


def called(function: str, x: Array, *, hidden: bool) -> Array:
    """Return the value of a function; NaN for a logarithm of 0 if that is hidden."""
    value = FUNCTIONS[function](x)
    if hidden and function in LOGARITHMS and not _without_zero(x):
        return np.where(x == 0, np.nan, value)
    return value


def power(x: Array, exponent: Fraction, *, hidden: bool) -> Array:
    """Return a fixed power: NaN for roots of negative numbers, NaN^0, hidden poles."""
    # a float exponent: numpy refuses negative integer powers of integers
    by = float(exponent)
    value = np.asarray(np.power(x, by))
    if exponent.denominator != 1:
        return np.where(x > 0 if hidden and by < 0 else x >= 0, value, np.nan)
    if by > 0 or (by < 0 and not hidden):
        return value
    undefined = np.isnan(x) if by == 0 else x == 0
    return np.where(undefined, np.nan, value)


def raised(a: Array, b: Array) -> Array:
    """Return ``a ^ b``; NaN where either is, and for 0 to a negative power."""
    value = np.asarray(np.power(a, b))
    if _without_zero(a) and _all_finite(a) and _all_finite(b):
        return value
    pole = (a == 0) & (b < 0)
    return np.where(pole | np.isnan(a) | np.isnan(b), np.nan, value)


def walk(expression: Expression) -> Iterator[Expression]:
    """Yield every node, operands before what is made of them."""
    for child in expression.children:
        yield from walk(child)
    yield expression


def variables(expression: Expression) -> tuple[str, ...]:
    """Return the names of the variables, each once, in order of appearance."""
    found = (n.name for n in walk(expression) if isinstance(n, Variable))
    return tuple(dict.fromkeys(found))


def constants(expression: Expression) -> tuple[str, ...]:
    """Return the names of the constants, each once, in order of appearance."""
    found = (n.name for n in walk(expression) if isinstance(n, Constant))
    return tuple(dict.fromkeys(found))


def substituted(
    expression: Expression, parts: Mapping[Expression, Expression]
) -> Expression:
    """Return the expression with every node that is a key of `parts` replaced."""
    if expression in parts:
        return parts[expression]
    match expression:
        case Binary(operator, left, right):
            return Binary(operator, substituted(left, parts), substituted(right, parts))
        case Comparison(operator, left, right):
            return Comparison(
                operator, substituted(left, parts), substituted(right, parts)
            )
        case Power(base, exponent):
            return Power(substituted(base, parts), exponent)
        case Negative(operand):
            return Negative(substituted(operand, parts))
        case Call(function, operand):
            return Call(function, substituted(operand, parts))
    return expression


def complexity(expression: Expression) -> int:
    """Count the operator nodes: everything that is not a leaf."""
    return sum(1 for node in walk(expression) if node.children)
