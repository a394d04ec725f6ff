"""Formulas that may leave their domain between the samples.

A pole inside the range of the descriptors spoils few samples in cross-validation,
where an undefined or huge value meets one fold at most, and every later use.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Final

import numpy as np

from hecsr.formula.expression import (
    FUNCTIONS,
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

if TYPE_CHECKING:
    from hecsr.search.samples import Samples

Interval = tuple[float, float]
Box = Mapping[str, Interval]

_REACH: Final = 1e-12
"""An end this close to zero, relative to the other, is zero."""


class _LeavesDomainError(Exception):
    """Somewhere in the box the expression is undefined."""


def box_of(samples: Samples) -> Box:
    """Return the widened range of each descriptor, as the sparse search takes it."""
    from hecsr.search.sisso.building.domain import descriptor_ranges
    from hecsr.search.sisso.space import SearchSpace

    low, high = descriptor_ranges(samples.values, samples.descriptors, SearchSpace())
    names = [d.name for d in samples.descriptors]
    ends = zip(low.tolist(), high.tolist(), strict=True)
    return dict(zip(names, ends, strict=True))


def defined_within(
    expression: Expression, values: Mapping[str, float], box: Box
) -> bool:
    """Say whether an expression surely is defined for all descriptors in their ranges.

    By the natural interval extension (Moore, Kearfott, Cloud, Introduction to
    Interval Analysis, 2009, ch. 5, 10.1137/1.9780898717716): it never understates a
    range, but may overstate that of an expression in which a variable repeats.
    """
    try:
        low, high = _range(expression, values, box)
    except (_LeavesDomainError, OverflowError):
        return False
    return math.isfinite(low) and math.isfinite(high)


def _range(node: Expression, values: Mapping[str, float], box: Box) -> Interval:
    def of(inner: Expression) -> Interval:
        return _range(inner, values, box)

    match node:
        case Number(value):
            return value, value
        case Constant(name):
            return values[name], values[name]
        case Variable(name):
            return box[name]
        case Negative(operand):
            low, high = of(operand)
            return -high, -low
        case Power(base, exponent):
            return _powered(of(base), exponent)
        case Call(function, operand):
            return _called(function, of(operand))
        case Comparison():
            return 0.0, 1.0
        case Binary("+", left, right):
            a, b = of(left), of(right)
            return a[0] + b[0], a[1] + b[1]
        case Binary("-", left, right):
            a, b = of(left), of(right)
            return a[0] - b[1], a[1] - b[0]
        case Binary("*", left, right):
            return _corners(of(left), of(right))
        case Binary("/", left, right):
            return _corners(of(left), _inverse(of(right)))
        case Binary("^", left, right):
            low, high = of(left)
            if not low > _REACH * abs(high):
                raise _LeavesDomainError
            log = math.log(low), math.log(high)
            low, high = _corners(log, of(right))
            return math.exp(low), math.exp(high)
    raise TypeError(f"not an expression: {node!r}")


def _inverse(x: Interval) -> Interval:
    low, high = x
    if not (low > _REACH * abs(high) or -high > _REACH * abs(low)):
        raise _LeavesDomainError
    return 1 / high, 1 / low


def _corners(x: Interval, y: Interval) -> Interval:
    products = [a * b for a in x for b in y]
    return min(products), max(products)


def _powered(x: Interval, exponent: Fraction) -> Interval:
    if exponent < 0:
        return _inverse(_powered(x, -exponent))
    if exponent.denominator > 1 and x[0] < 0:
        raise _LeavesDomainError
    power = float(exponent)
    if exponent.denominator == 1 and exponent.numerator % 2 == 0:
        x = _absolute(x)
    return x[0] ** power, x[1] ** power


def _absolute(x: Interval) -> Interval:
    ends = sorted((abs(x[0]), abs(x[1])))
    return (0.0 if x[0] <= 0 <= x[1] else ends[0]), ends[1]


def _called(function: str, x: Interval) -> Interval:
    if function == "abs":
        return _absolute(x)
    if function in {"sin", "cos"}:
        return -1.0, 1.0
    if function == "tan":
        # between two poles it rises
        if math.floor(x[0] / math.pi + 0.5) != math.floor(x[1] / math.pi + 0.5):
            raise _LeavesDomainError
    elif function in {"log", "log10"}:
        if not x[0] > _REACH * abs(x[1]):
            raise _LeavesDomainError
    elif function == "sqrt" and x[0] < 0:
        raise _LeavesDomainError
    with np.errstate(all="ignore"):
        low, high = FUNCTIONS[function](np.array(x)).tolist()
    return low, high
