"""How long a formula is, by several measures."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

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
    complexity,
    constants,
    variables,
    walk,
)


@dataclass(frozen=True, slots=True)
class Size:
    """Measures of an expression's length.

    Attributes
    ----------
    nodes, operators
        All nodes, and those that are not leaves, as
        :func:`~hecsr.formula.expression.complexity` counts.
    depth
        Nodes on the longest way down; a leaf has 1.
    constants, variables
        Distinct ones.
    bits
        Description length of the form, see :func:`description_length`.
    """

    nodes: int
    operators: int
    depth: int
    constants: int
    variables: int
    bits: float


def size_of(expression: Expression) -> Size:
    """Return how long an expression is."""
    return Size(
        nodes=sum(1 for _ in walk(expression)),
        operators=complexity(expression),
        depth=_depth(expression),
        constants=len(constants(expression)),
        variables=len(variables(expression)),
        bits=description_length(expression),
    )


def description_length(expression: Expression) -> float:
    """Return the bits that tell the form, its fitted constants apart.

    ``k log2(n) + sum of log2(1 + |p|) + log2(q) + 1`` over its k nodes of n distinct
    kinds and its literal numbers p / q, decimals as written: the form's share of the
    description length of Bartlett, Desmond and Ferreira, IEEE Trans. Evol. Comput.
    28, 950 (2024), 10.1109/TEVC.2023.3280250. All fitted constants are of one kind.
    """
    kinds: list[tuple[str, str]] = []
    numbers = 0.0
    for node in walk(expression):
        kinds.append(_kind(node))
        if isinstance(node, Number) and math.isfinite(node.value):
            numbers += _bits(*_decimal(node.value))
        elif isinstance(node, Power):
            numbers += _bits(node.exponent.numerator, node.exponent.denominator)
    return len(kinds) * math.log2(len(set(kinds))) + numbers


def _kind(node: Expression) -> tuple[str, str]:
    match node:
        case Variable(name):
            return "variable", name
        case Constant():
            return "constant", ""
        case Binary(operator) | Comparison(operator):
            return "operator", operator
        case Call(function):
            return "function", function
        case Power():
            return "operator", "power"
        case Negative():
            return "operator", "sign"
    return "number", ""


def _decimal(value: float) -> tuple[int, int]:
    exact = Fraction(repr(float(value)))
    return exact.numerator, exact.denominator


def _bits(above: int, below: int) -> float:
    return math.log2(1 + abs(above)) + math.log2(below) + 1


def _depth(expression: Expression) -> int:
    deepest, waiting = 0, [(expression, 1)]
    while waiting:
        node, depth = waiting.pop()
        deepest = max(deepest, depth)
        waiting += [(child, depth + 1) for child in node.children]
    return deepest
