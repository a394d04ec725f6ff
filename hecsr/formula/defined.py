"""Where an expression is defined, and why it is not on a row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hecsr.formula.expression import (
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
    walk,
)
from hecsr.formula.printers.text import to_text

_LOGARITHMS: Final = ("log", "log10")
_DIGITS: Final = 4
_NOTHING: Final[Mapping[str, float]] = MappingProxyType({})
_MET: Final = {">": ("+",), ">=": ("+", "0+"), "!=": ("+", "-")}
"""Signs of an operand that meet a condition wherever the operand is defined."""
_SIGNS: Final = {
    ("+", "+", "+"): "+",
    ("+", "+", "0+"): "+",
    ("+", "0+", "+"): "+",
    ("+", "0+", "0+"): "0+",
    ("+", "-", "-"): "-",
    ("*", "+", "+"): "+",
    ("*", "-", "-"): "+",
    ("*", "+", "-"): "-",
    ("*", "-", "+"): "-",
    ("*", "+", "0+"): "0+",
    ("*", "0+", "+"): "0+",
    ("*", "0+", "0+"): "0+",
    ("/", "+", "+"): "+",
    ("/", "-", "-"): "+",
    ("/", "+", "-"): "-",
    ("/", "-", "+"): "-",
    ("/", "0+", "+"): "0+",
}
"""Signs of sums, products and quotients that follow from those of the operands."""


def conditions(
    expression: Expression,
    constants: Mapping[str, float] = _NOTHING,
    positive: Mapping[str, bool] = MappingProxyType({}),
) -> tuple[str, ...]:
    """List what must hold for a value to exist, as ``vec - 8 > 0``.

    Conditions that cannot fail are left out. That no number becomes too large for
    double precision is not listed.

    Parameters
    ----------
    constants
        Values of the fitted constants.
    positive
        Variables that are never negative by their nature, and whether each is
        positive (else it may be zero).

    Examples
    --------
    >>> from hecsr.formula.grammar import parse
    >>> conditions(parse("log(vec - 8) / sqrt(delta)"))
    ('vec - 8 > 0', 'delta >= 0', 'sqrt(delta) != 0')
    """
    found: dict[str, None] = {}
    for node in walk(expression):
        for operand, relation in _asked(node, constants):
            if _sign(operand, constants, positive) not in _MET[relation]:
                text = to_text(operand, constants, _DIGITS)
                found[f"{text} {relation} 0"] = None
    return tuple(found)


def _asked(
    node: Expression, constants: Mapping[str, float]
) -> Iterator[tuple[Expression, str]]:
    """Yield what the operands of one node must be, compared with 0."""
    match node:
        case Call(function, operand) if function in _LOGARITHMS:
            yield operand, ">"
        case Call("sqrt", operand):
            yield operand, ">="
        case Call("tan", operand):
            yield Call("cos", operand), "!="
        case Binary("/", _, below):
            yield below, "!="
        case Power(base, exponent):
            if exponent.denominator != 1:
                yield base, ">=" if exponent > 0 else ">"
            elif exponent < 0:
                yield base, "!="
        case Binary("^", base, above):
            power = _number(above, constants)
            if power is None or (power < 0 and power != round(power)):
                yield base, ">"
            elif power != round(power):
                yield base, ">="
            elif power < 0:
                yield base, "!="


def _number(node: Expression, constants: Mapping[str, float]) -> float | None:
    """Return the value of an expression without variables, None of any other."""
    if any(isinstance(n, Variable) for n in walk(node)):
        return None
    if any(isinstance(n, Constant) and n.name not in constants for n in walk(node)):
        return None
    return float(evaluate(node, {}, constants))


def _sign(
    node: Expression, constants: Mapping[str, float], positive: Mapping[str, bool]
) -> str:
    """Return '+' or '-', '0+' for what may be zero but not negative, else ''."""

    def of(inner: Expression) -> str:
        return _sign(inner, constants, positive)

    if (number := _number(node, constants)) is not None:
        return "+" if number > 0 else "-" if number < 0 else "0+" if number == 0 else ""
    match node:
        case Variable(name) if name in positive:
            return "+" if positive[name] else "0+"
        case Call("exp" | "logistic", _):
            return "+"
        case Call("abs", operand):
            return "+" if of(operand) in ("+", "-") else "0+"
        case Call("sqrt" | "cbrt", operand) | Power(operand, _) if of(operand) == "+":
            return "+"
        case Call("sqrt", _) | Comparison():
            return "0+"
        case Call("cbrt" | "atan" | "tanh", operand):
            return of(operand)
        case Power(base, exponent):
            even = exponent.numerator % 2 == 0 or exponent.denominator != 1
            return "0+" if even or of(base) == "0+" else of(base)
        case Negative(operand):
            return "-" if of(operand) == "+" else ""
        case Binary("^", base, _) if of(base) in ("+", "0+"):
            return of(base)
        case Binary(operator, left, right):
            return _SIGNS.get((operator, of(left), of(right)), "")
    return ""


def reasons(
    expression: Expression,
    columns: Mapping[str, Array],
    constants: Mapping[str, float] = _NOTHING,
) -> list[str]:
    """Say for each row why the value is undefined; '' where it is defined.

    The innermost sub-expression that fails is named, with the value it fails at.

    Examples
    --------
    >>> from hecsr.formula.grammar import parse
    >>> reasons(parse("1 + log(vec - 9)"), {"vec": np.array([8.7, 9.3])})
    ['log of -0.3 (vec - 9)', '']
    """
    rows = np.broadcast_shapes((1,), *(np.shape(c) for c in columns.values()))[0]
    spread = {
        n: np.broadcast_to(np.asarray(c, np.float64), (rows,))
        for n, c in columns.items()
    }
    said = [""] * rows

    def value(node: Expression, of: NDArray[np.intp]) -> Array:
        chosen = {n: c[of] for n, c in spread.items()}
        return np.broadcast_to(evaluate(node, chosen, constants), of.shape)

    def descend(node: Expression, of: NDArray[np.intp]) -> None:
        """Give each row, at which the node is undefined, to the child that fails."""
        for child in node.children:
            failing = np.isnan(value(child, of))
            if failing.any():
                descend(child, of[failing])
                of = of[~failing]
        if isinstance(node, Variable):
            for row in of:
                kind = "missing" if np.isnan(spread[node.name][row]) else "infinite"
                said[row] = f"{node.name} is {kind}"
        elif len(of):
            operands = [value(child, of) for child in node.children]
            for i, row in enumerate(of):
                said[row] = _failure(node, [float(o[i]) for o in operands], constants)

    every = np.arange(rows)
    undefined = every[np.isnan(value(expression, every))]
    if len(undefined):
        descend(expression, undefined)
    return said


def _failure(node: Expression, at: list[float], constants: Mapping[str, float]) -> str:
    """Say what is wrong with a node whose operands, of values `at`, are defined."""

    def text(inner: Expression) -> str:
        return to_text(inner, constants, _DIGITS)

    def shown(i: int) -> str:
        number = f"{at[i]:.{_DIGITS}g}"
        operand = node.children[i]
        plain = isinstance(operand, Number | Constant)
        return number if plain else f"{number} ({text(operand)})"

    match node:
        case Call(function, _) if function in _LOGARITHMS and at[0] <= 0:
            return f"{function} of {shown(0)}"
        case Call("sqrt", _) if at[0] < 0:
            return f"square root of a negative number: {shown(0)}"
        case Binary("/", _, _) if at[1] == 0:
            return f"division by 0 in {text(node)}"
        case Power(_, exponent) if at[0] == 0 and exponent < 0:
            return f"division by 0 in {text(node)}"
        case Power(_, exponent) if at[0] < 0 and exponent.denominator != 1:
            return f"power {exponent} of a negative number: {shown(0)}"
        case Binary("^", _, _) if at[0] == 0 and at[1] < 0:
            return f"division by 0 in {text(node)}"
        case Binary("^", _, _) if at[0] < 0 and at[1] != round(at[1]):
            return f"power {at[1]:.{_DIGITS}g} of a negative number: {shown(0)}"
    return f"the result of {text(node)} is infinite"
