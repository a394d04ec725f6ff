"""From Operon's trees, written node by node, to expressions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final

from hecsr.errors import SearchError
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

_BINARY: Final = MappingProxyType({"Add": "+", "Sub": "-", "Mul": "*", "Div": "/"})
_CALLS: Final = MappingProxyType(
    {
        "Sqrt": "sqrt",
        "Cbrt": "cbrt",
        "Exp": "exp",
        "Log": "log",
        "Sin": "sin",
        "Cos": "cos",
        "Tan": "tan",
        "Atan": "atan",
        "Tanh": "tanh",
        "Abs": "abs",
    }
)

Node = Sequence[Any]
"""Type, number of operands, value, and column or -1."""


def read_tree(
    nodes: Sequence[Node], names: Sequence[str], scales: Sequence[float]
) -> tuple[Expression, Mapping[str, float]]:
    """Return the expression of a tree in postfix order, and its constants' values.

    The operands of a node are those before it, the first of them nearest to it. A
    variable's value is the factor before it.

    Parameters
    ----------
    names
        Column names.
    scales
        What each column was divided by.

    Raises
    ------
    SearchError
        If a node is of a type that is never asked for, or operands are missing.
    """
    stack: list[Expression] = []
    values: dict[str, float] = {}

    def number(value: float) -> Constant:
        values[f"k{len(values)}"] = float(value)
        return Constant(f"k{len(values) - 1}")

    for kind, arity, value, column in nodes:
        if kind == "Variable":
            factor = number(value / scales[column])
            stack.append(Binary("*", factor, Variable(names[column])))
            continue
        if kind == "Constant":
            stack.append(number(value))
            continue
        if not 1 <= arity <= len(stack):
            raise SearchError(f"operands of {kind} are missing in Operon's tree")
        operands = [stack.pop() for _ in range(arity)]
        stack.append(_applied(kind, operands))
    if len(stack) != 1:
        raise SearchError("Operon's tree has no single root")
    return stack[0], values


def _applied(kind: str, operands: Sequence[Expression]) -> Expression:
    first, *others = operands
    if kind in _BINARY:
        if not others:
            return _alone(kind, first)
        whole = first
        for other in others:
            whole = Binary(_BINARY[kind], whole, other)
        return whole
    if kind == "Square" and not others:
        return Power(first, Fraction(2))
    if kind == "Pow" and len(others) == 1:
        return Binary("^", first, others[0])
    if kind in _CALLS and not others:
        return Call(_CALLS[kind], first)
    raise SearchError(f"Operon's node {kind} of {len(operands)} operands is not known")


def _alone(kind: str, operand: Expression) -> Expression:
    """Return what an operator of two operands means for one."""
    if kind == "Sub":
        return Negative(operand)
    return Binary("/", Number(1.0), operand) if kind == "Div" else operand
