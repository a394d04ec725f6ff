"""Simpler forms of an expression, with the same values on the same domain."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np

from hecsr.descriptors.descriptor import Descriptor
from hecsr.formula.analysis.keys import Keys
from hecsr.formula.analysis.products import Product
from hecsr.formula.analysis.signs import (
    POSITIVE,
    Known,
    always_defined,
    signs_of,
)
from hecsr.formula.analysis.sums import Sum
from hecsr.formula.expression import (
    Binary,
    Call,
    Comparison,
    Expression,
    Negative,
    Number,
    Power,
    complexity,
    evaluate,
)

_PASSES: Final = 8
_EVEN: Final = frozenset({"cos", "abs"})
_ODD: Final = frozenset({"sin", "tan", "atan", "tanh", "cbrt"})


def simplify(
    expression: Expression, descriptors: Iterable[Descriptor] = ()
) -> Expression:
    """Return a simpler expression with the same values, but for rounding.

    It is defined where the given one is, for finite values of the variables:
    ``x / x`` becomes 1 only where x cannot be 0, ``sqrt(x)^2`` becomes x only where x
    cannot be negative, by the bounds of its descriptor. Over- and underflow are not
    looked at: ``log(exp(x))`` becomes x. Sums are not multiplied out, and a variable
    over its scale stays so. The order of terms is kept, and what cannot be made shorter
    stays as written.

    Parameters
    ----------
    descriptors
        Bounds and scales of the variables; without, any value is expected.
    """
    known = Known.of(descriptors)
    rules = Rules(known, Keys(known))
    for _ in range(_PASSES):
        before, expression = expression, rules.simple(expression)
        if expression == before:
            break
    return expression


@dataclass(frozen=True)
class Rules:
    """Rewriting with what is known of the variables."""

    known: Known
    key: Keys

    def simple(self, node: Expression) -> Expression:
        """Return a node made simpler, its operands first; never a longer one."""
        folded = _folded(node)
        if folded is not None:
            return folded
        if self.known.scaled(node):
            return node
        match node:
            case Binary("+" | "-") | Negative():
                return self.sum(node)
            case Binary("*" | "/") | Power() | Call("sqrt"):
                return self.product(node)
            case Binary("^", base, exponent):
                return _raised(self.simple(base), self.simple(exponent), exponent)
            case Comparison(operator, left, right):
                a, b = self.simple(left), self.simple(right)
                if a == b and always_defined(a, self.known.signs):
                    return Number(float(operator in {"<=", ">="}))
                return Comparison(operator, a, b)
            case Call(function, operand):
                return self.call(function, self.simple(operand))
        return node

    def sum(self, node: Expression) -> Expression:
        """Collect the like terms of a sum."""
        total = Sum.of(node, self.known, self.key, self.simple)
        return total.expression(self.known)

    def product(self, node: Expression) -> Expression:
        """Collect the like factors of a product, quotient or power."""
        inner = self.parts(node)
        whole = Product.of(inner, self.known, self.key).expression(self.known)
        return whole if complexity(whole) <= complexity(inner) else inner

    def parts(self, node: Expression) -> Expression:
        """Return a product with its factors made simple."""
        if self.known.scaled(node):
            return node
        match node:
            case Binary("*" | "/" as operator, left, right):
                return Binary(operator, self.parts(left), self.parts(right))
            case Power(base, exponent):
                return Power(self.parts(base), exponent)
            case Call("sqrt", operand):
                return Call("sqrt", self.parts(operand))
        return self.simple(node)

    def call(self, function: str, operand: Expression) -> Expression:
        """Undo inverse functions and draw signs out, where that is always right."""
        signs = signs_of(operand, self.known.signs)
        match function, operand:
            case "log", Call("exp", inner):
                return inner
            case "exp", Call("log", inner) if (
                signs_of(inner, self.known.signs) == POSITIVE
            ):
                return inner
            case "log", Power(base, exponent) if (
                signs_of(base, self.known.signs) == POSITIVE
            ):
                times = Number(float(exponent))
                return Binary("*", times, Call("log", base))
            case "abs", _ if -1 not in signs:
                return operand
            case "abs", Call("abs"):
                return operand
        match operand:
            case Negative(inner) if function in _ODD:
                return Negative(Call(function, inner))
        inside = _without_sign(operand) if function in _EVEN else None
        if inside is not None:
            return Call(function, inside)
        return _folded(Call(function, operand)) or Call(function, operand)


def _folded(node: Expression) -> Number | None:
    """Return the value of an operation on numbers alone, if it has one."""
    numbers = all(isinstance(child, Number) for child in node.children)
    if not node.children or not numbers:
        return None
    value = float(evaluate(node, {}))
    return Number(value) if np.isfinite(value) else None


def _without_sign(operand: Expression) -> Expression | None:
    """Return the operand with its leading minus taken off, if it has one."""
    match operand:
        case Negative(inner):
            return inner
        case Number(value) if value < 0:
            return Number(-value)
        case Binary("*" | "/" as operator, Number(value), right) if value < 0:
            return Binary(operator, Number(-value), right)
    return None


def _raised(base: Expression, exponent: Expression, written: Expression) -> Expression:
    """Return a power; an exponent that became a number must be one of the grammar."""
    if not isinstance(exponent, Number):
        return Binary("^", base, exponent)
    exact = Fraction(repr(exponent.value))
    if abs(exact) < 1000 and 10**9 % exact.denominator == 0:
        return Power(base, exact)
    return Binary("^", base, written)
