"""A proof by SymPy that two expressions are equal, of bounded size."""

from __future__ import annotations

import math
from collections.abc import Container
from typing import Any, Final

from hecsr.formula.expression import (
    Binary,
    Call,
    Comparison,
    Constant,
    Expression,
    Number,
    Power,
    substituted,
    variables,
    walk,
)
from hecsr.formula.printers.sympy import to_sympy

MOST_TERMS: Final = 2000
_MOST_POWER: Final = 20
_LEFT_OUT: Final = frozenset({"cbrt", "log10"})
_Terms = tuple[int, int]
"""Terms of numerator and denominator once multiplied out, at most."""


def proved_equal(
    left: Expression, right: Expression, positive: Container[str] = frozenset()
) -> bool:
    """Whether SymPy shows that the two are equal wherever both are defined.

    Their difference is brought onto one denominator, circular and hyperbolic
    functions written by exponentials, and the numerator multiplied out. The number
    of terms is counted before: above :data:`MOST_TERMS` nothing is tried, so that
    the time is bounded, and the answer the same on every machine. Decimals count as
    the exact fractions they are written as. False says that no proof was found.

    Parameters
    ----------
    positive
        Variables that are positive by their nature.
    """
    if not (_within_reach(left) and _within_reach(right)):
        return False
    (a, b), (c, d) = _terms(left), _terms(right)
    if a * d + c * b > MOST_TERMS:
        return False
    import sympy

    difference = _exact(left, positive) - _exact(right, positive)
    circular = (sympy.sin, sympy.cos, sympy.tan, sympy.tanh)
    difference = difference.rewrite(circular, sympy.exp)
    numerator, _ = sympy.fraction(sympy.together(difference))
    return bool(sympy.expand(numerator) == 0)


def _exact(expression: Expression, positive: Container[str]) -> Any:
    """Build for SymPy, with every decimal as the fraction it is written as."""
    import sympy

    decimals: dict[Expression, Expression] = {
        node: Constant(f"number {i}")
        for i, node in enumerate(dict.fromkeys(walk(expression)))
        if isinstance(node, Number) and not node.value.is_integer()
    }
    built = to_sympy(substituted(expression, decimals))
    numbers = {
        sympy.Symbol(f"number {i}", real=True): sympy.Rational(repr(node.value))
        for i, node in enumerate(dict.fromkeys(walk(expression)))
        if isinstance(node, Number) and node in decimals
    }
    known = {
        sympy.Symbol(n, real=True): sympy.Symbol(n, positive=True)
        for n in variables(expression)
        if n in positive
    }
    left = {f: sympy.Rational(repr(float(f))) for f in built.atoms(sympy.Float)}
    return built.xreplace(numbers | known | left)


def _within_reach(expression: Expression) -> bool:
    """Whether every part is one that the method can say something of."""
    for node in walk(expression):
        match node:
            case Comparison() | Binary("^"):
                return False
            case Call(function) if function in _LEFT_OUT:
                return False
            case Power(_, exponent) if abs(exponent) > _MOST_POWER:
                return False
            case Number(value) if not math.isfinite(value):
                return False
        if node.children and max(_terms(node)) > MOST_TERMS:
            return False
    return True


def _terms(node: Expression) -> _Terms:
    match node:
        case Binary("+" | "-", left, right):
            (a, b), (c, d) = _terms(left), _terms(right)
            return (a + c, b) if b == d == 1 else (a * d + c * b, b * d)
        case Binary("*", left, right):
            (a, b), (c, d) = _terms(left), _terms(right)
            return a * c, b * d
        case Binary("/", left, right):
            (a, b), (c, d) = _terms(left), _terms(right)
            return a * d, b * c
        case Power(base, exponent) if exponent.denominator == 1:
            a, b = (_power(n, abs(int(exponent))) for n in _terms(base))
            return (a, b) if exponent > 0 else (b, a)
        case Call("tan" | "tanh" | "logistic"):
            return 2, 2
        case Call("sin" | "cos"):
            return 2, 1
        case Call("log", operand):
            return 1 + sum(_terms(operand)), 1
    return (_terms(node.children[0])[0], 1) if _is_sign(node) else (1, 1)


def _is_sign(node: Expression) -> bool:
    return len(node.children) == 1 and not isinstance(node, Call | Power)


def _power(terms: int, exponent: int) -> int:
    if terms > MOST_TERMS:
        return terms
    return math.comb(terms + exponent - 1, exponent) if exponent else 1
