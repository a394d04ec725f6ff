"""SymPy, built node by node: no text is ever parsed by SymPy."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from hecsr.errors import FormulaError
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
    evaluate,
    walk,
)

if TYPE_CHECKING:
    import sympy

_EXACT: Final = 1000
"""Up to this power in all numbers are exact; (2^999)^999 would fill the memory."""


def to_sympy(
    expression: Expression, constants: Mapping[str, float] = MappingProxyType({})
) -> sympy.Expr:
    """Return the SymPy expression; variables become real symbols of their name.

    Constants without a value become symbols too. A comparison becomes a Piecewise of
    1 and 0; within a quotient, power or function, a form in signs. SymPy simplifies
    as it builds and may widen the domain: the square of ``sqrt(x)`` is ``x``. Where
    the expression is undefined SymPy may give a complex number.
    """
    return _Builder(constants).build(expression, 1.0)


class _Builder:
    def __init__(self, constants: Mapping[str, float]) -> None:
        import sympy

        self.constants = constants
        self.s: Any = sympy

    def build(self, node: Expression, power: float, *, cases: bool = True) -> Any:
        """Build a node that stands within a power of `power` in all.

        `cases` says that comparisons may be written as such. Within a quotient, a
        power or a function SymPy would carry these into the cases, and cannot
        handle one that is undefined; there they are written in signs.
        """
        s = self.s

        def part(inner: Expression) -> Any:
            return self.build(inner, power, cases=cases)

        match node:
            case Number(value):
                whole = value.is_integer() and abs(value) < 2**53
                exact = whole and power <= _EXACT
                return s.Integer(int(value)) if exact else self.decimal(value)
            case Constant(name):
                if name in self.constants:
                    return self.decimal(self.constants[name])
                return s.Symbol(name, real=True)
            case Variable(name):
                return s.Symbol(name, real=True)
            case Negative(operand):
                return -part(operand)
            case Comparison(operator, left, right):
                a, b = (self.build(side, power, cases=False) for side in (left, right))
                return self.comparison(operator, a, b, cases=cases)
            case Binary("+", left, right):
                return part(left) + part(right)
            case Binary("-", left, right):
                return part(left) - part(right)
            case Binary("*", left, right):
                return part(left) * part(right)
            case Binary("/", left, right):
                below = self.build(right, power, cases=False)
                # SymPy has 1 / 0 as complex infinity; here it is undefined
                return s.nan if below.is_zero else part(left) / below
        if self.is_number(node):
            # a number in double precision: SymPy would work it out to any size
            return self.decimal(float(evaluate(node, {}, self.constants)))
        match node:
            case Power(base, exponent):
                by = s.Rational(exponent.numerator, exponent.denominator)
                within = power * max(1.0, abs(float(exponent)))
                return self.build(base, within, cases=False) ** by
            case Binary("^", base, exponent):
                a = self.build(base, math.inf, cases=False)
                return a ** self.build(exponent, math.inf, cases=False)
            case Call(function, operand):
                return self.call(function, self.build(operand, power, cases=False))
        raise FormulaError(f"not an expression: {node!r}")

    def is_number(self, node: Expression) -> bool:
        return all(
            not isinstance(leaf, Variable)
            and (not isinstance(leaf, Constant) or leaf.name in self.constants)
            for leaf in walk(node)
        )

    def decimal(self, value: float) -> Any:
        return self.s.Float(value, 17) if math.isfinite(value) else self.s.nan

    def comparison(self, operator: str, left: Any, right: Any, *, cases: bool) -> Any:
        s = self.s
        # SymPy refuses to compare what is certainly no real number
        if left.is_extended_real is False or right.is_extended_real is False:
            return s.nan
        if s.nan in (left, right):
            return s.nan
        if cases:
            relation = {"<": s.Lt, "<=": s.Le, ">": s.Gt, ">=": s.Ge}[operator]
            return s.Piecewise((1, relation(left, right)), (0, True))
        # "left <= right" is where not "left > right"
        more = operator in (">", "<=")
        step = s.sign(left - right if more else right - left)
        above = (1 + step) * step / 2
        return 1 - above if "=" in operator else above

    def call(self, function: str, x: Any) -> Any:
        s = self.s
        match function:
            case "cbrt":
                return s.sign(x) * s.Abs(x) ** s.Rational(1, 3)
            case "log10":
                return s.log(x) / s.log(10)
            case "logistic":
                return 1 / (1 + s.exp(-x))
        return getattr(s, {"abs": "Abs"}.get(function, function))(x)
