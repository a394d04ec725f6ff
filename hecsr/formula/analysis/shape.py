"""What is left of a term where constants have no value and order no meaning."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import Final

from hecsr.formula.analysis.sums import summands
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
    constants,
    evaluate,
    variables,
)

_HALF: Final = Fraction(1, 2)
_MIRRORED: Final = {">": "<", ">=": "<="}
_FREE: Final = "?"
"""Stands for every constant: each place has one of its own."""
Factor = tuple[str, Fraction]


def shape(term: Expression) -> str:
    """Return a text that terms share which differ by fitted numbers alone.

    Factors that hold no variable do not count, nor does the order of summands and
    factors, how quotients are nested, or the sign of a sum that is a factor. Of such
    a sum neither does it matter which part has the constant: ``x / (1 + c1 * y)`` has
    the shape of ``c1 * x / (c2 + y)``. The text is for comparison, not for reading;
    equal shapes are equal families of functions, not the other way round.

    Examples
    --------
    >>> from hecsr.formula.grammar import parse
    >>> shape(parse("2 * (a - b) / c")) == shape(parse("(b - a) * (1 / c)"))
    True
    """
    return _product(_factors(term), outside=True) or "1"


def _factors(node: Expression, power: Fraction = Fraction(1)) -> list[Factor]:
    """Return the factors that hold a variable, as shapes with their powers."""
    whole = power.denominator == 1
    match node:
        case _ if not variables(node):
            return []
        case Negative(operand) if whole:
            return _factors(operand, power)
        case Binary("*", left, right) if whole:
            return _factors(left, power) + _factors(right, power)
        case Binary("/", left, right) if whole:
            return _factors(left, power) + _factors(right, -power)
        case Power(base, exponent) if whole:
            return _factors(base, power * exponent)
        case Call("sqrt", operand) if whole:
            return _factors(operand, power * _HALF)
        case Binary("+" | "-"):
            return [(_sum(node, scaled=True, flipped=whole), power)]
    return [(_inner(node), power)]


def _product(factors: list[Factor], *, outside: bool = False) -> str:
    """Write factors in one order; equal ones are collected where that is right."""
    powers: Counter[str] = Counter()
    apart: list[str] = []
    for text, power in factors:
        # every constant is one of its own: x + c1 is not x + c2
        if _FREE in _marks(text):
            apart.append(_raised(text, power))
        else:
            powers[text] += power  # type: ignore[assignment]
    collected = [_raised(t, Fraction(p)) for t, p in powers.items() if p or not outside]
    return " * ".join(sorted(collected + apart))


def _marks(text: str) -> str:
    """Return a shape without the names of variables, which stand in backticks."""
    return "".join(text.split("`")[::2])


def _raised(text: str, power: Fraction) -> str:
    return text if power == 1 else f"{text}^{power}"


def _sum(node: Expression, *, scaled: bool, flipped: bool) -> str:
    """Write a sum; `scaled` where a factor of it does not count, `flipped` a sign."""
    parts: list[tuple[str, float | None]] = []
    for minus, one in summands(node):
        number, text = _split(one)
        parts.append((text, -number if minus and number is not None else number))
    parts.sort(key=lambda part: (part[0], part[1] is None, part[1] or 0.0))
    fixed = [number for _, number in parts if number]
    unit = 1.0
    if scaled and fixed:
        unit = fixed[0] if flipped else abs(fixed[0])
        if flipped and len(fixed) == 1 < len(parts):
            # the free factor of the whole can stand anywhere in the sum
            parts = [(text, None) for text, _ in parts]
    written = sorted(f"{_written(number, unit)}·{text}" for text, number in parts)
    return f"({' + '.join(written)})"


def _written(number: float | None, unit: float = 1.0) -> str:
    return _FREE if number is None else f"{number / unit:.12g}"


def _split(node: Expression) -> tuple[float | None, str]:
    """Return the number in front, None for a fitted one, and the shape of the rest."""
    number = _number(node)
    if not variables(node):
        return number, "1"
    text = _product(_plain_factors(node)) or "1"
    return number, text


def _number(node: Expression) -> float | None:
    """Return the product of the factors without a variable; None for a fitted one."""
    if not variables(node):
        return None if constants(node) else float(evaluate(node, {}))
    match node:
        case Negative(operand):
            inner = _number(operand)
            return None if inner is None else -inner
        case Binary("*" | "/" as sign, left, right):
            a, b = _number(left), _number(right)
            if a is None or b is None:
                return None
            return a * b if sign == "*" else a / b if b else float("nan")
    return 1.0


def _plain_factors(node: Expression, power: Fraction = Fraction(1)) -> list[Factor]:
    """Return the factors that hold a variable of a product whose size counts."""
    match node:
        case _ if not variables(node):
            return []
        case Negative(operand):
            return _plain_factors(operand, power)
        case Binary("*", left, right):
            return _plain_factors(left, power) + _plain_factors(right, power)
        case Binary("/", left, right):
            return _plain_factors(left, power) + _plain_factors(right, -power)
        case Power(base, exponent):
            return [(_inner(base), power * exponent)]
        case Call("sqrt", operand):
            return [(_inner(operand), power * _HALF)]
    return [(_inner(node), power)]


def _inner(node: Expression) -> str:
    """Return the shape of a part whose size and sign count."""
    match node:
        case Constant():
            return _FREE
        case Number(value):
            return f"{value:.12g}"
        case Variable(name):
            return "`" + name.replace("`", "``") + "`"
        case Binary("+" | "-"):
            return _sum(node, scaled=False, flipped=False)
        case Binary("^", base, exponent):
            return f"({_inner(base)})^({_inner(exponent)})"
        case Call(function, operand) if function != "sqrt":
            return f"{function}({_inner(operand)})"
        case Comparison(operator, left, right):
            a, b = _inner(left), _inner(right)
            if operator in _MIRRORED:
                operator, a, b = _MIRRORED[operator], b, a
            return f"({a} {operator} {b})"
    number, text = _split(node)
    return f"({_written(number)}·{text})"
