"""Which signs an expression can have, and whether it always has a value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

from hecsr.descriptors.descriptor import Descriptor
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
)

Signs = frozenset[int]
"""Signs that a value can have: -1, 0 and 1."""

ANY: Final[Signs] = frozenset({-1, 0, 1})
POSITIVE: Final[Signs] = frozenset({1})
_NEVER_NEGATIVE: Final[Signs] = frozenset({0, 1})
_ODD: Final = frozenset({"cbrt", "atan", "tanh"})


@dataclass(frozen=True)
class Known:
    """What is known of the variables: signs by their physical bounds, and scales."""

    signs: Mapping[str, Signs] = field(default_factory=dict)
    scales: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, descriptors: Iterable[Descriptor]) -> Known:
        """Read bounds and scales from descriptors."""
        found, scales = {}, {}
        for d in descriptors:
            signs = set(ANY)
            if d.lower is not None and d.lower >= 0:
                signs.discard(-1)
                if d.lower > 0 or d.positive:
                    signs.discard(0)
            if d.upper is not None and d.upper <= 0:
                signs.discard(1)
            found[d.name] = frozenset(signs)
            if d.scale is not None:
                scales[d.name] = d.scale
        return cls(found, scales)

    def scaled(self, node: Expression) -> bool:
        """Whether a node is a variable over its own scale, which stays as it is."""
        match node:
            case Binary("/", Variable(name), Number(value)):
                return self.scales.get(name) == value
        return False


def sign(value: float) -> int:
    """Return -1, 0 or 1."""
    return (value > 0) - (value < 0)


def signs_of(node: Expression, known: Mapping[str, Signs]) -> Signs:
    """Return the signs that the value of a node can have where it has one."""
    match node:
        case Number(value):
            return frozenset({sign(value)})
        case Constant():
            return ANY
        case Variable(name):
            return known.get(name, ANY)
        case Negative(operand):
            return frozenset(-s for s in signs_of(operand, known))
        case Comparison():
            return _NEVER_NEGATIVE
        case Call("exp" | "logistic"):
            return POSITIVE
        case Call("sqrt" | "abs", operand):
            return frozenset(abs(s) for s in signs_of(operand, known)) or ANY
        case Call(function, operand) if function in _ODD:
            return signs_of(operand, known)
        case Power(base, exponent):
            found = {raised(s, exponent) for s in signs_of(base, known)}
            return frozenset(s for s in found if s is not None) or ANY
        case Binary("*" | "/", left, right):
            a, b = signs_of(left, known), signs_of(right, known)
            return frozenset(x * y for x in a for y in b)
        case Binary("+" | "-" as operator, left, right):
            a, b = signs_of(left, known), signs_of(right, known)
            if operator == "-":
                b = frozenset(-s for s in b)
            both = {s for x in a for y in b for s in _sum(x, y)}
            return frozenset(both)
        case Binary("^", base, _) if signs_of(base, known) == POSITIVE:
            return POSITIVE
    return ANY


def raised(s: int, exponent: Fraction) -> int | None:
    """Return the sign of a power of a number of sign `s`; None where undefined."""
    if s > 0 or exponent == 0:
        return 1
    if s == 0:
        return 0 if exponent > 0 else None
    if exponent.denominator != 1:
        return None
    return -1 if exponent.numerator % 2 else 1


def always_defined(node: Expression, known: Mapping[str, Signs]) -> bool:
    """Whether a node has a value for every value of its variables.

    As for real numbers: what is too large for a double is not looked at.
    """
    if not all(always_defined(child, known) for child in node.children):
        return False
    match node:
        case Call("log" | "log10", operand):
            return signs_of(operand, known) == POSITIVE
        case Call("sqrt", operand):
            return -1 not in signs_of(operand, known)
        case Power(base, exponent):
            return None not in {raised(s, exponent) for s in signs_of(base, known)}
        case Binary("/", _, right):
            return 0 not in signs_of(right, known)
        case Binary("^", base, _):
            return signs_of(base, known) == POSITIVE
    return True


def _sum(x: int, y: int) -> Signs:
    return ANY if x * y < 0 else frozenset({x or y})
